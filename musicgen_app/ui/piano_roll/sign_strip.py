"""The strip below the ruler that shows time signatures, keys and markers, and lets them be changed."""

from functools import partial

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QFont, QFontMetrics, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from musicgen_app.core.score import Score
from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import blend
from musicgen_app.ui.piano_roll.note_painting import paint_playhead
from musicgen_app.ui.piano_roll.part import RollPart
from musicgen_app.ui.piano_roll.signs import KINDS, MARKER, METRE, NAMES, Placed, ask_sign, moved, placed_signs, removed
from musicgen_app.ui.piano_roll.state import RollState
from musicgen_app.ui.theme import Theme

HEIGHT = 20
_PIXELS = 11
_SIDE = 6


class SignStrip(RollPart):
    """A small field for each sign. A double click changes one, or names the place; a drag moves one."""

    def __init__(self, state: RollState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(state, theme, parent)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Time signatures, keys and markers")
        self.setToolTip("Double click to change a sign or to name a place, drag to move it; right click for more")
        self._score: Score | None = None
        self._signs: tuple[Placed, ...] = ()
        self._grabbed: Placed | None = None
        self._pressed_x = 0.0
        self._drawn: Score | None = None
        state.viewport_changed.connect(self.refresh)
        state.notes_changed.connect(self._on_score)
        state.editor.score_changed.connect(self._stop)
        state.playhead_moved.connect(self.update_playhead)
        self._on_score()

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT)

    def boxes(self) -> tuple[tuple[Placed, QRect], ...]:
        """The signs that are seen and where; one that would cover another stands to its right."""
        view, metrics = self.state.viewport, QFontMetrics(self._font(1))
        signs = self._signs if self._drawn is None else placed_signs(self._drawn)
        out, free = [], -(10**6)
        for sign in signs:
            x = round(view.x(sign.onset))
            if x > view.width:
                break
            width = metrics.horizontalAdvance(sign.words) + 2 * _SIDE
            x = max(x, free)
            free = x + width + 2
            if free > 0:
                out.append((sign, QRect(x, 2, width, HEIGHT - 4)))
        return tuple(out)

    def paint(self, canvas: Canvas) -> None:
        view, colours, painter = canvas.view, canvas.colours, canvas.painter
        canvas.fill(0, 0, view.width, view.height, colours.surface)
        painter.setFont(self._font(canvas.ratio))
        for sign, box in self.boxes():
            x, y, width, height = (round(value * canvas.ratio) for value in box.getRect())  # type: ignore[attr-defined]
            share = 0.22 if sign.kind == MARKER else 0.0
            canvas.fill(x, y, width, height, blend(colours.raised, colours.accent, share))
            canvas.fill(x, y, canvas.hair, height, colours.accent if sign.kind == MARKER else colours.secondary)
            painter.setPen(colours.text)
            painter.drawText(QRect(x, y, width, height), Qt.AlignmentFlag.AlignCenter, sign.words)
        canvas.fill(0, view.height - canvas.hair, view.width, canvas.hair, colours.hairline)

    def paint_over(self, canvas: Canvas) -> None:
        paint_playhead(canvas, self.state.playhead)

    def sign_at(self, x: float) -> Placed | None:
        """The sign under a place of the strip."""
        return next((sign for sign, box in self.boxes() if box.left() <= x <= box.right()), None)

    def ask(self, kind: str, tick: int) -> None:
        """Ask for a sign from a tick on."""
        if not self.state.editor.streaming:
            score = ask_sign(self, self.state.score, kind, tick)
            self._commit(f"Set {NAMES[kind].lower()}", score)

    def menu(self, x: float) -> QMenu:
        """What can be done at a place."""
        menu = QMenu(self)
        sign, tick = self.sign_at(x), self._tick(x)
        if sign is not None:
            menu.addAction(f"Change {sign.words}...").triggered.connect(partial(self.ask, sign.kind, sign.onset))
            menu.addAction(f"Remove {sign.words}").triggered.connect(partial(self._remove, sign))
            menu.addSeparator()
        for kind in KINDS:
            words = "Name this place..." if kind == MARKER else f"{NAMES[kind]} from here..."
            menu.addAction(words).triggered.connect(partial(self.ask, kind, self._place_for(kind, tick)))
        return menu

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.state.editor.streaming:
            self._grabbed = self.sign_at(event.position().x())
            self._pressed_x = event.position().x()
            if self._grabbed is not None:
                self.state.begin_drag(self._stop)
            else:
                self.state.seek(self._tick(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._grabbed is None:
            over = self.sign_at(x) is not None
            self.setCursor(Qt.CursorShape.SizeHorCursor if over else Qt.CursorShape.ArrowCursor)
        elif self._drawn is not None or abs(x - self._pressed_x) >= 4:
            self._drawn = moved(self.state.score, self._grabbed, self._place_for(self._grabbed.kind, self._tick(x)))
            self.refresh()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drawn, sign = self._drawn, self._grabbed
        self._stop()
        if drawn is not None and sign is not None:
            self._commit(f"Move {NAMES[sign.kind].lower()}", drawn)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._stop()
        sign = self.sign_at(event.position().x())
        if sign is not None:
            self.ask(sign.kind, sign.onset)
        else:
            self.ask(MARKER, self._tick(event.position().x()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu(event.pos().x())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def _remove(self, sign: Placed) -> None:
        self._commit(f"Remove {NAMES[sign.kind].lower()}", removed(self.state.score, sign))

    def _commit(self, name: str, score: Score | None) -> None:
        if score is not None and score != self.state.score:
            self.state.editor.change(name, score)

    def _tick(self, x: float) -> int:
        return self.state.snapped(self.state.viewport.tick(x))

    def _place_for(self, kind: str, tick: int) -> int:
        """Metres begin with a bar."""
        if kind != METRE:
            return tick
        meter = self.state.meter
        return meter.bar_onset(meter.position(tick).bar)

    def _font(self, ratio: float) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(round(_PIXELS * ratio))
        return font

    def _stop(self) -> None:
        self._grabbed = self._drawn = None
        self.state.end_drag(self._stop)
        self.refresh()

    def _on_score(self) -> None:
        if self.state.score is not self._score:
            self._score = self.state.score
            self._signs = placed_signs(self._score)
            self.refresh()
