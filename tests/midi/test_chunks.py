import pytest

from musicgen_app.midi import chunks
from musicgen_app.midi.reader import read_midi_bytes
from tests.midi.raw import END, chunk, header, listed, meta, midi, note, read, tempo

C = note(60)
C_READ = [(0, 96, 60)]
C_CHUNK = chunk(C + END)


def findings(content: bytes) -> tuple[str, ...]:
    return read_midi_bytes(content).findings


@pytest.mark.parametrize("file_format", [0, 1, 2])
def test_a_clean_file_of_one_track_has_no_findings(file_format: int) -> None:
    reading = read(C, file_format=file_format)
    assert listed(reading) == C_READ
    assert reading.findings == ()


def test_tracks_of_format_1_sound_together() -> None:
    assert listed(read(C, note(64))) == [(0, 96, 60), (0, 96, 64)]


def test_patterns_of_format_2_follow_one_another_and_begin_a_bar() -> None:
    reading = read(tempo(0, 400_000) + C, note(62, 48), C, file_format=2)
    assert listed(reading) == [(0, 96, 60), (96, 48, 62), (144, 96, 60)]
    assert reading.score.tempos.tolist() == [(0, 400_000), (96, 500_000)]
    assert [signature.onset for signature in reading.score.time_signatures] == [0, 96, 144]
    assert reading.findings == ("The file holds 3 separate patterns (format 2); they are laid one after the other.",)


def test_format_0_with_several_tracks_is_read_like_format_1() -> None:
    reading = read(C, note(64), file_format=0)
    assert listed(reading) == [(0, 96, 60), (0, 96, 64)]
    assert reading.findings == ("The header says that all is in one track (format 0); 2 are there, played together.",)


def test_an_unknown_format_is_named_and_read_like_format_1() -> None:
    reading = read(C, file_format=29697)
    assert listed(reading) == C_READ
    assert reading.findings == ("The header names format 29697, which does not exist; the tracks are played together.",)


def test_a_riff_wrapper_is_no_fault() -> None:
    content = midi(C)
    wrapped = b"RIFF" + (len(content) + 12).to_bytes(4, "little") + b"RMIDdata" + len(content).to_bytes(4, "little")
    reading = read_midi_bytes(wrapped + content)
    assert (listed(reading), reading.findings) == (C_READ, ())


def test_what_stands_before_the_music_is_skipped() -> None:
    reading = read_midi_bytes(b"\x00\x08song.mid" + bytes(118) + midi(C))
    assert listed(reading) == C_READ
    assert reading.findings == ("128 bytes before the music are not MIDI; skipped.",)
    assert findings(b"x" + midi(C)) == ("1 byte before the music is not MIDI; skipped.",)


def test_tracks_without_a_header_are_read() -> None:
    reading = read_midi_bytes(b"MT0d" + bytes(10) + C_CHUNK)
    assert listed(reading) == C_READ
    assert reading.score.ticks_per_beat == 480
    assert "no header" in reading.findings[0]


def test_a_longer_header_is_stepped_over() -> None:
    longer = b"MThd" + (10).to_bytes(4, "big") + header(1)[8:] + b"more" + C_CHUNK
    assert findings(longer) == ()
    assert listed(read_midi_bytes(longer)) == C_READ


@pytest.mark.parametrize("length", [0, 22, 0xFFFFFFFF])
def test_a_header_of_wrong_length_costs_nothing(length: int) -> None:
    wrong = b"MThd" + length.to_bytes(4, "big") + header(1)[8:] + C_CHUNK
    assert listed(read_midi_bytes(wrong)) == C_READ
    assert findings(wrong) == ("The length of the header is wrong; the tracks were found without it.",)


def test_a_header_alone_is_an_empty_score() -> None:
    reading = read_midi_bytes(header(0))
    assert len(reading.score.notes) == 0
    assert reading.findings == ("There are no notes in this file.",)
    assert "The length of the header is wrong; the tracks were found without it." in findings(b"MThd\0\0")


def test_tracks_that_are_missing_or_too_many_are_counted() -> None:
    assert findings(header(3) + C_CHUNK) == ("The header promises 3 tracks; 1 is there.",)
    assert findings(header(1) + C_CHUNK + C_CHUNK) == ("The header promises 1 track; 2 are there.",)


def test_chunks_of_other_programs_are_no_fault() -> None:
    content = header(1) + chunk(b"secret", name=b"XFIH") + C_CHUNK + chunk(b"more", name=b"XFKM")
    assert listed(read_midi_bytes(content)) == C_READ
    assert findings(content) == ()


def test_zeros_and_line_ends_behind_the_tracks_are_no_fault() -> None:
    assert findings(midi(C) + bytes(64)) == ()
    assert findings(midi(C) + b"\r\n\x1a" * 9) == ()


