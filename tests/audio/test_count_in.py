from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.audio.engine import Engine
from musicgen_app.audio.messages import as_percussion, click
from musicgen_app.audio.metronome import Beats
from musicgen_app.audio.piano import Piano
from musicgen_app.audio.port_voice import PortOptions
from musicgen_app.audio.ports import PortPlayer
from musicgen_app.audio.samples import Samples
from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import PAUSED, PLAYING, STOPPED, Event, Transport
from musicgen_app.core.score import TEMPO_DTYPE, Score, TimeSignature
from musicgen_app.core.timing import Meter, TempoMap
from tests.audio.music import RATE, messages, of_kind, ons, piece, playing, run, small_scores
from tests.audio.test_ports import SimulatedTime

MS = 48
BEAT = 480
WALTZ = replace(piece((0, 100, 60, 80), (2 * BEAT, 100, 64, 80)), time_signatures=(TimeSignature(0, 3, 4),))


def clicks(events: list[Event]) -> list[tuple[int, bool]]:
    """(frame, whether a bar begins) of every click."""
    return [(event.frame, bool(event.message[1])) for event in events if event.message[0] == 0xF9]


def ready(score: Score) -> Transport:
    transport = Transport()
    transport.load(Timeline(score))
    return transport


def test_a_bar_is_counted_and_then_the_music_begins() -> None:
    transport = ready(WALTZ)
    transport.play(count_in=1)
    assert transport.counting
    events = run(transport, 5 * BEAT * MS)
    assert clicks(events) == [(0, True), (BEAT * MS, False), (2 * BEAT * MS, False)]
    assert ons(events) == [(3 * BEAT * MS, 60)]
    assert not transport.counting


def test_the_place_does_not_move_while_it_counts() -> None:
    transport = ready(WALTZ)
    transport.seek(BEAT)
    transport.play(count_in=2)
    run(transport, BEAT * MS)
    assert transport.tick_at(transport.frame) == BEAT
    assert transport.state == PLAYING
    assert not transport.waiting


def test_an_upbeat_is_counted_into_its_own_bar() -> None:
    transport = ready(WALTZ)
    transport.seek(2 * BEAT)
    transport.play(count_in=1)
    events = run(transport, 4 * BEAT * MS)
    assert clicks(events) == [(0, False), (BEAT * MS, True), (2 * BEAT * MS, False)]
    assert ons(events) == [(3 * BEAT * MS, 64)]


def test_between_two_beats_the_last_click_comes_as_long_before_as_the_beat() -> None:
    transport = ready(WALTZ)
    transport.seek(BEAT + 120)
    transport.play(count_in=1)
    assert [frame for frame, _ in clicks(run(transport, 3 * BEAT * MS))] == [
        at * MS for at in (BEAT - 120, 2 * BEAT - 120, 3 * BEAT - 120)
    ]


