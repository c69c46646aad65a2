"""Where a person writes in the lab notebook: plain Markdown, into which pictures can be pasted or dropped."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, Signal
from PySide6.QtGui import QImage, QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QWidget

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".bmp")


class NotebookEditor(QPlainTextEdit):
    """Plain text with undo.

    Signals:
        picture_given: A picture was pasted or dropped (content of its file, its ending).
    """

    picture_given = Signal(bytes, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Lab notebook, to be written")
        self.setPlaceholderText("Write what you did and what you saw. Pictures can be pasted.")
        self.setTabChangesFocus(False)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasImage() or bool(_picture_files(source)) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        files = _picture_files(source)
        if files:
            for file in files:
                self._give_file(file)
        elif source.hasImage() and not source.hasText():
            image = source.imageData()
            if isinstance(image, QImage) and not image.isNull():
                self.picture_given.emit(_png(image), ".png")
        else:
            super().insertFromMimeData(source)

    def insert_picture(self, path: str) -> None:
        """Show a picture that lies beside the notebook where the cursor is."""
        cursor = self.textCursor()
        before = "" if cursor.atBlockStart() else "\n\n"
        cursor.insertText(f"{before}![Picture]({path})\n\n")

    def replace_text(self, text: str) -> None:
        """Show another text; only what differs is exchanged, so the cursor stays, and it can be undone."""
        old = self.toPlainText()
        if text == old:
            return
        start = next((n for n, (a, b) in enumerate(zip(old, text, strict=False)) if a != b), min(len(old), len(text)))
        end = 0
        while end < min(len(old), len(text)) - start and old[-1 - end] == text[-1 - end]:
            end += 1
        cursor = QTextCursor(self.document())
        cursor.setPosition(_units(old[:start]))
        cursor.setPosition(_units(old[: len(old) - end]), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text[start : len(text) - end])

    def find_next(self, words: str, backwards: bool = False) -> bool:
        """Select the next place where words stand, from the start again after the last; whether there is one."""
        flags = QTextDocument.FindFlag.FindBackward if backwards else QTextDocument.FindFlag(0)
        if self.find(words, flags):
            return True
        before = self.textCursor()
        self.moveCursor(QTextCursor.MoveOperation.End if backwards else QTextCursor.MoveOperation.Start)
        if self.find(words, flags):
            return True
        self.setTextCursor(before)
        return False

    def _give_file(self, path: Path) -> None:
        try:
            content = path.read_bytes()
        except OSError:
            return
        self.picture_given.emit(content, path.suffix.lower())


def _picture_files(source: QMimeData) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() in _PICTURES and path.is_file()]


def _units(text: str) -> int:
    """The length of a text as Qt counts it, in UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def _png(image: QImage) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    return bytes(content.data())
