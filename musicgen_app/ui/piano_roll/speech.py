"""Notes in words for those who hear the screen: "C sharp 4, bar 3 beat 2, a quarter, velocity 80"."""

from fractions import Fraction

import numpy as np
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter
from musicgen_app.ui.piano_roll.note_names import pitch_name, prefers_flats

_VALUES = {
    1: "a whole note",
    2: "a half",
    4: "a quarter",
    8: "an eighth",
    16: "a sixteenth",
    32: "a thirty-second",
    64: "a sixty-fourth",
}
_NEAR = Fraction(1, 64)
"""A length this near to a note value, as a share of it, is called by it."""


def spoken_pitch(pitch: int, flats: bool = False) -> str:
    """A pitch in words: "C sharp 4"."""
    name = pitch_name(pitch, flats)
    letter, octave = name[0], name[1:].strip("♯♭")
    sign = " sharp" if "♯" in name else " flat" if "♭" in name else ""
    return f"{letter}{sign} {octave}"


def spoken_length(ticks: int, ticks_per_beat: int) -> str:
    """A length as a note value, "a dotted quarter", or in quarters where it is none."""
    for part, name in _VALUES.items():
        plain = Fraction(4 * ticks_per_beat, part)
        article, value = name.split(" ", 1)
        for share, words in (
            (Fraction(1), name),
            (Fraction(3, 2), f"a dotted {value}"),
            (Fraction(2, 3), f"{article} {value} triplet"),
        ):
            if abs(ticks - plain * share) <= plain * share * _NEAR:
                return words
    return f"{ticks / ticks_per_beat:.3g} quarters"


def spoken_place(meter: Meter, tick: int) -> str:
    """A place in words: "bar 3 beat 2", with the part of the beat where it is not on one."""
    at = meter.position(max(0, tick))
    part = f"{at.tick / meter.beat_ticks(tick):.2f}".lstrip("0") if at.tick else ""
    return f"bar {at.bar} beat {at.beat}{part}"


def spoken_note(score: Score, meter: Meter, note: int) -> str:
    """One note of a score in words."""
    row = score.notes[note]
    onset = int(row["onset"])
    return ", ".join(
        [
            spoken_pitch(int(row["pitch"]), prefers_flats(score, onset)),
            spoken_place(meter, onset),
            spoken_length(int(row["duration"]), score.ticks_per_beat),
            f"velocity {int(row['velocity'])}",
        ]
    )


def spoken_selection(score: Score, meter: Meter, selected: np.ndarray) -> str:
    """What is selected, in words; a single note with all there is to say."""
    if len(selected) == 1:
        return spoken_note(score, meter, int(selected[0]))
    if len(selected) == 0:
        count = len(score.notes)
        return f"Nothing selected, {count:,} {'note' if count == 1 else 'notes'}"
    first = int(score.notes["onset"][selected].min())
    return f"{len(selected):,} notes selected, from {spoken_place(meter, first)}"


def say(widget: QWidget, words: str) -> None:
    """Tell a screen reader at once; it finds the words as the description of the widget too."""
    widget.setAccessibleDescription(words)
    QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, words))
