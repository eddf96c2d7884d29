"""Hand-eye and eye-to-hand: simulated sets whose truth is known, and the mistakes that people make, each by name."""

import json
from dataclasses import replace

import numpy as np
import pytest
import yaml
from scipy.spatial.transform import Rotation

from weld_cell.calibration.boards import Board, BoardView
from weld_cell.calibration.hand_eye import calibrate_hand_eye
from weld_cell.calibration.hand_eye_closed import daniilidis, motions, park
from weld_cell.calibration.mount import Mount
from weld_cell.calibration.pose_files import poses_of_folder, read_pose_file
from weld_cell.calibration.poses import QUATERNION_XYZW, ROTVEC_RAD, RPY_DEG, RPY_RAD, RobotPoses
from weld_cell.errors import CalibrationError, ConfigurationError
from weld_cell.evaluation.simulated_calibration import BOARD, CAMERA, SetErrors, error_of, simulated_set, six_of
from weld_cell.geometry.transforms import invert, make_transform, quaternion_xyzw

QUATERNIONS = 'image,x_m,y_m,z_m,qx,qy,qz,qw\n'
EXACT = SetErrors(views=8, noise_px=0.0, robot_mm=0.0, robot_deg=0.0)


def drawn(seed=1, mount=Mount.HAND, errors=None, board=BOARD):
    return simulated_set(np.random.default_rng(seed), mount, errors, board)


def solve(simulated, poses=None, mount=Mount.HAND, views=None, resolve=False):
    poses = RobotPoses.of_transforms(simulated.T_base_hand) if poses is None else poses
    views = simulated.views if views is None else views
    return calibrate_hand_eye(views, poses, CAMERA, mount, np.random.default_rng(0), resolve)


def refused(message, simulated, **changes):
    with pytest.raises(CalibrationError, match=message) as caught:
        solve(simulated, **changes)
    assert caught.value.remedy
    return str(caught.value)


def test_closed_forms_are_exact_without_noise():
    rng = np.random.default_rng(5)
    X, Z = (make_transform(rng.uniform(-1, 1, 3), Rotation.random(rng=rng)) for _ in range(2))
    hand = np.stack([make_transform(rng.uniform(-1, 1, 3), Rotation.random(rng=rng)) for _ in range(5)])
    A, B = motions(hand, invert(X) @ invert(hand) @ Z)
    np.testing.assert_allclose(A @ X, X @ B, atol=1e-12)
    np.testing.assert_allclose(park(A, B), X, atol=1e-9)
    np.testing.assert_allclose(daniilidis(A, B), X, atol=1e-7)


@pytest.mark.parametrize('mount', Mount)
def test_exact_sets_give_the_truth_and_noisy_ones_what_they_bear(mount):
    exact = drawn(2, mount, EXACT)
    result = solve(exact, mount=mount)
    np.testing.assert_allclose(result.T_parent_camera, exact.X, atol=2e-6)
    np.testing.assert_allclose(result.T_other_board, exact.Z, atol=2e-6)
    inside, far = [], []
    for seed in range(4):
        noisy = drawn(seed, mount)
        result = solve(noisy, mount=mount)
        far.append(error_of(result.T_parent_camera, noisy.X))
        inside.append(np.abs(six_of(result.T_parent_camera, noisy.X)) <= 1.96 * result.deviations)
        assert result.used >= 17 and 0.09 < result.noise_px < 0.11
        assert 0.05 < result.robot_mm < 0.2 and 0.01 < result.robot_deg < 0.03
    assert 0.8 <= np.mean(inside) <= 1.0
    most_mm = 0.12 if mount is Mount.HAND else 0.3  # its parent's origin is 1.8 m away
    assert np.median(far, axis=0)[0] < most_mm and np.median(far, axis=0)[1] < 0.02


def test_bad_poses_are_named_and_left_out():
    simulated = drawn(4)
    poses = simulated.T_base_hand.copy()
    poses[3, :3, 3] += [0.01, -0.02, 0.0]
    poses[11] = poses[12]
    poses[7, :3, :3] = poses[7, :3, :3] @ Rotation.from_rotvec([0, 3, 0], degrees=True).as_matrix()
    result = solve(simulated, RobotPoses.of_transforms(poses))
    bad = {view.name: view for view in result.bad}
    assert bad.keys() >= {'03.png', '07.png', '11.png'} and len(bad) <= 4
    assert 20 < bad['03.png'].off_mm < 25 and 2.5 < bad['07.png'].off_deg < 3.5
    assert error_of(result.T_parent_camera, simulated.X)[0] < 0.3


