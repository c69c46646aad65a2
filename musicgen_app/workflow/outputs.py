"""The verb output: music by the model of a run, written into its folder, or into that of a child that shares it."""

import contextlib
import dataclasses
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from musicgen_app.core.errors import Cancelled, DatasetError, MidiReadError, MusicgenError, ProjectError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report, silent
from musicgen_app.generation.checkpoint import read_header
from musicgen_app.generation.generator import USUAL_TOP_P, SampleConfig
from musicgen_app.midi.writer import midi_bytes
from musicgen_app.project.contents import PROJECT_FILE
from musicgen_app.project.output_file import OutputFacts, output_path, write_output
from musicgen_app.project.run_rows import score_of
from musicgen_app.project.runs import RunRecord, label_run, new_run_folder, read_run
from musicgen_app.project.shared_model import describe_child, parent_folder
from musicgen_app.tokens.seed import NAME as WORDS
from musicgen_app.tokens.seed import Rendering
from musicgen_app.workflow.generate import GenerateConfig, Take, generate
from musicgen_app.workflow.judge import judge_own
from musicgen_app.workflow.notebook import note_end

USUAL_NOTES = 200
"""So long are the seeds' outputs, and those of a run of which nobody says otherwise."""
USUAL_PICK = 1
"""The likeliest word, as in most of the seeds' experiments."""

LENGTHS = ("notes", "seconds", "bars")
_BOLDNESS = ("temperature", "top_k", "top_p")
_SAMPLE = frozenset(one.name for one in dataclasses.fields(SampleConfig))