def test_counting_follows_the_speed() -> None:
    transport = ready(WALTZ)
    transport.set_speed(2)
    transport.play(count_in=1)
    assert ons(run(transport, 2 * BEAT * MS)) == [(3 * BEAT * MS // 2, 60)]


@pytest.mark.parametrize("command", ["pause", "stop", "scrub", "seek"])
def test_what_is_counted_can_be_broken_off(command: str) -> None:
    transport = ready(WALTZ)
    transport.play(count_in=1)
    run(transport, 100)
    getattr(transport, command)(*([0] if command in ("seek", "scrub") else []))
    assert not transport.counting
    assert not clicks(run(transport, 4 * BEAT * MS))
    assert transport.state == {"pause": PAUSED, "stop": STOPPED, "scrub": PAUSED, "seek": STOPPED}[command]


def test_another_score_and_another_speed_do_not_disturb_the_count() -> None:
    transport = ready(WALTZ)
    transport.play(count_in=1)
    run(transport, 100)
    transport.load(Timeline(piece((0, 100, 72, 80))))
    transport.set_speed(0.5)
    events = run(transport, 4 * BEAT * MS)
    assert len(clicks(events)) == 2
    assert ons(events) == [(3 * BEAT * MS - 100, 72)]


def test_each_beat_is_heard_while_playing() -> None:
    transport = playing(WALTZ)
    transport.set_metronome(90)
    events = run(transport, RATE * 3)
    assert clicks(events) == [(0, True), (BEAT * MS, False), (2 * BEAT * MS, False)]
    assert click(True, 90) in messages(events)


def test_the_metronome_can_be_turned_on_and_off_at_any_moment() -> None:
    transport = playing(WALTZ)
    run(transport, 100)
    transport.set_metronome(90)
    assert clicks(run(transport, BEAT * MS)) == [(BEAT * MS - 100, False)]
    transport.set_metronome(0)
    assert not clicks(run(transport, RATE * 3))


def test_a_loop_turns_with_its_beats() -> None:
    transport = ready(WALTZ)
    transport.set_loop((BEAT, 3 * BEAT))
    transport.seek(BEAT)
    transport.set_metronome(80)
    transport.play()
    assert [frame // MS for frame, _ in clicks(run(transport, 5 * BEAT * MS))] == [0, 480, 960, 1440, 1920]


def test_the_metronome_is_silent_unless_it_plays() -> None:
    transport = ready(WALTZ)
    transport.set_metronome(127)
    assert not run(transport, RATE)


def test_an_impossible_loudness_is_refused() -> None:
    with pytest.raises(ValueError, match="0 to 127"):
        Transport().set_metronome(128)


def test_a_range_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="no length"):
        Transport().play_range(10, 10)


def test_a_range_in_which_the_music_ends_ends_with_it() -> None:
    transport = ready(WALTZ)
    transport.play_range(BEAT, 100 * BEAT)
    assert ons(run(transport, RATE * 3)) == [(BEAT * MS, 64)]
    assert transport.state == STOPPED


def test_a_pause_inside_a_range_does_not_forget_its_end() -> None:
    transport = ready(WALTZ)
    transport.play_range(0, BEAT)
    run(transport, 100)
    transport.pause()
    transport.play()
    assert ons(run(transport, 4 * BEAT * MS)) == []
    assert transport.state == STOPPED


def test_play_after_a_range_plays_on() -> None:
    transport = ready(WALTZ)
    transport.play_range(0, BEAT)
    run(transport, RATE)
    transport.play()
    assert len(ons(run(transport, RATE * 3))) == 2


def test_a_click_is_a_wood_block_to_a_port() -> None:
    assert as_percussion(click(True, 90)) == (bytes((0x99, 76, 90)), bytes((0x89, 76, 0)))
    assert as_percussion(click(False, 70))[0] == bytes((0x99, 77, 70))


def test_scrubbing_sounds_what_is_down_at_each_place() -> None:
    score = piece((0, 200, 60, 80), (100, 200, 64, 90), program=4)
    transport = playing(score)
    run(transport, 10)
    transport.scrub(50)
    assert transport.state == PAUSED
    told = transport.advance(10)
    assert messages(told)[0] == bytes((0x80, 60, 0))
    assert messages(told)[-2:] == [bytes((0xC0, 4)), bytes((0x90, 60, 80))]
    transport.scrub(150)
    assert messages(transport.advance(10)) == [bytes((0x90, 64, 90))]
    assert transport.tick_at(transport.frame) == 150
    transport.scrub(250)
    assert messages(transport.advance(10)) == [bytes((0x80, 60, 0))]
    transport.end_scrub()
    assert messages(transport.advance(10)) == [bytes((0x80, 64, 0))]


def test_the_hand_that_scrubs_does_not_strike_a_key_twice() -> None:
    transport = ready(piece((0, 200, 60, 80)))
    for tick in (10, 20, 30):
        transport.scrub(tick)
    assert len(of_kind(transport.advance(10), 9)) == 1


@st.composite
def metred_scores(draw: st.DrawFn) -> Score:
    """Small scores whose metre changes, also inside a bar."""
    signatures = draw(
        st.lists(
            st.builds(TimeSignature, st.integers(0, 3000), st.integers(1, 7), st.sampled_from([2, 4, 8, 16])),
            max_size=3,
            unique_by=lambda signature: signature.onset,
        )
    )
    return replace(draw(small_scores()), time_signatures=tuple(sorted(signatures, key=lambda s: s.onset)))


@given(metred_scores(), st.integers(0, 3000))
def test_the_beats_are_those_of_the_metre(score: Score, tick: int) -> None:
    meter, tempo, beats = Meter(score), TempoMap(score), Beats(score)
    expected = [at for at in range(tick, 6000) if meter.position(at).tick == 0][:6]
    beat = beats.first(tempo.second(tick))
    found = []
    for _ in expected:
        found.append(beat)
        beat = beats.after(beat)
    for at, one in zip(expected, found, strict=True):
        # Beats closer together than the ear can follow are left out.
        if np.diff(tempo.seconds(expected)).min(initial=1.0) > 0.04:
            assert one.second == tempo.second(at)
            assert one.accent == (meter.position(at).beat == 1)
    assert all(b.second > a.second for a, b in pairwise(found))


def test_beats_that_nobody_could_count_are_left_out() -> None:
    score = replace(piece((0, 9000, 60, 80)), tempos=np.array([(0, 1)], dtype=TEMPO_DTYPE))
    transport = ready(score)
    transport.set_metronome(80)
    transport.set_loop((0, 1 << 30))
    transport.play()
    assert 20 < len(clicks(run(transport, RATE))) <= 34


@given(metred_scores(), st.integers(0, 3000), st.integers(1, 3), st.sampled_from([0.25, 1.0, 3.0]))
def test_the_count_is_whole_bars_long(score: Score, tick: int, bars: int, speed: float) -> None:
    transport = ready(score)
    transport.set_loop((0, 1 << 20))
    transport.seek(tick)
    transport.set_speed(speed)
    transport.play(bars)
    meter, tempo = Meter(score), TempoMap(score)
    signature = meter.signature(tick)
    events = []
    frames = 0
    while transport.counting:
        events += clicks(transport.advance(4096))
        frames += 4096
    beat_sec = 60 / tempo.beats_per_minute(tick) * 4 / signature.denominator / speed
    length = bars * signature.numerator * beat_sec * RATE
    if beat_sec * RATE > 2 and score.ticks_per_beat * 4 % signature.denominator == 0:
        assert abs(frames - length) <= 4096 + 1
        assert len(events) == bars * signature.numerator
        assert sum(accent for _, accent in events) == bars


def test_the_piano_knocks_and_a_quiet_click_is_quieter() -> None:
    def heard(message: bytes, block: int) -> np.ndarray:
        piano = Piano(Samples())
        parts = [piano.render(block, [Event(100, message)])]
        return np.concatenate([*parts, *(piano.render(block, []) for _ in range(4800 // block))], axis=1)

    loud = heard(click(True, 127), 480)
    assert 0.1 < np.abs(loud).max() < 0.5
    assert np.abs(heard(click(True, 40), 480)).max() < 0.2 * np.abs(loud).max()
    assert np.array_equal(loud[:, :4000], heard(click(True, 127), 240)[:, :4000])
    assert not loud[:, 4000:].any()
    assert not np.array_equal(loud, heard(click(False, 127), 480))


def test_a_port_hears_the_clicks_as_percussion_unless_it_shall_not() -> None:
    for wanted in (True, False):
        clock = SimulatedTime(1.0)
        sent: list[bytes] = []
        engine = Engine()
        engine.transport.load(Timeline(WALTZ))
        engine.transport.set_metronome(90)
        engine.transport.play()
        player = PortPlayer(engine, sent.append, clock.now, PortOptions(clicks=wanted))
        player.run_until_closed(clock.wait)
        assert [message for message in sent if message[0] & 15 == 9] == (
            [*as_percussion(click(True, 90)), *as_percussion(click(False, 90)), *as_percussion(click(False, 90))]
            if wanted
            else []
        )