def test_a_poor_result_says_so_and_a_good_one_does_not():
    assert solve(drawn(1)).doubts == ()
    poor = solve(drawn(1, errors=SetErrors(views=6, robot_mm=4.0, robot_deg=0.5)))
    told = '; '.join(poor.doubts)
    assert f'the board scatters by {poor.scatter_mm:.2g} mm, expected at most 1' in told
    assert 'the standard deviation of its place is' in told and 'that of its turn is' in told


def test_sets_that_are_too_small_or_turn_too_little():
    one = drawn(0, errors=replace(SetErrors(), views=1))
    refused('1 view with a board and a pose', one)
    flat = drawn(0, errors=replace(SetErrors(), tilt_deg=0.0))
    assert 'Add views with the hand turned by 20 degrees' in refused('The hand turned too little', flat)
    still = drawn(0, errors=replace(SetErrors(), tilt_deg=0.0, roll_deg=0.0))
    refused('The hand turned too little: 0.0 degrees', still)
    with pytest.raises(ValueError, match='one for each of 20 views, got 19'):
        solve(drawn(0), RobotPoses.of_transforms(drawn(0).T_base_hand[:19]))


def test_units_and_orders_that_are_mixed_up_are_named():
    simulated = drawn(3)
    T = simulated.T_base_hand
    refused('millimetres taken for metres', simulated, poses=RobotPoses(1000 * T[:, :3, 3], _rpy(T), RPY_DEG))
    refused('metres taken for millimetres', simulated, poses=RobotPoses(T[:, :3, 3] / 1000, _rpy(T), RPY_DEG))
    wxyz = np.stack([np.roll(quaternion_xyzw(t), 1) for t in T])

    def turned(numbers, reading):
        return RobotPoses(T[:, :3, 3], numbers, reading)

    told = refused('taken as quaternion w, x, y, z, by 0', simulated, poses=turned(wxyz, QUATERNION_XYZW))
    assert 'Write or name the turns as they are: quaternion w, x, y, z' in told
    refused(
        'taken as roll, pitch, yaw in radians',
        simulated,
        poses=turned(np.radians(_rpy(T)), RPY_DEG),
    )
    refused('taken as roll, pitch, yaw in degrees', simulated, poses=turned(_rpy(T), RPY_RAD))
    refused('taken as roll, pitch, yaw in degrees', simulated, poses=turned(_rpy(T), ROTVEC_RAD))


def _rpy(transforms):
    return Rotation.from_matrix(transforms[:, :3, :3]).as_euler('xyz', degrees=True)


def test_poses_of_other_images_another_board_and_the_other_mounting_are_named():
    simulated = drawn(6)
    T = simulated.T_base_hand
    refused(
        'each pose taken for the image before its own, by 0',
        simulated,
        poses=RobotPoses.of_transforms(np.roll(T, 1, axis=0)),
    )
    mixed = np.random.default_rng(0).permutation(len(T))
    refused('Poses and images do not belong together', simulated, poses=RobotPoses.of_transforms(T[mixed]))
    told = refused(
        'taken the other way round, base in hand, by 0', simulated, poses=RobotPoses.of_transforms(invert(T))
    )
    assert 'weld_cell calibrate eye-to-hand' in told
    larger = Board('charuco', 11, 8, 0.010, 0.0075, '5X5_100')
    views = [BoardView(v.name, v.size_px, v.pixels, v.numbers, larger) for v in simulated.views]
    assert 'its pitch may be 7.99' in refused('the robot moved 1.25 times', simulated, views=views)
    wider = [replace_size(simulated.views[0], (800, 600)), *simulated.views[1:]]
    refused('2 sizes', simulated, views=wider)
    refused('800 x 600 px, the camera was', simulated, views=[replace_size(v, (800, 600)) for v in simulated.views])


def replace_size(view, size_px):
    return BoardView(view.name, size_px, view.pixels, view.numbers, view.board)


