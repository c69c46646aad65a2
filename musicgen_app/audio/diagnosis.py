"""The sound doctor's findings: what this machine has, what is chosen and why, and what to do where nothing sounds."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rtmidi

from musicgen_app.audio import soundfont
from musicgen_app.audio.device import PERIOD_MS, PERIODS, SoundDevice, device_names
from musicgen_app.audio.inputs import InputList
from musicgen_app.audio.outputs import PIANO, SOUNDFONT, OutputChoice, choice_of, next_best, output_choices
from musicgen_app.audio.piano import Piano
from musicgen_app.audio.ports import PortList
from musicgen_app.audio.samples import RATE
from musicgen_app.audio.soundfont import SoundFontSynth
from musicgen_app.audio.systems import midi_api, sound_backends
from musicgen_app.core.errors import AudioError

_TRY_SEC = 2.0
_MIDI_SYSTEMS = {
    rtmidi.API_LINUX_ALSA: "ALSA",
    rtmidi.API_UNIX_JACK: "JACK",
    rtmidi.API_MACOSX_CORE: "CoreMIDI",
    rtmidi.API_WINDOWS_MM: "Windows MIDI",
}
_BACKENDS = {"PULSEAUDIO": "PulseAudio"}
_CHECK_VOLUME = (
    "If the level moves and you hear nothing, look at the system's volume, at which speakers the system uses, at the "
    "cable and at the mute key."
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What this machine has.

    Attributes:
        devices: Names of the sound devices.
        ports: Names of the MIDI ports to play on.
        keyboards: Names of the MIDI ports to be played from.
        backends: The sound systems that were asked, in their order.
        backend: The one through which the usual device was opened; empty where it was not tried or failed.
        device_problem: Why the usual device could not be opened; empty where it could, or was not tried.
        midi_system: Its name; empty where there is none.
        soundfonts: The files that can be chosen.
        soundfont_problem: Why none can be played; empty where they can.
    """

    devices: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    keyboards: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    backend: str = ""
    device_problem: str = ""
    midi_system: str = ""
    soundfonts: tuple[Path, ...] = ()
    soundfont_problem: str = ""

    @property
    def outputs(self) -> tuple[OutputChoice, ...]:
        """All that could be chosen."""
        return output_choices(self.devices, self.ports, () if self.soundfont_problem else self.soundfonts)


