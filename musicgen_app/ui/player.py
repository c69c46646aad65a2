"""Plays the score for the window: opens outputs, carries commands to them, and tells what is heard."""

import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from musicgen_app.audio.device import device_names
from musicgen_app.audio.engine import Engine
from musicgen_app.audio.outputs import PIANO, OutputChoice
from musicgen_app.audio.port_voice import PortOptions
from musicgen_app.audio.samples import RATE
from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import PLAYING
from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter
from musicgen_app.ui.output_switch import Names, OutputOpener, OutputSwitch, open_output
from musicgen_app.ui.practice import Practice

_FRAME_MS = 16
_QUICK_NOTES = 5000
"""Larger scores reach the transport only when they shall sound, so that editing them stays quick."""
_AWAKE_SEC = 0.7
_PREVIEW_SEC = 0.35
_TEST_CHORD = ((0.0, 60), (0.12, 64), (0.24, 67), (0.36, 72))
_TEST_SEC = 1.2


class Player(QObject):
    """Plays one score, which may change while it plays.

    An output is opened when it is first needed, in the background; until then nothing is heard and nothing is slow.

    Args:
        parent: Qt's owner; it calls `close` before it goes.
        opener: How outputs are opened.
        list_devices: Names of the sound devices.
        list_ports: Names of the MIDI ports.

    Attributes:
        practice: Metronome, count-in, and what is heard of the score.

    Signals:
        state_changed: "stopped", "paused" or "playing".
        position_changed: The tick that is heard now; about 60 times a second while playing.
        score_changed: Another score is in the player.
        loop_changed: (start, end) in ticks, or None.
        speed_changed: 1 is the tempo of the score.
        volume_changed: 0 to 1.
        level_changed: The loudest sample of the last moment, 0 to 1.
        output_changed: The id of the output that is chosen now.
        outputs_changed: Something was plugged in or pulled out.
        output_failed: A sentence: what happened and what is done about it.
        output_lost: A `Loss`: what played is gone, and the music has stopped.
        output_returned: A MIDI port (an `OutputChoice`) that was lost is there again.
        output_opened: The chosen output plays now.
        leaving: A hand is about to stop, pause or move the music; `position` still tells where it is.
    """

    state_changed = Signal(str)
    position_changed = Signal(int)
    score_changed = Signal(object)
    loop_changed = Signal(object)
    speed_changed = Signal(float)
    volume_changed = Signal(float)
    level_changed = Signal(float)
    output_changed = Signal(str)
    outputs_changed = Signal()
    output_failed = Signal(str)
    output_lost = Signal(object)
    output_returned = Signal(object)
    output_opened = Signal()
    leaving = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        opener: OutputOpener = open_output,
        list_devices: Names = device_names,
        list_ports: Names | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = Engine()
        self._transport = self._engine.transport
        self._switch = OutputSwitch(self._engine, self, opener, list_devices, list_ports)
        self._switch.opened.connect(self._wake)
        self._switch.chosen_changed.connect(self.output_changed)
        self._switch.list_changed.connect(self.outputs_changed)
        self._switch.silenced.connect(self._on_silenced)
        self._switch.failed.connect(self.output_failed)
        self._switch.lost.connect(self.output_lost)
        self._switch.returned.connect(self.output_returned)
        self._switch.opened.connect(self.output_opened)
        self.practice = Practice(self._engine, self)
        self.practice.hearing_changed.connect(self._on_hearing)
        self._score = Score()
        self._stale = False
        self._growing = False
        self._endless = False
        self._loop: tuple[int, int] | None = None
        self._speed = 1.0
        self._volume = 0.8
        self._told_state = self._transport.state
        self._told_position = 0
        self._hold_until = 0.0
        self._awake_until = 0.0
        self._previews: dict[tuple[int, int], float] = {}
        self._planned: list[tuple[float, int]] = []
        self._clock = QTimer(self)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)
        self._clock.setInterval(_FRAME_MS)
        self._clock.timeout.connect(self._on_frame)
        self._apply_volume()

    # What is played.

    @property
    def score(self) -> Score:
        """What is in the player."""
        return self._score

    def set_score(self, score: Score) -> None:
        """Play another score from the same place on; while playing nothing breaks off but notes that are gone.

        Notes that sounded alone do so no longer: the new score may number its notes otherwise.
        """
        self._score = score
        self._stale = True
        self.practice.solo_notes(None)
        if self.playing or len(score.notes) <= _QUICK_NOTES:
            self._load()
        self.score_changed.emit(score)
        self._report()

    update_score = set_score

    def set_growing(self, growing: bool) -> None:
        """Say that the score is being written: at its end playing waits for more instead of stopping."""
        if growing != self._growing:
            self._growing = growing
            self._stale = True
            self._load()

    def _load(self) -> None:
        """Hand the score to the transport, if it has another one; takes half a second for a million notes."""
        if self._stale:
            self._stale = False
            heard = self.practice.hearing.mask(self._score)
            timeline = Timeline(self._score, None if heard.all() else heard)
            self._engine.tell(self._transport.load, timeline, not self._growing)

    @Slot()
    def _on_hearing(self) -> None:
        self._stale = True
        if self.playing:
            self._load()

    # The transport.

    @property
    def state(self) -> str:
        """One of "stopped", "paused" and "playing"."""
        return self._transport.state

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._transport.state == PLAYING

    @property
    def position(self) -> int:
        """The tick that is heard now."""
        if time.monotonic() < self._hold_until:
            return self._told_position
        return self._engine.heard_tick

    @property
    def loop(self) -> tuple[int, int] | None:
        """The part that is repeated, in ticks."""
        return self._transport.loop

    @property
    def speed(self) -> float:
        """1 is the tempo of the score."""
        return self._speed

    @Slot()
    def play(self) -> None:
        """Play from where it stands, after the count-in."""
        self._load()
        self._engine.tell(self._transport.play, self.practice.count_in)
        self._sound()

    def play_range(self, start: int, end: int) -> None:
        """Play the ticks from ``start`` to ``end``, a selection for example, and stop there; nothing where empty."""
        if end > max(start, 0):
            self.leaving.emit()
            self._load()
            self._engine.tell(self._transport.play_range, max(start, 0), end, self.practice.count_in)
            self._sound()

    @Slot()
    def pause(self) -> None:
        """Fall silent and stay."""
        self.leaving.emit()
        self._engine.tell(self._transport.pause)
        self.set_endless(False)
        self._wake()

    @Slot()
    def toggle(self) -> None:
        """Play or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    @Slot()
    def stop(self) -> None:
        """Fall silent and return to where playing began; stopped already, to the beginning."""
        self.leaving.emit()
        self._planned.clear()
        self._engine.tell(self._transport.stop)
        self.set_endless(False)
        self._wake()

    def seek(self, tick: int) -> None:
        """Go to a tick; playing goes on from there."""
        self.leaving.emit()
        tick = max(tick, 0)
        self._engine.tell(self._transport.seek, tick)
        self.set_endless(False)
        # What is heard reaches the new place a little later; the hand wants to see it at once.
        self._hold_until = time.monotonic() + self._engine.latency / RATE + 2 * _FRAME_MS / 1000
        self._tell_position(tick)
        self._wake()

    def scrub(self, tick: int) -> None:
        """Go to a tick and let what is down there be heard, until the next tick or `end_scrub`; pauses."""
        self.leaving.emit()
        tick = max(tick, 0)
        self._load()
        self._engine.tell(self._transport.scrub, tick)
        self.set_endless(False)
        self._hold_until = time.monotonic() + self._engine.latency / RATE + 2 * _FRAME_MS / 1000
        self._tell_position(tick)
        self._sound()

    def end_scrub(self) -> None:
        """Let go of what `scrub` sounds."""
        self._engine.tell(self._transport.end_scrub)
        self._wake()

    def set_loop(self, start: int, end: int | None) -> None:
        """Repeat the ticks from ``start`` to ``end``; an end of None repeats nothing."""
        loop = (max(start, 0), end) if end is not None and end > max(start, 0) else None
        self._loop = loop or self._loop
        self._apply_loop(loop)

    def set_looping(self, looping: bool) -> None:
        """Turn repeating on, of the part that was repeated last or else of the whole piece, or off."""
        loop = self._loop if looping else None
        if looping and (loop is None or loop[0] >= max(self._score.end, 1)):
            meter = Meter(self._score)
            loop = (0, meter.bar_onset(meter.position(max(self._score.end - 1, 0)).bar + 1))
        self._apply_loop(loop)

    def _apply_loop(self, loop: tuple[int, int] | None) -> None:
        if loop != self._transport.loop:
            self._engine.tell(self._transport.set_loop, loop)
            self.loop_changed.emit(loop)

    def set_endless(self, endless: bool) -> None:
        """Play on past the end, so that what is played along can be recorded, until the music is stopped or moved."""
        if endless != self._endless:
            self._endless = endless
            self._engine.tell(self._transport.set_endless, endless)

    def set_speed(self, speed: float) -> None:
        """Play faster or slower: 0.1 to 4 times the tempo of the score."""
        speed = min(max(speed, 0.1), 4.0)
        if speed != self._speed:
            self._speed = speed
            self._engine.tell(self._transport.set_speed, speed)
            self.speed_changed.emit(speed)

    # Single sounds.

    @property
    def engine(self) -> Engine:
        """What plays; for those who tell it of keys, and ask it for the place that is heard."""
        return self._engine

    def get_ready(self) -> None:
        """Open the output before the first key is struck."""
        self._sound()

    def preview_note(self, pitch: int, velocity: int = 90, channel: int = 0) -> None:
        """Let one key be heard, briefly, with the sound of a channel."""
        self._previews[channel, pitch] = time.monotonic() + _PREVIEW_SEC
        self._engine.tell(self._transport.strike, pitch, velocity, channel)
        self._sound()

    @Slot()
    def test_sound(self) -> None:
        """Play a chord on the chosen output."""
        now = time.monotonic()
        self._planned = [(now + delay, pitch) for delay, pitch in _TEST_CHORD]
        self._sound()

    @Slot()
    def panic(self) -> None:
        """Silence every note that hangs, on all channels."""
        self._planned.clear()
        self._previews.clear()
        self._engine.tell(self._transport.panic)
        if not self.has_volume:
            self._switch.need()  # notes may hang in an instrument that nothing is open to
        self._wake()

    # Outputs.

    @property
    def output(self) -> str:
        """The id of the chosen output."""
        return self._switch.chosen

    @property
    def volume(self) -> float:
        """Loudness of the built-in piano, 0 to 1."""
        return self._volume

    @property
    def has_volume(self) -> bool:
        """Whether the volume does anything: a MIDI instrument has its own."""
        return not self.output.startswith("port:")

    def outputs(self) -> list[OutputChoice]:
        """What can be chosen now."""
        return self._switch.outputs()

    def choose_output(self, output: str) -> None:
        """Play on another output from now on; one that is gone ends in a sentence and the built-in piano."""
        self._switch.choose(output or PIANO)

    @property
    def output_open(self) -> bool:
        """Whether the chosen output is open and plays."""
        return self._switch.is_open

    def set_soundfonts(self, soundfonts: tuple[Path, ...]) -> None:
        """Offer these SoundFonts, beside those the system has, where FluidSynth is installed."""
        self._switch.set_soundfonts(soundfonts)

    def port_options(self, port: str) -> PortOptions:
        """How a MIDI port is played, by its name."""
        return self._switch.port_options(port)

    def set_port_options(self, port: str, options: PortOptions) -> None:
        """Play a MIDI port otherwise from now on."""
        self._switch.set_port_options(port, options)

    def set_volume(self, volume: float) -> None:
        """Set the loudness of the built-in piano: 0 to 1."""
        volume = min(max(volume, 0.0), 1.0)
        if volume != self._volume:
            self._volume = volume
            self._apply_volume()
            self.volume_changed.emit(volume)

    def warm_up(self) -> None:
        """Decode the piano's recordings in the background, so that the first note need not wait for them."""
        self._switch.warm_up()

    def close(self) -> None:
        """Silence everything and let go of the output. Nothing can be played after that."""
        self._clock.stop()
        self._switch.close()

    def _apply_volume(self) -> None:
        # The square follows the ear better than a straight line.
        self._switch.set_volume(self._volume**2)

    @Slot()
    def _on_silenced(self) -> None:
        self._planned.clear()
        self._previews.clear()
        self._report()

    # The clock.

    @Slot()
    def _wake(self) -> None:
        """Look at the transport often for a while."""
        self._awake_until = time.monotonic() + _AWAKE_SEC
        if not self._clock.isActive():
            self._clock.start()
        self._report()

    def _sound(self) -> None:
        """Have an output, and look at the transport often."""
        self._switch.need()
        self._wake()

    @Slot()
    def _on_frame(self) -> None:
        now = time.monotonic()
        self._sound_planned(now)
        level = self._switch.level
        self.level_changed.emit(level)
        self._report()
        if self.playing or level > 0.001 or self._previews or self._planned or self._switch.opening:
            self._awake_until = now + _AWAKE_SEC
        elif now > self._awake_until:
            self._clock.stop()

    def _sound_planned(self, now: float) -> None:
        """Strike and let go of single keys whose time has come."""
        if self._switch.opening:
            # The output is only being opened: what nobody could hear begins when it is there.
            self._planned = [(now + at - self._planned[0][0], pitch) for at, pitch in self._planned]
            self._previews = dict.fromkeys(self._previews, now + _PREVIEW_SEC)
            return
        while self._planned and self._planned[0][0] <= now:
            _, pitch = self._planned.pop(0)
            self._previews[0, pitch] = now + _TEST_SEC
            self._engine.tell(self._transport.strike, pitch, 84)
        for channel, pitch in [key for key, end in self._previews.items() if end <= now]:
            del self._previews[channel, pitch]
            self._engine.tell(self._transport.release, pitch, channel)

    def _report(self) -> None:
        """Tell what has changed."""
        state = self._transport.state
        if state != self._told_state:
            self._told_state = state
            self.state_changed.emit(state)
        self._tell_position(self.position)

    def _tell_position(self, tick: int) -> None:
        if tick != self._told_position:
            self._told_position = tick
            self.position_changed.emit(tick)
