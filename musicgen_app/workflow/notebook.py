"""The lab notebook: what a training writes into it, and what a person adds by command."""

import contextlib
from datetime import datetime
from pathlib import Path

from musicgen_app.core.errors import MusicgenError, UsageError
from musicgen_app.project.document import Project
from musicgen_app.project.notebook import (
    Entry,
    add_run_entry,
    new_entry,
    project_of,
    read_notebook,
    runs_named,
    with_entry,
    write_notebook,
)
from musicgen_app.project.runs import read_run


def note_end(run: Path, now: datetime | None = None) -> None:
    """Write the end of a run into the notebook of its project, if it has one.

    A run that stopped before its first epoch was over is not worth a word, unless it failed. What goes wrong here is
    no reason for a training to fail.

    Args:
        run: The run's folder.
        now: When; this moment where None.
    """
    project = project_of(run)
    if project is None:
        return
    with contextlib.suppress(MusicgenError):
        record = read_run(run)
        if record.epochs or record.status == "failed":
            add_run_entry(project, record, now or datetime.now())


def add_note(project: Path, text: str, now: datetime | None = None) -> Entry:
    """Add an entry to a project's notebook; the first line of the text is its title where more follow.

    Raises:
        ProjectError: There is no such project, or it cannot be written.
        UsageError: There is nothing to add.
    """
    folder = Project.open(project).folder
    title, _, below = text.strip().partition("\n")
    if not title:
        raise UsageError("There is nothing to add.", "Write something behind --add.")
    entry = (
        new_entry(title, below, now or datetime.now()) if below.strip() else new_entry("", title, now or datetime.now())
    )
    write_notebook(folder, with_entry(read_notebook(folder), entry))
    return entry


def run_notes(project: Path, text: str) -> dict[int, str]:
    """What was noted on the runs that a notebook has entries about."""
    folders = {number: project / "runs" / f"{number:04d}" for number in runs_named(text)}
    return {number: read_run(folder).notes for number, folder in folders.items() if folder.is_dir()}
