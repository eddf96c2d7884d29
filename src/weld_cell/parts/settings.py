"""Settings of the part identification."""

from dataclasses import dataclass

from weld_cell.config import Settings, bounded, choice, switch


@dataclass(frozen=True)
class PartSettings(Settings):
    """How parts are found and told apart in an image of the area camera."""

    method: str = choice(
        'auto',
        ('auto', 'single', 'anywhere', 'literal'),
        'parts lying apart on an even background (single), any scene (anywhere), whichever fits (auto), or the '
        'search of Zhang et al. 2023 as written (literal)',
    )
    dead_zone_grey: float = bounded(12.0, 0.0, 100.0, 'grey levels', 'differences this small count as none')
    surface_share: float = bounded(
        0.6, 0.0, 1.0, '', 'the same for metal away from its edges, of the contrast; 0: its surface tells parts apart'
    )
    coefficient_floor: float = bounded(0.05, 0.0, 1.0, '', 'added to E, so that metal where none belongs counts')
    scale_min: float = bounded(1.0, 0.5, 1.0, '', 'least size of a part over that of its template')
    scale_max: float = bounded(1.0, 1.0, 2.0, '', 'greatest size of a part over that of its template')
    strictness: float = bounded(1.0, 0.01, 100.0, '', 'above 1 the learned limit for unknown parts is narrower')
    ambiguous_share: float = bounded(0.25, 0.0, 1.0, '', 'least lead over the runner-up, of what was learned')
    other_hand: bool = switch(True, 'the mirror image of a part that the library has in one hand only is refused')
    max_parts: int = bounded(40, 1, 1000, 'parts', 'most parts that are sought in an image')
    even_share: float = bounded(0.25, 0.01, 1.0, '', 'spread of an even background, of the contrast of the parts')