Maker = Callable[[GenerateConfig, Report, CancelToken], tuple[Take, ...]]


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class OutputRequest:
    """What music is to be made.

    Attributes:
        run: Folder of the run.
        sample: Settings of ``SampleConfig`` by name, where they are not to be as the run says.
        rendering: How words become notes; None as the run says.
        again: Whether the music is for a new run that shares the model, and not for this one.
        title: What to call the new run; empty for its number.
    """

    run: Path
    sample: Mapping[str, Any] = field(default_factory=_nothing)
    rendering: Rendering | None = None
    again: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class OutputMade:
    """What was made.

    Attributes:
        run: Number of the run it belongs to.
        parent: Number of the run whose model that one shares; 0 where it has its own.
        file: The MIDI file.
        notes: How many notes it has.
        score: Distinct words or chords as a share of all; None without any.
        sample: How it was made, settings of ``SampleConfig``.
    """

    run: int
    parent: int
    file: Path
    notes: int
    score: float | None
    sample: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """How an output is made.

    Attributes:
        checkpoint: The model's file.
        sample: Length, boldness and seed.
        rendering: How words become notes; None as the model says.
    """

    checkpoint: Path
    sample: SampleConfig
    rendering: Rendering | None = None

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the sample that say something, by name."""
        usual = {one.name: one.default for one in dataclasses.fields(SampleConfig)}
        plain = dataclasses.asdict(self.sample)
        return MappingProxyType({name: value for name, value in plain.items() if value != usual[name]})


def plan_of(run: RunRecord, sample: Mapping[str, Any], rendering: Rendering | None = None) -> OutputPlan:
    """How the output of a run is made: as is asked, else as its last one, else as was planned, else as is usual.

    Raises:
        UsageError: It has no model, there is no such setting, or a value is out of range.
        CheckpointError: The model cannot be read.
        CodecError: The run names a rendering that is none.
    """
    if run.checkpoint is None or not run.checkpoint.is_file():
        raise UsageError(f"{run.title} has no model to make music with.", "Choose a run that was trained here.")
    unknown = sorted(sample.keys() - _SAMPLE)
    if unknown:
        raise UsageError(f"There is no setting {unknown[0]!r} of making music.")
    planned = dict(run.plan or {})
    kept: object = planned.pop("rendering", {})
    if run.made is not None:
        planned, kept = dict(run.made.sample), run.made.rendering
    said = {name: value for name, value in planned.items() if name in _SAMPLE}
    usual = _usual(writes_words(run.checkpoint))
    values = _merged(_merged(usual, said), sample)
    if rendering is None and isinstance(kept, Mapping) and kept:
        rendering = Rendering.from_json(kept)
    return OutputPlan(run.checkpoint, SampleConfig(**values), rendering)


def writes_words(checkpoint: Path) -> bool:
    """Whether a model writes the words of the seeds.

    Raises:
        CheckpointError: It cannot be read.
    """
    return read_header(checkpoint).codec.get("codec") == WORDS


def make_output(request: OutputRequest, report: Report, cancel: CancelToken, make: Maker = generate) -> OutputMade:
    """Make music with the model of a run, and write it with its score into the run's folder, or into a child's.

    An output that lay there is replaced. A child is there only when its music is.

    Args:
        request: What is to be made.
        report: Told how far it is.
        cancel: Looked at after every note.
        make: Makes the music; the queue has it done by another process.

    Raises:
        UsageError, CheckpointError, CodecError, DatasetError: The run has no model, or nothing can be made with it so.
        ProjectError: The music could not be written.
        Cancelled: Stopped on request; nothing was written.
    """
    run = read_run(request.run)
    plan = plan_of(run, request.sample, request.rendering)
    takes = make(GenerateConfig(plan.checkpoint, plan.sample, rendering=plan.rendering), report, cancel)
    cancel.check()
    take = takes[0]
    score = len(set(take.words)) / len(take.words) if take.words else None
    rendering = {} if plan.rendering is None else plan.rendering.to_json()
    facts = OutputFacts(plan.settings, MappingProxyType(rendering), score)
    content = midi_bytes(take.score)
    if request.again:
        folder = _child(run, request.title, content, facts)
        parent = run.parent or run.id
    else:
        folder, parent = run.folder, run.parent
        write_output(folder, content, facts)
    _judged(folder, cancel)
    file = output_path(folder)
    return OutputMade(
        run=int(folder.name) if folder.name.isdecimal() else 0,
        parent=parent,
        file=file,
        notes=len(take.score.notes),
        score=score_of(file) if score is None else score,
        sample=plan.settings,
    )


def output_at_end(run: Path, report: Report, cancel: CancelToken) -> str:
    """Make the output of a training that has just ended, where its run says so.

    Returns:
        Why it could not be made, in a sentence: no reason for a training to fail. Empty where it was made, or where
        none was asked for.
    """
    record = read_run(run)
    if not record.plan:
        return ""
    report(Progress("Writing its output"))
    try:
        make_output(OutputRequest(run), silent, cancel)
    except Cancelled:
        return "Its output was not made: it was stopped."
    except MusicgenError as error:
        return f"Its output could not be made: {error.message}"
    return ""


def _judged(folder: Path, cancel: CancelToken) -> None:
    """Hold the output of a run against what it learned from; the music is there, judged or not."""
    project = folder.parent.parent
    if (project / PROJECT_FILE).is_file():
        with contextlib.suppress(MidiReadError, UsageError, DatasetError, ProjectError):
            judge_own(project, folder, silent, cancel)


def _usual(words: bool) -> dict[str, Any]:
    if words:
        return {"notes": USUAL_NOTES, "random_pick": USUAL_PICK}
    return {"notes": USUAL_NOTES, "top_p": USUAL_TOP_P}


def _merged(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with others over them: one length takes the place of another, boldness that of the random pick."""
    kept = dict(before)
    if any(given.get(name) is not None for name in LENGTHS):
        kept = {name: value for name, value in kept.items() if name not in LENGTHS}
    if any(name in given for name in _BOLDNESS):
        kept.pop("random_pick", None)
    return {**kept, **given, "count": 1}


def _child(run: RunRecord, title: str, content: bytes, facts: OutputFacts) -> Path:
    """A new run with the model of another."""
    owner = parent_folder(run.folder, run.parent) if run.parent else run.folder
    folder = new_run_folder(run.folder.parent)
    try:
        write_output(folder, content, facts)
        describe_child(folder, owner, folder.name, datetime.now(UTC).isoformat(timespec="seconds"))
        if title:
            label_run(folder, title, "")
        note_end(folder)
    except MusicgenError:
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)
        raise
    return folder
