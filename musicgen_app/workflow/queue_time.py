"""How long a queue will take, by what its entries have taken so far."""

from collections.abc import Sequence

from musicgen_app.project.queue import DONE, QueueEntry


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
