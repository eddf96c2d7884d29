"""Random sizes of the six joints: the standard ones of the paper's protocol, the other ones that its training never
saw, and the wide ones that a cell may weld.

The paper welds plates of 3 mm (v: 20 mm) and, as 'other sizes', of 5 mm (v: 25 mm).
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from weld_cell.records import JointType
from weld_cell.sim.joints import CrossSection, butt, filler_layer, fillet, lap, splice, v_groove

Range = tuple[float, float]


@dataclass(frozen=True)
class SizeRanges:
    """Least and greatest value of each size, in mm and degrees.

    Attributes:
        plate_mm: Thickness of thin plates (lap, butt, splice, fillet).
        groove_plate_mm: Thickness of grooved plates (v, filler_layer).
        gap_mm: Open gap of a butt joint.
        chamfer_mm: Depth of a splice's chamfers.
        bevel_deg: Angle of either chamfer to the plates' normal; None: 45 degrees, always.
        fillet_angle_deg: Between the plates of a fillet.
        groove_angle_deg: Between the walls of a groove.
        root_gap_mm: Of a groove.
        root_face_mm: Of a groove.
        fill: Filled part of a groove's depth.
        crown: Crown of a layer as a part of its width; negative is hollow.
        mismatch_mm: Greatest height of one plate over the other at full misalignment.
    """

    plate_mm: Range
    groove_plate_mm: Range
    gap_mm: Range = (0.5, 2.0)
    chamfer_mm: Range = (0.8, 1.6)
    bevel_deg: Range | None = None
    fillet_angle_deg: Range = (80.0, 100.0)
    groove_angle_deg: Range = (50.0, 70.0)
    root_gap_mm: Range = (0.0, 2.0)
    root_face_mm: Range = (0.0, 2.0)
    fill: Range = (0.3, 0.6)
    crown: Range = (-0.12, 0.12)
    mismatch_mm: float = 1.0


SIZES = {
    'standard': SizeRanges(plate_mm=(2.5, 3.5), groove_plate_mm=(18.0, 22.0)),
    'other': SizeRanges(plate_mm=(4.5, 5.5), groove_plate_mm=(23.5, 26.5)),
    'wide': SizeRanges(
        plate_mm=(2.0, 8.5),
        groove_plate_mm=(10.0, 26.0),
        gap_mm=(0.5, 8.5),
        chamfer_mm=(0.8, 2.5),
        bevel_deg=(10.0, 60.0),
        fillet_angle_deg=(70.0, 115.0),
        groove_angle_deg=(45.0, 75.0),
    ),
}


def random_cross_section(
    joint_type: JointType, rng: Generator, sizes: str = 'standard', misalignment: float = 0.0
) -> CrossSection:
    """A joint of random sizes.

    Args:
        joint_type: Which joint.
        rng: Where the sizes come from.
        sizes: A key of SIZES.
        misalignment: Dial 0 to 1 of the height of one plate over the other.

    Raises:
        ValueError: no such set of sizes.
    """
    if sizes not in SIZES:
        raise ValueError(f'sizes: expected one of {", ".join(SIZES)}, got {sizes!r}')
    section = _DRAW[joint_type](rng, SIZES[sizes], misalignment)
    return section.mirrored() if rng.random() < 0.5 else section


def _lap(rng: Generator, ranges: SizeRanges, misalignment: float) -> CrossSection:
    return lap(_mm(rng, ranges.plate_mm), rng.uniform(84.0, 90.0))


def _butt(rng: Generator, ranges: SizeRanges, misalignment: float) -> CrossSection:
    return butt(
        _mm(rng, ranges.plate_mm),
        _mm(rng, ranges.gap_mm),
        _mismatch(rng, ranges, misalignment),
        backing=rng.random() < 0.5,
    )


def _splice(rng: Generator, ranges: SizeRanges, misalignment: float) -> CrossSection:
    chamfer = _mm(rng, ranges.chamfer_mm)
    # A notch cannot hold a step deeper than itself; half of it keeps both chamfers in sight.
    step = max(-chamfer / 2, min(chamfer / 2, _mismatch(rng, ranges, misalignment)))
    depths = chamfer, chamfer * rng.uniform(0.9, 1.1)
    if ranges.bevel_deg is None:  # nothing is drawn, so that such a scene of a seed stays the same
        return splice(_mm(rng, ranges.plate_mm), depths, step)
    bevels = rng.uniform(*ranges.bevel_deg), rng.uniform(*ranges.bevel_deg)
    widths = tuple(depth * np.tan(np.radians(angle)) for depth, angle in zip(depths, bevels, strict=True))
    return splice(_mm(rng, ranges.plate_mm), widths, step, bevels)


def _fillet(rng: Generator, ranges: SizeRanges, misalignment: float) -> CrossSection:
    return fillet(_mm(rng, ranges.plate_mm), rng.uniform(*ranges.fillet_angle_deg))


def _v(rng: Generator, ranges: SizeRanges, misalignment: float) -> CrossSection:
    return v_groove(*_groove(rng, ranges), _mismatch(rng, ranges, misalignment), backing=rng.random() < 0.5)


def _filler_layer(rng: Generator, ranges: SizeRanges, misalignment: float) -> CrossSection:
    thickness, angle, gap, face = _groove(rng, ranges)
    fill = rng.uniform(*ranges.fill)
    width = gap + 2 * fill * (thickness - face) * np.tan(np.radians(angle) / 2)
    crown = width * rng.uniform(*ranges.crown)
    return filler_layer(thickness, angle, gap, face, fill, crown, _mismatch(rng, ranges, misalignment))


def _groove(rng: Generator, ranges: SizeRanges) -> tuple[float, float, float, float]:
    return (
        _mm(rng, ranges.groove_plate_mm),
        rng.uniform(*ranges.groove_angle_deg),
        _mm(rng, ranges.root_gap_mm),
        _mm(rng, ranges.root_face_mm),
    )


def _mm(rng: Generator, limits: Range) -> float:
    return rng.uniform(*limits) * 1e-3


def _mismatch(rng: Generator, ranges: SizeRanges, misalignment: float) -> float:
    return misalignment * rng.uniform(-1.0, 1.0) * ranges.mismatch_mm * 1e-3


_DRAW = {
    JointType.LAP: _lap,
    JointType.BUTT: _butt,
    JointType.SPLICE: _splice,
    JointType.FILLET: _fillet,
    JointType.V: _v,
    JointType.FILLER_LAYER: _filler_layer,
}
