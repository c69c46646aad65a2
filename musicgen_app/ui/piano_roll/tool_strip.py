"""The strip above the roll: undo, tools, grid, view."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from musicgen_app.ui.controls import CONTROL_HEIGHT, Hairline, IconButton
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.piano_roll.scale_menu import fill_scale_menu, scale_words
from musicgen_app.ui.piano_roll.snap import VALUES, Snap
from musicgen_app.ui.piano_roll.state import DRAW, ERASE, SELECT, RollState

_WIDE = 540
_NARROWEST = 424
_TOOLS = (
    (SELECT, "mouse-pointer-2", "Select and move", "1"),
    (DRAW, "pencil", "Draw notes", "2"),
    (ERASE, "eraser", "Erase notes", "3"),
)


class ToolStrip(QFrame):
    """Buttons for what is done most; every tooltip tells the key.

    Signals:
        wanted: A command, by its identifier.
    """

    wanted = Signal(str)

    def __init__(self, state: RollState, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._icons = icons
        self.setProperty("kind", "panel")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 5, 6, 5)
        row.setSpacing(2)
        self._row = row
        self._add_history()
        self._add_tools()
        self._add_grid()
        self._add_scale()
        row.addStretch(1)
        self._tracks = self._button("list-music", "Tracks", "", "tracks", checkable=True)
        self._add_view()

    def show_tracks(self, shown: bool) -> None:
        """Say whether the list of tracks is there."""
        self._tracks.setChecked(shown)

    def _add_history(self) -> None:
        stack = self._state.editor.undo_stack
        self._undo = self._button("undo-2", "Undo", "Ctrl+Z", "undo")
        self._redo = self._button("redo-2", "Redo", "Ctrl+Shift+Z", "redo")
        # What is shown comes with the signals: the history tells of its own end too, when it cannot be asked any more.
        stack.canUndoChanged.connect(self._undo.setEnabled)
        stack.canRedoChanged.connect(self._redo.setEnabled)
        stack.undoTextChanged.connect(self._on_undo_text)
        stack.redoTextChanged.connect(self._on_redo_text)
        self._undo.setEnabled(stack.canUndo())
        self._redo.setEnabled(stack.canRedo())
        self._on_undo_text(stack.undoText())
        self._on_redo_text(stack.redoText())
        self._line()

    def _add_tools(self) -> None:
        self._tools: dict[str, IconButton] = {}
        group = QButtonGroup(self)
        for tool, icon, tooltip, key in _TOOLS:
            button = self._button(icon, tooltip, key, f"tool_{tool}", checkable=True)
            group.addButton(button)
            self._tools[tool] = button
        self._state.tool_changed.connect(self._show_tool)
        self._show_tool(self._state.tool)
        self._line()

    def _add_grid(self) -> None:
        self._values = QComboBox()
        self._values.setFixedSize(70, CONTROL_HEIGHT)
        self._values.setToolTip("Grid: what notes snap to; hold Alt to leave it")
        self._values.setAccessibleName("Grid")
        self._values.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for part in VALUES:
            self._values.addItem(Snap(part).label, part)
        self._values.addItem(Snap(None).label, None)
        self._triplet = self._letter("T", "Triplet grid: three in the time of two")
        self._dotted = self._letter("D", "Dotted grid: half as long again")
        self._row.addSpacing(2)
        for widget in (self._values, self._triplet, self._dotted):
            self._row.addWidget(widget)
        self._button("magnet", "Quantise the selection, or all, to the grid", "Q", "quantise")
        self._values.activated.connect(self._on_grid)
        self._triplet.clicked.connect(self._on_triplet)
        self._dotted.clicked.connect(self._on_dotted)
        self._state.snap_changed.connect(self._show_grid)
        self._show_grid()

    def _add_scale(self) -> None:
        self._scale = QToolButton()
        self._scale.setText("Scale")
        self._scale.setObjectName("scale")
        self._scale.setFixedHeight(CONTROL_HEIGHT)
        self._scale.setAutoRaise(True)
        self._scale.setToolTip("Show the rows of a scale, and hold notes to it")
        self._scale.setAccessibleName("Scale")
        self._scale.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._scale.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._scale)
        menu.aboutToShow.connect(self._fill_scales)
        self._scale.setMenu(menu)
        self._row.addWidget(self._scale)
        self._state.scale_changed.connect(self._show_scale)
        self._show_scale()

    def _fill_scales(self) -> None:
        fill_scale_menu(self._scale.menu(), self._state)

    def _show_scale(self) -> None:
        self._scale.setText(scale_words(self._state.scale))

    def _add_view(self) -> None:
        self._zooms = (
            self._button("zoom-out", "Zoom out", "Ctrl+wheel", "zoom_out"),
            self._button("zoom-in", "Zoom in", "Ctrl+wheel", "zoom_in"),
        )
        self._button("maximize", "Fit the selection, or everything", "F", "zoom_fit")
        self._follow = self._button("locate-fixed", "Follow the playhead", "", "follow", checkable=True)
        self._follow.setChecked(self._state.follow)
        self._state.follow_changed.connect(self._follow.setChecked)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # The wheel and the keys zoom too, so these give way in a narrow window.
        for button in (*self._zooms, self._scale):
            button.setVisible(event.size().width() >= _WIDE)

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST, super().minimumSizeHint().height())

    def _button(self, icon: str, tooltip: str, key: str, command: str, checkable: bool = False) -> IconButton:
        button = IconButton(self._icons, icon, tooltip, key, checkable)
        button.setObjectName(command)
        button.clicked.connect(self._on_button)
        self._row.addWidget(button)
        return button

    def _letter(self, text: str, tooltip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setCheckable(True)
        button.setAutoRaise(True)
        button.setFixedSize(22, CONTROL_HEIGHT)
        button.setToolTip(tooltip)
        button.setAccessibleName(tooltip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _line(self) -> None:
        line = Hairline(vertical=True)
        line.setFixedHeight(18)
        self._row.addSpacing(3)
        self._row.addWidget(line)
        self._row.addSpacing(3)

    def _on_button(self) -> None:
        self.wanted.emit(self.sender().objectName())

    def _on_undo_text(self, text: str) -> None:
        self._undo.set_words(f"Undo: {text.lower()}" if text else "Undo")

    def _on_redo_text(self, text: str) -> None:
        self._redo.set_words(f"Redo: {text.lower()}" if text else "Redo")

    def _show_tool(self, tool: str) -> None:
        self._tools[tool].setChecked(True)

    def _on_grid(self) -> None:
        self._state.set_snap(Snap(self._values.currentData(), self._state.snap.triplet, self._state.snap.dotted))

    def _on_triplet(self, on: bool) -> None:
        self._state.set_snap(Snap(self._state.snap.part, triplet=on))

    def _on_dotted(self, on: bool) -> None:
        self._state.set_snap(Snap(self._state.snap.part, dotted=on))

    def _show_grid(self) -> None:
        snap = self._state.snap
        self._values.setCurrentIndex(self._values.findData(snap.part))
        for button, on in ((self._triplet, snap.triplet), (self._dotted, snap.dotted)):
            button.setEnabled(snap.part is not None)
            button.setChecked(on)
