"""Settings of the classical plate-seam method."""

from dataclasses import dataclass

from weld_cell.config import Settings, bounded, choice

MOST_OVERLAP = 0.5


@dataclass(frozen=True)
class LocateSettings(Settings):
    """Which of the network's boxes count."""

    min_score: float = bounded(0.2, 0.01, 0.99, '', 'network: least score of a region')
    min_confirming_score: float = bounded(
        0.02, 0.001, 0.99, '', 'confirmed: least score of a region that confirms a line of the whole image'
    )
    most_overlap: float = bounded(
        MOST_OVERLAP, 0.0, 1.0, '', 'boxes that overlap more are one; intersection over union'
    )


@dataclass(frozen=True)
class PlateSeamSettings(Settings):
    """How a seam is traced within its region, and when it is refused."""

    method: str = choice('ridge', ('ridge', 'paper'), 'sub-pixel edges of the gap, or Prewitt and Hough of the paper')
    kind: str = choice('butt', ('butt', 'lap', 'auto'), 'a gap, the edge of the upper of two plates, or what is seen')
    denoise: str = choice('median', ('median', 'mean', 'none'), 'filter over the image')
    denoise_px: int = bounded(3, 3, 9, 'px', 'side of the filter, odd')
    operator: str = choice(
        'improved_prewitt',
        ('improved_prewitt', 'prewitt', 'sobel', 'roberts', 'log', 'canny'),
        'paper: edge operator',
    )
    hough_threshold: int = bounded(150, 1, 10000, 'votes', 'paper: least peak of the Hough transform')
    hough_length_px: int = bounded(100, 2, 10000, 'px', 'paper: shortest segment')
    hough_gap_px: int = bounded(10, 0, 1000, 'px', 'paper: largest gap within a segment')
    max_gap_px: int = bounded(40, 3, 201, 'px', 'widest gap that is looked for')
    max_gap_mm: float = bounded(6.0, 0.1, 100.0, 'mm', 'widest gap that is a seam')
    blur_px: float = bounded(0.7, 0.3, 5.0, 'px', 'usual standard deviation of the blur by lens and pixels')
    dark_share: float = bounded(0.05, 0.0, 0.8, '', "usual brightness of a gap's inside over that of the plates")
    min_depth: float = bounded(0.06, 0.005, 0.9, '', 'least darkness of a gap that is seen, over the plates')
    min_contrast_sigma: float = bounded(3.0, 1.0, 50.0, 'sigma', 'least darkness of a gap over the noise beside it')
    max_degree: int = bounded(9, 1, 15, '', 'highest polynomial of a bent seam')
    outlier_sigma: float = bounded(4.0, 1.0, 20.0, 'sigma', 'readings further from the path are left out')
    noise_floor_mm: float = bounded(0.03, 0.0001, 1.0, 'mm', 'scatter below which none is believed')
    spacing_mm: float = bounded(2.0, 0.1, 50.0, 'mm', 'distance between neighbouring path points')
    max_end_mm: float = bounded(10.0, 0.0, 200.0, 'mm', 'how far a seam goes on unseen to the ends of the plates')
    min_length_mm: float = bounded(20.0, 1.0, 5000.0, 'mm', 'shortest seam')
    max_scatter_mm: float = bounded(0.4, 0.01, 10.0, 'mm', 'scatter at which a seam is refused')
    max_unseen_mm: float = bounded(60.0, 1.0, 1000.0, 'mm', 'longest stretch of a seam that nobody sees')
    min_seen_share: float = bounded(0.5, 0.1, 1.0, '', 'least share of a seam that is seen')
    min_fill: float = bounded(
        0.5, 0.0, 1.0, '', "least extent of a seam over that of the network's region, which a whole seam fills"
    )
    min_confidence: float = bounded(0.4, 0.0, 1.0, '', 'least confidence')
    min_confidence_alone: float = bounded(
        0.65, 0.0, 1.0, '', 'least confidence of a line of the whole image that the network does not confirm'
    )
    ambiguous_share: float = bounded(0.8, 0.1, 1.0, '', 'a rival as strong as this part of the seam is too many')
    same_seam_mm: float = bounded(3.0, 0.1, 50.0, 'mm', 'seams nearer than this to each other are one')

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.denoise_px % 2 == 0:
            raise ValueError(f'denoise_px: expected an odd number, got {self.denoise_px}')
