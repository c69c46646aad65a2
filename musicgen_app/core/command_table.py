"""The one table of commands that edit notes; the menu, the dialogs and ``musicgen edit`` are made from it."""

from musicgen_app.core import edits, hands
from musicgen_app.core.command_steps import (
    bend_tempo,
    hold_pedal,
    mean_tempo,
    move_to_track,
    ramp_tempo,
    scale_tempo,
    set_program,
)
from musicgen_app.core.commands import Command, Parameter, whole
from musicgen_app.core.hands import MIDDLE_C
from musicgen_app.core.pitch_commands import PITCH, PITCH_COMMANDS, VELOCITY, VELOCITY_COMMANDS
from musicgen_app.core.time_commands import LENGTH, LENGTH_COMMANDS, TIME, TIME_COMMANDS

PEDAL, TEMPO, TRACKS = "Pedal", "Tempo", "Tracks"
GROUPS = (TIME, LENGTH, PITCH, VELOCITY, PEDAL, TEMPO, TRACKS)
"""The groups in the order of a menu."""

_PASSAGE_COMMANDS: tuple[Command, ...] = (
    Command(
        "hold-pedal",
        "Pedal down",
        PEDAL,
        "Hold the pedal from the first onset to the last end",
        lambda score, chosen, given: hold_pedal(score, chosen, 127),
    ),
    Command(
        "erase-pedal",
        "Pedal up",
        PEDAL,
        "Let the pedal up from the first onset to the last end",
        lambda score, chosen, given: hold_pedal(score, chosen, 0),
    ),
    Command(
        "scale-tempo",
        "Change tempo",
        TEMPO,
        "Make the passage faster or slower, and keep its rubato",
        scale_tempo,
        (whole("percent", "To", 110, 1, 1000, "%"),),
    ),
    Command(
        "mean-tempo",
        "Set mean tempo",
        TEMPO,
        "Give the passage a mean tempo, and keep its rubato",
        mean_tempo,
        (Parameter("bpm", "Tempo", "number", 120.0, 4, 1000, "bpm"),),
    ),
    Command(
        "bend-tempo",
        "Ritardando or accelerando",
        TEMPO,
        "Change the tempo evenly over the passage, and keep its rubato",
        bend_tempo,
        (whole("first", "From", 100, 1, 1000, "%"), whole("last", "To", 70, 1, 1000, "%")),
    ),
    Command(
        "ramp-tempo",
        "Tempo ramp",
        TEMPO,
        "Let the tempo of the passage go evenly from one to another",
        ramp_tempo,
        (
            Parameter("first", "From", "number", 120.0, 4, 1000, "bpm"),
            Parameter("last", "To", "number", 90.0, 4, 1000, "bpm"),
        ),
    ),
)

_TRACK_COMMANDS: tuple[Command, ...] = (
    Command(
        "split-hands",
        "Split hands",
        TRACKS,
        "Take the left hand to a track of its own",
        lambda score, chosen, given: hands.split_hands(
            score, chosen, given["pitch"] if given["by"] == "pitch" else None
        ),
        (
            Parameter("by", "By", "choice", "music", choices=(("music", "Following the music"), ("pitch", "A pitch"))),
            whole("pitch", "Lowest of the right hand", MIDDLE_C, 0, 127),
        ),
    ),
    Command(
        "move-to-track",
        "Move to track",
        TRACKS,
        "Take notes to another track",
        move_to_track,
        (whole("track", "Track", 1, 1, 65_534),),
    ),
    Command(
        "set-program",
        "Set program",
        TRACKS,
        "Give the tracks of these notes a sound of General MIDI",
        set_program,
        (whole("program", "Program", 0, 0, 127),),
    ),
    Command(
        "delete",
        "Delete",
        TRACKS,
        "Take the notes out",
        lambda score, chosen, given: edits.delete(score, chosen),
    ),
)

COMMANDS: tuple[Command, ...] = (
    *TIME_COMMANDS,
    *LENGTH_COMMANDS,
    *PITCH_COMMANDS,
    *VELOCITY_COMMANDS,
    *_PASSAGE_COMMANDS,
    *_TRACK_COMMANDS,
)
"""All commands, group by group."""

_BY_ID = {one.id: one for one in COMMANDS}


def command(name: str) -> Command:
    """The command of an id.

    Raises:
        KeyError: There is none.
    """
    return _BY_ID[name]
