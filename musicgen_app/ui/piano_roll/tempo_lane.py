"""The lane of the tempo: a line as high as the music is fast, with points that can be drawn, moved and taken away."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QInputDialog, QWidget

from musicgen_app.core.edit_tempo import move_tempo, ramp_tempo, remove_tempos, set_tempo
from musicgen_app.core.score import Score
from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import faded
from musicgen_app.ui.piano_roll.grid_painting import paint_lines
from musicgen_app.ui.piano_roll.note_painting import paint_playhead
from musicgen_app.ui.piano_roll.part import RollPart
from musicgen_app.ui.piano_roll.state import ERASE, RollState
from musicgen_app.ui.theme import Theme, tabular_font

_PAD = 8
_REACH = 7.0  # pixels in which a point is meant
_MOST_POINTS = 400
_LEVELS = (20, 30, 40, 60, 80, 100, 120, 160, 200, 300, 400)
SLOWEST, FASTEST = 5.0, 999.0


class TempoLane(RollPart):
    """A drag of a point moves it (Shift: only up and down), a drag beside the points draws along the mouse.

    With Ctrl a drag is a straight ramp. The right button or the eraser takes a point away, a double click asks for a
    number.
    """

    def __init__(self, state: RollState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(state, theme, parent)
        self.setAccessibleName("Tempo")
        self.setToolTip(
            "Drag a point, or draw beside it; Ctrl draws a ramp, right click takes a point away, "
            "double click asks for a tempo"
        )
        self._score: Score | None = None
        self._drawn: Score | None = None
        self._grabbed: int | None = None
        self._at: tuple[int, float] | None = None
        self._first: tuple[int, float] | None = None
        self._range = (0.0, 1.0)
        for signal in (state.viewport_changed, state.notes_changed, state.snap_changed):
            signal.connect(self.refresh)
        state.editor.score_changed.connect(self._stop)
        state.playhead_moved.connect(self.update_playhead)

    def sizeHint(self) -> QSize:
        return QSize(400, 84)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 44)

    # Painting

    def paint(self, canvas: Canvas) -> None:
        view, colours = canvas.view, canvas.colours
        canvas.fill(0, 0, view.width, view.height, colours.white_row)
        paint_lines(canvas, self.state.meter, None)
        canvas.fill(0, 0, view.width, canvas.hair, colours.hairline)
        score = self._shown()
        onset, rate = score.tempos["onset"], 60e6 / score.tempos["microseconds_per_beat"]
        if self._drawn is None:
            # A drag keeps the heights it began with.
            self._range = _range_of(rate)
        self._paint_levels(canvas)
        first = max(0, int(np.searchsorted(onset, view.left, side="right")) - 1)
        last = int(np.searchsorted(onset, view.right)) + 1
        xs = view.xs(onset[first:last])
        ys = self._ys(canvas.view.height, rate[first:last], canvas.ratio)
        if len(xs) > _MOST_POINTS:
            self._paint_many(canvas, xs, ys)
        else:
            self._paint_line(canvas, xs, ys)
        if self._drawn is not None:
            canvas.fill(0, 0, view.width, view.height, faded(colours.accent, 0.04))

    def paint_over(self, canvas: Canvas) -> None:
        paint_playhead(canvas, self.state.playhead)

    def _paint_levels(self, canvas: Canvas) -> None:
        painter, view = canvas.painter, canvas.view
        painter.setFont(canvas.font(tabular_font(self.font()), 9))
        painter.setPen(canvas.colours.secondary)
        room = canvas.px(14)
        lowest = view.height
        for level in _LEVELS:
            y = round(self._y(view.height, level, canvas.ratio))
            if self._range[0] < level < self._range[1] and y < lowest - room and y > room // 2:
                canvas.fill(0, y, view.width, canvas.hair, canvas.colours.beat)
                box = QRect(canvas.px(4), y - room, canvas.px(60), room)
                painter.drawText(box, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, str(level))
                lowest = y

    def _paint_line(self, canvas: Canvas, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> None:
        painter, view = canvas.painter, canvas.view
        ends = np.append(xs[1:], view.width + 1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(canvas.colours.accent, 1.5 * canvas.ratio))
        line = [QPointF(x, y) for x0, x1, y in zip(xs, ends, ys, strict=True) for x, y in ((x0, y), (x1, y))]
        painter.drawPolyline(line)
        painter.setBrush(canvas.colours.white_row)
        for x, y in zip(xs, ys, strict=True):
            painter.drawEllipse(QPointF(x, y), 3 * canvas.ratio, 3 * canvas.ratio)
        painter.restore()

    def _paint_many(self, canvas: Canvas, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> None:
        """For each pixel an upright line from the slowest to the fastest tempo there, joined to the pixel before."""
        width, height, thick = canvas.view.width, canvas.view.height, canvas.hair + (canvas.ratio > 1)
        columns = np.clip(np.rint(xs), 0, width - 1).astype(int)
        firsts = np.flatnonzero(np.diff(columns, prepend=-1))
        lasts = np.append(firsts[1:], len(columns)) - 1
        # What holds in a pixel is what came last before it.
        holds = np.clip(np.searchsorted(columns, np.arange(width), side="right") - 1, 0, None)
        tops, bottoms = ys[holds], ys[holds]
        joined = np.append(ys[:1], ys[lasts[:-1]])
        tops[columns[firsts]] = np.minimum(np.minimum.reduceat(ys, firsts), joined)
        bottoms[columns[firsts]] = np.maximum(np.maximum.reduceat(ys, firsts), joined)
        rows = np.arange(height)[:, None]
        inside = (rows >= np.rint(tops)) & (rows < np.rint(bottoms) + thick)
        pixels = np.where(inside, np.uint32(canvas.colours.accent.rgb()), np.uint32(0))
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        canvas.painter.drawImage(0, 0, image)

    def _y(self, height: float, beats_per_minute: float, ratio: float = 1.0) -> float:
        return float(self._ys(height, np.array([beats_per_minute]), ratio)[0])

    def _ys(self, height: float, rates: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
        low, high = (math.log(bound) for bound in self._range)
        pad = _PAD * ratio
        return np.asarray(pad + (height - 2 * pad) * (1 - (np.log(rates) - low) / (high - low)))

    def tempo_at(self, y: float) -> float:
        """Quarter notes a minute at a height of the lane, whole ones."""
        low, high = (math.log(bound) for bound in self._range)
        share = 1 - (y - _PAD) / max(1, self.height() - 2 * _PAD)
        return float(min(max(round(math.exp(low + share * (high - low))), SLOWEST), FASTEST))

    # The mouse

    def point_at(self, place: QPointF) -> int | None:
        """The tick of the tempo point under a place."""
        tempos = self.state.score.tempos
        xs = self.state.viewport.xs(tempos["onset"])
        near = np.flatnonzero(np.abs(xs - place.x()) <= _REACH)
        for index in near.tolist():
            rate = 60e6 / int(tempos["microseconds_per_beat"][index])
            if abs(self._y(self.height(), rate) - place.y()) <= _REACH:
                return int(tempos["onset"][index])
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.state.editor.streaming:
            return
        point = self.point_at(event.position())
        if event.button() == Qt.MouseButton.RightButton or self.state.tool == ERASE:
            if point is not None and point > 0:
                self.state.editor.change("Erase tempo", remove_tempos(self.state.score, point, point + 1))
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = point
            self._first = self._at = self._place(event)
            self.state.begin_drag(self._stop)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._at is None:
            over = self.point_at(event.position()) is not None
            self.setCursor(Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.CrossCursor)
            return
        self._drawn = self._edited(event)
        self._at = self._place(event)
        self.refresh()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._at is None or event.button() != Qt.MouseButton.LeftButton:
            return
        drawn, moved = self._drawn, self._grabbed is not None
        self._stop()
        if drawn is not None and drawn != self.state.score:
            self.state.editor.change("Move tempo" if moved else "Draw tempo", drawn)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = self.point_at(event.position())
        self._stop()
        self.ask(point if point is not None else self._place(event)[0])

    def ask(self, tick: int) -> None:
        """Ask for the tempo from a tick on."""
        if self.state.editor.streaming:
            return
        now = self.state.tempo_map.beats_per_minute(tick)
        tempo, agreed = QInputDialog.getDouble(
            self, "Tempo", "Quarter notes a minute:", round(now, 2), SLOWEST, FASTEST, 2
        )
        if agreed:
            self.state.editor.change("Set tempo", set_tempo(self.state.score, tick, tempo))

    def _place(self, event: QMouseEvent) -> tuple[int, float]:
        free = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        tick = self.state.snapped(self.state.viewport.tick(event.position().x()), free)
        return tick, self.tempo_at(event.position().y())

    def _edited(self, event: QMouseEvent) -> Score:
        """The score as it will be when the mouse is let go here."""
        held, (tick, tempo) = event.modifiers(), self._place(event)
        score = self.state.score
        if self._grabbed is not None:
            still = self._grabbed == 0 or bool(held & Qt.KeyboardModifier.ShiftModifier)
            goal = self._grabbed if still else max(tick, 1)
            return set_tempo(move_tempo(score, self._grabbed, goal - self._grabbed), goal, tempo)
        step = max(1, int(self.state.snap.step_grid(score).step))
        start = self._first if held & Qt.KeyboardModifier.ControlModifier else self._at
        if start is None or tick == start[0]:
            return set_tempo(self._shown(), tick, tempo)
        (left, slow), (right, fast) = sorted((start, (tick, tempo)))
        base = score if held & Qt.KeyboardModifier.ControlModifier else self._shown()
        return ramp_tempo(base, left, right, slow, fast, step)

    def _shown(self) -> Score:
        return self.state.score if self._drawn is None else self._drawn

    def _stop(self) -> None:
        self._drawn = self._grabbed = self._at = self._first = None
        self.state.end_drag(self._stop)
        self.refresh()


def _range_of(rates: NDArray[np.float64]) -> tuple[float, float]:
    """The tempi at the foot and the head of the lane: an octave at least, with room around what is there."""
    low, high = float(rates.min()) / 1.15, float(rates.max()) * 1.15
    if high / low < 2:
        middle = math.sqrt(low * high)
        low, high = middle / math.sqrt(2), middle * math.sqrt(2)
    return max(low, 1.0), high
