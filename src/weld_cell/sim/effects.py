"""What makes a real stripe hard to read: one dial from 0 (absent) to 1 (as bad as it gets) for each effect.

The sensor's stand-off and angles are not here: the scene and the data set draw them.
"""

from dataclasses import dataclass, fields

from numpy.random import Generator

from weld_cell.config import Settings, bounded


def _dial(doc: str) -> float:
    setting: float = bounded(0.0, 0.0, 1.0, '', doc)
    return setting


@dataclass(frozen=True)
class HardEffects(Settings):
    """One dial for each effect."""

    saturation: float = _dial('Over-exposure: the stripe is brighter than the camera can tell.')
    blooming: float = _dial('Light that spills around bright parts of the stripe.')
    speckle: float = _dial('Grain of coherent light, new in each image.')
    mill_scale: float = _dial('Dark and bright blotches of rolled steel, fixed to the surface.')
    grinding: float = _dial('Fine scratches of grinding along or across the seam, fixed to the surface.')
    rust: float = _dial('Patches of dark, rough rust, fixed to the surface.')
    specular_breaks: float = _dial('Mirror-like spots: dark breaks in the stripe and glints.')
    second_reflections: float = _dial('The stripe seen again in the other wall of a fillet or groove.')
    shadows: float = _dial('Stretches of the stripe that something in the cell hides from the laser.')
    ambient_light: float = _dial('Daylight and lamps through the band-pass filter.')
    sensor_noise: float = _dial('Noise of the image sensor.')
    motion_blur: float = _dial('The robot shakes or moves during the exposure.')
    spatter: float = _dial('Bright streaks of spatter from welding near by.')
    arc_glare: float = _dial('Flickering light of an arc near by.')
    tack_welds: float = _dial('Tack welds on the seam.')
    misalignment: float = _dial('Height of one plate over the other (up to 1 mm).')

    @classmethod
    def none(cls) -> 'HardEffects':
        """An ideal image of an ideal joint."""
        return cls()

    @classmethod
    def nominal(cls) -> 'HardEffects':
        """A clean cell with ordinary plates: the default of the simulated cell."""
        return cls(
            saturation=0.2,
            blooming=0.2,
            speckle=0.25,
            mill_scale=0.2,
            grinding=0.2,
            rust=0.1,
            specular_breaks=0.1,
            second_reflections=0.4,
            shadows=0.1,
            ambient_light=0.1,
            sensor_noise=0.2,
            motion_blur=0.1,
            misalignment=0.3,
        )

    @classmethod
    def hard(cls, rng: Generator) -> 'HardEffects':
        """All effects at once, each at random from 0 to 1."""
        return cls.at_random(rng, 1.0)

    @classmethod
    def at_random(cls, rng: Generator, hardness: float) -> 'HardEffects':
        """All effects at once, each at random from 0 to a hardness (0 to 1).

        Raises:
            ValueError: the hardness lies outside 0 to 1.
        """
        if not 0.0 <= hardness <= 1.0:
            raise ValueError(f'hardness: expected 0 to 1, got {hardness!r}')
        names = [f.name for f in fields(cls)]
        return cls(**dict(zip(names, rng.uniform(0.0, hardness, len(names)).tolist(), strict=True)))
