"""What the doctor remarks on usable music, each sign beside music that nearly shows it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.score import NOTE_DTYPE, PEDAL_DTYPE, TEMPO_DTYPE, Score, Track
from musicgen_app.dataset.signs import SIGNS, signs_of
from musicgen_app.midi.reader import read_midi
from tests.dataset.music import melody

BEAT = 24


def names(score: Score, tempo_named: bool = True) -> list[str]:
    return [sign.name for sign in signs_of(score, tempo_named)]


def sentence(score: Score, name: str) -> str:
    return next(sign.sentence for sign in signs_of(score) if sign.name == name)


def hands(*rows: Sequence[int], count: int = 40) -> Score:
    """Chords of two keys (low, high) on every beat, with some dynamics."""
    notes = np.zeros(2 * count, NOTE_DTYPE)
    pairs = np.array([rows[beat % len(rows)] for beat in range(count)])
    notes["onset"] = np.repeat(np.arange(count) * BEAT, 2)
    notes["duration"] = BEAT
    notes["pitch"] = pairs.ravel()
    notes["velocity"] = 40 + np.arange(2 * count) % 50
    return Score(notes, ticks_per_beat=BEAT)


def changed(score: Score, **fields: object) -> Score:
    """Columns of the notes with other values."""
    notes = score.notes.copy()
    for name, values in fields.items():
        notes[name] = values
    return score.with_notes(notes)


def freely(score: Score) -> Score:
    """The same notes, each up to a beat later: at 480 ticks there is no grid left."""
    rng = np.random.default_rng(1)
    late = np.sort(score.notes["onset"] * 20 + rng.integers(0, 480, len(score.notes)))
    return replace(changed(score, onset=late, duration=score.notes["duration"] * 20), ticks_per_beat=480)


def test_ordinary_music_shows_no_sign() -> None:
    assert names(melody(1)) == []
    assert names(hands((48, 72), (50, 74), (43, 71))) == []


def test_free_timing_names_the_tempo_that_says_nothing() -> None:
    assert "tempo 120 throughout" in sentence(freely(melody(1)), "free-timing")
    tempos = np.array([(0, 500_000), (4800, 400_000)], TEMPO_DTYPE)
    assert "1 change of tempo" in sentence(replace(freely(melody(1)), tempos=tempos), "free-timing")
    assert names(freely(melody(1)), tempo_named=False)[:1] == ["free-timing"]


def test_music_on_a_grid_may_lack_a_tempo() -> None:
    assert names(melody(1), tempo_named=False) == ["no-tempo"]


def test_one_voice_is_told_from_two() -> None:
    single = changed(melody(1, chords=False), duration=1)
    assert names(single) == ["one-voice"]
    assert names(single.with_notes(single.notes[:63])) == []


@pytest.mark.parametrize(
    ("low", "high", "hand"), [(64, 72, "right"), (40, 52, "left"), (50, 62, ""), (60, 84, ""), (36, 60, "")]
)
def test_one_hand_keeps_to_its_side_and_reach(low: int, high: int, hand: str) -> None:
    score = hands((low, high), (low, high - 2))
    assert names(score) == (["one-hand"] if hand else [])
    if hand:
        assert f"the {hand} hand" in sentence(score, "one-hand")


def test_keys_no_piano_has_and_keys_hardly_any_music_uses() -> None:
    outside = hands(*[(48, 72)] * 39, (20, 109))
    assert sentence(outside, "range") == (
        "2 notes of 80 lie outside the 88 keys of a piano; the music reaches from G♯0 to C♯8."
    )
    assert "1 note of 80 lies" in sentence(hands(*[(48, 72)] * 39, (20, 72)), "range")
    assert sentence(hands((48, 72), (48, 72), (21, 108)), "range").startswith("26 of 80 notes")
    assert names(hands(*[(48, 72)] * 39, (21, 108))) == []


def test_flat_and_quiet_velocities() -> None:
    score = melody(1)
    assert sentence(changed(score, velocity=90), "flat").startswith("All 160 notes have velocity 90")
    nearly = np.full(160, 90)
    nearly[0] = 30
    assert sentence(changed(score, velocity=nearly), "flat").startswith("159 of 160 notes")
    nearly[:3] = 30
    assert names(changed(score, velocity=nearly)) == []
    soft = 5 + np.arange(160) % 20
    assert sentence(changed(score, velocity=soft), "quiet").startswith("Hardly to be heard: half of the 160 notes")


def test_the_pedal_is_missed_where_a_piano_was_played() -> None:
    played = freely(melody(1))
    assert "no-pedal" in names(played)
    pedal = np.array([(0, 0, 127)], PEDAL_DTYPE)
    assert "no-pedal" not in names(replace(played, pedals=pedal))
    assert "no-pedal" not in names(replace(played, tracks=(Track(program=6),)))
    assert "no-pedal" not in names(changed(played, velocity=60 + np.arange(160) % 10))
    assert "no-pedal" not in names(replace(played, tempos=np.array([(0, 50_000)], TEMPO_DTYPE)))
    rubato = np.array([(12 * place, 500_000 + 1000 * (place % 7)) for place in range(400)], TEMPO_DTYPE)
    assert names(replace(melody(1), tempos=rubato)) == ["no-pedal"]
    assert names(replace(melody(1), tempos=rubato[:10])) == []


def test_what_hangs_crowds_or_stays_silent_is_placed() -> None:
    score = hands((48, 72), (50, 74), (43, 71))
    chord = np.zeros(26, NOTE_DTYPE)
    chord["onset"], chord["duration"], chord["velocity"], chord["pitch"] = 8 * BEAT, BEAT, 64, 40 + np.arange(26)
    crowd = score.with_notes(np.concatenate([score.notes, chord]))
    assert sentence(crowd, "crowded") == "28 notes sound at once at bar 3, more than two hands and a pedal hold."
    long = score.notes["duration"].copy()
    long[9] = 150 * BEAT
    assert sentence(changed(score, duration=long), "hanging") == (
        "The D5 of bar 2 lasts 75 s: it seems that its end is missing."
    )
    long[9] = 20_000 * BEAT
    assert "lasts 3 hours" in sentence(changed(score, duration=long), "hanging")
    late = score.notes["onset"] + np.where(np.arange(80) < 40, 0, 400 * BEAT)
    assert sentence(changed(score, onset=late), "silence") == "Nothing sounds for 3 minutes before bar 106."


def test_lengths_count_in_the_tempo_they_have() -> None:
    score = hands((48, 72), (50, 74), (43, 71))
    long = score.notes["duration"].copy()
    long[9] = 150 * BEAT
    late = score.notes["onset"] + np.where(np.arange(80) < 40, 0, 200 * BEAT)
    tempos = np.array([(0, 60_000), (1000 * BEAT, 2_000_000)], TEMPO_DTYPE)
    assert names(replace(changed(score, duration=long, onset=late), tempos=tempos)) == []


def test_doubled_notes_are_counted() -> None:
    assert sentence(hands((60, 60), (48, 72)), "doubled").startswith("20 of 80 notes are struck together")
    assert names(hands((60, 60), (48, 72), (50, 74))) == []


def test_a_single_note_can_be_looked_at() -> None:
    one = melody(1).with_notes(melody(1).notes[:1])
    assert set(names(one)) <= set(SIGNS)


def test_played_and_engraved_music_of_the_shared_corpus_shows_what_it_lacks(shared: Path) -> None:
    played = read_midi(shared / "corpus/chopin_expressive_pianomidi_ccbysa3de/chpn-p1.mid").score
    assert names(played) == ["no-pedal"]
    engraved = read_midi(shared / "corpus/registry_npm_jam/maple-leaf-rag.mid").score
    assert names(engraved) == ["flat"]
