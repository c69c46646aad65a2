import pytest

from musicgen_app.core.score import MAX_TICK
from musicgen_app.midi import events
from musicgen_app.midi.reader import Reading, read_midi_bytes
from musicgen_app.midi.texts import MAX_NAME_LENGTH
from tests.midi.raw import END, chunk, control, header, listed, meta, midi, note, number, off, on, program, read, tempo

C = note(60)
DAMAGED = "Track 1 is damaged at bar 1; the rest was read."


def read_events(content: bytes) -> Reading:
    """What is read of one track that may lack its end."""
    return read_midi_bytes(header(1) + chunk(content))


class TestRunningStatus:
    def test_events_without_status_take_that_of_the_one_before(self) -> None:
        reading = read(on(0, 60) + bytes([0, 64, 64, 96, 60, 0, 0, 64, 0]))
        assert listed(reading) == [(0, 96, 60), (0, 96, 64)]
        assert reading.findings == ()

    def test_program_changes_may_be_abbreviated_too(self) -> None:
        reading = read(program(0, 5) + bytes([0, 7]) + C)
        assert reading.score.tracks[0].program == 7

    def test_it_reaches_across_text_and_exclusive_data_with_a_finding(self) -> None:
        exclusive = bytes([0, 0xF0, 2, 1, 0xF7])
        reading = read(on(0, 60) + meta(0, 1, b"la") + bytes([96, 60, 0]) + exclusive + bytes([0, 62, 9, 96, 62, 0]))
        assert listed(reading) == [(0, 96, 60), (96, 96, 62)]
        assert reading.findings == (
            "2 events use an abbreviation (running status) that should not reach across text or tempo; they are read.",
        )

    def test_without_a_status_before_it_is_damage(self) -> None:
        reading = read(bytes([0, 60, 64]) + C)
        assert listed(reading) == [(0, 96, 60)]
        assert reading.findings == (DAMAGED,)

    def test_it_does_not_reach_into_the_next_track(self) -> None:
        reading = read(on(0, 60) + off(9, 60), bytes([0, 64, 64]) + note(67))
        assert listed(reading) == [(0, 9, 60), (0, 96, 67)]
        assert reading.findings == ("Track 2 is damaged at bar 1; the rest was read.",)


class TestOtherEvents:
    def test_what_a_score_does_not_hold_still_takes_its_time(self) -> None:
        others = [
            control(10, 7, 100),
            bytes([10, 0xE0, 0, 64]),
            bytes([10, 0xA0, 60, 1]),
            bytes([10, 0xD0, 5, 10, 6]),
            bytes([10, 0xF0, 3, 1, 2, 0xF7]),
            bytes([10, 0xF7, 1, 9]),
            meta(10, 0x01, b"text"),
            meta(10, 0x7F, bytes(300)),
        ]
        reading = read(b"".join(others) + C)
        assert listed(reading) == [(90, 96, 60)]
        assert reading.findings == ()

    def test_long_delta_times_are_summed_exactly(self) -> None:
        deltas = [127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 0x0FFFFFFF]
        reading = read(b"".join(on(delta, 60 + index) for index, delta in enumerate(deltas)))
        assert reading.score.notes["onset"].tolist() == [sum(deltas[: index + 1]) for index in range(len(deltas))]

    @pytest.mark.parametrize("message", [b"\xf1\x05", b"\xf2\x05\x05", b"\xf3\x05", b"\xf4", b"\xf6", b"\xf8", b"\xfe"])
    def test_messages_of_a_cable_are_stepped_over(self, message: bytes) -> None:
        reading = read(b"\x05" + message + C)
        assert listed(reading) == [(5, 96, 60)]
        assert reading.findings == ("A message that belongs on a cable and not in a file is ignored.",)


class TestEndOfTrack:
    def test_events_after_an_early_end_are_read(self) -> None:
        reading = read(C + END + note(64))
        assert listed(reading) == [(0, 96, 60), (96, 96, 64)]
        assert reading.findings == ()

    def test_what_is_no_event_after_an_early_end_is_nobodys_loss(self) -> None:
        assert read_events(C + END + b"\xf4\xff\xff\xff").findings == ()
        assert read_events(C + END + bytes(20)).findings == ()

    def test_a_missing_end_is_no_fault(self) -> None:
        reading = read_events(C)
        assert (listed(reading), reading.findings) == ([(0, 96, 60)], ())

    def test_behind_the_end_of_a_track_of_wrong_length_nothing_is_read(self) -> None:
        content = header(2) + chunk(C + END + note(99), 500) + chunk(note(64) + END)
        assert listed(read_midi_bytes(content)) == [(0, 96, 60), (0, 96, 64)]


