"""From the messages of a keyboard to notes."""

from musicgen_app.audio.messages import ALL_NOTES_OFF, SUSTAIN, control, note_off, note_on, program_change
from musicgen_app.audio.recorder import Recorder
from musicgen_app.core.recording import Recording


def played(recorder: Recorder, *messages: tuple[int, bytes], end: int = 2000) -> Recording:
    for tick, message in messages:
        recorder.hear(message, tick)
    return recorder.finish(end)


def rows(recording: Recording) -> list[tuple[int, ...]]:
    return [tuple(int(value) for value in row) for row in recording.notes]


def test_notes_have_the_place_length_and_velocity_they_were_played_with() -> None:
    recording = played(
        Recorder(2, 0),
        (100, note_on(3, 60, 81)),
        (150, note_on(0, 64, 82)),
        (300, note_off(3, 60)),
        (301, note_on(0, 64, 0)),
    )
    assert rows(recording) == [(100, 200, 60, 81, 2), (150, 151, 64, 82, 2)]
    assert (recording.start, recording.end) == (0, 2000)


def test_what_is_played_in_the_count_in_counts_as_played_at_the_start() -> None:
    recording = played(Recorder(0, 960), (900, note_on(0, 60, 81)), (1000, note_off(0, 60)))
    assert rows(recording) == [(960, 40, 60, 81, 0)]


def test_a_key_struck_again_or_never_let_go_still_ends() -> None:
    recorder = Recorder(0, 0)
    recorder.hear(note_on(0, 60, 81), 0)
    recorder.hear(note_on(0, 60, 82), 100)
    recorder.hear(note_off(0, 61), 120)
    assert recorder.down == {60}
    assert rows(recorder.finish(400)) == [(0, 100, 60, 81, 0), (100, 300, 60, 82, 0)]


def test_a_note_as_short_as_a_tick_has_a_length() -> None:
    assert rows(played(Recorder(0, 0), (5, note_on(0, 60, 81)), (5, note_off(0, 60)))) == [(5, 1, 60, 81, 0)]


def test_the_pedal_is_kept_and_lifted_at_the_end() -> None:
    recording = played(
        Recorder(1, 0),
        (100, control(0, SUSTAIN, 20)),
        (110, control(0, SUSTAIN, 90)),
        (120, control(0, SUSTAIN, 127)),
        (200, control(0, SUSTAIN, 0)),
        (300, control(0, SUSTAIN, 64)),
        (310, control(0, 7, 100)),
        end=500,
    )
    assert [tuple(int(v) for v in row) for row in recording.pedals] == [
        (110, 1, 90),
        (120, 1, 127),
        (200, 1, 0),
        (300, 1, 64),
        (500, 1, 0),
    ]


def test_all_notes_off_lets_go_and_other_messages_are_passed_over() -> None:
    recording = played(
        Recorder(0, 0),
        (0, note_on(0, 60, 81)),
        (50, program_change(0, 5)),
        (60, b"\xf8"),
        (70, b"\xe0\x00\x40"),
        (80, control(0, ALL_NOTES_OFF, 0)),
    )
    assert rows(recording) == [(0, 80, 60, 81, 0)]


def test_what_is_held_over_the_end_of_a_loop_begins_anew_at_its_start() -> None:
    recorder = Recorder(0, 480)
    recorder.hear(note_on(0, 60, 81), 1800)
    recorder.hear(control(0, SUSTAIN, 127), 1800)
    recorder.wrap(1920, 0)
    recorder.hear(note_off(0, 60), 100)
    recording = recorder.finish(200)
    assert rows(recording) == [(0, 100, 60, 81, 0), (1800, 120, 60, 81, 0)]
    assert [tuple(int(v) for v in row) for row in recording.pedals] == [
        (0, 0, 127),
        (200, 0, 0),
        (1800, 0, 127),
        (1920, 0, 0),
    ]
    assert (recording.start, recording.end) == (0, 1920)


def test_a_key_that_was_only_tried_before_recording_is_no_note() -> None:
    recording = played(
        Recorder(0, 960),
        (900, note_on(0, 60, 81)),
        (910, note_off(0, 60)),
        (920, note_on(0, 62, 81)),
        (1000, note_off(0, 62)),
    )
    assert rows(recording) == [(960, 40, 62, 81, 0)]


def test_what_was_played_so_far_can_be_seen_with_and_without_the_keys_that_are_down() -> None:
    recorder = Recorder(0, 0)
    for tick, message in ((0, note_on(0, 60, 81)), (50, note_off(0, 60)), (60, note_on(0, 62, 82))):
        recorder.hear(message, tick)
    assert rows(recorder.so_far(100)) == [(0, 50, 60, 81, 0), (60, 40, 62, 82, 0)]
    assert rows(recorder.so_far(100, held=False)) == [(0, 50, 60, 81, 0)]
    assert recorder.down == {62}
    assert rows(recorder.finish(200)) == [(0, 50, 60, 81, 0), (60, 140, 62, 82, 0)]
