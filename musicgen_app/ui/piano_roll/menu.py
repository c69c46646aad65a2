"""The menu of a right click over the notes."""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from musicgen_app.ui.icons import Icons

# Id of the command, words, icon, whether it needs a selection; None parts the groups.
_ENTRIES: tuple[tuple[str, str, str, bool] | None, ...] = (
    ("cut", "Cut", "scissors", True),
    ("copy", "Copy", "copy", True),
    ("paste", "Paste at the playhead", "clipboard-paste", False),
    ("duplicate", "Duplicate", "copy-plus", True),
    ("delete", "Delete", "trash-2", True),
    None,
    ("quantise", "Quantise", "magnet", False),
    ("octave_up", "Up an octave", "arrow-up", True),
    ("octave_down", "Down an octave", "arrow-down", True),
    ("set_velocity", "Set velocity...", "", True),
    None,
    ("loop_selection", "Loop the selection", "repeat", True),
    ("zoom_fit", "Zoom to fit", "maximize", False),
    ("select_all", "Select all", "square-dashed", False),
)


def note_menu(
    commands: Mapping[str, Callable[[], None]],
    keys: Mapping[str, tuple[str, ...]],
    icons: Icons,
    selected: bool,
    parent: QWidget,
) -> QMenu:
    """A menu of commands with their keys; those that need a selection are grey without one."""
    menu = QMenu(parent)
    for entry in _ENTRIES:
        if entry is None:
            menu.addSeparator()
            continue
        command, words, icon, needs_selection = entry
        action = menu.addAction(words)
        action.setObjectName(command)
        if icon:
            action.setIcon(icons.icon(icon))
        # Only shown: the keys themselves belong to the roll and to the window's own actions.
        action.setShortcuts([QKeySequence(key) for key in keys.get(command, ())])
        action.setShortcutVisibleInContextMenu(True)
        action.setEnabled(selected or not needs_selection)
        action.triggered.connect(_runner(commands[command]))
    return menu


def _runner(act: Callable[[], None]) -> Callable[[bool], None]:
    def run(_checked: bool) -> None:
        act()

    return run
