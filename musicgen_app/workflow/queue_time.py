"""How long a queue will take, by what its entries have taken so far, and by the speed of earlier runs."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from musicgen_app.generation.presets import PRESETS
from musicgen_app.project.queue import DONE, QueueEntry
from musicgen_app.workflow.sweep import Axis

_BEGINNING_SECONDS = 10.0
"""Starting TensorFlow, the first step, and the music afterwards."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of how fast networks learn here.

    Attributes:
        notes: Notes in an epoch; 0 where there is no data set.
        speeds: Notes a second in the latest run of each preset.
        entries: The queue, of whose finished entries the time is known.
    """

    notes: int = 0
    speeds: Mapping[str, float] = field(default_factory=dict)
    entries: Sequence[QueueEntry] = ()

    def seconds(self, entry: QueueEntry) -> float | None:
        """How long an entry will take; None where nobody knows."""
        known = expected_seconds(entry, self.entries)
        if known is not None and any(one.state == DONE and one.preset == entry.preset for one in self.entries):
            return known
        usual = PRESETS[entry.preset].notes_per_second if entry.preset in PRESETS else 0.0
        rate = self.speeds.get(entry.preset) or usual
        if not rate or not self.notes or not entry.epochs:
            return known
        learning = entry.epochs * self.notes / rate
        return _BEGINNING_SECONDS + (learning if entry.minutes is None else min(learning, 60 * entry.minutes))

    def sweep_seconds(self, axes: Sequence[Axis]) -> float | None:
        """How long all runs of a sweep will take together; None where nobody knows of one."""
        timed = [axis for axis in axes if axis.name in ("preset", "epochs", "minutes")]
        others = math.prod(len(axis.values) for axis in axes if axis not in timed)
        whole = 0.0
        for values in itertools.product(*(axis.values for axis in timed)):
            settings = dict(zip((axis.name for axis in timed), values, strict=True))
            preset, epochs, minutes = (settings.get(name) for name in ("preset", "epochs", "minutes"))
            entry = QueueEntry(
                preset=str(preset or ""),
                epochs=epochs if isinstance(epochs, int) else None,
                minutes=float(minutes) if isinstance(minutes, int | float) else None,
            )
            known = self.seconds(entry)
            if known is None:
                return None
            whole += known * others
        return whole


def seconds_left(entries: Sequence[QueueEntry], current: int, current_left: float | None) -> float | None:
    """Estimated time to the end of a queue; None until it can be told.

    An entry is expected to take as long for an epoch as those that are done, of the same network where there is one;
    one with a time limit takes at most that.

    Args:
        entries: The queue.
        current: The entry that goes on.
        current_left: Time its training has left, where that is known.
    """
    whole = 0.0
    for entry in entries:
        if entry.over:
            continue
        known = current_left if entry.id == current and current_left is not None else expected_seconds(entry, entries)
        if known is None:
            return None
        whole += known
    return whole


def expected_seconds(entry: QueueEntry, entries: Sequence[QueueEntry]) -> float | None:
    """How long an entry will take; None where nothing like it is done."""
    limit = None if entry.minutes is None else 60 * entry.minutes
    done = [one for one in entries if one.state == DONE and one.seconds is not None and one.epochs]
    alike = [one for one in done if one.preset == entry.preset and _sizes(one) == _sizes(entry)] or done
    if not alike or not entry.epochs:
        return limit
    pace = sum(one.seconds or 0.0 for one in alike) / sum(one.epochs or 0 for one in alike)
    return pace * entry.epochs if limit is None else min(limit, pace * entry.epochs)


def _sizes(entry: QueueEntry) -> tuple[object, ...]:
    return tuple(str(entry.overrides.get(name)) for name in ("units", "layers", "window", "batch"))
