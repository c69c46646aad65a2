"""Ties the scroll bars to the view."""

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QScrollBar

from musicgen_app.ui.piano_roll.coordinates import MARGIN, PITCHES
from musicgen_app.ui.piano_roll.state import RollState

_FINEST = 1_000_000  # a scroll bar counts in whole numbers; time gets this many places


def bind_scroll_bars(state: RollState, across: QScrollBar, down: QScrollBar) -> None:
    """Let the bars show and move the view."""
    _Bars(state, across, down)


class _Bars(QObject):
    def __init__(self, state: RollState, across: QScrollBar, down: QScrollBar) -> None:
        super().__init__(across)
        self._state = state
        self._across = across
        self._down = down
        self._showing = False
        state.viewport_changed.connect(self._show)
        state.notes_changed.connect(self._show)
        across.valueChanged.connect(self._on_across)
        down.valueChanged.connect(self._on_down)
        self._show()

    def _times(self) -> tuple[float, float]:
        """The first tick that can stand at the left edge, and the last."""
        view = self._state.viewport
        first = -MARGIN * view.ticks_per_pixel
        return first, max(first, self._state.extent - view.span / 2)

    def _show(self) -> None:
        self._showing = True
        view = self._state.viewport
        first, last = self._times()
        whole = last - first + view.span
        share = view.span / whole
        room = round(_FINEST * (1 - share))
        self._across.setRange(0, room)
        self._across.setPageStep(max(1, round(_FINEST * share)))
        self._across.setSingleStep(max(1, self._across.pageStep() // 10))
        self._across.setValue(round(room * (view.left - first) / (last - first)) if last > first else 0)
        rows = round(1000 * (PITCHES - view.rows))
        self._down.setRange(0, max(0, rows))
        self._down.setPageStep(max(1, round(1000 * view.rows)))
        self._down.setSingleStep(1000)
        self._down.setValue(round(1000 * view.top))
        self._showing = False

    def _on_across(self, value: int) -> None:
        if not self._showing and self._across.maximum() > 0:
            first, last = self._times()
            left = first + (last - first) * value / self._across.maximum()
            self._state.set_viewport(replace(self._state.viewport, left=left))

    def _on_down(self, value: int) -> None:
        if not self._showing:
            self._state.set_viewport(replace(self._state.viewport, top=value / 1000))
