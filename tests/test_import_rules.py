"""Who may import whom (design: architecture): read from the source, so that a lazy import counts too."""

import ast
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / 'src' / 'weld_cell'
PIP_ROS = SOURCE.parent / 'pip_ros'
STAGES = {'stripe', 'joint_type', 'seam', 'plate_seam', 'parts', 'spot_weld', 'trajectory', 'tracking'}
FOUNDATION = {
    'records',
    'errors',
    'config',
    'checked_yaml',
    'option_types',
    'wording',
    'paths',
    'images',
    'compiled',
    'geometry',
    'models',
    'templating',
}
ROS_PACKAGES = {
    'rclpy',
    'tf2_ros',
    'tf2_msgs',
    'cv_bridge',
    'launch',
    'launch_ros',
    'ament_index_python',
    'builtin_interfaces',
    'std_srvs',
}
SKLEARN_FILES = ('joint_type/training.py', 'joint_type/evaluation.py', 'evaluation/', 'commands/')
TORCH_FILES = (
    'training/',
    'joint_type/stripe_net_training',
    'plate_seam/network',
    'plate_seam/training',
    'spot_weld/network',
    'spot_weld/training',
    'commands/',
)
VENDOR_SDKS = {'vmbpy': 'devices/allied_vision.py', 'telegenic': 'devices/gige_vision.py'}


@cache
def imported_modules(path: Path) -> set[str]:
    """Every module that a file names in an import statement, with 'weld_cell.x.y' in full."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{path}: relative import in line {node.lineno}'
            names.add(node.module or '')
            if node.module == 'weld_cell':
                names.update(f'weld_cell.{alias.name}' for alias in node.names)
    return names


def own_parts(path: Path) -> set[str]:
    """First-level parts of weld_cell that a file imports: 'seam', 'geometry', ..."""
    return {name.split('.')[1] for name in imported_modules(path) if name.startswith('weld_cell.')}


def outside_parts(path: Path) -> set[str]:
    return {name.split('.')[0] for name in imported_modules(path)} - {'weld_cell', ''}


FILES = sorted(SOURCE.rglob('*.py'))
PIP_ROS_FILES = sorted(PIP_ROS.rglob('*.py'))
TESTS = sorted(Path(__file__).parent.rglob('test_*.py'))


def part_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix('.py')


def each_of(paths: Sequence[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """One test of a check of many files, which names all that fail; a test for each takes much longer."""

    def test_of(check: Callable[[Path], None]) -> Callable[[], None]:
        def test() -> None:
            assert not [failed for path in paths for failed in failures(check, path)]

        test.__name__, test.__doc__ = check.__name__, check.__doc__
        return test

    return test_of


def failures(check: Callable[[Path], None], path: Path) -> list[str]:
    """What a check says of a file, if it fails."""
    try:
        check(path)
    except AssertionError as failed:
        return [f'{path.relative_to(SOURCE.parents[1])}: {failed}']
    return []


def test_the_source_is_found():
    assert len(FILES) > 20 and len(PIP_ROS_FILES) > 20


@each_of(FILES)
def test_what_is_imported_is_there(path):
    own = {name for name in imported_modules(path) if name.startswith('weld_cell.')} - {'weld_cell.__version__'}
    places = [SOURCE.parent.joinpath(*name.split('.')) for name in own]
    assert not [str(place) for place in places if not (place.is_dir() or place.with_suffix('.py').exists())]


@each_of(FILES)
def test_import_rules(path):
    part, relative = part_of(path), str(path.relative_to(SOURCE))
    own, outside = own_parts(path), outside_parts(path)
    if part not in {'ros', 'nodes'}:
        ros = {name for name in outside if name in ROS_PACKAGES or name.endswith('_msgs')}
        assert not ros, f'only ros/ and nodes/ may import ROS, not {relative}'
        assert not own & {'ros', 'nodes'}, f'nothing imports ros/ or nodes/, not even {relative}'
    if part == 'ros':
        assert 'nodes' not in own
    if part in STAGES:
        network = {'training'} if relative.startswith(TORCH_FILES) else set()
        assert own <= FOUNDATION | network | {part}, f'a stage imports the foundation and itself only: {relative}'


@each_of(FILES)
def test_what_stands_beside_the_stages_knows_its_place(path):
    part, relative, own = part_of(path), str(path.relative_to(SOURCE)), own_parts(path)
    if part == 'stations':
        assert own <= FOUNDATION | STAGES | {part, 'settings', 'report', 'part_library'}, (
            f'a station composes stages: {relative}'
        )
    if part == 'traceability':
        assert own <= FOUNDATION | {part, 'calibration'}, f'records know no stage: {relative}'
    if part == 'training':
        assert own <= FOUNDATION | {part}, f'training knows no stage: {relative}'
    if part in FOUNDATION:
        assert own <= FOUNDATION, f'the foundation imports itself only: {relative}'
    if part in {'devices', 'sim', 'calibration', 'bags', 'part_library'}:
        assert not own & STAGES, f'{relative} imports a stage'
    if part == 'programs':
        readers = relative.startswith('programs/readers/')
        languages = {'trajectory'} if not readers else set()
        assert own <= FOUNDATION | {part} | languages, f'{relative} composes other parts'
        of_writers = {name for name in imported_modules(path) if name.startswith('weld_cell.programs')}
        assert not readers or all(name.startswith('weld_cell.programs.readers') for name in of_writers), (
            f'a reader judges the writers and knows nothing of them: {relative}'
        )
    if part == 'part_library':
        assert 'sim' not in own, f'{relative} imports the simulator'


@each_of(FILES)
def test_libraries_are_imported_where_they_belong(path):
    outside, relative = outside_parts(path), str(path.relative_to(SOURCE))
    if 'sklearn' in outside:
        assert relative.startswith(SKLEARN_FILES), f'{relative} imports sklearn'
    if 'torch' in outside:
        assert relative.startswith(TORCH_FILES), f'{relative} imports torch'
    assert not outside & {'pip_ros', 'pip_ros_guard'}, f'{relative} knows ROS under its own names only'
    if 'foxglove' in outside:
        assert part_of(path) in {'ros', 'nodes'}, f'{relative} imports foxglove'
    if 'aiohttp' in outside:
        assert part_of(path) == 'operator_page', f'{relative} imports aiohttp'
    for sdk, home in VENDOR_SDKS.items():
        assert sdk not in outside or relative == home


@each_of(PIP_ROS_FILES)
def test_pip_ros_imports_nothing_of_weld_cell(path):
    assert not {name for name in imported_modules(path) if name.partition('.')[0] == 'weld_cell'}


@each_of(TESTS)
def test_tests_are_collected_without_torch(path):
    """A cell's computer has no torch: a test that trains imports it itself, or by pytest.importorskip."""
    at_once = ast.parse(path.read_text(encoding='utf-8')).body
    names = {alias.name for node in at_once if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in at_once if isinstance(node, ast.ImportFrom)}
    assert not {name.partition('.')[0] for name in names} & {'torch', 'onnx', 'onnxscript'}


