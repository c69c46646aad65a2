"""The curves of a project's runs, chosen by number."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from musicgen_app.core.errors import UsageError
from musicgen_app.project.document import Project
from musicgen_app.project.plot_drawing import LossDrawing, PlotView, plotted


@dataclass(frozen=True, slots=True)
class PlotRequest:
    """What to draw.

    Attributes:
        project: The project's folder.
        runs: Numbers of the runs; none for all that have losses.
        view: How they are shown.
    """

    project: Path
    runs: tuple[int, ...] = ()
    view: PlotView = field(default_factory=PlotView)


def plot_of(request: PlotRequest) -> LossDrawing:
    """The curves of runs, with the best epoch of the first that was named (else the newest) and its lines to compare.

    Where that run was compared with nothing, the lines are those of the first that was.

    Raises:
        ProjectError: There is no such project.
        UsageError: A number is no run's, or there is nothing to draw.
    """
    known = {run.id: run for run in Project.open(request.project).runs()}
    missing = [number for number in request.runs if number not in known]
    if missing:
        raise UsageError(
            f"{request.project.name} has no run {_listed(missing)}.",
            f"It has {_listed(sorted(known))}." if known else "It has no runs yet.",
        )
    chosen = [known[number] for number in dict.fromkeys(request.runs)] or list(reversed(known.values()))
    chosen = [run for run in chosen if run.epochs]
    if not chosen:
        raise UsageError("None of these runs has a loss yet.", "Choose others, or wait until an epoch is over.")
    lines = next((run.baselines for run in chosen if run.baselines), {})
    runs = tuple(plotted(run) for run in sorted(chosen, key=lambda run: run.id))
    return LossDrawing(runs, request.view, lines, chosen[0].id)


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:12]))
    return shown if len(numbers) <= 12 else f"{shown} and {len(numbers) - 12:,} more"
