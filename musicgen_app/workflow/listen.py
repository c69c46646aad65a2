"""Blind listening tests: pairs of takes in an order nobody knows, and what the answers come to."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from musicgen_app.core.errors import UsageError
from musicgen_app.core.preference import Tally
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score
from musicgen_app.generation.ready import KeptModel
from musicgen_app.midi.reader import read_midi
from musicgen_app.project.document import Project
from musicgen_app.project.listening import (
    Session,
    keep_session,
    next_round,
    read_sessions,
    tally_words,
    whole_tally,
)
from musicgen_app.project.notebook import new_entry, read_notebook, with_entry, write_notebook
from musicgen_app.project.runs import RunRecord
from musicgen_app.workflow.compare import open_project_dataset, read_records
from musicgen_app.workflow.compared_takes import (
    TakeOrder,
    clip,
    music_of,
    output_score,
    prompt_from,
    span_of,
    take_of,
)

MOST_ROUNDS = 100
USUAL_ROUNDS = 10
USUAL_SECONDS = 20.0
_STAGE = "Making music for the test"
_ORDER_STREAM = 3
_SILENCE_SEC = 4.0
"""So much more is made of a take than is heard: it may begin with a rest, which is left out."""


@dataclass(frozen=True, slots=True)
class ListenRequest:
    """A listening test to be made ready.

    Attributes:
        project: The project's folder.
        runs: Two runs, each with a model or an output.
        seed: Decides the order.
        rounds: Pairs to be heard.
        seconds: Length of each take; shorter where an output is.

    Raises:
        UsageError: The runs are the same, or a number is out of range.
    """

    project: Path
    runs: tuple[int, int]
    seed: int
    rounds: int = USUAL_ROUNDS
    seconds: float = USUAL_SECONDS

    def __post_init__(self) -> None:
        if self.runs[0] == self.runs[1]:
            raise UsageError("A listening test needs two different runs.")
        if not 1 <= self.rounds <= MOST_ROUNDS:
            raise UsageError(f"{self.rounds} rounds; expected 1 to {MOST_ROUNDS}.")
        if not 1 <= self.seconds <= 120:
            raise UsageError(f"{self.seconds:g} seconds a take; expected 1 to 120.")
        if self.seed < 0:
            raise UsageError("The seed is negative.")


@dataclass(frozen=True, slots=True)
class BlindRound:
    """A pair to be heard.

    Attributes:
        number: Of the round, counted over all sessions of the pair.
        first: Number of the run that is heard as A.
        music: What is heard as A and as B, of one length.
    """

    number: int
    first: int
    music: tuple[Score, Score]


@dataclass(frozen=True, slots=True)
class BlindTest:
    """A listening test that can begin.

    Attributes:
        session: Nothing is answered in it yet.
        names: What to call both runs when it is over, in the order of ``session.runs``.
        seconds: Length of every take.
        rounds: In the order they are heard.
    """

    session: Session
    names: tuple[str, str]
    seconds: float
    rounds: tuple[BlindRound, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a listening test came to.

    Attributes:
        session: With its answers.
        tally: Of this session.
        total: Of all sessions with the same music.
        sessions: How many of those there are.
        words: All that in sentences.
    """

    session: Session
    tally: Tally
    total: Tally
    sessions: int
    words: str


