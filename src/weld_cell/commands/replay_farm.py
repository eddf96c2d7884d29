"""`weld_cell replay` over many bags."""

import argparse
from collections import Counter
from collections.abc import Sequence

from weld_cell.commands.replay_options import EXIT_CODES, request_of
from weld_cell.farm.cluster import open_cluster
from weld_cell.farm.job import make_job
from weld_cell.farm.libraries import farm_library
from weld_cell.farm.progress import Progress
from weld_cell.farm.results import Row, verdicts_of
from weld_cell.farm.session import Session, check_request
from weld_cell.farm.software import own_software
from weld_cell.farm.sources import find_bags
from weld_cell.farm.table import BAGS_TABLE, write_tables
from weld_cell.report.farm_page import write_farm_page
from weld_cell.wording import counted


def run_many(arguments: argparse.Namespace) -> int:
    """Replay the bags; returns the exit code."""
    for library in ('distributed', 'pyarrow', 'blake3'):
        farm_library(library)
    request = request_of(arguments)
    check_request(request)
    sources, job = find_bags(arguments.bag), make_job(request, own_software())
    session = Session(sources, job, arguments.out, arguments.again)
    if len(before := session.finished()) < len(sources):
        with (
            Progress(len(sources), list(before.values())) as progress,
            open_cluster(arguments.scheduler, arguments.workers, job.software) as connection,
        ):
            rows = session.run(connection, progress)
    else:
        rows = [before[source.address] for source in sources]
    write_tables(rows, arguments.out)
    write_farm_page(rows, arguments.out, arguments.command_line)
    print('\n'.join(_summary(rows, len(before), arguments)))
    return exit_code(rows)


def exit_code(rows: Sequence[Row]) -> int:
    """Of many bags: that of the weightiest verdict."""
    verdicts = {row['verdict'] for row in rows}
    return next((code for verdict, code in EXIT_CODES.items() if verdict in verdicts), 0)


def _summary(rows: Sequence[Row], before: int, arguments: argparse.Namespace) -> list[str]:
    """For people: how many ended how, and what was refused most often."""
    counts = ', '.join(f'{count} {verdict}' for verdict, count in verdicts_of(rows).items())
    lines = [f'{counted(len(rows), "bag")}: {counts}' + (f' ({before} of them were done before)' if before else '')]
    refused = Counter(str(row['refusal']) for row in rows if row.get('refusal'))
    first = {str(row['refusal']): row['reason'] for row in reversed(rows) if row.get('refusal')}
    lines += [f'{name}: {counted(count, "bag")}, the first: {first[name]}' for name, count in refused.most_common()]
    return [*lines, f'table in {arguments.out / BAGS_TABLE}, report in {arguments.out / "index.html"}']
