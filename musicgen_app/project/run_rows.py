"""Runs as rows of a table: all that a list of runs shows, sorts, searches and exports, without the losses by epoch."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from musicgen_app.core.errors import MusicgenError
from musicgen_app.midi.reader import read_midi
from musicgen_app.project.output_file import OutputFacts
from musicgen_app.project.run_findings import foretold_by, found_in
from musicgen_app.project.runs import RunRecord, list_runs
from musicgen_app.project.seed_row import SEED_COLUMNS, SeedRow
from musicgen_app.project.seed_table import table_text

OWN_COLUMNS = (
    "title",
    "preset",
    "status",
    "epochs_done",
    "best_epoch",
    "validation",
    "seed",
    "data set",
    "parent",
    "true weight decay",
    "notes",
    "counted score",
    "longest copy",
    "copied share",
    "loop period",
    "longest stuck",
    "copied from",
    "accuracy",
    "held-out low",
    "held-out high",
    "unigram",
    "bigram",
    "4-gram",
)
"""Our columns of the exported table, behind those of the seeds."""

_OPTIMIZER = "adamw"
_MISSING = "-"


class RunRow(NamedTuple):
    """One run. Numbers are None where they are not known.

    Attributes:
        id, folder, title, notes, status, created: As in ``RunRecord``; the folder by its name alone.
        architecture: The network's preset, or one of the seeds' architectures.
        dataset: The data set an imported row names; empty for others.
        parent: The test whose model an imported row used again, or the number of the run whose model a child shares;
            empty for others.
        test_id: Its name in tables of experiments.
        learning_rate, batch_size, epochs, sequence_length, dropout, random_pick: The settings; epochs as planned.
        lr_time_decay: The seeds' ``weight_decay``, which was a decay of the learning rate over time.
        weight_decay: The true one.
        optimizer: Its name.
        loss: On the training pieces, in nats a note (a token in imported rows), at the best epoch.
        score: Distinct tokens of the output as a share of all.
        runtime_min: Minutes.
        comments, problems: Words.
        epochs_done, best_epoch, validation: What its losses say.
        seed: Of its random numbers.
        notes_per_second: How fast it learned.
        has_model: Whether music can be made with it.
        has_state: Whether it can be trained on from what is on the disk.
        output: Name of the MIDI file that lies with it; empty where there is none.
        counted_score: The score as it was counted in the output itself, when it was judged.
        longest_copy, copied_share: Tokens or notes of the output in the longest run that stands in the reference it
            was judged against, and the part of all in runs of 8 or more.
        loop_period: Tokens in a round of the longest loop of the output.
        longest_stuck: The longest row of one token.
        copied_from: Where the longest run stands, in words; empty where the output was not judged.
        accuracy: Share of the held-out notes whose every field is foretold right; None where nothing was held out.
        held_low, held_high: What other such pieces would probably cost (95 %), in nats a note.
        unigram, bigram, fourgram: What the held-out pieces cost without a network.
        cells: The seeds' 14 columns; of an imported row word for word.
        extra: Further columns of an imported row, as pairs of heading and cell.
    """

    id: int
    folder: str
    title: str
    notes: str
    status: str
    created: str
    architecture: str
    dataset: str
    parent: str
    test_id: str
    learning_rate: float | None
    batch_size: int | None
    epochs: int | None
    sequence_length: int | None
    lr_time_decay: float | None
    weight_decay: float | None
    optimizer: str
    dropout: float | None
    random_pick: int | None
    loss: float | None
    score: float | None
    runtime_min: float | None
    comments: str
    problems: str
    epochs_done: int
    best_epoch: int | None
    validation: float | None
    seed: int | None
    notes_per_second: float | None
    has_model: bool
    has_state: bool
    output: str
    counted_score: float | None
    longest_copy: int | None
    copied_share: float | None
    loop_period: int | None
    longest_stuck: int | None
    copied_from: str
    accuracy: float | None
    held_low: float | None
    held_high: float | None
    unigram: float | None
    bigram: float | None
    fourgram: float | None
    cells: tuple[str, ...]
    extra: tuple[tuple[str, str], ...]

    @property
    def imported(self) -> bool:
        """Whether it comes from a table of experiments."""
        return self.status == "imported"

    @property
    def can_resume(self) -> bool:
        """Whether training was interrupted and can go on."""
        return self.status in ("stopped", "failed") and self.has_state

    @property
    def can_go_further(self) -> bool:
        """Whether training came to its end and can be given more epochs."""
        return self.status == "done" and self.has_state and self.epochs_done > 0


def row_of(run: RunRecord) -> RunRow:
    """The row of a run."""
    best = run.losses.best_epoch
    train, validation = run.losses.at(best or 0)
    values = _imported(run.row) if run.row is not None else _own(run, train)
    return RunRow(
        id=run.id,
        folder=run.folder.name,
        title=run.title,
        notes=run.notes,
        status=run.status,
        created=run.created,
        architecture=run.preset,
        dataset=run.row.dataset if run.row is not None else "",
        parent=run.row.parent if run.row is not None else str(run.parent or ""),
        epochs_done=run.epochs,
        best_epoch=best,
        validation=_known(validation),
        seed=_whole(run.settings.get("seed")),
        notes_per_second=_number(run.summary.get("notes_per_second")),
        has_model=run.checkpoint is not None,
        has_state=run.has_state,
        output=run.output.name if run.output is not None else "",
        extra=tuple(run.row.extra.items()) if run.row is not None else (),
        **found_in(run.verdict),  # type: ignore[arg-type]
        **foretold_by(run),  # type: ignore[arg-type]
        **values,  # type: ignore[arg-type]
    )


def run_rows(folder: Path) -> tuple[RunRow, ...]:
    """The rows of the runs inside ``folder``, oldest first; every run is read."""
    return tuple(row_of(run) for run in list_runs(folder))


def experiment_table(rows: Iterable[RunRow]) -> str:
    """The table of experiments as CSV text: the seeds' columns, ours, then those that came with imported rows."""
    rows = tuple(rows)
    further = dict.fromkeys(name for row in rows for name, _ in row.extra if name not in OWN_COLUMNS)
    taken = {row.cells[0] for row in rows if row.imported}
    lines = []
    for row in rows:
        extra = dict(row.extra)
        cells = row.cells
        if not row.imported and cells[0] in taken:
            cells = (f"run {row.id}", *cells[1:])  # an imported test has this name
        lines.append((*cells, *_own_cells(row), *(extra.get(name, "") for name in further)))
    return table_text((*SEED_COLUMNS, *OWN_COLUMNS, *further), lines)


