"""The lab notebook of a project: a Markdown file of dated entries, with pictures beside it."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from musicgen_app.core.errors import ProjectError
from musicgen_app.project.plot_drawing import LossDrawing, plotted
from musicgen_app.project.plot_svg import plot_svg
from musicgen_app.project.runs import RunRecord
from musicgen_app.project.store import LARGEST_BYTES, write_file
from musicgen_app.project.story import run_story

NOTEBOOK_FILE = "notebook.md"
PICTURES = "notebook"
"""Folder beside the file, for its pictures."""

_TITLE = "# Lab notebook\n"
_HEADING = re.compile(r"^## +(?=\S)", re.MULTILINE)
_RUN_LINK = re.compile(r"\[([^\]\n]*)\]\(run:(\d{1,9})\)")
_PICTURE = re.compile(r"(!\[[^\]\n]*\]\()([^)\s]+)(\))")
_CURVE_SIZE = (540, 290)
_SETTINGS = (
    ("batch", "batch"),
    ("window", "window"),
    ("learning_rate", "learning rate"),
    ("dropout", "dropout"),
    ("weight_decay", "weight decay"),
    ("seed", "seed"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A part of the notebook from one heading of the second level to the next.

    Attributes:
        heading: Its words, with links.
        text: What stands below them.
    """

    heading: str
    text: str

    @property
    def run(self) -> int | None:
        """The run its heading names; None where it names none."""
        found = _RUN_LINK.search(self.heading)
        return None if found is None else int(found[2])

    @property
    def pictures(self) -> tuple[str, ...]:
        """What its pictures are called."""
        return tuple(found[2] for found in _PICTURE.finditer(self.text))

    def markdown(self) -> str:
        """The entry as it stands in the file."""
        return f"## {self.heading}\n{self.text}"


def read_notebook(folder: Path) -> str:
    """The text of a project's notebook; empty where none was begun.

    Raises:
        ProjectError: The file cannot be read.
    """
    path = folder / NOTEBOOK_FILE
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ProjectError(f"{path.name} is far too large for a notebook.", "Put back a copy of the file.")
        return path.read_text(encoding="utf-8", errors="replace").removeprefix("\ufeff")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ProjectError(
            f"{path.name} cannot be read: {error.strerror}.", "Check the disk and its rights."
        ) from error


def write_notebook(folder: Path, text: str) -> None:
    """Write a project's notebook, atomically.

    Raises:
        ProjectError: It cannot be written.
    """
    write_file(folder / NOTEBOOK_FILE, text.encode())


def entries(text: str) -> tuple[str, tuple[Entry, ...]]:
    """What stands before the first entry, and the entries; headings inside fenced code do not count."""
    starts = [found.start() for found in _HEADING.finditer(text) if not _in_code(text, found.start())]
    if not starts:
        return text, ()
    parts = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    found = []
    for part in parts:
        heading, _, below = part.partition("\n")
        found.append(Entry(heading[2:].strip(), below))
    return text[: starts[0]], tuple(found)


def with_entry(text: str, entry: Entry) -> str:
    """The notebook with another entry at its end."""
    before = text.rstrip("\n")
    return f"{before or _TITLE.rstrip()}\n\n{entry.markdown().rstrip()}\n"


def new_entry(title: str, text: str, now: datetime) -> Entry:
    """An entry of a person's own."""
    return Entry(f"{_moment(now)} {' '.join(title.split())}".strip(), f"\n{text.strip()}\n" if text.strip() else "\n")


def run_entry(run: RunRecord, now: datetime, picture: str = "") -> Entry:
    """What the program writes at the end of a run: its settings in short, and what happened.

    Args:
        run: As it has ended.
        now: When.
        picture: Path of the picture of its curve, seen from the notebook; empty for none.
    """
    title = "" if run.title == f"Run {run.id}" else f": {_plain(run.title)}"
    parts = [_settings(run), " ".join(run_story(run))]
    if picture:
        parts.append(f"![Losses of run {run.id}]({picture})")
    below = "\n\n".join(part for part in parts if part)
    return Entry(f"{_moment(now)} [Run {run.id}](run:{run.id}){title}", f"\n{below}\n")


def add_run_entry(folder: Path, run: RunRecord, now: datetime) -> None:
    """Write the entry of a run that has ended into a project's notebook, with a picture of its curve.

    Raises:
        ProjectError: It cannot be written.
    """
    picture = ""
    if run.epochs:
        drawing = LossDrawing((plotted(run),), references=run.baselines, main=run.id)
        content = plot_svg(drawing, size=_CURVE_SIZE).encode()
        picture = add_picture(folder, content, f"run-{run.id:04d}-{now:%Y%m%d-%H%M%S}", ".svg")
    write_notebook(folder, with_entry(read_notebook(folder), run_entry(run, now, picture)))


