"""One bag, from its file to its result files."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from weld_cell.bags.reading import BagReader, open_bag
from weld_cell.replays.laser import TOPIC as LASER_TOPIC
from weld_cell.replays.laser import replay_laser
from weld_cell.replays.plates import TOPIC as PLATES_TOPIC
from weld_cell.replays.plates import replay_plate_bag
from weld_cell.replays.request import Replayed, ReplayRequest
from weld_cell.replays.spot_welds import replay_spot_weld_bag

Way = Callable[[BagReader, str, ReplayRequest], Replayed]
"""What is looked for on a topic; writes its results."""


def replay_bag(path: Path, request: ReplayRequest) -> Replayed:
    """Replay a bag and write its results: same bag, same bytes.

    Raises:
        WeldCellError: bag, rig or settings cannot be read.
        ValueError: what is asked contradicts itself.
    """
    if request.plate and request.spot_weld:
        raise ValueError('--plate and --spot-weld: expected one of them')
    request.out.mkdir(parents=True, exist_ok=True)  # before the work, not after it
    with open_bag(path) as bag:
        way = _way(bag, request)
        topic = request.topic or _raw_or_compressed(bag, LASER_TOPIC if way is replay_laser else PLATES_TOPIC)
        replayed = way(bag, topic, request)
        return replace(replayed, problems=[*bag.problems, *replayed.problems])


def _way(bag: BagReader, request: ReplayRequest) -> Way:
    """What is looked for."""
    if request.spot_weld:
        return replay_spot_weld_bag
    return replay_plate_bag if request.plate or _has_plates_only(bag, request.topic) else replay_laser


def _raw_or_compressed(bag: BagReader, topic: str) -> str:
    """A topic, or the compressed one below it where the bag has only that."""
    compressed = f'{topic}/compressed'
    return compressed if f'/{topic}' not in bag.topics() and f'/{compressed}' in bag.topics() else topic


def _has_plates_only(bag: BagReader, topic: str | None) -> bool:
    """Whether images of the area camera are asked for, or are all that there is."""
    topics = {name.strip('/').removesuffix('/compressed') for name in (bag.topics() if topic is None else [topic])}
    return PLATES_TOPIC in topics and LASER_TOPIC not in topics
