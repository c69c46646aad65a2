"""The lane below the notes: a stem for each, as high as it is loud."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from musicgen_app.core import edits
from musicgen_app.core.edits import Edited
from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import faded
from musicgen_app.ui.piano_roll.grid_painting import paint_lines
from musicgen_app.ui.piano_roll.note_painting import among, paint_playhead
from musicgen_app.ui.piano_roll.part import RollPart
from musicgen_app.ui.piano_roll.raster import DIMMED, LEVELS, NORMAL
from musicgen_app.ui.piano_roll.state import RollState
from musicgen_app.ui.theme import Theme

_PAD = 7
_REACH = 5.0  # pixels in which a stem is meant
_MOST_HEADS = 600
_A_NOTCH = 4
_OTHERS = 0.28  # opacity of stems that a drag would not touch


class VelocityLane(RollPart):
    """Draw over the stems to set velocities; a selection keeps all others as they are. With Ctrl a drag is a ramp.

    A press on the head of a selected stem moves the whole selection up and down instead. The wheel changes the
    selection, or the notes under the mouse.
    """

    def __init__(self, state: RollState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(state, theme, parent)
        self.setAccessibleName("Velocities")
        self.setToolTip("Drag over the stems to set velocities, with Ctrl for a ramp; the wheel changes the selection")
        self._drawn: NDArray[np.int64] | None = None
        self._first: QPointF | None = None
        self._last: QPointF | None = None
        self._shift_from: int | None = None
        for signal in (state.viewport_changed, state.notes_changed, state.snap_changed):
            signal.connect(self.refresh)
        state.editor.score_changed.connect(self._stop)
        state.playhead_moved.connect(self.update_playhead)

    def sizeHint(self) -> QSize:
        return QSize(400, 88)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 40)

    # Painting

    def paint(self, canvas: Canvas) -> None:
        view, colours, index = canvas.view, canvas.colours, self.state.index
        canvas.fill(0, 0, view.width, view.height, colours.white_row)
        paint_lines(canvas, self.state.meter, None)
        for level in (32, 64, 96):
            canvas.fill(0, self._y(canvas, level), view.width, canvas.hair, colours.beat)
        reach = 8 * canvas.ratio * view.ticks_per_pixel
        seen = index.begun(view.left - reach, view.right + reach)
        velocity = (self.state.index.velocity if self._drawn is None else self._drawn)[seen].astype(np.int64)
        selected = among(seen, self.state.editor.selected)
        if len(seen) > _MOST_HEADS:
            self._paint_many(canvas, seen, velocity, selected)
        else:
            self._paint_few(canvas, seen, velocity, selected)

    def paint_over(self, canvas: Canvas) -> None:
        paint_playhead(canvas, self.state.playhead)

    def _paint_few(
        self, canvas: Canvas, seen: NDArray[np.intp], velocity: NDArray[np.int64], selected: NDArray[np.bool_]
    ) -> None:
        painter, colours = canvas.painter, canvas.colours
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        some = bool(selected.any())
        xs = np.rint(canvas.view.xs(self.state.index.onset[seen])).astype(int)
        bottom, width = canvas.view.height, 2 * canvas.hair
        # Heads shrink where stems stand close together.
        gap = canvas.view.width / max(1, len(np.unique(xs)))
        radius = min(3.2 * canvas.ratio, max(1.6 * canvas.ratio, gap / 4))
        # Loud ones first, so that the soft ones of a chord stand before them; the selected last.
        for place in np.lexsort([-velocity, selected]).tolist():
            x, y = int(xs[place]), self._y(canvas, int(velocity[place]))
            colour = colours.notes[int(velocity[place]) * LEVELS // 128]
            colour = faded(colour, _OTHERS) if some and not selected[place] else colour
            painter.fillRect(x, y, width, bottom - y, colour)
            painter.setBrush(colour)
            painter.setPen(QPen(colours.outline, canvas.hair) if selected[place] else Qt.PenStyle.NoPen)
            painter.drawEllipse(QPointF(x + width / 2, y), radius, radius)
        painter.restore()

    def _paint_many(
        self, canvas: Canvas, seen: NDArray[np.intp], velocity: NDArray[np.int64], selected: NDArray[np.bool_]
    ) -> None:
        """One stem a pixel, as high as the loudest note there; the selected stand before the others."""
        width, height = canvas.view.width, canvas.view.height
        xs = np.clip(np.rint(canvas.view.xs(self.state.index.onset[seen])), 0, width - 1).astype(int)
        tops = np.array([height, *(self._y(canvas, level) for level in range(1, 128))])
        rows = np.arange(height)[:, None]
        for kind, mask in ((DIMMED if selected.any() else NORMAL, ~selected), (NORMAL, selected)):
            loudest = np.zeros(width, dtype=np.int64)
            np.maximum.at(loudest, xs[mask], velocity[mask])
            colours = canvas.colours.palette[1 + kind * LEVELS + loudest * LEVELS // 128]
            pixels = np.ascontiguousarray(np.where(rows >= tops[loudest], colours, 0).astype(np.uint32))
            image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
            canvas.painter.drawImage(0, 0, image)

    def _y(self, canvas: Canvas, velocity: int) -> int:
        pad = canvas.px(_PAD)
        return round(pad + (canvas.view.height - pad) * (1 - velocity / 127))

    # The mouse

    def velocity_at(self, y: float) -> int:
        """The velocity at a height in the lane."""
        return min(max(round(127 * (1 - (y - _PAD) / max(1, self.height() - _PAD))), 1), 127)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.state.editor.streaming:
            return
        place = event.position()
        self._drawn = self.state.index.velocity.astype(np.int64)
        self._first = self._last = place
        self.state.begin_drag(self._stop)
        near = self._near(place.x(), place.x())
        heads = np.abs(self._drawn[near] - self.velocity_at(place.y())) <= 6
        selected = self.state.editor.selected
        grabs = len(selected) > 1 and len(near) and bool(heads.any()) and not _ramps(event)
        self._shift_from = self.velocity_at(place.y()) if grabs else None
        self._draw_to(place, _ramps(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            self._draw_to(event.position(), _ramps(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._last is None or self._drawn is None:
            return
        drawn = self._drawn
        self._stop()
        changed = np.flatnonzero(drawn != self.state.index.velocity).astype(np.intp)
        if len(changed):
            self._commit(edits.set_velocity(self.state.score, changed, drawn[changed]))

    def wheelEvent(self, event: QWheelEvent) -> None:
        held = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        selected = self.state.editor.selected
        touched = selected if len(selected) else self._near(event.position().x(), event.position().x())
        notches = event.angleDelta().y() / 120
        if held or len(touched) == 0 or notches == 0 or self.state.editor.streaming:
            super().wheelEvent(event)
            return
        amount = max(1, round(abs(notches) * _A_NOTCH)) * (1 if notches > 0 else -1)
        self._commit(edits.shift_velocity(self.state.score, touched, amount), merge="velocity wheel")
        event.accept()

    def _draw_to(self, place: QPointF, ramps: bool) -> None:
        if self._drawn is None or self._last is None or self._first is None:
            return
        if self._shift_from is not None:
            selected = self.state.editor.selected
            amount = self.velocity_at(place.y()) - self._shift_from
            self._drawn[selected] = np.clip(self.state.index.velocity[selected].astype(int) + amount, 1, 127)
        else:
            if ramps:
                # What was drawn on the way here is given up for the straight line.
                self._drawn = self.state.index.velocity.astype(np.int64)
                self._last = self._first
            touched = self._near(self._last.x(), place.x())
            xs = self.state.viewport.xs(self.state.index.onset[touched])
            ends = sorted([(self._last.x(), self._last.y()), (place.x(), place.y())])
            ys = np.interp(xs, [ends[0][0], ends[1][0] + 1e-6], [ends[0][1], ends[1][1]])
            self._drawn[touched] = [self.velocity_at(y) for y in ys.tolist()]
            self._last = place
        self.refresh()

    def _near(self, one: float, other: float) -> NDArray[np.intp]:
        """The notes whose stems lie between two places: of the selection where there is one."""
        view = self.state.viewport
        left, right = min(one, other) - _REACH, max(one, other) + _REACH
        found = self.state.index.begun(view.tick(left), view.tick(right))
        if len(self.state.editor.selected):
            found = np.intersect1d(found, self.state.editor.selected)
        return found

    def _commit(self, edited: Edited, merge: str = "") -> None:
        # Velocity comes last in the order of notes: only notes alike in all else change places.
        kept = Edited(edited.score, self.state.editor.selected)
        self.state.editor.edit("Change velocity", kept, merge)

    def _stop(self) -> None:
        self._drawn = self._first = self._last = self._shift_from = None
        self.state.end_drag(self._stop)
        self.refresh()


def _ramps(event: QMouseEvent) -> bool:
    """Whether a straight line is wanted."""
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
