"""The project: what it holds, and the folder of plain files it is."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from musicgen_app.core.errors import ProjectError
from musicgen_app.core.files import sweep_unfinished
from musicgen_app.core.progress import CancelToken
from musicgen_app.core.score import Score
from musicgen_app.dataset.recipe import NO_RECIPE, RECIPE, Recipe, read_recipe, recipe_bytes
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import midi_bytes
from musicgen_app.project import runs, takes
from musicgen_app.project.contents import Contents, PrepareSettings, path_of, path_text, read_contents, write_contents
from musicgen_app.project.run_index import FEW_RUNS
from musicgen_app.project.run_rows import RunRow, experiment_table, run_rows
from musicgen_app.project.runs import RunRecord
from musicgen_app.project.store import write_file
from musicgen_app.project.takes import TakeRecord

SUFFIX = ".musicgen"
_NOT_COPIED = ("cache", "recovery")
__all__ = ["SUFFIX", "PrepareSettings", "Project"]


def _now() -> datetime:
    return datetime.now(UTC)


class Project:
    """An open project.

    Settings, takes and runs are on disk as soon as they are changed; only the score that is being edited waits for
    ``save``. Setters raise ProjectError where the folder cannot be written, and then nothing has changed.

    Attributes:
        folder: The project's folder.
        findings: Sentences about what was damaged and repaired while opening.
    """

    def __init__(
        self,
        folder: Path,
        contents: Contents,
        listed: tuple[TakeRecord, ...],
        findings: tuple[str, ...],
        now: Callable[[], datetime],
    ) -> None:
        self.folder = folder
        self.findings = findings
        self._contents = contents
        self._takes = listed
        self._now = now
        self._recipe: Recipe | None = None

    @classmethod
    def create(cls, folder: Path, title: str = "", now: Callable[[], datetime] = _now) -> "Project":
        """Make a new project in a folder that does not exist yet or is empty.

        Raises:
            ProjectError: There is something in the folder already, or it cannot be written.
        """
        folder = folder.absolute()
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ProjectError(
                f"{folder.name} exists already.", "Choose another name, or open the project that is there."
            )
        contents = Contents(
            title=title or folder.name.removesuffix(SUFFIX), created=now().isoformat(timespec="seconds")
        )
        project = cls(folder, contents, (), (), now)
        project._write(contents)
        return project

    @classmethod
    def open(cls, folder: Path, now: Callable[[], datetime] = _now) -> "Project":
        """Open a project folder; runs that were deleted in it before leave the disk.

        Raises:
            ProjectError: It is no project, damaged beyond use, or of a newer version.
        """
        folder = folder.absolute()
        contents = read_contents(folder)
        for swept in (folder, folder / "scores"):
            sweep_unfinished(swept)
        runs.empty_trash(folder / "runs")
        listed, finding = takes.read_takes(folder)
        if contents.current_take not in {None, *(take.id for take in listed)}:
            contents = replace(contents, current_take=None)
        return cls(folder, contents, listed, (finding,) if finding else (), now)

    def save(self, score: Score | None = None) -> None:
        """Write the score that is being edited, and everything else.

        Args:
            score: The score as it is now; None where none is open.

        Raises:
            ProjectError: Something could not be written; what was saved before is still there.
        """
        if score is not None:
            write_file(self.score_path, midi_bytes(score))
        takes.write_takes(self.folder, self._takes)
        self._write(self._contents)
        if self.few_runs:
            self.write_runs_table()

    def save_as(self, folder: Path, score: Score | None = None) -> "Project":
        """Copy the project to another folder, with the score as it is now, and open the copy.

        This project stays as it was last saved.

        Raises:
            ProjectError: The folder is taken, lies inside this project, or cannot be written; nothing is left behind.
        """
        folder = folder.absolute()
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ProjectError(f"{folder.name} exists already.", "Choose another name.")
        if folder.is_relative_to(self.folder):
            raise ProjectError("A project cannot be saved inside itself.", "Choose another folder.")
        partial = folder.with_name(f".{folder.name}.{os.getpid()}.part")
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            ignored = shutil.ignore_patterns(*_NOT_COPIED)
            shutil.copytree(self.folder, partial, ignore=ignored, copy_function=_copy_if_there)
            if folder.exists():
                folder.rmdir()
            partial.rename(folder)
        except OSError as error:
            shutil.rmtree(partial, ignore_errors=True)
            told = error.strerror or "not every file could be copied"
            raise ProjectError(f"{folder.name} could not be saved: {told}.", "Choose another folder.") from error
        copy = Project(folder, self._contents, self._takes, (), self._now)
        if self.title == self.folder.name.removesuffix(SUFFIX):
            copy.title = folder.name.removesuffix(SUFFIX)
        copy.save(score)
        return copy

    # Settings

    @property
    def title(self) -> str:
        """What a person calls the project."""
        return self._contents.title

    @title.setter
    def title(self, title: str) -> None:
        self._write(replace(self._contents, title=title))

    @property
    def created(self) -> str:
        """When the project was made, as ISO 8601."""
        return self._contents.created

    @property
    def notes(self) -> str:
        """What a person wrote down about the project."""
        return self._contents.notes

    @notes.setter
    def notes(self, notes: str) -> None:
        self._write(replace(self._contents, notes=notes))

    @property
    def sources(self) -> tuple[Path, ...]:
        """Files and folders the music comes from; they need not exist any more."""
        return tuple(path_of(self.folder, text) for text in self._contents.sources)

    @sources.setter
    def sources(self, sources: tuple[Path, ...]) -> None:
        texts = tuple(dict.fromkeys(path_text(self.folder, path) for path in sources))
        self._write(replace(self._contents, sources=texts))

    @property
    def prepare(self) -> PrepareSettings:
        """How the music becomes a data set."""
        return self._contents.prepare

    @prepare.setter
    def prepare(self, prepare: PrepareSettings) -> None:
        self._write(replace(self._contents, prepare=prepare))

    @property
    def recipe(self) -> Recipe:
        """What was decided about single files of the sources.

        Raises:
            RecipeError: Its file is damaged.
        """
        if self._recipe is None:
            path = self.folder / RECIPE
            self._recipe = read_recipe(path) if path.exists() else NO_RECIPE
        return self._recipe

    @recipe.setter
    def recipe(self, recipe: Recipe) -> None:
        write_file(self.folder / RECIPE, recipe_bytes(recipe))
        self._recipe = recipe

    @property
    def dataset_folder(self) -> Path:
        """Where the prepared data set is, or will be."""
        return path_of(self.folder, self._contents.dataset)

    @dataset_folder.setter
    def dataset_folder(self, folder: Path) -> None:
        self._write(replace(self._contents, dataset=path_text(self.folder, folder)))

    @property
    def has_dataset(self) -> bool:
        """Whether a data set is prepared."""
        return (self.dataset_folder / "dataset.json").is_file()

    @property
    def cache_folder(self) -> Path:
        """For what may be deleted at any time."""
        return self.folder / "cache"

    # The score that is being edited

    @property
    def current_take(self) -> int | None:
        """The take that is being edited; None for the score of the project's own."""
        return self._contents.current_take

    @current_take.setter
    def current_take(self, take: int | None) -> None:
        if take is not None:
            self._record(take)
        self._write(replace(self._contents, current_take=take))

    @property
    def score_path(self) -> Path:
        """The MIDI file of the score that is being edited; it need not exist yet."""
        take = self.current_take
        return self.folder / "scores" / ("current.mid" if take is None else self._record(take).file)

    def score(self) -> Score | None:
        """The score that is being edited, as last saved; None where nothing was saved yet.

        Raises:
            MidiReadError: The file is damaged.
        """
        return read_midi(self.score_path).score if self.score_path.exists() else None

    # Takes

    @property
    def takes(self) -> tuple[TakeRecord, ...]:
        """The takes that are kept, oldest first."""
        return tuple(take for take in self._takes if not take.removed)

    @property
    def removed_takes(self) -> tuple[TakeRecord, ...]:
        """The takes that were removed and can come back."""
        return tuple(take for take in self._takes if take.removed)

    def add_take(self, score: Score, facts: Mapping[str, object], title: str = "") -> TakeRecord:
        """Keep a generated piece.

        Args:
            score: The music.
            facts: How it was made; JSON values.
            title: What to call it; "Take 7" if empty.

        Raises:
            ProjectError: It could not be written.
        """
        number = max((take.id for take in self._takes), default=0) + 1
        while (self.folder / "scores" / takes.take_file(number)).exists():
            number += 1
        record = TakeRecord(
            id=number,
            file=takes.take_file(number),
            title=title or f"Take {number}",
            made=self._now().isoformat(timespec="seconds"),
            facts=MappingProxyType(dict(facts)),
        )
        write_file(self.folder / "scores" / record.file, midi_bytes(score))
        self._put_takes((*self._takes, record))
        return record

    def take_score(self, take: int) -> Score:
        """The music of a take.

        Raises:
            ProjectError: There is no such take, or its file is gone.
            MidiReadError: Its file is damaged.
        """
        path = self.folder / "scores" / self._record(take).file
        if not path.exists():
            raise ProjectError(
                f"The file of take {take}, {path.name}, is gone.", "Remove the take, or put the file back."
            )
        return read_midi(path).score

    def remove_take(self, take: int) -> None:
        """Take a take off the list; ``restore_take`` brings it back."""
        self._put_takes(takes.with_take(self._takes, take, removed=True))
        if self.current_take == take:
            self.current_take = None

    def restore_take(self, take: int) -> None:
        """Bring a removed take back."""
        self._put_takes(takes.with_take(self._takes, take, removed=False))

    def star_take(self, take: int, starred: bool = True) -> None:
        """Mark a take as good, or not."""
        self._put_takes(takes.with_take(self._takes, take, starred=starred))

    def note_take(self, take: int, **facts: object) -> None:
        """Add to what is known of a take; JSON values."""
        known = MappingProxyType({**self._record(take).facts, **facts})
        self._put_takes(takes.with_take(self._takes, take, facts=known))

    # Runs

    @property
    def runs_folder(self) -> Path:
        """Where the runs are."""
        return self.folder / "runs"

    def new_run_folder(self) -> Path:
        """Make the folder of the next run.

        Raises:
            ProjectError: It could not be made.
        """
        return runs.new_run_folder(self.runs_folder)

    def runs(self, running: Path | None = None) -> tuple[RunRecord, ...]:
        """The runs of the project, oldest first.

        Args:
            running: The folder of the run that goes on at the moment.
        """
        return runs.list_runs(self.runs_folder, running)

    def runs_with_models(self, cancel: CancelToken | None = None) -> tuple[RunRecord, ...]:
        """The runs that music can be made with, oldest first; the others are not opened.

        Raises:
            Cancelled: Stopped on request.
        """
        found = []
        for folder in runs.run_folders(self.runs_folder):
            if cancel is not None:
                cancel.check()
            if (folder / runs.MODEL_FILE).is_file():
                found.append(runs.read_run(folder))
        return tuple(run for run in found if run.checkpoint is not None)

    @property
    def few_runs(self) -> bool:
        """Whether the runs are so few that reading them takes no time."""
        return sum(1 for _ in _children(self.runs_folder)) <= FEW_RUNS

    def run_rows(self) -> tuple[RunRow, ...]:
        """The runs as rows of a table, oldest first."""
        return run_rows(self.runs_folder)

    def write_runs_table(self, rows: tuple[RunRow, ...] | None = None) -> None:
        """Write ``runs.csv``, the experiment table.

        Args:
            rows: The rows, where they are known.

        Raises:
            ProjectError: It could not be written.
        """
        if self.runs_folder.is_dir():
            rows = self.run_rows() if rows is None else rows
            write_file(self.folder / "runs.csv", experiment_table(rows).encode())

    # Inside

    def _record(self, take: int) -> TakeRecord:
        for record in self._takes:
            if record.id == take:
                return record
        raise ProjectError(f"There is no take {take} in this project.", "Open the project again.")

    def _put_takes(self, listed: tuple[TakeRecord, ...]) -> None:
        takes.write_takes(self.folder, listed)
        self._takes = listed

    def _write(self, contents: Contents) -> None:
        write_contents(self.folder, contents)
        self._contents = contents


def _children(folder: Path) -> Iterator[str]:
    """Names in a folder; none where it is not there."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            yield entry.name


def _copy_if_there(source: str, target: str) -> None:
    """Copy a file; one that a training has replaced by a newer one since the folder was listed is left out."""
    with contextlib.suppress(FileNotFoundError):
        shutil.copy2(source, target)
