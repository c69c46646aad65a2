"""Tables of experiments in and out of the open project, asked for by name and done in a child process."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from musicgen_app.core.errors import MusicgenError
from musicgen_app.project.document import Project
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.messages import Message
from musicgen_app.ui.reference_dialog import ReferenceDialog
from musicgen_app.ui.settings import Settings
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.experiments import ImportReport, ImportRequest, ListRequest
from musicgen_app.workflow.judge import JudgeReport, JudgeRequest

_FILTER = "Tables (*.csv)"


class Experiments(QObject):
    """Asks for a folder or a file and starts the work; one at a time.

    Signals:
        job_started: A job with its title, for the status bar.
        imported: Runs came into the project.
        judged: More is known of the outputs of runs.
        noticed: What is missing or wrong in what was imported (a Message).
        failed: Something could not be done (a MusicgenError).
        told: Something was done, in a few words.
    """

    job_started = Signal(object, str)
    imported = Signal()
    judged = Signal()
    noticed = Signal(object)
    failed = Signal(object)
    told = Signal(str)

    def __init__(self, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._settings = settings
        self._window = window
        self._project: Project | None = None
        self._job: Job | None = None
        self._out: Path | None = None
        self._verb = ""

    @property
    def busy(self) -> bool:
        """Whether something is being imported or exported."""
        return self._job is not None

    def set_project(self, project: Project) -> None:
        """Work on another project; what goes on for the one before is stopped, and can be done again."""
        self.shutdown()
        self._project = project

    def cancel(self) -> None:
        """Ask what runs to stop; ``shutdown`` waits until it has."""
        if self._job is not None:
            self._job.cancel()

    def shutdown(self) -> None:
        """Cancel what runs and wait for it."""
        self.cancel()
        self._end()

    def ask_import(self) -> None:
        """Ask for a folder and take the experiments in it into the project."""
        start = str(self._settings.folder("experiments"))
        chosen = QFileDialog.getExistingDirectory(self._window, "Import experiments: a folder with tests.csv", start)
        if chosen:
            self.import_from(Path(chosen))

    def ask_export(self) -> None:
        """Ask for a name and write the table of the project's runs there."""
        suggested = self._settings.folder("export") / "tests.csv"
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Export experiments", str(suggested), _FILTER)
        if chosen:
            self.export_to(Path(chosen))

    def ask_judge(self) -> None:
        """Ask for music and hold the outputs of the project's runs against it."""
        if self._project is None or self.busy:
            return
        dataset = self._project.dataset_folder if self._project.has_dataset else None
        dialog = ReferenceDialog(self._settings.folder("reference"), dataset, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self.judge_against(dialog.chosen)
        dialog.deleteLater()

    def judge_against(self, reference: Path) -> None:
        """Hold the outputs of the project's runs against some music."""
        if self._project is None or self.busy:
            return
        self._settings.set_folder("reference", reference.parent)
        self._start("judge_runs", JudgeRequest(self._project.folder, reference), f"Judging against {reference.name}")

    def judge_new(self) -> None:
        """Hold outputs that were not judged yet against what their runs learned from."""
        if self._project is not None and not self.busy:
            request = JudgeRequest(self._project.folder, only_new=True)
            self._start("judge_runs", request, "Looking for copies in the outputs")

    def import_from(self, folder: Path) -> None:
        """Take the experiments in a folder into the project."""
        if self._project is None or self.busy:
            return
        self._settings.set_folder("experiments", folder)
        self._start("import_runs", ImportRequest(folder, self._project.folder), f"Importing from {folder.name}")

    def export_to(self, path: Path) -> None:
        """Write the table of the project's runs."""
        if self._project is None or self.busy:
            return
        self._settings.set_folder("export", path.parent)
        self._out = path
        self._start("export_runs", ListRequest(self._project.folder, path), f"Exporting {path.name}")

    def _start(self, verb: str, request: object, title: str) -> None:
        self._verb = verb
        job = self._job = Job(partial(run_in_child, verb, request), self)
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        self.job_started.emit(job, title)
        job.start()

    def _end(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.wait()
            job.deleteLater()

    def _is_stale(self) -> bool:
        """Whether a signal was still on its way when its job was shut down."""
        return self._job is None or self.sender() is not self._job

    @Slot(object)
    def _on_succeeded(self, result: object) -> None:
        if self._is_stale():
            return
        self._end()
        if isinstance(result, ImportReport):
            self.imported.emit()
            self.told.emit(result.summary())
            if result.warnings:
                self.noticed.emit(_noticed(result.summary(), result.warnings))
            if result.judgeable:
                self.judge_new()
        elif isinstance(result, JudgeReport):
            self.judged.emit()
            if result.runs:
                self.told.emit(result.summary())
            if result.problems:
                self.noticed.emit(_noticed(result.summary(), result.problems))
        elif self._out is not None:
            self.told.emit(f"Exported {self._out.name}")

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        if not self._is_stale():
            self._end()
            self.failed.emit(error)
            self._tell_kept()

    @Slot()
    def _on_cancelled(self) -> None:
        if not self._is_stale():
            self._end()
            done = "found" if self._verb == "judge_runs" else "imported"
            again = "judging" if self._verb == "judge_runs" else "importing"
            self.told.emit(f"Stopped. What was {done} so far is kept; {again} again adds the rest.")
            self._tell_kept()

    def _tell_kept(self) -> None:
        """What was done before the work ended is kept."""
        (self.judged if self._verb == "judge_runs" else self.imported).emit()


def _noticed(summary: str, warnings: tuple[str, ...]) -> Message:
    """What was noticed: one thing in full, several folded away."""
    if len(warnings) == 1:
        return Message(summary, warnings[0])
    first = f"{len(warnings)} things were noticed. The first: {warnings[0]}"
    return Message(summary, first, "\n".join(warnings))
