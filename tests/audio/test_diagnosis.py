"""The sound doctor's findings: judged from what a machine may have, and looked up on real servers."""

import json
from pathlib import Path

import pytest

from musicgen_app.audio import diagnosis, soundfont
from musicgen_app.audio.diagnosis import Diagnosis, InUse, Machine, diagnose, survey, would_play
from musicgen_app.cli.main import main
from musicgen_app.core.errors import AudioError
from tests.audio.test_ports import Receiver
from tests.servers import PulseSink, jack_server, pulse_sink

__all__ = ["jack_server", "pulse_sink"]

THROUGH = "Midi Through:Midi Through Port-0"
GOOD = Machine(devices=("Speakers",), ports=("Stage piano", THROUGH), backend="PulseAudio", midi_system="ALSA")
BARE = Machine(device_problem="There is no sound device that could be opened.")


def advice(machine: Machine, use: InUse) -> str:
    return "\n".join(diagnose(machine, use).advice)


def test_where_all_is_well_the_last_thing_to_look_at_is_the_systems_volume() -> None:
    found = diagnose(GOOD, InUse())
    assert found.can_sound
    assert found.verdict == "Sound works: Built-in piano."
    assert "cable" in found.advice[-1]
    assert len(found.advice) == 1
    assert "Nothing else was chosen" in found.reason


def test_where_nothing_is_there_it_says_so_and_what_can_be_done_all_the_same() -> None:
    found = diagnose(BARE, InUse())
    assert not found.can_sound
    assert found.verdict == "Nothing here can sound."
    assert "Connect headphones" in found.advice[0]
    assert "sound file" in found.advice[-1]


def test_a_silent_port_is_no_sound_and_is_labelled() -> None:
    machine = Machine(ports=(THROUGH,), device_problem="There is no sound device that could be opened.")
    assert not diagnose(machine, InUse()).can_sound
    chosen = InUse(f"port:{THROUGH}", f"port:{THROUGH}")
    assert "only passes notes on" in advice(GOOD, chosen)
    assert "silent by itself" in diagnose(GOOD, chosen).text()
    assert "choose another output" in diagnose(GOOD, chosen).verdict


def test_a_midi_instrument_can_sound_without_a_device() -> None:
    machine = Machine(ports=("Stage piano",), device_problem="No.")
    assert diagnose(machine, InUse()).can_sound
    assert "listens to the channel" in advice(machine, InUse("port:Stage piano", "port:Stage piano"))


def test_a_device_that_another_program_holds() -> None:
    machine = Machine(devices=("Speakers",), device_problem="There is no sound device that could be opened.")
    assert "Another program may hold it" in advice(machine, InUse())


def test_an_output_that_plays_needs_no_trial() -> None:
    found = diagnose(Machine(devices=("Speakers",), device_problem="Busy."), InUse(is_open=True))
    assert found.can_sound


def test_what_was_chosen_and_is_gone_is_told_with_what_plays_instead() -> None:
    found = diagnose(GOOD, InUse("piano", "piano:Headphones"))
    assert "You have chosen Piano on Headphones" in found.reason
    assert found.advice[0] == "Connect Piano on Headphones again, or choose another output below."
    assert diagnose(GOOD, InUse("piano:Speakers", "piano:Speakers")).reason == "You have chosen it."


def test_a_volume_of_nothing_is_told() -> None:
    assert "The volume is 0" in advice(GOOD, InUse(volume=0.0))
    assert "The volume is 0" not in advice(GOOD, InUse("port:Stage piano", volume=0.0))


def test_a_soundfont_without_fluidsynth_is_told() -> None:
    machine = Machine(devices=("Speakers",), soundfont_problem="SoundFonts need FluidSynth.")
    assert "FluidSynth" in advice(machine, InUse("soundfont:/x.sf2", "soundfont:/x.sf2"))


def fact(found: Diagnosis, name: str) -> str:
    return dict(found.facts)[name]


