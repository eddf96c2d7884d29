"""Settings of the supervisor: nominal seam, scan, and time limits of the stages."""

from dataclasses import dataclass

from weld_cell.config import Settings, bounded, choice, numbers, switch, text
from weld_cell.records import VOTED, JointType


@dataclass(frozen=True)
class ScanSettings(Settings):
    """The nominal seam and the scan over it. The true seam may lie 20 mm and 5 degrees beside the nominal one."""

    start_m: tuple[float, ...] = numbers((1.0, -0.10, 0.2), 'm', 'nominal start of the seam in base_link')
    end_m: tuple[float, ...] = numbers((1.0, 0.10, 0.2), 'm', 'nominal end of the seam in base_link')
    normal: tuple[float, ...] = numbers((0.0, 0.0, 1.0), '', 'nominal direction out of the joint, base_link')
    joint_type: str = choice(VOTED, (VOTED, *JointType), 'the joint type; voted: decided by the vote of the images')
    speed_mm_s: float = bounded(25.0, 1.0, 200.0, 'mm/s', 'speed over the seam while tracking')
    search_speed_mm_s: float = bounded(50.0, 1.0, 200.0, 'mm/s', 'speed while the start is searched')
    lead_in_mm: float = bounded(35.0, 0.0, 200.0, 'mm', 'how far before the nominal start the search begins')
    search_mm: float = bounded(80.0, 10.0, 500.0, 'mm', 'how far the search for the start goes')
    sighted_images: int = bounded(3, 1, 50, 'images', 'images in a row that must show the joint')
    onto_mm: float = bounded(15.0, 0.0, 100.0, 'mm', 'how far past its sighted start the plates fill the stripe')
    step_back_mm: float = bounded(20.0, 1.0, 100.0, 'mm', 'how far before the sighted start the tracking begins')
    identify_mm: float = bounded(25.0, 1.0, 100.0, 'mm', 'stretch of the seam over which the joint type is voted')
    horizon_mm: float = bounded(60.0, 10.0, 300.0, 'mm', 'how far ahead the tracking motion is planned')
    join_mm: float = bounded(25.0, 5.0, 100.0, 'mm', 'stretch in which a correction is blended in')
    correction_s: float = bounded(0.5, 0.1, 5.0, 's', 'time between corrections of the tracking motion')
    takeover_s: float = bounded(0.2, 0.05, 2.0, 's', 'how far ahead in time a correction takes over')
    corridor_mm: float = bounded(60.0, 1.0, 300.0, 'mm', 'a seam foreseen further from the nominal is not followed')
    corridor_deg: float = bounded(40.0, 1.0, 80.0, 'deg', 'a seam foreseen at more to the nominal is not followed')
    lost_s: float = bounded(
        0.3,
        0.05,
        5.0,
        's',
        'time without a seam point that means its end, or its loss; a stripe without one may last longer',
    )
    stand_off_mm: float = bounded(
        0.0, 0.0, 100.0, 'mm', 'the sensor is held further off than its focus, to keep the wire off the work'
    )
    image_spacing_mm: float = bounded(
        2.0, 0.1, 50.0, 'mm', 'images at the ends of the seam must not lie further apart; late ones do'
    )
    length_tolerance_mm: float = bounded(40.0, 0.0, 500.0, 'mm', 'an end that comes earlier by more is a loss')
    seen_tolerance_mm: float = bounded(
        15.0, 0.0, 500.0, 'mm', 'the same where the area camera saw the part or the plates, whose length is known'
    )


@dataclass(frozen=True)
class LookSettings(Settings):
    """Whether a cycle begins with a look of the area camera at the part, or the plates, on the table."""

    part: bool = switch(False, "the part that the area camera sees says where its seams are, not scan's settings")
    expected_part: str = text('', 'code of the part that must lie there; empty: any that has a job')
    plate: bool = switch(False, 'the plates that it sees say where the seam is; welding it as seen implies this')


@dataclass(frozen=True)
class StageLimits(Settings):
    """How long each stage may take before it is a fault."""

    ready_s: float = bounded(90.0, 1.0, 600.0, 's', 'until robot, sensor and all nodes are there')
    look_s: float = bounded(30.0, 1.0, 600.0, 's', 'the look of the area camera at the part or the plates')
    approach_s: float = bounded(30.0, 1.0, 600.0, 's', 'motion to the start, and the search for it')
    identify_s: float = bounded(10.0, 1.0, 600.0, 's', 'vote on the joint type')
    track_s: float = bounded(120.0, 1.0, 3600.0, 's', 'following the seam')
    finish_s: float = bounded(10.0, 1.0, 600.0, 's', 'fitting the seam path')
    plan_s: float = bounded(20.0, 1.0, 600.0, 's', 'planning the weld')
    approve_s: float = bounded(900.0, 1.0, 86400.0, 's', 'until a person has approved the plan, and armed its arc')
    weld_s: float = bounded(600.0, 1.0, 7200.0, 's', 'motion along the weld')
