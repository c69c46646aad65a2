"""What ``musicgen runs output`` and ``musicgen runs again`` do: music by the model of a run, kept with a run."""

import argparse
from pathlib import Path

from musicgen_app.cli.console import ProgressLine, print_json, print_text
from musicgen_app.cli.sampling import rendering_of, sampling_of
from musicgen_app.core.errors import UsageError
from musicgen_app.project.document import Project


def output(given: argparse.Namespace) -> int:
    """Make the output of a run, in place of one that is there."""
    return _make(given, again=False)


def again(given: argparse.Namespace) -> int:
    """Make music with the model of a run, as a run of its own."""
    return _make(given, again=True)


def _make(given: argparse.Namespace, again: bool) -> int:
    from musicgen_app.workflow.experiments import ListRequest, list_runs
    from musicgen_app.workflow.outputs import OutputRequest, make_output

    project = Project.open(given.project)
    folder = _folder(project, given.run)
    request = OutputRequest(folder, sampling_of(given), rendering_of(given), again, given.title if again else "")
    line = ProgressLine()
    made = make_output(request, line, given.cancel)
    list_runs(ListRequest(project.folder), line, given.cancel)
    line.clear()
    if given.json:
        print_json(made)
    else:
        score = "" if made.score is None else f", score {made.score:.3f}"
        whose = f"run {made.run}, which shares the model of run {made.parent}" if made.parent else f"run {made.run}"
        print_text(f"{made.file}: {made.notes:,} notes{score} ({whose})")
    return 0


def _folder(project: Project, number: int) -> Path:
    """The folder of a run.

    Raises:
        UsageError: There is none of this number.
    """
    folder = project.runs_folder / f"{number:04d}"
    if not folder.is_dir():
        raise UsageError(f"There is no run {number} in {project.folder.name}.", "musicgen runs list shows them.")
    return folder
