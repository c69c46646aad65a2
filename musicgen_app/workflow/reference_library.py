"""Finds what the outputs of a project are to be held against, and remembers where that was."""

from pathlib import Path

from musicgen_app.core.errors import DatasetError, TrainingError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.dataset.store import open_dataset
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.project.contents import path_of, path_text
from musicgen_app.project.document import Project
from musicgen_app.project.output_file import OUTPUT_SUFFIX
from musicgen_app.project.runs import read_run
from musicgen_app.workflow.kept_reference import KEPT_FILE, KEPT_FOLDER
from musicgen_app.workflow.references import Reference, open_reference


class ReferenceLibrary:
    """References of a project, each opened once.

    Args:
        project: The project's folder.
        against: What everything is to be held against; None for what each run learned from.
    """

    def __init__(self, project: Path, against: Path | None = None) -> None:
        self._project = project
        self._against = against
        self._open: dict[Path, Reference] = {}

    @property
    def names(self) -> str:
        """The references that were asked for, in words."""
        if not self._open and self._against is not None:
            return self._against.name
        return " and ".join(dict.fromkeys(one.name for one in self._open.values())) or "nothing"

    def reference(self, run: Path, imported: bool, report: Report, cancel: CancelToken) -> tuple[Reference, str] | None:
        """What the output of a run is to be held against, and its place as a verdict keeps it; None where none is.

        Args:
            run: The folder of the run.
            imported: Whether it comes from a table of experiments.
            report: Told when music is read.
            cancel: Looked at between files.

        Raises:
            UsageError, NoteFileError, MidiReadError, DatasetError, ProjectError: It cannot be read.
            Cancelled: Stopped on request.
        """
        path = self._against or (kept_reference(self._project) if imported else learned_by(run, self._project))
        if path is None:
            return None
        if path not in self._open:
            self._open[path] = open_reference(path, report, cancel)
        return self._open[path], path_text(self._project.absolute(), path)


def kept_reference(project: Path) -> Path | None:
    """The folder of what a project keeps of the music its imported experiments learned from; None where it does not."""
    return project / KEPT_FOLDER if (project / KEPT_FOLDER / KEPT_FILE).is_file() else None


def learned_by(run: Path, project: Path) -> Path | None:
    """The data set a run of this program learned from; None where it is not there any more."""
    try:
        described = RunFolder(run).description().get("dataset")
    except TrainingError:
        return None
    if not isinstance(described, dict):
        return None
    named = described.get("path")
    places = [Project.open(project).dataset_folder, *([Path(named)] if isinstance(named, str) else [])]
    for place in places:
        try:
            if open_dataset(place).fingerprint == described.get("fingerprint"):
                return place
        except DatasetError:
            continue
    return None


def place_from(kept: str, project: Path) -> Path | None:
    """The place of a reference as a verdict keeps it; None where nothing is there any more."""
    path = path_of(project, kept) if kept else None
    return path if path is not None and path.exists() else None


def reference_of_output(output: Path, project: Path) -> Path | None:
    """What the output of a run is held against: what it was judged against, else what the run learned from.

    Returns:
        None where the file is no output of a run of the project, or there is no such music any more.
    """
    folder = output.parent
    if folder.parent.absolute() != Project.open(project).runs_folder.absolute() or not output.name.endswith(
        OUTPUT_SUFFIX
    ):
        return None
    run = read_run(folder)
    judged = place_from(run.verdict.where, project) if run.verdict is not None else None
    return judged or (kept_reference(project) if run.row is not None else learned_by(folder, project))
