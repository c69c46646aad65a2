"""Markdown to be read: with pictures from one folder, no wider than the text, and none from anywhere else."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QWidget

PICTURE_WIDTH = 720


def picture_in(folders: list[Path], name: str, width: int = PICTURE_WIDTH) -> QImage:
    """A picture, made narrower where it has to be; one transparent point where there is none, so that no gap is left.

    Args:
        folders: Where to look.
        name: Its path, seen from there.
        width: The widest it may be.
    """
    for folder in folders:
        picture = QImage(str(folder / QUrl(name).path()))
        if not picture.isNull():
            return picture.scaledToWidth(min(picture.width(), width), Qt.TransformationMode.SmoothTransformation)
    nothing = QImage(1, 1, QImage.Format.Format_ARGB32)
    nothing.fill(Qt.GlobalColor.transparent)
    return nothing


class Page(QTextBrowser):
    """Shows Markdown.

    Args:
        name: For screen readers.
        widest: So wide pictures may be, in pixels.
        parent: Qt's owner.
    """

    def __init__(self, name: str, widest: int = PICTURE_WIDTH, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widest = widest
        self.setOpenExternalLinks(True)
        self.setAccessibleName(name)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return super().loadResource(kind, name)
        return picture_in([Path(folder) for folder in self.searchPaths()], QUrl(name).toString(), self._widest)


class PageDocument(QTextDocument):
    """Markdown to be printed.

    Args:
        markdown: The text.
        folder: Where its pictures are.
    """

    def __init__(self, markdown: str, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self.setMarkdown(markdown)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return super().loadResource(kind, name)
        return picture_in([self._folder], QUrl(name).toString(), 640)
