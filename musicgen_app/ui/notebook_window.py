"""The lab notebook beside the main window: written on the left, as it reads on the right."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDesktopServices, QHideEvent, QKeySequence, QShortcut, QTextCursor
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from musicgen_app.project.notebook import new_entry, with_entry, with_run_notes
from musicgen_app.ui.controls import BETWEEN, GRID, Hairline, IconButton, QuietButton, SecondaryLabel
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.notebook_editor import NotebookEditor
from musicgen_app.ui.page import Page
from musicgen_app.workflow.notebook import run_notes

_RENDER_AFTER_MS = 250
_SAVE_AFTER_MS = 800
_WIDEST = 540


class NotebookWindow(QDialog):
    """Shows and edits one notebook; files are somebody else's.

    Signals:
        saved: What was written is to be kept.
        run_asked: A link to a run was clicked (its number).
        picture_given: A picture was pasted (content of its file, its ending).
        export_asked: The notebook is to be exported.
        left: The window is no longer seen.
    """

    saved = Signal()
    run_asked = Signal(int)
    picture_given = Signal(bytes, str)
    export_asked = Signal()
    left = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Lab notebook")
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.resize(1100, 760)
        self._folder = Path()
        self._unsaved = False
        self.editor = NotebookEditor()
        self.page = Page("Lab notebook", _WIDEST)
        self.page.setOpenLinks(False)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setAccessibleName("Search the notebook")
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(260)
        self.found = SecondaryLabel(wrap=False)
        self.add = QuietButton("New entry", "Begin an entry with today's date", icons, "notebook-pen")
        self.write = IconButton(icons, "pencil", "Write, or only read", checkable=True)
        self.write.setChecked(True)
        self.export = IconButton(icons, "download", "Export as Markdown, HTML or PDF")
        self._renderer = _timer(self, _RENDER_AFTER_MS, self.render_page)
        self._saver = _timer(self, _SAVE_AFTER_MS, self.flush)
        self._lay_out()
        self._connect()

    def set_notebook(self, folder: Path, title: str, text: str) -> None:
        """Show the notebook of another project."""
        self._folder = folder
        self.setWindowTitle(f"{title} - Lab notebook" if title else "Lab notebook")
        self.page.setSearchPaths([str(folder)])
        self.editor.setPlainText(text)
        self._saver.stop()
        self._unsaved = False
        self.render_page()
        self._to_end()

    def show_text(self, text: str) -> None:
        """Show what has come in from elsewhere; the cursor stays where it is."""
        self.editor.replace_text(text)
        self._saver.stop()
        self._unsaved = False
        self.render_page()

    @property
    def text(self) -> str:
        """The notebook as it is written."""
        return self.editor.toPlainText()

    @Slot()
    def flush(self) -> None:
        """Ask for what was typed a moment ago to be kept."""
        self._saver.stop()
        if self._unsaved:
            self._unsaved = False
            self.saved.emit()

    @Slot()
    def begin_entry(self) -> None:
        """Begin an entry with today's date at the end."""
        self.write.setChecked(True)
        self.editor.replace_text(with_entry(self.text, new_entry("", "", datetime.now())) + "\n")
        self._to_end()
        self.editor.setFocus()

    @Slot()
    def render_page(self) -> None:
        """Show how the text reads."""
        self._renderer.stop()
        bar = self.page.verticalScrollBar()
        at = bar.value()
        text = self.text or "# Lab notebook\n\nNothing is written yet. Each run adds an entry when it ends."
        self.page.setMarkdown(with_run_notes(text, run_notes(self._folder, text)))
        bar.setValue(at)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.flush()
        super().closeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.left.emit()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.flush()
        super().changeEvent(event)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(BETWEEN, GRID, BETWEEN, GRID)
        bar.setSpacing(GRID)
        bar.addWidget(self.add)
        bar.addStretch(1)
        bar.addWidget(self.found)
        bar.addWidget(self.search, 2)
        bar.addWidget(self.write)
        bar.addWidget(self.export)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setObjectName("notebook")
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        for side in (self.editor, self.page):
            side.setFrameShape(NotebookEditor.Shape.NoFrame)
            side.document().setDocumentMargin(BETWEEN)
            splitter.addWidget(side)
        splitter.setSizes([460, 640])
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(bar)
        rows.addWidget(Hairline())
        rows.addWidget(splitter, 1)

    def _connect(self) -> None:
        self.editor.textChanged.connect(self._on_typed)
        self.editor.picture_given.connect(self.picture_given)
        self.page.anchorClicked.connect(self._on_link)
        self.add.clicked.connect(self.begin_entry)
        self.write.toggled.connect(self.editor.setVisible)
        self.export.clicked.connect(self.export_asked)
        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(self._find_next)
        self.add.setAutoDefault(False)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.search.setFocus)
        keep = QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self)
        keep.activated.connect(self.flush)

    def _to_end(self) -> None:
        self.editor.moveCursor(QTextCursor.MoveOperation.End)
        self.editor.ensureCursorVisible()
        self.page.verticalScrollBar().setValue(self.page.verticalScrollBar().maximum())

    def _on_typed(self) -> None:
        self._unsaved = True
        self._saver.start()
        self._renderer.start()

    def _on_link(self, link: QUrl) -> None:
        if link.scheme() == "run" and link.path().isdecimal():
            self.run_asked.emit(int(link.path()))
        elif link.scheme() in ("http", "https", "mailto"):
            QDesktopServices.openUrl(link)
        elif link.scheme() == "" and link.hasFragment():
            self.page.scrollToAnchor(link.fragment())

    def _on_search(self, words: str) -> None:
        count = self.page.toPlainText().casefold().count(words.casefold()) if words else 0
        self.found.setText(f"{count:,} found" if words else "")
        self._find_next()

    @Slot()
    def _find_next(self) -> None:
        words = self.search.text()
        if not words:
            return
        self.editor.find_next(words)
        if not self.page.find(words):
            self.page.moveCursor(QTextCursor.MoveOperation.Start)
            self.page.find(words)


def _timer(parent: QWidget, after_ms: int, slot: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(after_ms)
    timer.timeout.connect(slot)
    return timer
