"""A keyboard through to the sound and into the recorder; the transport's part in it."""

import threading

from musicgen_app.audio.engine import Engine
from musicgen_app.audio.messages import ALL_NOTES_OFF, SUSTAIN, control, note_off, note_on, program_change
from musicgen_app.audio.performance import Performance
from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import PLAYING, STOPPED, Transport
from musicgen_app.core.score import Score, Track
from tests.audio.music import messages, piece, playing, run

MILLISECOND = 48


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def running(score: Score) -> tuple[Engine, Clock]:
    """An engine whose output pulls a millisecond whenever the clock goes on by one; a tick is a millisecond."""
    clock = Clock()
    engine = Engine(clock)
    engine.tell(engine.transport.load, Timeline(score))
    engine.attach(0)
    return engine, clock


def go_on(engine: Engine, clock: Clock, milliseconds: int) -> list[bytes]:
    told = []
    for _ in range(milliseconds):
        told += messages(engine.advance(MILLISECOND))
        clock.now += 0.001
    return told


def test_keys_and_pedal_are_heard_on_the_chosen_channel() -> None:
    engine, clock = running(Score(tracks=(Track(), Track(program=48, channel=1))))
    performance = Performance(engine)
    performance.channel = 1
    performance.hear(note_on(0, 60, 80), 0)
    performance.hear(control(0, SUSTAIN, 100), 0)
    assert performance.down == {60}
    assert go_on(engine, clock, 1) == [program_change(1, 48), note_on(1, 60, 80), control(1, SUSTAIN, 100)]
    performance.channel = 0
    performance.hear(note_on(0, 60, 0), 0)
    performance.hear(b"\xb0\x07\x40", 0)
    performance.hear(b"\xc0\x07", 0)
    assert go_on(engine, clock, 1) == [note_off(1, 60)]


def test_nothing_is_heard_without_an_output_or_where_it_is_not_wanted() -> None:
    engine, clock = running(Score())
    performance = Performance(engine)
    performance.through = False
    performance.hear(note_on(0, 60, 80), 0)
    performance.hear(note_off(0, 60), 0)
    assert go_on(engine, clock, 1) == []
    engine.detach()
    performance.through = True
    performance.hear(note_on(0, 60, 80), 0)
    assert engine.transport.advance(1) == []


def test_all_is_let_go_where_the_keyboard_goes() -> None:
    engine, clock = running(Score())
    performance = Performance(engine)
    performance.hear(note_on(0, 60, 80), 0)
    performance.hear(control(0, SUSTAIN, 127), 0)
    go_on(engine, clock, 1)
    performance.let_go()
    assert performance.down == frozenset()
    assert go_on(engine, clock, 1) == [note_off(0, 60), control(0, SUSTAIN, 0)]


def test_a_message_has_the_place_that_was_heard_when_it_came_however_late_anybody_looks() -> None:
    engine, clock = running(piece((0, 3000, 40, 80)))
    performance = Performance(engine)
    performance.begin(0, 0, None)
    engine.tell(engine.transport.play, 0)
    go_on(engine, clock, 100)
    at = clock.now
    thread = threading.Thread(target=performance.hear, args=(note_on(0, 60, 81), at))
    thread.start()
    thread.join()
    go_on(engine, clock, 300)
    performance.hear(note_off(0, 60), at + 0.2)
    assert performance.recording
    ((onset, length, pitch, velocity, track),) = performance.so_far().notes.tolist()
    assert (abs(onset - 100) <= 1, abs(length - 200) <= 1) == (True, True)
    assert (pitch, velocity, track) == (60, 81, 0)
    assert performance.follow(clock.now) == 0
    recording = performance.finish(clock.now)
    assert abs(recording.end - 400) <= 1
    assert not performance.recording
    assert (performance.finish(), performance.so_far(), performance.follow(clock.now)) == (None, None, 0)


