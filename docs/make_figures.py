"""Makes docs/figures.md and the README's table: runs every measurement, keeps its JSON in docs/figures/.

    .venv/bin/python docs/make_figures.py                      everything, about 20 minutes on a quiet machine
    .venv/bin/python docs/make_figures.py --only seam replay   some of it again, the rest as it was
    .venv/bin/python docs/make_figures.py --tables             the tables alone

No measured number is typed in; those of the paper come with the evaluation's own JSON.
"""

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from readme_figures import percent, with_table

DOCS = Path(__file__).parent
README = DOCS.parent / 'README.md'
FOLDER = DOCS / 'figures'
COMMANDS = {
    'joint_type': 'weld_cell evaluate joint-type',
    'seam': 'weld_cell evaluate seam',
    'seam_many': 'weld_cell evaluate seam --scenes 40 --seed 2000',
    'seam_nominal': 'weld_cell evaluate seam --nominal --scenes 4',
    'stripe': 'python benchmarks/stripe.py',
    'replay': 'python benchmarks/replay.py',
    'sim_render': 'python benchmarks/sim_render.py',
    'graph': 'python benchmarks/graph.py --images 2000 --scan-only',
    'run': 'weld_cell run --joint lap --seed 1 --out out/figures_run',
    'soak': 'python benchmarks/graph.py --minutes 20 --scan-only --plot docs/figures/soak.png',
}
SLOW = ('soak',)
"""Left out unless named with --only."""
Figures = dict[str, Any]
Row = tuple[str, ...]


def main() -> int:
    """Measure, then write the page."""
    arguments = _arguments()
    FOLDER.mkdir(exist_ok=True)
    names = [] if arguments.tables else arguments.only or [name for name in COMMANDS if name not in SLOW]
    failed = [name for name in names if not measure(name)]
    found = {file.stem: json.loads(file.read_text(encoding='utf-8')) for file in FOLDER.glob('*.json')}
    (DOCS / 'figures.md').write_text(_page(found), encoding='utf-8')
    README.write_text(with_table(README.read_text(encoding='utf-8'), found, COMMANDS), encoding='utf-8')
    print(f'docs/figures.md and README.md from {", ".join(sorted(found)) or "nothing"}')
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--only', nargs='+', choices=COMMANDS, metavar='NAME', help=', '.join(COMMANDS))
    parser.add_argument('--tables', action='store_true', help='measure nothing')
    return parser.parse_args()


def measure(name: str) -> bool:
    """Run a command in the repository's root and keep its JSON; whether it went well."""
    file = FOLDER / f'{name}.json'
    words = shlex.split(COMMANDS[name])
    words[0] = str(Path(sys.executable).parent / words[0])
    print(f'$ {COMMANDS[name]}', flush=True)
    if name == 'run':
        done = subprocess.run(words, cwd=DOCS.parent)
        summary = DOCS.parent / words[-1] / 'summary.json'
        if summary.exists():
            file.write_text(summary.read_text(encoding='utf-8'), encoding='utf-8')
    else:
        done = subprocess.run([*words, '--json', str(file)], cwd=DOCS.parent, stdout=subprocess.DEVNULL)
    return done.returncode == 0


def _page(found: Figures) -> str:
    parts = [
        '# Figures',
        'Measured on the simulator with every hard effect at random (docs/hard_effects.md) unless said '
        'otherwise; the paper (Zeng et al. 2020) measured on its own photographs. Each table names its command; '
        '`python docs/make_figures.py` runs them all and writes this page.',
    ]
    for name, section in SECTIONS.items():
        if name in found:
            parts += [section(found[name]), f'`{COMMANDS[name]}`']
    return '\n\n'.join(parts) + '\n'