def add_picture(folder: Path, content: bytes, name: str, suffix: str) -> str:
    """Lay a picture beside the notebook and return its path, seen from there.

    Args:
        folder: The project's folder.
        content: The file.
        name: What to call it; a number is added where that is taken.
        suffix: Its ending.

    Raises:
        ProjectError: It cannot be written.
    """
    place = folder / PICTURES
    path, number = place / f"{name}{suffix}", 1
    while path.exists():
        number += 1
        path = place / f"{name}-{number}{suffix}"
    write_file(path, content)
    return f"{PICTURES}/{path.name}"


def merged(base: str, mine: str, theirs: str) -> str:
    """The notebook after it was changed in two places: in the window, and by a training that has ended meanwhile.

    Entries that are new in ``theirs`` are added at the end, those that only ``theirs`` has changed are taken over; of
    those that both have changed ``mine`` stays.

    Args:
        base: What both began with.
        mine: As it is in the window.
        theirs: As it is on the disk.
    """
    if theirs == base or mine == theirs:
        return mine
    if mine == base:
        return theirs
    old, ours, others = (_numbered(text) for text in (base, mine, theirs))
    before, _ = entries(mine)
    kept = [others[key] if entry == old.get(key) and key in others else entry for key, entry in ours.items()]
    text = before + "".join(entry.markdown() for entry in kept)
    for key, entry in others.items():
        if key not in ours and key not in old:
            text = with_entry(text, entry)
    return text


def with_run_notes(text: str, notes: Mapping[int, str]) -> str:
    """The notebook to be read: below the last entry of each run stands what was noted on the run itself.

    Args:
        text: The notebook.
        notes: By the number of the run.
    """
    before, found = entries(text)
    last = {entry.run: place for place, entry in enumerate(found) if entry.run is not None}
    parts = [before]
    for place, entry in enumerate(found):
        noted = notes.get(entry.run, "").strip() if entry.run is not None and last[entry.run] == place else ""
        quoted = "\n".join(f"> {line}".rstrip() for line in noted.splitlines())
        parts.append(
            f"{entry.markdown().rstrip()}\n\n> **Notes on the run**\n>\n{quoted}\n\n" if noted else entry.markdown()
        )
    return "".join(parts)


def without_run_links(text: str) -> str:
    """The notebook for readers who have no runs to open."""
    return _RUN_LINK.sub(lambda found: found[1], text)


def pictures_of(text: str) -> tuple[str, ...]:
    """What the pictures are called that the notebook shows, each once."""
    return tuple(dict.fromkeys(found[2] for found in _PICTURE.finditer(text)))


def with_pictures(text: str, names: Mapping[str, str]) -> str:
    """The notebook with other names for its pictures; those that are not listed stay."""
    return _PICTURE.sub(lambda found: f"{found[1]}{names.get(found[2], found[2])}{found[3]}", text)


def runs_named(text: str) -> tuple[int, ...]:
    """Numbers of the runs that entries are about, each once."""
    return tuple(dict.fromkeys(entry.run for entry in entries(text)[1] if entry.run is not None))


def project_of(run: Path) -> Path | None:
    """The project in which a run's folder lies; None where it lies in none."""
    folder = run.absolute()
    with contextlib.suppress(OSError):
        if folder.name.isdecimal() and folder.parent.name == "runs" and (folder.parents[1] / "project.json").is_file():
            return folder.parents[1]
    return None


def _numbered(text: str) -> dict[tuple[str, int], Entry]:
    """The entries by heading; of several with the same one by their place among them too."""
    found: dict[tuple[str, int], Entry] = {}
    for entry in entries(text)[1]:
        number = 0
        while (entry.heading, number) in found:
            number += 1
        found[entry.heading, number] = entry
    return found


def _in_code(text: str, place: int) -> bool:
    """Whether a place lies between two fences."""
    return sum(line.startswith("```") for line in text[:place].splitlines()) % 2 == 1


def _moment(now: datetime) -> str:
    return f"{now:%Y-%m-%d %H:%M}"


def _plain(title: str) -> str:
    """A title without signs that mean something in Markdown."""
    return " ".join(re.sub(r"[\[\]()*_`<>#\\]", " ", title).split())


def _settings(run: RunRecord) -> str:
    parts = list(_told(run))
    return f"{', '.join(parts)}." if parts else ""


def _told(run: RunRecord) -> Iterator[str]:
    if run.preset:
        yield f"{run.preset.capitalize()} network"
    if run.parameters:
        yield f"{run.parameters:,} parameters"
    for key, name in _SETTINGS:
        value = run.settings.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{name} {value:g}"
    if run.settings.get("transpose") is True:
        yield "in all keys"
