"""Fetches public collections in the background and adds them to the project."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from musicgen_app.core.errors import MusicgenError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset import collections
from musicgen_app.dataset.download import CHECKING, DOWNLOADING
from musicgen_app.dataset.unpack import UNPACKING
from musicgen_app.dataset.web import Redirected
from musicgen_app.project.document import Project
from musicgen_app.ui.collections_dialog import CollectionsDialog
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.messages import Message
from musicgen_app.ui.settings import Settings
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.collect import CollectConfig, Collected

_KB_IN_MB = 1000


@dataclass(frozen=True, slots=True)
class _Errand:
    """What a job fetches: the folder it makes, the project it was asked for in, and the name of it all."""

    out: Path
    project: Path
    title: str


class CollectDesk(QObject):
    """Asks what to fetch and fetches it; several at once, each into a folder of its own.

    A download does not belong to a project: it goes on while another one is opened. Its folder is added to the sources
    of the project it was asked for in.

    Args:
        icons: Pictures of the dialog.
        settings: Remember where collections are kept.
        window: The window.

    Signals:
        job_started: A job with its title, for the status bar.
        collected: Folders to be added to the sources (a tuple of paths).
        noticed: What came, and on what terms (a Message).
        failed: Something could not be done (a MusicgenError).
        told: Something happened, in a few words.
    """

    job_started = Signal(object, str)
    collected = Signal(object)
    noticed = Signal(object)
    failed = Signal(object)
    told = Signal(str)

    def __init__(self, icons: Icons, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._icons, self._settings, self._window = icons, settings, window
        self._project: Project | None = None
        self._fetching: dict[Job, _Errand] = {}
        self._last: CollectConfig | None = None
        self.dialog: CollectionsDialog | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being fetched."""
        return bool(self._fetching)

    def set_project(self, project: Project) -> None:
        """Fetch for another project from now on."""
        self._project = project

    def cancel(self) -> None:
        """Ask what runs to stop; ``shutdown`` waits until it has."""
        for job in self._fetching:
            job.cancel()

    def shutdown(self) -> None:
        """Stop what runs and wait for it; what has come stays for the next time."""
        self.cancel()
        for job in tuple(self._fetching):
            self._end(job)

    @Slot()
    def ask(self) -> None:
        """Show the collections and fetch the chosen one."""
        if self._project is None or self.dialog is not None:
            return
        base = self._settings.folder("collections")
        self.dialog = CollectionsDialog(collections.COLLECTIONS, base, self._icons, self._window)
        if self._last is not None:
            self.dialog.show_config(self._last)
        self.dialog.finished.connect(self._on_answered)
        self.dialog.open()

    def fetch(self, config: CollectConfig) -> None:
        """Fetch something in the background; what an earlier start left is gone on with."""
        if self._project is None:
            return
        if any(errand.out == config.out for errand in self._fetching.values()):
            self.failed.emit(
                UsageError(f"{config.out.name} is being fetched already.", "The status bar says how far it is.")
            )
            return
        self._last = config
        self._settings.set_folder("collections", config.out.parent)
        title = _title_of(config)
        job = Job(partial(fetch_in_child, config), self)
        self._fetching[job] = _Errand(config.out, self._project.folder, title)
        job.succeeded.connect(self._on_succeeded)
        job.failed.connect(self._on_failed)
        job.cancelled.connect(self._on_cancelled)
        self.job_started.emit(job, f"Fetching {title}")
        job.start()

    def _end(self, job: Job) -> _Errand:
        errand = self._fetching.pop(job)
        job.wait()
        job.deleteLater()
        return errand

    def _ended(self) -> _Errand | None:
        """What the job whose signal this is was to fetch; None where it was shut down meanwhile."""
        job = self.sender()
        return self._end(job) if isinstance(job, Job) and job in self._fetching else None

    @Slot(int)
    def _on_answered(self, answer: int) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is None:
            return
        dialog.deleteLater()
        if answer == QDialog.DialogCode.Accepted and dialog.config is not None:
            self.fetch(dialog.config)

    @Slot(object)
    def _on_succeeded(self, found: Collected) -> None:
        errand = self._ended()
        if errand is None:
            return
        self._last = None
        here = self._project is not None and self._project.folder == errand.project
        if here:
            self.collected.emit((found.folder,))
        self.told.emit(f"{found.title} is there")
        self.noticed.emit(collected_message(found, here))

    @Slot(object)
    def _on_failed(self, error: MusicgenError) -> None:
        if self._ended() is not None:
            self.failed.emit(error)

    @Slot()
    def _on_cancelled(self) -> None:
        errand = self._ended()
        if errand is not None:
            self.told.emit(f"Stopped. What has come of {errand.title} is kept; fetching it again goes on from there.")


def fetch_in_child(config: CollectConfig, report: Report, cancel: CancelToken) -> object:
    """Fetch in a child process; its reports are put into the words of the status bar.

    Raises:
        Cancelled: Stopped on request.
        MusicgenError: It cannot be fetched.
    """

    def listen(told: object) -> None:
        progress = progress_words(told)
        if progress is not None:
            report(progress)

    return run_in_child("collect", config, listen, cancel)


def progress_words(told: object) -> Progress | None:
    """A report of the verb as the status bar shows it; None for one that it does not show."""
    if isinstance(told, Redirected):
        return Progress(f"{told.asked} sends us on to {told.answering}")
    if not isinstance(told, Progress):
        return None
    done, total = told.done / _KB_IN_MB, told.total / _KB_IN_MB
    if told.stage == DOWNLOADING:
        of = f" of {total:,.1f}" if told.total else ""
        return Progress(f"Downloading, {done:,.1f}{of} MB", told.done, told.total, told.seconds_left)
    if told.stage == UNPACKING:
        return Progress(f"Unpacking, {done:,.1f} MB", item=told.item)
    if told.stage == CHECKING:
        return Progress("Checking", told.done, told.total)
    return told


def collected_message(found: Collected, added: bool) -> Message:
    """What came, on what terms.

    Args:
        found: What came.
        added: Whether its folder is among the sources now.
    """
    files = "1 file" if found.music == 1 else f"{found.music:,} files"
    title = (
        f"{files} of music came from {found.title}." if found.fetched else f"{found.title} was there already: {files}."
    )
    if found.licence:
        terms = f"Licence {found.licence}. To name: {found.attribution}"
    else:
        terms = "Its licence is not known; see what its makers say before you share what you make of it."
    where = "" if added else f" Another project is open now; its folder is {found.folder}."
    details = (f"Folder: {found.folder}", f"From: {found.address}", found.checked, *found.passed_over)
    return Message(title, f"{terms}{where}", "\n".join(details), kind="accent")


def _title_of(config: CollectConfig) -> str:
    known = next((one for one in collections.COLLECTIONS if one.name == config.what), None)
    return known.title if known is not None else config.out.name
