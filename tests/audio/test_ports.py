import os
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest
import rtmidi

from musicgen_app.audio import systems
from musicgen_app.audio.engine import Engine
from musicgen_app.audio.inputs import InputList
from musicgen_app.audio.outputs import PortOutput, output_choices
from musicgen_app.audio.ports import Port, PortList, PortPlayer, is_silent
from musicgen_app.audio.timeline import Timeline
from musicgen_app.core.errors import AudioError
from tests import servers
from tests.audio.music import piece
from tests.servers import jack_server

__all__ = ["jack_server"]

JACK = rtmidi.API_UNIX_JACK


class SimulatedTime:
    """A clock that moves only when somebody waits, and closes after a while."""

    def __init__(self, until: float) -> None:
        self.time = 50.0
        self._end = self.time + until

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> bool:
        self.time += seconds
        return self.time >= self._end


def engine_playing(*notes: tuple[int, int, int, int]) -> Engine:
    engine = Engine()
    engine.transport.load(Timeline(piece(*notes)))
    engine.transport.play()
    return engine


def test_each_message_is_sent_at_its_absolute_moment() -> None:
    clock = SimulatedTime(2.0)
    sent: list[tuple[float, bytes]] = []
    player = PortPlayer(
        engine_playing((0, 100, 60, 80), (333, 100, 64, 80)), lambda m: sent.append((clock.time, m)), clock.now
    )
    player.run_until_closed(clock.wait)
    times = [round(at - 50.0, 6) for at, message in sent if message[0] in (0x80, 0x90)]
    assert times == [0.0, 0.1, 0.333, 0.433]


def test_a_late_thread_does_not_hurry_to_catch_up() -> None:
    clock = SimulatedTime(3.0)
    sent: list[float] = []

    def send(message: bytes) -> None:
        if message[0] == 0x90:
            sent.append(clock.time)
            if message[1] == 60:
                clock.time += 1.0

    engine = engine_playing((0, 50, 60, 80), (100, 50, 61, 80), (200, 50, 62, 80))
    PortPlayer(engine, send, clock.now).run_until_closed(clock.wait)
    assert sent[2] - sent[1] == pytest.approx(0.1, abs=1e-6)


def test_a_port_that_fails_is_told_in_a_sentence() -> None:
    def send(_message: bytes) -> None:
        raise AudioError("The MIDI port does not answer any more.")

    engine = engine_playing((0, 100, 60, 80))
    player = PortPlayer(engine, send)
    player.start()
    player._thread.join(timeout=10)
    assert player.problem == "The MIDI port does not answer any more."
    player.close()


def test_the_through_port_is_silent_and_listed_last() -> None:
    assert is_silent("Midi Through:Midi Through Port-0")
    choices = output_choices(["Speakers"], ["Midi Through:Midi Through Port-0", "Stage piano"])
    assert [choice.id for choice in choices] == [
        "piano",
        "piano:Speakers",
        "port:Stage piano",
        "port:Midi Through:Midi Through Port-0",
    ]
    assert [choice.silent for choice in choices] == [False, False, False, True]
    assert choices[-1].name == "Midi Through:Midi Through Port-0 (silent by itself)"
    assert choices[2].is_port
    assert not choices[1].is_port


def test_without_a_midi_system_the_list_is_empty_and_a_port_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_options: object) -> object:
        raise rtmidi.SystemError("no sequencer")

    monkeypatch.setattr(rtmidi, "MidiOut", broken)
    for api in (None, rtmidi.API_UNSPECIFIED):
        ports = PortList(api)
        assert ports.names() == ()
        ports.close()
        with pytest.raises(AudioError, match="no MIDI system"):
            Port("Stage piano", api)


class BrokenPort:
    """A port that is there but cannot be opened, or dies."""

    opens = False

    def __init__(self, *_arguments: object, **_options: object) -> None:
        self.deleted = False

    def get_ports(self) -> list[str]:
        return ["Stage piano 24:0"]

    def open_port(self, _number: int, name: str) -> None:
        if not self.opens:
            raise rtmidi.SystemError(name)

    def send_message(self, _message: bytes) -> None:
        raise rtmidi.SystemError("gone")

    def close_port(self) -> None: ...

    def delete(self) -> None:
        self.deleted = True


def test_a_port_that_another_program_holds_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtmidi, "MidiOut", BrokenPort)
    with pytest.raises(AudioError, match="cannot be opened"):
        Port("Stage piano", JACK)


