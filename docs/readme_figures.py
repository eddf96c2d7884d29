"""The README's table of figures, made from the JSON of the measurements: beside each aim what was measured."""

from collections.abc import Callable, Iterator
from typing import Any

BEGIN, END = '<!-- figures, by docs/make_figures.py -->', '<!-- end of figures -->'
Figures = dict[str, Any]
Row = tuple[str, str, str]
"""What, aim, measured."""
WORTH_SAYING_PCT = 0.5  # of the time throttled: below it no other p99 is to be expected


def with_table(readme: str, found: Figures, commands: dict[str, str]) -> str:
    """The README with its table made anew.

    Args:
        readme: Its text, with the marks BEGIN and END.
        found: Measurements by name.
        commands: What measures each.

    Raises:
        ValueError: a mark is missing.
    """
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    rows = [
        (*row, f'`{commands[name]}`') for name, make in ROWS.items() if name in found for row in make(found[name])
    ]
    head = [('what', 'aim', 'measured', 'command'), ('---',) * 4]
    table = '\n'.join(f'| {" | ".join(row)} |' for row in [*head, *rows])
    return f'{before}{BEGIN}\n{table}\n{END}{after}'


def _joint_type(figures: Figures) -> Iterator[Row]:
    tests = (
        ("five types by the paper's protocol", 'accuracy_5', 0.995),
        ('six types', 'accuracy_6', 0.99),
        ('other sizes, not retrained', 'accuracy_sizes', 0.99),
        ('spatter and arc', 'accuracy_spatter', 0.984),
    )
    for what, key, aim in tests:
        share, least = 100 * figures[key], 100 * aim
        yield f'joint type, hard: {what}', f'{least:.1f} %', _least(share, least, '{:.1f} %')
    groups, peers = figures['feature_groups'], figures['comparisons']
    yield (
        "five types without the network, so by the protocol's 600 images alone",
        '',
        percent(groups['all but network']['accuracy']),
    )
    yield ("five types by the paper's chain as written", '', percent(peers["paper's chain as written"]['accuracy']))
    yield 'image to type, one thread', '0.8 ms', _most(figures['ms_per_image'], 0.8, '{:.2f} ms')


def _seam(figures: Figures) -> Iterator[Row]:
    hard = figures['hardness'] is not None
    kind = f'seam in 3D, {"hard" if hard else "nominal"}, RMS over {figures["total"]} scans of six joints'
    for shape, aim in (('straight', 0.05), ('curved', 0.10)):
        yield (
            f'{kind}: {shape}',
            f'{aim:.2f} mm' if hard else '',
            _most(figures[f'rms_mm_{shape}'], aim if hard else float('inf'), '{:.3f} mm'),
        )
    yield f'{kind}: paths fitted, the others refused', '', f'{figures["fitted"]} of {figures["total"]}'


def _graph(figures: Figures) -> Iterator[Row]:
    for name, aim in (('p50', 5.0), ('p99', 15.0)):
        yield (
            f'running graph at 40 Hz: image stamp to seam point, {name}',
            f'{aim:.0f} ms',
            _most(figures['latency_ms'][name], aim, '{:.1f} ms'),
        )
    full, slow_pct = figures['at_full_speed']['latency_ms'], figures['processor']['slow_pct']
    if slow_pct >= WORTH_SAYING_PCT:
        yield (
            f'the same but for the {slow_pct:.0f} % of the time when this machine throttled its processor',
            '',
            f'{full["p99"]:.1f} ms',
        )
    lost = max(figures['images_lost'].values())
    yield 'images lost in it', '0', _most(lost, 0, f'{{}} of {figures["images"]}')


def _soak(figures: Figures) -> Iterator[Row]:
    lost = max(figures['images_lost'].values())
    yield '20 minutes of scanning: images lost', '0', _most(lost, 0, f'{{}} of {figures["images"]}')
    growth = max(node['growth_pct'] for node in figures['nodes'].values())
    yield "the same: greatest growth of a node's memory", '2 %', _most(growth, 2.0, '{:.1f} %')


def _replay(figures: Figures) -> Iterator[Row]:
    yield (
        'offline replay on one core, decoding included',
        '800 images/s',
        _least(figures['plain']['images_per_s'], 800, '{:.0f} images/s'),
    )


def _run(figures: Figures) -> Iterator[Row]:
    yield ('tool speed along the weld', 'within 1 %', _most(figures['tcp_speed_error_pct'], 1.0, 'within {:.2f} %'))


def percent(share: float | None) -> str:
    """A share as people write it; empty where it was not measured."""
    return '' if share is None else f'{100 * share:.1f} %'


def _least(value: float, aim: float, form: str) -> str:
    return form.format(value) + ('' if value >= aim else ', missed')


def _most(value: float, aim: float, form: str) -> str:
    return form.format(value) + ('' if value <= aim else ', missed')


ROWS: dict[str, Callable[[Figures], Iterator[Row]]] = {
    'joint_type': _joint_type,
    'seam': _seam,
    'seam_many': _seam,
    'seam_nominal': _seam,
    'graph': _graph,
    'soak': _soak,
    'replay': _replay,
    'run': _run,
}