HEAVY = {'numba', 'onnxruntime', 'sklearn', 'matplotlib', 'torch'}
SEES_NOTHING = 'laser_sensor mako_camera hand_eye_tf run_recorder'
SIMULATES_THE_LASER = 'sim.camera sim.cell_scene sim.sensor sim.workpiece_mesh ros.weld_in_sim'


@pytest.mark.parametrize(
    ('modules', 'missing'),
    [
        (f'nodes.{SEES_NOTHING.replace(" ", " nodes.")} {SIMULATES_THE_LASER}', {*HEAVY, 'scipy'}),
        ('nodes.robot_sim nodes.trajectory_publisher nodes.cell_supervisor', HEAVY),  # they plan with SciPy's splines
        ('nodes.cell_start', {*HEAVY, 'scipy', 'cv2', 'numpy'}),
        ('nodes.seam_detector', {*HEAVY, 'scipy'}),  # they are loaded beside the first motion
    ],
)
def test_nodes_start_without_the_libraries_of_others(modules, missing):
    imports = ''.join(f'import weld_cell.{name}\n' for name in modules.split())
    program = f'{imports}import sys\nprint(*({missing} & set(sys.modules)))'
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def module_name(path: Path, root: Path) -> str:
    return '.'.join(path.relative_to(root).with_suffix('').parts).removesuffix('.__init__')


@pytest.mark.parametrize(
    ('root', 'files'), [(SOURCE.parent, FILES), (PIP_ROS, PIP_ROS_FILES)], ids=['weld_cell', 'pip_ros']
)
def test_no_circles(root, files):
    modules = {module_name(path, root): imported_modules(path) for path in files}
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, f'circle: {" -> ".join([*trail, module])}'
        if module in done:
            return
        for target in sorted(modules[module] & modules.keys()):
            visit(target, (*trail, module))
        done.add(module)

    for module in modules:
        visit(module, ())
