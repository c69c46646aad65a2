"""Commands that change pitches and loudness."""

from collections.abc import Mapping
from typing import Any

from musicgen_app.core import edit_pitch, edit_velocity, edits
from musicgen_app.core.commands import Command, Parameter, whole
from musicgen_app.core.edits import Edited, Selected
from musicgen_app.core.hands import MIDDLE_C
from musicgen_app.core.scale import ROOTS, SCALES, Scale
from musicgen_app.core.score import Score

Given = Mapping[str, Any]

PITCH, VELOCITY = "Pitch", "Velocity"
FROM_KEY = "key"

_SCALE = Parameter(
    "scale",
    "Scale",
    "choice",
    FROM_KEY,
    choices=((FROM_KEY, "Of the key signature"), *((name.replace(" ", "-"), name.capitalize()) for name in SCALES)),
)
_ROOT = Parameter(
    "root",
    "Root",
    "choice",
    "c",
    choices=tuple((name.lower().replace(" ", "-"), name) for name in ROOTS),
    explanation="Where the scale begins, if it is not that of the key signature",
)


def _scale(given: Given) -> Scale | None:
    if given["scale"] == FROM_KEY:
        return None
    roots = [value for value, _ in _ROOT.choices]
    return Scale(roots.index(given["root"]), given["scale"].replace("-", " "))


def _inverted(score: Score, selected: Selected, given: Given) -> Edited:
    if given["around"] == "pitch":
        return edit_pitch.invert_around(score, selected, given["pitch"])
    return edit_pitch.invert(score, selected)


PITCH_COMMANDS: tuple[Command, ...] = (
    Command(
        "transpose",
        "Transpose",
        PITCH,
        "Shift pitches by semitones",
        lambda score, chosen, given: edits.transpose(score, chosen, given["semitones"]),
        (whole("semitones", "By", 12, -127, 127, "semitones"),),
    ),
    Command(
        "transpose-in-scale",
        "Transpose in scale",
        PITCH,
        "Shift pitches by steps of a scale",
        lambda score, chosen, given: edit_pitch.transpose_in_scale(score, chosen, given["steps"], _scale(given)),
        (whole("steps", "By", 1, -70, 70, "steps"), _SCALE, _ROOT),
    ),
    Command(
        "snap-to-scale",
        "Snap to scale",
        PITCH,
        "Pull pitches to the nearest of a scale",
        lambda score, chosen, given: edit_pitch.snap_to_scale(score, chosen, _scale(given)),
        (_SCALE, _ROOT),
    ),
    Command(
        "invert",
        "Invert",
        PITCH,
        "Turn notes upside down",
        _inverted,
        (
            Parameter(
                "around",
                "Around",
                "choice",
                "group",
                choices=(("group", "The middle of the notes"), ("pitch", "A pitch")),
            ),
            whole("pitch", "Pitch", MIDDLE_C, 0, 127),
        ),
    ),
)

VELOCITY_COMMANDS: tuple[Command, ...] = (
    Command(
        "set-velocity",
        "Set velocity",
        VELOCITY,
        "Give all notes one loudness",
        lambda score, chosen, given: edits.set_velocity(score, chosen, given["velocity"]),
        (whole("velocity", "Velocity", 80, 1, 127),),
    ),
    Command(
        "shift-velocity",
        "Louder or softer",
        VELOCITY,
        "Make notes louder or softer by the same amount",
        lambda score, chosen, given: edits.shift_velocity(score, chosen, given["amount"]),
        (whole("amount", "By", 10, -126, 126),),
    ),
    Command(
        "scale-velocity",
        "Scale velocity",
        VELOCITY,
        "Make notes louder or softer by one factor",
        lambda score, chosen, given: edits.scale_velocity(score, chosen, given["percent"] / 100),
        (whole("percent", "To", 110, 1, 1000, "%"),),
    ),
    Command(
        "compress-velocity",
        "Compress velocity",
        VELOCITY,
        "Bring loudness nearer to its mean; above 100 % set it apart",
        lambda score, chosen, given: edit_velocity.compress_velocity(score, chosen, given["percent"] / 100),
        (whole("percent", "Differences to", 50, 0, 400, "%"),),
    ),
    Command(
        "limit-velocity",
        "Limit velocity",
        VELOCITY,
        "Raise what is too soft and lower what is too loud",
        lambda score, chosen, given: edit_velocity.limit_velocity(score, chosen, given["low"], given["high"]),
        (whole("low", "Softest", 20, 1, 127), whole("high", "Loudest", 110, 1, 127)),
    ),
    Command(
        "ramp-velocity",
        "Velocity ramp",
        VELOCITY,
        "Crescendo or diminuendo from the first note to the last",
        lambda score, chosen, given: edit_velocity.ramp_velocity(score, chosen, given["start"], given["end"]),
        (whole("start", "From", 40, 1, 127), whole("end", "To", 100, 1, 127)),
    ),
)
