"""The roll itself: notes over a grid, painted from a cached picture, and the mouse over them."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QEnterEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicgen_app.core.score import Score, make_notes
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import RollColours, faded, roll_colours
from musicgen_app.ui.piano_roll.gestures.choose import begin, hover_cursor
from musicgen_app.ui.piano_roll.gestures.gesture import Gesture
from musicgen_app.ui.piano_roll.grid_painting import paint_lines, paint_rows, paint_scales
from musicgen_app.ui.piano_roll.note_index import NoteIndex
from musicgen_app.ui.piano_roll.note_painting import Standing, paint_notes, paint_playhead
from musicgen_app.ui.piano_roll.pointing import Hover, Pointer, hit_at, pointer_at
from musicgen_app.ui.piano_roll.state import DRAW, ERASE, SELECT, RollState
from musicgen_app.ui.piano_roll.wheel import wheel
from musicgen_app.ui.theme import Theme

EMPTY = "Press Generate, open a MIDI file, or press 2 and draw notes here."
_PICTURES = {DRAW: ("pencil", 2, 16), ERASE: ("eraser", 5, 15)}


class RollView(QWidget):
    """Notes, grid, playhead, and all gestures on them.

    Signals:
        menu_wanted: A right click wants a menu at this place of the screen.
        told: What a drag is about to do, or nothing.
    """

    menu_wanted = Signal(object)
    told = Signal(str)

    def __init__(self, state: RollState, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._theme = theme
        self._icons = icons
        self._colours: RollColours = roll_colours(theme)
        self._backdrop: QPixmap | None = None
        self._layer: QPixmap | None = None
        self._painted_signs: tuple[object, ...] = ()
        self._gesture: Gesture | None = None
        self._button = Qt.MouseButton.NoButton
        self._hover: Hover | None = None
        self._last_place = QPointF()
        self._scroller = QTimer(self)
        self._scroller.setInterval(30)
        self._scroller.timeout.connect(self._scroll_on)
        self.setAccessibleName("Piano roll")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        state.viewport_changed.connect(self._forget_all)
        state.snap_changed.connect(self._forget_all)
        state.scale_changed.connect(self._forget_all)
        state.notes_changed.connect(self._on_notes)
        state.editor.score_changed.connect(self._on_score)
        state.tool_changed.connect(self._on_tool)
        state.loop_changed.connect(self.update)
        state.arriving_changed.connect(self.update)
        state.playhead_moved.connect(self._on_playhead)
        theme.changed.connect(self._on_theme)

    def sizeHint(self) -> QSize:
        return QSize(800, 420)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        if self._backdrop is not None and self._backdrop.devicePixelRatio() != ratio:
            self._backdrop = None  # the window came to a finer screen, or a coarser one
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._notes_layer())
        painter.scale(1 / ratio, 1 / ratio)
        canvas = Canvas(painter, self._state.viewport.scaled(ratio), ratio, self._colours)
        self._paint_loop(canvas)
        if self._gesture is not None:
            self._gesture.paint(canvas)
        else:
            self._paint_next_note(canvas)
        arriving = self._state.arriving
        if arriving is not None:
            paint_notes(canvas, arriving, Standing(arriving.everything()))
        paint_playhead(canvas, self._state.playhead)
        if (
            len(self._state.index) == 0
            and not self._state.editor.streaming
            and self._gesture is None
            and arriving is None
        ):
            self._paint_sentence(canvas)

    def _notes_layer(self) -> QPixmap:
        """The grid with the notes, painted anew only when one of them changed."""
        if self._backdrop is None:
            self._backdrop = self._pixmap(self._paint_backdrop)
            self._layer = None
        if self._layer is None:
            self._layer = self._pixmap(self._paint_layer)
        return self._layer

    def _pixmap(self, paint: Callable[[Canvas], None]) -> QPixmap:
        ratio = self.devicePixelRatioF()
        view = self._state.viewport.scaled(ratio)
        pixmap = QPixmap(view.width, view.height)
        painter = QPainter(pixmap)
        paint(Canvas(painter, view, ratio, self._colours))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def _paint_backdrop(self, canvas: Canvas) -> None:
        paint_rows(canvas)
        paint_scales(canvas, *self._state.scale.stretches(self._state.score))
        paint_lines(canvas, self._state.meter, self._state.snap.grid(self._state.score))
        before = round(canvas.view.x(0))
        if before > 0:
            canvas.fill(0, 0, before, canvas.view.height, faded(self._colours.window, 0.6))

    def _paint_layer(self, canvas: Canvas) -> None:
        if self._backdrop is not None:
            backdrop = QPixmap(self._backdrop)
            backdrop.setDevicePixelRatio(1)
            canvas.painter.drawPixmap(0, 0, backdrop)
        dimmed = self._gesture.dimmed if self._gesture is not None else Standing().dimmed
        paint_notes(canvas, self._state.index, Standing(self._state.editor.selected, dimmed), self.font())

    def _paint_loop(self, canvas: Canvas) -> None:
        if self._state.loop is None:
            return
        view = canvas.view
        left, right = (round(view.x(tick)) for tick in self._state.loop)
        shade = faded(self._colours.window, 0.5)
        if left > 0:
            canvas.fill(0, 0, min(left, view.width), view.height, shade)
        if right < view.width:
            canvas.fill(max(right, 0), 0, view.width - max(right, 0), view.height, shade)
        for x in (left, right):
            canvas.fill(x, 0, canvas.hair, view.height, faded(self._colours.accent, 0.6))

    def _paint_next_note(self, canvas: Canvas) -> None:
        """Where the pencil would put a note."""
        if self._state.tool != DRAW or self._hover is None or self._hover.hit is not None:
            return
        pointer = self._hover.pointer
        onset = self._state.cell(pointer.tick, free=pointer.alt)
        note = (onset, self._state.new_duration(), pointer.pitch, self._state.last_velocity)
        ghost = NoteIndex(Score(notes=make_notes([note])))
        paint_notes(canvas, ghost, Standing(dimmed=ghost.between(0, float("inf"))))

    def _paint_sentence(self, canvas: Canvas) -> None:
        painter, view = canvas.painter, canvas.view
        painter.setFont(canvas.font(self.font(), 14))
        painter.setPen(self._colours.secondary)
        room = QRect(canvas.px(24), 0, view.width - 2 * canvas.px(24), view.height)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, EMPTY)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._state.resize(event.size().width(), event.size().height())

    def _forget_all(self) -> None:
        self._backdrop = self._layer = None
        self.update()

    def _forget_notes(self) -> None:
        self._layer = None
        self.update()

    def _on_notes(self) -> None:
        score = self._state.score
        signs = (score.time_signatures, score.key_signatures, score.ticks_per_beat)
        if signs != self._painted_signs:
            # What lies behind the notes follows the metre and the key.
            self._painted_signs = signs
            self._forget_all()
        self._forget_notes()
        if self._hover is not None and self._gesture is None:
            self._set_hover(Hover(self._hover.pointer, hit_at(self._state, self._hover.pointer)))

    def _on_score(self) -> None:
        # A drag knows its notes by their places in the score it began with.
        if self._gesture is not None:
            self._end_gesture(None)

    def _on_theme(self) -> None:
        self._colours = roll_colours(self._theme)
        self._show_cursor()
        self._forget_all()

    def _on_playhead(self, old: int, new: int) -> None:
        for tick in (old, new):
            self.update(round(self._state.viewport.x(tick)) - 2, 0, 5, self.height())

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None:
            return
        pointer = self._pointer(event)
        gesture = begin(self._state, pointer, event.button())
        if gesture is not None:
            self._gesture = gesture
            self._button = event.button()
            self._state.busy = True
            self.setCursor(gesture.cursor)
            self._forget_notes()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pointer = self._pointer(event)
        if self._gesture is None:
            self._set_hover(Hover(pointer, hit_at(self._state, pointer)))
            return
        self._drag(pointer)
        outside = not self.rect().contains(event.position().toPoint())
        if outside and self._gesture.scrolls and not self._scroller.isActive():
            self._scroller.start()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._gesture is None or event.button() != self._button:
            return
        pointer = self._pointer(event)
        gesture, self._gesture = self._gesture, None
        gesture.finish(pointer)
        self._end_gesture(pointer)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._state.tool == SELECT and self._gesture is None and not self._state.editor.streaming:
            hit = hit_at(self._state, pointer_at(self._state, QPointF(event.pos()), event.modifiers()))
            if hit is not None and hit.note not in self._state.editor.selected:
                self._state.editor.select(np.array([hit.note], dtype=np.intp))
            self.menu_wanted.emit(event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        wheel(self._state, event, event.position())
        if self._gesture is not None:
            self._drag(self._pointer_at(self._last_place, event.modifiers()))

    def leaveEvent(self, event: object) -> None:
        if self._gesture is None:
            self._set_hover(None)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._show_cursor()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._state.set_focused(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._state.set_focused(False)

    def event(self, event: QEvent) -> bool:
        # During a drag Esc belongs to it, not to an action of the window.
        dragging = self._gesture is not None or self._state.give_up is not None
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and dragging:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._gesture is not None and event.key() == Qt.Key.Key_Escape:
            self._gesture.cancel()
            self._end_gesture(None)
            return
        if self._state.give_up is not None and event.key() == Qt.Key.Key_Escape:
            self._state.give_up()
            return
        self._on_modifiers(event)
        event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._on_modifiers(event)
        event.ignore()

    def _on_modifiers(self, event: QKeyEvent) -> None:
        """A drag answers at once when Ctrl, Shift or Alt goes down or up."""
        if self._gesture is not None and event.key() in (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt):
            self._drag(self._pointer_at(self._last_place, QGuiApplication.queryKeyboardModifiers()))

    def _pointer(self, event: QMouseEvent) -> Pointer:
        self._last_place = event.position()
        return self._pointer_at(event.position(), event.modifiers())

    def _pointer_at(self, place: QPointF, modifiers: Qt.KeyboardModifier) -> Pointer:
        return pointer_at(self._state, place, modifiers)

    def _drag(self, pointer: Pointer) -> None:
        if self._gesture is None:
            return
        before = self._gesture.dimmed
        self._gesture.drag(pointer)
        if self._gesture.dimmed is not before:
            self._layer = None
        self.told.emit(self._gesture.told())
        self.update()

    def _end_gesture(self, pointer: Pointer | None) -> None:
        self._gesture = None
        self._state.busy = False
        self._scroller.stop()
        self.told.emit("")
        self._forget_notes()
        if pointer is not None:
            self._set_hover(Hover(pointer, hit_at(self._state, pointer)))
        self._show_cursor()

    def _scroll_on(self) -> None:
        """Scroll while a drag is held outside."""
        if self._gesture is None:
            self._scroller.stop()
            return
        place = self._last_place
        across = min(place.x(), 0.0) + max(place.x() - self.width(), 0.0)
        down = min(place.y(), 0.0) + max(place.y() - self.height(), 0.0)
        if across == 0 and down == 0:
            self._scroller.stop()
            return
        self._state.set_viewport(self._state.viewport.scrolled(across / 2, down / 2))
        self._drag(self._pointer_at(place, QGuiApplication.queryKeyboardModifiers()))

    def _set_hover(self, hover: Hover | None) -> None:
        had_ghost = self._state.tool == DRAW and self._hover is not None
        self._hover = hover
        self._state.hovered.emit(hover)
        self._show_cursor()
        if had_ghost or self._state.tool == DRAW:
            self.update()

    def _on_tool(self) -> None:
        self._show_cursor()
        self.update()

    def _show_cursor(self) -> None:
        if self._gesture is not None:
            return
        shape = hover_cursor(self._state, self._hover.hit if self._hover is not None else None)
        if shape is not None:
            self.setCursor(shape)
            return
        name, x, y = _PICTURES[self._state.tool]
        ratio = self.devicePixelRatioF()
        self.setCursor(QCursor(self._icons.pixmap(name, 18, "text", ratio), x, y))