def test_a_board_that_looks_the_same_when_turned_is_refused_or_resolved():
    board = Board('chessboard', 9, 7, 0.008)
    simulated = drawn(7, board=board, errors=replace(SetErrors(), distance_m=(0.35, 0.42)))
    whole = [n for n, view in enumerate(simulated.views) if len(view.numbers) == len(board.points)]
    rng = np.random.default_rng(1)
    views = [simulated.views[n].turned(int(rng.integers(2))) for n in whole]
    poses = RobotPoses.of_transforms(simulated.T_base_hand[whole])
    refused('looks the same when it is turned by 180 degrees', simulated, views=views, poses=poses)
    result = solve(simulated, views=views, poses=poses, resolve=True)
    assert result.used >= len(views) - 1 and error_of(result.T_parent_camera, simulated.X)[0] < 0.3


@pytest.fixture
def images(tmp_path):
    files = [tmp_path / f'{n}_image.png' for n in (1, 2, 10)]
    for file in files:
        file.touch()
    return files


T3 = [
    make_transform((0.4, 0.1 * n, 0.5), Rotation.from_euler('xyz', [10 * n, 5, -20], degrees=True)) for n in range(3)
]


ORDER = [(2, 10), (0, 1), (1, 2)]


def _written(images, form):
    folder, q = images[0].parent, [quaternion_xyzw(t) for t in T3]
    rows = list(zip(images, T3, q, strict=True))
    if form == 'csv':
        lines = [f'{i.name},{",".join(map(str, 1000 * t[:3, 3]))},{",".join(map(str, a))}' for i, t, a in rows[::-1]]
        (folder / 'poses.csv').write_text('image, x_mm, y_mm, z_mm, qx, qy, qz, qw\n' + '\n'.join(lines))
    elif form == 'json':
        entries = [
            {'image': i.name, 'xyz_m': t[:3, 3].tolist(), 'quaternion_wxyz': np.roll(a, 1).tolist()}
            for i, t, a in rows
        ]
        (folder / 'poses.json').write_text(json.dumps(entries))
    elif form == 'euler':
        angles = [Rotation.from_matrix(t[:3, :3]).as_euler('xyz', degrees=True) for t in T3]

        lines = [
            f'{i.stem},{",".join(map(str, [*t[:3, 3], *a]))},7' for (i, t, _), a in zip(rows, angles, strict=True)
        ]
        (folder / 'pairs.csv').write_text('image,x_m,y_m,z_m,rx_deg,ry_deg,rz_deg,u0\n' + '\n'.join(lines))
    elif form == 'beside':
        for image, t, _ in rows:
            np.savetxt(image.with_name(image.stem.replace('image', 'pose') + '.csv'), t)
    else:
        np.savetxt(folder / 'poses.txt', [np.concatenate([t[:3, 3], a]) for _, t, a in rows])


@pytest.mark.parametrize('form', ['csv', 'json', 'euler', 'beside', 'bare'])
def test_forms_of_poses(images, form):
    _written(images, form)
    poses = poses_of_folder(images)
    order = [[file.name for file in images].index(name) for name in poses.names]
    np.testing.assert_allclose(poses.transforms, np.stack(T3)[order], atol=1e-12)
    assert sorted(order) == [0, 1, 2]


@pytest.mark.parametrize(
    ('content', 'error', 'message'),
    [
        ('', ConfigurationError, 'got 0 of 0'),
        (QUATERNIONS + '1_image.png,0,5,0,0,0,0,0,1', ConfigurationError, '9 values under 8'),
        (QUATERNIONS + '1_image.png,0,0,0', ConfigurationError, '4 values under 8'),
        ('image,x_m,y_m,z_m\n1_image.png,0,0,0', ConfigurationError, 'expected image, x_m'),
        (QUATERNIONS + '1_image.png,0,0,zero,0,0,0,1', ConfigurationError, 'line 2: expected a number'),
        (QUATERNIONS + 'other.png,0,0,0,0,0,0,1', CalibrationError, 'none of its poses belongs'),
        (QUATERNIONS + '1_image.png,0,0,0,0,0,2,1', CalibrationError, 'has not the length 1'),
        ('image,x_m,y_m,z_m,rx_rad,ry_rad,rz_rad\n1_image.png,0,0,0,0,90,2', CalibrationError, 'these are degrees'),
        ('image,x_m,y_m,z_m,a_deg,b_deg,c_deg\n1_image.png,400,0,300,0,90,2', CalibrationError, 'millimetres taken'),
        ('0 0 0 1 2 3\n' * 3, ConfigurationError, 'Name it with --turns'),
    ],
)  # fmt: skip
def test_files_of_poses_that_are_wrong(images, content, error, message):
    (images[0].parent / 'poses.csv').write_text(content)
    with pytest.raises(error, match=message):
        poses_of_folder(images)


