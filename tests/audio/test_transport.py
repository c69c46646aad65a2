import pytest

from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import PAUSED, PLAYING, STOPPED, Transport
from musicgen_app.core.score import Score, Track, make_notes
from tests.audio.music import RATE, messages, of_kind, offs, ons, piece, playing, run

MS = 48
TWO_NOTES = piece((0, 100, 60, 80), (200, 100, 64, 90))


def silence_on(channel: int) -> list[bytes]:
    return [bytes((0xB0 | channel, 64, 0)), bytes((0xB0 | channel, 123, 0))]


def test_notes_come_out_at_their_frames() -> None:
    events = run(playing(TWO_NOTES), RATE)
    assert ons(events) == [(0, 60), (200 * MS, 64)]
    assert offs(events) == [(100 * MS, 60), (300 * MS, 64)]


def test_playing_stops_at_the_end_and_returns_to_where_it_began() -> None:
    transport = playing(TWO_NOTES)
    transport.stop()
    transport.seek(150)
    transport.play()
    assert ons(run(transport, RATE)) == [(50 * MS, 64)]
    assert transport.state == STOPPED
    assert transport.tick_at(transport.frame) == 150


def test_the_end_comes_with_the_whole_silence() -> None:
    events = run(playing(TWO_NOTES), RATE)
    assert messages(events)[-2:] == silence_on(0)
    assert events[-1].frame == 300 * MS


def test_play_at_the_end_begins_anew() -> None:
    transport = playing(TWO_NOTES)
    run(transport, 10)
    transport.pause()
    transport.seek(300)
    transport.play()
    assert ons(run(transport, 100)) == [(0, 60)]


def test_play_twice_is_play_once() -> None:
    transport = playing(TWO_NOTES)
    transport.play()
    assert ons(run(transport, RATE)) == [(0, 60), (200 * MS, 64)]


@pytest.mark.parametrize("command", ["pause", "stop", "close", "seek", "hand_over"])
def test_every_break_lets_go_of_everything(command: str) -> None:
    transport = playing(piece((0, 900, 60, 80), (0, 900, 67, 80), pedals=[(0, 127)]))
    run(transport, 1000)
    if command in ("close", "hand_over"):
        told = getattr(transport, command)()
    else:
        getattr(transport, command)(*([500] if command == "seek" else []))
        told = messages(transport.advance(100))
    assert told[:4] == [bytes((0x80, 60, 0)), bytes((0x80, 67, 0)), *silence_on(0)]


def test_pause_goes_on_where_it_was() -> None:
    transport = playing(TWO_NOTES)
    run(transport, 150 * MS)
    transport.pause()
    assert transport.state == PAUSED
    assert of_kind(run(transport, RATE), 9) == []
    assert transport.tick_at(transport.frame) == 150
    transport.play()
    assert ons(run(transport, RATE)) == [(50 * MS, 64)]


def test_pausing_when_nothing_plays_changes_nothing() -> None:
    transport = Transport()
    transport.pause()
    assert transport.state == STOPPED
    assert transport.advance(100) == []


def test_stop_returns_and_stop_again_goes_to_the_beginning() -> None:
    transport = Transport()
    transport.load(Timeline(TWO_NOTES))
    transport.seek(120)
    transport.play()
    run(transport, 50 * MS)
    transport.stop()
    assert transport.tick_at(transport.frame) == 120
    transport.stop()
    assert transport.tick_at(transport.frame) == 0


def test_a_pause_does_not_change_where_stop_returns_to() -> None:
    transport = playing(TWO_NOTES)
    run(transport, 50 * MS)
    transport.pause()
    transport.play()
    run(transport, 50 * MS)
    transport.stop()
    assert transport.tick_at(transport.frame) == 0


def test_seeking_while_playing_goes_on_from_there() -> None:
    transport = playing(TWO_NOTES)
    run(transport, 10 * MS)
    transport.seek(190)
    events = run(transport, RATE)
    assert offs(events)[0] == (0, 60)
    assert ons(events) == [(10 * MS, 64)]


def test_a_note_is_not_joined_in_its_middle() -> None:
    transport = playing(TWO_NOTES)
    transport.seek(50)
    events = run(transport, RATE)
    assert ons(events) == [(150 * MS, 64)]
    assert 60 not in [pitch for _, pitch in offs(events)]


def test_seeking_tells_the_pedal_and_the_program_in_force() -> None:
    score = piece((0, 900, 60, 80), pedals=[(100, 127), (500, 0)], program=5)
    transport = playing(score)
    assert messages(transport.advance(1))[:2] == [bytes((0xC0, 5)), bytes((0xB0, 64, 0))]
    transport.seek(300)
    assert messages(transport.advance(1))[-2:] == [bytes((0xC0, 5)), bytes((0xB0, 64, 127))]
    transport.seek(500)
    assert messages(transport.advance(1))[-2:] == [bytes((0xB0, 64, 127)), bytes((0xB0, 64, 0))]


