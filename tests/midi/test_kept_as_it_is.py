"""What a file holds beside notes, pedal and tempo is saved again."""

import io
from collections import Counter
from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicgen_app.core.asides import CONTROL_DTYPE, NO_TRACK, Aside, Marker
from musicgen_app.core.score import Score, Track, make_notes
from musicgen_app.midi.reader import read_midi, read_midi_bytes
from musicgen_app.midi.writer import midi_bytes
from tests.midi.raw import control, meta, note, number, program, read
from tests.strategies import scores

C = note(60)
BEND = bytes([0, 0xE0, 3, 70])


def exclusive(delta: int, content: bytes, kind: int = 0xF0) -> bytes:
    return number(delta) + bytes([kind]) + number(len(content)) + content


def again(score: Score) -> Score:
    return read_midi_bytes(midi_bytes(score)).score


def listed(score: Score) -> list[tuple[int, ...]]:
    return [tuple(row) for row in score.controls.tolist()]


def test_controllers_bends_and_pressures_stay_in_their_track() -> None:
    played = control(0, 7, 90) + C + BEND + b"\x00\xd0\x11" + b"\x05\xa0\x3c\x09" + C
    score = read(played, note(64, channel=2) + control(3, 10, 1, channel=2)).score
    assert listed(score) == [
        (0, 0, 0xB0, 7, 90),
        (96, 0, 0xE0, 3, 70),
        (96, 0, 0xD0, 0x11, 0),
        (99, 1, 0xB0, 10, 1),
        (101, 0, 0xA0, 60, 9),
    ]
    assert again(score) == score


def test_controllers_of_another_track_of_the_file_go_to_the_track_of_their_channel() -> None:
    score = read(control(0, 7, 90, channel=1) + control(0, 7, 80, channel=5), note(60, channel=1)).score
    assert listed(score) == [(0, 0, 0xB0, 7, 90), (0, NO_TRACK, 0xB5, 7, 80)]
    assert again(score) == score


def test_programs_within_a_track_are_kept_where_they_stand() -> None:
    score = read(program(0, 5) + C + program(0, 8) + C).score
    assert score.tracks[0].program == 5
    assert listed(score) == [(96, 0, 0xC0, 8, 0)]
    assert again(score) == score


def test_a_program_behind_the_choice_of_its_bank_stays_there() -> None:
    score = read(control(0, 0, 1) + program(0, 5) + C).score
    assert score.tracks[0].program == 5
    assert listed(score) == [(0, 0, 0xB0, 0, 1), (0, 0, 0xC0, 5, 0)]
    content = midi_bytes(score)
    assert content.count(b"\xc0\x05") == 1
    assert again(score) == score


def test_a_program_after_a_reset_of_the_device_stays_there() -> None:
    score = read(exclusive(5, b"\x7e\x7f\x09\x01\xf7") + program(10, 7) + note(60, delta=20)).score
    assert score.tracks[0].program == 7
    assert listed(score) == [(15, 0, 0xC0, 7, 0)]
    assert again(score) == score


def test_what_is_set_in_the_first_track_goes_with_the_program_it_belongs_to() -> None:
    setup = control(0, 0, 2, channel=1) + program(0, 33, channel=1) + program(500, 40, channel=1)
    score = read(setup, note(40, channel=1), note(43, channel=1, delta=600)).score
    assert [track.program for track in score.tracks] == [33, 40]
    assert [row[:2] for row in listed(score)] == [(0, 0), (0, 0), (500, 0)]
    assert again(score) == score


def test_of_a_program_that_comes_late_the_first_is_borrowed() -> None:
    assert read(program(500, 40, channel=1), note(40, channel=1)).score.tracks[0].program == 40


def test_texts_lyrics_and_exclusive_messages_stay_in_their_track() -> None:
    words = (
        meta(0, 5, b"Ky-") + note(60) + meta(0, 5, b"rie") + exclusive(4, b"\x43\x10\xf7") + exclusive(0, b"\x01", 0xF7)
    )
    score = read(meta(0, 1, b"by nobody"), meta(0, 3, b"Voice") + words).score
    assert score.tracks == (Track("Voice"),)
    assert score.asides == (
        Aside(0, 1, b"by nobody"),
        Aside(0, 5, b"Ky-", 0),
        Aside(96, 5, b"rie", 0),
        Aside(100, 0xF0, b"\x43\x10\xf7", 0),
        Aside(100, 0xF7, b"\x01", 0),
    )
    assert again(score) == score


