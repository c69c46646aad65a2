"""The transport's law, over random music and random hands."""

from collections import Counter
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.audio.messages import is_click
from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import PLAYING, STOPPED, Event, Transport
from musicgen_app.core.score import Score
from musicgen_app.core.timing import TempoMap
from tests.audio.music import RATE, messages, of_kind, ons, playing, run, small_scores

commands = st.one_of(
    st.tuples(st.just("play"), st.sampled_from([0, 0, 0, 1])),
    st.tuples(st.just("play_range"), st.integers(0, 2000), st.integers(2001, 3000), st.sampled_from([0, 1])),
    st.just(("pause",)),
    st.just(("stop",)),
    st.just(("panic",)),
    st.tuples(st.just("seek"), st.integers(0, 3000)),
    st.tuples(st.just("set_speed"), st.sampled_from([0.25, 0.5, 1.0, 1.7, 4.0])),
    st.tuples(
        st.just("set_loop"),
        st.none() | st.tuples(st.integers(0, 1500), st.integers(1, 1500)).map(lambda pair: (pair[0], sum(pair))),
    ),
    st.tuples(st.just("set_metronome"), st.sampled_from([0, 60, 127])),
    st.tuples(st.just("set_endless"), st.booleans()),
    st.tuples(st.just("load"), small_scores().map(Timeline), st.booleans()),
    st.tuples(st.just("load"), st.tuples(small_scores(), st.randoms()).map(lambda pair: partly(*pair)), st.booleans()),
)
previews = st.one_of(
    st.tuples(st.just("strike"), st.integers(59, 63), st.just(80)),
    st.tuples(st.just("release"), st.integers(59, 63)),
    st.tuples(st.just("press"), st.sampled_from([0, 50, 127])),
    st.tuples(st.just("scrub"), st.integers(0, 3000)),
    st.just(("end_scrub",)),
)
steps = st.lists(st.tuples(commands | previews, st.integers(0, 30_000)), max_size=12)
steps_of_the_score = st.lists(st.tuples(commands, st.integers(0, 30_000)), max_size=12)


def partly(score: Score, random: Random) -> Timeline:
    """A timeline of which some notes are not heard."""
    return Timeline(score, np.array([random.random() < 0.5 for _ in score.notes], dtype=bool))


def obey(transport: Transport, script: list[tuple[tuple[object, ...], int]], block: int) -> list[Event]:
    """Carry out commands with frames between them; the frames count from the transport's first."""
    events: list[Event] = []
    for (name, *arguments), frames in script:
        getattr(transport, str(name))(*arguments)
        at = transport.frame
        events += [Event(at + event.frame, event.message) for event in run(transport, frames, block)]
    return events


def down_after(told: list[bytes]) -> tuple[Counter[tuple[int, int]], dict[int, int]]:
    """Which keys are down, how often, and each channel's pedal, after some messages."""
    keys: Counter[tuple[int, int]] = Counter()
    pedals: dict[int, int] = {}
    for message in told:
        channel = message[0] & 15
        if is_click(message):
            continue
        if message[0] >> 4 == 9:
            keys[channel, message[1]] += 1
        elif message[0] >> 4 == 8:
            keys[channel, message[1]] -= 1
        elif message[:2] == bytes((0xB0 | channel, 64)):
            pedals[channel] = message[2]
        assert set(keys.values()) <= {0, 1}
    return keys, pedals


@given(small_scores(), steps)
def test_every_key_goes_down_once_and_comes_up_once(score: Score, script: list) -> None:
    transport = playing(score)
    told = messages(run(transport, 5000)) + messages(obey(transport, script, 1024)) + transport.close()
    keys, pedals = down_after(told)
    assert not any(keys.values())
    assert not any(pedals.values())


@given(small_scores(), steps)
def test_events_are_in_order_and_inside_their_block(score: Score, script: list) -> None:
    transport = playing(score)
    for (name, *arguments), frames in script:
        getattr(transport, str(name))(*arguments)
        frames_of = [event.frame for event in transport.advance(frames)]
        assert frames_of == sorted(frames_of)
        assert all(0 <= frame < max(frames, 1) for frame in frames_of)


@given(small_scores(), steps, st.integers(1, 5000))
def test_the_blocks_do_not_matter(score: Score, script: list, block: int) -> None:
    one, other = playing(score), playing(score)
    assert obey(one, script, 1 << 30) == obey(other, script, block)
    assert one.second_at(one.frame) == other.second_at(other.frame)