def score_of(path: Path) -> float | None:
    """Distinct tokens of a MIDI file as a share of all; what begins together is one token. None without notes."""
    try:
        notes = read_midi(path).score.notes
    except MusicgenError:
        return None
    starts = np.flatnonzero(np.diff(notes["onset"], prepend=-1))
    tokens = [tuple(chord) for chord in np.split(notes["pitch"], starts[1:])] if len(notes) else []
    return len(set(tokens)) / len(tokens) if tokens else None


def _own_cells(row: RunRow) -> tuple[str, ...]:
    decay = "" if row.weight_decay is None else f"{row.weight_decay:g}"
    validation = "" if row.validation is None else f"{row.validation:.4f}"
    found = (
        (row.counted_score, ".3f"),
        (row.longest_copy, "d"),
        (row.copied_share, ".3f"),
        (row.loop_period, "d"),
        (row.longest_stuck, "d"),
    )
    best, seed = (("" if value is None else str(value)) for value in (row.best_epoch, row.seed))
    return (
        row.title,
        row.architecture,
        row.status,
        str(row.epochs_done),
        best,
        validation,
        seed,
        row.dataset,
        row.parent,
        decay,
        row.notes if row.imported else "",
        *("" if value is None else f"{value:{form}}" for value, form in found),
        row.copied_from,
        "" if row.accuracy is None else f"{row.accuracy:.4f}",
        *(
            "" if value is None else f"{value:.4f}"
            for value in (row.held_low, row.held_high, row.unigram, row.bigram, row.fourgram)
        ),
    )


def _imported(row: SeedRow) -> dict[str, object]:
    return {
        "test_id": row.words("test_id"),
        "learning_rate": row.number("learning_rate"),
        "batch_size": row.whole("batch_size"),
        "epochs": row.whole("epochs"),
        "sequence_length": row.whole("sequence_length"),
        "lr_time_decay": row.number("weight_decay"),
        "weight_decay": None,
        "optimizer": row.words("optimizer"),
        "dropout": row.number("dropout"),
        "random_pick": row.whole("random pick"),
        "loss": row.number("loss"),
        "score": row.number("score"),
        "runtime_min": row.number("runtime(min.)"),
        "comments": row.words("comments"),
        "problems": row.words("Problems"),
        "cells": row.cells,
    }


def _own(run: RunRecord, loss: float) -> dict[str, object]:
    minutes = float(np.nansum(run.losses.seconds)) / 60 if run.epochs else None
    values: dict[str, object] = {
        "test_id": str(run.id),
        "learning_rate": _number(run.settings.get("learning_rate")),
        "batch_size": _whole(run.settings.get("batch")),
        "epochs": _whole(run.settings.get("epochs")),
        "sequence_length": _whole(run.settings.get("window")),
        "lr_time_decay": _number(run.settings.get("time_decay")),
        "optimizer": str(run.settings.get("optimizer", _OPTIMIZER)) if run.settings else "",
        "dropout": _number(run.settings.get("dropout")),
        "random_pick": _pick(run),
        "loss": _known(loss),
        "score": _score(run),
        "runtime_min": minutes,
        "comments": "; ".join(part for part in (_model_words(run), run.notes.replace("\n", " ")) if part),
        "problems": run.problems or (run.reason if run.status == "failed" else ""),
    }
    # In the order of the seeds' columns.
    cells = tuple(_cell(name, value) for name, value in values.items())
    return {**values, "weight_decay": _number(run.settings.get("weight_decay")), "cells": cells}


def _pick(run: RunRecord) -> int | None:
    """What the output was chosen from, or is to be."""
    return OutputFacts(run.plan or {}).random_pick if run.made is None else run.made.random_pick


def _score(run: RunRecord) -> float | None:
    if run.output is None:
        return None
    known = None if run.made is None else run.made.score
    return score_of(run.output) if known is None else known


def _model_words(run: RunRecord) -> str:
    return f"model: run {run.parent}" if run.parent else ""


def _cell(name: str, value: object) -> str:
    if value is None or value == "":
        return "" if name in ("comments", "problems") else _MISSING
    decimals = {"loss": "{:.4f}", "score": "{:.3f}", "runtime_min": "{:.2f}"}
    if name in decimals:
        return decimals[name].format(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
