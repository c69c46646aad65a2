"""Music for property tests: hypothesis strategies that every package's tests may use."""

from collections import defaultdict

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from musicgen_app.core.asides import CONTROL_DTYPE, NO_TRACK, Aside, Marker
from musicgen_app.core.score import (
    NOTE_DTYPE,
    PEDAL_DTYPE,
    TEMPO_DTYPE,
    KeySignature,
    Notes,
    Score,
    TimeSignature,
    Track,
    make_notes,
)

NoteRow = tuple[int, int, int, int, int]
"""Onset, duration, pitch, velocity, track."""

names = st.text(
    st.one_of(st.just(" "), st.sampled_from("Flügel ピアノ 🎹"), st.characters(exclude_categories=["C", "Z"])),
    max_size=30,
).map(str.strip)
"""Names of tracks: anything printable on one line, without blanks at its ends."""

tracks = st.builds(Track, name=names, program=st.integers(0, 127), channel=st.integers(0, 15))

resolutions = st.one_of(st.sampled_from([24, 96, 120, 480, 960]), st.integers(1, 32767))
"""Ticks in a quarter note."""


def ticks(longest: int = 5_000) -> st.SearchStrategy[int]:
    """Onsets; every now and then one that is far away, so that long delta times are met."""
    return st.one_of(st.integers(0, 40), st.integers(0, longest))


def note_rows(track_count: int = 1, longest: int = 5_000) -> st.SearchStrategy[NoteRow]:
    """Single notes; pitches and times are drawn close together, so that notes meet and overlap."""
    pitches = st.one_of(st.integers(58, 64), st.integers(0, 127))
    lengths = st.one_of(st.integers(1, 60), st.integers(1, longest))
    return st.tuples(ticks(longest), lengths, pitches, st.integers(1, 127), st.integers(0, track_count - 1))


def without_nesting(notes: Notes) -> Notes:
    """The same notes with ends exchanged, so that of two overlapping ones the first to begin is the first to end.

    MIDI cannot say otherwise for notes of one track and pitch: a note-off does not tell which note it ends.
    """
    voices: dict[tuple[int, int], list[NoteRow]] = defaultdict(list)
    for row in notes.tolist():
        onset, duration, pitch, velocity, track = row
        voices[track, pitch].append((onset, duration, pitch, velocity, track))
    rows: list[NoteRow] = []
    for voice in voices.values():
        begins = sorted(voice)
        ends = sorted(onset + duration for onset, duration, *_ in voice)
        rows += [(row[0], end - row[0], *row[2:]) for row, end in zip(begins, ends, strict=True)]
    return make_notes(rows)


@st.composite
def control_rows(draw: st.DrawFn, voices: tuple[Track, ...], longest: int) -> Notes:
    """Channel messages of the tracks, and of channels that no track has; without changes of program."""
    kind = st.sampled_from([0xA0, 0xB0, 0xD0, 0xE0])
    of_tracks = st.tuples(
        ticks(longest), st.integers(0, len(voices) - 1), kind, st.integers(0, 63), st.integers(0, 127)
    )
    rows = draw(st.lists(of_tracks, max_size=6))
    free = sorted(set(range(16)) - {track.channel for track in voices})
    if free:
        channel = draw(st.sampled_from(free))
        rows += [
            (onset, NO_TRACK, status | channel, *rest)
            for onset, _, status, *rest in draw(st.lists(of_tracks, max_size=2))
        ]
    return np.array([(*row[:4], 0 if row[2] & 0xF0 == 0xD0 else row[4]) for row in rows], dtype=CONTROL_DTYPE)


def aside_lists(track_count: int, longest: int) -> st.SearchStrategy[list[Aside]]:
    """Texts, lyrics and messages to devices; none of the kinds that say something of the track."""
    kind = st.sampled_from([0x01, 0x02, 0x05, 0x07, 0x7F, 0xF0, 0xF7])
    where = st.one_of(st.none(), st.integers(0, track_count - 1))
    return st.lists(st.builds(Aside, ticks(longest), kind, st.binary(min_size=1, max_size=200), where), max_size=4)


@st.composite
def scores(
    draw: st.DrawFn, max_notes: int = 30, max_tracks: int = 3, nested: bool = False, longest: int = 5_000
) -> Score:
    """Whole scores with tempo, signatures, pedals, named tracks, markers, and what is kept as it is.

    Args:
        draw: Given by hypothesis.
        max_notes: Most notes.
        max_tracks: Most tracks; there is at least one.
        nested: Whether a note may lie inside another one of its track and pitch, which MIDI cannot say.
        longest: Last onset and longest duration, in ticks.
    """
    voices = tuple(draw(st.lists(tracks, min_size=1, max_size=max_tracks)))
    notes = make_notes(draw(st.lists(note_rows(len(voices), longest), max_size=max_notes)))
    when = ticks(longest)
    pedals = draw(st.lists(st.tuples(when, st.integers(0, len(voices) - 1), st.integers(0, 127)), max_size=8))
    tempos = draw(st.lists(st.tuples(when, st.integers(1, 0xFFFFFF)), max_size=5))
    metres = draw(
        st.lists(
            st.builds(TimeSignature, when, st.integers(1, 255), st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128])),
            max_size=4,
            unique_by=lambda signature: signature.onset,
        )
    )
    keys = draw(
        st.lists(
            st.builds(KeySignature, when, st.integers(-7, 7), st.booleans()),
            max_size=4,
            unique_by=lambda signature: signature.onset,
        )
    )
    return Score(
        notes=notes if nested else without_nesting(notes),
        pedals=np.array(pedals, dtype=PEDAL_DTYPE),
        tempos=np.array(tempos, dtype=TEMPO_DTYPE),
        time_signatures=tuple(metres),
        key_signatures=tuple(keys),
        tracks=voices,
        ticks_per_beat=draw(resolutions),
        markers=tuple(draw(st.lists(st.builds(Marker, when, names), max_size=3))),
        controls=draw(control_rows(voices, longest)),
        asides=tuple(draw(aside_lists(len(voices), longest))),
    )


@st.composite
def chosen_scores(draw: st.DrawFn, max_notes: int = 25, longest: int = 2_000) -> tuple[Score, NDArray[np.intp]]:
    """Scores, and the indices of some of their notes, in any order."""
    score = draw(scores(max_notes, nested=True, longest=longest))
    indices = st.lists(st.integers(0, max(len(score.notes) - 1, 0)), unique=True)
    picked = draw(st.one_of(st.just(list(range(len(score.notes)))), indices)) if len(score.notes) else []
    return score, np.array(picked, dtype=np.intp)


@st.composite
def piano_scores(draw: st.DrawFn, max_notes: int = 30, ticks_per_beat: int = 480) -> Score:
    """Plain piano pieces: one track, piano pitches, usual tempo, 4/4."""
    row = st.tuples(ticks(), st.integers(1, 2_000), st.integers(21, 108), st.integers(1, 127))
    notes = np.array([(*note, 0) for note in draw(st.lists(row, min_size=1, max_size=max_notes))], dtype=NOTE_DTYPE)
    return Score(notes=without_nesting(notes), ticks_per_beat=ticks_per_beat)
