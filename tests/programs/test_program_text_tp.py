"""The TP reader on listings as controllers and people write them."""

import numpy as np
import pytest

from weld_cell.errors import ProgramSyntaxError
from weld_cell.programs.readers.fanuc_tp import read_tp
from weld_cell.programs.readers.taught_moves import TaughtMoves
from weld_cell.records import ArcEvent, MoveKind, TaughtMove, TaughtTarget

TAUGHT = """/PROG  RIB_2
/ATTR
OWNER\t\t= MNEDITOR;
LINE_COUNT\t= 12;
DEFAULT_GROUP\t= 1,*,*,*,*;
/APPL
  ARC Welding Equipment : 1,*,*,*,*;
/MN
   1:  UFRAME_NUM=2 ;
   2:  UTOOL_NUM=1 ;
   3:   ;
   4:  ! Go to the part ;
   5:J P[1:HOME] 30% FINE    ;
   6:L P[2] 60cm/min CNT50 Tool_Offset,PR[15]    ;
   7:L P[3] 200mm/sec FINE
    :  Weld Start[1,20]    ;
   8:  Weave Sine[0.8Hz,4.0mm,0.0s,0.0s] ;
   9:C P[4]
    :  P[5] WELD_SPEED CNT100    ;
  10:L P[3] 8.5mm/sec CR2 COORD
    :  Weld End[1,20]    ;
  11:  Weave End ;
  12:L PR[2] 100mm/sec CNT100    ;
  13:  DO[3:gas]=ON ;
  14:  // J P[1] 10% FINE    ;
/POS
P[1:"HOME"]{
   GP1:
\tUF : 2, UT : 1,\t
\tJ1=    59.037 deg,\tJ2=    -9.587 deg,\tJ3=   -42.594 deg,
\tJ4=      .072 deg,\tJ5=   -38.406 deg,\tJ6=  -180.336 deg
};
P[2]{
   GP1:
\tUF : 2, UT : 1,\t\tCONFIG : 'N U T, 0, 0, -1',
\tX =   600.000  mm,\tY =   -10.500  mm,\tZ =    25.000  mm,
\tW =   180.000 deg,\tP =      .000 deg,\tR =    90.000 deg
   GP2:
\tUF : 2, UT : 1,
\tJ1=  0.000 deg,\tJ2=  0.000 deg
};
P[3]{
   GP1:
\tUF : 2, UT : 1,\t\tCONFIG : 'F L D B, 0, 0, 0',
\tX = 0.0 mm,\tY = 0.0 mm,\tZ = 0.0 mm,\tW = 0.0 deg,\tP = 0.0 deg,\tR = 0.0 deg
};
P[4]{
   GP1:
\tUF : 2, UT : 1,\t\tCONFIG : 'N U T, 0, 0, 0',
\tX = 10.0 mm,\tY = 5.0 mm,\tZ = 0.0 mm,\tW = 0.0 deg,\tP = 0.0 deg,\tR = 0.0 deg
};
P[5]{
   GP1:
\tUF : 2, UT : 1,\t\tCONFIG : 'N U T, 0, 0, 0',
\tX = 20.0 mm,\tY = 0.0 mm,\tZ = 0.0 mm,\tW = 0.0 deg,\tP = 0.0 deg,\tR = 0.0 deg
};
/END
"""


