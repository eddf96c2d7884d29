"""XML elements that know their line, and notice what nobody read.

The launch format is defined by what its parsers read: an attribute or a nested tag that no parser asks for
is an error. So an `Entity` keeps book of what was read, and `check_complete` names the rest.
"""

from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from pip_ros.errors import LaunchError


@dataclass
class Entity:
    """One XML element.

    Attributes:
        tag: Name of the element.
        attributes: Its attributes as written.
        children: Elements inside it, in order.
        file: The launch file.
        line: Line of the opening tag, from 1.
    """

    tag: str
    attributes: dict[str, str]
    file: str
    line: int
    children: list['Entity'] = field(default_factory=list)
    _read: set[str] = field(default_factory=set)

    @property
    def place(self) -> str:
        """File, line and tag, for messages."""
        return f'{self.file}:{self.line}: <{self.tag}>'

    def error(self, message: str) -> LaunchError:
        """An error at this element, for raising."""
        return LaunchError(message, self.place)

    def get(self, name: str) -> str | None:
        """An attribute's text, or None where it is not written."""
        self._read.add(name)
        return self.attributes.get(name)

    def require(self, name: str) -> str:
        """The text of an attribute that must be there.

        Raises:
            LaunchError: it is not.
        """
        value = self.get(name)
        if value is None:
            raise self.error(f"attribute '{name}' is missing")
        return value

    def nested(self, tag: str) -> list['Entity']:
        """The elements inside with that tag."""
        self._read.add(f'<{tag}>')
        return [child for child in self.children if child.tag == tag]

    def all_children(self) -> list['Entity']:
        """All elements inside."""
        self._read.update(f'<{child.tag}>' for child in self.children)
        return self.children

    def check_complete(self) -> None:
        """Call when everything that has a meaning was read.

        Raises:
            LaunchError: an attribute or a nested element is left over.
        """
        written = [*self.attributes, *(f'<{child.tag}>' for child in self.children)]
        unread = sorted({name for name in written if name not in self._read})
        if unread:
            raise self.error(f'unexpected {", ".join(unread)}')


def read_xml(path: Path) -> Entity:
    """Read a launch file into entities.

    Raises:
        LaunchError: the file cannot be read, or is no well-formed XML (names line and column).
    """
    parser = expat.ParserCreate()
    document = Entity('', {}, str(path), 0)
    open_elements = [document]

    def start(tag: str, attributes: dict[str, str]) -> None:
        entity = Entity(tag, attributes, str(path), parser.CurrentLineNumber)
        open_elements[-1].children.append(entity)
        open_elements.append(entity)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: open_elements.pop()
    try:
        parser.Parse(path.read_bytes(), True)
    except OSError as error:
        raise LaunchError(f'{path}: cannot be read ({error.strerror})') from error
    except expat.ExpatError as error:
        raise LaunchError(f'{path}:{error.lineno}: malformed XML ({error})') from error
    return document.children[0]
