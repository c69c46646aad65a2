"""The verb generate: from a checkpoint to finished takes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.errors import DatasetError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter, TempoMap
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.dataset.token_windows import joined_tokens, words
from musicgen_app.generation.checkpoint import read_header
from musicgen_app.generation.generator import Continuation, Ending, NotesReport, SampleConfig, continue_openings
from musicgen_app.generation.opening import Opening, moved_back
from musicgen_app.generation.ready import ReadyModel, make_ready
from musicgen_app.midi.reader import read_midi
from musicgen_app.tokens.codec import Codec
from musicgen_app.tokens.seed import Rendering, SeedCodec
from musicgen_app.workflow.learned import learned_music

MOST_PASSAGE_NOTES = 1000

_REPORT_EVERY_SEC = 0.1
_REPORT_SHARE = 0.05
"""Reporting takes at most about this share of the time; long takes are reported less often."""

_PASSAGE_STREAM = 1
"""The passage is drawn from another stream of random numbers than the notes."""


@dataclass(frozen=True, slots=True)
class GenerateConfig:
    """What to generate, and from what.

    Attributes:
        checkpoint: The model's file.
        sample: Length, boldness, seed and number of takes.
        prompt: The music to continue.
        prompt_file: A MIDI file with the music to continue.
        passage: Folder of a data set out of which each take continues a random passage. Of these three at most one is
            given; with none the music begins from nothing.
        passage_notes: Length of the passage in notes, 1 to 1000.
        include_prompt: Whether the takes begin with what they continue.
        rendering: How words become notes, where the model writes words; None as the model says.

    Raises:
        UsageError: A value is out of range, or there is more than one thing to continue.
    """

    checkpoint: Path
    sample: SampleConfig
    prompt: Score | None = None
    prompt_file: Path | None = None
    passage: Path | None = None
    passage_notes: int = 64
    include_prompt: bool = True
    rendering: Rendering | None = None

    def __post_init__(self) -> None:
        if sum(given is not None for given in (self.prompt, self.prompt_file, self.passage)) > 1:
            raise UsageError("Choose one thing to continue: given music, a MIDI file or a random passage.")
        if not 1 <= self.passage_notes <= MOST_PASSAGE_NOTES:
            raise UsageError(f"A passage of {self.passage_notes} notes; expected 1 to {MOST_PASSAGE_NOTES}.")


@dataclass(frozen=True, slots=True)
class Take:
    """One piece of generated music.

    Attributes:
        score: The music, with what it continues if that was asked for.
        seed: With this seed and one take, the same settings make the same music again.
        notes: How many notes were generated.
        prompt_notes: How many notes of ``score`` are the prompt's.
        prompt: What is continued: the title of a data set's piece, or a file's name; "" where it is neither.
        seconds: How long the whole score sounds.
        ending: "length" (as long as asked for), "end" (the network ended it), "crowded" (too many notes for its
            length) or "stopped".
        seconds_taken: How long generating all takes took.
        notes_per_second: Notes of all takes generated a second.
        model: Title of the model.
        words: What was generated, word for word, where the model writes words.
    """

    score: Score
    seed: int
    notes: int
    prompt_notes: int
    prompt: str
    seconds: float
    ending: Ending
    seconds_taken: float
    notes_per_second: float
    model: str
    words: tuple[str, ...] = ()


def generate(
    config: GenerateConfig,
    report: Report,
    cancel: CancelToken,
    now: Callable[[], float] = time.monotonic,
    ready: Callable[[Path], ReadyModel] = make_ready,
) -> tuple[Take, ...]:
    """Generate takes. Being cancelled is no loss: what is there by then is returned.

    Reports a ``NotesReport`` for each take and ``Progress``, at the first note and then about ten times a second.

    Args:
        config: What to generate, and from what.
        report: Told what there is.
        cancel: Looked at after every row.
        now: The clock, in seconds.
        ready: Makes a model's file ready; the window keeps the last one.

    Raises:
        CheckpointError: The model cannot be used.
        MidiReadError: Nothing can be read from the MIDI file to be continued.
        UsageError: There are no notes to continue, or a rendering is given for a model that writes notes.
        CodecError: The model's notes are of a kind this version does not know.
        DatasetError: The data set of the passage cannot be used.
    """
    report(Progress("Loading the model", item=config.checkpoint.name))
    model = _rendering_as(config.rendering, ready(config.checkpoint))
    openings, titles = _openings(config, model)
    began = now()
    takes: tuple[Continuation, ...] = ()
    teller = _Teller(report, config.sample, now)
    for takes in continue_openings(model.stepper, openings, config.sample):
        if cancel.cancelled:
            break
        teller.tell(takes)
    taken = now() - began
    return _finished(takes, titles, model.title or config.checkpoint.parent.name, taken)


def _rendering_as(rendering: Rendering | None, model: ReadyModel) -> ReadyModel:
    """The model with another rendering of its words.

    Raises:
        UsageError: It writes notes, which say themselves when and how they sound.
    """
    if rendering is None:
        return model
    if not isinstance(model.codec, SeedCodec):
        raise UsageError(
            "Step, duration, velocity and octave are for models that write words; this one writes notes.",
            "Leave them out.",
        )
    return replace(model, codec=replace(model.codec, rendering=rendering))


class _Teller:
    """Reports what there is, now and then."""

    def __init__(self, report: Report, sample: SampleConfig, now: Callable[[], float]) -> None:
        self._report = report
        self._wanted = sample.notes
        self._now = now
        self._began = now()
        self._next: float | None = None

    def tell(self, takes: Sequence[Continuation]) -> None:
        """Report the first take's first note, then if the last report is old enough or everything is done."""
        moment = self._now()
        early = takes[0].notes == 0 if self._next is None else moment < self._next
        if early and any(take.ending is None for take in takes):
            return
        for number, take in enumerate(takes):
            score = take.score()
            self._report(NotesReport(number, score, len(score.notes) - take.opening.prompt_notes))
        share = sum(take.share if take.ending is None else 1.0 for take in takes) / len(takes)
        left = (moment - self._began) * (1 - share) / share if share > 0 else None
        total = self._wanted * len(takes) if self._wanted is not None else 100
        self._report(Progress("Generating", round(share * total), total, left))
        told = self._now()
        self._next = told + max(_REPORT_EVERY_SEC, (told - moment) / _REPORT_SHARE)


