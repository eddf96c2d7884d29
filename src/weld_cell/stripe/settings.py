"""Settings of the laser stripe stage."""

from dataclasses import dataclass

from weld_cell.config import Settings, bounded, choice

DIRECTIONS = ('vertical', 'horizontal', 'auto')


@dataclass(frozen=True)
class StripeSettings(Settings):
    """How the laser stripe is found in an image."""

    method: str = choice('ridge', ('ridge', 'paper'), 'sub-pixel ridge, or the chain of Zeng et al. 2020')
    laser_colour: str = choice('red', ('red', 'green', 'blue'), 'colour of the laser, for colour images')
    direction: str = choice(
        'vertical',
        DIRECTIONS,
        'how the stripe runs in the image: along columns, along rows, or found out by the first images, aslant too',
    )
    roi_left_px: int = bounded(0, 0, 10000, 'px', 'first column that is searched')
    roi_top_px: int = bounded(0, 0, 10000, 'px', 'first row that is searched')
    roi_width_px: int = bounded(0, 0, 10000, 'px', 'columns that are searched; 0: to the right edge')
    roi_height_px: int = bounded(0, 0, 10000, 'px', 'rows that are searched; 0: to the bottom edge')
    max_width_px: int = bounded(32, 4, 100, 'px', 'what is wider than this across is not the stripe')
    min_contrast: int = bounded(6, 1, 200, 'grey levels', 'least height of the stripe over its surroundings')
    jump_px: float = bounded(50.0, 5.0, 1000.0, 'px', 'a leap this wide between two pieces costs a row of support')
    min_rows: int = bounded(40, 4, 10000, 'rows', 'least number of rows in which the stripe is seen')
    min_measured_share: float = bounded(
        0.5, 0.0, 1.0, '', 'least share of measured rows between the ends of the stripe'
    )
    min_light_share: float = bounded(
        0.4, 0.0, 1.0, '', 'least share of the stripe in all light that is bright and narrow'
    )
    min_standout: float = bounded(
        5.0,
        1.0,
        50.0,
        'noise thresholds',
        'height from which on so much light is enough; a lower stripe has to be alone',
    )
    alone_share: float = bounded(0.95, 0.0, 1.0, '', 'share of the light from which on a stripe is alone')
    bridge_rows: int = bounded(240, 0, 10000, 'rows', 'longest gap that is bridged by a straight line')
    ambiguous_share: float = bounded(0.7, 0.1, 1.0, '', 'a rival with this share of the light is too many')
    saturated_share: float = bounded(0.5, 0.05, 1.0, '', 'above this share of saturated pixels they are to blame')
