"""Who may do what: a password, and sessions that are signed."""

import base64
import hashlib
import hmac
import ipaddress
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from weld_cell.errors import ConfigurationError
from weld_cell.operator_page.settings import PageSettings

ENVIRONMENT = 'WELD_CELL_PAGE_PASSWORD'
SHORTEST = 8


class Access:
    """A password that may be empty, and the sessions of those who knew it.

    Sessions are signed with a key that is drawn anew with each start: nobody can make one without the password.

    Args:
        password: Empty: everybody who reaches the page may use it.
        session_s: How long a session holds.
        clock_s: Seconds since the epoch.
    """

    def __init__(self, password: str, session_s: float, clock_s: Callable[[], float] = time.time) -> None:
        self._digest = _digest(password) if password else b''
        self._key, self._session_s, self._clock_s = secrets.token_bytes(32), session_s, clock_s

    @property
    def needed(self) -> bool:
        """Whether there is a password."""
        return bool(self._digest)

    def knows(self, password: str) -> bool:
        """Whether this is the password; takes as long whatever is wrong with it."""
        return self.needed and hmac.compare_digest(_digest(password), self._digest)

    def sign_in(self) -> str:
        """A new session."""
        ends = base64.urlsafe_b64encode(f'{self._clock_s() + self._session_s:.0f}'.encode()).decode()
        return f'{ends}.{self._signature(ends)}'

    def holds(self, session: str) -> bool:
        """Whether a session was signed here and has not ended; always where no password is needed."""
        if not self.needed:
            return True
        ends, _, signature = session.partition('.')
        try:
            if not hmac.compare_digest(signature.encode(), self._signature(ends).encode()):
                return False
            return float(base64.urlsafe_b64decode(ends.encode())) > self._clock_s()
        except ValueError:
            return False

    def _signature(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _digest(password: str) -> bytes:
    return hashlib.sha256(password.encode('utf-8', 'surrogatepass')).digest()


def is_this_machine(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host.strip('[]')).is_loopback
    except ValueError:
        return host.lower() == 'localhost'


def access_of(settings: PageSettings) -> Access:
    """The access that the settings ask for.

    Raises:
        ConfigurationError: it listens beyond this machine without a password, or the password cannot be read or is
            too short.
    """
    password = _password(settings.password_file)
    if not password and not is_this_machine(settings.host):
        raise ConfigurationError(
            f'The page would listen on {settings.host or "every address"} without a password.',
            f'Name a file by page.password_file, set {ENVIRONMENT}, or leave page.host at 127.0.0.1.',
        )
    if password and len(password) < SHORTEST:
        raise ConfigurationError(
            f'The password of the page has {len(password)} letters.', f'Take {SHORTEST} or more.'
        )
    return Access(password, 3600.0 * settings.session_h)


def _password(file: str) -> str:
    if not file:
        return os.environ.get(ENVIRONMENT, '')
    try:
        lines = Path(file).read_text(encoding='utf-8-sig').splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f'{file}: the password of the page cannot be read ({error}).', 'See page.password_file.'
        ) from error
    if not lines or not lines[0]:
        raise ConfigurationError(f'{file}: its first line, the password of the page, is empty.', 'Write one.')
    return lines[0]