MATRICES = [t.tolist() for t in T3]
QUATS = [dict(zip('xyzw', quaternion_xyzw(t).tolist(), strict=True)) for t in T3]
SHIFTS = [dict(zip('xyz', t[:3, 3].tolist(), strict=True)) for t in T3]
ROWS = [[*t[:3, 3], *quaternion_xyzw(t)] for t in T3]
OTHER_FORMS = {
    'ROS poses.yaml': yaml.safe_dump(
        [{'image': f'{n}_image.png', 'pose': {'position': SHIFTS[k], 'orientation': QUATS[k]}} for k, n in ORDER]
    ),
    'transforms by name.json': json.dumps(
        {f'{n}_image': {'translation': list(SHIFTS[k].values()), 'rotation': QUATS[k]} for k, n in ORDER}
    ),
    'nested.json': json.dumps(
        {'frames': [{'file_path': f'./a/{n}_image.png', 'transform_matrix': MATRICES[k]} for k, n in ORDER]}
    ),
    'rotation and shift.json': json.dumps(
        [{'filename': f'{n}_image.png', 'R': T3[k][:3, :3].tolist(), 't': list(SHIFTS[k].values())} for k, n in ORDER]
    ),
    'by number.json': json.dumps({n: MATRICES[k] for k, n in ORDER}),
    'in order.json': json.dumps(MATRICES),
    'opencv.yaml': '%YAML:1.0\n---\n'
    + ''.join(
        f'pose_{n}: !!opencv-matrix\n   rows: 4\n   cols: 4\n   dt: d\n   data: {np.ravel(MATRICES[k]).tolist()}\n'
        for k, n in ORDER
    ),
    'semicolons.csv': 'Filename;X [mm];Y [mm];Z [mm];QW;QX;QY;QZ\n'
    + '\n'.join(
        ';'.join(map(str, [f'{n}_image.png', *(1000 * np.array(ROWS[k][:3])), *np.roll(ROWS[k][3:], 1)]))
        for k, n in ORDER
    ),
    'tum.txt': '# timestamp tx ty tz qx qy qz qw\n'
    + '\n'.join(' '.join(map(str, [1700000000.0 + k, *ROWS[k]])) for k in range(3)),
    'euroc.csv': '#timestamp [ns],p_RS_R_x [m],p_RS_R_y [m],p_RS_R_z [m],q_RS_w [],q_RS_x [],q_RS_y [],q_RS_z []\n'
    + '\n'.join(
        ','.join(map(str, [1700000000000000000 + k * 10**9, *ROWS[k][:3], *np.roll(ROWS[k][3:], 1)]))
        for k in range(3)
    ),
    'matrices.txt': '\n\n'.join('\n'.join(' '.join(map(str, row)) for row in matrix) for matrix in MATRICES),
    'german excel.csv': 'sep=;\nDatei;image;x_mm;y_mm;z_mm;w_deg;p_deg;r_deg\n'
    + '\n'.join(
        ';'.join([f'Bild {n}', f'{n}_image.png', *(repr(float(v)).replace('.', ',') for v in numbers)])
        for n, numbers in (
            (
                n,
                [*(1000 * T3[k][:3, 3]), *Rotation.from_matrix(T3[k][:3, :3]).as_euler('xyz', degrees=True)],
            )
            for k, n in ORDER
        )
    )
    + '\n;;;;;;;\n',
    'easy_handeye2.samples': yaml.safe_dump(
        {'samples': [{'robot': {'translation': SHIFTS[k], 'rotation': QUATS[k]}} for k in range(3)]}
    ),
    'rpy.csv': 'id,x_mm,y_mm,z_mm,roll_deg,pitch_deg,yaw_deg\n'
    + '\n'.join(
        ','.join(map(str, [n, *(1000 * t[:3, 3]), *Rotation.from_matrix(t[:3, :3]).as_euler('xyz', degrees=True)]))
        for n, t in ((n, T3[k]) for k, n in ORDER)
    ),
}


