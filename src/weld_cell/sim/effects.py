"""What makes a real stripe hard to read: one dial from 0 (absent) to 1 (as bad as it gets) for each effect.

The sensor's stand-off and angles are not here: the scene and the data set draw them.
"""

from dataclasses import dataclass

from numpy.random import Generator

from weld_cell.sim.dials import Dials, dial


@dataclass(frozen=True)
class HardEffects(Dials):
    """One dial for each effect."""

    saturation: float = dial('Over-exposure: the stripe is brighter than the sensor can record.')
    blooming: float = dial('Light that spreads around bright parts of the stripe.')
    speckle: float = dial('Speckle of the coherent laser light, different in each image.')
    mill_scale: float = dial('Dark and bright patches of mill scale, fixed to the surface.')
    grinding: float = dial('Fine grinding marks along or across the seam, fixed to the surface.')
    rust: float = dial('Patches of dark, rough rust, fixed to the surface.')
    specular_breaks: float = dial('Specular spots: gaps in the stripe, and glints.')
    second_reflections: float = dial('The stripe reflected in the other wall of a fillet or groove.')
    shadows: float = dial('Parts of the stripe where an object in the cell blocks the laser.')
    ambient_light: float = dial('Daylight and lamplight that pass the band-pass filter.')
    sensor_noise: float = dial('Noise of the image sensor.')
    motion_blur: float = dial('The robot vibrates or moves during the exposure.')
    spatter: float = dial('Bright streaks of spatter from a weld nearby.')
    arc_glare: float = dial('Flickering light of an arc nearby.')
    tack_welds: float = dial('Tack welds on the seam.')
    misalignment: float = dial('Height of one plate over the other (up to 1 mm).')

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
