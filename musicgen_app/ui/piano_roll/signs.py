"""What stands above the notes as words: time signatures, keys and markers; how they are called and asked for."""

import re
from dataclasses import dataclass, replace

from PySide6.QtWidgets import QInputDialog, QWidget

from musicgen_app.core.asides import Marker
from musicgen_app.core.edit_signs import (
    remove_key_signature,
    remove_marker,
    remove_time_signature,
    set_key_signature,
    set_marker,
    set_time_signature,
)
from musicgen_app.core.score import KeySignature, Score, TimeSignature

Sign = TimeSignature | KeySignature | Marker
METRE, KEY, MARKER = "metre", "key", "marker"
KINDS = (METRE, KEY, MARKER)
NAMES = {METRE: "Time signature", KEY: "Key", MARKER: "Marker"}

_MAJOR = ("C♭", "G♭", "D♭", "A♭", "E♭", "B♭", "F", "C", "G", "D", "A", "E", "B", "F♯", "C♯")
_MINOR = ("A♭", "E♭", "B♭", "F", "C", "G", "D", "A", "E", "B", "F♯", "C♯", "G♯", "D♯", "A♯")
_ORDER = (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7)
_METRE = re.compile(r"\s*(\d{1,3})\s*/\s*(\d{1,3})\s*")


@dataclass(frozen=True, slots=True)
class Placed:
    """A sign where it stands.

    Attributes:
        onset: Its tick.
        kind: METRE, KEY or MARKER.
        words: What is written.
    """

    onset: int
    kind: str
    words: str


def key_name(key: KeySignature) -> str:
    """A key in words: "E♭ major"."""
    return f"{(_MINOR if key.minor else _MAJOR)[key.fifths + 7]} {'minor' if key.minor else 'major'}"


def placed_signs(score: Score) -> tuple[Placed, ...]:
    """All signs of a score, in order; at one tick the metre first, the marker last."""
    found = [Placed(sign.onset, METRE, f"{sign.numerator}/{sign.denominator}") for sign in score.time_signatures]
    found += [Placed(sign.onset, KEY, key_name(sign)) for sign in score.key_signatures]
    found += [Placed(sign.onset, MARKER, sign.text) for sign in score.markers]
    return tuple(sorted(found, key=lambda sign: (sign.onset, KINDS.index(sign.kind))))


def read_metre(text: str, onset: int) -> TimeSignature | None:
    """A time signature from words such as "3/4"; None where they are none."""
    found = _METRE.fullmatch(text)
    if found is None:
        return None
    try:
        return TimeSignature(onset, int(found[1]), int(found[2]))
    except ValueError:
        return None


def removed(score: Score, sign: Placed) -> Score:
    """The score without a sign."""
    remove = {METRE: remove_time_signature, KEY: remove_key_signature, MARKER: remove_marker}[sign.kind]
    return remove(score, sign.onset)


def moved(score: Score, sign: Placed, to: int) -> Score:
    """The score with a sign elsewhere, in place of one of its kind that stands there."""
    signs: dict[str, tuple[Sign, ...]] = {
        METRE: score.time_signatures,
        KEY: score.key_signatures,
        MARKER: score.markers,
    }
    own = signs[sign.kind]
    return placed(removed(score, sign), *(replace(one, onset=max(to, 0)) for one in own if one.onset == sign.onset))


def placed(score: Score, *signs: Sign) -> Score:
    """The score with signs, each in place of one of its kind at its tick."""
    for sign in signs:
        if isinstance(sign, TimeSignature):
            score = set_time_signature(score, sign)
        elif isinstance(sign, KeySignature):
            score = set_key_signature(score, sign)
        else:
            score = set_marker(score, sign)
    return score


def ask_sign(owner: QWidget, score: Score, kind: str, tick: int) -> Score | None:
    """Ask for a sign from a tick on, or another one in the place of the one there; None where nothing is wanted."""
    ask = {METRE: _ask_metre, KEY: _ask_key, MARKER: _ask_marker}[kind]
    sign = ask(owner, score, tick)
    return None if sign is None else placed(score, sign)


def _ask_metre(owner: QWidget, score: Score, tick: int) -> TimeSignature | None:
    now = next((sign for sign in reversed(score.time_signatures) if sign.onset <= tick), TimeSignature(0))
    text = f"{now.numerator}/{now.denominator}"
    words = "Beats in a bar and their value, such as 3/4 or 6/8:"
    while True:
        text, agreed = QInputDialog.getText(owner, NAMES[METRE], words, text=text)
        if not agreed:
            return None
        metre = read_metre(text, tick)
        if metre is not None:
            return metre
        words = "That is no time signature. Write the beats, a stroke and 1, 2, 4, 8, 16 or 32:"


def _ask_key(owner: QWidget, score: Score, tick: int) -> KeySignature | None:
    keys = [KeySignature(tick, fifths, minor) for minor in (False, True) for fifths in _ORDER]
    now = next((sign for sign in reversed(score.key_signatures) if sign.onset <= tick), KeySignature(0))
    names = [key_name(key) for key in keys]
    name, agreed = QInputDialog.getItem(
        owner, NAMES[KEY], "Key from here on:", names, names.index(key_name(now)), False
    )
    return keys[names.index(name)] if agreed else None


def _ask_marker(owner: QWidget, score: Score, tick: int) -> Marker | None:
    now = next((marker.text for marker in score.markers if marker.onset == tick), "")
    text, agreed = QInputDialog.getText(owner, NAMES[MARKER], "Name of this place:", text=now)
    return Marker(tick, text.strip()) if agreed and text.strip() else None
