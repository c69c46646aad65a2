"""The keys at the left: they name the rows, sound when clicked, and light up with the music."""

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPainterPath
from PySide6.QtWidgets import QWidget

from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import blend
from musicgen_app.ui.piano_roll.coordinates import PITCHES
from musicgen_app.ui.piano_roll.note_names import is_black, pitch_name, prefers_flats
from musicgen_app.ui.piano_roll.part import RollPart
from musicgen_app.ui.piano_roll.pointing import Hover
from musicgen_app.ui.piano_roll.state import RollState
from musicgen_app.ui.theme import Theme

WIDTH = 64
_BLACK_LENGTH = 0.6


class Keyboard(RollPart):
    """A column of piano keys; black keys stand in their rows, white ones share the room between."""

    beside_notes = True

    def __init__(self, state: RollState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(state, theme, parent)
        self.setAccessibleName("Piano keys")
        self.setToolTip("Click to hear a key, double click to select its notes")
        self.setFixedWidth(WIDTH)
        self._pressed: int | None = None
        self._hovered: int | None = None
        self._sounding: frozenset[int] = frozenset()
        self._held: frozenset[int] = frozenset()
        self._playing = False
        self._rows_seen: tuple[float, ...] = ()
        state.viewport_changed.connect(self._on_viewport)
        state.playhead_moved.connect(self._on_playhead)
        state.hovered.connect(self._on_hover)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 200)

    def set_playing(self, playing: bool) -> None:
        """Light up the keys that sound, or none."""
        self._playing = playing
        self._on_playhead(0, self.state.playhead)

    def show_held(self, pitches: frozenset[int]) -> None:
        """Light up the keys that are down on the keyboard."""
        if pitches != self._held:
            self._held = pitches
            self.refresh()

    def paint(self, canvas: Canvas) -> None:
        view, colours = canvas.view, canvas.colours
        canvas.fill(0, 0, view.width, view.height, colours.key_white)
        line = blend(colours.key_white, colours.key_black, 0.32)
        length = round(view.width * _BLACK_LENGTH)
        pitches = range(max(view.lowest - 1, 0), min(view.highest + 2, PITCHES))
        for pitch in pitches:
            row = PITCHES - 1 - pitch
            top, bottom = view.row_edge(row), view.row_edge(row + 1)
            tint = self._tint(pitch)
            if not is_black(pitch) and tint is not None:
                above = (bottom - top) // 2 if is_black(pitch + 1) else 0
                below = (bottom - top) // 2 if is_black(pitch - 1) else 0
                canvas.fill(0, top - above, view.width, bottom - top + above + below, tint)
        for pitch in pitches:
            row = PITCHES - 1 - pitch
            top, bottom = view.row_edge(row), view.row_edge(row + 1)
            if is_black(pitch):
                canvas.fill(0, (top + bottom) // 2, view.width, canvas.hair, line)
                self._paint_black(canvas, QRect(0, top, length, bottom - top), pitch)
            elif pitch % 12 in (0, 5):
                canvas.fill(0, bottom - canvas.hair, view.width, canvas.hair, line)
        self._paint_names(canvas)
        canvas.fill(view.width - canvas.hair, 0, canvas.hair, view.height, colours.hairline)

    def _tint(self, pitch: int) -> QColor | None:
        base = self.colours.key_black if is_black(pitch) else self.colours.key_white
        if pitch == self._pressed or pitch in self._sounding or pitch in self._held:
            return blend(base, self.colours.accent, 0.85)
        if pitch == self._hovered:
            return blend(base, self.colours.accent, 0.3)
        return None

    def _paint_black(self, canvas: Canvas, box: QRect, pitch: int) -> None:
        painter = canvas.painter
        radius = min(2.0 * canvas.ratio, box.height() / 3)
        path = QPainterPath()
        path.addRoundedRect(QRectF(box).adjusted(-2 * radius, 0, 0, 0), radius, radius)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(path, self._tint(pitch) or canvas.colours.key_black)
        painter.restore()

    def _paint_names(self, canvas: Canvas) -> None:
        view, painter, ratio = canvas.view, canvas.painter, canvas.ratio
        flats = prefers_flats(self.state.score, self.state.playhead)
        size = min(10.0, max(7.0, view.row_height / ratio * 1.4))
        painter.setFont(canvas.font(self.font(), size, QFont.Weight.Medium))
        named = {pitch for pitch in range(0, PITCHES, 12) if view.row_height >= 2.5 * ratio}
        if self._hovered is not None:
            named = {pitch for pitch in named if abs(pitch - self._hovered) * view.row_height > 11 * ratio}
            named.add(self._hovered)
        for pitch in named:
            row = PITCHES - 1 - pitch
            middle = (view.row_edge(row) + view.row_edge(row + 1)) // 2
            room = QRect(0, middle - canvas.px(8), view.width - canvas.px(6), canvas.px(16))
            if is_black(pitch):
                # The line between the white keys would strike the name through.
                width = painter.fontMetrics().horizontalAdvance(pitch_name(pitch, flats)) + canvas.px(2)
                left = room.right() - width
                canvas.fill(left, middle - canvas.px(1), width, canvas.px(3), canvas.colours.key_white)
            painter.setPen(canvas.colours.key_text)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(room, right, pitch_name(pitch, flats))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pitch = self.state.viewport.pitch(event.position().y())
        if event.buttons() & Qt.MouseButton.LeftButton and pitch != self._pressed:
            self._press(event)
        self._hovered = pitch
        self.refresh()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        self.refresh()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        pitch = self.state.viewport.pitch(event.position().y())
        self.state.editor.select(self.state.index.inside(-np.inf, np.inf, pitch, pitch))

    def leaveEvent(self, event: object) -> None:
        self._hovered = None
        self.refresh()

    def _press(self, event: QMouseEvent) -> None:
        """A key is louder the farther out it is struck."""
        self._pressed = self.state.viewport.pitch(event.position().y())
        loudness = 40 + round(80 * min(max(event.position().x() / self.width(), 0.0), 1.0))
        self.state.sound(self._pressed, loudness)
        self.refresh()

    def _on_hover(self, hover: Hover | None) -> None:
        hovered = None if hover is None else hover.pointer.pitch
        if hovered != self._hovered:
            self._hovered = hovered
            self.refresh()

    def _on_viewport(self) -> None:
        """Only other rows are another picture, not another time."""
        view = self.state.viewport
        seen = (view.top, view.row_height, view.height)
        if seen != self._rows_seen:
            self._rows_seen = seen
            self.refresh()

    def _on_playhead(self, _old: int, new: int) -> None:
        index = self.state.index
        sounding = frozenset(index.pitch[index.between(new, new + 1)].tolist()) if self._playing else frozenset()
        if sounding != self._sounding:
            self._sounding = sounding
            self.refresh()
