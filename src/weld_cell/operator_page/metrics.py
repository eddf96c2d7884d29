"""What Prometheus reads: its text format, version 0.0.4, in a few lines of our own as there are gauges only."""

import math
from typing import Any

from weld_cell.operator_page.board import Board
from weld_cell.records.status import Stage

CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
STARTED = 'started_ns'
"""Of NodeStatus: no value but a metric of its own."""
_SECONDS = {'ns': 1e-9, 'us': 1e-6, 'ms': 1e-3}
"""Units that keys end with; Prometheus has seconds."""


def metrics_text(board: Board) -> str:
    """All that is known in numbers."""
    cell, approval, nodes = board.section('cell'), board.section('approval'), board.section('nodes')
    stage = cell.get('stage')
    lines = _gauge('weld_cell_up', 'Whether cell_supervisor is running.', [({}, float(stage is not None))])
    stages = [({'stage': str(each)}, float(each == stage)) for each in Stage]
    lines += _gauge('weld_cell_stage', 'The stage that the cell is in.', stages)
    armed = approval.get('state') in ('armed', 'welding') and bool(approval.get('armed_by'))
    lines += _gauge('weld_cell_arc_armed', 'Whether the arc is armed.', [({}, float(armed))])
    lines += _gauge('weld_cell_page_watchers', 'Browsers that watch.', [({}, float(board.watchers))])
    told = nodes.get('nodes', [])
    lines += _gauge(
        'weld_cell_node_level',
        'Of /diagnostics: 0 ok, 1 warning, 2 error, 3 stale.',
        [({'node': each['name']}, float(each['level'])) for each in told],
    )
    started = [
        ({'node': each['name']}, 1e-9 * ns)
        for each in told
        if (ns := _number(each['values'].get(STARTED))) is not None
    ]
    lines += _gauge('weld_cell_node_start_time_seconds', 'When a node was started, since the epoch.', started)
    values = [
        ({'node': each['name'], 'key': name}, scale * number)
        for each in told
        for key, text in each['values'].items()
        if key != STARTED and (number := _number(text)) is not None
        for name, scale in [_in_seconds(key)]
    ]
    lines += _gauge('weld_cell_node_value', 'Each number that a node says on /diagnostics.', values)
    return '\n'.join(lines) + '\n'


def _gauge(name: str, doc: str, samples: list[tuple[dict[str, str], float]]) -> list[str]:
    if not samples:
        return []
    return [f'# HELP {name} {doc}', f'# TYPE {name} gauge', *(_sample(name, *sample) for sample in samples)]


def _sample(name: str, labels: dict[str, str], value: float) -> str:
    inside = ','.join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f'{name}{{{inside}}} {value:.17g}' if inside else f'{name} {value:.17g}'


def _escaped(text: str) -> str:
    return text.replace('\\', r'\\').replace('"', r'\"').replace('\n', r'\n')


def _in_seconds(key: str) -> tuple[str, float]:
    """Name and scale of a value: of times in parts of a second those of seconds, of others its key and 1."""
    name, _, unit = key.rpartition('_')
    if unit not in _SECONDS:
        return key, 1.0
    return f'{name}_seconds' if name else 'seconds', _SECONDS[unit]


def _number(text: Any) -> float | None:
    try:
        value = float(text)
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None
