"""Titles that the names of files stand for, by the ways in which collections of piano music are usually named.

A name is read in pieces: a sign of the composer, of the form, the opus and the number. Whatever does not fit as a whole
is left alone, so a name that only looks like one is not made into another work.
"""

import re

_FORMS = {
    "Étude": ("et", "etu", "etud", "etude"),
    "Nocturne": ("no", "noc", "noct", "nocturne"),
    "Prélude": ("pr", "pre", "prel", "prelude"),
    "Mazurka": ("ma", "mz", "maz", "mazurka"),
    "Waltz": ("wa", "wz", "val", "valse", "waltz"),
    "Polonaise": ("po", "pol", "polonaise"),
    "Ballade": ("ba", "bal", "ballade"),
    "Scherzo": ("sc", "sch", "scherzo"),
    "Impromptu": ("im", "imp", "impromptu"),
    "Rondo": ("ro", "rondo"),
    "Piano sonata": ("son", "sonata", "pson", "psonata"),
}
_FORM = {sign: form for form, signs in _FORMS.items() for sign in signs}
_SIGNS = "|".join(sorted(_FORM, key=len, reverse=True))
_LETTERS = {"e": "Étude", "n": "Nocturne", "p": "Prélude", "m": "Mazurka", "w": "Waltz"}
_CHOPIN = r"(?:chopin|chpn|chp|ch)"
_WHOLE = {"ballade", "scherzo", "impromptu", "nocturne", "prelude", "mazurka", "waltz", "polonaise", "etude", "sonata"}

_PACKED = re.compile(rf"{_CHOPIN}[_-]?({_SIGNS})[_-]?(\d\d)(\d\d)")
_OPUS = re.compile(rf"{_CHOPIN}[_-]op(\d{{1,2}})(?:[_-]?([a-z])?(\d{{1,2}}))?")
_MOVEMENT = re.compile(rf"{_CHOPIN}[_-]?(p?son(?:ata)?)[_-]?(\d)([a-d]|[_-][1-4])?")
_NUMBERED = re.compile(r"([a-z]+?)[ _-]?(?:no[ ._-]*)?(\d{1,2})")
_TELLING = re.compile(rf"\b({'|'.join(sorted(_WHOLE | {'étude', 'prélude', 'valse', 'rondo', 'sonate'}))})s?\b")


def known_title(stem: str) -> str:
    """The title a file's name stands for: ``chet2512`` is Étude op. 25 no. 12; empty where it is no such name.

    Four ways are known: composer, form, opus and number in two digits each (``chno0902``); opus and a letter for the
    form (``chpn_op25_e12``); a sonata with the letter of its movement (``chpson3a``); and a form with a number
    (``ballade2``).
    """
    name = stem.strip().casefold()
    return _packed(name) or _by_opus(name) or _movement(name) or _numbered(name)


def telling_name(name: str) -> str:
    """The name of a track, where it names a musical form: *Etude No. 1*, but not *Piano right*; else empty."""
    words = " ".join(name.split())
    return words if _TELLING.search(words.casefold()) else ""


def _packed(name: str) -> str:
    found = _PACKED.fullmatch(name)
    if found is None:
        return ""
    form, opus, number = _FORM[found[1]], int(found[2]), int(found[3])
    return f"{form} op. {opus} no. {number}" if opus and number else ""


def _by_opus(name: str) -> str:
    found = _OPUS.fullmatch(name)
    if found is None or (found[2] and found[2] not in _LETTERS):
        return ""
    form = f"{_LETTERS[found[2]]} " if found[2] else ""
    opus = f"{form}op. {int(found[1])}" if form else f"Chopin, op. {int(found[1])}"
    return f"{opus} no. {int(found[3])}" if found[3] else opus


def _movement(name: str) -> str:
    found = _MOVEMENT.fullmatch(name)
    if found is None:
        return ""
    title = f"Piano sonata no. {found[2]}"
    if not found[3]:
        return title
    mark = found[3].lstrip("_-")
    return f"{title}, movement {mark if mark.isdigit() else 'abcd'.index(mark) + 1}"


def _numbered(name: str) -> str:
    found = _NUMBERED.fullmatch(name)
    if found is None or found[1] not in _WHOLE:
        return ""
    return f"{_FORM[found[1]]} no. {int(found[2])}"
