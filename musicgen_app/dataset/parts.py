"""Which tracks of a file a data set learns from: those of the piano, all but drums, or some instruments."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from musicgen_app.core.errors import UsageError
from musicgen_app.core.instruments import PROGRAM_NAMES, instrument_name
from musicgen_app.core.score import Notes, Score, Track

PIANO_PROGRAMS = tuple(range(8))
"""Grand pianos to harpsichord and clavinet; a track that names no program is the first of them."""

_PIANO_NAME = re.compile(
    r"(?:(?:acoustic|grand|upright) )*(?:piano|pianoforte|klavier|flügel)(?:[\W_]+(?:left|right|[lr]\.?h\.?|[lr]|\d+))?"
    r"(?:[ -]hand)?|(?:left|right)[ -]hand|(?:linke|rechte) hand|main (?:gauche|droite)|mano (?:sinistra|destra)",
    re.IGNORECASE,
)
"""A track of such a name is the piano whatever its program; names that merely contain the word are not."""

_NAMED = 4
_EXPECTED = 'Write "piano", "all", or program numbers from 1 to 128 as inspect shows them: 41-43,49.'


@dataclass(frozen=True, slots=True)
class Parts:
    """A choice of tracks; drums are never chosen.

    Attributes:
        programs: General MIDI programs, 0 to 127, ascending; none means the piano.
        everything: Whether all tracks but drums are meant.
    """

    programs: tuple[int, ...] = ()
    everything: bool = False

    @staticmethod
    def of(text: str) -> "Parts":
        """The choice that ``text`` wrote down.

        Raises:
            UsageError: It is none.
        """
        words = text.strip().lower()
        if words in ("piano", "all"):
            return ALL if words == "all" else PIANO
        found: set[int] = set()
        for part in words.split(","):
            span = re.fullmatch(r"\s*(\d{1,3})\s*(?:-\s*(\d{1,3})\s*)?", part)
            first, last = (int(span[1]), int(span[2] or span[1])) if span else (0, 0)
            if not 1 <= first <= last <= len(PROGRAM_NAMES):
                raise UsageError(f'"{text}" is no choice of instruments.', _EXPECTED)
            found |= set(range(first - 1, last))
        return Parts(tuple(sorted(found)))

    @property
    def text(self) -> str:
        """The choice in a word or in numbers, for files and command lines."""
        if self.everything:
            return "all"
        return ",".join(str(program + 1) for program in self.programs) or "piano"

    @property
    def words(self) -> str:
        """The choice as it is shown to people."""
        if self.everything:
            return "All but drums"
        return ", ".join(PROGRAM_NAMES[program] for program in self.programs) or "Piano"

    def include(self, track: Track) -> bool:
        """Whether a track is meant."""
        if track.is_percussion:
            return False
        if self.everything or self.programs:
            return self.everything or track.program in self.programs
        return track.program in PIANO_PROGRAMS or _PIANO_NAME.fullmatch(track.name.strip()) is not None


PIANO, ALL = Parts(), Parts(everything=True)


@dataclass(frozen=True, slots=True)
class Picked:
    """The music that was chosen.

    Attributes:
        score: It alone; the very same score where only drums, or nothing, stand beside it.
        left_out: Notes of the instruments beside it, by their names, most notes first; drums do not count.
    """

    score: Score
    left_out: tuple[tuple[str, int], ...] = ()


def pick(score: Score, parts: Parts) -> Picked:
    """Keep only the tracks that are meant, with their notes and pedals."""
    counts = np.bincount(score.notes["track"], minlength=len(score.tracks)).tolist()
    meant = [parts.include(track) for track in score.tracks]
    left: Counter[str] = Counter()
    for track, count, wanted in zip(score.tracks, counts, meant, strict=True):
        if count and not wanted and not track.is_percussion:
            left[instrument_name(track)] += count
    if not left:
        return Picked(score)
    kept = [index for index, wanted in enumerate(meant) if wanted]
    places = np.cumsum(meant) - 1

    def of_kept(rows: Notes) -> Notes:
        rows = rows[np.isin(rows["track"], kept)]
        rows["track"] = places[rows["track"]]
        return rows

    music = replace(
        score.music_alone(),
        notes=of_kept(score.notes),
        pedals=of_kept(score.pedals),
        tracks=tuple(score.tracks[index] for index in kept),
    )
    return Picked(music, tuple(left.most_common()))


LEFT_OUT = "Left out: "
"""How the sentence begins that tells of instruments beside the music."""


def names_of(left_out: Iterable[tuple[str, int]]) -> str:
    """Instruments, the first of many, without their notes."""
    names = [name for name, _ in left_out]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def left_out_words(left_out: tuple[tuple[str, int], ...]) -> str:
    """What was left out, in a sentence."""
    named = [f"{name} ({_notes(count)})" for name, count in left_out[:_NAMED]]
    rest = sum(count for _, count in left_out[_NAMED:])
    more = f" and {len(left_out) - _NAMED} more ({_notes(rest)})" if rest else ""
    use = "its program to use it" if len(left_out) == 1 else "their programs to use them"
    return f"{LEFT_OUT}{', '.join(named)}{more}. Choose {use}."


def _notes(count: int) -> str:
    return "1 note" if count == 1 else f"{count:,} notes"
