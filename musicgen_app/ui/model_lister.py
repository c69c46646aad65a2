"""Lists the models to generate with: at once where a project has few runs, beside the window where it has many."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.project.document import Project
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.model_picker import ModelPicker
from musicgen_app.workflow.models import Model, list_models


class ModelLister(QObject):
    """Keeps a list of models in step with what is on disk.

    Args:
        picker: Where they are chosen.
        bundled: The folder of those that come with the program.
        parent: Qt's owner.
    """

    def __init__(self, picker: ModelPicker, bundled: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._picker = picker
        self._bundled = bundled
        self._job: Job | None = None
        self._wanted: Path | None = None

    def refresh(self, project: Project | None) -> None:
        """Look again which models there are."""
        self.stop()
        if project is None or project.few_runs:
            runs = project.runs_with_models() if project is not None else ()
            self._picker.set_models(list_models(runs, self._bundled))
            return
        self._job = Job(partial(_list, project, self._bundled), self)
        self._job.succeeded.connect(self._on_listed)
        self._job.start()

    def choose(self, path: Path) -> None:
        """Choose a model; one that is still being looked for is chosen when it is found."""
        if not self._picker.choose(path) and self._job is not None:
            self._wanted = path

    def stop(self) -> None:
        """End what is being looked for."""
        job, self._job = self._job, None
        self._wanted = None
        if job is not None:
            job.cancel()
            job.wait()
            job.deleteLater()

    @Slot(object)
    def _on_listed(self, models: tuple[Model, ...]) -> None:
        if self._job is None or self.sender() is not self._job:
            return  # it was still on its way when another look began
        wanted = self._wanted
        self.stop()
        self._picker.set_models(models)
        if wanted is not None:
            self._picker.choose(wanted)


def _list(project: Project, bundled: Path, _report: Report, cancel: CancelToken) -> tuple[Model, ...]:
    return list_models(project.runs_with_models(cancel), bundled)
