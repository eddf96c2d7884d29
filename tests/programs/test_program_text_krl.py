"""The KRL reader on programs as controllers and people write them."""

import numpy as np
import pytest

from weld_cell.errors import ProgramSyntaxError
from weld_cell.programs.readers.kuka_krl import read_krl
from weld_cell.records import ArcEvent, MoveKind

SOURCE = """&ACCESS RVP
&REL 4
DEF Rib_2 ( )
;FOLD INI;%{PE}
  BAS (#INITMOV,0 )
;ENDFOLD (INI)
$BASE = {X 800,Y 0,Z 300,A 90,B 0,C 0}
PTP XHOME
;FOLD PTP P1 Vel=50 % PDAT1 Tool[2]:gun Base[3] ;%{PE}
BAS(#TOOL,2)
BAS (#PTP_PARAMS,50)
PTP XP1 C_PTP
;ENDFOLD
$VEL.CP=0.25
lin {x 10, y 20.5, z -30, a 0, b 90, c 0} c_dis
;FOLD ARCON WDAT1 LIN P2 Vel=0.1 m/s CPDAT1 Tool[2]:gun Base[3];%{PE}
;FOLD Parameters ;%{h}
;ENDFOLD
BAS(#CP_PARAMS,0.1)
TRIGGER WHEN DISTANCE=1 DELAY=ArcGetDelay(#PreDefinition, WDAT1) DO ArcMainNG(#PreDefinition, WDAT1, WP2) PRIO=-1
ArcMainNG(#ArcOnBeforeMoveStd, WDAT1, WP2)
LIN XP2
ArcMainNG(#ArcOnAfterMoveStd, WDAT1, WP2)
;ENDFOLD
;FOLD ARCSWI WDAT2 CIRC P3 P4 CPDAT2 ;%{PE}
BAS(#CP_PARAMS, gArcBasVelDefinition)
CIRC XP3, XP4 C_DIS
;ENDFOLD
ArcMainNG(#ArcOffBeforeMoveStd, WDAT3, WP5)
SLIN XP5
LIN_REL {Z 50}
WAIT SEC 0.5
IF $IN[3] THEN
ENDIF
PTP XUNKNOWN
END
"""
DATA = """&ACCESS RVP
DEFDAT Rib_2
EXT  BAS (BAS_COMMAND  :IN,REAL  :IN )
DECL E6AXIS XHOME={A1 5,A2 -90,A3 90,A4 0,A5 45,A6 -10,E1 0,E2 0,E3 0,E4 0,E5 0,E6 0}
DECL GLOBAL E6POS XP1={X 100.5,Y -20,Z 300,A 180,B 0,C 180,S 6,T 27,E1 0.0,E2 0.0}
DECL E6POS XP2={X 0,Y 0,Z 0,A 0,B 0,C 180,S 'B010',T 'B110000'}
DECL E6POS XP3={X 10,Y 5,Z 0,A 0,B 0,C 180,S 2,T 35}
DECL E6POS XP4={X 20,Y 0,Z 0,A 0,B 0,C 180,S 2,T 35}
E6POS XP5={X 40,Y 0,Z 0,A 0,B 0,C 180}
DECL LDAT LCPDAT4={VEL 0.2,ACC 100.0,APO_DIST 2.5,APO_FAC 50.0}
DECL stArcDat_T WDAT1={WdatId[] "WDAT1",Strike {JobModeId[] "a",Channel1 1.0},WELD}
ENDDAT
""".replace(
    'WELD', 'Weld {JobModeId[] "a",Velocity 0.0075,Channel1 6.5},Weave {Pattern #Triangle,Length 3.5,Amplitude 2}'
)


def test_a_taught_program():
    taught = read_krl(SOURCE, 'Rib_2.src', DATA, 'Rib_2.dat')
    assert (taught.name, taught.tool) == ('Rib_2', '2')
    assert [move.kind for move in taught.moves] == [
        *(MoveKind.JOINT, MoveKind.JOINT, MoveKind.LINEAR, MoveKind.LINEAR, MoveKind.CIRCULAR, MoveKind.LINEAR)
    ]
    assert [move.arc for move in taught.moves] == [
        *(ArcEvent.OFF, ArcEvent.OFF, ArcEvent.OFF, ArcEvent.START, ArcEvent.WELD, ArcEvent.END)
    ]
    np.testing.assert_array_equal(taught.moves[0].target.joints, [5, -90, 90, 0, 45, -10])
    assert [move.target.configuration for move in taught.moves[1:4]] == [(6, 27), (), (2, 48)]
    np.testing.assert_allclose(taught.moves[2].target.pose[:3, 2], [1.0, 0.0, 0.0], atol=1e-12)  # B turns z into x
    np.testing.assert_allclose(taught.moves[4].via.pose[:3, 3], [0.01, 0.005, 0.0])
    assert [move.speed_m_s for move in taught.moves] == [None, None, 0.25, 0.1, 0.0075, 0.0075]
    assert [move.zone_mm for move in taught.moves] == [0.0, None, None, 0.0, 2.5, 0.0]
    assert taught.moves[1].joint_speed_pct == 50.0
    assert [move.weave for move in taught.moves] == [False, False, False, False, True, True]
    np.testing.assert_allclose(taught.T_base_work[:3, 0], [0.0, 1.0, 0.0], atol=1e-12)


def test_what_is_not_known_is_kept_with_its_line():
    unread = {line.line: line.text for line in read_krl(SOURCE, 'Rib_2.src', DATA).unread}
    assert set(unread) == {31, 32, 33, 34, 35}
    assert unread[31] == 'LIN_REL {Z 50}' and 'not declared here' in unread[35]


@pytest.mark.parametrize(
    ('source', 'data', 'told'),
    [
        ('', '', 'x.src: line 1: no DEF'),
        ('DEF a( )\nPTP XP1\n', '', 'x.src: line 1: DEF without its END'),
        ('END\n', '', 'x.src: line 1: END closes nothing'),
        ('DEF a( )\nLIN {X 1,Y 2\nEND\n', '', 'x.src: line 2: "{" and "}" do not match'),
        ('DEF a( )\nEND\n', 'DEFDAT a\nDECL E6POS XP1={X 1,Y 2}}\nENDDAT', 'x.dat: line 2: "{" and "}"'),
    ],
)
def test_a_broken_program_is_named_with_its_line(source, data, told):
    with pytest.raises(ProgramSyntaxError, match=told.replace('{', '\\{')):
        read_krl(source, 'x.src', data, 'x.dat')


def test_inline_forms_name_their_base_and_a_brace_may_follow_the_word_at_once():
    text = """DEF a( )
PTP{A1 1,A2 -90,A3 90,A4 0,A5 0,A6 0}
FDAT_ACT = FP1
LIN XP1
$BASE = $NULLFRAME
LIN XP1
$BASE = BASE_DATA[7]
LIN XP1
$BASE = {X 100,Y 0,Z 0,A 0,B 0,C 0}
LIN XP1
END
"""
    data = 'DECL E6POS XP1={X 1,Y 2,Z 3,A 0,B 0,C 0}\nDECL FDAT FP1={TOOL_NO 6,BASE_NO 20,IPO_FRAME #BASE}\n'
    taught = read_krl(text, 'a.src', data, 'a.dat')
    assert [move.work for move in taught.moves] == ['', '20', '0', '7', 'line 9'] and not taught.unread
    assert (taught.tool, taught.work) == ('6', '20')
    assert taught.works['line 9'][0, 3] == 0.1 and taught.works['0'][0, 3] == 0.0
