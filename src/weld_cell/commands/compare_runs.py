"""What `weld_cell compare` does once all its inputs exist."""

import argparse
from dataclasses import replace
from pathlib import Path

from weld_cell.commands.replay_options import request_of
from weld_cell.farm.cluster import open_cluster
from weld_cell.farm.comparison import Comparison, Side, compare, side_of_folder
from weld_cell.farm.job import make_job
from weld_cell.farm.progress import Progress
from weld_cell.farm.results import ROWS
from weld_cell.farm.session import Session, check_request
from weld_cell.farm.software import own_software
from weld_cell.farm.sources import BagSource, find_bags
from weld_cell.farm.table import write_tables
from weld_cell.models.loader import find_model
from weld_cell.replays.request import ReplayRequest
from weld_cell.report.compare_page import CSV_FILE, heading, write_comparison
from weld_cell.report.farm_page import write_farm_page
from weld_cell.wording import counted


def run_comparison(arguments: argparse.Namespace) -> int:
    """Compare; returns 1 where something differs."""
    folders = [(Path(word) / ROWS).is_dir() for word in (arguments.a, arguments.b)]
    if all(folders):
        if arguments.bag:
            raise ValueError('two result folders are compared as they are: expected no bags')
        a, b = (side_of_folder(word, Path(word)) for word in (arguments.a, arguments.b))
    elif any(folders):
        raise ValueError('A and B: expected two result folders, or two settings or models with bags')
    else:
        a, b = _replayed(arguments)
    comparison = compare(a, b, arguments.tolerance_mm)
    write_comparison(comparison, arguments.out, arguments.command_line, arguments.pictures)
    print('\n'.join(_summary(comparison, arguments.out)))
    return 0 if comparison.is_same else 1


def _replayed(arguments: argparse.Namespace) -> tuple[Side, Side]:
    """Both runs over the bags, on one cluster."""
    if not arguments.bag:
        raise ValueError('settings and models are compared over bags: expected some after A and B')
    requests = [_request(word, arguments) for word in (arguments.a, arguments.b)]
    for request in requests:
        check_request(request)
    sources = find_bags(arguments.bag)
    sessions = [_session(sources, requests[k], arguments.out / 'ab'[k], arguments.again) for k in range(2)]
    finished = [list(session.finished().values()) for session in sessions]
    if all(len(each) == len(sources) for each in finished):
        rows = finished
    else:
        with (
            Progress(2 * len(sources), [*finished[0], *finished[1]]) as progress,
            open_cluster(arguments.scheduler, arguments.workers, own_software()) as connection,
        ):
            rows = [session.run(connection, progress) for session in sessions]
    for session, of_session in zip(sessions, rows, strict=True):
        write_tables(of_session, session.out)
        write_farm_page(of_session, session.out, arguments.command_line)
    a, b = (
        Side(word, session.out, of_session)
        for word, session, of_session in zip((arguments.a, arguments.b), sessions, rows, strict=True)
    )
    return a, b


def _session(sources: list[BagSource], request: ReplayRequest, out: Path, again: bool) -> Session:
    return Session(sources, make_job(request, own_software()), out, again)


def _request(word: str, arguments: argparse.Namespace) -> ReplayRequest:
    """The request with the settings or the model that a word names."""
    request = request_of(arguments)
    if word.endswith(('.yaml', '.yml')):
        return replace(request, settings=Path(word))
    weights = str(find_model(word))
    return replace(request, bank=weights) if request.spot_weld else replace(request, model=weights)


def _summary(comparison: Comparison, out: Path) -> list[str]:
    lines = [
        heading(comparison),
        *(f'{what}: {counted(count, "bag")}' for what, count in comparison.counts().items()),
    ]
    moved = comparison.moved_mm()
    if moved is not None:
        lines.append(f'paths moved: p50 {moved["p50"]:.3f}, p95 {moved["p95"]:.3f}, most {moved["max"]:.3f} mm')
    return [*lines, f'differences in {out / CSV_FILE}, page in {out / "index.html"}']
