"""The ament_python package: colcon build on ROS 2, or pip with `make` where there is none."""

from pathlib import Path

from setuptools import find_packages, setup

NODES = (
    'laser_sensor',
    'mako_camera',
    'hand_eye_tf',
    'joint_type',
    'seam_detector',
    'part_identifier',
    'plate_seam_detector',
    'spot_weld_inspector',
    'trajectory_publisher',
    'cell_supervisor',
    'cell_start',
    'robot_sim',
    'run_recorder',
    'bag_player',
    'calibration',
    'calibration_tour',
    'operator_page',
    'foxglove_bridge',
    'cell_container',
)


def data_files(*folders: str) -> list[tuple[str, list[str]]]:
    """Every file below the folders, to the same place below share/weld_cell."""
    found: dict[str, list[str]] = {}
    for folder in folders:
        for path in sorted(Path(folder).rglob('*')):
            if path.is_file():
                found.setdefault(f'share/weld_cell/{path.parent}', []).append(str(path))
    return list(found.items())


setup(
    name='weld_cell',
    version='0.1.0',
    description='Vision-guided welding cell for ROS 2',
    license='Apache-2.0',
    maintainer='weld_cell maintainers',
    maintainer_email='maintainers@weldcell.dev',
    python_requires='>=3.11',
    packages=find_packages('src', include=['weld_cell', 'weld_cell.*']),
    package_dir={'': 'src'},
    package_data={
        'weld_cell.models': ['*.npz', '*.onnx', '*.md', '*.json'],
        'weld_cell.operator_page': ['static/*'],
        'weld_cell': ['templates/*.j2', 'templates/*/*.j2'],
    },
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/weld_cell']),
        ('share/weld_cell', ['package.xml']),
        ('share/weld_cell/bin', ['resource/bin/weld_cell']),
        ('share/weld_cell/hook', ['resource/hook/path.dsv']),  # named in colcon.pkg
        *data_files('launch', 'config'),
    ],
    install_requires=[
        'setuptools',
        'backports.zstd; python_version < "3.14"',
        'ezdxf',
        'jinja2',
        'lz4',
        'matplotlib',
        'numba',
        'numpy',
        'onnxruntime',
        'opencv-python-headless',
        'py-opw-kinematics',
        'pyyaml',
        'rosbags',
        'scikit-learn',
        'scipy',
        'threadpoolctl',
        'tqdm',
    ],
    extras_require={
        'farm': ['blake3', 'dask', 'distributed', 'fsspec[http,s3]', 'pyarrow'],
        'foxglove': ['foxglove-sdk'],
        'gige': ['telegenicam'],
        'page': ['aiohttp'],
        'test': ['pytest'],
        'train': ['onnxscript', 'torch'],
        'weldx': ['weldx'],
    },
    zip_safe=True,
    entry_points={
        'console_scripts': [
            'weld_cell = weld_cell.cli:main',
            *(f'{node} = weld_cell.nodes.entry:{node}' for node in NODES),
        ],
        'ros2_bag.prepare': ['weld_cell = weld_cell.bags.preparing:prepare'],
        'ros2_bag.salvage': ['weld_cell = weld_cell.bags.salvage:salvage'],  # for `ros2 bag` of src/pip_ros
    },
)
