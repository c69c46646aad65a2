"""The verb judge: of every output of a project the figures that its table cannot tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np

from musicgen_app.core.errors import MusicgenError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score
from musicgen_app.generation.habits import Habits, habits
from musicgen_app.generation.originality import RUN_SIZES
from musicgen_app.generation.suffix_array import Whole
from musicgen_app.generation.word_copies import struck_together
from musicgen_app.midi.reader import read_midi
from musicgen_app.project.document import Project
from musicgen_app.project.run_rows import RunRow
from musicgen_app.project.runs import RunRecord, read_run
from musicgen_app.project.verdict import Verdict, digest_of, write_verdict
from musicgen_app.workflow.experiments import ListRequest, list_runs, run_list
from musicgen_app.workflow.reference_library import ReferenceLibrary
from musicgen_app.workflow.references import Reference, has_notes

_STAGE = "Judging outputs"


def _no_numbers() -> Mapping[str, float]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """What to judge.

    Attributes:
        project: The project's folder.
        against: The reference: a note file, MIDI files, or the folder of a prepared data set. None holds imported
            outputs against what the project keeps of the music they learned from, and own ones against their data set.
        only_new: Whether outputs that were judged before are left out.
    """

    project: Path
    against: Path | None = None
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A run with an output.

    Attributes:
        run: Its number.
        test_id: Its name in tables of experiments.
        title: Its title.
        verdict: What was found out; None where the output cannot be read.
        problem: Why not, in a sentence; empty otherwise.
        table_score: The score its table names; None where it names none.
        held_out: Nats a note on pieces that were held back, at the best epoch; None where none were.
        baselines: What the same pieces cost without a network, nats a note by name; empty where that is not known.
        accuracy: Share of the notes of these pieces that are foretold right; None where nothing was held out.
    """

    run: int
    test_id: str
    title: str
    verdict: Verdict | None
    problem: str = ""
    table_score: float | None = None
    held_out: float | None = None
    baselines: Mapping[str, float] = field(default_factory=_no_numbers)
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """What was judged.

    Attributes:
        against: The reference, by name.
        runs: Every run with an output, oldest first.
        silent: So many runs have none, or nothing that theirs could be held against.
    """

    against: str
    runs: tuple[JudgedRun, ...]
    silent: int

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, in sentences."""
        return tuple(f"{one.title}: {one.problem}" for one in self.runs if one.problem)

    def summary(self) -> str:
        """What was found, in a sentence."""
        judged = [one.verdict for one in self.runs if one.verdict is not None]
        if not judged:
            return "No run has an output that can be judged."
        least = RUN_SIZES[-1]
        copies = sum(one.copied.longest >= least for one in judged)
        loops = sum(one.habits.loop is not None for one in judged)
        outputs = "1 output was" if len(judged) == 1 else f"{len(judged):,} outputs were"
        return (
            f"{outputs} held against {self.against}: {copies:,} with {least} or more in a row from it, "
            f"{loops:,} caught in a loop."
        )


def judge_runs(request: JudgeRequest, report: Report, cancel: CancelToken) -> JudgeReport:
    """Judge the outputs of all runs of a project, and keep what is found in their folders.

    Raises:
        ProjectError: There is no such project, or it cannot be written.
        UsageError, NoteFileError, MidiReadError, DatasetError: The reference cannot be used.
        Cancelled: Stopped on request; what was found until then is kept.
    """
    project = Project.open(request.project)
    if request.against is not None and not request.against.exists():
        raise UsageError(f"{request.against} is not there.", "Check the name of the reference.")
    rows = run_list(project.folder, report, cancel)
    wanted = [row for row in rows if row.output and not (request.only_new and row.longest_copy is not None)]
    library = ReferenceLibrary(project.folder, request.against)
    judged = []
    try:
        for done, row in enumerate(wanted):
            cancel.check()
            report(Progress(_STAGE, done, len(wanted), item=row.title))
            found = library.reference(project.runs_folder / row.folder, row.imported, report, cancel)
            if found is not None:
                judged.append(_judged(project.runs_folder / row.folder, row, *found))
    finally:
        # A stopped list_runs would hide what is already in the folders.
        list_runs(ListRequest(project.folder), report, CancelToken())
    return JudgeReport(library.names, tuple(judged), len(rows) - len(judged))


def judge_own(project: Path, folder: Path, report: Report, cancel: CancelToken) -> Verdict | None:
    """Judge the output of a run of this program against the data set it learned from, and keep what is found.

    Returns:
        The verdict; None where there is no output, or the data set is not there any more.

    Raises:
        MidiReadError, UsageError, DatasetError, ProjectError: It cannot be judged, or the verdict not be written.
        Cancelled: Stopped on request.
    """
    run = read_run(folder)
    if run.output is None:
        return None
    found = ReferenceLibrary(project).reference(folder, False, report, cancel)
    if found is None:
        return None
    verdict = replace(judge(run.output, found[0]), where=found[1])
    write_verdict(folder, verdict)
    return verdict


def judge(output: Path, reference: Reference) -> Verdict:
    """What is to be said of one output.

    Raises:
        MidiReadError: It is damaged.
        UsageError: It has no notes.
    """
    score = read_midi(output).score
    if not has_notes(score):
        raise UsageError(f"{output.name} has no notes to judge.", "Only drums, or nothing at all, was written.")
    return Verdict(
        output=output.name,
        digest=digest_of(output),
        against=reference.name,
        judged=datetime.now(UTC).isoformat(timespec="seconds"),
        copied=reference.judge(score),
        habits=_habits(score),
    )


def _judged(folder: Path, row: RunRow, reference: Reference, where: str) -> JudgedRun:
    """Judge one run and keep the verdict."""
    run = read_run(folder)
    about = JudgedRun(
        row.id,
        row.test_id,
        row.title,
        None,
        table_score=row.score if row.imported else None,
        held_out=row.validation,
        baselines=dict(run.baselines),
        accuracy=row.accuracy,
    )
    try:
        verdict = replace(judge(_output(run, row), reference), where=where)
    except MusicgenError as error:
        return replace(about, problem=error.message)
    write_verdict(folder, verdict)
    return replace(about, verdict=verdict)


def _output(run: RunRecord, row: RunRow) -> Path:
    return run.output if run.output is not None else run.folder / row.output


def _habits(score: Score) -> Habits:
    """The habits of a piece, a token being what begins together."""
    return habits(_numbered(score))


def _numbered(score: Score) -> Whole:
    """Shape (tokens,): equal numbers for what is struck together alike."""
    numbers: dict[tuple[int, ...], int] = {}
    return np.array([numbers.setdefault(keys, len(numbers)) for keys in struck_together(score)], dtype=np.int64)