def test_a_key_struck_again_lives_its_own_length() -> None:
    events = run(playing(piece((0, 200, 60, 80), (100, 300, 60, 90), pedals=[(0, 127)])), RATE)
    assert ons(events) == [(0, 60), (100 * MS, 60)]
    assert offs(events) == [(100 * MS, 60), (400 * MS, 60)]


def test_the_piece_ends_when_the_last_pedal_is_lifted() -> None:
    transport = playing(piece((0, 100, 60, 80), pedals=[(50, 127), (400, 90), (700, 0), (2000, 127)]))
    events = run(transport, RATE)
    assert of_kind(events, 11)[-3:] == [(700 * MS, 64, 0), (700 * MS, 64, 0), (700 * MS, 123, 0)]
    assert transport.state == STOPPED


def test_a_loop_wraps_without_a_lost_frame() -> None:
    transport = playing(piece((0, 100, 60, 80), (200, 500, 64, 90)))
    transport.set_loop((0, 300))
    events = run(transport, 1000 * MS)
    assert ons(events) == [(300 * k * MS + at * MS, pitch) for k in range(4) for at, pitch in [(0, 60), (200, 64)]][:7]
    assert (300 * MS, 64) in offs(events)
    assert transport.loop == (0, 300)


def test_a_loop_chases_the_pedal_at_its_start() -> None:
    transport = playing(piece((0, 900, 60, 80), pedals=[(50, 127), (250, 0)]))
    transport.set_loop((100, 300))
    events = [event for event in run(transport, 301 * MS) if event.frame == 300 * MS]
    assert messages(events) == [bytes((0x80, 60, 0)), *silence_on(0), bytes((0xC0, 0)), bytes((0xB0, 64, 127))]


def test_a_loop_behind_the_playhead_does_not_call_it_back() -> None:
    transport = playing(TWO_NOTES)
    run(transport, 150 * MS)
    transport.set_loop((0, 100))
    assert ons(run(transport, RATE)) == [(50 * MS, 64)]
    assert transport.state == STOPPED


def test_play_behind_the_loop_begins_at_the_loop() -> None:
    transport = Transport()
    transport.load(Timeline(TWO_NOTES))
    transport.set_loop((190, 250))
    transport.seek(280)
    transport.play()
    assert ons(run(transport, 20 * MS)) == [(10 * MS, 64)]


def test_seeking_behind_the_loop_while_playing_plays_on() -> None:
    transport = playing(TWO_NOTES)
    transport.set_loop((0, 100))
    transport.seek(150)
    assert ons(run(transport, RATE)) == [(50 * MS, 64)]


def test_a_loop_of_one_tick_lets_time_go_by() -> None:
    transport = playing(TWO_NOTES)
    transport.set_loop((0, 1))
    transport.set_speed(4)
    assert len(ons(run(transport, 6400))) == 100


def test_a_loop_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="no length"):
        Transport().set_loop((100, 100))


def test_a_loop_taken_off_beyond_the_end_stops() -> None:
    transport = playing(TWO_NOTES)
    transport.set_loop((0, 1000))
    run(transport, 500 * MS)
    transport.set_loop(None)
    run(transport, 10)
    assert transport.state == STOPPED


def test_half_speed_doubles_every_distance() -> None:
    transport = playing(TWO_NOTES)
    transport.set_speed(0.5)
    assert transport.speed == 0.5
    assert ons(run(transport, RATE)) == [(0, 60), (400 * MS, 64)]


def test_a_change_of_speed_keeps_the_place() -> None:
    transport = playing(TWO_NOTES)
    run(transport, 100 * MS)
    transport.set_speed(2)
    assert transport.tick_at(transport.frame) == 100
    assert ons(run(transport, RATE)) == [(50 * MS, 64)]


def test_a_change_of_speed_while_stopped_waits_for_play() -> None:
    transport = Transport()
    transport.load(Timeline(TWO_NOTES))
    transport.set_speed(2)
    transport.play()
    assert ons(run(transport, RATE)) == [(0, 60), (100 * MS, 64)]


def test_an_impossible_speed_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.1 to 4"):
        Transport().set_speed(0)


def test_panic_silences_all_channels() -> None:
    transport = playing(TWO_NOTES)
    run(transport, 10)
    transport.panic()
    told = messages(transport.advance(10))
    assert told[0] == bytes((0x80, 60, 0))
    for channel in range(16):
        assert {*silence_on(channel), bytes((0xB0 | channel, 120, 0))} <= set(told)


def test_the_position_of_the_recent_past_is_remembered() -> None:
    transport = playing(TWO_NOTES)
    run(transport, 100 * MS)
    transport.seek(200)
    run(transport, 20 * MS)
    assert transport.tick_at(80 * MS) == 80
    assert transport.tick_at(110 * MS) == 210
    assert transport.tick_at(-5) == 0


