"""`weld_cell program` on a run's record and on a seam path; `weld_cell program read` on taught programs."""

import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / 'programs'))
from program_parts import GOLDEN, GOLDEN_SETTINGS, bent_seam, bent_weld, golden_program, robot

from weld_cell.cli import main
from weld_cell.commands.program_output import UNKNOWN, lying_there
from weld_cell.programs.languages import program_files
from weld_cell.records import MotionPhase, ProgramLanguage
from weld_cell.report.run_record import RunFacts, RunRecord

MOVE_ONLY = 'def a():\n  movel(p[0.9, 0, 0.3, 0, 3.14, 0], a=0.5, v=0.05)\nend\n'


@pytest.fixture
def run_folder(tmp_path):
    """The record of a run that has planned the bent seam as a lap."""
    trajectory = bent_weld()
    weld_s = trajectory.times_s[[phase is MotionPhase.WELD for phase in trajectory.phases]]
    facts = RunFacts(joint_type='lap', weld_window_s=(float(f'{weld_s[0]:.6g}'), float(f'{weld_s[-1]:.6g}')))
    record = RunRecord(facts)
    record.trajectory = np.column_stack([trajectory.times_s, trajectory.positions_rad, trajectory.velocities_rad_s])
    record.save(tmp_path / 'run')
    return tmp_path / 'run'


@pytest.fixture
def seam_file(tmp_path):
    seam, file = bent_seam(), tmp_path / 'seam.csv'
    np.savetxt(
        file, np.hstack([seam.positions_m, seam.normals]), delimiter=',', header='x_m,y_m,z_m,nx,ny,nz', comments=''
    )
    return file


def test_the_program_of_a_run_is_a_dry_run(run_folder, tmp_path, capsys):
    assert main(['program', '--language', 'rapid', str(run_folder), '-o', str(tmp_path / 'out')]) == 0
    module = (tmp_path / 'out' / 'lap.mod').read_text()
    assert 'MoveC' in module and 'Arc' not in module.replace('the arc', '')
    assert (tmp_path / 'out' / 'program.png').stat().st_size > 10_000
    assert 'dry run: the arc stays off' in capsys.readouterr().out


def test_a_planned_run_is_not_written_under_another_procedure(run_folder, tmp_path, capsys):
    words = ['program', '--language', 'rapid', str(run_folder), '-o', str(tmp_path / 'out'), '--procedure']
    assert main([*words, 'v']) == 1
    assert 'this run was planned by lap, not by v' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()
    assert main([*words, 'lap']) == 0


def test_an_armed_program_and_a_dry_run_do_not_replace_each_other(run_folder, tmp_path, capsys):
    out = tmp_path / 'out'
    words = ['program', '--language', 'krl', str(run_folder), '-o', str(out), '--tolerance-deg', '0.5']
    assert main([*words, '--armed']) == 0
    armed = {file: file.read_bytes() for file in out.iterdir()}
    capsys.readouterr()
    assert main(words) == 1
    assert 'the dry run would replace the armed program that is there' in capsys.readouterr().err
    assert {file: file.read_bytes() for file in out.iterdir()} == armed
    assert main([*words, '--force']) == 0
    assert 'Replaced the armed program' in capsys.readouterr().out and 'dry run' in (out / 'lap.src').read_text()


@pytest.mark.parametrize('language', ProgramLanguage)
@pytest.mark.parametrize(('armed', 'told'), [(True, 'armed program'), (False, 'dry run')])
def test_what_lies_there_is_told_in_every_language(language, armed, told, tmp_path):
    files = program_files(golden_program(), robot(), language, GOLDEN_SETTINGS, armed)
    assert lying_there(tmp_path, files, language, GOLDEN_SETTINGS) == ''
    for file in files:
        (tmp_path / file.name).write_bytes(file.content)
    assert lying_there(tmp_path, files, language, GOLDEN_SETTINGS) == told
    (tmp_path / files[0].name).unlink()
    assert lying_there(tmp_path, files, language, GOLDEN_SETTINGS) == (UNKNOWN if len(files) > 1 else '')


