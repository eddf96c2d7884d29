"""The URScript reader on scripts as people write them."""

import numpy as np
import pytest

from weld_cell.errors import ProgramSyntaxError
from weld_cell.programs.readers.ur_script import read_urscript
from weld_cell.records import ArcEvent, MoveKind

TAUGHT = """def weld_part():
  # taught by hand
  set_tcp(p[0, 0, 0.35, 0, 0, 0])
  global above = p[0.4, -0.2, 0.3, 0, d2r(180), 0]
  seam = pose_trans(above, p[0.0, 0.0, 2 * 0.05, 0, 0, 0])
  movej([0, -pi/2, 1.5708, 0, 1.2, 0], a=1.4, v=1.05)
  movej(above, 1.4, 1.05, 0, 0.01)
  movel(seam, a=0.5, v=0.02)
  set_standard_digital_out(0, True)
  sleep(0.5)
  movec(p[0.45,-0.15,0.2,0,3.14159,0],
        p[0.5,-0.2,0.2,0,3.14159,0], 0.5, 0.008, 0.002, 1)
  movep(p[0.6,-0.2,0.2,0,3.14159,0], 0.5, 0.008, 0.0)
  set_digital_out(0, False)
  if (digital_in[3] == True):
    movel(get_actual_tcp_pose(), a=0.5, v=0.1)
  end
end
"""


def test_a_taught_script():
    taught = read_urscript(TAUGHT, 'weld_part.script')
    assert taught.name == 'weld_part'
    assert [move.kind for move in taught.moves] == [
        *(MoveKind.JOINT, MoveKind.JOINT, MoveKind.LINEAR, MoveKind.CIRCULAR, MoveKind.LINEAR)
    ]
    assert [move.arc for move in taught.moves] == [
        *(ArcEvent.OFF, ArcEvent.OFF, ArcEvent.START, ArcEvent.WELD, ArcEvent.END)
    ]
    np.testing.assert_allclose(taught.moves[0].target.joints, [0, -90, 90, 0, 68.7549, 0], atol=1e-3)
    # above is turned by half a turn about y: 100 mm along its z lead down
    np.testing.assert_allclose(taught.moves[2].target.pose[:3, 3], [0.4, -0.2, 0.2], atol=1e-9)
    np.testing.assert_allclose(taught.moves[3].via.pose[:3, 3], [0.45, -0.15, 0.2])
    assert [move.speed_m_s for move in taught.moves] == [None, None, 0.02, 0.008, 0.008]
    assert [move.zone_mm for move in taught.moves] == [0.0, 10.0, 0.0, 2.0, 0.0]
    np.testing.assert_allclose(taught.T_tool0_tool[:3, 3], [0, 0, 0.35])


def test_what_is_not_known_is_kept_with_its_line():
    unread = read_urscript(TAUGHT, 'weld_part.script').unread
    assert [line.line for line in unread] == [15, 16]
    assert 'get_actual_tcp_pose(...) is computed' in unread[1].text


@pytest.mark.parametrize(
    ('text', 'told'),
    [
        ('', 'line 1: no function'),
        ('def a():\n  movel(p[0,0,0,0,0,0], a=1, v=1\nend', 'line 2: a bracket is not closed'),
        ('def a():\n  movel(p[0,0,0]))\nend', 'line 2: a bracket closes nothing'),
        ('def a():\n  if x:\n  sleep(1)\nend', 'line 1: a block without its "end"'),
        ('def a():\nend\nend', 'line 3: "end" closes nothing'),
    ],
)
def test_a_broken_script_is_named_with_its_line(text, told):
    with pytest.raises(ProgramSyntaxError, match=f'x.script: {told}'):
        read_urscript(text, 'x.script')


@pytest.mark.parametrize('target', ['p[1,2,3]', '[1,2]', 'p[1,2,3,4,5,1/0]', 'nowhere', '"text"', 'True'])
def test_a_target_that_is_none_is_told(target):
    taught = read_urscript(f'def a():\n  movel({target}, a=1, v=1)\nend', 'a.script')
    assert not taught.moves and len(taught.unread) == 1


def test_a_script_as_polyscope_writes_it():
    taught = read_urscript(
        """def Weld():
  global Waypoint_1_p=p[.300000, -.200000, .100000, 2.2214, 2.2214, .000000]
  global Waypoint_1_q=[-1.6, -1.72, -2.2, -0.8, 1.59, -0.03]
  $ 1 "Robot Program"
  $ 3 "Waypoint_1" "breakAfter"
  movej(get_inverse_kin(Waypoint_1_p, qnear=Waypoint_1_q), a=1.39, v=1.05)
end
""",
        'weld.script',
    )
    assert taught.unread == () and taught.moves[0].kind is MoveKind.JOINT
    np.testing.assert_allclose(taught.moves[0].target.pose[:3, 3], [0.3, -0.2, 0.1])
