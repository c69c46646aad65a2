"""Commands that change when and how long notes sound."""

from fractions import Fraction

from musicgen_app.core import edit_lengths, edit_time, edits
from musicgen_app.core.command_steps import humanise, move, quantise
from musicgen_app.core.commands import Command, Parameter, ticks_of, whole
from musicgen_app.core.edits import LAST_TICK

TIME, LENGTH = "Time", "Length"

_PEDAL_TOO = Parameter("pedal", "Pedal too", "flag", True, explanation="The pedal goes along with the notes")

TIME_COMMANDS: tuple[Command, ...] = (
    Command(
        "quantise",
        "Quantise",
        TIME,
        "Pull notes to the grid, wholly or by a part of the way",
        quantise,
        (
            Parameter("grid", "Grid", "note", "1/16"),
            Parameter("strength", "Strength", "number", 1.0, 0, 1, explanation="1 goes to the line, 0.5 half the way"),
            Parameter("swing", "Swing", "number", 0.5, 0.25, 0.75, explanation="0.5 is straight, 0.67 as in triplets"),
            Parameter("ends", "Ends too", "flag", False),
            whole("passes", "Passes", 1, 1, 20),
        ),
    ),
    Command(
        "humanise",
        "Humanise",
        TIME,
        "Move notes and loudness a little at random",
        humanise,
        (
            whole("time", "Time", 15, 0, 500, "ms"),
            whole("velocity", "Velocity", 8, 0, 64),
            whole("seed", "Seed", 0, 0, 2**31 - 1),
        ),
    ),
    Command(
        "move",
        "Move",
        TIME,
        "Shift notes in time; at the beginning they stop as a group",
        move,
        (whole("steps", "Steps", 1, -10_000, 10_000), Parameter("grid", "Of", "note", "1/16")),
    ),
    Command(
        "double-time",
        "Double time",
        TIME,
        "Play twice as fast: halve all times from the first note on",
        lambda score, chosen, given: edit_time.stretch(score, chosen, Fraction(1, 2), given["pedal"]),
        (_PEDAL_TOO,),
    ),
    Command(
        "half-time",
        "Half time",
        TIME,
        "Play half as fast: double all times from the first note on",
        lambda score, chosen, given: edit_time.stretch(score, chosen, Fraction(2), given["pedal"]),
        (_PEDAL_TOO,),
    ),
    Command(
        "stretch",
        "Stretch",
        TIME,
        "Make all times longer or shorter from the first note on",
        lambda score, chosen, given: edit_time.stretch(score, chosen, Fraction(given["percent"], 100), given["pedal"]),
        (whole("percent", "To", 150, 1, 1000, "%"), _PEDAL_TOO),
    ),
    Command(
        "reverse",
        "Reverse",
        TIME,
        "Play backwards; twice is no change",
        lambda score, chosen, given: edit_time.reverse(score, chosen, given["pedal"]),
        (_PEDAL_TOO,),
    ),
)

LENGTH_COMMANDS: tuple[Command, ...] = (
    Command(
        "fixed-length",
        "Fixed length",
        LENGTH,
        "Give all notes one length",
        lambda score, chosen, given: edits.set_duration(score, chosen, ticks_of(score, given["length"])),
        (Parameter("length", "Length", "note", "1/8"),),
    ),
    Command(
        "legato",
        "Legato",
        LENGTH,
        "Let each note last until the next begins",
        lambda score, chosen, given: edit_lengths.legato(score, chosen, given["gap"]),
        (Parameter("gap", "Gap", "whole", 0, -100_000, 100_000, "ticks", explanation="Below 0 the notes overlap"),),
    ),
    Command(
        "scale-length",
        "Scale length",
        LENGTH,
        "Make notes shorter (staccato) or longer by one factor",
        lambda score, chosen, given: edit_lengths.scale_lengths(score, chosen, given["percent"]),
        (whole("percent", "To", 50, 1, 1000, "%"),),
    ),
    Command(
        "split",
        "Split",
        LENGTH,
        "Cut each note into parts of equal length",
        lambda score, chosen, given: edit_lengths.split_equally(score, chosen, given["parts"]),
        (whole("parts", "Parts", 2, 2, 64),),
    ),
    Command(
        "split-at",
        "Split at",
        LENGTH,
        "Cut notes that sound across a place in two",
        lambda score, chosen, given: edit_lengths.split_at(score, chosen, given["tick"]),
        (whole("tick", "Tick", 0, 0, LAST_TICK, "ticks"),),
    ),
    Command(
        "join",
        "Join",
        LENGTH,
        "Make one of notes of one pitch that follow each other",
        lambda score, chosen, given: edit_lengths.join(score, chosen, given["gap"]),
        (whole("gap", "Gap", 0, 0, 100_000, "ticks"),),
    ),
    Command(
        "remove-overlaps",
        "Remove overlaps",
        LENGTH,
        "Let notes of one pitch end where the next begins, and keep one of those that begin together",
        lambda score, chosen, given: edit_lengths.remove_overlaps(score, chosen),
    ),
    Command(
        "remove-short",
        "Remove short notes",
        LENGTH,
        "Take out notes that are shorter than a length",
        lambda score, chosen, given: edit_lengths.remove_short(score, chosen, ticks_of(score, given["length"])),
        (Parameter("length", "Shorter than", "note", "1/64"),),
    ),
    Command(
        "extend-by-pedal",
        "Extend by pedal",
        LENGTH,
        "Let notes last as long as the pedal holds them",
        lambda score, chosen, given: edit_lengths.extend_by_pedal(score, chosen, given["remove"]),
        (Parameter("remove", "Take the pedal out", "flag", False),),
    ),
)
