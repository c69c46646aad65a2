"""The open project: new, open, save, what is unsaved, and what a crash left behind."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from musicgen_app import environment
from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.score import Score
from musicgen_app.project.autosave import Autosave, pending
from musicgen_app.project.document import SUFFIX, Project
from musicgen_app.ui.messages import ask
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.settings import Settings

DEMO = "Demo.musicgen"


class ProjectDesk(QObject):
    """Holds the project that is open and answers for its music on disk.

    Args:
        editor: The music in the roll.
        settings: What is remembered.
        window: Owner of dialogs.
        may_stop: Asks whether work that goes on may be stopped, before the project is left.

    Signals:
        left: The project that was open is left for another.
        opened: Another project is open now (a Project).
        titled: Its title, or whether something is unsaved, may have changed.
        failed: Something could not be done (a MusicgenError).
        told: Something was done, in a few words.
    """

    left = Signal()
    opened = Signal(object)
    titled = Signal()
    failed = Signal(object)
    told = Signal(str)

    def __init__(
        self, editor: ScoreEditor, settings: Settings, window: QWidget, may_stop: Callable[[], bool] = lambda: True
    ) -> None:
        super().__init__(window)
        self._may_stop = may_stop
        self._editor = editor
        self._settings = settings
        self._window = window
        self._project: Project | None = None
        self._autosave: Autosave | None = None
        editor.undo_stack.indexChanged.connect(self._on_edited)
        editor.unsaved_changed.connect(self._on_unsaved)

    @property
    def project(self) -> Project | None:
        """The project that is open."""
        return self._project

    @property
    def title(self) -> str:
        """The project's title; empty where none is open."""
        return self._project.title if self._project is not None else ""

    @property
    def unsaved(self) -> bool:
        """Whether there are edits that are not saved."""
        return self._editor.unsaved

    def ask_new(self) -> None:
        """Ask for a name and start an empty project there."""
        suggested = self._settings.folder("project") / f"Untitled{SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(self._window, "New project", str(suggested), f"Projects (*{SUFFIX})")
        if chosen:
            self.create(_with_suffix(Path(chosen)))

    def ask_open(self) -> None:
        """Ask for a project's folder and open it."""
        start = str(self._settings.folder("project"))
        chosen = QFileDialog.getExistingDirectory(self._window, "Open project", start)
        if chosen:
            self.open(Path(chosen))

    def ask_save_as(self) -> bool:
        """Ask for a name and save a copy there, which is then open. Returns whether it was saved."""
        if self._project is None or not self._may_stop():
            return False
        suggested = self._settings.folder("project") / f"{self._project.title}{SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, "Save project as", str(suggested), f"Projects (*{SUFFIX})"
        )
        return bool(chosen) and self.save_as(_with_suffix(Path(chosen)))

    def create(self, folder: Path) -> bool:
        """Start an empty project in a new folder and open it. Returns whether it was made."""
        if not self.may_leave():
            return False
        try:
            project = Project.create(folder)
        except MusicgenError as error:
            self.failed.emit(error)
            return False
        self._take_over(project)
        self.told.emit(f"{project.title} is ready")
        return True

    def open(self, folder: Path) -> bool:
        """Open a project, given by its folder or by a file in it. Returns whether it is open now."""
        folder = folder.parent if folder.name == "project.json" else folder
        if not self.may_leave():
            return False
        try:
            project = Project.open(folder)
        except MusicgenError as error:
            self.failed.emit(error)
            return False
        self._take_over(project)
        return True

    def open_first(self, wanted: Path | None) -> None:
        """Open what a start shows: the wanted project, else the last one, else the demo project."""
        if wanted is not None and self.open(wanted):
            return
        for folder in self._settings.recent[:1]:
            if self.open(folder):
                return
        try:
            self._take_over(demo_project(environment.user_data_dir() / DEMO))
        except MusicgenError as error:
            self.failed.emit(error)

    def save(self) -> bool:
        """Save the project with its music. Returns whether that is done."""
        if self._project is None:
            return False
        score = self._editor.score
        try:
            self._project.save(score if len(score.notes) or self._project.score_path.exists() else None)
        except MusicgenError as error:
            self.failed.emit(error)
            return False
        self._editor.mark_saved()
        if self._autosave is not None:
            self._autosave.clear()
        self.told.emit(f"{self._project.title} is saved")
        self.titled.emit()
        return True

    def save_as(self, folder: Path) -> bool:
        """Save a copy in another folder and go on with the copy. Returns whether that is done."""
        if self._project is None:
            return False
        try:
            copy = self._project.save_as(folder, self._editor.score)
        except MusicgenError as error:
            self.failed.emit(error)
            return False
        if self._autosave is not None:
            self._autosave.clear()
        self._take_over(copy)
        self.told.emit(f"Saved as {copy.title}")
        return True

    def may_leave(self) -> bool:
        """Ask about work that goes on and unsaved edits. Returns whether the project may be left."""
        if not self._may_stop():
            return False
        if self._project is None or not self.unsaved:
            return True
        answer = ask(
            self._window,
            f"Save the changes to {self.title}?",
            "They are lost otherwise.",
            ("Save", "Do not save", "Cancel"),
        )
        if answer == 0:
            return self.save()
        if answer == 1 and self._autosave is not None:
            self._autosave.clear()
        return answer == 1

    def close(self) -> None:
        """Let go of the project; nothing is asked."""
        if self._autosave is not None:
            self._autosave.close()
            self._autosave = None

    def _take_over(self, project: Project) -> None:
        self.close()
        # What fails from here on, and what failed before any project was open, is about the new one and stays shown.
        if self._project is not None:
            self.left.emit()
        self._project = project
        self._settings.add_recent(project.folder)
        self._settings.set_folder("project", project.folder.parent)
        self._editor.set_score(self._saved_score(project))
        self._autosave = Autosave(project.folder, self._on_autosave_failed)
        self.opened.emit(project)
        for finding in project.findings:
            self.failed.emit(MusicgenError(finding))
        self._offer_recovery(project)
        self.titled.emit()

    def _saved_score(self, project: Project) -> Score:
        try:
            return project.score() or Score()
        except MusicgenError as error:
            self.failed.emit(error)
            return Score()

    def _offer_recovery(self, project: Project) -> None:
        found = pending(project)
        if found is None or self._autosave is None:
            return
        # Closing the question must lose nothing; what is recovered can be undone.
        answer = ask(
            self._window,
            f"Unsaved edits of {project.title} were found.",
            f"The program ended before they were saved.{_last_edit(found.made)}",
            ("Recover them", "Throw them away"),
            unanswered=0,
        )
        if answer != 0:
            self._autosave.clear()
            return
        try:
            if found.take != project.current_take:
                project.current_take = found.take
                self._editor.set_score(self._saved_score(project))
        except MusicgenError as error:
            # The take is gone; its edits live on as the project's own score.
            self.failed.emit(error)
        self._editor.edit("Recover", found.score)

    def _on_edited(self) -> None:
        if self._autosave is None or self._project is None or self._editor.streaming:
            return
        if self._editor.unsaved:
            self._autosave.note_edit(self._editor.score, self._project.current_take)
        else:
            self._autosave.clear()

    def _on_unsaved(self, _unsaved: bool) -> None:
        self.titled.emit()

    def _on_autosave_failed(self, error: MusicgenError) -> None:
        # Comes from the autosave's thread; the signal carries it over to the window's.
        self.failed.emit(error)


def demo_project(folder: Path) -> Project:
    """The project of a first start: the bundled music, prepared already; made where it does not exist yet.

    Raises:
        ProjectError: It can be neither opened nor made.
    """
    if (folder / "project.json").is_file():
        return Project.open(folder)
    project = Project.create(folder, "Demo")
    project.sources = (environment.bundled("data", "corpus"),)
    project.dataset_folder = environment.bundled("data", "dataset")
    return project


def _last_edit(made: str) -> str:
    """When the last edit was made, in this place's time, as a sentence behind another; empty where nobody knows."""
    try:
        when = datetime.fromisoformat(made).astimezone()
    except ValueError:
        return ""
    return f" The last edit was made on {when:%Y-%m-%d} at {when:%H:%M}."


def _with_suffix(folder: Path) -> Path:
    return folder if folder.suffix == SUFFIX else folder.with_name(folder.name + SUFFIX)
