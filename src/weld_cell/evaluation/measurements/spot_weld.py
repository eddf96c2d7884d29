"""How well spot welds are found and judged, and how fast."""

from weld_cell.evaluation.figures import Figure, Measurement, Unit, at_least, at_most

SHARE = Unit('', 4)
PX = Unit('px', 2)
MS = Unit('ms', 0)
PIXELS = (
    'Pixels on and about the true welds, the anomaly map of the whole chain against the drawn defects; what the '
    'finder did not find counts as map 0.'
)
FOUND = 'Boxes about the circles of the finder, matched from an intersection over union of 0.5 on.'
SMALL = 'Of welds of 32 px at most.'
TILES = (
    'Pixel AUROC. Magnetic tiles with pixel masks; bank of free tiles of other numbers than the tested ones, on the '
    'same features as the welds.'
)
COUPONS = (
    '14 photographed coupons; bank of six good ones, the rest held out, the mean of all choices of six. The '
    "method's constants were chosen while these were looked at."
)
TIMED = 'A panel of 1456 x 1088 px with 40 welds, found, cut out and compared; the fastest of five rounds.'

SPOT_WELD = Measurement(
    'spot_weld',
    'Spot welds',
    'weld_cell evaluate spot-weld',
    'Simulated body panels with 10 to 60 welds of 20 to 80 px, three in ten defective, holes, bolts and stamps '
    'among them; no panel is one that the network was trained on or that the bank was made of. The bank is of good '
    'welds of 48 other panels, as the finder places them. The whole chain: a weld that is not found '
    'counts as one that is called good, a look-alike that is called defective as a false alarm.',
    (
        Figure('pixel_auroc', 'defective pixels of spot welds, AUROC', PIXELS, SHARE, aim=at_least(0.98), paper=0.94),
        Figure('pixel_aupro', 'the same, AUPRO up to 30 % false pixels', PIXELS, SHARE, aim=at_least(0.9)),
        Figure(
            'f1',
            'spot welds called defective, F1',
            'Of all welds of all panels, end to end.',
            SHARE,
            aim=at_least(0.95),
            paper=0.93,
        ),
        Figure('recall', 'spot welds found, recall', FOUND, SHARE, 'detection.recall', at_least(0.99)),
        Figure('precision', 'spot welds found, precision', FOUND, SHARE, 'detection.precision', at_least(0.99)),
        Figure(
            'recall_small', 'small spot welds found, recall', SMALL, SHARE, 'detection.recall_small', at_least(0.99)
        ),
        Figure(
            'precision_small',
            'small spot welds found, precision',
            SMALL,
            SHARE,
            'detection.precision_small',
            at_least(0.99),
        ),
        Figure(
            'centre_px',
            'middle of a spot weld, mean error',
            'Of those that are found.',
            PX,
            'detection.centre_px',
            at_most(1),
        ),
        Figure('blowhole', 'blowholes of real tiles, pixels', TILES, SHARE, 'real_tiles.blowhole', at_least(0.9)),
        Figure('break', 'breaks of real tiles, pixels', TILES, SHARE, 'real_tiles.break', at_least(0.85)),
        Figure(
            'coupons_found',
            'spot welds of real coupons found',
            'A middle within the label.',
            Unit('', 0),
            'real_coupons.found',
            at_least(14),
            total_path='real_coupons.of',
        ),
        Figure(
            'coupons_auroc', 'good and bad real coupons, AUROC', COUPONS, SHARE, 'real_coupons.auroc', at_least(0.95)
        ),
        Figure('panel_ms', 'panel with 40 spot welds, two threads', TIMED, MS, 'ms_panel.threads_2'),
        Figure(
            'to_plain',
            'the same, times as fast as the same maps by plain PatchCore',
            TIMED,
            Unit('', 1),
            'ms_panel.times_faster',
            at_least(4),
        ),
        Figure('per_weld_ms', 'each further weld, one thread', TIMED, Unit('ms', 1), 'ms_panel.per_weld'),
        Figure('bank_mb', 'bank of good welds', 'Counted.', Unit('MB', 2), aim=at_most(20)),
        Figure(
            'bank_s',
            'the same, time to build it',
            'Of about 200 welds that are cut out, thresholds included.',
            Unit('s', 0),
            aim=at_most(120),
        ),
    ),
    publisher='by the paper (an abstract), of its own welds and open sets',
    section='figures/spot_weld.md.j2',
)
