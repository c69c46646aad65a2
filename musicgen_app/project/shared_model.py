"""Runs that share a model: a child has no weights of its own, only music made with those of another run.

A child's ``run.json`` is its parent's at that moment, with the parent's number. In the parent's folder an empty file
for each child says that the model is needed.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from musicgen_app.core.errors import ProjectError
from musicgen_app.project.store import read_json, write_file

PARENT_KEY = "model_of"
CHILDREN_FOLDER = "children"
_RUN_FILE = "run.json"
_LOSSES_FILE = "losses.csv"


def parent_in(found: Mapping[str, object]) -> int:
    """The number of the run whose model a run's description names; 0 where it has its own."""
    parent = found.get(PARENT_KEY)
    return parent if isinstance(parent, int) and not isinstance(parent, bool) and parent > 0 else 0


def parent_folder(folder: Path, parent: int) -> Path:
    """The folder of the run whose model a run in ``folder`` shares."""
    return folder.parent / f"{parent:04d}"


def children_of(folder: Path) -> tuple[int, ...]:
    """Numbers of the runs that share the model of a run and are not deleted, rising."""
    known = folder / CHILDREN_FOLDER
    if not known.is_dir():
        return ()
    found = [path.name for path in known.iterdir() if path.name.isdecimal()]
    return tuple(sorted(int(name) for name in found if (folder.parent / name / _RUN_FILE).is_file()))


def describe_child(folder: Path, parent: Path, title: str, created: str) -> None:
    """Make the run in an empty folder a child: it says what its parent says now, losses too, and names it.

    Args:
        folder: The folder of the child.
        parent: The folder of the run that has the model.
        title: What to call the child.
        created: When, as ISO 8601.

    Raises:
        ProjectError: The parent cannot be read, or the child not be written.
    """
    described = {**read_json(parent / _RUN_FILE), "title": title, "created": created, PARENT_KEY: int(parent.name)}
    described = {**described, "status": "finished", "error": "", "output": {}}
    try:
        losses = (parent / _LOSSES_FILE).read_bytes()
        (parent / CHILDREN_FOLDER).mkdir(exist_ok=True)
    except OSError as error:
        told = error.strerror or "the disk gave no reason"
        raise ProjectError(
            f"Run {int(parent.name)} could not be read: {told}.", "Check that it is complete."
        ) from error
    write_file(parent / CHILDREN_FOLDER / folder.name, b"")
    write_file(folder / _LOSSES_FILE, losses)
    write_file(folder / _RUN_FILE, (json.dumps(described, indent=1, ensure_ascii=False) + "\n").encode())


def refuse_with_children(folder: Path) -> None:
    """See that no run needs the model of a run that is to be deleted.

    Raises:
        ProjectError: Some do.
    """
    children = children_of(folder)
    if not children:
        return
    named = ", ".join(map(str, children[:5])) + (" and others" if len(children) > 5 else "")
    share = f"Run {named} shares" if len(children) == 1 else f"Runs {named} share"
    them = "it" if len(children) == 1 else "them"
    raise ProjectError(f"{share} the model of run {int(folder.name)}.", f"Delete {them} first.")
