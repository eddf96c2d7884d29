"""A wheel in the layout of ROS 2's own on PyPI: a Python package, and `lib` and `share` of a ROS prefix."""

import base64
import hashlib
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

FIRST_STAMP = (1980, 1, 1, 0, 0, 0)


def wheel_name(package: str, version: str) -> str:
    """File name of the wheel of a package for this Python and this kind of machine."""
    python = f'cp{sys.version_info.major}{sys.version_info.minor}'
    machine = sysconfig.get_platform().replace('-', '_').replace('.', '_')
    return f'{_distribution(package)}-{version}-{python}-{python}-{machine}.whl'


def _distribution(package: str) -> str:
    return f'weld_cell_{package}'


def write_wheel(path: Path, package: str, version: str, prefix: Path, requires: Sequence[str]) -> None:
    """Pack a prefix.

    Args:
        path: Of the wheel; its name as `wheel_name` makes it.
        package: Name of the ROS package.
        version: Of it.
        prefix: Has `lib` and `share`, and `site` with what belongs into site-packages.
        requires: What it needs, as pip writes it.
    """
    name = f'{_distribution(package)}-{version}'
    content = {_place(file.relative_to(prefix), name): file.read_bytes() for file in _files(prefix)}
    index = f'{name}.data/data/share/ament_index/resource_index'
    interfaces = sorted(str(f.relative_to(prefix / 'share' / package)) for f in _files(prefix / 'share' / package))
    content[f'{index}/packages/{package}'] = b''
    content[f'{index}/rosidl_interfaces/{package}'] = '\n'.join(interfaces).encode()
    content[f'{name}.data/data/share/{package}/package.xml'] = _package_xml(package, version).encode()
    needs = ''.join(f'Requires-Dist: {each}\n' for each in requires)
    said = f'Metadata-Version: 2.1\nName: {_distribution(package).replace("_", "-")}\nVersion: {version}\n{needs}'
    content[f'{name}.dist-info/METADATA'] = said.encode()
    tag = '-'.join(path.stem.split('-')[2:])
    kind = f'Wheel-Version: 1.0\nGenerator: pip_ros\nRoot-Is-Purelib: false\nTag: {tag}\n'
    content[f'{name}.dist-info/WHEEL'] = kind.encode()
    record = f'{name}.dist-info/RECORD'
    lines = [f'{place},sha256={_digest(data)},{len(data)}' for place, data in content.items()]
    content[record] = '\n'.join([*lines, f'{record},,', '']).encode()
    with zipfile.ZipFile(path, 'w') as packed:
        for place, data in content.items():
            packed.writestr(zipfile.ZipInfo(place, FIRST_STAMP), data, zipfile.ZIP_DEFLATED)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob('*') if path.is_file())


def _place(file: Path, name: str) -> str:
    first, *rest = file.parts
    return '/'.join(rest) if first == 'site' else f'{name}.data/data/{file}'


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()


def _package_xml(package: str, version: str) -> str:
    return (
        f'<?xml version="1.0"?>\n<package format="3"><name>{package}</name><version>{version}</version>'
        f'<description>Interfaces of {package} that the cell uses</description>'
        '<maintainer email="maintainers@weldcell.dev">weld_cell maintainers</maintainer><license>BSD</license>'
        '<member_of_group>rosidl_interface_packages</member_of_group></package>\n'
    )
