"""Melodies of which every note is one word: none is held over a bar line."""

from pathlib import Path

import numpy as np

from musicgen_app.core.score import Score, make_notes
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.tokens.seed import SeedCodec, vocabulary
from musicgen_app.tokens.seed_reading import seed_words

_BARS = ((480, 480, 480, 480), (240, 240, 480, 960), (960, 480, 240, 240))
"""Rhythms of four notes."""


def etude(path: Path, seed: int, bars: int = 15) -> list[str]:
    """Write a melody of four notes a bar and return its words."""
    rng = np.random.default_rng(seed)
    onset, rows = 0, []
    for gap in (gap for bar in rng.integers(0, len(_BARS), bars).tolist() for gap in _BARS[bar]):
        rows.append((onset, gap, int(rng.integers(48, 84)), 80))
        onset += gap
    write_midi(Score(notes=make_notes(rows)), path)
    return seed_words(read_midi(path), first_part=True)


def rendered(words: list[str]) -> Score:
    """Words as the seeds rendered them."""
    codec = SeedCodec(vocabulary(words))
    return codec.decode(codec.rows_of(words))
