"""The few words of GVCP, GigE Vision's control protocol, that find cameras and say why one does not open."""

import contextlib
import fcntl
import ipaddress
import select
import socket
import struct
import time
from collections.abc import Iterator

PORT = 3956
CONTROL_PRIVILEGE = 0x0A00
"""Bootstrap register: 0 while no program controls the camera."""
PRIMARY_APPLICATION_ADDRESS = 0x0A14
"""Bootstrap register: address of the program that controls the camera; 0 where the camera does not report it."""
_KEY, _ACKNOWLEDGE, _REQUEST_ID = 0x42, 0x01, 1
_DISCOVER, _DISCOVERED, _READ = 0x0002, 0x0003, 0x0080
_ANSWER_BY_BROADCAST = 0x10  # what a camera of another subnet must do to be heard
_HEADER_BYTES, _DISCOVERY_BYTES = 8, 248
_SIOCGIFADDR, _SIOCGIFNETMASK = 0x8915, 0x891B  # Linux, netdevice(7)


def read_register(address: str, register: int, timeout_s: float = 0.3) -> int:
    """A 32-bit bootstrap register; cameras let every program read them unless one holds them exclusively.

    Args:
        address: IPv4 address of the camera.
        register: Its number.
        timeout_s: For the answer.

    Raises:
        TimeoutError: no answer.
        PermissionError: the camera answers that it does not let this register be read.
        OSError: the address cannot be reached, or no camera is there.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        control.settimeout(timeout_s)
        control.connect((address, PORT))
        control.send(struct.pack('>BBHHHI', _KEY, _ACKNOWLEDGE, _READ, 4, _REQUEST_ID, register))
        answer = control.recv(64)
    if len(answer) < 12 or answer[:2] != b'\0\0':
        raise PermissionError(f'status 0x{answer[:2].hex()}')
    return int(struct.unpack_from('>I', answer, 8)[0])


def discover(timeout_s: float) -> list[bytes]:
    """What every camera answers to a broadcast on each network interface, those of other subnets too.

    Args:
        timeout_s: For all answers.

    Returns:
        Of each answer the 248 bytes behind its header: the beginning of the camera's bootstrap registers.
    """
    flags = _ACKNOWLEDGE | _ANSWER_BY_BROADCAST
    request = struct.pack('>BBHHH', _KEY, flags, _DISCOVER, 0, _REQUEST_ID)
    with contextlib.ExitStack() as sockets:
        heard = []
        for name, interface in networks().items():
            asker = sockets.enter_context(_bound(name, str(interface.ip), 0))
            heard += [asker, sockets.enter_context(_bound(name, '', asker.getsockname()[1]))]
            for target in {str(interface.network.broadcast_address), '255.255.255.255'}:
                with contextlib.suppress(OSError):  # an interface that is down, or has no broadcast
                    asker.sendto(request, (target, PORT))
        return [
            answer[_HEADER_BYTES : _HEADER_BYTES + _DISCOVERY_BYTES]
            for answer in _answers(heard, timeout_s)
            if len(answer) >= _HEADER_BYTES + _DISCOVERY_BYTES
            and struct.unpack_from('>HH', answer) == (0, _DISCOVERED)
        ]


def _bound(name: str, address: str, port: int) -> socket.socket:
    """A socket on one interface; one without an address hears what is broadcast to its port."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for option in (socket.SO_BROADCAST, socket.SO_REUSEADDR):
        one.setsockopt(socket.SOL_SOCKET, option, 1)
    with contextlib.suppress(PermissionError):  # before Linux 5.7 it is root's; the routes decide then
        one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name.encode())
    one.bind((address, port))
    return one


def _answers(heard: list[socket.socket], timeout_s: float) -> Iterator[bytes]:
    end = time.monotonic() + timeout_s
    while (left_s := end - time.monotonic()) > 0:
        for one in select.select(heard, [], [], left_s)[0]:
            with contextlib.suppress(OSError):
                yield one.recv(2048)


def networks() -> dict[str, ipaddress.IPv4Interface]:
    """Network interfaces of this computer that have an IPv4 address, by name (Linux)."""
    found = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for _, name in socket.if_nameindex():
            request = struct.pack('256s', name.encode()[:15])
            try:
                address, mask = (
                    socket.inet_ntoa(fcntl.ioctl(any_socket.fileno(), code, request)[20:24])
                    for code in (_SIOCGIFADDR, _SIOCGIFNETMASK)
                )
            except OSError:  # it has no address
                continue
            found[name] = ipaddress.IPv4Interface(f'{address}/{mask}')
    return found


def is_on_a_network_of_ours(address: str) -> bool:
    """Whether an interface of this computer is in the subnet of that address."""
    return any(ipaddress.IPv4Address(address) in interface.network for interface in networks().values())
