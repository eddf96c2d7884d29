"""The running graph: how fast, how long, and a whole run."""

from dataclasses import replace

from weld_cell.evaluation.figures import COUNT, Figure, Measurement, Unit, at_most
from weld_cell.evaluation.measurements.units import PERCENT

LATENCY = Unit('ms', 1)
STAMP_TO_POINT = 'From the stamp of an image to the arrival of its seam point in another process; all images count.'
UNTHROTTLED = 'The same of the images within which the speed probe saw no slow processor.'
LOST = 'Images published less those received, by joint_type and by seam_detector; the greater counts.'
GROWTH = 'Unique memory at the ends of cycles: median of the last tenth against that of the first tenth.'
FROM_TRUTH = 'Distance of the points of the path from the true seam.'

GRAPH_LOST = Figure(
    'images_lost',
    'running graph at 40 Hz, images lost',
    LOST,
    COUNT,
    'images_lost.*',
    at_most(0),
    total_path='images',
)

GRAPH = Measurement(
    'graph',
    'The running graph at 40 Hz, separate processes',
    'python benchmarks/graph.py --images 2000 --scan-only',
    'The whole cell as launched, with simulated sensor and robot, cycle after cycle without the weld.',
    (
        Figure(
            'latency_p50_ms',
            'running graph at 40 Hz, image stamp to seam point, p50',
            STAMP_TO_POINT,
            LATENCY,
            'latency_ms.p50',
            at_most(5),
        ),
        Figure(
            'latency_p99_ms',
            'running graph at 40 Hz, image stamp to seam point, p99',
            STAMP_TO_POINT,
            LATENCY,
            'latency_ms.p99',
            at_most(15),
            in_readme=True,
        ),
        Figure(
            'latency_p99_unthrottled_ms',
            'running graph at 40 Hz, the same p99 but for the time when the machine throttled its processor',
            UNTHROTTLED,
            LATENCY,
            'at_full_speed.latency_ms.p99',
        ),
        GRAPH_LOST,
    ),
    section='figures/graph.md.j2',
)

SOAK = Measurement(
    'soak',
    'Soak',
    'python benchmarks/graph.py --minutes 20 --scan-only --plot docs/figures/soak.png',
    'The same cell as in the running graph, for 20 minutes.',
    (
        replace(GRAPH_LOST, what='20 minutes of scanning, images lost', in_readme=True),
        Figure(
            'memory_growth_pct',
            "20 minutes of scanning, greatest growth of a node's memory",
            GROWTH,
            PERCENT,
            'nodes.*.growth_pct',
            at_most(2),
        ),
    ),
    slow=True,
    section='figures/soak.md.j2',
)

RUN = Measurement(
    'run',
    'A whole run',
    'weld_cell run --joint lap --seed 1 --out out/figures_run',
    'One simulated lap joint in the real node graph, from the approach to the end of the weld.',
    (
        Figure(
            'tcp_speed_error_pct',
            'tool speed along the weld, largest deviation',
            'From the joint states of the robot while it welds, but for 0.3 s at both ends.',
            Unit('%', 4),
            aim=at_most(1),
            in_readme=True,
        ),
        Figure('seam_rms_mm', 'whole run, seam against truth, RMS', FROM_TRUTH, Unit('mm', 4)),
        Figure('seam_max_mm', 'whole run, seam against truth, largest', FROM_TRUTH, Unit('mm', 4)),
        Figure(
            'images_lost',
            'whole run, images lost',
            'Images published while the seam was followed that the seam stage gave no account of.',
            total_path='images',
        ),
    ),
    writes='out/figures_run/summary.json',
)
