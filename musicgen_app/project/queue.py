"""The queue of a project's runs as a value: its entries in order, and what can be done to them."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from musicgen_app.core.errors import ProjectError, UsageError
from musicgen_app.project.store import Fields, migrated

QUEUE_FILE = "queue.json"
QUEUE_VERSION = 1
WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
STATES = (WAITING, RUNNING, DONE, FAILED, CANCELLED)
PAUSE, STOP = "pause", "stop"
_ORDERS = ("", PAUSE, STOP)


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A run that is to be, is, or was.

    Attributes:
        id: Its number in the queue, never used again; 0 before it is added.
        preset: Name of the network's preset; empty where a model is started from.
        overrides: Settings other than the preset's, JSON values.
        epochs, minutes: How long to train.
        seed: Of every random choice of the training.
        dataset: Folder of the data set, as ``contents.path_text`` writes it.
        start_from: The model to start from, likewise; empty for a fresh network.
        title: What to call the run; empty for its number.
        sample: How music is made after the training, settings of ``SampleConfig``; empty for none.
        state: "waiting", "running", "done", "failed" or "cancelled".
        reason: Why it failed, in a sentence.
        run: The run's number, once begun.
        end_epoch: Whether its training is to end with the epoch that goes on, and to keep what it has learned.
        seconds: How long it took, music included; None while it is not done.
        score: Distinct tokens of its output as a share of all.
    """

    id: int = 0
    preset: str = ""
    overrides: Mapping[str, Any] = field(default_factory=_nothing)
    epochs: int | None = None
    minutes: float | None = None
    seed: int | None = None
    dataset: str = ""
    start_from: str = ""
    title: str = ""
    sample: Mapping[str, Any] = field(default_factory=_nothing)
    state: str = WAITING
    reason: str = ""
    run: int | None = None
    end_epoch: bool = False
    seconds: float | None = None
    score: float | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more is done about it."""
        return self.state in (DONE, FAILED, CANCELLED)

    def to_json(self) -> dict[str, object]:
        """The entry as JSON values."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**plain, "overrides": dict(self.overrides), "sample": dict(self.sample)}


