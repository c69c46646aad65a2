"""What ``musicgen runs`` does: experiments in and out of a project, the list of them, and their curves."""

import argparse
import os
from dataclasses import asdict
from typing import Any

from musicgen_app.cli.console import ProgressLine, print_json, print_text
from musicgen_app.core.files import make_folder
from musicgen_app.project.run_rows import RunRow
from musicgen_app.project.seed_row import SEED_COLUMNS
from musicgen_app.project.verdict_words import place_words
from musicgen_app.workflow.judge import JudgeReport

_SHOWN = (
    ("run", "id", "d"),
    ("title", "title", ""),
    ("state", "status", ""),
    ("network", "architecture", ""),
    ("data set", "dataset", ""),
    ("of", "parent", ""),
    ("rate", "learning_rate", "g"),
    ("batch", "batch_size", "d"),
    ("epochs", "epochs", "d"),
    ("window", "sequence_length", "d"),
    ("time decay", "lr_time_decay", "g"),
    ("dropout", "dropout", "g"),
    ("pick", "random_pick", "d"),
    ("loss", "loss", ".4f"),
    ("score", "score", ".3f"),
    ("minutes", "runtime_min", ".2f"),
    ("copy", "longest_copy", "d"),
    ("copied", "copied_share", ".0%"),
    ("loop", "loop_period", "d"),
    ("stuck", "longest_stuck", "d"),
    ("problems", "problems", ""),
)
_TAKES = (
    ("epochs", "at", ".2f"),
    ("seconds", "seconds", ".0f"),
    ("training", "train", ".3f"),
    ("validation", "validation", ".3f"),
    ("notes", "notes", "d"),
    ("length", "length_sec", ".1f"),
    ("cost", "cost_sec", ".2f"),
    ("file", "file", ""),
)
_WIDEST = 24
_JUDGED = (
    ("run", "d"),
    ("title", ""),
    ("copy", "d"),
    ("copied", "d"),
    ("loop", "d"),
    ("stuck", "d"),
    ("score", "d"),
    ("table", "d"),
    ("from", ""),
)


def import_runs(given: argparse.Namespace) -> int:
    """Take a table of experiments with its logs and outputs into a project, and judge the outputs where that can be."""
    from musicgen_app.workflow.experiments import ImportRequest, import_experiments
    from musicgen_app.workflow.judge import JudgeRequest
    from musicgen_app.workflow.judge import judge_runs as judging

    line = ProgressLine()
    found = import_experiments(ImportRequest(given.folder, given.project), line, given.cancel)
    judged = ""
    if found.judgeable and not given.no_judge:
        report = judging(JudgeRequest(given.project, only_new=True), line, given.cancel)
        judged = report.summary() if report.runs else ""
    line.clear()
    if given.json:
        print_json({name: getattr(found, name) for name in ("rows", "logs", "outputs", "warnings")})
    else:
        told = (found.summary(), *(f"  {warning}" for warning in found.warnings), judged)
        print_text("\n".join(one for one in told if one))
    return 0


def export_runs(given: argparse.Namespace) -> int:
    """Write the experiments of a project as a table."""
    from musicgen_app.workflow.experiments import ListRequest, export_experiments

    make_folder(given.out.parent)
    line = ProgressLine()
    rows = export_experiments(ListRequest(given.project, given.out), line, given.cancel)
    line.clear()
    if given.json:
        print_json({"file": given.out, "rows": rows})
    else:
        print_text(f"{given.out}: {rows:,} {'run' if rows == 1 else 'runs'}")
    return 0


def list_runs(given: argparse.Namespace) -> int:
    """Say which runs a project has."""
    from musicgen_app.workflow.experiments import run_list

    line = ProgressLine()
    rows = run_list(given.project, line, given.cancel)
    line.clear()
    if given.json:
        print_json([row_object(row) for row in rows])
    else:
        print_text(rows_text(rows) if rows else "There are no runs yet.")
    return 0


