"""Keys in words, and back."""

import re

from musicgen_app.core.score import KeySignature

_KEYS = ("C♭", "G♭", "D♭", "A♭", "E♭", "B♭", "F", "C", "G", "D", "A", "E", "B", "F♯", "C♯", "G♯", "D♯", "A♯")
"""Major keys from seven flats to seven sharps; the minor key of the same signature stands three places further."""
_SIGNS = {"": "", "b": "♭", "♭": "♭", "flat": "♭", "#": "♯", "♯": "♯", "sharp": "♯"}
_WRITTEN = re.compile(r"([A-G])\s*(b|♭|flat|#|♯|sharp|)\s*(major|minor|)", re.IGNORECASE)


def key_name(fifths: int, minor: bool) -> str:
    """The key of a signature of so many sharps, or flats where it is below 0."""
    return f"{_KEYS[fifths + 7 + (3 if minor else 0)]} {'minor' if minor else 'major'}"


def key_named(text: str) -> KeySignature | None:
    """The key that a person wrote: ``E♭ major``, ``f sharp minor``, ``Bb`` (major); None where it is none."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        return None
    letter, sign, mode = found.groups()
    name = letter.upper() + _SIGNS[sign.lower()]
    minor = mode.lower() == "minor"
    fifths = _KEYS.index(name) - (10 if minor else 7) if name in _KEYS else 8
    return KeySignature(0, fifths, minor) if -7 <= fifths <= 7 else None
