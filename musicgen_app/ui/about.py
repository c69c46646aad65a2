"""Version, licences, and the guide."""

from pathlib import Path

import numpy as np
import PySide6
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QTextBrowser, QVBoxLayout, QWidget

import musicgen_app
from musicgen_app import environment
from musicgen_app.ui.controls import BETWEEN, INSIDE, Heading, PrimaryButton, SecondaryLabel
from musicgen_app.ui.page import Page

GUIDES = ("user_guide.md", "user-guide.md", "guide.md")


class AboutDialog(QDialog):
    """Which program this is, and whose work is in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About MusicGen Composer")
        self.resize(620, 520)
        box = _padded(self)
        title = Heading("MusicGen Composer")
        box.addWidget(title)
        box.addWidget(QLabel(f"Version {musicgen_app.__version__}"))
        box.addWidget(SecondaryLabel(f"With Qt {PySide6.__version__} and NumPy {np.__version__}. MIT licence."))
        self.licences = _browser(licences(), "Licences")
        box.addWidget(self.licences, 1)
        _add_close(self, box)


class TextDialog(QDialog):
    """A text to read beside the window.

    Args:
        title: Of the dialog.
        markdown: The text.
        folder: Where its pictures are.
        parent: Qt's owner.
    """

    def __init__(self, title: str, markdown: str, folder: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(820, 760)
        box = _padded(self)
        self.browser = _browser("", title)
        if folder is not None:
            self.browser.setSearchPaths([str(folder)])
        self.browser.setMarkdown(markdown)
        box.addWidget(self.browser, 1)
        _add_close(self, box)


def licences() -> str:
    """The licence of the program and of everything it brings along, as Markdown."""
    found = [_text(environment.bundled(name)) for name in ("LICENSE", "THIRD_PARTY.md")]
    icons = _text(environment.bundled("resources", "icons", "LICENSE"))
    if icons and not any("Lucide" in text for text in found):
        found.append(f"Icons\n\n{icons}")
    return "\n\n---\n\n".join(text for text in found if text)


def guide_file() -> Path | None:
    """The user guide that ships with the program; None where it does not."""
    paths = (environment.bundled("docs", name) for name in GUIDES)
    return next((path for path in paths if path.is_file()), None)


def guide_text() -> str:
    """The user guide, or where to look for one."""
    path = guide_file()
    return _text(path) if path is not None else "The guide is in the folder `docs` of the project's sources."


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _padded(dialog: QDialog) -> QVBoxLayout:
    box = QVBoxLayout(dialog)
    box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
    box.setSpacing(INSIDE)
    return box


def _browser(markdown: str, name: str) -> QTextBrowser:
    browser = Page(name)
    browser.setMarkdown(markdown)
    return browser


def _add_close(dialog: QDialog, box: QVBoxLayout) -> None:
    close = PrimaryButton("Close")
    close.setDefault(True)
    close.clicked.connect(dialog.accept)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(close)
    box.addLayout(row)