def test_names_of_silent_tracks_and_further_names_are_kept() -> None:
    score = read(meta(0, 3, b"The song"), meta(0, 3, b"") + meta(0, 3, b"One") + meta(0, 3, b"Two") + C).score
    assert score.tracks == (Track("One"),)
    assert score.asides == (Aside(0, 3, b"The song"), Aside(0, 3, b"", 0), Aside(0, 3, b"Two", 0))
    assert again(score) == score


def test_the_port_is_kept_for_every_channel_of_its_track() -> None:
    both = meta(0, 0x21, b"\x01") + note(60) + note(62, channel=4)
    score = read(meta(0, 0x21, b"\x00"), both, note(64)).score
    assert score.asides == (Aside(0, 0x21, b"\x00"), Aside(0, 0x21, b"\x01", 0), Aside(0, 0x21, b"\x01", 1))
    assert again(score) == score


def test_markers_of_all_tracks_are_markers_of_the_piece() -> None:
    score = read(meta(0, 6, b"A"), C + meta(0, 6, "Höhe".encode())).score
    assert score.markers == (Marker(0, "A"), Marker(96, "Höhe"))
    assert again(score) == score


def test_empty_texts_that_only_bridge_a_pause_are_not_kept() -> None:
    assert read(meta(0, 1, b"") + C).score.asides == ()


def test_a_file_without_notes_keeps_what_it_has() -> None:
    score = read(control(0, 7, 1) + control(0, 7, 1, channel=3) + meta(0, 5, b"la")).score
    assert listed(score) == [(0, 0, 0xB0, 7, 1), (0, NO_TRACK, 0xB3, 7, 1)]
    assert again(score) == score


def test_what_belongs_to_a_track_that_is_not_there_is_left_out() -> None:
    controls = np.array([(0, 3, 0xB0, 7, 1)], CONTROL_DTYPE)
    score = Score(make_notes([(0, 1, 60, 64)]), controls=controls, asides=(Aside(0, 5, b"la", 3),))
    assert again(score) == Score(make_notes([(0, 1, 60, 64)]))


@given(scores(), st.data())
@settings(max_examples=100)
def test_reading_settles_programs_once_and_for_all(score: Score, given_: st.DataObject) -> None:
    rows = given_.draw(
        st.lists(st.tuples(st.integers(0, 60), st.integers(0, len(score.tracks) - 1), st.integers(0, 127)), max_size=5)
    )
    programs = np.array([(onset, track, 0xC0, value, 0) for onset, track, value in rows], CONTROL_DTYPE)
    changed = Score(
        score.notes,
        score.pedals,
        tracks=score.tracks,
        controls=np.concatenate([score.controls, programs]),
        asides=score.asides,
    )
    settled = again(changed)
    assert again(settled) == settled
    assert (settled.asides, len(settled.notes)) == (changed.asides, len(changed.notes))
    others = changed.controls[changed.controls["status"] != 0xC0]
    assert np.array_equal(settled.controls[settled.controls["status"] != 0xC0], others)


SHARED = Path(__file__).resolve().parents[3] / "shared" / "midi_odd"


def _heard(content: bytes) -> Counter[tuple[object, ...]]:
    """All channel messages but notes and programs, and all texts and exclusive messages, with their ticks."""
    out: Counter[tuple[object, ...]] = Counter()
    file = mido.MidiFile(file=io.BytesIO(content))
    for track in file.tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type in {"control_change", "pitchwheel", "aftertouch", "polytouch", "sysex"}:
                out[(now, *message.bytes())] += 1
            elif message.type in {"lyrics", "text", "copyright", "cue_marker", "sequencer_specific"}:
                out[(now, *message.bytes())] += message.bytes()[-1] != 0
    return out


def test_real_files_with_many_tracks_lose_nothing() -> None:
    if not SHARED.is_dir():
        pytest.skip("The shared collection of MIDI files is not here.")
    compared = 0
    for path in sorted(SHARED.rglob("*.mid"))[::9]:
        try:
            before = _heard(path.read_bytes())
        except (ValueError, EOFError, OSError, IndexError, KeyError, mido.midifiles.meta.KeySignatureError):
            continue
        reading = read_midi(path)
        if reading.findings:
            continue
        content = midi_bytes(reading.score)
        assert _heard(content) == before, path.name
        assert read_midi_bytes(content).score == reading.score, path.name
        compared += 1
    assert compared >= 20