def _finished(takes: Sequence[Continuation], titles: Sequence[str], model: str, taken: float) -> tuple[Take, ...]:
    made = []
    for take, title in zip(takes, titles, strict=True):
        score, codec = take.score(), take.opening.codec
        made.append(
            Take(
                score=score,
                seed=take.seed,
                notes=len(score.notes) - take.opening.prompt_notes,
                prompt_notes=take.opening.prompt_notes,
                prompt=title,
                seconds=TempoMap(score).second(score.end),
                ending=take.ending or "stopped",
                seconds_taken=taken,
                notes_per_second=0.0,
                model=model,
                words=tuple(codec.words_of(take.rows)) if isinstance(codec, SeedCodec) else (),
            )
        )
    speed = sum(take.notes for take in made) / taken if taken > 0 else 0.0
    return tuple(replace(take, notes_per_second=speed) for take in made)


def _openings(config: GenerateConfig, model: ReadyModel) -> tuple[list[Opening], list[str]]:
    """What each take begins from, and the title of the piece it comes from."""
    count, codec = config.sample.count, model.codec
    if model.window and config.prompt is None and config.prompt_file is None:
        return _windows(config, model)
    if config.passage is None:
        title = config.prompt_file.stem if config.prompt_file is not None else ""
        prompt = config.prompt if config.prompt_file is None else read_midi(config.prompt_file).score
        opening = Opening(codec, prompt, config.include_prompt)
        if prompt is not None and len(opening.heard) == 1:
            raise UsageError(
                f"There are no notes to continue{f' in {title}' if title else ''}.", "Percussion is not heard."
            )
        return [opening] * count, [title] * count
    chosen = [_passage(config.passage, config.passage_notes, config.sample.seed_of(take)) for take in range(count)]
    return [Opening(codec, score, config.include_prompt) for score, _ in chosen], [title for _, title in chosen]


