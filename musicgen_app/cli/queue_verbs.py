"""What ``musicgen runs queue`` and ``musicgen runs sweep`` do: runs that wait, one after the other."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from musicgen_app.cli.console import ProgressLine, duration_text, print_json, print_text
from musicgen_app.core.errors import UsageError
from musicgen_app.project.document import Project
from musicgen_app.project.queue import FAILED, PAUSE, RUNNING, STOP, Queue, QueueEntry
from musicgen_app.project.queue_file import QueueFile

Change = Callable[[Queue], Queue]


def queue(given: argparse.Namespace) -> int:
    """Add to a queue, change its order, steer it, run it, list it."""
    project = Project.open(given.project)
    file = QueueFile(project.folder)
    if given.cluster is not None and not given.run:
        raise UsageError("--cluster says where the queue is run, and it is not run.", "Add --run.")
    if given.add:
        from musicgen_app.workflow.queue_settings import new_entry, parsed_settings

        entry = new_entry(project, parsed_settings(given.add))
        file.change(lambda queue: queue.added((entry,)))
    if given.repeat:
        _repeat(given, project)
    change = _change(given, file)
    if change is not None:
        file.change(change)
    return _run(given, project, file) if given.run else _list(given, file)


def sweep(given: argparse.Namespace) -> int:
    """Add all combinations of some settings to a queue."""
    from musicgen_app.workflow import sweep as verb

    project = Project.open(given.project)
    options = (("epochs", given.epochs), ("minutes", given.minutes), ("notes", given.notes))
    words = [*given.settings, *(f"{name}={value}" for name, value in options if value is not None)]
    axes = verb.parsed_axes(words)
    count = verb.run_count(axes)
    line = ProgressLine()
    line.line(f"This makes {count:,} {'run' if count == 1 else 'runs'}.")
    entries = verb.sweep_entries(project, axes, line, given.cancel, given.most)
    line.clear()
    if given.dry_run:
        shown = entries
    else:
        added = QueueFile(project.folder).change(lambda queue: queue.added(entries))
        shown = added.entries[-count:]
    if given.json:
        print_json([entry.to_json() for entry in shown])
    else:
        print_text(queue_text(shown))
    return 0


def _repeat(given: argparse.Namespace, project: Project) -> None:
    from musicgen_app.workflow.repeat import repeat_runs

    folders = [project.runs_folder / f"{number:04d}" for number in given.repeat]
    missing = [str(number) for number, folder in zip(given.repeat, folders, strict=True) if not folder.is_dir()]
    if missing:
        raise UsageError(f"There is no run {missing[0]} in this project.", "`musicgen runs list` shows them.")
    line = ProgressLine()
    result = repeat_runs(project.folder, folders, line, given.cancel)
    line.clear()
    for sentence in (*result.refused, *result.remarks):
        line.line(sentence)
    if not result.entries:
        raise UsageError("No run was added to the queue.", "The sentences above say why.")


def _change(given: argparse.Namespace, file: QueueFile) -> Change | None:
    """What the options ask to be changed in the queue; None where that is nothing."""
    if given.move is not None:
        number, place = given.move
        return lambda queue: queue.moved(number, place)
    for number, change in (
        (given.cancel_entry, Queue.cancelled),
        (given.remove, Queue.removed),
        (given.retry, Queue.retried),
    ):
        if number is not None:
            return partial(change, number=number)
    if given.clear:
        return lambda queue: replace(queue, entries=tuple(entry for entry in queue.entries if not entry.over))
    if given.end_epoch or given.pause or given.go_on or given.stop:
        if not file.is_run:
            raise UsageError("Nobody runs the queue at the moment.", "Start it with --run.")
        order = PAUSE if given.pause else STOP if given.stop else ""
        return _end_epoch if given.end_epoch else lambda queue: replace(queue, order=order)
    return None


def _end_epoch(queue: Queue) -> Queue:
    running = [entry for entry in queue.entries if entry.state == RUNNING]
    if not running:
        raise UsageError("No run is being trained at the moment.", "Wait for the next one.")
    for entry in running:
        queue = queue.ended(entry.id)
    return queue


def _run(given: argparse.Namespace, project: Project, file: QueueFile) -> int:
    from musicgen_app.workflow.queue import QueueRequest, run_queue

    line = ProgressLine()
    told, request = _queue_line(line), QueueRequest(project.folder)
    if given.cluster is None:
        result = run_queue(request, told, given.cancel)
    else:
        from musicgen_app.workflow.cluster import cluster_at
        from musicgen_app.workflow.cluster_queue import ClusterTrainings

        with cluster_at(given.cluster) as cluster:
            trainings = ClusterTrainings(cluster)
            result = run_queue(request, told, given.cancel, trainings, trainings.lanes)
    line.clear()
    entries = file.read().entries
    if given.json:
        print_json({"result": result, "entries": [entry.to_json() for entry in entries]})
    else:
        print_text(queue_text(entries))
        parts = [f"{result.done} done", f"{result.failed} failed", f"{result.cancelled} cancelled"]
        print_text(f"{', '.join(parts)}; {result.waiting} left.")
    return 1 if result.failed or result.waiting else 0


def _list(given: argparse.Namespace, file: QueueFile) -> int:
    found = file.read()
    if given.json:
        entries = [entry.to_json() for entry in found.entries]
        print_json({"entries": entries, "order": found.order, "running": file.is_run})
    else:
        print_text(queue_text(found.entries))
    return 0


def queue_text(entries: tuple[QueueEntry, ...]) -> str:
    """Entries as a table for people, in their order; why one failed stands below it."""
    if not entries:
        return "The queue is empty."
    rows = [("entry", "state", "run", "network", "time", "score", "settings"), *map(_cells, entries)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]) - 1)]
    lines = []
    for number, row in enumerate(rows):
        padded = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False))
        lines.append("  ".join((*padded, row[-1])).rstrip())
        if number and entries[number - 1].state == FAILED:
            lines.append(f"  {entries[number - 1].reason}")
    return "\n".join(lines)


def _cells(entry: QueueEntry) -> tuple[str, ...]:
    limits: dict[str, Any] = {"epochs": entry.epochs, "minutes": entry.minutes, "seed": entry.seed}
    settings = {name: value for name, value in {**entry.overrides, **limits}.items() if value is not None}
    return (
        str(entry.id),
        entry.state,
        "" if entry.run is None else str(entry.run),
        entry.preset or Path(entry.start_from).stem,
        "" if entry.seconds is None else duration_text(entry.seconds),
        "" if entry.score is None else f"{entry.score:.3f}",
        " ".join(f"{name}={value}" for name, value in settings.items()),
    )


def _queue_line(line: ProgressLine) -> Callable[[object], None]:
    """Shows how far a queue is: a passing line, and one that stays for each run that is over."""
    from musicgen_app.workflow.queue import QueueReport

    def show(report: object) -> None:
        if not isinstance(report, QueueReport):
            return
        words = f"run {report.run}: {report.stage}" if report.run else f"entry {report.entry}: {report.stage}"
        if report.over:
            line.line(f"{report.done} of {report.total}, {words}{f': {report.reason}' if report.reason else ''}")
            return
        epoch = f", epoch {report.epoch} of {report.epochs}" if report.epochs else ""
        left = "" if report.seconds_left is None else f", about {duration_text(report.seconds_left)} left in all"
        line.status(f"{report.done} of {report.total} done, {words}{epoch}{left}")

    return show
