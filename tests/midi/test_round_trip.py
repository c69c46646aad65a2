from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from musicgen_app.core.errors import FileWriteError
from musicgen_app.core.score import PEDAL_DTYPE, TEMPO_DTYPE, Score, TimeSignature, Track, make_notes
from musicgen_app.midi.reader import read_midi, read_midi_bytes
from musicgen_app.midi.writer import MAX_TRACKS, midi_bytes, write_midi
from tests.strategies import scores


@given(scores())
@settings(max_examples=150)
def test_reading_gives_back_what_was_written(score: Score) -> None:
    reading = read_midi_bytes(midi_bytes(score))
    assert reading.score == score
    assert reading.findings == (() if len(score.notes) else ("There are no notes in this file.",))


@given(scores(max_notes=6, longest=2**31))
def test_pauses_longer_than_midi_can_say_at_once_are_kept(score: Score) -> None:
    assert read_midi_bytes(midi_bytes(score)).score == score


@given(scores(nested=True))
def test_of_nested_notes_all_but_the_order_of_the_ends_is_kept(score: Score) -> None:
    again = read_midi_bytes(midi_bytes(score)).score
    assert len(again.notes) == len(score.notes)
    for name in ("onset", "pitch", "track"):
        assert again.notes[name].tolist() == score.notes[name].tolist()
    ends = [sorted((notes["onset"] + notes["duration"]).tolist()) for notes in (again.notes, score.notes)]
    assert ends[0] == ends[1]


@given(scores())
def test_writing_what_was_read_gives_the_same_bytes(score: Score) -> None:
    content = midi_bytes(score)
    assert midi_bytes(read_midi_bytes(content).score) == content


def test_a_file_on_disk_reads_back(tmp_path: Path) -> None:
    score = Score(make_notes([(0, 480, 60, 64), (480, 480, 64, 90)]), tracks=(Track("Flügel 🎹"),))
    write_midi(score, tmp_path / "song.mid")
    assert read_midi(tmp_path / "song.mid").score == score
    assert [path.name for path in tmp_path.iterdir()] == ["song.mid"]


def test_a_name_with_half_a_character_is_still_written() -> None:
    score = Score(make_notes([(0, 1, 60, 64)]), tracks=(Track("bad \ud800 name"),))
    assert read_midi_bytes(midi_bytes(score)).score.tracks[0].name == "bad ? name"


def test_pedals_of_a_track_that_is_not_there_are_left_out() -> None:
    pedals = np.array([(0, 0, 127), (5, 3, 127)], dtype=PEDAL_DTYPE)
    again = read_midi_bytes(midi_bytes(Score(make_notes([(0, 1, 60, 64)]), pedals))).score
    assert again.pedals["onset"].tolist() == [0]


def test_notes_end_before_the_pedal_moves_and_before_notes_begin() -> None:
    notes = make_notes([(0, 10, 60, 64), (10, 10, 60, 65)])
    content = midi_bytes(Score(notes, np.array([(10, 0, 127)], dtype=PEDAL_DTYPE)))
    assert bytes([10, 0x80, 60, 64, 0, 0xB0, 64, 127, 0, 0x90, 60, 65]) in content


def test_the_conductor_track_keeps_tempo_before_signatures_at_one_tick() -> None:
    tempos = np.array([(0, 400_000), (96, 600_000)], dtype=TEMPO_DTYPE)
    score = Score(tempos=tempos, time_signatures=(TimeSignature(96, 3, 8),), ticks_per_beat=96)
    content = midi_bytes(score)
    assert bytes.fromhex("60 ff51 03 0927c0 00 ff58 04 0303 1808") in content


def test_more_tracks_than_a_file_holds_are_refused_in_a_sentence() -> None:
    with pytest.raises(FileWriteError, match=r"at most 4,094 tracks; this score has 4,095"):
        midi_bytes(Score(tracks=(Track(),) * (MAX_TRACKS + 1)))


def test_as_many_tracks_as_a_file_holds_are_read_back() -> None:
    score = Score(make_notes([(3, 4, 60, 64, MAX_TRACKS - 1)]), tracks=(Track("x", 1, 15),) * MAX_TRACKS)
    assert read_midi_bytes(midi_bytes(score)).score == score