def _windows(config: GenerateConfig, model: ReadyModel) -> tuple[list[Opening], list[str]]:
    """Random windows of training tokens, as the seeds begin, and the pieces they begin in.

    Of a data set that is named the window is a passage to continue; otherwise it is only heard.
    """
    dataset = _tokens_to_begin_with(config, model.codec)
    pieces = dataset.pieces_of("train")
    lengths = np.cumsum([len(words(model.codec, dataset.rows(piece))) for piece in pieces])
    tokens = joined_tokens(dataset, "train")
    openings, titles = [], []
    for take in range(config.sample.count):
        first = window_start(len(tokens), model.window, config.sample.seed_of(take))
        rows = tokens[first : first + model.window, np.newaxis]
        prompt = None if config.passage is None else model.codec.decode(rows)
        openings.append(Opening(model.codec, prompt, config.include_prompt, rows))
        titles.append(pieces[int(np.searchsorted(lengths, first, side="right"))].title)
    return openings, titles


def window_start(tokens: int, window: int, seed: int) -> int:
    """Where among so many training tokens the window lies from which a take with this seed begins."""
    return int(np.random.default_rng([seed, _PASSAGE_STREAM]).integers(max(1, tokens - window)))


def _tokens_to_begin_with(config: GenerateConfig, codec: Codec) -> Dataset:
    """The data set that is named, or the one the model learned from."""
    dataset: Dataset | None
    if config.passage is not None:
        dataset = open_dataset(config.passage)
        if _without_rendering(dataset.codec) != _without_rendering(codec):
            raise DatasetError(
                f"The notes of {dataset.folder.name} are written in another way than the model's.",
                "Choose a data set with the model's vocabulary.",
            )
    else:
        dataset = learned_music(
            config.checkpoint, read_header(config.checkpoint), config.checkpoint.parent, None
        ).dataset
    if dataset is None or not len(joined_tokens(dataset, "train")):
        raise UsageError(
            "This network begins from a window of tokens, and the music it learned from was not found.",
            "Choose a passage of a data set or a file to continue.",
        )
    return dataset


def _without_rendering(codec: Codec) -> Codec:
    """What a codec reads does not depend on how it sounds."""
    return replace(codec, rendering=Rendering()) if isinstance(codec, SeedCodec) else codec


def _passage(folder: Path, notes: int, seed: int) -> tuple[Score, str]:
    """A random passage of a data set, every note equally likely to be its first, and the title of its piece."""
    dataset = open_dataset(folder)
    pieces = [piece for piece in dataset.pieces if piece.notes]
    if not pieces:
        raise DatasetError(f"The data set {folder.name} has no notes to continue.", "Prepare it from other files.")
    rng = np.random.default_rng([seed, _PASSAGE_STREAM])
    weights = np.array([piece.notes for piece in pieces], np.float64)
    piece = pieces[int(rng.choice(len(pieces), p=weights / weights.sum()))]
    whole = dataset.codec.decode(np.array(dataset.rows(piece)))
    first = int(rng.integers(max(1, len(whole.notes) - notes + 1)))
    return excerpt(whole, np.arange(first, min(first + notes, len(whole.notes)))), piece.title


def excerpt(whole: Score, chosen: NDArray[np.intp]) -> Score:
    """Some notes of a score (indices, at least one, ascending), with the pedal of their time, as a score of their own.

    It begins with the bar of the first note, in the tempo and metre of the whole.
    """
    notes = whole.notes[chosen]
    onset, last = int(notes["onset"][0]), int(notes["onset"][-1])
    meter = Meter(whole)
    bar = meter.bar_onset(meter.position(onset).bar)
    pedals = whole.pedals[(whole.pedals["onset"] >= onset) & (whole.pedals["onset"] <= last)]
    return moved_back(replace(whole, notes=notes, pedals=pedals), bar)
