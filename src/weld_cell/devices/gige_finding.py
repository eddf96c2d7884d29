"""Which GigE Vision cameras are on the network, and why one of them cannot be opened."""

import ipaddress
from dataclasses import dataclass

from weld_cell.devices import gvcp
from weld_cell.errors import DeviceNotFoundError

HEARTBEAT_S = 1.0
"""So long a camera stays held by a program of ours that was killed."""


@dataclass(frozen=True)
class FoundCamera:
    """A camera that has answered on the network.

    Attributes:
        address: Its IPv4 address.
        subnet_mask: The mask that it uses.
        mac: Of its network interface.
        vendor: Its maker.
        model: Of that maker.
        serial: Number.
        user_name: That somebody gave it; empty where nobody did.
        reachable: Whether it is in a subnet of this computer.
    """

    address: str
    subnet_mask: str
    mac: str
    vendor: str
    model: str
    serial: str
    user_name: str
    reachable: bool


def find_cameras(timeout_s: float = 0.5) -> list[FoundCamera]:
    """Cameras that answer a broadcast on any network interface, those of another subnet too, by address."""
    cameras = {_found(answer) for answer in gvcp.discover(timeout_s)}
    return sorted(cameras, key=lambda camera: (ipaddress.IPv4Address(camera.address), camera.serial))


def _found(answer: bytes) -> FoundCamera:
    """A camera by its first bootstrap registers; the numbers are theirs (GigE Vision 1.2, table 28)."""
    address, subnet_mask = (str(ipaddress.IPv4Address(answer[at : at + 4])) for at in (0x24, 0x34))
    return FoundCamera(
        address,
        subnet_mask,
        answer[0x0A:0x10].hex(':'),
        _text(answer[0x48:0x68]),
        _text(answer[0x68:0x88]),
        _text(answer[0xD8:0xE8]),
        _text(answer[0xE8:0xF8]),
        gvcp.is_on_a_network_of_ours(address),
    )


def _text(field: bytes) -> str:
    return field.partition(b'\0')[0].decode('utf-8', 'replace').strip()


def why_not_to_be_opened(address: str) -> DeviceNotFoundError | None:
    """Why a camera cannot be opened, as far as that can be found out; None: it can."""
    try:
        privilege = gvcp.read_register(address, gvcp.CONTROL_PRIVILEGE)
        holder = gvcp.read_register(address, gvcp.PRIMARY_APPLICATION_ADDRESS) if privilege else 0
    except PermissionError:
        privilege, holder = 1, 0
    except OSError as error:
        if not gvcp.is_on_a_network_of_ours(address):
            return DeviceNotFoundError(
                f'The camera at {address} is in none of the subnets of this computer ({our_networks()}).',
                'Give this computer an address in its subnet, or the camera one in that of the computer.',
            )
        reason = (
            'does not answer'
            if isinstance(error, (TimeoutError, ConnectionRefusedError))
            else f'cannot be reached ({error.strerror})'
        )
        return DeviceNotFoundError(
            f'The camera at {address} {reason}.',
            'Check power and cable; weld_cell camera list shows which cameras answer.',
        )
    if not privilege:
        return None
    by = f' at {ipaddress.IPv4Address(holder)}' if holder else ''
    return DeviceNotFoundError(
        f'Another program{by} holds the camera at {address}.',
        f'End that program; a killed one releases the camera after its heartbeat, {HEARTBEAT_S:g} s with ours.',
    )


def our_networks() -> str:
    """Subnets and interfaces of this computer, for people."""
    return ', '.join(f'{interface} ({name})' for name, interface in gvcp.networks().items()) or 'none'
