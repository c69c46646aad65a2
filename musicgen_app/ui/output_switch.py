"""Opens the output that is chosen, in the background, and copes with those that fail or vanish."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from musicgen_app.audio import soundfont
from musicgen_app.audio.device import device_names
from musicgen_app.audio.engine import Engine
from musicgen_app.audio.outputs import PIANO, Output, OutputChoice, choice_of, next_best, output_choices
from musicgen_app.audio.port_voice import PortOptions
from musicgen_app.audio.ports import PortList
from musicgen_app.audio.remote import DEAD, RemoteOutput, SoundProcess
from musicgen_app.audio.transport import PLAYING
from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.output_loss import Found, Loss

_WATCH_MS = 1500

Names = Callable[[], tuple[str, ...]]


class OutputOpener(Protocol):
    """Opens an output by its id."""

    def __call__(self, engine: Engine, process: SoundProcess, output: str) -> Output:
        """Open it.

        Raises:
            AudioError: It cannot be opened.
        """


def open_output(engine: Engine, process: SoundProcess, output: str) -> Output:
    """Open the built-in piano or a port, in the sound process.

    Raises:
        AudioError: It cannot be opened.
    """
    kind, _, name = output.partition(":")
    return RemoteOutput(engine, process, kind, name)


class OutputSwitch(QObject):
    """Keeps one output open on an engine: the chosen one, or the next best where that one cannot be opened.

    One that vanishes while it is open stops the music, and it is offered what could play instead. A chosen port that
    comes back is opened again, unless something else plays by then.

    Args:
        engine: What the output plays.
        parent: Qt's owner; it calls `close` before it goes.
        opener: How outputs are opened.
        list_devices: Names of the sound devices.
        list_ports: Names of the MIDI ports; rtmidi's by default.

    Signals:
        opened: The chosen output plays now.
        chosen_changed: The id of the output that is chosen now.
        list_changed: A port was plugged in or pulled out.
        silenced: No output is left; what played is paused.
        lost: A `Loss`; nothing plays until something is chosen or asked for anew.
        returned: A port (an `OutputChoice`) that was lost is there again.
        failed: A sentence: what happened and what is done about it.
    """

    opened = Signal()
    chosen_changed = Signal(str)
    list_changed = Signal()
    silenced = Signal()
    lost = Signal(object)
    returned = Signal(object)
    failed = Signal(str)

    def __init__(
        self,
        engine: Engine,
        parent: QObject | None = None,
        opener: OutputOpener = open_output,
        list_devices: Names = device_names,
        list_ports: Names | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._opener = opener
        self._list_devices = list_devices
        self._port_list = PortList()
        self._list_ports = list_ports or self._port_list.names
        self._process = SoundProcess()
        self._chosen = PIANO
        self._open = ""
        self._output: Output | None = None
        self._job: Job | None = None
        self._warming: Job | None = None
        self._ports: tuple[str, ...] | None = None
        self._soundfonts: tuple[Path, ...] = ()
        self._port_options: dict[str, PortOptions] = {}
        self._missed = ""
        self._tried: set[str] = set()
        self._loss: Loss | None = None
        self._volume = 1.0
        self._watch = QTimer(self)
        self._watch.setInterval(_WATCH_MS)
        self._watch.timeout.connect(self.look)

    @property
    def chosen(self) -> str:
        """The id of the chosen output."""
        return self._chosen

    @property
    def opening(self) -> bool:
        """Whether an output is just being opened."""
        return self._job is not None

    @property
    def level(self) -> float:
        """The loudest sample since the last reading, 0 to 1."""
        return self._output.level if self._output is not None else 0.0

    @property
    def is_open(self) -> bool:
        """Whether the chosen output is open and plays."""
        return self._output is not None and self._open == self._chosen and not self._output.problem

    def outputs(self) -> list[OutputChoice]:
        """What can be chosen now."""
        self._ports = self._list_ports()
        self._watch.start()
        return list(self._choices())

    def set_soundfonts(self, soundfonts: tuple[Path, ...]) -> None:
        """Offer these SoundFonts, beside those the system has, where FluidSynth is installed."""
        self._soundfonts = soundfonts

    def port_options(self, port: str) -> PortOptions:
        """How a MIDI port is played, by its name."""
        return self._port_options.get(port, PortOptions())

    def set_port_options(self, port: str, options: PortOptions) -> None:
        """Play a MIDI port otherwise from now on."""
        self._port_options[port] = options
        if self._output is not None and self._open == f"port:{port}":
            self._output.set_port_options(options)
            self._engine.latency = self._output.latency

    def choose(self, output: str) -> None:
        """Play on another output from now on; what is open changes at once, what is not when it is needed."""
        if output != self._chosen:
            self._chosen = output
            if output == self._missed:
                self._missed = ""
            self.chosen_changed.emit(output)
            if self._output is not None:
                self.need()

    def set_volume(self, volume: float) -> None:
        """Set the factor on the built-in piano's samples, 0 to 1."""
        self._volume = volume
        if self._output is not None:
            self._output.volume = volume

    def need(self) -> None:
        """Bring the chosen output about, unless it is there or on its way."""
        if self._job is not None or (self._output is not None and self._open == self._chosen):
            return
        old, self._output = self._output, None
        self._open = self._chosen
        if old is None:
            self._engine.attach(0)
        self._job = Job(partial(self._change, old, self._chosen), self)
        self._job.succeeded.connect(self._on_opened)
        self._job.failed.connect(self._on_failed)
        self._job.start()
        self._watch.start()

    def warm_up(self) -> None:
        """Decode the piano's recordings in the background, so that the first note need not wait for them."""
        if self._warming is None:
            self._warming = Job(self._load, self)
            self._warming.failed.connect(self._on_not_warm)
            self._warming.start()

    def close(self) -> None:
        """Silence everything and let go of the output."""
        self._watch.stop()
        if self._warming is not None and self._warming.isRunning() and self._job is None and self._output is None:
            # Nobody will hear what it decodes.
            self._warming.failed.disconnect(self._on_not_warm)
            self._process.abandon()
        for job in (self._warming, self._job):
            if job is not None:
                job.wait()
        self._job = None
        output, self._output = self._output, None
        if output is not None:
            output.close()
        self._process.close()
        self._port_list.close()
        self._engine.detach()
        self._engine.transport.close()

    def _choices(self) -> tuple[OutputChoice, ...]:
        fonts = () if soundfont.missing() else (*self._soundfonts, *soundfont.found())
        return output_choices(self._list_devices(), self._ports or (), fonts)

    def _load(self, _report: Report, _cancel: CancelToken) -> None:
        self._process.load()
        soundfont.missing()  # looks for the library once, which takes a moment

    def _change(self, old: Output | None, output: str, _report: Report, _cancel: CancelToken) -> None:
        if old is not None:
            old.close()
        self._process.port_options = self.port_options(output.partition(":")[2])
        self._output = self._opener(self._engine, self._process, output)

    @Slot(object)
    def _on_opened(self, _nothing: object) -> None:
        if not self._end_job():
            return
        if self._output is not None:
            self._engine.latency = self._output.latency
            self._output.volume = self._volume
        if self._open == self._missed:
            self._missed = ""
        self._settle()
        self.opened.emit()
        self.need()

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        if self._end_job():
            self._give_up(str(error))

    @Slot(object)
    def _on_not_warm(self, error: MusicgenError) -> None:
        self.failed.emit(str(error))

    def _end_job(self) -> bool:
        """Take leave of the job whose result has arrived; False where everything has been closed meanwhile."""
        job, self._job = self._job, None
        if job is None:
            return False
        job.wait()
        job.deleteLater()
        return True

    def _give_up(self, sentence: str, died: Output | None = None) -> None:
        """The output is not to be had: see what is there, to play on instead or, where it died, to offer it."""
        failed, self._open = self._open, ""
        if self._chosen != failed:
            self.need()
            return
        self._ports = self._list_ports()
        self._tried.add(failed)
        if self._loss is None:
            self._missed = failed
            self._loss = Loss(choice_of(failed), sentence, None, self._engine.transport.state == PLAYING)
        # Asking a sound system that is just dying, or letting go of it, may take long.
        self._job = Job(partial(self._survey, died, sentence), self)
        self._job.succeeded.connect(self._on_surveyed)
        self._job.failed.connect(self._on_failed)
        self._job.start()

    def _survey(self, died: Output | None, sentence: str, _report: Report, _cancel: CancelToken) -> Found:
        if died is not None:
            died.close()
        if sentence == DEAD and self._loss is not None:
            return Found(sentence, self._loss.output, is_lost=True)
        best = next_best(self._tried, self._choices())
        return Found(sentence, best, died is not None or best is None or best.id in self._tried)

    @Slot(object)
    def _on_surveyed(self, found: Found) -> None:
        if not self._end_job():
            return
        loss, best = self._loss, found.best
        if self._chosen not in self._tried:
            self.need()
        elif loss is not None and found.is_lost:
            self._settle()
            self._engine.detach()
            self._engine.transport.close()
            self._turn_to(loss.output.id)
            self.silenced.emit()
            self.lost.emit(replace(loss, next_best=best))
        elif best is not None:
            name = "The built-in piano" if best.id == PIANO else best.name
            self.failed.emit(f"{found.sentence} {name} plays instead.")
            self._turn_to(best.id)
            self.need()

    def _settle(self) -> None:
        """Forget what has been tried: it has ended well or not."""
        self._tried.clear()
        self._loss = None

    def _turn_to(self, output: str) -> None:
        if output != self._chosen:
            self._chosen = output
            self.chosen_changed.emit(output)

    @Slot()
    def look(self) -> None:
        """Notice an output that has died, and ports that were plugged in or pulled out."""
        if self._job is not None:
            return
        problem = self._output.problem if self._output is not None else ""
        # Where no port was found there may be no MIDI system, which complains each time it is asked for.
        if self._ports or any(output.startswith("port:") for output in (self._open, self._missed)):
            ports = self._list_ports()
            if ports != self._ports:
                self._ports = ports
                self.list_changed.emit()
            if self._output is not None and self._open.startswith("port:") and self._open[5:] not in ports:
                problem = problem or f"The MIDI port {self._open[5:]} is gone."
        if problem and self._output is not None:
            output, self._output = self._output, None
            self._give_up(problem, output)
        elif self._missed.startswith("port:") and self._missed[5:] in (self._ports or ()):
            self._come_back()

    def _come_back(self) -> None:
        """A port that was lost is there again."""
        port, self._missed = choice_of(self._missed), ""
        if self._chosen == port.id:
            self.need()
        self.returned.emit(port)
