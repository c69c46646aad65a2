"""What can be done with metronome, selection and keyboard, and by which keys."""

from musicgen_app.ui.action_spec import ActionSpec

_MENU = "Playback"

RECORD = ActionSpec(
    "record", "Record", ("R",), _MENU, "Record what is played on the keyboard, and end it", "circle", checkable=True
)

PRACTICE_ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec(
        "play_selection",
        "Play the selection",
        ("P",),
        _MENU,
        "Play from the first selected note to the last, and stop",
        "square-dashed",
        selected=True,
        group=4,
    ),
    ActionSpec(
        "solo_selection",
        "Hear the selection alone",
        ("S",),
        _MENU,
        "Let only the selected notes be heard",
        "headphones",
        checkable=True,
        group=4,
    ),
    ActionSpec(
        "metronome", "Metronome", ("K",), _MENU, "Hear each beat while playing", "metronome", checkable=True, group=4
    ),
    ActionSpec(
        "count_in", "Count-in", ("Shift+K",), _MENU, "Count before playing and recording", checkable=True, group=4
    ),
    ActionSpec(
        "step_input",
        "Step input",
        ("Shift+R",),
        _MENU,
        "Write each key or chord of the keyboard at the playhead while nothing plays",
        "keyboard-music",
        checkable=True,
        group=5,
    ),
    ActionSpec(
        "step_rest", "Step: a rest", ("Ctrl+Alt+Right",), _MENU, "Step input: leave a step empty (Right too)", group=5
    ),
    ActionSpec("step_back", "Step: back", ("Ctrl+Alt+Left",), _MENU, "Step input: go back (Left too)", group=5),
    ActionSpec(
        "step_take_back",
        "Step: take back",
        ("Ctrl+Alt+Backspace",),
        _MENU,
        "Step input: go back and take away what was written there (Backspace too)",
        group=5,
    ),
    ActionSpec(
        "record_replaces",
        "Recording replaces",
        ("Ctrl+R",),
        _MENU,
        "Let what was there give way to what is recorded",
        checkable=True,
        group=5,
    ),
    ActionSpec(
        "record_quantises",
        "Quantise what is recorded",
        ("Ctrl+Alt+G",),
        _MENU,
        "Move recorded notes to the grid afterwards",
        checkable=True,
        group=5,
    ),
    ActionSpec(
        "through", "Hear the keyboard", ("Ctrl+K",), _MENU, "Let what is played be heard here", checkable=True, group=5
    ),
)
"""The part of the Playback menu for those who play along."""
