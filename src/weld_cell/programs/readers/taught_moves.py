"""Moves in the order of a text, where the arc and the weave are switched by lines between them."""

from dataclasses import replace

from weld_cell.records import ArcEvent, MoveKind, TaughtMove


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
        if not self.moves:
            return
        last = self.moves[-1]
        if on and last.arc is ArcEvent.END:  # one seam ends where the next one begins
            self.moves.append(replace(last, kind=MoveKind.LINEAR, via=None, arc=ArcEvent.START))
        elif last.arc is ArcEvent.START:  # struck and put out at one place: no seam
            self.moves[-1] = replace(last, arc=ArcEvent.OFF)
        else:
            self.moves[-1] = replace(last, arc=ArcEvent.START if on else ArcEvent.END)

    def switch_weave(self, on: bool) -> None:
        """The tool weaves from here on, or no longer."""
        self._weaves = on
