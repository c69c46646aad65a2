"""What can be done to the notes in the roll, and by which keys or gestures."""

from musicgen_app.core.command_table import COMMANDS
from musicgen_app.ui.action_spec import ActionSpec, Gesture


def _block(menu: str, group: int, *rows: tuple[str, ...], selected: bool = True) -> tuple[ActionSpec, ...]:
    """Actions of one menu: id, words, keys parted by spaces, tooltip, and an icon for some."""
    return tuple(
        ActionSpec(
            name,
            text,
            tuple(keys.split()),
            menu,
            tooltip,
            "".join(icon),
            scope="roll",
            group=group,
            selected=selected,
        )
        for name, text, keys, tooltip, *icon in rows
    )


_HAND_MADE = ("delete", "move", "move-to-track", "set-program")
"""Commands that the roll or the list of tracks does by hand."""

_COMMAND_KEYS = {"quantise": "Shift+Q", "set-velocity": "V", "transpose": "Ctrl+Alt+U", "legato": "Ctrl+G"}
COMMAND_PREFIX = "command:"


def _command_actions() -> tuple[ActionSpec, ...]:
    """The commands that edit notes, with an ellipsis where they have to be told something."""
    return tuple(
        ActionSpec(
            f"{COMMAND_PREFIX}{command.id}",
            f"{command.title}..." if command.parameters else command.title,
            tuple(_COMMAND_KEYS.get(command.id, "").split()),
            f"Edit/{command.group}",
            command.summary,
            scope="roll",
            group=3,
        )
        for command in COMMANDS
        if command.id not in _HAND_MADE
    )


EDIT_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("undo", "Undo", ("Ctrl+Z",), "Edit", "Take back the last change of the music or data set", "undo-2"),
    ActionSpec("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Edit", "Make the change again", "redo-2"),
    *_block(
        "Edit",
        1,
        ("cut", "Cut", "Ctrl+X", "Take the selected notes away to paste them", "scissors"),
        ("copy", "Copy", "Ctrl+C", "Copy the selected notes", "copy"),
    ),
    *_block(
        "Edit",
        1,
        ("paste", "Paste at the playhead", "Ctrl+V", "Put the copied notes at the playhead", "clipboard-paste"),
        selected=False,
    ),
    *_block(
        "Edit",
        1,
        ("duplicate", "Duplicate", "Ctrl+D", "Repeat the selected notes right behind themselves", "copy-plus"),
        ("delete", "Delete", "Del Backspace", "Take the selected notes away", "trash-2"),
    ),
    *_block("Edit", 2, ("select_all", "Select all", "Ctrl+A", "Select every note", "square-dashed"), selected=False),
    *_block("Edit", 2, ("select_none", "Select none", "Esc", "Select nothing")),
    *_block(
        "Edit/Select",
        2,
        ("select_row", "Same pitch", "Shift+P", "Select all notes of the selected pitches"),
        (
            "select_pitch_class",
            "Same pitch in any octave",
            "",
            "Select all notes of the same name",
        ),
        ("select_length", "Similar length", "", "Select all notes about as long as the selected ones"),
        ("select_loudness", "Similar velocity", "", "Select all notes about as loud as the selected ones"),
        ("select_inverse", "All others", "Ctrl+Shift+A", "Select the notes that are not selected"),
    ),
    *_block(
        "Edit/Select",
        2,
        ("select_bar", "This bar", "Shift+B", "Select all notes of the bars of the selection, or of the playhead"),
        ("select_bars", "Bars...", "", "Select all notes from one bar to another"),
        ("select_loop", "In the loop", "", "Select all notes that begin in the loop"),
        selected=False,
    ),
    *_block(
        "Edit",
        3,
        ("quantise", "Quantise", "Q", "Move the selected notes, or all, to the grid", "magnet"),
        selected=False,
    ),
    *_block(
        "Edit/Pitch",
        3,
        ("transpose_up", "Up a semitone", "Up", "Move the selected notes up a semitone"),
        ("transpose_down", "Down a semitone", "Down", "Move the selected notes down a semitone"),
        ("octave_up", "Up an octave", "Shift+Up", "Move the selected notes up an octave"),
        ("octave_down", "Down an octave", "Shift+Down", "Move the selected notes down an octave"),
    ),
    *_block(
        "Edit/Move",
        3,
        ("move_left", "Earlier", "Left", "Move the selected notes to the grid line before"),
        ("move_right", "Later", "Right", "Move the selected notes to the next grid line"),
        ("fine_left", "A tick earlier", "Alt+Left", "Move the selected notes a tick earlier"),
        ("fine_right", "A tick later", "Alt+Right", "Move the selected notes a tick later"),
        ("shorter", "Shorter", "Shift+Left", "Shorten the selected notes by a step of the grid"),
        ("longer", "Longer", "Shift+Right", "Lengthen the selected notes by a step of the grid"),
    ),
    *_block(
        "Edit/Velocity",
        3,
        ("louder", "Louder", "Ctrl+Up", "Raise the velocity of the selected notes"),
        ("softer", "Softer", "Ctrl+Down", "Lower the velocity of the selected notes"),
    ),
    *_command_actions(),
    *_block(
        "Edit/Note by note",
        4,
        ("next_note", "Next note", ".", "Go to the next note"),
        ("previous_note", "Note before", ",", "Go to the note before"),
        ("note_above", "Note above", "PgUp", "Go to the nearest higher note"),
        ("note_below", "Note below", "PgDown", "Go to the nearest lower note"),
        ("next_bar", "Next bar", "Ctrl+Right", "Go to the next bar that has notes"),
        ("previous_bar", "Bar before", "Ctrl+Left", "Go to the bar before that has notes"),
        ("extend_next", "Add the next note", "Ctrl+Shift+Right", "Select the next note too"),
        ("extend_previous", "Add the note before", "Ctrl+Shift+Left", "Select the note before too"),
        ("insert_note", "Insert a note", "Ins Return", "Add a note behind the chosen one, or at the playhead"),
        ("say_note", "Say the selection", "Ctrl+I", "Tell what is selected to the screen reader"),
        selected=False,
    ),
    *_block(
        "Edit/Signs",
        4,
        ("set_metre", "Time signature...", "Ctrl+Alt+M", "Set the time signature from the playhead's bar on"),
        ("set_key", "Key...", "Ctrl+Alt+K", "Set the key from the playhead on"),
        ("set_marker", "Marker...", "M", "Name the place of the playhead", "flag"),
        selected=False,
    ),
    *_block(
        "Edit/Tempo",
        3,
        ("set_tempo", "Tempo from here...", "Ctrl+Alt+T", "Set the tempo from the playhead on"),
        selected=False,
    ),
    *_block(
        "Edit/Tool",
        4,
        ("tool_select", "Select", "1", "Select, move and stretch notes", "mouse-pointer-2"),
        ("tool_draw", "Draw", "2", "Draw notes", "pencil"),
        ("tool_erase", "Erase", "3", "Take notes away", "eraser"),
        ("toggle_draw", "Draw or select", "B", "Draw, and back to select"),
        selected=False,
    ),
)
"""The Edit menu."""