def _table(head: Row, *rows: Row) -> str:
    lines = [head, tuple('---' for _ in head), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def _joint_type(figures: Figures) -> str:
    conditions, tests = figures['conditions'], figures['tests']
    rows = []
    for test, key in (
        ('five types', 'accuracy_5'),
        ('six types', 'accuracy_6'),
        ('other sizes', 'accuracy_sizes'),
        ('spatter and arc', 'accuracy_spatter'),
    ):
        shipped = tests[test].get('shipped model')
        rows.append(
            (
                test,
                percent(figures['paper'].get(key)),
                _score(tests[test]['ours']),
                _score(shipped),
                str(tests[test]['ours']['images']),
            )
        )
    compared = [
        (
            name,
            percent(row['paper_accuracy']),
            _score(row),
            _number(row['paper_ms_per_image']),
            _number(row['ms_per_image']),
        )
        for name, row in figures['comparisons'].items()
    ]
    groups = [(name, _score(row)) for name, row in figures['feature_groups'].items()]
    six = tests['six types']['ours']
    confusion = [(f'**{name}**', *map(str, row)) for name, row in zip(six['types'], six['confusion'], strict=True)]
    return '\n\n'.join(
        [
            '## Joint type',
            f"The paper's protocol, {conditions['per_type']} training and {conditions['test_per_type']} test images of "
            f'each type, in {conditions["draws"]} independent draws: mean and standard deviation. No scene, seed or size '
            'of a test is in a training. Other sizes and spatter are told by the machine that learnt six types, '
            'without retraining. The features named "network" are the answers of a small network over the whole stripe. '
            'It has been trained once on further simulated images of standard sizes, and on the same stripes stretched, '
            'so that it knows steps as high as those of the other sizes (`models/stripe_net.md`). So 600 images are what '
            'the support vector machine has learnt from, not all that the chain knows: the last table shows what is told '
            "without the network, and the comparisons what it tells alone. Our features count in the machine's kernel "
            'by their correlation ratio with the types, which it takes from its 600 images; in the last table they all '
            'count alike. The shipped model has learnt from more images than the protocol allows.',
            _table(('test', 'paper', 'ours, protocol', 'ours, shipped model', 'images'), *rows),
            _time_line(figures),
            "The paper's comparisons, five types, on the same images:",
            _table(('chain', 'paper', 'here', 'paper, ms', 'here, ms'), *compared),
            'Six types, all draws, rows are the true types:',
            _table(('', *six['types']), *confusion),
            'What each group of features brings, five types (`+`: with all above it):',
            _table(('features', 'accuracy'), *groups),
        ]
    )


def _time_line(figures: Figures) -> str:
    papers = figures['comparisons']["paper's chain as written"]['paper_ms_per_image']
    return f'Image to type on one thread, median: {_number(figures["ms_per_image"])} ms (paper: {papers} ms).'


def _seam(figures: Figures) -> str:
    rows = [
        (
            name,
            _number(row['rms_mm_straight']),
            _number(row['rms_mm_curved']),
            _number(row['max_mm']),
            percent(row['covered']),
            f'{row["fitted"]} of {row["total"]}',
        )
        for name, row in figures['per_joint'].items()
    ]
    rows.append(
        (
            '**all**',
            _number(figures['rms_mm_straight']),
            _number(figures['rms_mm_curved']),
            '',
            '',
            f'{figures["fitted"]} of {figures["total"]}',
        )
    )
    kind = 'nominal effects' if figures['hardness'] is None else 'all hard effects at random'
    return '\n\n'.join(
        [
            f'## Seam in 3D, {kind}, {figures["total"]} scans',
            'Distance of the fitted path from the true seam, sensor held wrongly by up to 10 degrees and 20 mm. An '
            f'ABB robot with a TH6D sensor is stated to reach {figures["paper"]["rms_mm_straight"]} mm on straight and '
            f'{figures["paper"]["rms_mm_curved"]} mm on curved seams. The root of a v is read by a drawing of its light '
            "whose optics are like the simulator's (`seam/root_gap.py`); no real camera has tried that. Where the "
            'camera looks over the upper edge of a lap its foot is hidden: how far that leans out, 0 to 6 degrees here, '
            'no image shows.',
            _table(('joint', 'RMS straight, mm', 'RMS curved, mm', 'worst, mm', 'length covered', 'paths'), *rows),
            f'Seam point in one image: {_number(figures["locate_ms_median"])} ms (median).',
        ]
    )


def _stripe(figures: Figures) -> str:
    times = figures['ms']['1_thread']
    rows = [
        (name, _number(times[name]['median']), _number(times[name]['p99']))
        for name in times
        if isinstance(times[name], dict)
    ]
    return '\n\n'.join(
        [
            '## Stripe in one image',
            _table(('method', 'median, ms', 'p99, ms'), *rows),
            f"Ours to the paper's chain {times['ridge_to_paper']}, to that chain written plainly "
            f'{times["ridge_to_naive"]}.',
        ]
    )


def _replay(figures: Figures) -> str:
    rows = [
        (
            kind,
            joint,
            _number(row['images_per_s']),
            _number(row['naive_decoding_images_per_s']),
            _number(row['replay_to_naive_decoding']),
        )
        for kind, joints in figures['rows'].items()
        for joint, row in joints.items()
    ]
    return '\n\n'.join(
        [
            '## Offline replay',
            'Images a second on one core from opening the bag to the seam path, decoding included: '
            f'{_number(figures["plain"]["images_per_s"])} (plain chunks), '
            f'{_number(figures["compressed"]["images_per_s"])} (zstd). Bare decoding by rosbags beside it.',
            _table(('chunks', 'joint', 'replay, images/s', 'bare decoding, images/s', 'bare to replay'), *rows),
        ]
    )


def _sim_render(figures: Figures) -> str:
    rows = [(name, _number(row['images_per_second_cpu'])) for name, row in figures['summary'].items()]
    return '\n\n'.join(['## Simulated sensor', _table(('effects', 'images/s on one core'), *rows)])


def _graph(figures: Figures) -> str:
    latency, processor, full = figures['latency_ms'], figures['processor'], figures['at_full_speed']
    rows = [
        ('image stamp to seam point, p50', f'{_number(latency["p50"])} ms'),
        ('the same, p99', f'{_number(latency["p99"])} ms'),
        ('time during which the processor ran at less than a third of its speed', f'{processor["slow_pct"]} %'),
        ('how much slower the same work then was', f'{_number(processor["slowdown_p99"])} times (p99)'),
        (
            f'the other images alone ({full["seam_points"]} of {figures["seam_points"]} points), p50',
            f'{_number(full["latency_ms"]["p50"])} ms',
        ),
        ('the same, p99', f'{_number(full["latency_ms"]["p99"])} ms'),
        ("processor time that this virtual machine's host gave to others", f'{_number(figures["stolen_pct"])} %'),
        ('images', str(figures['images'])),
        *((f'lost by {node}', str(count)) for node, count in figures['images_lost'].items()),
    ]
    return '\n\n'.join(
        [
            '## The running graph at 40 Hz, separate processes',
            'Where a machine throttles its processor, the same additions take several times as long for tenths of a '
            'second, without a gap and without time that a host would report as stolen '
            '(`benchmarks/processor_speed.py`). All images are in the first two rows.',
            _table(('what', 'measured'), *rows),
        ]
    )


def _soak(figures: Figures) -> str:
    rows = [
        (name, _number(row['memory_mb']), _number(row['growth_pct']), _number(row['cpu_pct']))
        for name, row in sorted(figures['nodes'].items())
    ]
    return '\n\n'.join(
        [
            '## Soak',
            f'{_number(figures["seconds"] / 60)} minutes, {figures["cycles"]} cycles, {figures["images"]} '
            f'images; lost: {", ".join(f"{n} by {name}" for name, n in figures["images_lost"].items())}.',
            _table(('node', 'memory, MB', 'growth, %', 'CPU, %'), *rows),
            '![Memory over time](figures/soak.png)',
        ]
    )


def _run(figures: Figures) -> str:
    rows = [
        ('tool speed along the weld, largest deviation', f'{_number(figures["tcp_speed_error_pct"])} %'),
        ('seam against truth, RMS', f'{_number(figures["seam_rms_mm"])} mm'),
        ('seam against truth, largest', f'{_number(figures["seam_max_mm"])} mm'),
        ('images lost', f'{figures["images_lost"]} of {figures["images"]}'),
    ]
    return '\n\n'.join([f'## A whole run, {figures["joint_type_truth"]}', _table(('what', 'measured'), *rows)])


def _score(row: Figures | None) -> str:
    if row is None:
        return ''
    spread = '' if row['spread'] is None else f' ± {100 * row["spread"]:.2f}'
    return f'{100 * row["accuracy"]:.2f}{spread} %'


def _number(value: float | None) -> str:
    return '' if value is None else f'{value:.4g}'


SECTIONS: dict[str, Callable[[Figures], str]] = {
    'joint_type': _joint_type,
    'seam': _seam,
    'seam_many': _seam,
    'seam_nominal': _seam,
    'stripe': _stripe,
    'replay': _replay,
    'sim_render': _sim_render,
    'graph': _graph,
    'soak': _soak,
    'run': _run,
}


if __name__ == '__main__':
    sys.exit(main())