def test_a_growing_score_is_waited_for_and_goes_on() -> None:
    transport = playing(piece((0, 100, 60, 80)), complete=False)
    first = run(transport, 300 * MS)
    assert transport.waiting
    assert offs(first) == [(100 * MS, 60)]
    assert transport.tick_at(transport.frame) == 100
    transport.load(Timeline(piece((0, 100, 60, 80), (100, 100, 62, 80), (150, 50, 64, 80))), complete=True)
    assert ons(run(transport, 300 * MS)) == [(0, 62), (50 * MS, 64)]
    assert transport.state == STOPPED


def test_a_speed_set_while_waiting_counts_when_it_goes_on() -> None:
    transport = playing(piece((0, 100, 60, 80)), complete=False)
    run(transport, 300 * MS)
    transport.set_speed(2)
    assert transport.waiting
    transport.load(Timeline(piece((0, 100, 60, 80), (200, 100, 62, 80))), complete=True)
    assert ons(run(transport, 300 * MS)) == [(50 * MS, 62)]


def test_growing_does_not_touch_what_sounds() -> None:
    transport = playing(piece((0, 500, 60, 80), pedals=[(0, 127)]), complete=False)
    run(transport, 100 * MS)
    transport.load(Timeline(piece((0, 500, 60, 80), (200, 100, 62, 80), pedals=[(0, 127)])))
    events = run(transport, RATE)
    assert ons(events) == [(100 * MS, 62)]
    assert offs(events) == [(200 * MS, 62), (400 * MS, 60)]
    assert of_kind(events, 11) == [(400 * MS, 64, 0), (400 * MS, 123, 0)]


def test_a_note_deleted_while_it_sounds_is_let_go() -> None:
    transport = playing(piece((0, 500, 60, 80), (0, 500, 64, 80), (600, 100, 60, 80)))
    run(transport, 100 * MS)
    transport.load(Timeline(piece((0, 500, 64, 80), (600, 100, 60, 80))))
    assert offs(transport.advance(10)) == [(0, 60)]


def test_a_pedal_deleted_while_it_is_down_is_lifted() -> None:
    transport = playing(piece((0, 500, 60, 80), pedals=[(50, 127)]))
    run(transport, 100 * MS)
    transport.load(Timeline(piece((0, 500, 60, 80))))
    assert of_kind(transport.advance(10), 11) == [(0, 64, 0)]


def test_a_new_tempo_keeps_the_musical_place() -> None:
    transport = playing(TWO_NOTES)
    run(transport, 100 * MS)
    transport.load(Timeline(piece((0, 100, 60, 80), (200, 100, 64, 90), beats_per_minute=250)))
    assert transport.tick_at(transport.frame) == 100
    assert ons(run(transport, RATE)) == [(50 * MS, 64)]


def test_an_empty_score_ends_at_once() -> None:
    transport = playing(Score())
    assert transport.advance(10) == []
    assert transport.state == STOPPED


def test_handing_over_tells_the_next_instrument_what_is_in_force() -> None:
    transport = playing(piece((0, 900, 60, 80), pedals=[(0, 127)]))
    run(transport, 1000)
    transport.hand_over()
    assert messages(transport.advance(10)) == [bytes((0xC0, 0)), bytes((0xB0, 64, 127))]
    assert transport.state == PLAYING


def test_tracks_that_share_a_channel_change_its_program() -> None:
    score = Score(
        notes=make_notes([(0, 100, 60, 80, 0), (480, 100, 60, 80, 1), (960, 100, 60, 80, 0)]),
        tracks=(Track(program=3), Track(program=7)),
    )
    transport = playing(score)
    told = messages(run(transport, RATE))
    assert [message[1] for message in told if message[0] == 0xC0] == [3, 7]
    transport.seek(500)
    assert bytes((0xC0, 7)) in messages(transport.advance(1))


def test_a_previewed_key_sounds_beside_the_score_until_released() -> None:
    transport = playing(TWO_NOTES)
    transport.strike(72, 90)
    transport.load(Timeline(TWO_NOTES))
    assert ons(transport.advance(10)) == [(0, 72), (0, 60)]
    transport.release(72)
    transport.release(72)
    assert offs(transport.advance(10)) == [(0, 72)]


def test_a_previewed_key_and_the_score_strike_one_string() -> None:
    transport = playing(TWO_NOTES)
    run(transport, 50 * MS)
    transport.strike(60, 90)
    transport.strike(64, 90)
    assert [event.message for event in transport.advance(1)] == [
        bytes((0x80, 60, 0)),
        bytes((0x90, 60, 90)),
        bytes((0x90, 64, 90)),
    ]
    events = run(transport, 160 * MS)
    assert offs(events) == [(150 * MS - 1, 64)]
    assert ons(events) == [(150 * MS - 1, 64)]


def test_stopping_lets_go_of_previewed_keys() -> None:
    transport = Transport()
    transport.strike(60, 90, channel=3)
    transport.stop()
    assert messages(transport.advance(1)) == [bytes((0x93, 60, 90)), bytes((0x83, 60, 0)), *silence_on(3)]
