"""The words of a MIDI file, as the seed experiments read it: all its parts, or the first one only."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.score import Score
from musicgen_app.midi.reader import Reading
from musicgen_app.tokens.seed_parts import TWELFTHS, Part, Strike, bars_of, placed_words

_SAME_INSTRUMENT = {1: 0, 3: 0}
"""Programs that were taken for the grand piano."""

_INSTRUMENT = "piano"


def seed_words(reading: Reading, first_part: bool = False) -> list[str]:
    """The words of a file, in the order of its notes.

    Args:
        reading: The file.
        first_part: Whether only what the seeds called the first part is read (see ``first_parts``).
    """
    return [word for _, word in timed_words(reading, first_part)]


def timed_words(reading: Reading, first_part: bool = False) -> list[tuple[int, str]]:
    """The words of ``seed_words``, each with the tick it was read at: on the grid of the words, near that of its notes.

    Args:
        reading: The file.
        first_part: As in ``seed_words``.
    """
    numbers = first_parts(reading) if first_part else _parts(reading)
    return _timed([_part(reading, number) for number in numbers], reading.score)


def score_words(score: Score) -> list[str]:
    """The words of a score that is not at hand as a file: notes struck together are taken upwards."""
    return [word for _, word in timed_score_words(score)]


def timed_score_words(score: Score) -> list[tuple[int, str]]:
    """The words of ``score_words``, each with the tick it was read at."""
    chosen = [score.notes[score.notes["track"] == track] for track in range(len(score.tracks))]
    piano = [
        Part(_strikes(notes), (0,))
        for notes, track in zip(chosen, score.tracks, strict=True)
        if len(notes) and not track.is_percussion
    ]
    return _timed(piano, score)


def lost_notes(reading: Reading) -> int:
    """How many notes of the piano the first-part rule leaves out."""
    piano = _piano(reading)
    kept = np.isin(reading.written.parts[piano], first_parts(reading))
    return int(np.count_nonzero(~kept))


def first_parts(reading: Reading) -> list[int]:
    """The tracks of the file that the seeds' reading took for its first part.

    Its parts were instruments, not tracks. A track whose name says "piano", and more than that, while a program says
    which instrument it is, counted as two instruments that begin at once: the first of them has no notes, and that was
    the part they read.
    """
    numbers = _parts(reading)
    if not numbers:
        return []
    first = _instrument(reading, numbers[0])
    if first is None:
        return []
    return [number for number in numbers if _instrument(reading, number) == first]


def _instrument(reading: Reading, number: int) -> str | None:
    """What the instrument of a track is called; None where its name and its program contradict each other."""
    written = reading.written
    track = reading.score.tracks[int(written.notes["track"][written.parts == number][0])]
    named = track.name.strip().casefold() if _INSTRUMENT in track.name.casefold() else ""
    if not bool(np.any(written.programs[:, 0] == number)):
        return named if track.name else f"track {number}"
    if named not in ("", _INSTRUMENT):
        return None
    return str(_SAME_INSTRUMENT.get(track.program, track.program))


def _piano(reading: Reading) -> NDArray[np.bool_]:
    """Shape (notes,): which notes of the file are no drums."""
    drums = np.array([track.is_percussion for track in reading.score.tracks], dtype=np.bool_)
    piano: NDArray[np.bool_] = ~drums[reading.written.notes["track"]]
    return piano


def _parts(reading: Reading) -> list[int]:
    numbers: list[int] = np.unique(reading.written.parts[_piano(reading)]).tolist()
    return numbers


def _part(reading: Reading, number: int) -> Part:
    written = reading.written
    notes = written.notes[(written.parts == number) & _piano(reading)]
    marks = written.marks[written.marks[:, 0] == number, 1]
    return Part(_strikes(notes), (0, *marks.tolist()))


def _timed(parts: Sequence[Part], score: Score) -> list[tuple[int, str]]:
    placed = placed_words(parts, score.ticks_per_beat, bars_of(score.time_signatures, score.ticks_per_beat))
    return [(twelfth * score.ticks_per_beat // TWELFTHS, word) for twelfth, word in placed]


def _strikes(notes: NDArray[np.void]) -> Sequence[Strike]:
    ends = notes["onset"] + notes["duration"]
    return list(zip(notes["onset"].tolist(), ends.tolist(), notes["pitch"].tolist(), strict=True))