def list_takes(given: argparse.Namespace) -> int:
    """Say what takes were made of a run while it was trained."""
    from musicgen_app.project.timeline import take_file
    from musicgen_app.workflow.timeline import timeline_of

    run, timeline = timeline_of(given.project, given.run)
    if given.json:
        takes = [{**asdict(take), "file": take_file(run, take)} for take in timeline.takes]
        print_json({"run": given.run, "cost_sec": timeline.cost_sec, "takes": takes})
        return 0
    lines = [[_words(getattr(take, name), form) for _, name, form in _TAKES] for take in timeline.takes]
    headings = tuple((title, form) for title, _, form in _TAKES)
    print_text(text_table(headings, lines) if lines else f"Run {given.run} has no takes.")
    return 0


def judge_runs(given: argparse.Namespace) -> int:
    """Say of every output of a project what of it is copied, and where it repeats itself."""
    from musicgen_app.workflow.judge import JudgeRequest, judge_runs

    line = ProgressLine()
    found = judge_runs(JudgeRequest(given.project, given.against), line, given.cancel)
    line.clear()
    if given.json:
        print_json(found)
    else:
        print_text(judged_text(found))
    return 0


def judged_text(found: JudgeReport) -> str:
    """Judged outputs for people: a table, what could not be read, and all in a sentence."""
    lines = []
    for one in found.runs:
        verdict = one.verdict
        if verdict is not None:
            copied, own, loop = verdict.copied, verdict.habits, verdict.habits.loop
            table = "" if one.table_score is None else f"{one.table_score:.3f}"
            cells = (one.run, one.title, copied.longest, f"{copied.share:.0%}", "" if loop is None else loop.period)
            lines.append([*map(str, cells), str(own.stuck), f"{own.score:.3f}", table, place_words(verdict)])
    told = [text_table(_JUDGED, lines)] if lines else []
    return "\n".join((*told, *(f"  {problem}" for problem in found.problems), found.summary()))


def plot_runs(given: argparse.Namespace) -> int:
    """Draw the losses of runs into a picture, or write them as a table."""
    from musicgen_app.project.plot_drawing import PlotView
    from musicgen_app.workflow.plots import PlotRequest, plot_of

    # A picture needs no screen; Qt would look for one.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from musicgen_app.ui.plot_files import check_suffix, save_plot
    from musicgen_app.ui.theme import DARK, LIGHT

    check_suffix(given.out)
    drawing = plot_of(PlotRequest(given.project, given.runs, PlotView(log=given.log, smooth=given.smooth)))
    make_folder(given.out.parent)
    save_plot(drawing, given.out, DARK if given.dark else LIGHT)
    numbers = [run.key for run in drawing.runs]
    if given.json:
        print_json({"file": given.out, "runs": numbers})
    else:
        print_text(f"{given.out}: {len(numbers):,} {'run' if len(numbers) == 1 else 'runs'}")
    return 0


def row_object(row: RunRow) -> dict[str, Any]:
    """A run as JSON values: numbers as numbers, and the seeds' 14 cells word for word beside them."""
    values = row._asdict()
    values["cells"] = dict(zip(SEED_COLUMNS, row.cells, strict=True))
    values["extra"] = dict(row.extra)
    return values


def rows_text(rows: tuple[RunRow, ...]) -> str:
    """Runs as a table for people; columns in which nothing stands are left out."""
    return text_table(
        tuple((title, form) for title, _, form in _SHOWN),
        [[_words(getattr(row, name), form) for _, name, form in _SHOWN] for row in rows],
    )


def text_table(headings: tuple[tuple[str, str], ...], rows: list[list[str]]) -> str:
    """Cells under headings, numbers at the right; columns in which nothing stands are left out."""
    columns = []
    for (title, form), words in zip(headings, zip(*rows, strict=True), strict=True):
        if any(words):
            width = max(len(title), *map(len, words))
            side = ">" if form else "<"
            columns.append([f"{word:{side}{width}}" for word in (title, *words)])
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*columns, strict=True))


def _words(value: object, form: str) -> str:
    if value is None:
        return ""
    if form:
        return f"{value:{form}}"
    words = " ".join(str(value).split())
    return words if len(words) <= _WIDEST else f"{words[: _WIDEST - 3]}..."
