"""The strip that shows where the sustain pedal is down."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from musicgen_app.core.score import PEDAL_DOWN_FROM, Score
from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import faded
from musicgen_app.ui.piano_roll.note_painting import paint_playhead
from musicgen_app.ui.piano_roll.part import RollPart
from musicgen_app.ui.piano_roll.state import RollState
from musicgen_app.ui.theme import Theme

HEIGHT = 16


class PedalLane(RollPart):
    """A bar for each time the pedal is held."""

    def __init__(self, state: RollState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(state, theme, parent)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Sustain pedal")
        self.setToolTip("Where the sustain pedal is down")
        self._read()
        state.viewport_changed.connect(self.refresh)
        state.notes_changed.connect(self._on_notes)
        state.playhead_moved.connect(self.update_playhead)

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def paint(self, canvas: Canvas) -> None:
        view, colours = canvas.view, canvas.colours
        canvas.fill(0, 0, view.width, view.height, colours.black_row)
        canvas.fill(0, 0, view.width, canvas.hair, colours.hairline)
        low, high = canvas.px(5), view.height - canvas.px(4)
        seen = (self._spans[:, 1] > view.left) & (self._spans[:, 0] < view.right)
        edges = np.rint(np.clip(view.xs(self._spans[seen]), -1, view.width + 1)).astype(int)
        for left, right in edges.tolist():
            width = max(canvas.hair, right - left - canvas.hair)
            canvas.fill(left, low, width, high - low, faded(colours.accent, 0.55))

    def paint_over(self, canvas: Canvas) -> None:
        paint_playhead(canvas, self.state.playhead)

    def _on_notes(self) -> None:
        if self.state.score.pedals is not self._pedals or self.state.score.end != self._end:
            self._read()
        self.refresh()

    def _read(self) -> None:
        score = self.state.score
        self._pedals, self._end = score.pedals, score.end
        self._spans = pedal_spans(score)


def pedal_spans(score: Score) -> NDArray[np.int64]:
    """Where a pedal is down: (first tick, tick of its release) a row; to the end where no release comes."""
    parts = [np.empty((0, 2), np.int64)]
    for track in np.unique(score.pedals["track"]):
        events = score.pedals[score.pedals["track"] == track]
        down = events["value"] >= PEDAL_DOWN_FROM
        change = np.diff(np.concatenate([[False], down]).astype(int))
        pressed = events["onset"][change == 1]
        released = events["onset"][change == -1]
        if len(released) < len(pressed):
            released = np.append(released, max(score.end, int(pressed[-1])))
        parts.append(np.stack([pressed, released], axis=1))
    return np.concatenate(parts)
