"""Opens the comparison of runs, has it made in a child process, and plays its takes."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from musicgen_app.core.errors import MusicgenError, UsageError
from musicgen_app.project.document import Project
from musicgen_app.ui.compare_takes import TakeCell
from musicgen_app.ui.compare_window import CompareWindow
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.listening_dialog import ListeningDialog
from musicgen_app.ui.playback import Playback
from musicgen_app.ui.player import Player
from musicgen_app.ui.plot_exports import PlotExports
from musicgen_app.ui.settings import Settings
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.compare import CompareRequest, Comparison, outline

_NAME = "compare"


class CompareDesk(QObject):
    """Compares runs of the open project; one comparison at a time.

    Args:
        theme: Colours.
        icons: Pictures.
        settings: Remember the window's size.
        player: What sounds.
        playback: Lends it.
        window: The main window.

    Signals:
        job_started: A job with its title, for the status bar.
        open_asked: A take is to be shown in the roll (its file).
        noted: Something was written into the notebook.
        failed: Something could not be done (a MusicgenError).
        told: Something was done, in a few words.
    """

    job_started = Signal(object, str)
    open_asked = Signal(object)
    noted = Signal()
    failed = Signal(object)
    told = Signal(str)

    def __init__(
        self, theme: Theme, icons: Icons, settings: Settings, player: Player, playback: Playback, window: QWidget
    ) -> None:
        super().__init__(window)
        self._theme, self._icons, self._settings = theme, icons, settings
        self._player, self._playback = player, playback
        self._main = window
        self._project: Project | None = None
        self._runs: tuple[int, ...] = ()
        self._names: dict[int, str] = {}
        self._job: Job | None = None
        self._cell: TakeCell | None = None
        self.window: CompareWindow | None = None
        self.dialog: ListeningDialog | None = None
        player.state_changed.connect(self._on_state)
        player.position_changed.connect(self._on_position)

    @property
    def busy(self) -> bool:
        """Whether a comparison goes on."""
        return self._job is not None

    def set_project(self, project: Project) -> None:
        """Another project is open; a comparison of the one before ends."""
        self.shutdown()
        self._project = project

    def cancel(self) -> None:
        """Ask what runs to stop; ``shutdown`` waits until it has."""
        if self._job is not None:
            self._job.cancel()

    def shutdown(self) -> None:
        """Stop what runs, keep the answers of a listening test, and close the window."""
        if self.dialog is not None:
            self.dialog.close()
        self._end_job(cancel=True)
        if self.window is not None:
            self.window.close()

    def compare(self, runs: Sequence[int]) -> None:
        """Lay runs side by side: at once what is known of them, then what has to be measured and made."""
        if self._project is None:
            return
        if len(runs) < 2:
            self.failed.emit(
                UsageError("Fewer than two runs are ticked.", "Tick two or more runs in the table to compare them.")
            )
            return
        try:
            found, records = outline(CompareRequest(self._project.folder, tuple(sorted(runs)), takes=0))
        except MusicgenError as error:
            self.failed.emit(error)
            return
        self._end_job(cancel=True)
        self._runs = tuple(run.id for run in records)
        self._names = {run.id: run.title for run in records}
        self.window = self.window or self._new_window()
        self._fall_silent()
        self.window.show_runs(records)
        self.window.show_comparison(found)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        self.measure()

    @Slot()
    def measure(self) -> None:
        """Measure the runs and make their takes, in a child process."""
        window = self.window
        if self._project is None or window is None or self.busy:
            return
        takes, notes, seed = window.takes_box.value(), window.notes_box.value(), window.seed_box.value()
        request = CompareRequest(self._project.folder, self._runs, takes, notes, seed)
        job = self._job = Job(partial(run_in_child, "compare", request), self)
        job.progressed.connect(window.work.tell)
        job.succeeded.connect(self._on_compared)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        window.set_busy(True)
        self.job_started.emit(job, "Comparing runs")
        job.start()

    @Slot()
    def ask_blind(self) -> None:
        """Begin a blind listening test of two of the runs."""
        if self._project is None or self.window is None:
            return
        self._fall_silent()
        dialog = ListeningDialog(
            self._project.folder, self._names, self._playback, self._player, self._icons, self.window
        )
        dialog.kept.connect(self.noted)
        dialog.failed.connect(self.failed)
        dialog.finished.connect(self._on_dialog_over)
        self.dialog = dialog
        dialog.open()

    def _new_window(self) -> CompareWindow:
        window = CompareWindow(self._theme, self._icons, self._main)
        self._settings.restore_dialog(window, _NAME)
        window.again_asked.connect(self.measure)
        window.stop_asked.connect(self.cancel)
        window.blind_asked.connect(self.ask_blind)
        window.takes.play_asked.connect(self._on_play)
        window.takes.open_asked.connect(self.open_asked)
        window.closed.connect(self._on_closed)
        exports = PlotExports(window.plot, self._theme, self._settings, window)
        exports.failed.connect(self.failed)
        exports.told.connect(self.told)
        return window

    def _end_job(self, cancel: bool = False) -> None:
        job, self._job = self._job, None
        if job is not None:
            if cancel:
                job.cancel()
            job.wait()
            job.deleteLater()
        if self.window is not None:
            self.window.set_busy(False)

    def _fall_silent(self) -> None:
        if self._cell is not None:
            self._playback.back_to_roll()
        self._mark(None)

    def _mark(self, cell: TakeCell | None) -> None:
        """Remember and show which take is heard."""
        before, self._cell = self._cell, cell
        if before is not None and before is not cell:
            before.set_playing(False)
        if cell is not None:
            cell.set_playing(True)

    def _is_stale(self) -> bool:
        """Whether a signal was still on its way when its job was shut down."""
        return self._job is None or self.sender() is not self._job

    @Slot(object)
    def _on_play(self, cell: TakeCell) -> None:
        stops = cell is self._cell
        self._fall_silent()
        if not stops:
            self._playback.listen_once(cell.score)
            self._mark(cell)

    @Slot(str)
    def _on_state(self, state: str) -> None:
        if state != "playing" and self._cell is not None and not self._player.playing:
            self._mark(None)

    @Slot(int)
    def _on_position(self, tick: int) -> None:
        if self._cell is not None and self._player.score is self._cell.score:
            self._cell.picture.set_playhead(tick)

    @Slot(object)
    def _on_compared(self, found: Comparison) -> None:
        if self._is_stale():
            return
        self._end_job()
        if self.window is not None:
            self._fall_silent()
            self.window.show_comparison(found)

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        if not self._is_stale():
            self._end_job()
            self.failed.emit(error)

    @Slot()
    def _on_cancelled(self) -> None:
        if not self._is_stale():
            self._end_job()
            self.told.emit("Stopped comparing. What was measured and made so far is kept.")

    @Slot()
    def _on_closed(self) -> None:
        self._fall_silent()
        self.cancel()
        if self.window is not None:
            self._settings.keep_dialog(self.window, _NAME)

    @Slot()
    def _on_dialog_over(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.shutdown()
            dialog.deleteLater()