def test_latency_and_rate_are_told_for_what_is_chosen() -> None:
    assert fact(diagnose(GOOD, InUse()), "Latency").startswith("about 30 ms")
    assert fact(diagnose(GOOD, InUse("soundfont:/x.sf2")), "Latency").startswith("about 32 ms")
    assert "instrument's own" in fact(diagnose(GOOD, InUse("port:Stage piano")), "Latency")
    assert fact(diagnose(GOOD, InUse()), "Sample rate") == "48,000 a second"


def test_the_report_holds_everything() -> None:
    text = diagnose(Machine(devices=("A",), keyboards=("Keys",), soundfonts=(Path("/x/Grand.sf2"),)), InUse()).text()
    for words in ("Output: Built-in piano", "Sound devices: A", "- SoundFont: Grand", "MIDI keyboards\n- Keys"):
        assert words in text


@pytest.mark.parametrize(
    ("wanted", "machine", "expected"),
    [
        ("", GOOD, "piano"),
        ("port:Stage piano", GOOD, "port:Stage piano"),
        ("port:Gone", GOOD, "piano"),
        ("piano:Gone", GOOD, "piano"),
        ("", Machine(ports=("Stage piano",), device_problem="No."), "port:Stage piano"),
        ("piano", Machine(devices=("A",), device_problem="No."), "piano:A"),
        ("", BARE, "piano"),
    ],
)
def test_what_would_play_is_never_mute_for_a_bad_choice(wanted: str, machine: Machine, expected: str) -> None:
    assert would_play(wanted, machine) == expected


def test_a_soundfont_of_a_persons_own_would_play(tmp_path: Path) -> None:
    (tmp_path / "x.sf2").touch()
    wanted = f"soundfont:{tmp_path / 'x.sf2'}"
    assert would_play(wanted, GOOD) == wanted
    assert would_play(f"{wanted}gone", GOOD) == "piano"


def test_real_servers_are_surveyed(pulse_sink: PulseSink, jack_server: str) -> None:
    receiver = Receiver()
    machine = survey()
    receiver.close()
    assert machine.backend == "PulseAudio"
    assert machine.backends[0] == "PulseAudio"
    assert len(machine.devices) == 1
    assert any("receiver" in name for name in machine.ports)
    assert machine.midi_system
    assert diagnose(machine, InUse()).can_sound


def test_a_device_that_opens_and_plays_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stuck:
        problem, pulls, backend = "", 0, "ALSA"

        def __init__(self, _fill: object) -> None: ...

        def close(self) -> None: ...

    monkeypatch.setattr(diagnosis, "SoundDevice", Stuck)
    monkeypatch.setattr(diagnosis, "_TRY_SEC", 0.05)
    assert diagnosis._try_device() == ("ALSA", "The sound device opens but does not play.")


@pytest.fixture
def no_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused:
        latency = 1200

        def __init__(self, _fill: object) -> None:
            raise AudioError("There is no sound device that could be opened.")

    monkeypatch.setattr(diagnosis, "SoundDevice", Refused)
    monkeypatch.setattr(diagnosis, "device_names", tuple)
    monkeypatch.setattr(diagnosis, "PortList", NoPorts)
    monkeypatch.setattr(diagnosis, "InputList", NoPorts)
    monkeypatch.setattr(soundfont, "missing", lambda: "SoundFonts need FluidSynth.")


class NoPorts:
    def names(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None: ...


@pytest.mark.usefixtures("no_sound")
def test_the_command_says_that_nothing_can_sound_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sound"]) == 1
    assert capsys.readouterr().out.startswith("Nothing here can sound.")
    assert main(["sound", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["can_sound"] is False
    assert found["machine"]["devices"] == []


def test_the_command_succeeds_where_something_can_sound(
    pulse_sink: PulseSink, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sound", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["output"] == "Built-in piano"
    assert found["facts"]["Sample rate"] == "48,000 a second"
