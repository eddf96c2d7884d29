"""`weld_cell replay` of many bags on a real Dask cluster: the results of single replays, whatever dies meanwhile."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import cv2
import pytest
from farm_bags import FileServer, content

from weld_cell.cli import main

dask, distributed = pytest.importorskip('dask'), pytest.importorskip('distributed')
parquet = pytest.importorskip('pyarrow.parquet')

from weld_cell.commands import replay_farm  # noqa: E402
from weld_cell.farm import cluster as cluster_module  # noqa: E402
from weld_cell.farm import run as run_module  # noqa: E402
from weld_cell.farm.job import make_job  # noqa: E402
from weld_cell.farm.memory import WORKER_ENVIRONMENT, give_back  # noqa: E402
from weld_cell.farm.session import LOCK_FILE  # noqa: E402
from weld_cell.farm.software import own_software  # noqa: E402
from weld_cell.farm.sources import find_bags  # noqa: E402
from weld_cell.farm.work import replay_source  # noqa: E402
from weld_cell.paths import config_file  # noqa: E402
from weld_cell.replays.request import ReplayRequest  # noqa: E402

PATIENCE_S = 300
"""Of waiting for what must come; other work on the machine may take most of it."""


def replay(cluster, *words):
    return main(['replay', *map(str, words), '--scheduler', cluster.scheduler_address])


def rows_of(out):
    """By the bag's name, without the digits of its result folder."""
    rows = [json.loads(file.read_text())['row'] for file in (out / 'rows').iterdir()]
    return {row['bag'].rpartition('-')[0]: row for row in rows}


def started(out):
    return {name: row['started'] for name, row in rows_of(out).items()}


@pytest.fixture
def server(bags, tmp_path):
    folder = tmp_path / 'served'
    folder.mkdir()
    for name in ('lap', 'fillet'):
        shutil.copy(next((bags / name).glob('*.mcap')), folder / f'{name}.mcap')
    with FileServer(folder).running() as running:
        yield running


def test_a_scheduler_that_is_not_there_is_told(bags, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cluster_module, 'CONNECT_S', 0.5)
    with socket.socket() as closed:
        closed.bind(('127.0.0.1', 0))
        address = f'tcp://127.0.0.1:{closed.getsockname()[1]}'
        assert main(['replay', str(bags), '--out', str(tmp_path), '--scheduler', address]) == 1
    told = capsys.readouterr().err
    assert f'No Dask scheduler answers at {address}' in told and 'Remedy: Start one' in told


@pytest.mark.parametrize('words', [['--scheduler', 'nonsense://x'], ['--plate', '--spot-weld']])
def test_wrong_usage_exits_with_2(bags, tmp_path, words):
    assert main(['replay', str(bags), '--out', str(tmp_path), *words]) == 2


def test_settings_that_only_plates_need_are_refused_before_too(bags, tmp_path, capsys):
    settings = tmp_path / 'cell.yaml'
    settings.write_text('/**: {ros__parameters: {work_plane: {height_m: .nan}}}')
    assert main(['replay', str(bags), '--out', str(tmp_path / 'out'), '--settings', str(settings)]) == 1
    told = capsys.readouterr().err
    assert f'weld_cell: {settings}: ' in told and 'bags done' not in told


def test_without_dask_the_remedy_is_told(bags, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, 'distributed', None)
    assert main(['replay', str(bags), '--out', str(tmp_path)]) == 1
    assert "pip install 'weld_cell[farm]'" in capsys.readouterr().err


def test_each_result_is_that_of_a_single_replay_and_is_kept(cluster, bags, broken, single, tmp_path, capsys):
    bags_here, out = tmp_path / 'bags', tmp_path / 'out'
    shutil.copytree(bags, bags_here)
    assert replay(cluster, bags_here, broken, '--out', out) == 1
    told = capsys.readouterr()
    assert 'broken.mcap' in told.err and '4 bags: 2 found, 1 no type, 1 failed' in told.out
    rows = rows_of(out)
    for name, files in single.items():
        assert content(out / rows[name]['result']) == files
    assert rows['dark']['verdict'] == 'no type' and rows['dark']['refusal'] == 'JointTypeError'
    assert rows['broken']['refusal'] == 'BagError' and not (out / rows['broken']['result']).exists()
    assert parquet.read_table(out / 'results.parquet').num_rows == 4
    images = parquet.read_table(out / 'images.parquet').to_pylist()
    assert len(images) == sum(row.get('images', 0) for row in rows.values()) == 43
    assert (out / 'index.html').read_text().count('<tr><th>') > 4

    before = started(out)
    os.utime(next((bags_here / 'lap').glob('*.mcap')), ns=(1, 1))  # another time, the same content
    shutil.move(bags_here / 'fillet', bags_here / 'moved')
    assert replay(cluster, bags_here, '--out', out) == 3
    after = started(out)
    assert (after['lap'], after['dark'], after['moved']) == (before['lap'], before['dark'], before['fillet'])
    assert content(out / rows_of(out)['moved']['result']) == single['fillet']
    assert main(['replay', str(bags_here / 'lap'), str(bags_here / 'moved'), '--out', str(out)]) == 0  # no cluster
    assert replay(cluster, bags_here / 'lap', '--out', out, '--again') == 0
    assert started(out)['lap'] != before['lap']


