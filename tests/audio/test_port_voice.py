"""One MIDI port as a person wants it: later or earlier, on one channel, with clicks or without."""

from collections.abc import Iterator

import pytest
import rtmidi
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.audio.engine import Engine
from musicgen_app.audio.messages import click, control, note_off, note_on, program_change
from musicgen_app.audio.outputs import PortOutput
from musicgen_app.audio.port_voice import PortOptions, PortVoice
from musicgen_app.audio.ports import PortPlayer
from musicgen_app.audio.remote import RemoteOutput, SoundProcess
from musicgen_app.audio.timeline import Timeline
from musicgen_app.core.score import Score, Track, make_notes
from tests.audio.music import piece
from tests.audio.test_ports import JACK, Receiver, SimulatedTime, balance, engine_playing, receiver
from tests.servers import jack_server

__all__ = ["jack_server", "receiver"]


def told(options: PortOptions, *messages: bytes) -> list[bytes]:
    voice = PortVoice(options)
    return [part for message in messages for part in voice.words(message)]


def test_as_in_the_tracks_everything_goes_through() -> None:
    messages = [program_change(3, 5), note_on(3, 60, 80), control(3, 64, 100), note_off(3, 60), note_on(9, 38, 70)]
    assert told(PortOptions(), *messages) == messages


def test_clicks_are_percussion_or_left_out() -> None:
    assert told(PortOptions(clicks=False), click(True, 90)) == []
    assert told(PortOptions(channel=2), click(True, 90)) == [b"\x99\x4c\x5a", b"\x89\x4c\x00"]


def test_on_one_channel_percussion_and_programs_stay_behind() -> None:
    messages = (program_change(0, 40), note_on(0, 60, 80), note_on(9, 38, 70), note_off(9, 38), note_off(0, 60))
    assert told(PortOptions(channel=4), *messages) == [note_on(4, 60, 80), note_off(4, 60)]


def test_a_key_that_two_tracks_hold_comes_up_with_the_last() -> None:
    messages = (note_on(0, 60, 80), note_on(1, 60, 90), note_off(0, 60), note_off(1, 60), note_off(1, 60))
    assert told(PortOptions(channel=0), *messages) == [
        note_on(0, 60, 80),
        note_off(0, 60),
        note_on(0, 60, 90),
        note_off(0, 60),
    ]


def test_the_pedal_is_down_while_any_track_holds_it() -> None:
    messages = [control(0, 64, 127), control(1, 64, 90), control(0, 64, 0), control(1, 64, 0)]
    assert told(PortOptions(channel=5), *messages) == [control(5, 64, 127), control(5, 64, 90), control(5, 64, 0)]


def test_all_notes_off_forgets_what_was_held() -> None:
    messages = [note_on(0, 60, 80), control(0, 123, 0), note_off(0, 60), note_on(1, 60, 80), note_off(1, 60)]
    assert told(PortOptions(channel=5), *messages) == [
        note_on(5, 60, 80),
        control(5, 123, 0),
        note_on(5, 60, 80),
        note_off(5, 60),
    ]


def test_another_channel_leaves_nothing_hanging_on_the_old_one() -> None:
    voice = PortVoice(PortOptions())
    for message in (note_on(0, 60, 80), note_on(3, 62, 80), control(3, 64, 127), note_off(0, 60)):
        voice.words(message)
    assert voice.change(PortOptions(offset_ms=5)) == []
    assert voice.change(PortOptions(channel=7)) == [
        note_off(3, 62),
        *(control(channel, number, 0) for channel in (0, 3) for number in (64, 123)),
    ]
    assert voice.words(note_off(3, 62)) == []


keys = st.tuples(st.booleans(), st.integers(0, 3), st.integers(60, 63))


@given(st.lists(keys, max_size=60), st.one_of(st.none(), st.integers(0, 15)), st.one_of(st.none(), st.integers(0, 15)))
def test_every_key_goes_down_once_and_comes_up_once_whatever_the_channel(
    moves: list[tuple[bool, int, int]], first: int | None, second: int | None
) -> None:
    """The transport's own law, one key at a time on each channel, holds behind the voice too."""
    voice, down, sent = PortVoice(PortOptions(channel=first)), set(), []
    for number, (press, channel, pitch) in enumerate(moves):
        if number == len(moves) // 2:
            sent += voice.change(PortOptions(channel=second))
        key = (channel, pitch)
        if press and key not in down:
            down.add(key)
            sent += voice.words(note_on(channel, pitch, 80))
        elif not press and key in down:
            down.discard(key)
            sent += voice.words(note_off(channel, pitch))
    for channel, pitch in down:
        sent += voice.words(note_off(channel, pitch))
    held: set[tuple[int, int]] = set()
    for message in sent:
        key = (message[0] & 15, message[1])
        if message[0] >> 4 == 9:
            assert key not in held
            held.add(key)
        elif message[0] >> 4 == 8:
            held.discard(key)
    assert not held


