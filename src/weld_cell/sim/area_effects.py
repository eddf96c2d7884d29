"""What makes an image of the area camera hard to read."""

from dataclasses import dataclass

from numpy.random import Generator

from weld_cell.sim.dials import Dials, dial


@dataclass(frozen=True)
class AreaEffects(Dials):
    """One dial for each effect. Where the lamp stands is not here: the scene draws it."""

    uneven_light: float = dial('The lamp is near: one side of the table gets more light than the other.')
    specular: float = dial('Metal shines where it mirrors the lamp into the camera.')
    shadows: float = dial('What is thick throws a shadow on what it lies on.')
    table_texture: float = dial('Wear, scratches and marks on the table.')
    dust: float = dial('Bright specks and fibres on the table.')
    stray_light: float = dial('Daylight over a part of the image.')
    vignetting: float = dial('The image grows dark towards its corners.')
    defocus: float = dial('The lens is out of focus.')
    over_exposure: float = dial('Bright metal is brighter than the camera can tell.')
    dim_light: float = dial('The lamp is weak.')
    sensor_noise: float = dial('Shot and read noise, new in each image.')
    fixed_pattern: float = dial('Pixels and columns that differ, the same in each image.')

    @classmethod
    def nominal(cls) -> 'AreaEffects':
        """A clean cell with a good lamp: the default of the simulated cell."""
        return cls(
            uneven_light=0.35,
            specular=0.35,
            shadows=0.6,
            table_texture=0.3,
            dust=0.15,
            stray_light=0.05,
            vignetting=0.4,
            defocus=0.1,
            sensor_noise=0.15,
            fixed_pattern=0.15,
        )

    @classmethod
    def hard(cls, rng: Generator) -> 'AreaEffects':
        """All effects at once, each at random from 0 to 1."""
        return cls.at_random(rng, 1.0)