def make_test(
    request: ListenRequest, report: Report, cancel: CancelToken, now: Callable[[], float] = time.monotonic
) -> BlindTest:
    """Make the music of a listening test, and the order nobody is told.

    Each round has its own seed and prompt, the same for both runs. Of a run without a model each round has another
    part of its output. Rounds that were heard before are not heard again.

    Raises:
        ProjectError: There is no such project.
        UsageError: A run is not there, or has neither model nor output.
        MusicgenError: Music could not be made.
        Cancelled: Stopped on request; takes that were made are kept.
    """
    project = Project.open(request.project)
    runs = (min(request.runs), max(request.runs))
    records = read_records(project, runs)
    outputs = {run.id: output_score(run) for run in records if run.checkpoint is None}
    lengths = [last - first for first, last in map(span_of, outputs.values())]
    seconds = min([request.seconds, *lengths])
    music = (music_of(records[0]), music_of(records[1]))
    begin = next_round(read_sessions(project.folder, runs))
    session = Session(_name(request), datetime.now(UTC).isoformat(timespec="seconds"), runs, music, request.rounds)
    order = np.random.default_rng([request.seed, _ORDER_STREAM]).permutation(np.arange(request.rounds) % 2)
    maker = _Maker(project, outputs, seconds, report, cancel)
    rounds, started = [], now()
    for place, turned in enumerate(order.tolist()):
        cancel.check()
        left = (now() - started) * (request.rounds - place) / place if place else None
        report(Progress(_STAGE, place, request.rounds, left))
        pair = tuple(maker.music(run, begin + place) for run in records)
        first, second = (1, 0) if turned else (0, 1)
        rounds.append(BlindRound(begin + place, runs[first], (pair[first], pair[second])))
    return BlindTest(session, (records[0].title, records[1].title), seconds, tuple(rounds))


def keep_answers(project: Path, session: Session, names: tuple[str, str], now: datetime | None = None) -> Heard:
    """Keep the answers of a session in the project, and write what they come to into the notebook.

    Args:
        project: The project's folder.
        session: With its answers, also of a test that was stopped.
        names: What to call both runs.
        now: When; this moment where None.

    Raises:
        ProjectError: It cannot be written.
    """
    known = session in read_sessions(project, session.runs)
    sessions = keep_session(project, session)
    alike = [one for one in sessions if one.music == session.music and one.rounds]
    heard = told(session, names, whole_tally(sessions, session.music), len(alike))
    if known:  # counted a second time
        return heard
    titles = (re.sub(r"[\[\]()\n]", " ", name) for name in names)
    links = " and ".join(f"[{title}](run:{run})" for title, run in zip(titles, session.runs, strict=True))
    text = f"{links}, heard without knowing which is which.\n\n{heard.words}"
    entry = new_entry("Blind listening test", text, now or datetime.now())
    write_notebook(project, with_entry(read_notebook(project), entry))
    return heard


def told(session: Session, names: tuple[str, str], total: Tally, sessions: int) -> Heard:
    """What a session comes to, in words, beside those before it."""
    tally = session.tally()
    parts = [tally_words(tally, names)]
    if session.stopped:
        parts.insert(0, f"Stopped after {len(session.rounds)} of {session.planned} rounds.")
    if sessions > 1:
        words = tally_words(total, names)
        parts.append(f"With the {_tests(sessions - 1)} before: {words[:1].lower()}{words[1:]}")
    return Heard(session, tally, total, sessions, " ".join(parts))


class _Maker:
    """Makes what is heard of a run in a round."""

    def __init__(
        self, project: Project, outputs: dict[int, Score], seconds: float, report: Report, cancel: CancelToken
    ) -> None:
        self._dataset = open_project_dataset(project)
        self._outputs, self._seconds = outputs, seconds
        self._report, self._cancel = report, cancel
        self._models: dict[int, KeptModel] = {}

    def music(self, run: RunRecord, number: int) -> Score:
        """A take with the round's own seed and prompt, or another part of the output."""
        output = self._outputs.get(run.id)
        if output is not None:
            first, last = span_of(output)
            return clip(output, first + _place(number, last - first - self._seconds), self._seconds)
        order = TakeOrder(number, prompt_from(self._dataset, number), seconds=self._seconds + _SILENCE_SEC)
        model = self._models.setdefault(run.id, KeptModel())
        take = take_of(run, order, _deaf, self._cancel, model.ready)
        score = read_midi(take).score
        return clip(score, span_of(score)[0], self._seconds)


def _deaf(_report: object) -> None:
    """What a single take reports would hide how far the test is."""


def _place(number: int, room: float) -> float:
    """Where in an output a round begins: spread evenly, and never the same place twice (golden ratio)."""
    return ((number - 1) * 0.6180339887498949) % 1.0 * max(0.0, room - 0.5)


def _name(request: ListenRequest) -> str:
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{request.seed % 10_000}"


def _tests(count: int) -> str:
    return "test" if count == 1 else f"{count} tests"