class TestValuesAbove127:
    def test_a_loudness_counts_as_127(self) -> None:
        reading = read(bytes([0, 0x90, 60, 0xF0]) + off(96, 60))
        assert reading.score.notes["velocity"].tolist() == [127]
        assert reading.findings == ("A value is above 127, the most MIDI allows; it counts as 127.",)

    def test_an_abbreviated_loudness_counts_as_127(self) -> None:
        reading = read(on(0, 60) + bytes([0, 64, 0xF0]) + off(96, 60) + off(0, 64))
        assert reading.score.notes["velocity"].tolist() == [64, 127]

    def test_a_note_without_a_possible_pitch_is_left_out(self) -> None:
        reading = read(bytes([7, 0x90, 0xFF, 60]) + C)
        assert listed(reading) == [(7, 96, 60)]

    def test_an_impossible_program_is_left_out(self) -> None:
        reading = read(bytes([7, 0xC0, 0xFF]) + C)
        assert listed(reading) == [(7, 96, 60)]
        assert reading.score.tracks[0].program == 0

    def test_several_are_counted(self) -> None:
        reading = read(bytes([0, 0x90, 60, 0xF0]) + bytes([0, 0x90, 61, 0xF0]) + off(96, 60) + off(0, 61))
        assert reading.findings == ("2 values are above 127, the most MIDI allows; they count as 127.",)


class TestDamage:
    def test_reading_goes_on_at_the_next_whole_event(self) -> None:
        reading = read(C + b"\x00\x90\xff\xff\xff" + note(64, delta=5))
        assert listed(reading) == [(0, 96, 60), (101, 96, 64)]
        assert reading.findings == (DAMAGED,)

    def test_several_places_are_counted_and_the_first_is_named(self) -> None:
        wrong = b"\x00\x90\xff\xff\xff"
        reading = read(note(60, 96 * 8) + wrong + note(62, 96 * 4) + wrong + note(64))
        assert reading.findings == ("Track 1 is damaged at 2 places, the first at bar 3; the rest was read.",)

    def test_damage_of_many_tracks_takes_one_sentence(self) -> None:
        reading = read(*[C + b"\x00\x90\xff\xff\xff" + note(64)] * 7)
        assert reading.findings == (
            "Tracks 1, 2, 3 and 4 more are damaged at 7 places, the first at bar 1; the rest was read.",
        )

    def test_a_delta_time_of_five_bytes_is_damage(self) -> None:
        assert listed(read(b"\x81\x81\x81\x81\x00" + on(0, 59) + C)) != []
        assert listed(read(C + b"\xff" * 50 + C))[0] == (0, 96, 60)

    @pytest.mark.parametrize("start", [b"\x00\xff\x01", b"\x00\xf0"])
    @pytest.mark.parametrize("length", [b"\x50", b"\x82\x50", b"\xff\xff\xff\xff\x7f"])
    def test_a_text_or_exclusive_longer_than_its_track_does_not_hide_the_rest(
        self, start: bytes, length: bytes
    ) -> None:
        reading = read(start + length + b"\x00\x00" + C)
        assert listed(reading) == [(0, 96, 60)]
        assert reading.findings == (DAMAGED,)

    def test_long_texts_are_stepped_over(self) -> None:
        assert listed(read(meta(0, 1, b"x" * 20_000) + b"\x00\xf0" + number(200) + bytes(200) + C)) == [(0, 96, 60)]

    def test_a_track_that_stops_in_an_event_is_named_with_its_bar(self) -> None:
        reading = read_events(note(60, 96 * 4 * 40) + b"\x10\x90\x3c")
        assert reading.findings == ("Track 1 ends in the middle of a note at bar 41; 1 note was read.",)

    def test_a_note_may_be_cut_that_says_no_status(self) -> None:
        reading = read_events(note(60, 96 * 4) + bytes([0, 62]))
        assert reading.findings == ("Track 1 ends in the middle of a note at bar 2; 1 note was read.",)

    @pytest.mark.parametrize("rest", [b"\x00\xb0\x40", b"\x81", b"\x00\xff\x05\x09la", b"\x00\xe0"])
    def test_a_track_that_stops_in_something_else_breaks_off(self, rest: bytes) -> None:
        reading = read_events(note(60, 96 * 4) + rest)
        assert reading.findings == ("Track 1 breaks off at bar 2; 1 note was read.",)

    def test_endless_pauses_in_a_damaged_track_are_left_out(self) -> None:
        wrong, pause = b"\x00\x90\xff\xff\xff", 96 * 256 + 1
        reading = read(C + wrong + note(62) + note(64, delta=pause) + note(65, delta=pause), note(65, delta=pause))
        assert listed(reading) == [(0, 96, 60), (96, 96, 62), (192, 96, 64), (288, 96, 65), (pause, 96, 65)]
        assert reading.findings == (
            DAMAGED,
            "2 pauses in damaged tracks are too long to be meant; they are left out.",
        )

    def test_long_pauses_in_damaged_tracks_are_kept_where_music_can_have_them(self) -> None:
        reading = read(C + b"\x00\x90\xff\xff\xff" + C + note(62, delta=96 * 256))
        assert listed(reading) == [(0, 96, 60), (96, 96, 60), (96 * 258, 96, 62)]
        assert reading.findings == (DAMAGED,)

    def test_a_cut_file_is_named_with_its_bar(self) -> None:
        content = header(2) + chunk(C + END) + chunk(note(60, 96 * 4) + note(62), 500)
        reading = read_midi_bytes(content)
        assert reading.findings == ("Track 2 is cut off at bar 2; 3 notes were read.",)

    def test_a_track_that_is_all_damage_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(events, "MAX_DAMAGE_PER_TRACK", 3)
        reading = read((b"\x00\x90\xff\xff\xff" + C) * 9)
        assert len(reading.score.notes) == 3
        assert "damaged at 3 places" in reading.findings[0]
        assert reading.findings[1] == "Track 1 breaks off at bar 1; 3 notes were read."