def test_bytes_between_tracks_are_skipped() -> None:
    content = header(2) + C_CHUNK + b"\x01\x02\x03 rubbish" + chunk(note(64) + END)
    assert listed(read_midi_bytes(content)) == [(0, 96, 60), (0, 96, 64)]
    assert findings(content) == ("11 bytes between or after the tracks are not MIDI; skipped.",)


def test_what_is_left_of_a_longer_file_behind_the_last_track_is_not_read() -> None:
    content = midi(C) + b"\x40\x00\x80\x3c\x40\x00" + chunk(note(99) + END)
    assert listed(read_midi_bytes(content)) == C_READ
    assert "are not MIDI; skipped." in findings(content)[0]


def test_a_second_file_inside_the_first_is_left_out() -> None:
    assert listed(read_midi_bytes(midi(C) + midi(note(64)))) == C_READ
    assert findings(midi(C) + midi(note(64))) == ("A second MIDI file follows inside this one; it is left out.",)


@pytest.mark.parametrize("length", [0, 3, 10, 27])
def test_a_length_that_is_too_small_or_too_large_is_mended(length: int) -> None:
    content = header(2) + chunk(C + END, length) + chunk(note(64) + END)
    assert listed(read_midi_bytes(content)) == [(0, 96, 60), (0, 96, 64)]
    assert "The length of track 1 is wrong in the file; the real end was found." in findings(content)


def test_a_length_that_swallows_the_next_track_is_mended() -> None:
    second = chunk(note(64) + END)
    content = header(2) + chunk(C + END, len(C + END) + len(second)) + second
    assert listed(read_midi_bytes(content)) == [(0, 96, 60), (0, 96, 64)]


def test_the_name_of_a_track_chunk_inside_a_text_is_only_text() -> None:
    assert listed(read(meta(0, 1, b"MTrk is a chunk") + C, note(64))) == [(0, 96, 60), (0, 96, 64)]


def test_an_unknown_chunk_of_wrong_length_does_not_hide_the_tracks() -> None:
    content = header(1) + chunk(b"xx", 9000, name=b"XFIH") + C_CHUNK
    assert listed(read_midi_bytes(content)) == C_READ


def test_a_last_track_of_wrong_length_is_mended() -> None:
    content = header(1) + chunk(C + END, 900)
    assert listed(read_midi_bytes(content)) == C_READ
    assert findings(content) == ("The length of track 1 is wrong in the file; the real end was found.",)
    short = header(1) + chunk(C + END, 2)
    assert listed(read_midi_bytes(short)) == C_READ


def test_tracks_beyond_the_bound_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MAX_TRACKS", 2)
    reading = read(C, note(62), note(64))
    assert listed(reading) == [(0, 96, 60), (0, 96, 62)]
    assert reading.findings == ("The file has more than 2 tracks; the rest is left out.",)


@pytest.mark.parametrize(
    ("division", "ticks_per_beat", "microseconds", "words"),
    [
        (0xE728, 1000, 1_000_000, "25 a second, 40 ticks each"),
        (0xE804, 96, 1_000_000, "24 a second, 4 ticks each"),
        (0xE250, 2400, 1_000_000, "30 a second, 80 ticks each"),
        (0xE350, 2400, 1_001_000, "29.97 a second, 80 ticks each"),
        (0xF060, 1536, 1_000_000, "16 a second, which no film has, 96 ticks each"),
        (0xFFFF, 255, 1_000_000, "1 a second, which no film has, 255 ticks each"),
        (0x80FF, 32640, 1_000_000, "128 a second, which no film has"),
    ],
)
def test_time_in_film_frames_is_exact_in_seconds(
    division: int, ticks_per_beat: int, microseconds: int, words: str
) -> None:
    reading = read(tempo(0, 123_456) + C, division=division)
    assert reading.score.ticks_per_beat == ticks_per_beat
    assert reading.score.tempos.tolist() == [(0, microseconds)]
    assert words in reading.findings[0]
    assert reading.findings[1] == "Its tempo changes do not count, as time is counted in film frames."


def test_frames_of_no_ticks_get_the_usual_number() -> None:
    reading = read(C, division=0xE700)
    assert reading.score.ticks_per_beat == 25 * 80
    assert "80 ticks a frame are assumed" in reading.findings[0]


def test_no_time_resolution_at_all_is_taken_as_480() -> None:
    reading = read(C, division=0)
    assert reading.score.ticks_per_beat == 480
    assert reading.findings == (
        "The header gives no time resolution; 480 ticks a quarter note are assumed, so the tempo may be wrong.",
    )


def test_a_file_of_other_chunks_is_not_walked_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "MAX_FOREIGN_CHUNKS", 3)
    content = header(1) + chunk(b"x", name=b"XFIH") * 5 + C_CHUNK
    assert listed(read_midi_bytes(content)) == C_READ
