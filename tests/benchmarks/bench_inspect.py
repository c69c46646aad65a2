"""What ``musicgen inspect`` says of the shared files: how many are ready, repaired or set aside, and why."""

import re
from collections import Counter
from pathlib import Path

from musicgen_app.core.progress import CancelToken
from musicgen_app.workflow.inspect import inspect_files
from tests.benchmarks.kept import SHARED

FOLDERS = ("midi_odd", "corpus")


def run() -> dict[str, float]:
    """The counts of each folder; a table by kind is printed."""
    figures: dict[str, float] = {}
    for folder in FOLDERS:
        place = SHARED / folder
        if not place.is_dir():
            print(f"{folder} does not lie beside this checkout.")
            continue
        kinds = Counter(_kind(fact.verdict) for fact in inspect_files(_files(place), lambda _: None, CancelToken()))
        for kind, count in kinds.most_common():
            print(f"{folder:<10} {count:5} {kind}")
        for health in ("ready", "repaired", "set aside"):
            count = sum(number for kind, number in kinds.items() if kind.startswith(health))
            figures[f"inspect_{folder}_{health.replace(' ', '_')}"] = count
    return figures


def _files(place: Path) -> tuple[Path, ...]:
    """All files but lists, credits and other words of the collection itself."""
    return tuple(
        path
        for path in sorted(place.rglob("*"))
        if path.is_file() and path.suffix.lower() in {".mid", ".midi", ".rmi", ".kar", ".syx"}
    )


def _kind(verdict: str) -> str:
    """The verdict without names and numbers."""
    return re.sub(r" \(.*\)", "", verdict)