GESTURES: tuple[Gesture, ...] = (
    Gesture("Wheel", "Scroll through the pitches", "Piano roll"),
    Gesture("Shift+wheel", "Scroll through time", "Piano roll"),
    Gesture("Ctrl+wheel", "Zoom time at the mouse", "Piano roll"),
    Gesture("Ctrl+Shift+wheel", "Zoom the pitches", "Piano roll"),
    Gesture("Middle drag", "Move the view", "Piano roll"),
    Gesture("Click, drag (draw)", "Add a note; drag for its length", "Piano roll"),
    Gesture("Right click (draw)", "Take a note away", "Piano roll"),
    Gesture("Drag (select)", "Move notes, or select what a frame encloses; Shift adds", "Piano roll"),
    Gesture("Drag an edge (select)", "Change the length of all selected notes", "Piano roll"),
    Gesture("Ctrl+drag (select)", "Copy notes", "Piano roll"),
    Gesture("Alt while dragging", "Leave the grid", "Piano roll"),
    Gesture("Click a key", "Hear it; double click selects its notes", "Piano roll"),
    Gesture("Click the ruler", "Move the playhead; drag marks the loop", "Piano roll"),
    Gesture("Right drag or Ctrl+drag on the ruler", "Hear the music under the mouse", "Piano roll"),
    Gesture("Wheel over velocities", "Change the velocity of the selection", "Piano roll"),
    Gesture("Drag over velocities", "Draw them; with Ctrl a straight ramp", "Piano roll"),
    Gesture("Del", "Remove the chosen sources; in the table, exclude or include files", "Dataset"),
    Gesture("F5", "Look for new, changed and missing files", "Dataset"),
    Gesture("Click a file", "See and hear it", "Dataset"),
    Gesture("Enter", "Play the chosen piece, or stop it", "Dataset"),
    Gesture("Drop a file on the right panel", "Inspect it without adding it", "Dataset"),
    Gesture("Alt+Up, Alt+Down", "Move the chosen entry of the queue", "Training"),
    Gesture("Del", "Remove the chosen entry from the queue", "Training"),
    Gesture("Enter", "Show the run of the chosen entry", "Training"),
    Gesture("Drag a row of the queue", "Move it to another place", "Training"),
    Gesture("Drop files or folders", "Add them to the sources, or open one in the roll", "Everywhere"),
)