@given(small_scores(), steps_of_the_score)
def test_nothing_sounds_unless_it_plays(score: Score, script: list) -> None:
    transport = playing(score)
    told: list[bytes] = messages(transport.advance(3000))
    for step in script:
        told += messages(obey(transport, [step], 2048))
        told += messages(transport.advance(1))
        if transport.state != PLAYING:
            keys, pedals = down_after(told)
            assert not any(keys.values())
            assert not any(pedals.values())


@given(small_scores())
def test_every_key_of_the_score_is_struck_when_it_should_be(score: Score) -> None:
    timeline = Timeline(score)
    transport = playing(score)
    events = run(transport, int(timeline.end_second * RATE) + 2)
    channels = [track.channel for track in score.tracks]
    expected = {(int(n["onset"]), channels[n["track"]], int(n["pitch"])) for n in score.notes}
    times = {tick: timeline.tempo.second(tick) * RATE for tick, _, _ in expected}
    found = [(e.frame, e.message[0] & 15, e.message[1]) for e in events if e.message[0] >> 4 == 9]
    assert len(found) == len(expected)
    wanted = sorted((times[tick], channel, pitch) for tick, channel, pitch in expected)
    for (at, channel, pitch), (frame, found_channel, found_pitch) in zip(wanted, sorted(found), strict=True):
        assert abs(at - frame) <= 1
        assert (channel, pitch) == (found_channel, found_pitch)
    assert transport.state == STOPPED


@given(small_scores(), st.integers(0, 1000), st.integers(10, 1000), st.integers(1, 4))
def test_each_turn_of_a_loop_is_like_the_first(score: Score, start: int, length: int, turns: int) -> None:
    transport = Transport()
    transport.load(Timeline(score))
    transport.set_loop((start, start + length))
    transport.seek(start)
    transport.play()
    seconds = transport.timeline.tempo.seconds([start, start + length])
    period = float(seconds[1] - seconds[0]) * RATE
    if period < 100:
        return
    events = run(transport, int(period * (turns + 1)))
    first = [event for event in ons(events) if event[0] < int(period)]
    for turn in range(1, turns):
        begin = int(period * turn + 1e-6)
        mine = [
            (frame - begin, pitch) for frame, pitch in ons(events) if begin <= frame < int(period * (turn + 1) + 1e-6)
        ]
        assert [pitch for _, pitch in mine] == [pitch for _, pitch in first]
        assert all(abs(a[0] - b[0]) <= 1 for a, b in zip(mine, first, strict=True))


@given(small_scores(), st.lists(st.integers(0, 2000), max_size=8))
def test_a_score_that_grows_ahead_of_the_playhead_sounds_like_the_whole(score: Score, cuts: list[int]) -> None:
    expected = ons(run(playing(score), 48_000 * 30, 1 << 20))
    transport = playing(score.with_notes(score.notes[:0]), complete=False)
    found: list[tuple[int, int]] = []
    reached = 0
    for cut in [*sorted(cuts), 3001]:
        transport.load(Timeline(score.with_notes(score.notes[score.notes["onset"] < cut])), complete=cut == 3001)
        ahead = Timeline(score).tempo.second(reached) - transport.second_at(transport.frame)
        found += ons(run(transport, max(int(ahead * RATE), 0), 1 << 20))
        reached = cut
    found += ons(run(transport, 48_000 * 30, 1 << 20))
    assert [pitch for _, pitch in found] == [pitch for _, pitch in expected]


@given(small_scores(), steps)
def test_nothing_sounds_after_stop(score: Score, script: list) -> None:
    transport = playing(score)
    told = messages(run(transport, 5000)) + messages(obey(transport, script, 1024))
    transport.stop()
    told += messages(transport.advance(1))
    keys, pedals = down_after(told)
    assert not any(keys.values())
    assert not any(pedals.values())
    assert not run(transport, 200_000, 50_000)


def force_at(score: Score, second: float) -> dict[bytes, int]:
    """Each channel's program and pedal just before a moment, found note by note and pedal by pedal."""
    times = TempoMap(score).seconds
    found: dict[bytes, int] = {}
    channels = [track.channel for track in score.tracks]
    for note in score.notes[::-1]:
        track = score.tracks[note["track"]]
        found[bytes((0xC0 | track.channel,))] = track.program
    for at, note in zip(times(score.notes["onset"]), score.notes, strict=True):
        track = score.tracks[note["track"]]
        if at < second - 1e-9:
            found[bytes((0xC0 | track.channel,))] = track.program
    end = Timeline(score).end_tick
    for at, pedal in zip(times(score.pedals["onset"]), score.pedals, strict=True):
        if pedal["onset"] <= end:
            subject = bytes((0xB0 | channels[pedal["track"]], 64))
            found.setdefault(subject, 0)
            if at < second - 1e-9:
                found[subject] = int(pedal["value"])
    return found


