"""How well the models of compared runs foretell held-out music, measured once for each model and data set."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from musicgen_app.core.errors import DatasetError, ProjectError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.dataset.baselines import FOURGRAM
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.generation.checkpoint import read_header
from musicgen_app.project.runs import RunRecord
from musicgen_app.project.store import Fields, read_json, write_json
from musicgen_app.project.verdict import digest_of
from musicgen_app.tokens.catalogue import codec_from
from musicgen_app.workflow.differences import dataset_of
from musicgen_app.workflow.evaluate import evaluate

KEPT = "likelihoods"
"""Folder in the project's cache."""
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Likelihood:
    """How well a model foretells the held-out pieces of a data set.

    Attributes:
        nats: A note, or a token.
        unit: "note" or "token".
        interval: Lowest and highest that other such pieces would probably give (95 %); None for one piece.
        fourgram: What a 4-gram needs for the same; None where that was not counted.
        pieces, notes: How much was measured.
        dataset: Name of the data set.
        fingerprint: Of the data set.
    """

    nats: float
    unit: str
    interval: tuple[float, float] | None
    fourgram: float | None
    pieces: int
    notes: int
    dataset: str
    fingerprint: str


def nearest_dataset(run: RunRecord, project_dataset: Path) -> Dataset | None:
    """The data set a run learned from where it is still there, else that of the project; None without either."""
    path, fingerprint = dataset_of(run)
    own = _opened(project_dataset)
    if path is None or (own is not None and own.fingerprint == fingerprint):
        return own
    learned = _opened(path)
    return learned if learned is not None and learned.fingerprint == fingerprint else own


def likelihood(
    run: RunRecord, dataset: Dataset | None, cache: Path, report: Report, cancel: CancelToken
) -> Likelihood | str:
    """Measure a run's model on held-out pieces, or say in a sentence why it cannot be measured.

    Args:
        run: The run.
        dataset: The data set whose held-out pieces are read.
        cache: The project's folder for what may be deleted.
        report: Told how far it is.
        cancel: Looked at between files and between chunks of rows.

    Raises:
        Cancelled: Stopped on request.
        MusicgenError: What ``evaluate`` raises.
    """
    if run.checkpoint is None:
        return "It has no model to measure."
    if dataset is None:
        return "There is no data set to measure it on."
    if not dataset.pieces_of("validation"):
        return f"The data set {dataset.folder.name} holds nothing back."
    codec = codec_from(read_header(run.checkpoint).codec)
    if codec != dataset.codec:
        return f"Its notes are written in another way than those of {dataset.folder.name}."
    kept = cache / KEPT / f"{digest_of(run.checkpoint)[:16]}-{dataset.fingerprint[:16]}.json"
    known = _read(kept, dataset)
    if known is not None:
        return known
    found = evaluate(run.checkpoint, dataset.folder, report, cancel, dataset.folder)
    measured = Likelihood(
        nats=found.nats_per_note,
        unit="token" if len(codec.fields) == 1 else "note",
        interval=found.interval,
        fourgram=found.baselines.get(FOURGRAM),
        pieces=found.pieces,
        notes=found.notes,
        dataset=dataset.folder.name,
        fingerprint=dataset.fingerprint,
    )
    write_json(kept, {"version": _VERSION, **_plain(measured)})
    return measured


def _opened(folder: Path) -> Dataset | None:
    try:
        return open_dataset(folder)
    except DatasetError:
        return None


def _plain(found: Likelihood) -> Mapping[str, object]:
    interval = None if found.interval is None else list(found.interval)
    names = ("nats", "unit", "fourgram", "pieces", "notes")
    return {**{name: getattr(found, name) for name in names}, "interval": interval}


def _read(path: Path, dataset: Dataset) -> Likelihood | None:
    """What was measured before; None where it was not, or is damaged."""
    if not path.is_file():
        return None
    try:
        given = Fields(read_json(path), path.name)
        if given.take("version", int, 0) != _VERSION:
            return None
        interval = given.optional("interval", list)
        return Likelihood(
            nats=given.take("nats", float, 0.0),
            unit=given.take("unit", str, "note"),
            interval=None if interval is None else (float(interval[0]), float(interval[1])),
            fourgram=given.optional("fourgram", float),
            pieces=given.take("pieces", int, 0),
            notes=given.take("notes", int, 0),
            dataset=dataset.folder.name,
            fingerprint=dataset.fingerprint,
        )
    except (ProjectError, ValueError, TypeError, IndexError):
        return None
