"""Takes of runs that are to be compared: from one prompt and seed, made once and kept in the folder of the run."""

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.errors import CodecError, UsageError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.core.score import DEFAULT_TICKS_PER_BEAT, Score
from musicgen_app.core.timing import TempoMap
from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.generator import USUAL_TOP_P, SampleConfig
from musicgen_app.generation.ready import ReadyModel, make_ready
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import midi_bytes
from musicgen_app.project.runs import RunRecord
from musicgen_app.project.store import write_file
from musicgen_app.project.verdict import digest_of
from musicgen_app.workflow.generate import GenerateConfig, excerpt, generate

TAKES_FOLDER = "compared"
"""Folder of a run in which its takes lie."""
PROMPT_NOTES = 64
"""Notes of a held-out piece that the takes go on from; they are not heard again in the take."""
_PROMPT_STREAM = 2
_TRIES = 20
_VERSION = 2
"""To be raised when the same settings come to make other music."""


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """What takes go on from.

    Attributes:
        score: The music; None to begin from nothing.
        words: Where it is from, to be shown; empty where they begin from nothing.
    """

    score: Score | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class TakeOrder:
    """One take that is asked for of every run.

    Attributes:
        seed: Of its random numbers.
        prompt: What it goes on from.
        notes, seconds: Its length; exactly one is given.
    """

    seed: int
    prompt: Prompt
    notes: int | None = None
    seconds: float | None = None


def prompt_from(dataset: Dataset | None, seed: int) -> Prompt:
    """A passage of a piece that was held back (of any, where none was), chosen by the seed; none without a data set."""
    pieces = [] if dataset is None else [piece for piece in dataset.pieces_of("validation") if piece.notes > 1]
    if dataset is not None and not pieces:
        pieces = [piece for piece in dataset.pieces if piece.notes > 1]
    if dataset is None or not pieces:
        return Prompt()
    rng = np.random.default_rng([seed, _PROMPT_STREAM])
    for _ in range(_TRIES):
        piece = pieces[int(rng.integers(len(pieces)))]
        whole = dataset.score(piece)
        first = int(rng.integers(max(1, len(whole.notes) - PROMPT_NOTES + 1)))
        first, last = _whole_chords(whole, first, min(first + PROMPT_NOTES, len(whole.notes)))
        passage = excerpt(whole, np.arange(first, last))
        # A passage may hold a word that its data set, and so no model of it, knows.
        with contextlib.suppress(CodecError):
            dataset.codec.encode(passage)
            return Prompt(passage, f"{piece.title}, note {first + 1:,}")
    return Prompt()


def _whole_chords(score: Score, first: int, last: int) -> tuple[int, int]:
    """The notes from ``first`` to before ``last``, from the beginning of a chord to that of another."""
    onset = score.notes["onset"]
    begun = int(np.searchsorted(onset, onset[first]))
    if last == len(onset):
        return begun, last
    ended = int(np.searchsorted(onset, onset[last]))
    return begun, ended if ended > begun else int(np.searchsorted(onset, onset[last], side="right"))


def music_of(run: RunRecord) -> str:
    """The digest of what a run's music comes from: its model, or the output it was imported with; empty for neither."""
    source = run.checkpoint or run.output
    return "" if source is None else digest_of(source)


def take_of(
    run: RunRecord,
    order: TakeOrder,
    report: Report,
    cancel: CancelToken,
    ready: Callable[[Path], ReadyModel] = make_ready,
) -> Path:
    """The take of a run's model, made now where it was not made before.

    Raises:
        UsageError: The run has no model.
        MusicgenError: What ``generate`` raises.
        ProjectError: It cannot be kept.
        Cancelled: Stopped on request; half a take is not kept.
    """
    if run.checkpoint is None:
        raise UsageError(f"{run.title} has no model to make music with.")
    path = run.folder / TAKES_FOLDER / f"{_name(run.checkpoint, order)}.mid"
    if path.is_file():
        return path
    sample = SampleConfig(notes=order.notes, seconds=order.seconds, seed=order.seed, top_p=USUAL_TOP_P)
    config = GenerateConfig(run.checkpoint, sample, prompt=order.prompt.score, include_prompt=False)
    (take,) = generate(config, report, cancel, ready=ready)
    cancel.check()
    if not len(take.score.notes):
        raise UsageError(f"The model of {run.title} made no notes.")
    write_file(path, midi_bytes(take.score))
    return path


def clip(score: Score, first_sec: float, seconds: float) -> Score:
    """The part of a score that sounds in a stretch of time, from the note that begins it.

    It has one track, one tempo and no metre: only its sound tells where it is from. Notes that go on beyond the end
    are let go there.

    Raises:
        UsageError: Nothing begins in that time.
    """
    tempo, notes = TempoMap(score), piano_notes(score)
    onsets, ends = tempo.seconds(notes["onset"]), tempo.seconds(notes["onset"] + notes["duration"])
    later = np.flatnonzero(onsets >= first_sec)
    if not len(later) or onsets[later[0]] >= first_sec + seconds:
        raise UsageError("Nothing begins in that part of the music.")
    begin = float(onsets[later[0]])
    inside = later[onsets[later] < begin + seconds]
    chosen, pedals = notes[inside].copy(), score.pedals.copy()
    chosen["onset"] = _plain_ticks(onsets[inside] - begin)
    chosen["duration"] = np.maximum(1, _plain_ticks(np.minimum(ends[inside] - begin, seconds)) - chosen["onset"])
    moments = tempo.seconds(pedals["onset"]) - begin
    pedals["onset"] = _plain_ticks(np.maximum(moments, 0))
    pedals = pedals[(moments >= 0) & (moments < seconds)]
    chosen["track"] = pedals["track"] = 0
    return Score(notes=chosen, pedals=pedals)


def span_of(score: Score) -> tuple[float, float]:
    """The second of its first onset, and that in which its last note ends.

    Raises:
        UsageError: It has no notes.
    """
    notes = piano_notes(score)
    if not len(notes):
        raise UsageError("There are no notes to listen to.")
    first, last = TempoMap(score).seconds([int(notes["onset"][0]), int((notes["onset"] + notes["duration"]).max())])
    return float(first), float(last)


def output_score(run: RunRecord) -> Score:
    """The music an imported run came with.

    Raises:
        UsageError: It came without any.
        MidiReadError: It is damaged.
    """
    if run.output is None:
        raise UsageError(f"{run.title} has neither a model nor an output.", "Choose a run with music.")
    return read_midi(run.output).score


def _plain_ticks(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Ticks of a score without a tempo of its own: 120 beats a minute."""
    return np.rint(seconds * 2 * DEFAULT_TICKS_PER_BEAT).astype(np.int64)


def _name(model: Path, order: TakeOrder) -> str:
    """The file name of a take: what a person looks for, and what only the same music has."""
    prompt = b"" if order.prompt.score is None else midi_bytes(order.prompt.score)
    told = [_VERSION, digest_of(model), order.notes, order.seconds, order.seed, USUAL_TOP_P]
    key = hashlib.sha256(json.dumps(told).encode() + prompt).hexdigest()[:12]
    length = f"{order.notes}-notes" if order.notes is not None else f"{order.seconds:g}-s"
    return f"seed-{order.seed}-{length}-{key}"