def test_a_file_that_is_no_program_is_not_replaced(run_folder, tmp_path, capsys):
    (tmp_path / 'lap.mod').write_text('my notes')
    assert main(['program', '--language', 'rapid', str(run_folder), '-o', str(tmp_path)]) == 1
    assert 'replace the file that is no program' in capsys.readouterr().err
    assert (tmp_path / 'lap.mod').read_text() == 'my notes'


def test_an_armed_program_of_a_path_is_read_as_its_seam(seam_file, tmp_path, capsys):
    words = ['--language', 'krl', str(seam_file), '--procedure', 'lap', '--name', 'RIB_2', '--armed']
    assert main(['program', *words, '--tolerance-mm', '0.1', '--tolerance-deg', '0.5', '-o', str(tmp_path)]) == 0
    assert 'ARMED' in capsys.readouterr().out
    assert {file.name for file in tmp_path.iterdir()} >= {'RIB_2.src', 'RIB_2.dat', 'program.png'}
    assert main(['program', 'read', str(tmp_path / 'RIB_2.dat')]) == 0
    told = capsys.readouterr()
    assert 'krl program RIB_2' in told.err and 'leaves its chord by' in told.err
    scan = yaml.safe_load(told.out)['scan']
    # the frame lies 3 mm further along the wire, which leans by 10 degrees against the travel
    lean = np.deg2rad(10.0)
    start = [1.0, -0.1 + 0.003 * np.sin(lean), 0.2 - 0.003 * np.cos(lean)]
    np.testing.assert_allclose(scan['start_m'], start, atol=2e-5)
    assert scan['normal'][2] > 0.99


def test_a_weave_that_is_part_of_the_path_is_no_deviation(seam_file, tmp_path, capsys):
    settings = tmp_path / 'programs.yaml'
    settings.write_text('moves: {weave_pattern: zigzag, joint_width_mm: 5.0, tolerance_deg: 0.5}\n')
    words = ['--language', 'urscript', str(seam_file), '--procedure', 'lap', '--settings', str(settings)]
    assert main(['program', *words, '-o', str(tmp_path)]) == 0
    assert 'dry run' in capsys.readouterr().out
    assert (tmp_path / 'lap.script').read_text().count('movel') > 100


@pytest.mark.parametrize('name', ['rib_2.mod', 'rib_2.script'])
def test_a_taught_program_becomes_the_nominal_seam(name, capsys):
    assert main(['program', 'read', str(GOLDEN / name)]) == 0
    scan = yaml.safe_load(capsys.readouterr().out)['scan']
    np.testing.assert_allclose(scan['start_m'], [0.95, -0.1, 0.25], atol=1e-5)
    np.testing.assert_allclose(scan['end_m'], [0.91, 0.02, 0.25], atol=1e-5)
    along = np.subtract(scan['end_m'], scan['start_m'])
    assert np.linalg.norm(scan['normal']) == pytest.approx(1.0, abs=1e-3) and abs(along @ scan['normal']) < 1e-5