def test_a_taught_listing():
    taught = read_tp(TAUGHT, 'rib_2.ls')
    assert (taught.name, taught.tool, taught.work) == ('RIB_2', '1', '2')
    assert [move.kind for move in taught.moves] == [
        *(MoveKind.JOINT, MoveKind.LINEAR, MoveKind.LINEAR, MoveKind.CIRCULAR, MoveKind.LINEAR)
    ]
    assert [move.arc for move in taught.moves] == [
        *(ArcEvent.OFF, ArcEvent.OFF, ArcEvent.START, ArcEvent.WELD, ArcEvent.END)
    ]
    assert [move.weave for move in taught.moves] == [False, False, False, True, True]
    np.testing.assert_allclose(taught.moves[0].target.joints[[0, 3]], [59.037, 0.072])
    assert [move.target.configuration for move in taught.moves[1:3]] == [(0, 1, 1, 0, 0, -1), (1, 0, 0, 0, 0, 0)]
    pose = taught.moves[1].target.pose
    np.testing.assert_allclose(pose[:3, 3], [0.6, -0.0105, 0.025])
    np.testing.assert_allclose(pose[:3, :3], [[0, 1, 0], [1, 0, 0], [0, 0, -1]], atol=1e-12)  # Rz(90) Rx(180)
    np.testing.assert_allclose(taught.moves[3].via.pose[:3, 3], [0.01, 0.005, 0.0])
    assert [move.speed_m_s for move in taught.moves] == pytest.approx([None, 0.01, 0.2, None, 0.0085])
    assert [move.zone_mm for move in taught.moves] == [0.0, None, 0.0, None, 2.0]


def test_what_is_not_known_is_kept_with_its_line():
    unread = read_tp(TAUGHT, 'rib_2.ls').unread
    assert [line.line for line in unread] == [14, 23, 24]
    assert unread[0].text.startswith('Tool_Offset,PR[15] (')
    assert 'PR[2] is a register' in unread[1].text and unread[2].text == 'DO[3:gas]=ON'


def test_a_step_from_the_position_before_is_no_place():
    taught = read_tp(TAUGHT.replace('Tool_Offset,PR[15]', 'INC'), 'rib_2.ls')
    assert [line.line for line in taught.unread if line.is_move] == [14, 23] and len(taught.moves) == 4


@pytest.mark.parametrize(
    ('text', 'told'),
    [
        ('', 'line 1: no section /PROG'),
        ('/PROG A\n/MN\n/POS\n', 'line 3: no section /END'),
        ('/PROG A\n/MN\n   1:J P[1] 10% FINE\n   2:  ;\n/POS\n/END\n', 'line 3: a statement without a semicolon'),
        ('/PROG A\n/MN\n/POS\nP[1]{\n  GP1:\n UF : 0,\n/END\n', 'line 4: a position is not closed'),
        ('/PROG A\n/MN\n/POS\nP[1]{\n  GP1:\n X = 1.0 mm\n};\n/END\n', 'line 4: position 1 has neither'),
        ('/PROG A\n/MN\n/POS\nP[1]{\n  GP1:\n X = 1.0.0 mm\n};\n/END\n', 'line 4: expected a number, got "1.0.0"'),
    ],
)
def test_a_broken_listing_is_named_with_its_line(text, told):
    with pytest.raises(ProgramSyntaxError, match=f'x.ls: {told}'):
        read_tp(text, 'x.ls')


def test_one_seam_begins_where_another_ends_and_an_arc_that_goes_nowhere_is_no_seam():
    moves = TaughtMoves()
    for line, switches in ((1, [True]), (2, [False, True]), (3, [False]), (4, [True, False])):
        moves.add(TaughtMove(line, MoveKind.LINEAR, TaughtTarget(np.eye(4))))
        for on in switches:
            moves.switch_arc(on)
    assert [(move.line, move.arc) for move in moves.moves] == [
        (1, ArcEvent.START),
        (2, ArcEvent.END),
        (2, ArcEvent.START),
        (3, ArcEvent.END),
        (4, ArcEvent.OFF),
    ]


def test_a_position_is_in_its_own_frame():
    assert {move.work for move in read_tp(TAUGHT, 'RIB_2.ls').moves} == {'2'}
    other = read_tp(TAUGHT.replace("UF : 2, UT : 1,\t\tCONFIG : 'F", "UF : 3, UT : 1,\t\tCONFIG : 'F"), 'RIB_2.ls')
    assert [move.work for move in other.moves] == ['2', '2', '3', '2', '3']