class TestBounds:
    def test_times_stop_where_ticks_can_still_be_counted(self) -> None:
        pause = meta(0x0FFFFFFF, 1, b"")
        reading = read(C + pause * 1025 + tempo(0, 400_000) + note(64) + note(65))
        assert int(reading.score.notes["onset"].max()) == MAX_TICK - 1
        assert reading.score.end <= MAX_TICK
        assert "A pause longer than any piece could last is shortened" in reading.findings[0]

    def test_events_beyond_the_bound_are_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(events, "MAX_EVENTS", 100)
        monkeypatch.setattr(events, "_BLOCK_BYTES", 64)
        monkeypatch.setattr(events, "_COUNTED_BYTES", 64)
        reading = read((C + meta(0, 1, b"la")) * 200, C)
        assert 30 < len(reading.score.notes) < 100
        assert reading.findings[-1] == "The file holds more events than can be read; the rest is left out."

    def test_single_steps_beyond_the_bound_are_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(events, "MAX_SINGLE_STEPS", 9)
        monkeypatch.setattr(events, "_COUNTED_STEPS", 2)
        reading = read((C + meta(0, 1, b"la")) * 20)
        assert len(reading.score.notes) == 9
        assert reading.findings[-1] == "The file holds more events than can be read; the rest is left out."

    def test_long_tracks_are_taken_apart_in_blocks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        content = midi((on(0, 60) + bytes([5, 60, 0, 0, 62, 9, 7, 62, 0]) + meta(1, 1, b"la") + bytes([2, 60, 0])) * 50)
        whole = read_midi_bytes(content)
        monkeypatch.setattr(events, "_BLOCK_BYTES", 16)
        monkeypatch.setattr(events, "_COUNTED_BYTES", 1)
        assert read_midi_bytes(content) == whole

    def test_runs_longer_than_one_match_go_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pairs = on(0, 60) + bytes([1, 60, 0, 1, 60, 64] * 20)
        single = program(0, 1) + bytes([1, 2] * 20)
        whole = read(pairs + single + C)
        monkeypatch.setattr(events, "_RUN_EVENTS", b"{0,3}+")
        short = (
            events._pattern(b"", b""),
            events._pattern(rb"(?:" + events._DELTA + events._ONE + rb"?[\x00-\x7f]){0,3}+", rb"|([\x00-\x7f])"),
            events._pattern(
                rb"(?:" + events._DELTA + events._TWO + rb"?[\x00-\x7f][\x00-\x7f]){0,3}+",
                rb"|([\x00-\x7f]{2})|([\x00-\x7f][\x80-\xff])" + events._FOLLOWS,
            ),
        )
        monkeypatch.setattr(events, "_MATCH", tuple(pattern.match for pattern in short))
        assert read(pairs + single + C) == whole

    def test_names_are_bounded(self) -> None:
        name = read(meta(0, 3, b"n" * 100_000) + C).score.tracks[0].name
        assert name == "n" * MAX_NAME_LENGTH
