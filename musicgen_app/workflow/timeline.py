"""Listen to a training: now and then make a short take of its network, with the same seed and the same prompt."""

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from musicgen_app.core.errors import MusicgenError, UsageError
from musicgen_app.core.files import make_folder, write_atomically
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.core.score import Score
from musicgen_app.core.timing import TempoMap
from musicgen_app.dataset.store import Dataset
from musicgen_app.dataset.token_windows import joined_tokens
from musicgen_app.generation.checkpoint import Checkpoint
from musicgen_app.generation.generator import USUAL_TOP_P, Continuation, SampleConfig, continue_openings
from musicgen_app.generation.opening import Opening
from musicgen_app.generation.ready import ReadyModel, ready_model
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import midi_bytes
from musicgen_app.ml.hearing import Moment
from musicgen_app.project.document import Project
from musicgen_app.project.runs import LOSSES_FILE, read_losses
from musicgen_app.project.timeline import (
    PROMPT_FILE,
    Timeline,
    TimelineTake,
    cut_timeline,
    read_timeline,
    take_file,
    timeline_folder,
    write_timeline,
)
from musicgen_app.tokens.codec import Codec
from musicgen_app.workflow.cadence import AUTO, cadence_of, expected_from, first_guess_sec
from musicgen_app.workflow.generate import window_start

TAKE_SECONDS = 20.0
_LEAST_SHARE = 0.02
"""A take of which less was made says little about what the whole would have cost."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TakesPlan:
    """How a run is listened to; stands in ``run.json``.

    Attributes:
        every: "off", "auto", "epoch", or minutes.
        seed: Of each take.
        prompt: What each continues: the name of the file it came from; "" where it begins from nothing. Of a prompt the
            run's folder holds a copy.
    """

    every: str = AUTO
    seed: int = 0
    prompt: str = ""

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON values."""
        return {"every": self.every, "seed": self.seed, "prompt": self.prompt, "seconds": TAKE_SECONDS}

    @staticmethod
    def from_json(values: Mapping[str, Any]) -> "TakesPlan":
        """The plan of a run that was begun earlier."""
        return TakesPlan(str(values.get("every", AUTO)), int(values.get("seed", 0)), str(values.get("prompt", "")))


def plan_takes(every: str, prompt: Path | None, seed: int, codec: Codec, run: Path) -> TakesPlan:
    """Settle how a new run is listened to, and copy the prompt into its folder.

    Args:
        every: As in ``cadence_of``; "" for what is usual.
        prompt: A MIDI file that each take continues.
        seed: Of each take.
        codec: Of the data set.
        run: The run's folder.

    Raises:
        UsageError: There is no such cadence, or there are no notes to continue.
        MidiReadError: Nothing can be read from the prompt.
        FileWriteError: It could not be copied.
    """
    every = every or AUTO
    cadence_of(every)
    if prompt is None:
        return TakesPlan(every, seed)
    score = read_midi(prompt).score
    if len(Opening(codec, score).heard) == 1:
        raise UsageError(f"There are no notes to continue in {prompt.name}.", "Percussion is not heard.")
    make_folder(timeline_folder(run))
    write_atomically(timeline_folder(run) / PROMPT_FILE, midi_bytes(score))
    return TakesPlan(every, seed, prompt.stem)


