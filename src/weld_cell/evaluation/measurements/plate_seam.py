"""How well plate seams are located and traced, and how fast; and the paper's own comparisons."""

from weld_cell.evaluation.figures import Figure, Measurement, Unit, at_least, at_most

SHARE = Unit('', 4)
MM = Unit('mm', 3)
LOCATED = (
    'Boxes of the network on simulated images of scenes that it has not seen, under cameras, lamps and noises of '
    'their own; matched from an intersection over union of 0.5 on, precision and recall at the best F1.'
)
TRACED = (
    "Distances of all path points from the true seam, from the image to millimetres, under the rig's own camera; "
    'images whose seam is refused are not in it.'
)
GLARE = 'Straight and curved seams under smoke, with an arc that burns beyond their start.'
TIMED = 'Median of one image of 1456 x 1088 pixels, from its pixels to the path in millimetres.'


def traced(name: str, what: str, aim: float, paper: float | None = None) -> Figure:
    """An error of the path."""
    return Figure(name, what, TRACED, MM, aim=at_most(aim), paper=paper)


PLATE_SEAM = Measurement(
    'plate_seam',
    'Plate seams',
    'weld_cell evaluate plate-seam',
    'Simulated plates with gaps of 0.1 to 2 mm, tack welds, scratches, spatter and clamps over the seam; no scene '
    'and no seed is one that the network was trained on. The paths are those of the cell by default: traced in the '
    'whole image and confirmed by the network (`plates.locate: confirmed`). The times are of the regions of the '
    'network alone (`plates.locate: network`), as in the paper.',
    (
        Figure('map50', 'plate seams located, mAP50', LOCATED, SHARE, aim=at_least(0.995), paper=0.994),
        Figure('precision', 'plate seams located, precision', LOCATED, SHARE, aim=at_least(0.985), paper=0.981),
        Figure('recall', 'plate seams located, recall', LOCATED, SHARE, aim=at_least(0.985), paper=0.98),
        Figure(
            'mae_mm_straight',
            'path of a straight plate seam, mean error',
            TRACED,
            MM,
            aim=at_most(0.05),
            paper=0.13,
        ),
        traced('max_mm_straight', 'path of a straight plate seam, largest error', 0.2, 0.2),
        traced('mae_mm_curved', 'path of a curved plate seam, mean error', 0.1),
        Figure(
            'glare_ok',
            'plate seams under smoke beside a burning arc, mean error within 0.15 mm',
            GLARE,
            Unit('%', 1, 100.0),
            'glare.share_ok',
            at_least(95),
        ),
        Figure(
            'glare_every_point_ok',
            'the same, every point within 0.15 mm',
            GLARE,
            Unit('%', 1, 100.0),
            'glare.share_every_point_ok',
        ),
        Figure(
            'glare_worst',
            'the same, largest error of those that are not refused',
            GLARE,
            MM,
            'glare.worst_mm',
            at_most(1),
        ),
        Figure(
            'image_ms', 'image to plate seam, one thread', TIMED, Unit('ms', 1), 'ms_per_image.threads_1', paper=54
        ),
        Figure(
            'to_plain',
            'image to plate seam on two threads, times as fast as plain torch and plain OpenCV',
            TIMED,
            Unit('', 1),
            'ms_per_image.plain_to_threads_2',
            at_least(3),
        ),
        Figure(
            'parameters_m', 'network that locates them, million parameters', 'Counted.', Unit('', 2), aim=at_most(3.7)
        ),
        Figure('gflops', 'the same, GFLOPs at 640 px', 'Counted.', Unit('', 2), aim=at_most(9.5)),
        Figure('file_mb', 'the same, file', 'Counted.', Unit('MB', 2), aim=at_most(7.2)),
    ),
    publisher='by the paper (Machines 2025, 13(11), 992) of its own plates; its time is of a Jetson Nano (Sensors '
    '24:4690)',
    section='figures/plate_seam.md.j2',
)

PLATE_SEAM_COMPARISONS = Measurement(
    'plate_seam_comparisons',
    'Plate seams: the comparisons of the paper',
    'python benchmarks/plate_seam_comparisons.py --plot docs/figures/plate_seam_comparisons.png',
    'The chain of the paper with one setting changed at a time, straight seams, each image under one of the three '
    'noises of the paper; at the end the method of this package on the same images.',
    (
        Figure(
            'paper_median_mm',
            'path of a straight plate seam under noise, by the chain of the paper, median of the mean errors',
            'Of the images that give a seam.',
            MM,
            'method.paper.median_mm',
            paper=0.13,
        ),
        Figure(
            'ours_median_mm',
            'the same by the method of this package',
            'Of the images that give a seam.',
            MM,
            'method.this package.median_mm',
        ),
    ),
    publisher='by the same paper, of its own plates',
    section='figures/plate_seam_comparisons.md.j2',
)
