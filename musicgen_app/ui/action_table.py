"""The one table of what can be done in the window, and by which keys."""

from musicgen_app.ui.action_spec import ActionSpec
from musicgen_app.ui.practice_action_table import PRACTICE_ACTIONS, RECORD
from musicgen_app.ui.roll_action_table import EDIT_ACTIONS

_FILE: tuple[ActionSpec, ...] = (
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
        "inspect_file",
        "Inspect MIDI file...",
        ("Ctrl+Alt+O",),
        "File",
        "Tell all that is in a MIDI file, without adding it to the collection",
        "search",
        group=2,
    ),
    ActionSpec(
        "collections",
        "Public collections...",
        ("Ctrl+Alt+A",),
        "File",
        "Fetch a public collection of piano music, or an archive from elsewhere",
        "download",
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
)

_VIEW: tuple[ActionSpec, ...] = (
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
    ActionSpec(
        "compare_runs",
        "Compare the ticked runs...",
        ("Ctrl+Alt+C",),
        "View",
        "Lay the runs that are ticked in the Training tab side by side, and hear them",
        "columns-2",
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
    ActionSpec("history", "History", ("Ctrl+H",), "View", "Show all steps, and go to any of them", "undo-2", group=1),
    ActionSpec(
        "tracks",
        "Tracks",
        ("Ctrl+T",),
        "View",
        "Show or hide the list of tracks",
        "list-music",
        checkable=True,
        group=1,
    ),
    ActionSpec(
        "lane_velocity", "Velocity", ("Alt+1",), "View/Lanes", "Show or hide the velocities", checkable=True, group=1
    ),
    ActionSpec(
        "lane_pedal", "Pedal", ("Alt+2",), "View/Lanes", "Show or hide the sustain pedal", checkable=True, group=1
    ),
    ActionSpec("lane_tempo", "Tempo", ("Alt+3",), "View/Lanes", "Show or hide the tempo", checkable=True, group=1),
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
)

_QUEUE: tuple[ActionSpec, ...] = (
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
)

_PLAYBACK: tuple[ActionSpec, ...] = (
    ActionSpec("play", "Play or pause", ("Space",), "Playback", "Play from the playhead, or pause", "play"),
    ActionSpec(
        "stop", "Stop and return", ("Shift+Space",), "Playback", "Stop and go back to where it started", "square"
    ),
    RECORD,
    ActionSpec(
        "to_start", "To the start", ("Home",), "Playback", "Move the playhead to the start", "skip-back", group=1
    ),
    ActionSpec("to_end", "To the end", ("End",), "Playback", "Move the playhead to the end", "skip-forward", group=1),
    ActionSpec(
        "loop", "Loop", ("L",), "Playback", "Play the marked part again and again", "repeat", checkable=True, group=1
    ),
    ActionSpec(
        "loop_selection",
        "Loop the selection",
        ("Shift+L",),
        "Playback",
        "Let the loop go round the selected notes",
        scope="roll",
        selected=True,
        group=1,
    ),
    ActionSpec("clear_loop", "No loop", ("Ctrl+L",), "Playback", "Forget the marked part", scope="roll", group=1),
    *PRACTICE_ACTIONS,
    ActionSpec(
        "panic", "All notes off", ("Ctrl+.",), "Playback", "Silence every note that hangs", "octagon-alert", group=2
    ),
    ActionSpec("test_sound", "Test sound", ("Ctrl+Shift+T",), "Playback", "Play a chord on the chosen output", group=3),
)

_HELP: tuple[ActionSpec, ...] = (
    ActionSpec(
        "palette",
        "Find an action...",
        ("Ctrl+Shift+P",),
        "Help",
        "Find what can be done by its name",
        "search",
    ),
    ActionSpec("keys", "Keys...", ("F1", "?"), "Help", "Show all keys, search and change them", "keyboard"),
    ActionSpec("guide", "User guide", ("Shift+F1",), "Help", "Read how to use the program", "book-open"),
    ActionSpec(
        "sound_doctor",
        "Sound doctor...",
        ("Ctrl+Alt+H",),
        "Help",
        "See what can sound here, test it, and what to do where nothing sounds",
        "audio-lines",
    ),
    ActionSpec("log", "Open the log", ("Ctrl+Shift+F1",), "Help", "Open the folder of the log file", "file-text"),
    ActionSpec("about", "About MusicGen Composer...", ("Ctrl+F1",), "Help", "Version and licences", "info", group=1),
)

ACTIONS: tuple[ActionSpec, ...] = (*_FILE, *EDIT_ACTIONS, *_VIEW, *_QUEUE, *_PLAYBACK, *_HELP)
"""All actions, in the order of the menus."""
