"""Makes Qt's actions and menus from the table, and keeps single keys away from those who need them."""

from collections.abc import Callable, Iterable

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QMenu,
    QMenuBar,
    QWidget,
)

from musicgen_app.ui.action_spec import ActionSpec
from musicgen_app.ui.action_table import ACTIONS
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.keymap import Keymap

_THEMES = ("theme_system", "theme_dark", "theme_light")
_STEPPING = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
)


class Actions(QObject):
    """All actions of a window by their ids.

    Args:
        window: Whose actions they are; those with scope "window" work everywhere in it.
        icons: Where their icons come from.
        keymap: Their keys; those of the table where None.
    """

    def __init__(self, window: QWidget, icons: Icons, keymap: Keymap | None = None) -> None:
        super().__init__(window)
        self.keymap = keymap if keymap is not None else Keymap(parent=self)
        self._actions: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}
        for spec in ACTIONS:
            self._actions[spec.id] = self._made(spec, window, icons)
        themes = QActionGroup(self)
        for name in _THEMES:
            themes.addAction(self._actions[name])
        self.keymap.changed.connect(self._show_keys)
        self._show_keys()

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def connect_to(self, action_id: str, act: Callable[[], object]) -> None:
        """Do this when the action is asked for."""
        self._actions[action_id].triggered.connect(lambda _checked=False: act())

    def enable(self, action_ids: Iterable[str], enabled: bool) -> None:
        """Make actions usable or not."""
        for action_id in action_ids:
            self._actions[action_id].setEnabled(enabled)

    def fill(self, bar: QMenuBar) -> None:
        """Build the menus in a menu bar."""
        last: dict[str, int] = {}
        for spec in ACTIONS:
            top, _, below = spec.menu.partition("/")
            menu = self._menus.get(top)
            if menu is None:
                menu = self._menus[top] = _new_menu(bar.addMenu(f"&{top}"))
            if spec.group != last.get(top, 0):
                menu.addSeparator()
            last[top] = spec.group
            if below:
                if spec.menu not in self._menus:
                    self._menus[spec.menu] = _new_menu(menu.addMenu(below))
                menu = self._menus[spec.menu]
            menu.addAction(self._actions[spec.id])

    def menu(self, path: str) -> QMenu:
        """A menu that was built, by its path in the table."""
        return self._menus[path]

    def insert_menu(self, parent: str, title: str, after: str) -> QMenu:
        """Put one more menu into another, behind an action; its owner fills it."""
        menu = _new_menu(QMenu(title, self._menus[parent]))
        actions = self._menus[parent].actions()
        behind = actions.index(self._actions[after]) + 1
        if behind < len(actions):
            self._menus[parent].insertMenu(actions[behind], menu)
        else:
            self._menus[parent].addMenu(menu)
        self._menus[f"{parent}/{title}"] = menu
        return menu

    def _made(self, spec: ActionSpec, window: QWidget, icons: Icons) -> QAction:
        action = QAction(spec.text, self)
        action.setObjectName(spec.id)
        action.setStatusTip(spec.tooltip)
        action.setCheckable(spec.checkable)
        if spec.icon:
            icons.bind(action, spec.icon)
        if spec.scope == "window":
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            window.addAction(action)
        else:
            # The roll answers these keys itself while it has the focus; here they are only shown.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        if spec.id == "quit":
            action.setMenuRole(QAction.MenuRole.QuitRole)
        return action

    def _show_keys(self) -> None:
        for spec in ACTIONS:
            action, shown = self._actions[spec.id], self.keymap.shown(spec.id)
            action.setShortcuts([QKeySequence(key) for key in self.keymap.keys(spec.id)])
            action.setToolTip(f"{spec.tooltip} ({shown})" if shown else spec.tooltip)


def _new_menu(menu: QMenu) -> QMenu:
    menu.setToolTipsVisible(True)
    return menu


class KeyGuard(QObject):
    """Lets the widget with the focus have the keys it lives on, before the window's actions take them.

    Space presses a focused button and arrows move in a focused list, although Space plays and Home rewinds
    everywhere else. Text fields guard their letters themselves.
    """

    def __init__(self, app: QApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._guarded: QWidget | None = None
        app.focusChanged.connect(self._on_focus)

    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._guarded is not None and shiboken6.isValid(self._guarded):
            self._guarded.removeEventFilter(self)
        self._guarded = None
        if isinstance(new, QAbstractButton | QComboBox | QAbstractItemView | QAbstractSlider):
            new.installEventFilter(self)
            self._guarded = new

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            key = event.key()
            plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
            presses = key == Qt.Key.Key_Space and isinstance(watched, QAbstractButton | QComboBox)
            steps = key in _STEPPING and not isinstance(watched, QAbstractButton)
            if plain and (presses or steps):
                event.accept()
                return True
        return False
