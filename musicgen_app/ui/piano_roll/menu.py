"""The menu of a right click over the notes."""

from collections.abc import Callable, Mapping

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from musicgen_app.ui.icons import Icons
from musicgen_app.ui.roll_action_table import COMMAND_PREFIX, EDIT_ACTIONS

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
    _add_commands(menu, commands, keys)
    return menu


def _add_commands(menu: QMenu, commands: Mapping[str, Callable[[], None]], keys: Mapping[str, tuple[str, ...]]) -> None:
    """The commands that edit notes, each group as a submenu."""
    menu.addSeparator()
    groups: dict[str, QMenu] = {}
    for spec in EDIT_ACTIONS:
        if not spec.id.startswith(COMMAND_PREFIX):
            continue
        name = spec.menu.partition("/")[2]
        if name not in groups:
            groups[name] = menu.addMenu(name)
        action = groups[name].addAction(spec.text)
        action.setObjectName(spec.id)
        action.setToolTip(spec.tooltip)
        action.setShortcuts([QKeySequence(key) for key in keys.get(spec.id, ())])
        action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(_runner(commands[spec.id]))


def _runner(act: Callable[[], None]) -> Callable[[bool], None]:
    def run(_checked: bool) -> None:
        act()

    return run
