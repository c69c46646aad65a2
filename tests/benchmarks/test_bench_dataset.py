"""The plain loop that encoding is measured against does the same work."""

import numpy as np

from musicgen_app.tokens.notes import metrical_codec
from tests.benchmarks.bench_dataset import encode_in_a_loop, music


def test_the_plain_loop_gives_the_same_rows() -> None:
    codec = metrical_codec()
    score = music(5_000)
    assert np.array_equal(codec.encode(score), encode_in_a_loop(score, codec))
