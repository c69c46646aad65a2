"""Scores for the tests of codecs: free, crowded into few places so that notes collide, and with long gaps."""

import numpy as np
from hypothesis import strategies as st

from musicgen_app.core.score import NOTE_DTYPE, PEDAL_DTYPE, TEMPO_DTYPE, Score, Track

TRACKS = (Track("Right hand"), Track("Drums", channel=9), Track("Left hand", channel=1))


def ticks(ticks_per_beat: int) -> st.SearchStrategy[int]:
    beat = ticks_per_beat
    return st.one_of(
        st.integers(0, 4 * beat),
        st.integers(0, 200).map(lambda step: step * beat // 24),
        st.integers(0, 400 * beat),
        st.just(0),
    )


@st.composite
def piano_scores(draw: st.DrawFn, largest: int = 60) -> Score:
    beat = draw(st.sampled_from([1, 24, 96, 120, 384, 480, 500, 1000, 32767]))
    at = ticks(beat)
    note = st.tuples(at, at.map(lambda n: n + 1), st.integers(55, 67), st.integers(1, 127), st.integers(0, 2))
    pedal = st.tuples(at, st.integers(0, 2), st.sampled_from([0, 20, 63, 64, 127]))
    tempo = st.tuples(at, st.integers(100_000, 2_000_000))
    return Score(
        notes=np.array(draw(st.lists(note, max_size=largest)), dtype=NOTE_DTYPE),
        pedals=np.array(draw(st.lists(pedal, max_size=largest // 2)), dtype=PEDAL_DTYPE),
        tempos=np.array(draw(st.lists(tempo, max_size=3)), dtype=TEMPO_DTYPE),
        tracks=TRACKS,
        ticks_per_beat=beat,
    )
