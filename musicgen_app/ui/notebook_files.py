"""Writes the lab notebook into a Markdown, HTML or PDF file; needs no screen."""

import base64
import html
import mimetypes
from pathlib import Path

from PySide6.QtCore import QMarginsF
from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize, QPdfWriter

from musicgen_app.core.errors import FileWriteError, UsageError
from musicgen_app.core.files import replacing, write_atomically
from musicgen_app.project.notebook import pictures_of, with_pictures, with_run_notes, without_run_links
from musicgen_app.ui.page import PageDocument
from musicgen_app.workflow.notebook import run_notes

FILTERS = {".md": "Markdown (*.md)", ".html": "HTML (*.html)", ".pdf": "PDF (*.pdf)"}
_MARGIN_MM = 18.0
_LARGEST_PICTURE = 64_000_000


def save_notebook(text: str, folder: Path, path: Path, title: str) -> None:
    """Write a notebook for others to read: what was noted on runs is in it, links to runs are plain words.

    Pictures stand in the file itself (HTML, PDF), or in a folder beside it (Markdown).

    Args:
        text: The notebook.
        folder: Of the project; pictures are seen from there.
        path: Where to; its suffix says which kind.
        title: Of the document.

    Raises:
        UsageError: The path has another suffix.
        FileWriteError: The file cannot be written.
    """
    suffix = check_suffix(path)
    text = without_run_links(with_run_notes(text, run_notes(folder, text)))
    if suffix == ".md":
        _save_markdown(text, folder, path)
        return
    # The application must live as long as something is laid out.
    app = QGuiApplication.instance() or QGuiApplication(["musicgen", "-platform", "offscreen"])
    document = PageDocument(text, folder)
    document.setMetaInformation(document.MetaInformation.DocumentTitle, title)
    if suffix == ".html":
        write_atomically(path, _with_embedded(document.toHtml(), text, folder).encode())
    else:
        with replacing(path) as temporary:
            _print(document, temporary, title)
    del document, app


def check_suffix(path: Path) -> str:
    """What kind of file is to be written.

    Raises:
        UsageError: None that a notebook can be written as.
    """
    suffix = path.suffix.lower()
    if suffix not in FILTERS:
        raise UsageError(f"{path.name} is no MD, HTML or PDF.", "Choose a name that ends in .md, .html or .pdf.")
    return suffix


def _print(document: PageDocument, path: Path, title: str) -> None:
    writer = QPdfWriter(str(path))
    writer.setTitle(title)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    document.print_(writer)
    del writer  # which writes the end of the file
    if path.stat().st_size == 0:
        raise FileWriteError(f"{title} could not be printed.", "Check that there is room on the disk.")


def _save_markdown(text: str, folder: Path, path: Path) -> None:
    beside = path.with_name(f"{path.stem}-pictures")
    names = {}
    for name in pictures_of(text):
        content = _content(folder, name)
        if content is not None:
            try:
                beside.mkdir(exist_ok=True)
            except OSError as error:
                raise FileWriteError(f"The folder {beside.name} could not be made.", "Choose another name.") from error
            write_atomically(beside / Path(name).name, content)
            names[name] = f"{beside.name.replace(' ', '%20')}/{Path(name).name}"
    write_atomically(path, with_pictures(text, names).encode())


def _with_embedded(page: str, text: str, folder: Path) -> str:
    """The page with its pictures inside; those that are not there keep their names."""
    for name in pictures_of(text):
        content = _content(folder, name)
        if content is not None:
            kind = mimetypes.guess_type(name)[0] or "image/png"
            inside = f'src="data:{kind};base64,{base64.b64encode(content).decode()}"'
            page = page.replace(f'src="{html.escape(name)}"', inside)
    return page


def _content(folder: Path, name: str) -> bytes | None:
    """A picture of the notebook's own; None where it lies elsewhere or is gone."""
    path = folder / name
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
        return path.read_bytes() if inside and path.stat().st_size <= _LARGEST_PICTURE else None
    except (OSError, ValueError):
        return None