@dataclass(frozen=True, slots=True)
class Queue:
    """Entries in the order in which they are run, and what whoever runs them was told.

    Attributes:
        entries: In order.
        next_id: The number of the next entry that is added.
        order: "pause" (wait after the current batch), "stop" (end; the entry that goes on is resumed at the next
            start), or empty.
    """

    entries: tuple[QueueEntry, ...] = ()
    next_id: int = 1
    order: str = ""

    def entry(self, number: int) -> QueueEntry:
        """The entry with a number.

        Raises:
            UsageError: There is none.
        """
        for entry in self.entries:
            if entry.id == number:
                return entry
        raise UsageError(f"There is no entry {number} in the queue.", "Choose one that is listed.")

    @property
    def next_entry(self) -> QueueEntry | None:
        """What is to be done next: what was interrupted, else what has waited longest; None with nothing to do."""
        return self.next_beside(())

    def next_beside(self, taken: Container[int]) -> QueueEntry | None:
        """What is to be done next beside the entries with these numbers."""
        for state in (RUNNING, WAITING):
            for entry in self.entries:
                if entry.state == state and entry.id not in taken:
                    return entry
        return None

    def count(self, *states: str) -> int:
        """How many entries are in one of these states."""
        return sum(entry.state in states for entry in self.entries)

    def added(self, entries: tuple[QueueEntry, ...]) -> "Queue":
        """With further entries at the end."""
        numbered = tuple(replace(entry, id=self.next_id + place) for place, entry in enumerate(entries))
        return replace(self, entries=(*self.entries, *numbered), next_id=self.next_id + len(numbered))

    def changed(self, number: int, **changes: Any) -> "Queue":
        """With one entry changed.

        Raises:
            UsageError: There is none with this number.
        """
        changed = replace(self.entry(number), **changes)
        return replace(self, entries=tuple(changed if entry.id == number else entry for entry in self.entries))

    def moved(self, number: int, place: int) -> "Queue":
        """With one entry at another place, counted from 1; beyond the ends counts as the end.

        Raises:
            UsageError: There is none with this number.
        """
        entry = self.entry(number)
        others = [one for one in self.entries if one.id != number]
        others.insert(max(0, place - 1), entry)
        return replace(self, entries=tuple(others))

    def removed(self, number: int) -> "Queue":
        """Without an entry; its run, if there is one, stays.

        Raises:
            UsageError: There is none with this number, or it is running.
        """
        if self.entry(number).state == RUNNING:
            raise UsageError(f"Entry {number} is running and cannot be removed.", "Cancel it first.")
        return replace(self, entries=tuple(entry for entry in self.entries if entry.id != number))

    def cancelled(self, number: int) -> "Queue":
        """With an entry that is not, or no longer, to be run; what it has learned so far stays with its run.

        Raises:
            UsageError: There is none with this number, or it is over.
        """
        self._refuse_over(number, "cancelled")
        return self.changed(number, state=CANCELLED)

    def ended(self, number: int) -> "Queue":
        """With an entry whose training is to end with the current epoch.

        Raises:
            UsageError: There is none with this number, or it is not running.
        """
        if self.entry(number).state != RUNNING:
            raise UsageError(f"Entry {number} is not running.", "Choose the one that is.")
        return self.changed(number, end_epoch=True)

    def retried(self, number: int) -> "Queue":
        """With an entry that failed or was cancelled waiting again; its run goes on where it stopped.

        Raises:
            UsageError: There is none with this number, or it neither failed nor was cancelled.
        """
        if self.entry(number).state not in (FAILED, CANCELLED):
            raise UsageError(f"Entry {number} neither failed nor was cancelled.", "Add a new one.")
        return self.changed(number, state=WAITING, reason="", end_epoch=False)

    def to_json(self) -> dict[str, object]:
        """The contents of the file."""
        entries = [entry.to_json() for entry in self.entries]
        return {"version": QUEUE_VERSION, "next_id": self.next_id, "order": self.order, "entries": entries}

    @staticmethod
    def from_json(contents: dict[str, object]) -> "Queue":
        """The queue from the contents of its file.

        Raises:
            ProjectError: They are damaged, or of a newer version.
        """
        found = Fields(migrated(contents, QUEUE_VERSION, {}, QUEUE_FILE), QUEUE_FILE)
        rows: list[object] = found.take("entries", list, [])
        entries = tuple(_entry(row) for row in rows)
        highest = max((entry.id for entry in entries), default=0)
        if len({entry.id for entry in entries}) < len(entries):
            raise _damaged("two entries have the same number")
        order = found.take("order", str, "")
        return Queue(entries, max(found.take("next_id", int, 1), highest + 1), order if order in _ORDERS else "")

    def _refuse_over(self, number: int, verb: str) -> None:
        entry = self.entry(number)
        if entry.over:
            raise UsageError(f"Entry {number} is {entry.state} already and cannot be {verb}.", "Choose another one.")


def _entry(row: object) -> QueueEntry:
    if not isinstance(row, dict):
        raise _damaged("an entry is not what it should be")
    found = Fields(row, QUEUE_FILE)
    number, state = found.take("id", int, 0), found.take("state", str, WAITING)
    if number < 1 or state not in STATES:
        raise _damaged("an entry has no number, or a state that does not exist")
    overrides: dict[str, Any] = found.take("overrides", dict, {})
    sample: dict[str, Any] = found.take("sample", dict, {})
    return QueueEntry(
        id=number,
        preset=found.take("preset", str, ""),
        overrides=MappingProxyType(overrides),
        epochs=found.optional("epochs", int),
        minutes=found.optional("minutes", float),
        seed=found.optional("seed", int),
        dataset=found.take("dataset", str, "dataset"),
        start_from=found.take("start_from", str, ""),
        title=found.take("title", str, ""),
        sample=MappingProxyType(sample),
        state=state,
        reason=found.take("reason", str, ""),
        run=found.optional("run", int),
        end_epoch=found.take("end_epoch", bool, False),
        seconds=found.optional("seconds", float),
        score=found.optional("score", float),
    )


def _damaged(what: str) -> ProjectError:
    return ProjectError(f"{QUEUE_FILE} is damaged: {what}.", "Put back a copy of the file, or delete it.")
