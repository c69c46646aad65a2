"""The menu of a right click over the notes."""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from musicgen_app.ui.icons import Icons

# Identifier, words, key, icon, whether it needs a selection; None parts the groups.
_ENTRIES: tuple[tuple[str, str, str, str, bool] | None, ...] = (
    ("edit.cut", "Cut", "Ctrl+X", "scissors", True),
    ("edit.copy", "Copy", "Ctrl+C", "copy", True),
    ("edit.paste", "Paste at the playhead", "Ctrl+V", "clipboard-paste", False),
    ("edit.duplicate", "Duplicate", "Ctrl+D", "copy-plus", True),
    ("edit.delete", "Delete", "Del", "trash-2", True),
    None,
    ("roll.quantise", "Quantise", "Q", "magnet", False),
    ("roll.octave_up", "Up an octave", "Shift+Up", "arrow-up", True),
    ("roll.octave_down", "Down an octave", "Shift+Down", "arrow-down", True),
    ("roll.set_velocity", "Set velocity...", "V", "", True),
    None,
    ("roll.loop_selection", "Loop the selection", "", "repeat", True),
    ("roll.fit", "Zoom to fit", "F", "maximize", False),
    ("edit.select_all", "Select all", "Ctrl+A", "square-dashed", False),
)


def note_menu(commands: Mapping[str, Callable[[], None]], icons: Icons, selected: bool, parent: QWidget) -> QMenu:
    """A menu of commands; those that need a selection are grey without one."""
    menu = QMenu(parent)
    for entry in _ENTRIES:
        if entry is None:
            menu.addSeparator()
            continue
        command, words, key, icon, needs_selection = entry
        action = menu.addAction(words)
        action.setObjectName(command)
        if icon:
            action.setIcon(icons.icon(icon))
        if key:
            # Only shown: the keys themselves belong to the roll and to the window's own actions.
            action.setShortcut(QKeySequence(key))
            action.setShortcutVisibleInContextMenu(True)
        action.setEnabled(selected or not needs_selection)
        action.triggered.connect(_runner(commands[command]))
    return menu


def _runner(act: Callable[[], None]) -> Callable[[bool], None]:
    def run(_checked: bool) -> None:
        act()

    return run