@dataclass(frozen=True, slots=True)
class InUse:
    """What the program plays on.

    Attributes:
        chosen: The id of the output.
        wanted: The id of the one a person has chosen; empty where nobody did.
        volume: 0 to 1.
        is_open: Whether it is open and plays at this moment.
    """

    chosen: str = PIANO
    wanted: str = ""
    volume: float = 1.0
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a person is told; the attributes are in the order of the report.

    Attributes:
        can_sound: Whether something is there that can sound by itself.
        verdict: The answer in a sentence.
        advice: What to do, each in a sentence or two.
        output: The name of what is chosen.
        reason: Why it is.
        facts: Pairs of a name and a value: sound system, rate, latency, MIDI.
        outputs: All outputs.
        keyboards: MIDI keyboards.
    """

    can_sound: bool
    verdict: str
    advice: tuple[str, ...]
    output: str
    reason: str
    facts: tuple[tuple[str, str], ...]
    outputs: tuple[OutputChoice, ...]
    keyboards: tuple[str, ...]

    def text(self) -> str:
        """The report, to be read and copied."""
        lines = [self.verdict, *(f"- {advice}" for advice in self.advice), "", f"Output: {self.output}", self.reason]
        lines += [f"{name}: {value}" for name, value in self.facts]
        lines += ["", "Outputs", *(f"- {choice.name}" for choice in self.outputs)]
        return "\n".join([*lines, "", "MIDI keyboards", *(f"- {name}" for name in self.keyboards or ("none",))])


def survey(soundfonts: Sequence[Path] = (), try_device: bool = True) -> Machine:
    """Ask the system what there is; takes up to some seconds.

    Args:
        soundfonts: Files that a person has chosen.
        try_device: Open the usual device for a moment, silently; not where it is open already.
    """
    ports, keyboards = PortList(), InputList()
    backend, problem = _try_device() if try_device else ("", "")
    missing = soundfont.missing()
    api = midi_api()
    try:
        return Machine(
            devices=device_names(),
            ports=ports.names(),
            keyboards=keyboards.names(),
            backends=tuple(
                _BACKENDS.get(backend.name, backend.name) for system in sound_backends() for backend in system
            ),
            backend=backend,
            device_problem=problem,
            midi_system="" if api is None else _MIDI_SYSTEMS.get(api, _usual_midi()),
            soundfonts=() if missing else tuple(dict.fromkeys((*soundfonts, *soundfont.found()))),
            soundfont_problem=missing,
        )
    finally:
        ports.close()
        keyboards.close()


def _usual_midi() -> str:
    return {"linux": "ALSA", "darwin": "CoreMIDI", "win32": "Windows MIDI"}.get(sys.platform, "the system's")


def _try_device() -> tuple[str, str]:
    """The name of the sound system through which the usual device plays, or why it does not."""
    try:
        device = SoundDevice(lambda frames: np.zeros((2, frames), np.float32))
    except AudioError as error:
        return "", error.message
    try:
        until = time.monotonic() + _TRY_SEC
        while not device.pulls and not device.problem and time.monotonic() < until:
            time.sleep(0.02)
        problem = device.problem or ("" if device.pulls else "The sound device opens but does not play.")
        return device.backend, problem
    finally:
        device.close()


def would_play(wanted: str, machine: Machine) -> str:
    """The id of the output that the program would play on, where a person has chosen ``wanted`` (empty: nothing)."""
    ids = [choice.id for choice in machine.outputs]
    if wanted.startswith(SOUNDFONT) and Path(wanted.partition(":")[2]).is_file() and not machine.soundfont_problem:
        ids.append(wanted)
    if wanted in ids and (wanted != PIANO or not machine.device_problem):
        return wanted
    if wanted in ("", PIANO) and not machine.device_problem:
        return PIANO
    best = next_best({wanted or PIANO}, machine.outputs)
    return best.id if best is not None else PIANO


def diagnose(machine: Machine, use: InUse) -> Diagnosis:
    """Judge what was found."""
    chosen = choice_of(use.chosen)
    loud = [choice for choice in machine.outputs if choice.is_port and not choice.silent]
    opens = not machine.device_problem and bool(machine.devices or machine.backend)
    piano = opens or (use.is_open and not chosen.is_port)
    if piano:
        verdict = f"Sound works: {chosen.name}." if not chosen.silent else f"{chosen.name}: choose another output."
    elif loud:
        verdict = "No sound device can be opened, but a MIDI instrument can be played."
    else:
        verdict = "Nothing here can sound."
    return Diagnosis(
        can_sound=piano or bool(loud),
        verdict=verdict,
        advice=tuple(_advice(machine, use, chosen, piano)),
        output=chosen.name,
        reason=_reason(use),
        facts=_facts(machine, chosen),
        outputs=machine.outputs,
        keyboards=machine.keyboards,
    )


def _reason(use: InUse) -> str:
    if not use.wanted:
        return "Nothing else was chosen: the built-in piano on the system's usual device is what plays then."
    if use.wanted == use.chosen:
        return "You have chosen it."
    return f"You have chosen {choice_of(use.wanted).name}, which cannot be opened now; this is the next best."


def _facts(machine: Machine, chosen: OutputChoice) -> tuple[tuple[str, str], ...]:
    asked = ", ".join(machine.backends) or "all that miniaudio knows"
    device_ms = SoundDevice.latency * 1000 / RATE
    instrument = SoundFontSynth.latency if chosen.id.startswith(SOUNDFONT) else Piano.latency
    latency = f"about {device_ms + instrument * 1000 / RATE:.0f} ms ({PERIODS} periods of {PERIOD_MS} ms at most)"
    if chosen.is_port:
        latency = "none of ours; the instrument's own can be made up for in the preferences"
    return (
        ("Sound system", f"{machine.backend or 'none opened'} (asked: {asked})"),
        ("Sample rate", f"{RATE:,} a second"),
        ("Latency", latency),
        ("Sound devices", ", ".join(machine.devices) or "none"),
        ("MIDI system", machine.midi_system or "none"),
        ("MIDI ports", ", ".join(choice_of(f"port:{name}").name for name in machine.ports) or "none"),
        (
            "SoundFonts",
            machine.soundfont_problem or ", ".join(path.stem for path in machine.soundfonts) or "none found",
        ),
    )


def _advice(machine: Machine, use: InUse, chosen: OutputChoice, piano: bool) -> list[str]:
    """What to do, the most likely cause first."""
    found = []
    if use.wanted and use.wanted != use.chosen:
        found.append(f"Connect {choice_of(use.wanted).name} again, or choose another output below.")
    if chosen.silent:
        found.append(
            "This port only passes notes on to programs that listen. Choose the built-in piano to hear something."
        )
    elif chosen.is_port:
        found.append(
            "The instrument itself sounds: see that it is on, its volume up, and that it listens to the channel."
        )
    if not piano:
        found += _device_advice(machine)
    if not chosen.is_port and use.volume == 0:
        found.append("The volume is 0: move the slider at the lower right.")
    if use.chosen.startswith(SOUNDFONT) and machine.soundfont_problem:
        found.append(machine.soundfont_problem)
    if piano and not chosen.is_port:
        found.append(_CHECK_VOLUME)
    return found


def _device_advice(machine: Machine) -> list[str]:
    if machine.devices:
        return [f"{machine.device_problem} Another program may hold it: close that, or choose another device below."]
    found = ["No sound device was found. Connect headphones or speakers, then look again."]
    if sys.platform == "linux":
        found.append("On Linux a sound server must run for you: PipeWire or PulseAudio (try: pactl info).")
    return [*found, "Without any device music can still be written as a sound file: File > Export > Audio."]
