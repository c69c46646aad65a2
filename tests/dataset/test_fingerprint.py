"""The fingerprint: blind to key, tempo and loudness, not to the notes."""

from dataclasses import replace

import numpy as np

from musicgen_app.core.score import Score
from musicgen_app.dataset.fingerprint import fingerprint
from tests.dataset.music import DRUMS, melody, transposed


def test_key_and_tempo_and_loudness_and_resolution_do_not_count() -> None:
    score = melody(1)
    notes = score.notes.copy()
    notes["velocity"] = 50
    notes["onset"] *= 20
    notes["duration"] *= 20
    other = replace(score, notes=notes, ticks_per_beat=480)
    assert fingerprint(transposed(other, 5)) == fingerprint(score)


def test_where_the_piece_begins_and_doubled_notes_do_not_count() -> None:
    score = melody(1)
    moved = score.notes.copy()
    moved["onset"] += score.ticks_per_beat * 3
    assert fingerprint(score.with_notes(np.concatenate([moved, moved[:4]]))) == fingerprint(score)


def test_one_other_note_counts() -> None:
    score = melody(1)
    notes = score.notes.copy()
    notes["pitch"][7] += 1
    assert fingerprint(score.with_notes(notes)) != fingerprint(score)


def test_drums_and_silence_have_none() -> None:
    assert fingerprint(Score()) == b""
    assert fingerprint(replace(melody(1), tracks=DRUMS)) == b""
