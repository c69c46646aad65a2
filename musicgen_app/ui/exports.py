"""Files in and out of the roll: open MIDI, export MIDI, sound and pictures."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from musicgen_app.audio import soundfont
from musicgen_app.audio.outputs import SOUNDFONT
from musicgen_app.audio.render import FORMATS, RenderConfig
from musicgen_app.core.errors import MidiReadError, MusicgenError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.core.score import Score
from musicgen_app.midi.reader import Reading, read_midi
from musicgen_app.ui.audio_dialog import AudioDialog
from musicgen_app.ui.jobs import Job, Task
from musicgen_app.ui.save_dialog import ask_for_file
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.settings import Settings
from musicgen_app.workflow.export import export_audio, export_midi, export_stems, selection

MIDI_FILTER = "MIDI files (*.mid *.midi *.kar *.rmi *.MID *.MIDI);;All files (*)"
_AUDIO_FILTERS = {".wav": "WAV (*.wav)", ".flac": "FLAC (*.flac)", ".ogg": "OGG Vorbis (*.ogg)", ".mp3": "MP3 (*.mp3)"}
_PICTURE_FILTERS = {".png": "PNG (*.png)", ".svg": "SVG (*.svg)"}


class Exports(QObject):
    """Asks for file names and starts the work.

    Signals:
        job_started: A job with its title, for the status bar.
        opened: A MIDI file stands in the roll now (its path).
        failed: Something could not be done (a MusicgenError).
        told: Something was done, in a few words.
    """

    job_started = Signal(object, str)
    opened = Signal(object)
    failed = Signal(object)
    told = Signal(str)

    def __init__(self, editor: ScoreEditor, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._editor = editor
        self._settings = settings
        self._window = window
        self._jobs: list[Job] = []
        self.title = ""
        self.dark = False

    @property
    def busy(self) -> bool:
        """Whether a file is being read or written."""
        return bool(self._jobs)

    def cancel(self) -> None:
        """Ask what runs to stop; ``shutdown`` waits until it has."""
        for job in self._jobs:
            job.cancel()

    def shutdown(self) -> None:
        """Cancel what runs and wait for it."""
        self.cancel()
        for job in tuple(self._jobs):
            job.wait()
        self._jobs.clear()

    def ask_open_midi(self) -> None:
        """Ask for a MIDI file and show it in the roll."""
        start = str(self._settings.folder("midi"))
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open MIDI in the roll", start, MIDI_FILTER)
        if chosen:
            self.open_midi(Path(chosen))

    def open_midi(self, path: Path) -> None:
        """Show a MIDI file in the roll; it is a step that can be undone."""
        self._settings.set_folder("midi", path.parent)
        job = self._new_job(partial(_read, path))
        self.job_started.emit(job, f"Opening {path.name}")
        # The status bar hears of the end first and gives its line back: so the roll is painted once, not twice.
        job.succeeded.connect(self._on_read)
        job.start()

    def ask_midi(self) -> None:
        """Ask for a name and export the music as MIDI."""
        path = self._ask("Export MIDI", {".mid": "MIDI (*.mid)"})
        if path is not None:
            self.export_midi(path)

    def ask_audio(self) -> None:
        """Ask what is exported and how, then for a name, and export it as sound."""
        score, selected = self._editor.score, self._editor.selected
        tracks = len(np.unique(score.notes["track"]))
        dialog = AudioDialog(len(selected), tracks, *self._soundfonts(), self._window)
        try:
            if not self._has_notes() or dialog.exec() != QDialog.DialogCode.Accepted:
                return
            config = RenderConfig(
                rate=dialog.chosen_rate,
                tail=dialog.chosen_tail,
                normalise=dialog.normalise.isChecked(),
                soundfont=dialog.chosen_soundfont,
            )
            stems = dialog.stems.isEnabled() and dialog.stems.isChecked()
            if dialog.of_selection:
                hearing, span = selection(score, selected)
                config = replace(config, hearing=hearing, span=span)
        finally:
            dialog.deleteLater()
        filters = {ending: words for ending, words in _AUDIO_FILTERS.items() if ending in FORMATS}
        path = self._ask("Export audio", filters)
        if path is not None:
            self.export_audio(path, config, stems)

    def _soundfonts(self) -> tuple[tuple[Path, ...], Path | None]:
        """What can play an export beside the piano, and which of it plays in the window."""
        kind, _, name = self._settings.output.partition(":")
        found = () if soundfont.missing() else dict.fromkeys((*self._settings.soundfonts, *soundfont.found()))
        return tuple(found), Path(name) if kind == SOUNDFONT else None

    def ask_picture(self) -> None:
        """Ask for a name and export a picture of the roll."""
        path = self._ask("Export picture", _PICTURE_FILTERS)
        if path is not None:
            self.export_picture(path)

    def export_midi(self, path: Path) -> None:
        """Write the music to a MIDI file."""
        self._export(partial(_write_midi, self._editor.score, path), path)

    def export_audio(self, path: Path, config: RenderConfig | None = None, stems: bool = False) -> None:
        """Write the music to a WAV, FLAC, OGG or MP3 file, or each track to one."""
        write = _write_stems if stems else _write_audio
        self._export(partial(write, self._editor.score, path, config), path)

    def export_picture(self, path: Path) -> None:
        """Write a picture of the roll to a PNG or SVG file."""
        from musicgen_app.ui.piano_roll.picture import save_picture

        # A picture is drawn with Qt's fonts and takes a moment only, so it is made here and now.
        try:
            save_picture(self._editor.score, path, dark=self.dark)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        self.told.emit(f"Exported {path.name}")

    def _ask(self, title: str, filters: dict[str, str]) -> Path | None:
        if not self._has_notes():
            return None
        return ask_for_file(self._window, self._settings, title, self.title or "Music", filters)

    def _has_notes(self) -> bool:
        """Whether there is something to export; where not, it is said."""
        if not len(self._editor.score.notes):
            self.told.emit("The roll is empty; there is nothing to export yet")
            return False
        return True

    def _export(self, task: Task, path: Path) -> None:
        job = self._new_job(task)
        job.succeeded.connect(self._on_written)
        self._start(job, f"Exporting {path.name}")

    def _new_job(self, task: Task) -> Job:
        job = Job(task, self)
        self._jobs.append(job)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)
        return job

    def _start(self, job: Job, title: str) -> None:
        self.job_started.emit(job, title)
        job.start()

    def _on_read(self, read: tuple[Path, Reading]) -> None:
        path, reading = read
        if not len(reading.score.notes):
            self.failed.emit(MidiReadError(f"{path.name} has no notes.", "Choose a file with music in it."))
            return
        self._editor.edit(f"Open {path.name}", reading.score)
        self.opened.emit(path)
        words = f"{path.name}: {len(reading.score.notes):,} notes"
        self.told.emit(f"{words}. {reading.findings[0]}" if reading.findings else words)

    def _on_written(self, path: Path) -> None:
        self.told.emit(f"Exported {path.name}")

    def _on_failed(self, error: MusicgenError) -> None:
        self.failed.emit(error)

    def _on_finished(self) -> None:
        for job in [job for job in self._jobs if job.isFinished()]:
            self._jobs.remove(job)
            job.deleteLater()


def _read(path: Path, report: Report, cancel: CancelToken) -> tuple[Path, Reading]:
    return path, read_midi(path, report, cancel)


def _write_midi(score: Score, path: Path, _report: Report, _cancel: CancelToken) -> Path:
    export_midi(score, path)
    return path


def _write_audio(score: Score, path: Path, config: RenderConfig | None, report: Report, cancel: CancelToken) -> Path:
    export_audio(score, path, report, cancel, config)
    return path


def _write_stems(score: Score, path: Path, config: RenderConfig | None, report: Report, cancel: CancelToken) -> Path:
    files = export_stems(score, path, report, cancel, config)
    return files[0] if len(files) == 1 else path.with_name(f"{len(files)} stems of {path.stem}")
