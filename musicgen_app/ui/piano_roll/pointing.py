"""Where the mouse is in the music, and what is under it."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt

from musicgen_app.ui.piano_roll.state import RollState

BODY, START, END = "body", "start", "end"
_EDGE = 7.0  # pixels in which an edge can be grabbed
_SLACK = 3.0  # pixels by which a note may be missed
_WITH_EDGES = 12.0  # narrower notes have no edges, so that they can still be moved


@dataclass(frozen=True, slots=True)
class Pointer:
    """A place of the mouse over the roll.

    Attributes:
        x: Pixels from the left edge.
        y: Pixels from the upper edge.
        tick: The time there, with its fraction; may be below 0.
        pitch: The row there, 0 to 127.
        shift: Held: adds to the selection, or keeps a drag in one direction.
        ctrl: Held: copies.
        alt: Held: leaves the grid.
    """

    x: float
    y: float
    tick: float
    pitch: int
    shift: bool = False
    ctrl: bool = False
    alt: bool = False

    def is_near(self, other: "Pointer") -> bool:
        """Whether the way between two is too short to be a drag."""
        return abs(self.x - other.x) + abs(self.y - other.y) < 4


@dataclass(frozen=True, slots=True)
class Hit:
    """A note under the mouse.

    Attributes:
        note: Its index.
        part: `BODY`, `START` or `END`.
    """

    note: int
    part: str


@dataclass(frozen=True, slots=True)
class Hover:
    """What the mouse is over, for those who tell about it."""

    pointer: Pointer
    hit: Hit | None


def pointer_at(state: RollState, place: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
    """The pointer for a place in the roll."""
    held = Qt.KeyboardModifier
    return Pointer(
        place.x(),
        place.y(),
        state.viewport.tick(place.x()),
        state.viewport.pitch(place.y()),
        shift=bool(modifiers & held.ShiftModifier),
        ctrl=bool(modifiers & held.ControlModifier),
        alt=bool(modifiers & held.AltModifier),
    )


def hit_at(state: RollState, pointer: Pointer) -> Hit | None:
    """The note under the pointer, or just missed by it."""
    slack = _SLACK * state.viewport.ticks_per_pixel
    note = state.index.at(pointer.tick, pointer.tick + 1, pointer.pitch)
    if note is None:
        note = state.index.at(pointer.tick - slack, pointer.tick + slack, pointer.pitch)
    if note is None:
        return None
    left = state.viewport.x(float(state.index.onset[note]))
    right = state.viewport.x(float(state.index.end[note]))
    if right - left >= _WITH_EDGES:
        edge = min(_EDGE, (right - left) / 4)
        if pointer.x >= right - edge:
            return Hit(note, END)
        if pointer.x <= left + edge:
            return Hit(note, START)
    return Hit(note, BODY)
