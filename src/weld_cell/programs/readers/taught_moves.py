"""Moves in the order of a text, where the arc and the weave are switched by lines between them."""

from dataclasses import replace

from weld_cell.records import ArcEvent, TaughtMove


class TaughtMoves:
    """Collects moves; the arc that is switched on belongs to the move before, and to those that follow."""

    def __init__(self) -> None:
        self.moves: list[TaughtMove] = []
        self._burns = False
        self._weaves = False

    def add(self, move: TaughtMove) -> None:
        """One more move."""
        arc = ArcEvent.WELD if self._burns else move.arc
        self.moves.append(replace(move, arc=arc, weave=move.weave or self._weaves))

    def switch_arc(self, on: bool) -> None:
        """The arc is struck, or put out, where the last move ended; nothing changes where it is so already."""
        if on is self._burns:
            return
        self._burns = on
        if self.moves:
            self.moves[-1] = replace(self.moves[-1], arc=ArcEvent.START if on else ArcEvent.END)

    def switch_weave(self, on: bool) -> None:
        """The tool weaves from here on, or no longer."""
        self._weaves = on
