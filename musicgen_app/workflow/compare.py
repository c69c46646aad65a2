"""The verb compare: two or more runs side by side, with takes from the same prompt."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from musicgen_app.core.errors import DatasetError, MusicgenError, UsageError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.generation.generator import MOST_NOTES, MOST_TAKES, SEEDS
from musicgen_app.generation.ready import KeptModel
from musicgen_app.project.document import Project
from musicgen_app.project.runs import RunRecord, read_run
from musicgen_app.project.verdict import Verdict
from musicgen_app.workflow.compared_figures import Likelihood, likelihood, nearest_dataset
from musicgen_app.workflow.compared_takes import TakeOrder, prompt_from, take_of
from musicgen_app.workflow.differences import Differences, dataset_of, differences
from musicgen_app.workflow.judge import judge
from musicgen_app.workflow.likeness import Likeness, likenesses
from musicgen_app.workflow.references import Reference, open_reference
from musicgen_app.workflow.steps import Steps

MOST_RUNS = 8
USUAL_TAKE_NOTES = 200


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """What to compare.

    Attributes:
        project: The project's folder.
        runs: Numbers of two or more runs.
        takes: Takes of each run; take ``k`` has the seed ``seed + k`` and a prompt of its own, the same for all runs.
        notes: Length of each take.
        seed: Of the first take.

    Raises:
        UsageError: There are fewer than two runs or more than eight, or a number is out of range.
    """

    project: Path
    runs: tuple[int, ...]
    takes: int = 1
    notes: int = USUAL_TAKE_NOTES
    seed: int = 0

    def __post_init__(self) -> None:
        if not 2 <= len(set(self.runs)) <= MOST_RUNS:
            raise UsageError(f"Choose 2 to {MOST_RUNS} different runs to compare.")
        if not 0 <= self.takes <= MOST_TAKES or not 1 <= self.notes <= MOST_NOTES:
            raise UsageError(f"Ask for 0 to {MOST_TAKES} takes of 1 to {MOST_NOTES:,} notes.")
        if not 0 <= self.seed < SEEDS - MOST_TAKES:
            raise UsageError(f"The seed is {self.seed:,}; expected 0 to {SEEDS - MOST_TAKES - 1:,}.")


@dataclass(frozen=True, slots=True)
class ComparedTake:
    """Music of a run.

    Attributes:
        file: Where it lies.
        prompt: What it goes on from; empty for nothing.
        seed: Of its random numbers; None for the output a run was imported with, which is as it came.
        verdict: What of it is copied, and how it repeats itself; None where there was nothing to hold it against.
    """

    file: Path
    prompt: str
    seed: int | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One of the runs.

    Attributes:
        number: Its number.
        title: Its title.
        imported: Whether it comes from a table of experiments.
        epochs: Epochs done.
        best_epoch: The epoch with the lowest loss; None where no loss is known.
        train, validation: Losses of that epoch; None where they are not known.
        minutes: How long it was trained; None where that is not known.
        table_score: The score its table names; None where it has none.
        likelihood: On held-out pieces; None where it was not measured.
        takes: Its music.
        problems: What was not possible, and why, in sentences.
    """

    number: int
    title: str
    imported: bool
    epochs: int
    best_epoch: int | None
    train: float | None
    validation: float | None
    minutes: float | None
    table_score: float | None
    likelihood: Likelihood | None = None
    takes: tuple[ComparedTake, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs side by side.

    Attributes:
        runs: As they were asked for.
        differences: Their settings.
        likeness: Figures of the takes of each run, by its number; empty without a data set.
        remarks: Sentences that a person should read beside the figures.
    """

    runs: tuple[ComparedRun, ...]
    differences: Differences
    likeness: Mapping[str, Likeness]
    remarks: tuple[str, ...] = ()


def outline(request: CompareRequest) -> tuple[Comparison, tuple[RunRecord, ...]]:
    """What can be said at once: the settings and the losses, without takes and without measuring.

    Raises:
        ProjectError: There is no such project.
        UsageError: There is no such run.
    """
    records = read_records(Project.open(request.project), request.runs)
    return Comparison(tuple(_brief(run) for run in records), differences(records), {}), records


def compare(
    request: CompareRequest, report: Report, cancel: CancelToken, now: Callable[[], float] = time.monotonic
) -> Comparison:
    """Compare runs: settings, losses, likelihoods, and takes with what is to be said of them.

    Likelihoods and takes are kept, and only made where the model or the settings are others than before. What fails
    for one run is a sentence in its ``problems``.

    Args:
        request: What to compare.
        report: Told how far it is.
        cancel: Looked at all the time.
        now: The clock, in seconds.

    Raises:
        ProjectError: There is no such project.
        UsageError: There is no such run.
        Cancelled: Stopped on request; what was made until then is kept.
    """
    project = Project.open(request.project)
    found, records = outline(request)
    steps = Steps(report, len(records) * (2 + request.takes) + 1, now)
    bench = _Bench(project, request, steps, cancel)
    runs = tuple(bench.compared(brief, run) for brief, run in zip(found.runs, records, strict=True))
    steps.begin("Measuring likeness")
    likeness = _likeness(runs, bench.dataset, steps, cancel)
    return Comparison(runs, found.differences, likeness, _remarks(runs, records))


def read_records(project: Project, numbers: Sequence[int]) -> tuple[RunRecord, ...]:
    """The runs of these numbers.

    Raises:
        UsageError: One of them is not there.
    """
    records = []
    for number in dict.fromkeys(numbers):
        folder = project.runs_folder / f"{number:04d}"
        if not folder.is_dir():
            raise UsageError(f"There is no run {number} in this project.", "musicgen runs list shows them.")
        records.append(read_run(folder))
    return tuple(records)


def open_project_dataset(project: Project) -> Dataset | None:
    """The data set of a project; None where there is none that can be used."""
    try:
        return open_dataset(project.dataset_folder)
    except DatasetError:
        return None


class _Bench:
    """What all runs of a comparison are held against."""

    def __init__(self, project: Project, request: CompareRequest, steps: Steps, cancel: CancelToken) -> None:
        self._project, self._request, self._steps, self._cancel = project, request, steps, cancel
        self._references: dict[Path, Reference] = {}
        self._model = KeptModel()
        self.dataset = open_project_dataset(project)
        seeds = range(request.seed, request.seed + request.takes)
        self._orders = [TakeOrder(seed, prompt_from(self.dataset, seed), notes=request.notes) for seed in seeds]

    def compared(self, brief: ComparedRun, run: RunRecord) -> ComparedRun:
        """A run with its likelihood and its takes."""
        problems: list[str] = []
        dataset = nearest_dataset(run, self._project.dataset_folder)
        self._cancel.check()
        self._steps.begin(f"{run.title}: likelihood")
        found: Likelihood | str
        try:
            found = likelihood(run, dataset, self._project.cache_folder, self._steps, self._cancel)
        except MusicgenError as error:
            found = str(error)
        if isinstance(found, str) and not brief.imported:  # of those it goes without saying
            problems.append(found)
        takes = self._takes(run, problems)
        self._steps.begin(f"{run.title}: originality")
        judged = tuple(self._judged(run, take, dataset, problems) for take in takes)
        measured = None if isinstance(found, str) else found
        return replace(brief, likelihood=measured, takes=judged, problems=tuple(dict.fromkeys(problems)))

    def _takes(self, run: RunRecord, problems: list[str]) -> list[ComparedTake]:
        """The takes of its model; of a run without one its output, as it is."""
        takes = []
        for number, order in enumerate(self._orders, 1):
            self._cancel.check()
            self._steps.begin(f"{run.title}: take {number}")
            if run.checkpoint is None:
                continue
            try:
                file = take_of(run, order, self._steps, self._cancel, self._model.ready)
            except MusicgenError as error:
                problems.append(str(error))
                continue
            takes.append(ComparedTake(file, order.prompt.words, order.seed, None))
        if run.checkpoint is None and run.output is not None and self._orders:
            takes.append(ComparedTake(run.output, "", None, run.verdict))
        return takes

    def _judged(self, run: RunRecord, take: ComparedTake, dataset: Dataset | None, problems: list[str]) -> ComparedTake:
        """A take with its verdict; that of an output which was judged before stays."""
        self._cancel.check()
        if take.verdict is not None or dataset is None:
            return take
        try:
            if dataset.folder not in self._references:
                self._references[dataset.folder] = open_reference(dataset.folder, self._steps, self._cancel)
            return replace(take, verdict=judge(take.file, self._references[dataset.folder]))
        except MusicgenError as error:
            problems.append(str(error))
            return take


def _brief(run: RunRecord) -> ComparedRun:
    best = run.losses.best_epoch
    train, validation = run.losses.at(best or 0)
    table = run.row
    minutes = float(run.losses.seconds[run.losses.seconds > 0].sum()) / 60 if run.epochs else None
    return ComparedRun(
        number=run.id,
        title=run.title,
        imported=table is not None,
        epochs=run.epochs,
        best_epoch=best,
        train=_known(train) if table is None or _known(train) is not None else table.number("loss"),
        validation=_known(validation),
        minutes=minutes if table is None else table.number("runtime(min.)"),
        table_score=None if table is None else table.number("score"),
    )


def _likeness(
    runs: Sequence[ComparedRun], dataset: Dataset | None, report: Report, cancel: CancelToken
) -> dict[str, Likeness]:
    heard = [run for run in runs if run.takes]
    if dataset is None or not heard:
        return {}
    try:
        groups = [[take.file for take in run.takes] for run in heard]
        found = likenesses(groups, dataset.folder, report, cancel)
    except MusicgenError:
        return {}  # an output without notes, which its run's problems tell
    return {str(run.number): one for run, one in zip(heard, found, strict=True)}


def _remarks(runs: Sequence[ComparedRun], records: Sequence[RunRecord]) -> tuple[str, ...]:
    """What stands between the figures of runs and a comparison of them."""
    remarks = []
    measured = [(run, run.likelihood) for run in runs if run.likelihood is not None]
    if len(measured) < 2:
        remarks.append("No two likelihoods can be compared here.")
    elif len({found.fingerprint for _, found in measured}) > 1:
        told = ", ".join(f"{run.title} on {found.dataset}" for run, found in measured)
        remarks.append(f"The likelihoods are of different data sets and cannot be compared: {told}.")
    elif len({found.notes for _, found in measured}) > 1:
        remarks.append("The likelihoods are of different tokens, since the windows differ; compare them with care.")
    for run, record in zip(runs, records, strict=True):
        learned = dataset_of(record)[1]
        if run.likelihood is not None and learned and learned != run.likelihood.fingerprint:
            remarks.append(
                f"{run.title} learned from another data set than it is measured on, "
                "so it may know the pieces that were held back."
            )
    imported = [run.title for run in runs if run.imported]
    if imported:
        is_or_are = "is" if len(imported) == 1 else "are"
        remarks.append(
            f"{', '.join(imported)} {is_or_are} imported, without a model to measure: nothing was held back, the loss "
            "is one of training, and the output stands in for a take."
        )
    return tuple(remarks)


def _known(value: float) -> float | None:
    return value if value == value and abs(value) != float("inf") else None
