#!/usr/bin/env bash
# ikpy 4.2.1 takes the axis of a URDF's joint as it is written, where others bring it to length 1 (pytransform3d 3.17.0,
# yourdfpy 0.0.60). URDFs hold it with as many digits as their exporter writes: of "0.577 0.577 0.577" it makes a matrix
# that is no rotation, and a point 1.5 m away lies 1.6 mm off; an axis of length 2 turns it by half a metre and more.
# What follows for us: trajectory/urdf.py brings each axis to length 1; ikpy is no judge of our kinematics.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ikpy==4.2.1 pytransform3d==3.17.0 lxml==6.1.3 \
    numpy==2.4.6 scipy==1.17.1
cat >"$folder/turn.py" <<'PY'
import sys
import warnings
from pathlib import Path

import numpy as np
from ikpy.chain import Chain
from pytransform3d.urdf import UrdfTransformManager
from scipy.spatial.transform import Rotation

warnings.simplefilter('ignore')
URDF = '''<robot name="r"><link name="base_link"/><link name="arm"/><link name="tip"/>
<joint name="turn" type="revolute"><parent link="base_link"/><child link="arm"/>
  <axis xyz="0.577 0.577 0.577"/><limit lower="-3" upper="3" velocity="1" effort="1"/></joint>
<joint name="fixed" type="fixed"><parent link="arm"/><child link="tip"/><origin xyz="1.5 0 0"/></joint></robot>'''
expected = Rotation.from_rotvec(2.0 * np.ones(3) / np.sqrt(3.0)).apply([1.5, 0.0, 0.0])
file = Path(sys.argv[1]) / 'robot.urdf'
file.write_text(URDF)
manager = UrdfTransformManager()
manager.load_urdf(URDF)
manager.set_joint('turn', 2.0)
poses = {
    'ikpy': Chain.from_urdf_file(str(file), base_elements=['base_link']).forward_kinematics([0.0, 2.0, 0.0]),
    'pytransform3d': manager.get_transform('tip', 'base_link'),
}
for name, pose in poses.items():
    off_mm = 1e3 * np.linalg.norm(pose[:3, 3] - expected)
    print(f'{name}: {off_mm:.1f} mm off, determinant {np.linalg.det(pose[:3, :3]):.4f}')
PY
said=$("$folder/venv/bin/python" "$folder/turn.py" "$folder")
echo "$said"
[ "$said" = $'ikpy: 1.6 mm off, determinant 0.9973\npytransform3d: 0.0 mm off, determinant 1.0000' ] ||
    { echo "  changed: expected ikpy 1.6 mm off, pytransform3d not"; exit 1; }
