"""The INFORM reader on jobs as controllers and people write them."""

import numpy as np
import pytest

from weld_cell.errors import ProgramSyntaxError
from weld_cell.programs.readers.yaskawa_inform import read_inform
from weld_cell.records import ArcEvent, MoveKind

TAUGHT = """/JOB
//NAME RIB-2
//POS
///NPOS 7,0,0,1,0,0
///TOOL 2
///POSTYPE PULSE
///PULSE
C00000=100,-200,300,4,-5000,6
///USER 3
///POSTYPE USER
///RECTAN
///RCONF 1,0,0,0,1,0,0,0
C00001=600.000,0.000,25.000,180.0000,0.0000,90.0000,0.000
C00002=0.000,0.000,0.000,180.00,0.00,0.00
C00003=10.000,10.000,0.000,180.00,0.00,0.00
C00004=20.000,0.000,0.000,180.00,0.00,0.00
C00005=10.000,-10.000,0.000,180.00,0.00,0.00
P00001=0.000,0.000,100.000,180.00,0.00,0.00
//INST
///DATE 2024/05/06 07:08
///ATTR SC,RW
///GROUP1 RB1
NOP
'rib
MOVJ C00000 VJ=25.00
MOVL C00001 V=100.0 CR=5.0
MOVC C00002 V=50.0 PL=0
ARCON ASF#(1) AC=150 AVP=100
WVON WEV#(2)
MOVC C00003 V=8.0
MOVC C00004 V=8.0
MOVC C00005 V=8.0
ARCOF AEF#(1)
WVOF
MOVL P001 V=100.0
DOUT OT#(1) ON
MOVL LP009 V=100.0
END
"""


def test_a_taught_job():
    taught = read_inform(TAUGHT.replace('\n', '\r\n'), 'RIB-2.JBI')
    assert (taught.name, taught.tool, taught.work) == ('RIB-2', '2', '3')
    kinds = [MoveKind.JOINT, MoveKind.LINEAR, MoveKind.LINEAR, MoveKind.CIRCULAR, MoveKind.CIRCULAR, MoveKind.LINEAR]
    assert [move.kind for move in taught.moves] == kinds
    assert [move.arc for move in taught.moves] == [
        *(ArcEvent.OFF, ArcEvent.OFF, ArcEvent.START, ArcEvent.WELD, ArcEvent.END, ArcEvent.OFF)
    ]
    assert taught.moves[0].target.in_pulses and taught.moves[0].joint_speed_pct == 25.0
    np.testing.assert_array_equal(taught.moves[0].target.joints, [100, -200, 300, 4, -5000, 6])
    assert taught.moves[1].target.configuration == (1, 0, 0, 0, 1, 0)
    # the circle about (10, 0) goes on through the bottom: half-way lies (10 + 10 / sqrt 2, -10 / sqrt 2)
    np.testing.assert_allclose(taught.moves[4].via.pose[:2, 3], [0.01707107, -0.00707107], atol=1e-8)
    assert [move.speed_m_s for move in taught.moves] == pytest.approx([None, 0.1, 0.05, 0.008, 0.008, 0.1])
    assert [move.zone_mm for move in taught.moves] == [None, 5.0, 0.0, None, None, None]
    assert [move.weave for move in taught.moves] == [False, False, False, True, True, False]
    assert taught.weld == {'AC': 150.0, 'AVP': 100.0}


def test_speeds_in_the_other_unit():
    assert read_inform(TAUGHT, 'RIB-2.JBI', 'cm_min').moves[3].speed_m_s == pytest.approx(8.0 / 6000.0)


def test_what_is_not_known_is_kept_with_its_line():
    unread = read_inform(TAUGHT, 'RIB-2.JBI').unread
    assert [line.line for line in unread] == [36, 37]
    assert unread[0].text == 'DOUT OT#(1) ON' and 'its position is not in the job' in unread[1].text


@pytest.mark.parametrize(
    ('text', 'told'),
    [
        ('', 'line 1: no /JOB'),
        ('/JOB\n//POS\n//INST\nNOP\n', 'line 4: no END'),
        ('/JOB\n//POS\nC00000=1,2\n//INST\nNOP\nEND\n', 'line 3: C00000 has 2 values'),
        ('/JOB\n//POS\nC00000=1,2,x,4,5,6\n//INST\nNOP\nEND\n', 'line 3: expected a number, got "x"'),
        ('/JOB\n//POS\nnonsense\n//INST\nNOP\nEND\n', 'line 3: expected a position'),
    ],
)
def test_a_broken_job_is_named_with_its_line(text, told):
    with pytest.raises(ProgramSyntaxError, match=f'x.JBI: {told}'):
        read_inform(text, 'x.JBI')
