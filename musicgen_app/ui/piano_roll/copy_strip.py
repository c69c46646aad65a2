"""The strip above the notes that marks what stands in the training pieces too."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from musicgen_app.generation.originality import RUN_SIZES
from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import blend
from musicgen_app.ui.piano_roll.note_painting import paint_playhead
from musicgen_app.ui.piano_roll.part import RollPart
from musicgen_app.ui.piano_roll.state import RollState
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.originality import run_words

HEIGHT = 8
_EXPLAINED = "Notes in a row that stand in the training pieces too are marked here"
_CLICK = "Click to hear it"
_SHADES = dict(zip(RUN_SIZES, (0.38, 0.68, 1.0), strict=True))
"""How strong the colour is for runs of so many notes or more."""


class MarkedRun(Protocol):
    """What can be marked: so many notes or tokens, and the ticks from their first to the moment after their last."""

    @property
    def notes(self) -> int: ...

    @property
    def onset(self) -> int: ...

    @property
    def end(self) -> int: ...


class CopyStrip(RollPart):
    """Marks copied runs, the stronger the longer; a click plays the passage one was copied from.

    Signals:
        passage_asked: A run was clicked (one of those that were shown).
    """

    passage_asked = Signal(object)

    def __init__(self, state: RollState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(state, theme, parent)
        self.setFixedHeight(HEIGHT)
        self.runs: tuple[Any, ...] = ()
        self.words = ""
        self._told: Callable[[Any], str] = run_words
        self.show_runs((), "")
        state.viewport_changed.connect(self.refresh)
        state.playhead_moved.connect(self.update_playhead)

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def show_runs(self, runs: Sequence[MarkedRun], words: str, told: Callable[[Any], str] = run_words) -> None:
        """Mark these runs.

        Args:
            runs: What is copied.
            words: What was found in all; "" before anything was looked for.
            told: A run in a few words.
        """
        self._told = told
        # The longest are painted last, over the others.
        self.runs = tuple(sorted(runs, key=lambda run: run.notes))
        self.words = words or _EXPLAINED
        self.setAccessibleName(f"Copied runs: {self.words}")
        self.refresh()

    def run_at(self, x: float) -> Any:
        """The longest run under a place of the strip."""
        tick = self.state.viewport.tick(x)
        return next((run for run in reversed(self.runs) if run.onset <= tick < run.end), None)

    def paint(self, canvas: Canvas) -> None:
        view, colours = canvas.view, canvas.colours
        canvas.fill(0, 0, view.width, view.height, colours.surface)
        low, high = canvas.px(1), view.height - canvas.px(2)
        for run in self.runs:
            left, right = (min(max(round(view.x(tick)), -1), view.width + 1) for tick in (run.onset, run.end))
            if right >= 0 and left <= view.width:
                colour = blend(colours.surface, colours.copied, _shade(run))
                canvas.fill(left, low, max(canvas.px(2), right - left - canvas.hair), high - low, colour)
        canvas.fill(0, view.height - canvas.hair, view.width, canvas.hair, colours.hairline)

    def paint_over(self, canvas: Canvas) -> None:
        paint_playhead(canvas, self.state.playhead)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            run = self.run_at(event.pos().x())
            words = self.words if run is None else f"{self._told(run)}\n{_CLICK}"
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self.run_at(event.position().x()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        run = self.run_at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and run is not None:
            self.passage_asked.emit(run)


def _shade(run: MarkedRun) -> float:
    return max(shade for size, shade in _SHADES.items() if run.notes >= size)