def test_a_result_that_cannot_be_written_is_named_and_the_others_are_kept(cluster, bags, tmp_path, capsys):
    lap, fillet = (find_bags([str(bags / name)])[0] for name in ('lap', 'fillet'))
    (tmp_path / 'bags').mkdir()
    in_the_way = tmp_path / 'bags' / f'.{fillet.name}.new'
    in_the_way.write_text('a file where a folder is to be made')
    assert replay(cluster, lap.address, fillet.address, '--out', tmp_path) == 1
    told = capsys.readouterr().err
    assert (
        f'{tmp_path}: the result of {fillet.address} cannot be written' in told
        and 'of 2 bags are done and kept' in told
    )
    in_the_way.unlink()
    assert replay(cluster, lap.address, fillet.address, '--out', tmp_path) == 0
    assert {path.name for path in (tmp_path / 'bags').iterdir()} == {lap.name, fillet.name}


def test_what_is_damaged_is_named_on_terminal_and_page(cluster, bags, tmp_path, capsys):
    whole = next((bags / 'lap').glob('*.mcap')).read_bytes()
    (tmp_path / 'cut.mcap').write_bytes(whole[: len(whole) * 2 // 3])
    replay(cluster, tmp_path / 'cut.mcap', bags / 'fillet', '--out', tmp_path / 'out')
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith('damaged: ')]
    assert 'cut.mcap' in line
    page = (tmp_path / 'out' / 'index.html').read_text()
    damage = page.partition('Damaged bags')[2].partition('</table>')[0]
    assert 'cut.mcap' in damage and '/fillet' not in damage


def test_two_runs_do_not_write_one_folder(cluster, bags, tmp_path, capsys):
    with (tmp_path / LOCK_FILE).open('a') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert replay(cluster, bags / 'lap', bags / 'fillet', '--out', tmp_path) == 1
    assert f'{tmp_path}: another run writes there' in capsys.readouterr().err


def test_bags_of_a_server_and_one_that_vanished(cluster, server, single, tmp_path):
    shutil.copy(tmp_path / 'served' / 'lap.mcap', tmp_path / 'served' / 'gone.mcap')
    server.gone.add('gone.mcap')
    addresses = [f'{server.address}/lap.mcap', f'{server.address}/gone.mcap']
    assert replay(cluster, *addresses, '--out', tmp_path / 'out') == 1
    rows = rows_of(tmp_path / 'out')
    assert content(tmp_path / 'out' / rows['lap']['result']) == single['lap']
    assert rows['gone']['refusal'] == 'BagVanishedError' and addresses[1] in rows['gone']['reason']


def test_a_folder_that_vanished(bags, tmp_path):
    shutil.copytree(bags / 'lap', tmp_path / 'lap')
    job = make_job(ReplayRequest(tmp_path, config_file('rig.yaml'), config_file('cell.yaml')), own_software())
    (source,) = find_bags([str(tmp_path / 'lap')])
    shutil.rmtree(tmp_path / 'lap')
    assert replay_source(job, source, frozenset()).row['refusal'] == 'BagVanishedError'


def test_workers_of_other_versions_are_refused_by_name(cluster, bags, tmp_path, capsys, monkeypatch):
    other = replace(own_software(), weld_cell='9.9.9')
    monkeypatch.setattr(replay_farm, 'own_software', lambda: other)
    assert replay(cluster, bags, '--out', tmp_path) == 1
    told = capsys.readouterr().err
    assert 'weld_cell 0.1.0 instead of 9.9.9' in told and 'Install the same version' in told
    assert all(worker.worker_address in told for worker in cluster.workers.values())


def test_workers_keep_memory_for_images_and_to_one_core(cluster, bags, tmp_path):
    assert replay(cluster, bags / 'lap', bags / 'fillet', '--out', tmp_path) == 0
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        told = client.run(lambda: {name: os.environ[name] for name in WORKER_ENVIRONMENT})
        ticks = client.run(lambda: dask.config.get('distributed.admin.tick.interval'))
        threads = client.run(cv2.getNumThreads)
    assert list(told.values()) == [WORKER_ENVIRONMENT] * 2
    assert list(ticks.values()) == ['1s'] * 2
    assert {threads[row['worker']] for row in rows_of(tmp_path).values()} == {1}
    assert isinstance(give_back(), bool)


def test_who_kills_its_workers_is_told_and_the_others_are_done(cluster, server, bags, single, tmp_path, monkeypatch):
    monkeypatch.setattr(run_module, 'RUNS', 2)
    server.stalled.add('fillet.mcap')
    ended = threading.Event()

    def kill_those_who_wait():
        with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
            while not ended.is_set():
                if server.waiting.wait(0.1):
                    server.waiting.clear()
                    pids = client.run(os.getpid)
                    for worker, tasks in client.processing().items():
                        if worker in pids and any(str(task).startswith('fillet') for task in tasks):
                            os.kill(pids[worker], signal.SIGKILL)

    killer = threading.Thread(target=kill_those_who_wait)
    killer.start()
    try:
        code = replay(
            cluster, f'{server.address}/fillet.mcap', bags / 'lap', bags / 'dark', '--out', tmp_path / 'out'
        )
    finally:
        ended.set()
        killer.join()
    rows = rows_of(tmp_path / 'out')
    assert code == 1
    assert rows['fillet']['refusal'] == 'WorkerLostError' and '2 times' in rows['fillet']['reason']
    for name in ('lap', 'dark'):
        assert content(tmp_path / 'out' / rows[name]['result']) == single[name]


def test_ctrl_c_keeps_what_is_done(server, bags, single, tmp_path):
    server.stalled.add('fillet.mcap')
    out = tmp_path / 'out'
    words = ['replay', bags / 'lap', f'{server.address}/fillet.mcap', '--out', out, '--workers', '1']
    process = subprocess.Popen(
        [sys.executable, '-m', 'weld_cell.cli', *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # a terminal sends Ctrl-C to all processes of the command
    )
    deadline = time.monotonic() + PATIENCE_S
    while not (list(out.glob('rows/*.json')) and server.waiting.is_set()):
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()[0]
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    told, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, told
    assert '1 of 2 bags are done' in told and 'Traceback' not in told
    assert content(out / rows_of(out)['lap']['result']) == single['lap']
    while [path for path in Path('/proc').glob('[0-9]*/stat') if _session_of(path) == process.pid]:
        assert time.monotonic() < deadline, 'a process of the command has stayed'
        time.sleep(0.1)


def _session_of(path):
    try:
        return int(path.read_text().rpartition(')')[2].split()[3])
    except OSError:  # it has ended meanwhile
        return None


def test_a_scheduler_that_is_restarted_loses_nothing(server, bags, single, tmp_path, monkeypatch):
    for name in ('CONNECT_S', 'WORKERS_S', 'RETURN_S'):
        monkeypatch.setattr(cluster_module, name, PATIENCE_S)
    server.stalled.add('fillet.mcap')
    out, processes = tmp_path / 'out', []
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = str(free.getsockname()[1])
    address = f'tcp://127.0.0.1:{port}'

    def start(module, *words):
        command = [sys.executable, '-m', f'distributed.cli.{module}', *words, '--no-dashboard']
        processes.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        return processes[-1]

    def start_both():
        scheduler = start('dask_scheduler', '--host', '127.0.0.1', '--port', port)
        start('dask_worker', address, '--nthreads', '1', '--no-nanny', '--local-directory', str(tmp_path))
        return scheduler

    def restart():
        while not (list(out.glob('rows/*.json')) and server.waiting.wait(0.1)):
            time.sleep(0.05)
        first.kill()
        first.wait()
        server.release.set()
        start_both()

    first = start_both()
    restarting = threading.Thread(target=restart, daemon=True)
    restarting.start()
    try:
        wait_for_scheduler(int(port))
        words = [str(bags / 'lap'), f'{server.address}/fillet.mcap']
        assert main(['replay', *words, '--out', str(out), '--scheduler', address]) == 0
        restarting.join(PATIENCE_S)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    rows = rows_of(out)
    assert {name: content(out / row['result']) for name, row in rows.items()} == {
        name: single[name] for name in ('lap', 'fillet')
    }
    assert rows['lap']['worker'] != rows['fillet']['worker']  # the second one did only what the first had not


def wait_for_scheduler(port):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(('127.0.0.1', port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError('the scheduler has not started')
