"""The bags to replay: paths, folders, globs and fsspec URLs."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from weld_cell.bags.preparing import COMPRESSED, is_storage
from weld_cell.errors import BagError, FarmLibraryError
from weld_cell.farm.libraries import farm_library

LOCAL = ('file', 'local')
_STAMPS = ('mtime', 'ETag', 'LastModified', 'Last-Modified', 'last_modified', 'updated')
_JOURNALS = ('-wal', '-shm')


@dataclass(frozen=True)
class SourceFile:
    """A file of a bag.

    Attributes:
        address: Absolute path or URL.
        name: In the bag's folder.
        size: In bytes; None where it is not told.
        stamp: Changes when the content does (time, ETag); empty where none is told.
    """

    address: str
    name: str
    size: int | None
    stamp: str


@dataclass(frozen=True)
class BagSource:
    """A bag, wherever it is.

    Attributes:
        address: Absolute path or URL of its folder or file.
        is_folder: A folder of storage files, or one of them.
        is_local: Read where it lies; else a worker fetches it.
        files: Its files, by name.
    """

    address: str
    is_folder: bool
    is_local: bool
    files: tuple[SourceFile, ...]

    @property
    def name(self) -> str:
        """Of its result folder: its own, with a few digits that tell it from others of that name."""
        base = PurePosixPath(urlsplit(self.address).path if '://' in self.address else self.address).name
        base = re.sub(r'[^\w.-]', '_', base.removesuffix(COMPRESSED).removesuffix('.mcap').removesuffix('.db3'))
        return f'{base}-{sha256(self.address.encode()).hexdigest()[:6]}'

    @property
    def size(self) -> int | None:
        """In bytes; None where it is not told."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    @property
    def stamp(self) -> str:
        """Changes when the content does; empty where that is not told."""
        if not all(file.stamp for file in self.files):
            return ''
        told = ''.join(f'{file.name}\0{file.size}\0{file.stamp}\0' for file in self.files)
        return sha256(told.encode()).hexdigest()


def is_plain_path(word: str) -> bool:
    """Whether a word is the path of one bag, as a single replay takes it."""
    if '://' in word or (_has_magic(word) and not Path(word).exists()):
        return False
    path = Path(word)
    return not path.is_dir() or any(map(is_storage, path.iterdir())) or not any(map(is_storage, path.rglob('*')))


def require_there(words: Iterable[str]) -> None:
    """Refuse a path of this machine that leads nowhere; patterns and addresses are looked at by `find_bags`.

    Raises:
        BagError: names it.
    """
    for word in words:
        if '://' not in word and not _has_magic(word) and not Path(word).exists():
            raise _no_bag(word)


def find_bags(words: Iterable[str]) -> list[BagSource]:
    """Each bag that the words mean, once, in their order; those of a folder or glob by name.

    Raises:
        BagError: a word means no bag.
        FarmLibraryError: a library that reads such an address is not installed.
        ValueError: an address that nothing reads.
    """
    found: dict[str, BagSource] = {}
    for word in words:
        for source in _bags_of(word):
            found.setdefault(source.address, source)
    return list(found.values())


def open_filesystem(address: str) -> tuple[Any, str]:
    """The fsspec file system of an address, and the path in it.

    Raises:
        FarmLibraryError, ValueError: as `find_bags`.
    """
    fsspec = farm_library('fsspec')
    try:
        filesystem, path = fsspec.core.url_to_fs(address)
    except ImportError as error:
        library = getattr(error.__cause__, 'name', None) or 'fsspec[full]'
        remedy = f"Install it: pip install {library}, or all that a farm needs: pip install 'weld_cell[farm]'."
        raise FarmLibraryError(f'{address}: {error}.', remedy) from error
    return filesystem, path


def _bags_of(word: str) -> list[BagSource]:
    filesystem, path = open_filesystem(word if '://' in word else str(Path(word).absolute()))
    try:
        found = _found(filesystem, path, _has_magic(word))
    except FileNotFoundError as error:
        raise _no_bag(word, error.strerror or '') from error
    except OSError as error:
        raise BagError(f'{word}: {error.strerror or error}.', 'Check the address and the network.') from error
    except Exception as error:  # each file system raises its own library's errors
        if isinstance(error, BagError):
            raise
        raise BagError(f'{word}: {type(error).__name__}: {error}.', 'Check the address and the network.') from error
    if not found:
        raise _no_bag(word)
    return found


def _no_bag(word: str, why: str = '') -> BagError:
    return BagError(f'{word}: no bag there{f" ({why})" if why else ""}.', 'Check the path, or the pattern in quotes.')


def _found(filesystem: Any, path: str, may_be_pattern: bool) -> list[BagSource]:
    if may_be_pattern and not (_is_local(filesystem) and filesystem.exists(path)):
        matches = sorted(filesystem.glob(path))
        return [bag for match in matches for bag in _found(filesystem, match, may_be_pattern=False)]
    if is_storage(_storage_path(path)):
        return [_file_bag(filesystem, path)]
    return _folder_bags(filesystem, path)


def _has_magic(word: str) -> bool:
    """A question mark in a URL begins its query."""
    return any(sign in word for sign in ('*[' if '://' in word else '*?['))


def _storage_path(path: str) -> Path:
    return Path(urlsplit(path).path if '://' in path else path)


def _is_local(filesystem: Any) -> bool:
    kinds = filesystem.protocol if isinstance(filesystem.protocol, tuple) else (filesystem.protocol,)
    return any(kind in LOCAL for kind in kinds)


def _file_bag(filesystem: Any, path: str) -> BagSource:
    if _is_local(filesystem) and filesystem.isdir(path):  # a folder that is named as a file
        return _folder_bag(filesystem, path, filesystem.find(path, detail=True))
    files = [_source_file(filesystem, path, filesystem.info(path))]
    if _storage_path(path).suffix == '.db3' and '?' not in path:
        beside = [f'{path}{end}' for end in _JOURNALS if filesystem.exists(f'{path}{end}')]
        files += [_source_file(filesystem, each, filesystem.info(each)) for each in beside]
    return BagSource(files[0].address, False, _is_local(filesystem), tuple(files))


def _folder_bags(filesystem: Any, path: str) -> list[BagSource]:
    """Each folder from a path on that holds a storage file."""
    listed: defaultdict[str, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for name, info in filesystem.find(path, detail=True).items():
        listed[name.rpartition('/')[0]][name] = info
    return [
        _folder_bag(filesystem, folder, files)
        for folder, files in sorted(listed.items())
        if any(is_storage(Path(name)) for name in files)
    ]


def _folder_bag(filesystem: Any, folder: str, listed: Mapping[str, Mapping[str, Any]]) -> BagSource:
    names = sorted(name for name in listed if name.rpartition('/')[0] == folder)
    files = tuple(_source_file(filesystem, name, listed[name]) for name in names)
    return BagSource(_address(filesystem, folder), True, _is_local(filesystem), files)


def _source_file(filesystem: Any, path: str, info: Mapping[str, Any]) -> SourceFile:
    if info.get('size') is None:  # a listing of web pages tells none
        info = filesystem.info(path)
    stamp = next((str(info[key]) for key in _STAMPS if info.get(key)), '')
    if _is_local(filesystem):
        stamp = f'{Path(path).stat().st_mtime_ns}'
    return SourceFile(_address(filesystem, path), _storage_path(path).name, info.get('size'), stamp)


def _address(filesystem: Any, path: str) -> str:
    return path if _is_local(filesystem) else str(filesystem.unstrip_protocol(path))
