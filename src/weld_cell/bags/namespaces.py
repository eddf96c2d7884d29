"""Which robot's topics belong to the images of a camera, where a bag holds several cells.

Cells on one network have a namespace each, and the same names of frames and robot joints in it.
"""

from collections.abc import Iterable


def beside(topics: Iterable[str], images: str) -> list[str]:
    """Of topics of one kind those of the cell that an image topic belongs to: `tf` or `joint_states`.

    These are the ones in a namespace that the image topic lies in; where there is none, all of them.
    """
    named = list(topics)
    return [topic for topic in named if images.startswith(topic[: topic.rindex('/') + 1])] or named
