"""Words for what sounds together: a note by its name, a chord by its pitch classes in normal order."""

import re
from collections.abc import Iterable, Sequence

from musicgen_app.core.errors import CodecError

Turn = tuple[int, ...]
"""Pitch classes upwards from one of them, in semitones above it."""

_NAMES = ("C", "C#", "D", "E-", "E", "F", "F#", "G", "G#", "A", "B-", "B")
_SPELLED = {f"{_NAMES[pitch % 12]}{pitch // 12 - 1}": pitch for pitch in range(128)}
"""As they are written. Of a name that can be read twice, C-1 say, this is what is meant: C of the lowest octave."""

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "##": 2, "-": -1, "--": -2}
_NOTE = re.compile(r"([A-G])(##?|--?|)([0-9])")
_CHORD = re.compile(r"(?:1[01]|[0-9])(?:\.(?:1[01]|[0-9])){0,11}")
LONGEST_WORD = len("0.1.2.3.4.5.6.7.8.9.10.11")


def note_word(pitch: int) -> str:
    """The name of one note with its octave, flats as "-": ``B-3``."""
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"


def chord_word(pitches: Iterable[int]) -> str:
    """The pitch classes of a chord in normal order, ``0.4.7``; octaves of one class are a chord of one digit."""
    return ".".join(map(str, normal_order(pitches)))


def normal_order(pitches: Iterable[int]) -> list[int]:
    """Pitch classes, each once, as they lie closest: the turn of Forte's prime form or of its mirror image."""
    classes = sorted({pitch % 12 for pitch in pitches})
    turns: dict[Turn, int] = {}
    for index, lowest in enumerate(classes):
        around = classes[index:] + classes[:index]
        turns.setdefault(tuple((one - lowest) % 12 for one in around), lowest)
    prime = min((form for turn in turns for form in (turn, _mirrored(turn))), key=lambda form: (form[-1], form))
    chosen = prime if prime in turns else _mirrored(prime)
    return [(step + turns[chosen]) % 12 for step in chosen]


def _mirrored(turn: Turn) -> Turn:
    return tuple(turn[-1] - step for step in reversed(turn))


def is_word(word: str) -> bool:
    """Whether a text is the word of a note that MIDI has, or of a chord of different pitch classes."""
    if len(word) > LONGEST_WORD:
        return False
    if _CHORD.fullmatch(word):
        classes = word.split(".")
        return len(set(classes)) == len(classes)
    return word in _SPELLED or (_NOTE.fullmatch(word) is not None and 0 <= _pitch(word) <= 127)


def pitches_of(word: str, octave: int) -> Sequence[int]:
    """The pitches of a word, rising.

    Args:
        word: The word of a note or a chord.
        octave: MIDI pitch of the C above which chords are laid.

    Raises:
        CodecError: It is no such word.
    """
    if not is_word(word):
        raise CodecError(f'"{word[:LONGEST_WORD]}" is neither a note nor a chord.', "Expected C#4 or 0.4.7, say.")
    if word[0].isdigit():
        return sorted(octave + int(one) for one in word.split("."))
    return [_pitch(word)]


def _pitch(word: str) -> int:
    if word in _SPELLED:
        return _SPELLED[word]
    letter, sign, octave = _NOTE.fullmatch(word).groups()  # type: ignore[union-attr]
    return 12 * (int(octave) + 1) + _STEPS[letter] + _SIGNS[sign]