@pytest.mark.parametrize('form', OTHER_FORMS)
def test_other_peoples_forms_of_poses(images, form):
    file = images[0].parent / form
    file.write_text(OTHER_FORMS[form])
    poses = poses_of_folder(images, file)
    order = [[image.name for image in images].index(name) for name in poses.names]
    np.testing.assert_allclose(poses.transforms, np.stack(T3)[order], atol=1e-9)
    assert sorted(order) == [0, 1, 2]


def test_poses_belong_to_images_of_the_same_time(tmp_path):
    images = [tmp_path / f'{1700000000000000000 + n * 10**9}.png' for n in (0, 2, 4)]
    file = tmp_path / 'poses.txt'
    file.write_text('\n'.join(' '.join(map(str, [1700000000.0 + n + 0.01, *ROWS[n % 3]])) for n in range(5)))
    poses = poses_of_folder(images, file)
    assert poses.names == tuple(image.name for image in images)
    np.testing.assert_allclose(poses.transforms, np.stack(T3)[[0, 2, 1]], atol=1e-9)
    np.save(tmp_path / 'poses.npy', np.stack(T3))
    np.testing.assert_allclose(poses_of_folder(images, tmp_path / 'poses.npy').transforms, T3)


def test_poses_that_are_told_in_doubtful_ways(images):
    file = images[0].parent / 'doubtful.csv'
    rows = '\n'.join(f'{image.name},0.4,{k / 10},0.3,10,20,{30 * k}' for k, image in enumerate(images))
    file.write_text('image,x,y,z,rx,ry,rz\n' + rows)
    with pytest.raises(ConfigurationError, match='rx, ry, rz: what the 3 numbers'):
        poses_of_folder(images, file)
    assert poses_of_folder(images, file, 'rpy_deg').reading.startswith('roll, pitch, yaw in degrees')
    file = images[0].parent / 'twice.json'
    file.write_text(json.dumps([{'image': images[0].name, 'matrix': MATRICES[0]}] * 2))
    with pytest.raises(ConfigurationError, match='1 image has two poses'):
        poses_of_folder(images, file)
    file.write_text(json.dumps(MATRICES[:2]))
    with pytest.raises(ConfigurationError, match='expected 3 poses without names'):
        poses_of_folder(images, file)


def test_poses_in_a_folder_of_their_own(images, tmp_path):
    folder = tmp_path / 'robot'
    folder.mkdir()
    for number, T in zip(('01', '02', '10'), T3, strict=True):
        rotation = Rotation.from_matrix(T[:3, :3]).as_euler('ZYX', degrees=True)
        (folder / f'pose{number}.txt').write_text('\n'.join(map(str, [*(1000 * T[:3, 3]), *rotation])))
    poses = poses_of_folder(images, folder, 'abc_deg', 'mm')
    np.testing.assert_allclose(poses.transforms, T3, atol=1e-9)
    with pytest.raises(ConfigurationError, match='what the 3 numbers of a rotation mean is not specified'):
        poses_of_folder(images, folder)


def test_no_poses_at_all(images):
    with pytest.raises(ConfigurationError, match='no poses beside the images.*1_pose.csv'):
        poses_of_folder(images)


def test_poses_as_urscript_writes_them(tmp_path):
    file = tmp_path / 'poses.txt'
    file.write_text('p[0.4, -0.1, 0.5, 0.1, -0.2, 0.3]\np[0.5,0.1,0.4,0,0,3.1]\n')
    poses = read_pose_file(file, 'rotation_vector_rad')
    np.testing.assert_allclose(poses.shifts_m, [[0.4, -0.1, 0.5], [0.5, 0.1, 0.4]])
    file.write_bytes('# Prüfung\n'.encode('latin-1'))
    with pytest.raises(ConfigurationError, match='Save it as UTF-8'):
        read_pose_file(file)