def test_a_port_that_dies_while_it_plays_is_told_and_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtmidi, "MidiOut", BrokenPort)
    monkeypatch.setattr(BrokenPort, "opens", True)
    output = PortOutput(engine_playing((0, 9000, 60, 80)), "Stage piano", JACK)
    output._player._thread.join(timeout=10)
    assert "does not answer" in output.problem
    output.close()
    assert output._port._out.deleted


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux has several systems to choose from.")
@pytest.mark.parametrize(
    ("devices", "jack", "midi", "sound"),
    [
        ((), False, None, ["PULSEAUDIO"]),
        ((), True, JACK, ["PULSEAUDIO", "JACK"]),
        (("snd", "snd/seq"), False, rtmidi.API_UNSPECIFIED, ["PULSEAUDIO", "ALSA"]),
        (("snd",), True, JACK, ["PULSEAUDIO", "ALSA", "JACK"]),
    ],
)
def test_only_systems_that_are_there_are_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    devices: tuple[str, ...],
    jack: bool,
    midi: int | None,
    sound: list[str],
) -> None:
    for device in devices:
        (tmp_path / device).mkdir()
    path = tmp_path / f"jack_default_{os.getuid()}_0"
    line = f"00000000792af1f2: 00000002 00000000 00010000 0001 01 410001 {path}\n"
    (tmp_path / "unix").write_text("Num RefCount Protocol Flags Type St Inode Path\n" + line * jack)
    path.touch()  # a killed server leaves it behind
    monkeypatch.delenv("JACK_DEFAULT_SERVER", raising=False)
    monkeypatch.setattr(systems, "_DEVICES", tmp_path / "snd")
    monkeypatch.setattr(systems, "_SHARED_MEMORY", tmp_path)
    monkeypatch.setattr(systems, "_SOCKETS", tmp_path / "unix")
    assert systems.midi_api() == midi
    assert [[backend.name for backend in system] for system in systems.sound_backends()] == [[name] for name in sound]


class Receiver:
    """A MIDI instrument on JACK that notes what it is told and when.

    It asks for its messages: a callback would need Python while the sender, in this process, waits for JACK.
    """

    def __init__(self) -> None:
        self.messages: list[tuple[float, list[int]]] = []
        self._time = 0.0
        self._input = rtmidi.MidiIn(JACK, name="receiver", queue_size_limit=4096)
        self._input.open_virtual_port("keys")
        self.name = next(name for name in PortList(JACK).names() if "receiver" in name)

    def wait_for(self, count: int) -> None:
        end = time.monotonic() + 20
        while len(self.messages) < count and time.monotonic() < end:
            while (received := self._input.get_message()) is not None:
                self._time += received[1]
                self.messages.append((self._time, received[0]))
            threading.Event().wait(0.002)

    def close(self) -> None:
        self._input.close_port()
        self._input.delete()


@pytest.fixture
def receiver(jack_server: str) -> Receiver:
    receiver = Receiver()
    yield receiver
    receiver.close()


def balance(messages: list[tuple[float, list[int]]]) -> dict[int, int]:
    """Note-ons less note-offs by pitch."""
    out: dict[int, int] = {}
    for _, message in messages:
        if message[0] >> 4 in (8, 9):
            out[message[1]] = out.get(message[1], 0) + (1 if message[0] >> 4 == 9 else -1)
    return out


def test_a_whole_piece_arrives_at_a_real_port(receiver: Receiver) -> None:
    notes = [(at * 50, 40, 50 + at, 80) for at in range(20)]
    engine = engine_playing(*notes)
    engine.attach(0)
    output = PortOutput(engine, receiver.name, JACK)
    receiver.wait_for(1 + 40 + 2)
    output.close()
    ons = [(at, message[1]) for at, message in receiver.messages if message[0] == 0x90]
    assert [pitch for _, pitch in ons] == list(range(50, 70))
    # The moments are held to a simulated clock above; a busy machine may hand single messages on late.
    assert ons[-1][0] - ons[0][0] > 0.5
    assert not any(balance(receiver.messages).values())


def test_stopping_in_mid_phrase_leaves_no_note_hanging_on_a_real_port(receiver: Receiver) -> None:
    engine = engine_playing((0, 60_000, 60, 80), (0, 60_000, 64, 80), (100, 60_000, 67, 80))
    engine.attach(0)
    output = PortOutput(engine, receiver.name, JACK)
    receiver.wait_for(4)
    engine.tell(engine.transport.stop)
    receiver.wait_for(4 + 5)
    output.close()
    assert not any(balance(receiver.messages).values())
    told = [message for _, message in receiver.messages]
    assert [0xB0, 64, 0] in told
    assert [0xB0, 123, 0] in told


def test_closing_a_real_port_in_mid_phrase_leaves_no_note_hanging(receiver: Receiver) -> None:
    engine = engine_playing((0, 60_000, 60, 80))
    engine.attach(0)
    output = PortOutput(engine, receiver.name, JACK)
    receiver.wait_for(2)
    output.close()
    assert output.problem == ""
    receiver.wait_for(2 + 3)
    assert [message for _, message in receiver.messages[-3:]] == [[0x80, 60, 0], [0xB0, 64, 0], [0xB0, 123, 0]]


def test_a_port_that_is_gone_is_told_by_name(jack_server: str) -> None:
    with pytest.raises(AudioError, match="Stage piano is gone"):
        Port("Stage piano", JACK)


def test_a_jack_server_that_ends_and_starts_anew_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    number = uuid.uuid4()
    monkeypatch.setattr(servers.uuid, "uuid4", lambda: number)
    ports, inputs = PortList(JACK), InputList(JACK)
    for _ in range(2):
        with servers.running_jack_server():
            receiver = Receiver()
            assert receiver.name in ports.names()
            hands = rtmidi.MidiOut(JACK, name="stage")
            hands.open_virtual_port("keys")
            assert any("stage" in name for name in inputs.names())
            for client in (hands, receiver._input):
                client.close_port()
                client.delete()
        assert ports.names() == inputs.names() == ()
    ports.close()
    inputs.close()


def test_the_list_follows_what_is_plugged_in(jack_server: str) -> None:
    ports = PortList(JACK)
    before = ports.names()
    receiver = Receiver()
    assert len(ports.names()) == len(before) + 1
    receiver.close()
    assert ports.names() == before
    ports.close()