class TimelineHearer:
    """Makes the takes of a run. What goes wrong here is no reason for a training to fail.

    Args:
        run: The run's folder.
        plan: How it is listened to.
        dataset: What is learned from.
        report: Told of each take (TimelineTake).
        cancel: Looked at after every note.
        now: The clock, in seconds.
    """

    def __init__(
        self,
        run: Path,
        plan: TakesPlan,
        dataset: Dataset,
        report: Report,
        cancel: CancelToken,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run = run
        self._plan = plan
        self._dataset = dataset
        self._report = report
        self._cancel = cancel
        self._now = now
        self._cadence = cadence_of(plan.every)
        self._sample = SampleConfig(seconds=TAKE_SECONDS, top_p=USUAL_TOP_P, seed=plan.seed)
        self._known = Timeline()
        self._expected_sec: float | None = None
        self._opening: Opening | None = None

    def begin(self, step: int) -> None:
        """The training goes on from this step: later takes are made again."""
        try:
            self._known = cut_timeline(self._run, step)
        except (MusicgenError, OSError) as error:
            _log.warning("The timeline could not be cut: %s", error)
        if self._known.takes:
            self._expected_sec = expected_from(self._known.takes[-1].cost_sec, 1.0)

    def hear(self, moment: Moment, model: Callable[[], Checkpoint]) -> None:
        """Make a take if one is due."""
        if self._expected_sec is None:
            # Before the first take only the size of the network says what one will cost.
            if not self._cadence.due(moment, self._known, first_guess_sec(0)):
                return
            self._expected_sec = first_guess_sec(model().header.network.parameters())
        if not self._cadence.due(moment, self._known, self._expected_sec):
            return
        try:
            self._take(moment, model)
        except (MusicgenError, MemoryError, ValueError) as error:
            _log.warning("A take could not be made: %s", error)

    def _take(self, moment: Moment, model: Callable[[], Checkpoint]) -> None:
        """Make a take and keep it, or give it up where it takes too long."""
        began = self._now()
        limit = self._cadence.limit_sec(moment, self._known)
        made = self._made(model(), math.inf if limit is None else began + limit)
        if self._cancel.cancelled:
            return
        if made.ending is None:
            self._give_up(self._now() - began, made.share)
            return
        score = made.score()
        take = self._described(moment, score)
        make_folder(timeline_folder(self._run))
        write_atomically(take_file(self._run, take), midi_bytes(score))
        take = replace(take, cost_sec=round(self._now() - began, 3))
        self._known = replace(self._known, takes=(*self._known.takes, take))
        self._expected_sec = expected_from(take.cost_sec, 1.0)
        write_timeline(self._run, self._known)
        self._report(take)

    def _made(self, checkpoint: Checkpoint, until: float) -> Continuation:
        """A take; without an ending where it was given up at this time."""
        model = ready_model(checkpoint, "the run")
        rows = continue_openings(model.stepper, [self._begin_from(model)], self._sample)
        (take,) = next(rows)
        while take.ending is None:
            if self._cancel.cancelled or self._now() > until:
                break
            next(rows)
        return take

    def _begin_from(self, model: ReadyModel) -> Opening:
        """What each take begins from: the prompt; else nothing, or what a windowed network needs to hear first."""
        if self._opening is None:
            codec, prompt, rows = model.codec, None, None
            if self._plan.prompt:
                prompt = read_midi(timeline_folder(self._run) / PROMPT_FILE).score
            elif model.window:
                tokens = joined_tokens(self._dataset, "train")
                first = window_start(len(tokens), model.window, self._plan.seed)
                rows = tokens[first : first + model.window, np.newaxis]
            self._opening = Opening(codec, prompt, False, rows)
        return self._opening

    def _give_up(self, cost_sec: float, share: float) -> None:
        self._known = replace(self._known, given_up_sec=self._known.given_up_sec + cost_sec)
        self._expected_sec = expected_from(cost_sec, max(share, _LEAST_SHARE))
        make_folder(timeline_folder(self._run))
        write_timeline(self._run, self._known)

    def _described(self, moment: Moment, score: Score) -> TimelineTake:
        train, validation = moment.loss, None
        if train is None:
            train, measured = read_losses(self._run / LOSSES_FILE).at(moment.epoch)
            validation = None if math.isnan(measured) else measured
        return TimelineTake(
            epoch=moment.epoch + (1 if moment.batch else 0),
            batch=moment.batch,
            at=moment.epoch + moment.batch / moment.batches,
            step=moment.step,
            seconds=round(moment.seconds, 3),
            train=train,
            validation=validation,
            seed=self._plan.seed,
            notes=len(score.notes),
            length_sec=round(TempoMap(score).second(score.end), 3),
            cost_sec=0.0,
        )


def timeline_of(project: Path, number: int) -> tuple[Path, Timeline]:
    """The folder of a run of a project, and what it sounded like on the way.

    Raises:
        ProjectError: There is no such project.
        UsageError: It has no such run.
    """
    run = Project.open(project).runs_folder / f"{number:04d}"
    if not run.is_dir():
        raise UsageError(f"There is no run {number} in {project.name}.", "List the runs: musicgen runs list.")
    return run, read_timeline(run)