def test_what_has_been_left_ends_where_it_was_heard_last() -> None:
    engine, clock = running(piece((0, 3000, 40, 80)))
    performance = Performance(engine)
    performance.begin(0, 0, None)
    engine.tell(engine.transport.play, 0)
    go_on(engine, clock, 100)
    performance.hear(note_on(0, 60, 81), clock.now)
    engine.tell(engine.transport.stop)
    go_on(engine, clock, 50)
    performance.follow(clock.now)
    recording = performance.finish()
    assert abs(recording.end - 100) <= 1
    assert recording.notes["duration"].tolist() == [1]


def test_each_turn_of_a_loop_is_seen_and_what_is_held_begins_anew() -> None:
    engine, clock = running(piece((0, 3000, 40, 80)))
    performance = Performance(engine)
    engine.tell(engine.transport.set_loop, (0, 400))
    performance.begin(2, 0, None)
    performance.set_loop((0, 400))
    engine.tell(engine.transport.play, 0)
    go_on(engine, clock, 300)
    performance.hear(note_on(0, 60, 81), clock.now)
    go_on(engine, clock, 200)
    assert performance.follow(clock.now) == 1
    assert [pitch for _, _, pitch, *_ in performance.so_far(held=False).notes.tolist()] == [60]
    assert len(performance.so_far().notes) == 2
    performance.hear(note_off(0, 60), clock.now)
    go_on(engine, clock, 200)
    assert performance.follow(clock.now) == 1
    go_on(engine, clock, 200)
    assert performance.follow(clock.now) == 2
    recording = performance.finish(clock.now)
    rows = recording.notes.tolist()
    assert [(row[2], row[4]) for row in rows] == [(60, 2), (60, 2)]
    assert (rows[0][0], abs(rows[0][1] - 100) <= 2, abs(rows[1][0] - 300) <= 2, rows[1][0] + rows[1][1]) == (
        0,
        True,
        True,
        400,
    )
    assert (recording.start, recording.end) == (0, 400)


def test_music_without_an_end_plays_on_and_with_one_again_stops() -> None:
    transport = playing(piece((0, 100, 60, 80)))
    transport.set_endless(True)
    run(transport, 500 * MILLISECOND)
    assert transport.state == PLAYING
    assert transport.tick_at(transport.frame) == 500
    transport.pause()
    transport.play()
    assert transport.tick_at(transport.frame) == 500
    transport.set_endless(False)
    run(transport, 2)
    assert transport.state == STOPPED


def test_of_two_pedals_the_deeper_counts() -> None:
    transport = playing(piece((0, 2000, 60, 80), pedals=[(100, 80), (200, 0), (300, 90)]))
    run(transport, 50 * MILLISECOND)
    transport.press(100)

    def pedals(milliseconds: int) -> list[int]:
        told = messages(run(transport, milliseconds * MILLISECOND))
        return [message[2] for message in told if message[:2] == bytes((0xB0, SUSTAIN))]

    assert pedals(10) == [100]
    assert pedals(200) == [100, 100]
    transport.press(0)
    assert pedals(10) == [0]
    transport.press(50)
    assert pedals(100) == [50, 90]
    transport.press(0)
    assert pedals(10) == [90]
    transport.load(Timeline(piece((0, 2000, 60, 80))))
    assert pedals(10) == [0]


def test_the_pedal_of_a_foot_is_lifted_by_the_law_and_kept_through_a_change_of_process() -> None:
    transport = Transport()
    transport.press(100, 3)
    transport.advance(10)
    twin = Transport()
    twin.restore(transport.snapshot(), Timeline(Score()))
    for one in (transport, twin):
        one.stop()
        assert messages(one.advance(1)) == [control(3, SUSTAIN, 0), control(3, ALL_NOTES_OFF, 0)]


def test_a_key_sounds_as_its_track_does_where_it_is_struck() -> None:
    score = Score(
        notes=piece((0, 100, 60, 80), (1000, 100, 60, 80)).notes,
        tracks=(Track(program=5),),
    )
    transport = Transport()
    transport.load(Timeline(score))
    transport.strike(70, 80)
    transport.strike(71, 80)
    transport.strike(72, 80, 9)
    assert messages(transport.advance(1)) == [
        program_change(0, 5),
        note_on(0, 70, 80),
        note_on(0, 71, 80),
        note_on(9, 72, 80),
    ]
