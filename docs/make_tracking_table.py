"""Makes the table of tracked welds in docs/tracking.md: welds in the running graph, and keeps their JSON.

    .venv/bin/python docs/make_tracking_table.py            six welds, about 8 minutes, on an idle machine
    .venv/bin/python docs/make_tracking_table.py --table    the table alone, from docs/tracking_graph.json

No measured number is typed in.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
PAGE, KEPT = DOCS / 'tracking.md', DOCS / 'tracking_graph.json'
COMMAND = 'weld_cell evaluate tracking --graph --seed 1'
BEGIN, END = '<!-- welds in the graph, by docs/make_tracking_table.py -->', '<!-- end of the welds -->'
HEAD = (
    '| joint type, drift | tool to the moving seam, RMS (worst) | without corrections, RMS (worst) | '
    'latency p50 (p99) | tool speed off by |\n|---|---|---|---|---|'
)


def main() -> int:
    """Measure, then write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--table', action='store_true', help='measure nothing')
    if not parser.parse_args().table:
        words = COMMAND.split()
        words[0] = str(Path(sys.executable).parent / words[0])
        KEPT.unlink(missing_ok=True)
        subprocess.run([*words, '--json', str(KEPT)], cwd=DOCS.parent, check=False)  # 1: a weld was stopped
    figures = json.loads(KEPT.read_text(encoding='utf-8'))
    PAGE.write_text(with_welds(PAGE.read_text(encoding='utf-8'), figures), encoding='utf-8')
    print(f'{PAGE} from {KEPT}')
    return 0


def with_welds(page: str, figures: dict[str, Any]) -> str:
    """The page with its table made anew.

    Args:
        page: Its text, with the marks BEGIN and END.
        figures: Of `weld_cell evaluate tracking --graph`.

    Raises:
        ValueError: a mark is missing.
    """
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    rows = [_row(name, weld) for name, weld in figures['welds'].items()]
    return '\n'.join([f'{before}{BEGIN}', _conditions(figures), '', HEAD, *rows, f'{END}{after}'])


def _conditions(figures: dict[str, Any]) -> str:
    loads = [weld['load'] for weld in figures['welds'].values()]
    return (
        f'In the running graph (`{COMMAND}`: seams of 200 mm, 3 mm of drift, arc {figures["arc"]:g}; '
        f'{figures["cores"]} cores, at most {max(loads):.1f} processes ready to run before a weld) '
        f'{figures["welded"]} of {figures["total"]} welds came to their end:'
    )


def _row(name: str, weld: dict[str, Any]) -> str:
    """One line of the table; of a weld that was stopped, as far as it came, and why."""
    kind, latency = name.rpartition(' ')[0], weld['correction_latency_ms'] or {'p50': None, 'p99': None}
    cells = (
        f'{kind}{" (curved)" if weld["curved"] else ""}, {weld["drift"]}',
        f'{_number(weld["tool_rms_mm"], 2)} ({_number(weld["tool_worst_mm"], 2)}) mm',
        f'{_number(weld["uncorrected_rms_mm"], 2)} ({_number(weld["uncorrected_worst_mm"], 2)}) mm',
        f'{_number(latency["p50"], 0)} ({_number(latency["p99"], 0)}) ms',
        f'{_number(weld["tcp_speed_error_pct"], 1)} %',
    )
    stopped = '' if weld['last_stage'] == 'done' else f' stopped: {weld["note"]}'
    return f'| {" | ".join(cells)}{stopped} |'


def _number(value: float | None, decimals: int) -> str:
    return '-' if value is None else f'{value:.{decimals}f}'


if __name__ == '__main__':
    sys.exit(main())
