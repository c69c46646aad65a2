"""All that the inspector tells of a file, as values and in words."""

from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.analysis import Spread
from musicgen_app.core.score import PEDAL_DTYPE, TEMPO_DTYPE, KeySignature, Score, TimeSignature, Track, make_notes
from musicgen_app.midi.writer import write_midi
from musicgen_app.tokens.note_file import write_list
from musicgen_app.workflow.detail_words import MOST_TRACKS, detail_lines, file_facts, first_part_words, track_facts
from musicgen_app.workflow.details import Looked, MidiDetails, SeedDetails, TrackDetails, look_at
from tests.midi.raw import meta, midi, note, program

HANDS = [meta(0, 0x03, name) + program(0, 0) + note(60) * 20 for name in (b"Piano R", b"Piano L")]


@pytest.fixture
def piece(tmp_path: Path) -> Path:
    """Piano and drums, with everything a file can say."""
    notes = [(480 * i, 240 + 240 * (i % 2), 60 + i, 40 + i) for i in range(20)]
    drums = [(480 * i, 60, 36, 100, 1) for i in range(20)]
    score = Score(
        notes=make_notes([*((*row, 0) for row in notes), *drums]),
        pedals=np.array([(0, 0, 127), (960, 0, 0)], PEDAL_DTYPE),
        tempos=np.array([(0, 500_000), (480, 1_000_000), (960, 400_000)], TEMPO_DTYPE),
        time_signatures=(TimeSignature(0, 3, 4), TimeSignature(1440, 4, 4)),
        key_signatures=(KeySignature(0, -3, True),),
        tracks=(Track("Solo"), Track("", 0, 9)),
    )
    write_midi(score, tmp_path / "piece.mid")
    return tmp_path / "piece.mid"


def details(looked: Looked) -> MidiDetails:
    assert looked.details is not None
    return looked.details


def test_a_midi_file_tells_tracks_tempo_metre_key_lengths_and_velocities(piece: Path) -> None:
    found = details(look_at(piece))
    assert (found.format, found.ticks_per_beat, found.names) == (1, 480, ("", "Solo", ""))
    assert found.tracks == (
        TrackDetails("Solo", 1, 0, "Acoustic grand piano", False, 20, 60, 79),
        TrackDetails("", 10, 0, "Drums", True, 20, 36, 36, False),
    )
    assert (found.tempo.first, found.tempo.changes, found.tempo.slowest, found.tempo.fastest) == (120, 2, 60, 150)
    assert found.time_signatures == ((0.0, "3/4"), (3.0, "4/4"))
    assert found.key_signatures == ((0.0, "C minor"),)
    assert found.lengths == Spread(0.5, 0.5, 0.5, 1.0, 1.0, 2)
    assert found.velocities == Spread(40, 44, 49, 54, 59, 20)
    assert (found.pedal, found.most_together) == (2, 1)


def test_the_same_in_words(piece: Path) -> None:
    lines = detail_lines(look_at(piece))
    assert "Tempo: 120 quarter notes a minute at first, 2 changes, from 60 to 150" in lines
    assert "Metre: 3/4, 4/4 from quarter 4" in lines
    assert "Track 1 (Solo): Acoustic grand piano (program 1), channel 1. 20 notes, C4 to G5" in lines
    assert "Track 2: Drums, channel 10. 20 notes, C2 to C2" in lines
    assert "Lengths: 0.5 to 1 quarter note; half of them 0.5 to 1, the middle one 0.5; 2 different" in lines
    assert "Velocities: 40 to 59; half of them 44 to 54, the middle one 49; 20 different" in lines


def test_a_file_that_says_little_is_told_of_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "bare.mid").write_bytes(midi(note(60) * 2))
    looked = look_at(tmp_path / "bare.mid")
    facts = dict(file_facts(details(looked)))
    assert (facts["Metre"], facts["Key"], facts["Pedal"]) == ("None given (counts as 4/4)", "None given", "None")
    assert facts["Tempo"] == "120 quarter notes a minute"
    assert "Lengths: All 1 quarter note" in detail_lines(looked)
    (tmp_path / "none.mid").write_bytes(midi(program(0, 5)))
    looked = look_at(tmp_path / "none.mid")
    assert details(looked).lengths is None
    assert "Track 1: Electric piano 2 (program 6), channel 1. No notes" in detail_lines(looked)


def test_words_in_the_file_are_told_by_their_kind(tmp_path: Path) -> None:
    cues = b"".join(meta(0, 7, f"cue {n}".encode()) for n in range(15))
    (tmp_path / "a.mid").write_bytes(midi(meta(0, 3, b"Sonata") + meta(0, 2, b"Bach"), cues + note(60)))
    lines = detail_lines(look_at(tmp_path / "a.mid"))
    assert "Title: Sonata" in lines
    assert "Copyright: Bach" in lines
    (told,) = [line for line in lines if line.startswith("Cue")]
    assert told.endswith("cue 11 / and 3 more")


def test_the_seed_codec_is_asked_only_on_demand(tmp_path: Path) -> None:
    (tmp_path / "hands.mid").write_bytes(midi(*HANDS))
    assert look_at(tmp_path / "hands.mid").seed is None
    seed = look_at(tmp_path / "hands.mid", seed=True).seed
    assert seed is not None
    assert (seed.words, seed.distinct, seed.first_part_words, seed.lost) == (40, 1, 0, 40)
    assert first_part_words(seed) == "Empty: read alone, all 40 notes would be lost"
    assert first_part_words(SeedDetails(9, 3, (), 4, 1)) == "Read alone, 4 words are left; 1 note would be lost"
    assert first_part_words(SeedDetails(9, 3, (), 9, 0)) == "Read alone, it has all the notes"
    lines = detail_lines(look_at(tmp_path / "hands.mid", seed=True))
    assert "Seed codec, words: 40, 1 different" in lines


def test_a_note_file_and_one_that_cannot_be_read(tmp_path: Path) -> None:
    write_list(["C4", "0.4.7"] * 20, tmp_path / "notes")
    looked = look_at(tmp_path / "notes")
    assert looked.details is None
    assert looked.seed == SeedDetails(40, 2, ("C4", "0.4.7") * 12, 40, 0)
    assert looked.score is not None
    (tmp_path / "bad.mid").write_bytes(b"no music")
    bad = look_at(tmp_path / "bad.mid")
    assert (bad.facts.ok, bad.score, detail_lines(bad)) == (False, None, ())


def test_of_very_many_tracks_the_first_are_told() -> None:
    tracks = [TrackDetails(f"T{n}", 1, 0, "Acoustic grand piano", False, 1, 60, 60) for n in range(MOST_TRACKS + 3)]
    assert track_facts(tracks)[-1] == ("", "and 3 more")
