"""What ``musicgen notebook`` does: the lab notebook of a project read, added to and exported."""

import argparse
import os
from pathlib import Path

from musicgen_app.cli.console import print_json, print_text
from musicgen_app.core.files import make_folder


def notebook(given: argparse.Namespace) -> int:
    """Print the notebook, or add to it, or write it into a file."""
    from musicgen_app.project.document import Project
    from musicgen_app.project.notebook import entries, read_notebook
    from musicgen_app.workflow.notebook import add_note

    project = Project.open(given.project)
    added = None if given.add is None else add_note(project.folder, given.add)
    text = read_notebook(project.folder)
    if given.out is not None:
        _export(given, text, project.folder, project.title)
    if given.json:
        told = [
            {"heading": entry.heading, "run": entry.run, "text": entry.text.strip(), "pictures": entry.pictures}
            for entry in entries(text)[1]
        ]
        print_json({"entries": told, "file": given.out})
    elif given.out is not None:
        print_text(str(given.out))
    elif added is not None:
        print_text(added.markdown().strip())
    else:
        print_text(text.rstrip() or "Nothing is written yet.")
    return 0


def _export(given: argparse.Namespace, text: str, folder: Path, title: str) -> None:
    # A page needs no screen; Qt would look for one.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from musicgen_app.ui.notebook_files import check_suffix, save_notebook

    check_suffix(given.out)
    make_folder(given.out.parent)
    save_notebook(text, folder, given.out, title)
