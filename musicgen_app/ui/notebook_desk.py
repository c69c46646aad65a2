"""Keeps the notebook in its window and the one on the disk the same, and exports it."""

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from musicgen_app.core.errors import MusicgenError
from musicgen_app.project.document import Project
from musicgen_app.project.notebook import add_picture, merged, read_notebook, write_notebook
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.notebook_files import FILTERS, save_notebook
from musicgen_app.ui.notebook_window import NotebookWindow
from musicgen_app.ui.save_dialog import ask_for_file
from musicgen_app.ui.settings import Settings

_WINDOW = "notebook"


class NotebookDesk(QObject):
    """Opens, saves, merges and exports the notebook of the open project.

    A training writes its entry from another process: whenever the window saves, and whenever a run has ended, what is
    on the disk is looked at first and taken in.

    Signals:
        run_asked: A run is to be shown (its number).
        failed: Something could not be done (a MusicgenError).
        told: Something was done, in a few words.
    """

    run_asked = Signal(int)
    failed = Signal(object)
    told = Signal(str)

    def __init__(self, icons: Icons, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._icons = icons
        self._settings = settings
        self._main = window
        self._project: Project | None = None
        self._base = ""
        self.window: NotebookWindow | None = None

    def set_project(self, project: Project) -> None:
        """Go over to the notebook of another project."""
        self.shutdown()
        self._project = project
        if self.window is not None:
            self._open(self.window, project)

    @Slot()
    def show(self) -> None:
        """Show the notebook."""
        if self._project is None:
            return
        if self.window is None:
            self.window = self._new_window()
            self._open(self.window, self._project)
        else:
            self.refresh()
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    @Slot()
    def refresh(self) -> None:
        """Take in what has been written on the disk meanwhile."""
        if self.window is None or self._project is None:
            return
        self._keep(self.window, self._project.folder)

    def shutdown(self) -> None:
        """Keep what was typed a moment ago."""
        if self.window is not None:
            self.window.flush()
            self._keep_shape()

    def export_to(self, path: Path) -> None:
        """Write the notebook into a Markdown, HTML or PDF file."""
        if self._project is None:
            return
        self.shutdown()
        try:
            save_notebook(read_notebook(self._project.folder), self._project.folder, path, self._project.title)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        self.told.emit(f"Exported {path.name}")

    @Slot()
    def ask_export(self) -> None:
        """Ask for a name and export the notebook."""
        if self._project is not None:
            over = self.window if self.window is not None and self.window.isVisible() else self._main
            path = ask_for_file(over, self._settings, "Export lab notebook", f"{self._project.title} notebook", FILTERS)
            if path is not None:
                self.export_to(path)

    def _new_window(self) -> NotebookWindow:
        window = NotebookWindow(self._icons, self._main)
        window.saved.connect(self._on_saved)
        window.run_asked.connect(self.run_asked)
        window.picture_given.connect(self._on_picture)
        window.export_asked.connect(self.ask_export)
        self._settings.restore_dialog(window, _WINDOW)
        window.write.setChecked(not window.editor.isHidden())
        window.left.connect(self._keep_shape)
        return window

    @Slot()
    def _keep_shape(self) -> None:
        if self.window is not None:
            self._settings.keep_dialog(self.window, _WINDOW)

    def _open(self, window: NotebookWindow, project: Project) -> None:
        try:
            self._base = read_notebook(project.folder)
        except MusicgenError as error:
            self._base = ""
            self.failed.emit(error)
        window.set_notebook(project.folder, project.title, self._base)

    @Slot()
    def _on_saved(self) -> None:
        if self.window is not None and self._project is not None:
            self._keep(self.window, self._project.folder)

    def _keep(self, window: NotebookWindow, folder: Path) -> None:
        """Bring the window and the disk together; where that fails, what was typed stays in the window."""
        try:
            there = read_notebook(folder)
            text = merged(self._base, window.text, there)
            if text != there:
                write_notebook(folder, text)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        self._base = text
        if text != window.text:
            window.show_text(text)
        else:
            window.render_page()

    @Slot(bytes, str)
    def _on_picture(self, content: bytes, suffix: str) -> None:
        if self.window is None or self._project is None:
            return
        try:
            path = add_picture(self._project.folder, content, f"picture-{datetime.now():%Y%m%d-%H%M%S}", suffix)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        self.window.editor.insert_picture(path)