@pytest.mark.parametrize("values", [(501, None), (-501, None), (0, 16), (0, -1)])
def test_options_out_of_range_are_refused(values: tuple[int, int | None]) -> None:
    with pytest.raises(ValueError, match="cannot be played"):
        PortOptions(*values)


def test_a_port_that_is_played_later_gets_everything_so_much_later() -> None:
    clock = SimulatedTime(2.0)
    sent: list[tuple[float, bytes]] = []
    player = PortPlayer(
        engine_playing((0, 100, 60, 80), (333, 100, 64, 80)),
        lambda message: sent.append((clock.time, message)),
        clock.now,
        PortOptions(offset_ms=70),
    )
    player.run_until_closed(clock.wait)
    times = [round(at - 50.0, 6) for at, message in sent if message[0] in (0x80, 0x90)]
    assert times == [0.07, 0.17, 0.403, 0.503]


def test_a_port_that_is_played_earlier_shows_the_playhead_later() -> None:
    assert PortOptions(offset_ms=-50).latency == 2400
    assert PortOptions(offset_ms=50).latency == 0


def test_an_offset_that_shrinks_keeps_the_order() -> None:
    clock = SimulatedTime(1.0)
    sent: list[bytes] = []
    player = PortPlayer(
        engine_playing(*[(at, 9, 60, 80) for at in range(0, 300, 10)]),
        sent.append,
        clock.now,
        PortOptions(offset_ms=200),
    )

    def wait(seconds: float) -> bool:
        if clock.time > 50.1:
            player.options = PortOptions(offset_ms=0)
        return clock.wait(seconds)

    player.run_until_closed(wait)
    kinds = [message[0] for message in sent if message[0] in (0x80, 0x90)]
    assert kinds == [0x90, 0x80] * 30


def test_after_a_hush_nothing_more_is_struck() -> None:
    clock = SimulatedTime(1.0)
    sent: list[bytes] = []
    engine = engine_playing((0, 400, 60, 80), (150, 400, 64, 80))
    player = PortPlayer(engine, sent.append, clock.now, PortOptions(offset_ms=100))

    def wait(seconds: float) -> bool:
        if clock.time >= 50.2 and engine.transport.state == "playing":
            engine.transport.stop()
            player.hush()
        return clock.wait(seconds)

    player.run_until_closed(wait)
    struck = [message[1] for message in sent if message[0] == 0x90]
    assert struck == [60]
    assert note_off(0, 60) in sent


@pytest.fixture
def process() -> Iterator[SoundProcess]:
    process = SoundProcess()
    yield process
    process.close()


def three_tracks() -> Score:
    notes = make_notes([(0, 480, 60, 90, 0), (0, 480, 60, 80, 1), (0, 480, 38, 99, 2), (480, 480, 64, 90, 1)])
    return Score(notes=notes, tracks=(Track("A", 0, 0), Track("B", 40, 1), Track("Drums", 0, 9)))


def test_a_real_port_is_played_on_one_channel_without_clicks(receiver: Receiver, process: SoundProcess) -> None:
    engine = Engine()
    engine.transport.load(Timeline(three_tracks()))
    engine.attach(0)
    process.port_options = PortOptions(offset_ms=-40, channel=6, clicks=False)
    output = RemoteOutput(engine, process, "port", receiver.name)
    assert output.latency == 1920
    engine.tell(engine.transport.set_metronome, 90)
    engine.tell(engine.transport.play)
    receiver.wait_for(6)
    output.close()
    receiver.wait_for(12)
    messages = [message for _, message in receiver.messages]
    assert {message[0] & 15 for message in messages} == {6}
    assert [message[1] for message in messages if message[0] >> 4 == 9] == [60, 60, 64]
    assert not any(balance(receiver.messages).values())


def test_the_options_of_a_real_port_change_while_it_plays_and_nothing_hangs(
    receiver: Receiver, process: SoundProcess
) -> None:
    engine = Engine()
    engine.transport.load(Timeline(piece((0, 60_000, 60, 80), (0, 60_000, 64, 80))))
    engine.attach(0)
    output = RemoteOutput(engine, process, "port", receiver.name)
    engine.tell(engine.transport.play)
    receiver.wait_for(3)
    output.set_port_options(PortOptions(channel=3))
    receiver.wait_for(3 + 4)
    assert not any(balance(receiver.messages).values())
    output.close()


def test_panic_reaches_a_real_port_at_once_although_it_is_played_later(receiver: Receiver) -> None:
    engine = engine_playing((0, 60_000, 60, 80))
    engine.attach(0)
    output = PortOutput(engine, receiver.name, JACK, PortOptions(offset_ms=500))
    receiver.wait_for(2)
    engine.tell(engine.transport.panic)
    output.hush()
    receiver.wait_for(2 + 48)
    told = [message for _, message in receiver.messages]
    assert all([0xB0 | channel, 123, 0] in told and [0xB0 | channel, 120, 0] in told for channel in range(16))
    output.close()
    assert not any(balance(receiver.messages).values())
    assert rtmidi.API_UNIX_JACK == JACK
