"""The RAPID reader on modules as people write them."""

import numpy as np
import pytest

from weld_cell.errors import ProgramSyntaxError
from weld_cell.programs.readers.abb_rapid import read_rapid
from weld_cell.records import ArcEvent, MoveKind

TAUGHT = """%%%
  VERSION:1
%%%
MODULE Panel(SYSMODULE)
  ! two seams; the second one by the older instructions
  CONST robtarget pStart := [[600,0,400],[0,0,1,0],[0,0,-1,1],
      [9E9,9E9,9E9,9E9,9E9,9E9]];
  VAR robtarget pEnd:=[[600,100,400],[0,0,1,0],[0,0,-1,1],[9E+09,9E9,9E9,9E9,9E9,9E9]];
  TASK PERS tooldata tGun:=[TRUE,[[10,0,350],[1,0,0,0]],[3,[0,0,100],[1,0,0,0],0,0,0]];
  PERS wobjdata wJig:=[FALSE,TRUE,"",[[500,0,0],[1,0,0,0]],[[0,0,20],[0.7071068,0,0,0.7071068]]];
  PERS seamdata sm1:=[0.5,0.5,[0,0,0,0,0,0,0,0,0],0,0,0,0,0,
      [0,0,0,0,0,0,0,0,0],0,0,[0,0,0,0,0,0,0,0,0],0,0,[0,0,0,0,0,0,0,0,0],0];
  PERS welddata wd1:=[7.5,0,[0,0,21.5,110,0,150,0,0,0],[0,0,0,0,0,0,0,0,0]];
  PERS weavedata wv1:=[1,0,4,6,0,0,0,0,0,0,0,0,0,0,0];

  PROC main()
    ConfL\\On;
    MoveAbsJ [[10,-20,30,0,60,-90],[9E9,9E9,9E9,9E9,9E9,9E9]]\\NoEOffs, v200, z50, tGun;
    MoveJ Offs(pStart,0,0,50), v500, z10, tGun\\WObj:=wJig;
    IF bWeld THEN
      ArcLStart pStart, v50, sm1, wd1\\Weave:=wv1, fine, tGun\\WObj:=wJig; ArcL pEnd,v50,sm1,wd1,z1,tGun\\WObj:=wJig;
      ArcC [[650,150,400],[0,0,1,0],[0,0,-1,1],[9E9,9E9,9E9,9E9,9E9,9E9]], pEnd,
        [20,500,5000,1000], sm1, wdElse, z1, tGun;
      ArcLEnd pEnd, v50, sm1, wd1, wv1, fine, tGun\\WObj:=wJig;
    ENDIF
    MoveL RelTool(pEnd,0,0,-50\\Rx:=nLean), vmax, z10, tGun\\WObj:=wJig;
    TPWrite "done ; with a semicolon";
  ENDPROC
ENDMODULE
"""


def test_a_taught_module():
    taught = read_rapid(TAUGHT, 'Panel.mod')
    assert (taught.name, taught.tool, taught.work) == ('Panel', 'tGun', 'wJig')
    assert [move.kind for move in taught.moves] == [
        *(MoveKind.JOINT, MoveKind.JOINT, MoveKind.LINEAR, MoveKind.LINEAR, MoveKind.CIRCULAR, MoveKind.LINEAR)
    ]
    assert [move.arc for move in taught.moves] == [
        *(ArcEvent.OFF, ArcEvent.OFF, ArcEvent.START, ArcEvent.WELD, ArcEvent.WELD, ArcEvent.END)
    ]
    np.testing.assert_array_equal(taught.moves[0].target.joints, [10, -20, 30, 0, 60, -90])
    np.testing.assert_allclose(taught.moves[1].target.pose[:3, 3], [0.6, 0.0, 0.45])
    np.testing.assert_allclose(taught.moves[2].target.pose[:3, 2], [0.0, 0.0, -1.0], atol=1e-7)  # turned about y
    assert taught.moves[2].target.configuration == (0, 0, -1, 1)
    # the approach at its own speed, the weld at its welddata's; where that is elsewhere, as the line says
    assert [move.speed_m_s for move in taught.moves[1:]] == [None, 0.05, 0.0075, 0.02, 0.0075]
    assert [move.zone_mm for move in taught.moves] == [50.0, 10.0, 0.0, 1.0, 1.0, 0.0]
    assert [move.weave for move in taught.moves] == [False, False, True, False, False, True]
    assert taught.weld == {'weld_speed': 7.5, 'voltage': 21.5, 'wirefeed': 110.0, 'current': 150.0}
    np.testing.assert_allclose(taught.T_tool0_tool[:3, 3], [0.01, 0.0, 0.35])
    np.testing.assert_allclose(taught.T_base_work[:3, :2], [[0, -1], [1, 0], [0, 0]], atol=1e-6)


def test_what_is_not_known_is_kept_with_its_line():
    unread = {line.line: line.text for line in read_rapid(TAUGHT, 'Panel.mod').unread}
    assert unread[17] == 'ConfL\\On'
    assert unread[20] == 'IF bWeld THEN'
    assert unread[26].startswith('MoveL RelTool(pEnd,0,0,-50\\Rx:=nLean)') and 'computed' in unread[26]
    assert unread[27] == 'TPWrite "done ; with a semicolon"'


@pytest.mark.parametrize(
    ('text', 'told'),
    [
        ('', 'line 1: no MODULE'),
        ('MODULE m\nPROC p()\nMoveL p1,v10,fine,t;\nENDMODULE\n', 'line 4: ENDMODULE closes nothing that is open'),
        ('MODULE m\nPROC p()\nENDPROC\n', 'line 1: MODULE without its ENDMODULE'),
        ('MODULE m\nPROC p()\nMoveL p1,v10,fine,t\nENDPROC\nENDMODULE', 'line 3: a statement without a semicolon'),
        ('MODULE m\nCONST robtarget a:=[[1,2,3],[1,0,0,0]];\nVAR num b:=[1,2]];\nENDMODULE', 'line 3: "\\[" and'),
    ],
)
def test_a_broken_module_is_named_with_its_line(text, told):
    with pytest.raises(ProgramSyntaxError, match=f'x.mod: {told}'):
        read_rapid(text, 'x.mod')


def test_the_heading_of_a_routine_may_go_over_lines():
    text = 'MODULE m\n  LOCAL FUNC num Distance(\n    num From,\n    num To)\n    RETURN To;\n  ENDFUNC\nENDMODULE\n'
    assert [line.text for line in read_rapid(text, 'm.mod').unread] == ['RETURN To']


def test_reltool_goes_along_the_tool_and_offs_along_the_frame():
    place = '[[600,0,400],[0,0,1,0],[0,0,-1,1],[9E9,9E9,9E9,9E9,9E9,9E9]]'
    lines = [f'MoveL {word}({place},10,0,50),v100,fine,tGun;' for word in ('Offs', 'RelTool')]
    taught = read_rapid('\n'.join(['MODULE m', 'PROC p()', *lines, 'ENDPROC', 'ENDMODULE']), 'm.mod')
    np.testing.assert_allclose(taught.moves[0].target.pose[:3, 3], [0.61, 0.0, 0.45])
    np.testing.assert_allclose(taught.moves[1].target.pose[:3, 3], [0.59, 0.0, 0.35], atol=1e-9)  # turned about y
