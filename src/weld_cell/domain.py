"""A private ROS domain, so that concurrent runs on one machine do not see each other.

`claim_domain` takes the first ROS_DOMAIN_ID that no other run on this machine holds, by a lock file that the
operating system lets go when the holder ends, however it ends.
"""

import fcntl
import os
import tempfile
from pathlib import Path

from weld_cell.errors import DeviceError

DOMAINS = range(1, 101)  # whose UDP ports lie below Linux's ephemeral ports
SHARED_MEMORY = Path('/dev/shm')
_FIRST_PORT, _PORTS_PER_DOMAIN = 7400, 250  # of DDS; Fast DDS names its ports in shared memory by the same numbers


def claim_domain() -> tuple[int, int]:
    """Take a free domain.

    Returns:
        (domain, descriptor): the claim holds while the descriptor is open, in this process or in a child that
        inherits it.

    Raises:
        DeviceError: all domains are taken.
    """
    folder = Path(tempfile.gettempdir()) / f'weld_cell_domains_{os.getuid()}'
    folder.mkdir(exist_ok=True)
    for domain in DOMAINS:
        descriptor = os.open(folder / str(domain), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        os.set_inheritable(descriptor, True)
        remove_dead_ports(domain)
        return domain, descriptor
    raise DeviceError('All ROS domains of this machine are taken.', 'End other runs first.')


def loopback_environment(domain: int) -> dict[str, str]:
    """This process's environment with ROS kept on the loopback interface, in the given domain."""
    return {**os.environ, 'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', 'ROS_DOMAIN_ID': str(domain)}


def remove_dead_ports(domain: int) -> None:
    """Remove what killed processes have left of a domain in shared memory; no process may be in the domain.

    Fast DDS does so itself once it notices. But a node that opened such a port before another one replaced it goes on
    writing where nobody listens: the new node hears nothing of it.
    """
    first = _FIRST_PORT + _PORTS_PER_DOMAIN * domain
    for port in range(first, first + _PORTS_PER_DOMAIN):
        for name in (f'fastrtps_port{port}', f'fastrtps_port{port}_el', f'sem.fastrtps_port{port}_mutex'):
            (SHARED_MEMORY / name).unlink(missing_ok=True)
