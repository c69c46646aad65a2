"""Keyboards: listed, opened, heard, through a real MIDI system."""

import threading
import time

import pytest
import rtmidi

from musicgen_app.audio import inputs
from musicgen_app.audio.inputs import InputList, Keyboard
from musicgen_app.core.errors import AudioError
from tests.servers import jack_server

__all__ = ["jack_server"]

JACK = rtmidi.API_UNIX_JACK


class Hands:
    """A keyboard that somebody plays: a virtual port of another client."""

    def __init__(self, name: str = "stage") -> None:
        self._output = rtmidi.MidiOut(JACK, name=name)
        self._output.open_virtual_port("keys")

    def play(self, *messages: list[int]) -> None:
        for message in messages:
            self._output.send_message(message)

    def close(self) -> None:
        self._output.close_port()
        self._output.delete()


def wait_for(heard: list[tuple[bytes, float]], count: int) -> None:
    end = time.monotonic() + 20
    while len(heard) < count and time.monotonic() < end:
        threading.Event().wait(0.005)


def test_a_keyboard_is_listed_opened_and_heard_in_order(jack_server: str) -> None:
    hands = Hands()
    inputs = InputList(JACK)
    (name,) = (name for name in inputs.names() if "stage" in name)
    heard: list[tuple[bytes, float]] = []
    keyboard = Keyboard(name, lambda message, at: heard.append((message, at)), JACK)
    time.sleep(0.1)
    before = time.monotonic()
    hands.play([0x90, 60, 80], [0xB0, 64, 127], [0x80, 60, 0])
    wait_for(heard, 3)
    assert [message for message, _ in heard] == [b"\x90\x3c\x50", b"\xb0\x40\x7f", b"\x80\x3c\x00"]
    assert all(before <= at <= time.monotonic() for _, at in heard)
    keyboard.close()
    hands.close()
    assert name not in inputs.names()
    inputs.close()
    inputs.close()


def test_a_keyboard_that_is_gone_is_told_by_name(jack_server: str) -> None:
    with pytest.raises(AudioError, match="Stage piano is gone"):
        Keyboard("Stage piano", lambda *_: None, JACK)


class BrokenInput:
    """A MIDI system whose ports cannot be opened."""

    def __init__(self, *_arguments: object, **_options: object) -> None: ...

    def get_ports(self) -> list[str]:
        return ["Stage piano 24:0", "Midi Through Port-0 14:0", "MusicGen Composer 128:0"]

    def ignore_types(self, **_options: bool) -> None: ...

    def set_callback(self, _act: object) -> None: ...

    def open_port(self, _number: int, name: str) -> None:
        raise rtmidi.SystemError(name)

    def delete(self) -> None: ...


def test_silent_ports_stand_last_and_our_own_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtmidi, "MidiIn", BrokenInput)
    assert InputList(rtmidi.API_UNSPECIFIED).names() == ("Stage piano", "Midi Through Port-0")
    with pytest.raises(AudioError, match="Stage piano cannot be opened"):
        Keyboard("Stage piano", lambda *_: None, JACK)


def test_without_a_midi_system_the_list_is_empty_and_nothing_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_options: object) -> object:
        raise rtmidi.SystemError("no sequencer")

    monkeypatch.setattr(rtmidi, "MidiIn", broken)
    for api in (None, JACK):
        assert InputList(api).names() == ()
        with pytest.raises(AudioError, match="no MIDI system"):
            Keyboard("Stage piano", lambda *_: None, api)


def test_a_message_has_the_moment_at_which_the_system_had_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Opened(BrokenInput):
        def open_port(self, _number: int, name: str) -> None: ...

    now = [100.0]
    heard: list[tuple[bytes, float]] = []
    monkeypatch.setattr(rtmidi, "MidiIn", Opened)
    monkeypatch.setattr(inputs.time, "monotonic", lambda: now[0])
    keyboard = Keyboard("Stage piano", lambda message, at: heard.append((message, round(at, 3))), JACK)

    def hear(message: list[int], since: float, at: float) -> None:
        now[0] = at
        keyboard._on_message((message, since))

    hear([0x90, 60, 80], 0.0, 100.0)
    hear([0xFE], 0.3, 100.3)
    hear([0x90, 62, 80], 0.2, 100.53)  # Python was busy for 30 ms
    hear([0x90, 64, 80], 0.1, 100.6)
    hear([0x90, 65, 80], 0.1, 105.0)  # the system counted not all of the time
    hear([0x90, 67, 80], 0.1, 105.11)
    assert [at for _, at in heard] == [100.0, 100.5, 100.6, 105.0, 105.1]
