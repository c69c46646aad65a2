"""The listening timeline of a run: short takes of its network on the way, and the table that says where they belong.

They lie in ``runs/NNNN/timeline/``: ``takes.json`` is the table, beside it a MIDI file for each row. A file without a
row is what a killed training left, and is no take.
"""

import math
from dataclasses import asdict, dataclass
from pathlib import Path

from musicgen_app.core.errors import ProjectError
from musicgen_app.core.files import sweep_unfinished
from musicgen_app.project.store import Fields, read_json, write_json

TIMELINE_FOLDER = "timeline"
TABLE_FILE = "takes.json"
PROMPT_FILE = "prompt.mid"

_VERSION = 1


@dataclass(frozen=True, slots=True)
class TimelineTake:
    """What a network sounded like at one moment of its training.

    Attributes:
        epoch: The epoch, from 1, that was just over or under way.
        batch: Batches done of it where it was under way; 0 where it was over.
        at: Epochs done, the part of the last one included: where it stands on the plot.
        step: Batches done in the whole training.
        seconds: Time spent on the run until then.
        train: Nats per note over the epoch, or the part of it that was done.
        validation: Nats per note on the validation pieces; None inside an epoch, or without such pieces.
        seed: With this seed the model of this moment makes the same music again.
        notes: Notes in it.
        length_sec: How long it sounds.
        cost_sec: How long the training waited for it.
    """

    epoch: int
    batch: int
    at: float
    step: int
    seconds: float
    train: float
    validation: float | None
    seed: int
    notes: int
    length_sec: float
    cost_sec: float

    @property
    def file(self) -> str:
        """Name of its MIDI file."""
        inside = f"-batch-{self.batch:05d}" if self.batch else ""
        return f"epoch-{self.epoch:04d}{inside}.mid"

    @property
    def loss(self) -> float:
        """What it is to be judged by: the validation loss, or the training loss where there is none."""
        return self.train if self.validation is None else self.validation


@dataclass(frozen=True, slots=True)
class Timeline:
    """The takes of a run.

    Attributes:
        takes: In the order of training.
        given_up_sec: Time spent on takes that were given up because they took too long.
    """

    takes: tuple[TimelineTake, ...] = ()
    given_up_sec: float = 0.0

    @property
    def cost_sec(self) -> float:
        """What all takes have cost the training, those that were given up included."""
        return self.given_up_sec + sum(take.cost_sec for take in self.takes)


def timeline_folder(run: Path) -> Path:
    """Where the takes of a run lie."""
    return run / TIMELINE_FOLDER


def take_file(run: Path, take: TimelineTake) -> Path:
    """The MIDI file of a take."""
    return timeline_folder(run) / take.file


def read_timeline(run: Path) -> Timeline:
    """The timeline of the run in a folder. What is damaged or whose music is gone is left out."""
    try:
        found = read_json(timeline_folder(run) / TABLE_FILE)
        rows = Fields(found, TABLE_FILE).take("takes", list, [])
        given_up = Fields(found, TABLE_FILE).take("given_up_sec", float, 0.0)
    except ProjectError:
        return Timeline()
    takes = (take for take in map(_take, rows) if take is not None and take_file(run, take).is_file())
    return Timeline(tuple(sorted(takes, key=lambda take: take.step)), given_up)


def write_timeline(run: Path, timeline: Timeline) -> None:
    """Write the table of a timeline.

    Raises:
        ProjectError: The disk is full, read-only or gone.
    """
    rows = [{**asdict(take), "file": take.file} for take in timeline.takes]
    table = {
        "version": _VERSION,
        "cost_sec": round(timeline.cost_sec, 3),
        "given_up_sec": round(timeline.given_up_sec, 3),
        "takes": rows,
    }
    write_json(timeline_folder(run) / TABLE_FILE, table)


def cut_timeline(run: Path, step: int) -> Timeline:
    """Take away what lies behind a step, and what a killed training left; the timeline as it is then.

    Raises:
        ProjectError: It could not be written.
    """
    folder = timeline_folder(run)
    if not folder.is_dir():
        return Timeline()
    sweep_unfinished(folder, older_than_sec=0.0)
    known = read_timeline(run)
    kept = Timeline(tuple(take for take in known.takes if take.step <= step), known.given_up_sec)
    if kept != known:
        write_timeline(run, kept)
    names = {take.file for take in kept.takes}
    for file in folder.glob("epoch-*.mid"):
        if file.name not in names:
            file.unlink(missing_ok=True)
    return kept


def _take(row: object) -> TimelineTake | None:
    """One row of the table; None where it is damaged."""
    if not isinstance(row, dict):
        return None
    fields = Fields(row, TABLE_FILE)
    try:
        take = TimelineTake(
            epoch=fields.take("epoch", int, 0),
            batch=fields.take("batch", int, 0),
            at=fields.take("at", float, math.nan),
            step=fields.take("step", int, 0),
            seconds=fields.take("seconds", float, 0.0),
            train=fields.take("train", float, math.nan),
            validation=fields.optional("validation", float),
            seed=fields.take("seed", int, 0),
            notes=fields.take("notes", int, 0),
            length_sec=fields.take("length_sec", float, 0.0),
            cost_sec=fields.take("cost_sec", float, 0.0),
        )
    except ProjectError:
        return None
    told = (take.at, take.train, take.seconds, take.length_sec, take.cost_sec)
    usable = take.epoch > 0 and take.batch >= 0 and all(math.isfinite(value) for value in told)
    return take if usable else None
