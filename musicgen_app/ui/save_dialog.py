"""Asks for the name of a file to write, and before one is replaced."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from musicgen_app.ui.messages import ask
from musicgen_app.ui.settings import Settings


def ask_for_file(window: QWidget, settings: Settings, title: str, name: str, filters: Mapping[str, str]) -> Path | None:
    """Ask where to write to; None where a person thinks better of it.

    Args:
        window: Over which to ask.
        settings: Remember the folder.
        title: Of the dialog.
        name: To suggest, without an ending.
        filters: The kinds of files by their endings, the usual one first: {".png": "PNG (*.png)"}.
    """
    first = next(iter(filters))
    suggested = settings.folder("export") / f"{name}{first}"
    chosen, used = QFileDialog.getSaveFileName(window, title, str(suggested), ";;".join(filters.values()))
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.lower() not in filters:
        suffix = next((suffix for suffix, words in filters.items() if words == used), first)
        path = path.with_name(path.name + suffix)
        # The dialog asked about the name as it was typed.
        if path.exists() and not _may_replace(window, path):
            return None
    settings.set_folder("export", path.parent)
    return path


def _may_replace(window: QWidget, path: Path) -> bool:
    sentence = f"There is a file of this name in {path.parent.name or path.parent} already."
    return ask(window, f"Replace {path.name}?", sentence, ("Replace it", "Keep it")) == 0
