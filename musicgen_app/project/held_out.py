"""How well the best model of a run foretells the pieces that were held back."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from musicgen_app.core.errors import ProjectError
from musicgen_app.project.store import Fields, read_json

HELD_OUT_FILE = "held_out.json"
NOTE = "note"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What was measured at the best epoch.

    Attributes:
        epoch: That epoch.
        pieces, notes: What was read: pieces, and the notes (tokens) of them that were counted.
        nats: Nats a note.
        interval: Lowest and highest that other such pieces would probably give (95 %); None for a single piece.
        accuracy: Shares foretold right, 0 to 1: of whole notes (``NOTE``), and of the fields of each part.
    """

    epoch: int
    pieces: int
    notes: int
    nats: float
    interval: tuple[float, float] | None
    accuracy: Mapping[str, float]


def read_held_out(folder: Path, epoch: int | None) -> HeldOut | None:
    """What lies in the folder of a run; None where there is none, or where it is about another epoch."""
    path = folder / HELD_OUT_FILE
    if epoch is None or not path.is_file():
        return None
    try:
        given = Fields(read_json(path), HELD_OUT_FILE)
        found = HeldOut(
            epoch=given.take("epoch", int, 0),
            pieces=given.take("pieces", int, 0),
            notes=given.take("notes", int, 0),
            nats=given.take("nats", float, math.nan),
            interval=_interval(given.optional("interval", list)),
            accuracy=_numbers(given.optional("accuracy", dict)),
        )
    except ProjectError:
        return None
    return found if found.epoch == epoch and math.isfinite(found.nats) else None


def held_out_words(found: HeldOut) -> str:
    """The figures in a sentence or two: how sure they are, and how much is foretold right."""
    told = []
    if found.interval is not None:
        low, high = found.interval
        told.append(f"Other such pieces would give {low:.3f} to {high:.3f} (95 %).")
    whole = found.accuracy.get(NOTE)
    if whole is not None:
        parts = [f"{name} {share:.0%}" for name, share in found.accuracy.items() if name not in (NOTE, "token")]
        fields = f" By fields: {', '.join(parts)}." if parts else ""
        told.append(f"Its first guess is right for {whole:.1%} of {found.notes:,} held-out notes.{fields}")
    return " ".join(told)


def _interval(value: list[object] | None) -> tuple[float, float] | None:
    numbers = [float(one) for one in value or () if isinstance(one, int | float)]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


def _numbers(value: dict[str, object] | None) -> Mapping[str, float]:
    return MappingProxyType({name: float(one) for name, one in (value or {}).items() if isinstance(one, int | float)})
