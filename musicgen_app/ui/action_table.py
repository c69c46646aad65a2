"""The one table of what can be done in the window, and by which keys."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One thing that can be done.

    Attributes:
        id: Its name in the program.
        text: Its words in the menu, without keys; an ellipsis where a dialog follows.
        keys: Its keys, the one to be shown first.
        menu: Menu it stands in; a submenu behind a slash ("Edit/Transpose").
        tooltip: What it does, in a sentence without a full stop.
        icon: Name of its icon; empty for none.
        scope: "window": its keys work everywhere; "roll": the piano roll answers them while it has the focus.
        checkable: Whether it is on or off.
        group: Actions of one group in a menu stand together; a line parts the groups.
    """

    id: str
    text: str
    keys: tuple[str, ...]
    menu: str
    tooltip: str
    icon: str = ""
    scope: str = "window"
    checkable: bool = False
    group: int = 0


@dataclass(frozen=True, slots=True)
class Gesture:
    """Something the mouse does, or keys of one place, which no menu shows but the sheet of keys does."""

    keys: str
    text: str
    place: str


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("new", "New project...", ("Ctrl+N",), "File", "Start a new, empty project", "file-plus"),
    ActionSpec("open", "Open project...", ("Ctrl+O",), "File", "Open a project from its folder", "folder-open"),
    ActionSpec("save", "Save", ("Ctrl+S",), "File", "Save the music and the settings of this project", "save", group=1),
    ActionSpec(
        "save_as", "Save as...", ("Ctrl+Shift+S",), "File", "Save a copy of this project under another name", group=1
    ),
    ActionSpec(
        "open_midi",
        "Open MIDI in the roll...",
        ("Ctrl+Shift+O",),
        "File",
        "Open a MIDI file in the piano roll",
        "file-music",
        group=2,
    ),
    ActionSpec(
        "export_midi",
        "Export MIDI...",
        ("Ctrl+E",),
        "File",
        "Write the music in the roll to a MIDI file",
        "download",
        group=2,
    ),
    ActionSpec(
        "export_audio",
        "Export audio...",
        ("Ctrl+Shift+E",),
        "File",
        "Play the music into a WAV, FLAC or OGG file",
        "audio-lines",
        group=2,
    ),
    ActionSpec(
        "export_picture",
        "Export picture...",
        ("Ctrl+Alt+E",),
        "File",
        "Draw the piano roll into a PNG or SVG file",
        "image",
        group=2,
    ),
    ActionSpec(
        "import_runs",
        "Import experiments...",
        ("Ctrl+Alt+I",),
        "File",
        "Take a table of experiments (tests.csv) with its logs and outputs into this project",
        "download",
        group=3,
    ),
    ActionSpec(
        "export_runs",
        "Export experiments...",
        ("Ctrl+Alt+X",),
        "File",
        "Write the runs of this project as a table (tests.csv)",
        group=3,
    ),
    ActionSpec(
        "export_plot",
        "Export loss plot...",
        ("Ctrl+Alt+P",),
        "File",
        "Write the curves that are seen as a picture (PNG, SVG) or a table (CSV)",
        "chart-line",
        group=3,
    ),
    ActionSpec(
        "judge_runs",
        "Judge the outputs...",
        ("Ctrl+Alt+J",),
        "File",
        "Find what of each output is copied, and where it repeats itself",
        "search",
        group=3,
    ),
    ActionSpec(
        "preferences", "Preferences...", ("Ctrl+,",), "File", "Theme, sound output and speed", "settings", group=4
    ),
    ActionSpec("quit", "Quit", ("Ctrl+Q",), "File", "Close the program", "log-out", group=5),
    ActionSpec("undo", "Undo", ("Ctrl+Z",), "Edit", "Take back the last change of the music", "undo-2"),
    ActionSpec("redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Edit", "Make the change again", "redo-2"),
    ActionSpec(
        "cut", "Cut", ("Ctrl+X",), "Edit", "Take the selected notes away to paste them", "scissors", "roll", group=1
    ),
    ActionSpec("copy", "Copy", ("Ctrl+C",), "Edit", "Copy the selected notes", "copy", "roll", group=1),
    ActionSpec(
        "paste",
        "Paste at the playhead",
        ("Ctrl+V",),
        "Edit",
        "Put the copied notes at the playhead",
        "clipboard-paste",
        "roll",
        group=1,
    ),
    ActionSpec(
        "duplicate",
        "Duplicate",
        ("Ctrl+D",),
        "Edit",
        "Repeat the selected notes right behind themselves",
        "copy-plus",
        "roll",
        group=1,
    ),
    ActionSpec(
        "delete",
        "Delete",
        ("Del", "Backspace"),
        "Edit",
        "Take the selected notes away",
        "trash-2",
        "roll",
        group=1,
    ),
    ActionSpec("select_all", "Select all", ("Ctrl+A",), "Edit", "Select every note", "square-dashed", "roll", group=2),
    ActionSpec("select_none", "Select none", ("Esc",), "Edit", "Select nothing", scope="roll", group=2),
    ActionSpec(
        "quantise",
        "Quantise",
        ("Q",),
        "Edit",
        "Move the selected notes, or all, to the grid",
        "magnet",
        "roll",
        group=3,
    ),
    ActionSpec(
        "transpose_up",
        "Up a semitone",
        ("Up",),
        "Edit/Transpose",
        "Move the selected notes up a semitone",
        scope="roll",
        group=3,
    ),
    ActionSpec(
        "transpose_down",
        "Down a semitone",
        ("Down",),
        "Edit/Transpose",
        "Move the selected notes down a semitone",
        scope="roll",
        group=3,
    ),
    ActionSpec(
        "octave_up",
        "Up an octave",
        ("Shift+Up",),
        "Edit/Transpose",
        "Move the selected notes up an octave",
        scope="roll",
        group=3,
    ),
    ActionSpec(
        "octave_down",
        "Down an octave",
        ("Shift+Down",),
        "Edit/Transpose",
        "Move the selected notes down an octave",
        scope="roll",
        group=3,
    ),
    ActionSpec(
        "louder",
        "Louder",
        ("Ctrl+Up",),
        "Edit/Velocity",
        "Raise the velocity of the selected notes",
        scope="roll",
        group=3,
    ),
    ActionSpec(
        "softer",
        "Softer",
        ("Ctrl+Down",),
        "Edit/Velocity",
        "Lower the velocity of the selected notes",
        scope="roll",
        group=3,
    ),
    ActionSpec(
        "set_velocity",
        "Set velocity...",
        ("V",),
        "Edit/Velocity",
        "Give the selected notes one velocity",
        scope="roll",
        group=3,
    ),
    ActionSpec("tab_dataset", "Dataset", ("Ctrl+1",), "View", "Show the music to learn from", "library"),
    ActionSpec("tab_training", "Training", ("Ctrl+2",), "View", "Show the training and its runs", "chart-line"),
    ActionSpec("tab_generation", "Generation", ("Ctrl+3",), "View", "Show the piano roll and the takes", "piano"),
    ActionSpec(
        "notebook",
        "Lab notebook",
        ("Ctrl+Shift+L",),
        "View",
        "Read and write what was done in this project",
        "notebook-pen",
    ),
    ActionSpec("zoom_in", "Zoom in", ("Ctrl++", "Ctrl+="), "View", "Show less time, larger", "zoom-in", group=1),
    ActionSpec("zoom_out", "Zoom out", ("Ctrl+-",), "View", "Show more time, smaller", "zoom-out", group=1),
    ActionSpec(
        "zoom_fit",
        "Zoom to fit",
        ("F",),
        "View",
        "Fit the selection, or the whole piece, in the roll",
        "maximize",
        group=1,
    ),
    ActionSpec(
        "follow",
        "Follow the playhead",
        ("Shift+F",),
        "View",
        "Scroll the roll along while it plays",
        "locate-fixed",
        checkable=True,
        group=1,
    ),
    ActionSpec(
        "left_panel",
        "Side panel",
        ("F9",),
        "View",
        "Show or fold the panel on the left",
        "panel-left",
        checkable=True,
        group=2,
    ),
    ActionSpec(
        "right_panel",
        "Inspector",
        ("F10",),
        "View",
        "Show or fold the panel on the right",
        "panel-right",
        checkable=True,
        group=2,
    ),
    ActionSpec("full_screen", "Full screen", ("F11",), "View", "Fill the whole screen", checkable=True, group=2),
    ActionSpec(
        "theme_system",
        "As the system",
        ("Ctrl+Alt+Y",),
        "View/Theme",
        "Dark or light as the system is",
        "monitor",
        checkable=True,
        group=3,
    ),
    ActionSpec(
        "theme_dark", "Dark", ("Ctrl+Alt+D",), "View/Theme", "Light words on dark", "moon", checkable=True, group=3
    ),
    ActionSpec(
        "theme_light", "Light", ("Ctrl+Alt+L",), "View/Theme", "Dark words on light", "sun", checkable=True, group=3
    ),
    ActionSpec(
        "queue_runs",
        "Add the ticked runs",
        ("Ctrl+Alt+Q",),
        "Queue",
        "Train with the settings of the ticked runs, or of the chosen one, once more",
        "list-plus",
    ),
    ActionSpec(
        "queue_settings",
        "Add the settings of the form",
        ("Ctrl+Alt+F",),
        "Queue",
        "Train with the settings of the form later",
    ),
    ActionSpec(
        "queue_sweep",
        "Build a sweep...",
        ("Ctrl+Alt+W",),
        "Queue",
        "Queue all combinations of some settings",
        "layers",
    ),
    ActionSpec("queue_show", "Show the queue", ("Ctrl+4",), "Queue", "Show the runs that are to be trained", group=1),
    ActionSpec(
        "queue_go", "Start or pause", ("Ctrl+Alt+R",), "Queue", "Run the queue, or let it wait", "play", group=1
    ),
    ActionSpec(
        "queue_epoch",
        "Stop after this epoch",
        ("Ctrl+Alt+N",),
        "Queue",
        "End the run of the moment with its epoch and go on with the next",
        "skip-forward",
        group=1,
    ),
    ActionSpec(
        "queue_stop",
        "Stop the queue",
        ("Ctrl+Alt+S",),
        "Queue",
        "Stop the queue; it can be continued at any time",
        "circle-stop",
        group=1,
    ),
    ActionSpec("play", "Play or pause", ("Space",), "Playback", "Play from the playhead, or pause", "play"),
    ActionSpec(
        "stop", "Stop and return", ("Shift+Space",), "Playback", "Stop and go back to where it started", "square"
    ),
    ActionSpec(
        "to_start", "To the start", ("Home",), "Playback", "Move the playhead to the start", "skip-back", group=1
    ),
    ActionSpec("to_end", "To the end", ("End",), "Playback", "Move the playhead to the end", "skip-forward", group=1),
    ActionSpec(
        "loop", "Loop", ("L",), "Playback", "Play the marked part again and again", "repeat", checkable=True, group=1
    ),
    ActionSpec(
        "panic", "All notes off", ("Ctrl+.",), "Playback", "Silence every note that hangs", "octagon-alert", group=2
    ),
    ActionSpec("test_sound", "Test sound", ("Ctrl+Shift+T",), "Playback", "Play a chord on the chosen output", group=3),
    ActionSpec("keys", "Keys...", ("F1", "?"), "Help", "Show all keys, with a search", "keyboard"),
    ActionSpec("guide", "User guide", ("Shift+F1",), "Help", "Read how to use the program", "book-open"),
    ActionSpec("log", "Open the log", ("Ctrl+Shift+F1",), "Help", "Open the folder of the log file", "file-text"),
    ActionSpec("about", "About MusicGen Composer...", ("Ctrl+F1",), "Help", "Version and licences", "info", group=1),
)

GESTURES: tuple[Gesture, ...] = (
    Gesture("1, 2, 3", "Tools: select, draw, erase", "Piano roll"),
    Gesture("B", "Draw, and back to select", "Piano roll"),
    Gesture("Left, Right", "Move the selected notes by the grid; with Alt by a tick", "Piano roll"),
    Gesture("Shift+Left, Shift+Right", "Shorten or lengthen the selected notes", "Piano roll"),
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
    Gesture("Wheel over velocities", "Change the velocity of the selection", "Piano roll"),
    Gesture("Del", "Remove the chosen sources", "Dataset"),
    Gesture("Click a file", "See and hear it", "Dataset"),
    Gesture("Enter", "Play the chosen piece, or stop it", "Dataset"),
    Gesture("Alt+Up, Alt+Down", "Move the chosen entry of the queue", "Training"),
    Gesture("Del", "Remove the chosen entry from the queue", "Training"),
    Gesture("Enter", "Show the run of the chosen entry", "Training"),
    Gesture("Drag a row of the queue", "Move it to another place", "Training"),
    Gesture("Drop files or folders", "Add them to the sources, or open one in the roll", "Everywhere"),
)
