"""Joins the takes of the chosen run with their marks, their strip and the player."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.score import Score
from musicgen_app.midi.reader import read_midi
from musicgen_app.project.runs import RunRecord
from musicgen_app.project.timeline import TimelineTake, read_timeline, take_file
from musicgen_app.ui.take_marks import TakeMarks
from musicgen_app.ui.timeline_strip import TimelineStrip


class TimelineDesk(QObject):
    """Shows the takes of a run and plays them. The slider stays where the person put it while new ones arrive.

    Args:
        marks: On the curve.
        strip: Under the plot.
        parent: Qt's owner.

    Signals:
        listen_asked: A take is to be heard (its Score); what is in the roll stays there.
        hush_asked: It is to be heard no longer.
        open_asked: A take is to be seen in the roll (its MIDI file).
        failed: A take cannot be read (MusicgenError).
    """

    listen_asked = Signal(object)
    hush_asked = Signal()
    open_asked = Signal(object)
    failed = Signal(object)

    def __init__(self, marks: TakeMarks, strip: TimelineStrip, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._marks = marks
        self._strip = strip
        self._run: Path | None = None
        self._takes: tuple[TimelineTake, ...] = ()
        self._moved = False
        self._score: Score | None = None
        self._heard: TimelineTake | None = None
        marks.pressed.connect(self.play)
        strip.chosen.connect(self._on_chosen)
        strip.play_asked.connect(self._on_play)
        strip.stop_asked.connect(self.hush_asked)
        strip.open_asked.connect(self._on_open)

    @property
    def takes(self) -> tuple[TimelineTake, ...]:
        """The takes that are shown."""
        return self._takes

    @property
    def heard(self) -> TimelineTake | None:
        """The take that is playing."""
        return self._heard

    def show_run(self, run: RunRecord | None) -> None:
        """Show the takes of a run as they are on disk now."""
        folder = None if run is None else run.folder
        if folder != self._run:
            self._run, self._moved = folder, False
        takes = () if folder is None else read_timeline(folder).takes
        self._show(takes)

    @Slot(object)
    def add(self, run: Path, take: TimelineTake) -> None:
        """Show one more take, if it is of the run that is shown."""
        if run == self._run:
            self._show((*(known for known in self._takes if known.step < take.step), take))

    @Slot(object)
    def play(self, take: TimelineTake) -> None:
        """Go to a take and play it from its start."""
        self._moved = True
        self._strip.set_takes(self._takes, take)
        score = self._read(take)
        if score is not None:
            self._score = score
            self.listen_asked.emit(score)
            if self._heard is not None:
                self._heard = take  # one after the other plays without a pause that is told
        self._draw()

    def show_heard(self, score: Score | None) -> None:
        """Say what the player plays beside the roll's music; None for nothing."""
        heard = self._strip.current if score is not None and score is self._score else None
        if heard != self._heard:
            self._heard = heard
            self._draw()

    def _show(self, takes: tuple[TimelineTake, ...]) -> None:
        current = self._strip.current
        if not takes or current not in takes or not (self._moved or self._heard):
            current = takes[-1] if takes else None
        if takes != self._takes or current != self._strip.current:
            self._takes = takes
            self._strip.set_takes(takes, current)
            self._draw()

    def _draw(self) -> None:
        self._strip.set_playing(self._heard is not None)
        self._marks.set_takes(self._takes, self._strip.current, self._heard is not None)

    def _read(self, take: TimelineTake) -> Score | None:
        """The music of a take; None where its file is gone or damaged, which is told."""
        if self._run is None:
            return None
        try:
            return read_midi(take_file(self._run, take)).score
        except MusicgenError as error:
            self.failed.emit(error)
            return None

    @Slot(object)
    def _on_chosen(self, take: TimelineTake) -> None:
        """The slider was moved: while a take plays the chosen one takes its place."""
        if self._heard is not None:
            self.play(take)
        else:
            self._moved = True
            self._draw()

    @Slot()
    def _on_play(self) -> None:
        if self._strip.current is not None:
            self.play(self._strip.current)

    @Slot()
    def _on_open(self) -> None:
        if self._run is not None and self._strip.current is not None:
            self.open_asked.emit(take_file(self._run, self._strip.current))