def told_force(events: list[Event]) -> dict[bytes, int]:
    """Each channel's program and pedal after some messages; "all notes off" is neither."""
    force: dict[bytes, int] = {}
    for message in messages(events):
        if message[0] >> 4 == 0xC:
            force[message[:1]] = message[1]
        elif message[0] >> 4 == 0xB and message[1] == 64:
            force[message[:2]] = message[2]
    return force


@given(small_scores(), st.integers(0, 3000), st.integers(0, 3000))
def test_seek_chases_program_and_pedal(score: Score, before: int, tick: int) -> None:
    transport = Transport()
    transport.load(Timeline(score), complete=False)
    transport.seek(before)
    transport.play()
    run(transport, 1000)
    transport.seek(tick)
    expected = force_at(score, TempoMap(score).second(tick))
    told = told_force([event for event in transport.advance(0) if event.frame == 0])
    assert {subject: value for subject, value in told.items() if subject in expected} == expected
    assert not any(value for subject, value in told.items() if subject not in expected and subject[0] >> 4 == 0xB)


@given(small_scores(), st.integers(0, 1000), st.integers(200, 1500))
def test_the_wrap_of_a_loop_chases_program_and_pedal(score: Score, start: int, length: int) -> None:
    transport = Transport()
    transport.load(Timeline(score))
    transport.set_loop((start, start + length))
    transport.seek(start)
    transport.play()
    begin, end = TempoMap(score).seconds([start, start + length]).tolist()
    wrap = int((end - begin) * RATE + 1e-6)
    run(transport, wrap)
    events = [event for event in transport.advance(1) if event.frame == 0]
    silent = max(
        (at for at, event in enumerate(events) if event.message[0] >> 4 == 0xB and event.message[1] == 123), default=-1
    )
    expected = force_at(score, begin)
    told = told_force(events[silent + 1 :][: len(expected)])
    assert told == expected


@given(small_scores())
def test_a_key_struck_again_lives_its_own_length(score: Score) -> None:
    """Of every key: each blow lasts its own length, or until the key is struck again; never shorter."""
    timeline = Timeline(score)
    events = run(playing(score), int(timeline.end_second * RATE) + 2)
    frames = timeline.tempo.seconds(np.arange(4000)) * RATE
    for channel, pitch in {(event.message[0] & 15, event.message[1]) for event in events if event.message[0] >> 4 == 9}:
        mine = [
            note for note in score.notes if (score.tracks[note["track"]].channel, note["pitch"]) == (channel, pitch)
        ]
        onsets = sorted({int(note["onset"]) for note in mine})
        lasts = {at: max(int(n["onset"] + n["duration"]) for n in mine if n["onset"] == at) for at in onsets}
        ends = [min(lasts[at], next_at) for at, next_at in zip(onsets, [*onsets[1:], 1 << 30], strict=True)]
        found = [e.frame for e in events if e.message[:2] == bytes((0x80 | channel, pitch))]
        assert len(found) == len(ends)
        assert all(abs(frame - frames[end]) <= 1 for frame, end in zip(found, ends, strict=True))


@given(small_scores(), st.sampled_from([0.25, 0.5, 1.3, 4.0]))
def test_speed_moves_every_message_and_changes_none(score: Score, speed: float) -> None:
    plain = run(playing(score), 48_000 * 12, 1 << 20)
    transport = playing(score)
    transport.set_speed(speed)
    other = run(transport, int(48_000 * 12 / speed) + 2, 1 << 20)
    assert messages(other) == messages(plain)
    assert all(abs(a.frame - b.frame * speed) <= 1 + speed for a, b in zip(plain, other, strict=True))


@given(small_scores(), st.integers(0, 2000), st.integers(1, 1500), st.integers(0, 2))
def test_a_range_sounds_what_begins_in_it_and_stops(score: Score, start: int, length: int, bars: int) -> None:
    transport = Transport()
    transport.load(Timeline(score))
    transport.set_loop((0, 100))
    transport.play_range(start, start + length, bars)
    struck = of_kind(run(transport, 48_000 * 80, 1 << 20), 9)
    tempo = TempoMap(score)
    begin, end = tempo.seconds([start, start + length]).tolist()
    at = tempo.seconds(score.notes["onset"])
    channels = np.array([track.channel for track in score.tracks])[score.notes["track"]]
    inside = (at >= begin - 1e-9) & (at < end - 1e-9)
    expected = {
        (round(float(s), 9), int(c), int(n["pitch"]))
        for s, c, n in zip(at[inside], channels[inside], score.notes[inside], strict=True)
    }
    assert len(struck) == len(expected)
    assert transport.state == STOPPED
    assert transport.tick_at(transport.frame) == tempo.tick(begin)
