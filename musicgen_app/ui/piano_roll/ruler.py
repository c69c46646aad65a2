"""The ruler above the notes: bars, beats and seconds, the playhead's handle and the loop."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QMouseEvent
from PySide6.QtWidgets import QWidget

from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import faded
from musicgen_app.ui.piano_roll.grid_painting import bar_lines, beat_onsets
from musicgen_app.ui.piano_roll.note_names import clock
from musicgen_app.ui.piano_roll.note_painting import paint_cap
from musicgen_app.ui.piano_roll.part import RollPart
from musicgen_app.ui.piano_roll.state import RollState
from musicgen_app.ui.theme import Theme, tabular_font

HEIGHT = 40
_BARS_TOP = 19
_STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
_GRAB = 5
_NAMED_BEAT = 44  # pixels from which beats get their names


class Ruler(RollPart):
    """A click moves the playhead, a drag marks the loop or moves one of its ends; a double click clears it.

    A drag with the right button, or with Ctrl, scrubs: it lets what stands under the mouse be heard.
    """

    def __init__(self, state: RollState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(state, theme, parent)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Ruler")
        self.setToolTip(
            "Click to move the playhead, drag to mark a loop, double click to clear it.\n"
            "Drag with the right button, or with Ctrl, to hear the music under the mouse."
        )
        self._from: int | None = None
        self._pressed_x = 0.0
        self._dragged = False
        self._scrubs = Qt.MouseButton.NoButton
        for signal in (state.viewport_changed, state.loop_changed, state.notes_changed, state.focus_changed):
            signal.connect(self.refresh)
        state.playhead_moved.connect(self.update_playhead)

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def paint(self, canvas: Canvas) -> None:
        view, colours = canvas.view, canvas.colours
        canvas.fill(0, 0, view.width, view.height, colours.surface)
        self._paint_loop(canvas)
        self._paint_seconds(canvas)
        self._paint_bars(canvas)
        line = colours.accent if self.state.focused else colours.hairline
        canvas.fill(0, view.height - canvas.hair, view.width, canvas.hair, line)

    def paint_over(self, canvas: Canvas) -> None:
        paint_cap(canvas, self.state.playhead)

    def _paint_loop(self, canvas: Canvas) -> None:
        if self.state.loop is None:
            return
        left, right = (round(canvas.view.x(tick)) for tick in self.state.loop)
        top = canvas.px(_BARS_TOP)
        canvas.fill(left, top, right - left, canvas.view.height - top, faded(canvas.colours.accent, 0.28))
        for x in (left, right - 2 * canvas.hair):
            canvas.fill(x, top, 2 * canvas.hair, canvas.view.height - top, canvas.colours.accent)

    def _paint_seconds(self, canvas: Canvas) -> None:
        view, painter, state = canvas.view, canvas.painter, self.state
        start, stop = state.tempo_map.second(max(0, int(view.left))), state.tempo_map.second(max(1, int(view.right)))
        step = second_step((stop - start) * 72 * canvas.ratio / view.width)
        painter.setFont(canvas.font(tabular_font(self.font()), 10))
        painter.setPen(canvas.colours.secondary)
        decimals = 1 if step < 1 else 0
        for number in range(math.ceil(start / step), int(stop / step) + 1):
            x = round(view.x(state.tempo_map.tick(number * step)))
            canvas.fill(x, 0, canvas.hair, canvas.px(4), canvas.colours.bar)
            room = QRect(x + canvas.px(4), 0, canvas.px(60), canvas.px(_BARS_TOP - 2))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, clock(number * step, decimals))

    def _paint_bars(self, canvas: Canvas) -> None:
        view, painter, state = canvas.view, canvas.painter, self.state
        top, bottom = canvas.px(_BARS_TOP), view.height
        beat = state.meter.beat_ticks(max(0, int(view.left))) / view.ticks_per_pixel
        every = bar_lines(state.meter, view, 7 * canvas.ratio)
        if every.stride == 1 and beat >= 7 * canvas.ratio:
            self._paint_beats(canvas, beat_onsets(state.meter, every, view.right), beat >= _NAMED_BEAT * canvas.ratio)
        named = bar_lines(state.meter, view, 38 * canvas.ratio)
        painter.setFont(canvas.font(tabular_font(self.font()), 11, QFont.Weight.DemiBold))
        for tick in every.onsets.tolist():
            canvas.fill(round(view.x(tick)), bottom - canvas.px(8), canvas.hair, canvas.px(8), canvas.colours.bar)
        for bar, tick in zip(named.numbers.tolist(), named.onsets.tolist(), strict=True):
            x = round(view.x(tick))
            canvas.fill(x, top, canvas.hair, bottom - top, canvas.colours.bar)
            painter.setPen(canvas.colours.text)
            room = QRect(x + canvas.px(4), top - canvas.px(2), canvas.px(60), bottom - top)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, str(bar))

    def _paint_beats(self, canvas: Canvas, ticks: NDArray[np.int64], named: bool) -> None:
        painter, bottom, top = canvas.painter, canvas.view.height, canvas.px(_BARS_TOP)
        painter.setFont(canvas.font(tabular_font(self.font()), 10))
        painter.setPen(canvas.colours.secondary)
        for tick in ticks.tolist():
            x = round(canvas.view.x(tick))
            canvas.fill(x, bottom - canvas.px(5), canvas.hair, canvas.px(5), canvas.colours.bar)
            if named:
                at = self.state.meter.position(tick)
                room = QRect(x + canvas.px(4), top - canvas.px(2), canvas.px(40), bottom - top)
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, f"{at.bar}.{at.beat}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._scrubs != Qt.MouseButton.NoButton or self._from is not None:
            return
        with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.button() == Qt.MouseButton.RightButton or (
            event.button() == Qt.MouseButton.LeftButton and with_control
        ):
            self._scrubs = event.button()
            self._scrub(event)
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed_x = event.position().x()
        self._dragged = False
        end = self._grabbed(self._pressed_x)
        self._from = end if end is not None else self._tick(event)
        if end is not None:
            self._dragged = True

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._scrubs != Qt.MouseButton.NoButton:
            self._scrub(event)
            return
        if self._from is None:
            grabbed = self._grabbed(event.position().x()) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if grabbed else Qt.CursorShape.ArrowCursor)
            return
        self._dragged = self._dragged or abs(event.position().x() - self._pressed_x) >= 4
        if self._dragged:
            start, stop = sorted((self._from, self._tick(event)))
            if stop > start:
                self.state.set_loop((start, stop))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == self._scrubs:
            self._scrubs = Qt.MouseButton.NoButton
            self.state.end_scrub()
            return
        if self._from is not None and not self._dragged:
            self.state.seek(self._tick(event))
        self._from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.state.set_loop(None)

    def _scrub(self, event: QMouseEvent) -> None:
        self.state.scrub(self.state.viewport.tick(event.position().x()))

    def _tick(self, event: QMouseEvent) -> int:
        free = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        return self.state.snapped(self.state.viewport.tick(event.position().x()), free)

    def _grabbed(self, x: float) -> int | None:
        """The other end of the loop where an end of it is under the mouse."""
        if self.state.loop is None:
            return None
        start, stop = self.state.loop
        if abs(self.state.viewport.x(start) - x) <= _GRAB:
            return stop
        return start if abs(self.state.viewport.x(stop) - x) <= _GRAB else None


def second_step(least: float) -> float:
    """The smallest round number of seconds that is at least this many."""
    return next((step for step in _STEPS if step >= least), math.ceil(least / 3600.0) * 3600.0)