def test_moves_of_a_dry_run_are_named_by_their_lines(run_folder, tmp_path, capsys):
    main(['program', '--language', 'tp', str(run_folder), '-o', str(tmp_path), '--tolerance-deg', '0.5'])
    capsys.readouterr()
    lines = (tmp_path / 'lap.ls').read_text().splitlines()
    moves = [number for number, line in enumerate(lines, start=1) if ':L P[' in line or ':C P[' in line]
    words = ['program', 'read', str(tmp_path / 'lap.ls')]
    assert main([*words, '--from-line', str(moves[0]), '--to-line', str(moves[-2])]) == 0
    ahead = yaml.safe_load(capsys.readouterr().out)['scan']
    assert ahead['start_m'][0] == pytest.approx(1.0, abs=1e-3)
    assert main([*words, '--from-line', str(moves[-2]), '--to-line', str(moves[0])]) == 0
    back = yaml.safe_load(capsys.readouterr().out)['scan']
    assert (back['start_m'], back['end_m']) == (ahead['end_m'], ahead['start_m'])
    assert main([*words, '--from-line', '1', '--to-line', str(moves[-2])]) == 1
    assert 'line 1 has no move' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('text', 'words', 'told'),
    [
        ('', ['--procedure', 'lap'], 'a seam has at least 2 points, got 0'),
        ('0,0,0,0,0,1\n1,2,x\n', ['--procedure', 'lap'], "line 2: expected 6 numbers, got '1,2,x'"),
        ('1,0,0.2,0,0,1\n1,0,0.2,0,0,1\n', ['--procedure', 'lap'], 'lie at one position'),
        ('1,0,0.2,0,0,1\n1,0,0.3,0,0,1\n', ['--procedure', 'lap'], 'a direction of length zero'),
        ('1,0,0.2,0,0,1\n1,0.1,0.2,0,0,1\n', [], 'names no weld procedure'),
        ('1,0,0.2,0,0,1\n1,0.1,0.2,0,0,1\n', ['--procedure', 'lap', '--name', '2nd'], 'begins with a digit'),
        ('950,0,200,0,0,1\n950,80,200,0,0,1\n', ['--procedure', 'lap'], 'this looks like millimetres'),
        ('x,y,z,nx,ny,nz\n1,0,0.2,0,0,1\n', ['--procedure', 'lap'], "expected 'x_m,y_m,z_m,nx,ny,nz'"),
        ('9,0,0.2,0,0,1\n9,0.1,0.2,0,0,1\n', ['--procedure', 'lap'], 'out of reach'),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(tmp_path, text, words, told, capsys):
    (tmp_path / 'seam.csv').write_text(text)
    code = main(['program', '--language', 'tp', str(tmp_path / 'seam.csv'), *words, '-o', str(tmp_path / 'out')])
    assert code == 1 and told in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_a_seam_lies_in_the_work_object_of_its_own_moves(tmp_path, capsys):
    """The moves before it are in another one; without one they are in wobj0, the base."""
    place = ',[0,0,1,0],[0,0,0,1],[9E9,9E9,9E9,9E9,9E9,9E9]]'
    frame = '[1,0,0,0]],[[0,0,0],[1,0,0,0]]];'
    moves = [
        f'MoveL [[0,0,90]{place},v200,z10,tLaser\\WObj:=wScan;',
        f'ArcLStart [[0,0,0]{place},v30,sm,wd,fine,tGun\\WObj:=WObj0;',
        f'ArcLEnd [[50,0,0]{place},v30,sm,wd,fine,tGun;',
        f'ArcLStart [[0,0,0]{place},v30,sm,wd,fine,tGun\\WObj:=wWeld;',
        f'ArcLEnd [[60,0,0]{place},v30,sm,wd,fine,tGun\\WObj:=wWeld;',
        f'ArcLStart [[0,0,0]{place},v30,sm,wd,fine,tGun\\WObj:=wElse;',
        f'ArcLEnd [[70,0,0]{place},v30,sm,wd,fine,tGun\\WObj:=wElse;',
    ]
    frames = [
        f'PERS wobjdata {name}:=[FALSE,TRUE,"",[[{x},0,0],{frame}' for name, x in (('wScan', 500), ('wWeld', 900))
    ]
    (tmp_path / 'a.mod').write_text('\n'.join(['MODULE a', *frames, 'PROC main()', *moves, 'ENDPROC', 'ENDMODULE']))
    ends = []
    for number in ('1', '2', '3'):
        assert main(['program', 'read', str(tmp_path / 'a.mod'), '--seam', number]) == 0
        said = capsys.readouterr()
        ends.append(yaml.safe_load(said.out)['scan']['end_m'][0])
        assert ('does not define its work frame wElse' in said.err) is (number == '3')
    np.testing.assert_allclose(ends, [0.05, 0.96, 0.07])


def test_a_seam_in_two_frames_that_are_not_known_is_refused(tmp_path, capsys):
    job = (GOLDEN / 'RIB_2.JBI').read_text().splitlines()
    first = next(number for number, line in enumerate(job) if line.startswith('C00003='))
    job[first:first] = ['///USER 7']
    (tmp_path / 'a.jbi').write_text('\n'.join(job))
    assert main(['program', 'read', str(tmp_path / 'a.jbi')]) == 1
    assert 'in the work frames 1, 7, which the program does not define' in capsys.readouterr().err


COMPUTED = {
    'a.mod': ('rib_2.mod', 'ArcLStart p2', 'ArcLStart Offs(p2,nX,0,0)'),
    'b.mod': ('rib_2.mod', 'ArcCEnd p4v', 'ArcCEnd GetTarget(p4v)'),
    'c.ls': ('rib_2.ls', 'L P[3]', 'L PR[3]'),
    'd.JBI': ('RIB_2.JBI', 'MOVL C00002', 'MOVL P00002'),
    'e.script': ('rib_2.script', 'movel(pose_trans(work', 'movel(seen_trans(work'),
}
"""A start or an end of the golden seam that only the controller can compute."""


@pytest.mark.parametrize('name', COMPUTED)
def test_a_seam_is_not_shortened_by_a_move_that_cannot_be_read(name, tmp_path, capsys):
    golden, written, computed = COMPUTED[name]
    text = (GOLDEN / golden).read_text()
    assert written in text
    text = text.replace(written, computed, 1)
    line = 1 + next(n for n, line in enumerate(text.splitlines()) if computed in line)
    (tmp_path / name).write_text(text)
    assert main(['program', 'read', str(tmp_path / name)]) == 1
    assert f'line {line}: where this move of the seam ends cannot be read' in capsys.readouterr().err


def test_a_krl_seam_whose_start_is_not_declared_is_refused(tmp_path, capsys):
    data = (GOLDEN / 'rib_2.dat').read_text()
    start = next(line for line in data.splitlines() if line.startswith('DECL E6POS XP2='))
    (tmp_path / 'a.src').write_text((GOLDEN / 'rib_2.src').read_text())
    (tmp_path / 'a.dat').write_text(data.replace(start, ''))
    assert main(['program', 'read', str(tmp_path / 'a.src')]) == 1
    assert 'where this move of the seam ends cannot be read: LIN XP2' in capsys.readouterr().err


def test_a_folder_without_a_record_is_refused(tmp_path, capsys):
    assert main(['program', '--language', 'rapid', str(tmp_path)]) == 1
    assert 'holds no record of a run' in capsys.readouterr().err
    assert main(['program', '--language', 'rapid', str(tmp_path / 'norun')]) == 1
    assert f'There is no run at {tmp_path / "norun"}' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('name', 'text', 'told'),
    [
        ('a.txt', '', 'no robot language is known by the ending ".txt"'),
        ('a.mod', 'MODULE a\nENDMODULE\n', 'has no moves'),
        ('alone.src', (GOLDEN / 'rib_2.src').read_text(), 'its positions stand in alone.dat, which is not beside it'),
        ('alone.dat', (GOLDEN / 'rib_2.dat').read_text(), 'its moves stand in alone.src, which is not beside it'),
        ('a.script', MOVE_ONLY, 'no arc is struck in this program'),
        ('a.mod', 'MODULE a\nPROC b()\nENDMODULE\n', 'line 3: ENDMODULE closes nothing'),
    ],
)
def test_a_program_that_shows_no_seam_is_refused(tmp_path, name, text, told, capsys):
    (tmp_path / name).write_text(text)
    assert main(['program', 'read', str(tmp_path / name)]) == 1
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ('words', 'told'),
    [
        (['--from-line', '3'], '--from-line needs --to-line'),
        (['--to-line', '3'], '--to-line needs --from-line'),
        (['--seam', '2'], 'seam 2 was asked for; seams in this program: 1'),
    ],
)
def test_a_choice_that_names_no_seam_is_refused(words, told, capsys):
    assert main(['program', 'read', str(GOLDEN / 'rib_2.mod'), *words]) == 1
    assert told in capsys.readouterr().err


def test_a_seam_is_named_in_one_way(capsys):
    words = ['--seam', '1', '--from-line', '9', '--to-line', '14']
    assert main(['program', 'read', str(GOLDEN / 'rib_2.mod'), *words]) == 2
    assert 'give one' in capsys.readouterr().err
