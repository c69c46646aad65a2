"""Makes rows, one after the other, for several takes at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.random import default_rng  # by name: as np.random numpy would load it only when the first note is awaited
from numpy.typing import NDArray

from musicgen_app.core.errors import UsageError
from musicgen_app.core.score import Score
from musicgen_app.generation.constraints import Constraints
from musicgen_app.generation.opening import Opening
from musicgen_app.generation.sampling import choose, drawn, random_pick
from musicgen_app.generation.stepper import AnyStepper
from musicgen_app.tokens.codec import Rows

MOST_NOTES = 20_000
MOST_SECONDS = 3600.0
MOST_BARS = 2000
MOST_TEMPERATURE = 5.0
MOST_TAKES = 16
SEEDS = 2**31
"""Seeds are 0 up to but not including this."""

MOST_SILENT_ROWS = 12
"""After so many pedal changes in a row a note has to come."""

_ROWS_A_SECOND = 60
_ROWS_A_BAR = 240
_DRAWS_AT_ONCE = 64
_NOTES_A_LOOK = 8
"""So often the time is taken; what is made beyond the length is cut off."""

Ending = Literal["length", "end", "crowded", "stopped"]


USUAL_TOP_P = 0.95
"""What the window and the command line begin with: small networks sound better without their least likely choices."""


@dataclass(frozen=True, slots=True)
class SampleConfig:
    """How much music is asked for, and how boldly it is chosen.

    Exactly one of the three lengths is given. Take ``k`` has the seed ``seed + k`` and is the same music whatever the
    number of takes: it can be made again alone.

    Attributes:
        notes: Length in notes, 1 to 20,000; pedal changes do not count.
        seconds: Length in seconds, above 0 to 3600.
        bars: Length in bars, 1 to 2000.
        temperature: 0 (always the likeliest) to 5; 1 is as the network learned.
        top_k: Choose among this many of the likeliest classes of each field; 0 is all.
        top_p: Choose among the likeliest classes that make up this share, above 0 to 1; 1 is all.
        random_pick: Choose among this many of the likeliest classes, all alike, as the seed experiments did: 1 is the
            likeliest. It takes the place of temperature, top-k and top-p; 0 leaves the choice to them.
        seed: 0 to 2147483647.
        count: How many takes, 1 to 16.
        may_end: Whether a take may come to its end before the length asked for.

    Raises:
        UsageError: A value is out of range.
    """

    notes: int | None = None
    seconds: float | None = None
    bars: int | None = None
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0
    count: int = 1
    may_end: bool = False
    random_pick: int = 0

    def __post_init__(self) -> None:
        if sum(length is not None for length in (self.notes, self.seconds, self.bars)) != 1:
            raise UsageError("Give one length: in notes, in seconds or in bars.")
        _check("The length in notes", self.notes, 1, MOST_NOTES)
        _check("The length in seconds", self.seconds, 0.1, MOST_SECONDS)
        _check("The length in bars", self.bars, 1, MOST_BARS)
        _check("The temperature", self.temperature, 0, MOST_TEMPERATURE)
        _check("Top-k", self.top_k, 0, 32_767)
        _check("Top-p", self.top_p, 0.001, 1)
        _check("The random pick", self.random_pick, 0, 32_767)
        _check("The seed", self.seed, 0, SEEDS - 1)
        _check("The number of takes", self.count, 1, MOST_TAKES)

    def seed_of(self, take: int) -> int:
        """The seed with which take number ``take`` (from 0) can be made again alone."""
        return (self.seed + take) % SEEDS


@dataclass(frozen=True, slots=True)
class NotesReport:
    """What a take holds so far.

    Attributes:
        take: Its number, from 0.
        score: As it would be if it ended here.
        notes: How many of its notes are new.
    """

    take: int
    score: Score
    notes: int


class Continuation:
    """One take while it is made.

    Attributes:
        opening: What it begins from.
        seed: Its seed.
        notes: Rows so far that are notes.
        ending: Why it ended; None while it goes on.
    """

    def __init__(self, opening: Opening, sample: SampleConfig, seed: int) -> None:
        self.opening = opening
        self.seed = seed
        self.notes = 0
        self.ending: Ending | None = None
        self._wanted_notes = sample.notes
        self._enough = sample.notes or 0
        self._end: int | None = None
        self._most_rows = (sample.notes or 0) * (MOST_SILENT_ROWS + 2) + 200
        if sample.seconds is not None:
            self._end = opening.after_seconds(sample.seconds)
            self._most_rows += int(sample.seconds * _ROWS_A_SECOND)
        if sample.bars is not None:
            self._end = opening.after_bars(sample.bars)
            self._most_rows += sample.bars * _ROWS_A_BAR
        self._rng = default_rng(seed)
        self._draws = np.empty((0, 0))
        self._rows: Rows = np.zeros((256, len(opening.codec.fields)), np.int16)
        self._count = 0
        self._silent = 0
        self._clocked = 0
        self._clock = 0
        self._clock_ticks_per_beat = 1

    @property
    def rows(self) -> Rows:
        """Shape (rows, fields): what has been made."""
        return self._rows[: self._count]

    @property
    def must_sound(self) -> bool:
        """Whether the next row has to be a note."""
        return self._silent >= MOST_SILENT_ROWS

    @property
    def share(self) -> float:
        """How much of the length asked for is there, 0 to 1."""
        if self._wanted_notes is not None:
            return min(1.0, self.notes / self._wanted_notes)
        begin, end = self.opening.base, self._end or 1
        return min(1.0, max(0.0, (self._now() - begin) / max(1, end - begin)))

    def score(self) -> Score:
        """The finished score of what has been made."""
        return self.opening.score(self.rows, self._end)

    def draw(self) -> NDArray[np.float64]:
        """Shape (fields,): the random numbers of the next row."""
        at = self._count % _DRAWS_AT_ONCE
        if at == 0:
            self._draws = self._rng.random((_DRAWS_AT_ONCE, self._rows.shape[1]))
        draws: NDArray[np.float64] = self._draws[at]
        return draws

    def add(self, row: Rows, ends: bool, sounds: bool) -> None:
        """Take one more row, and see whether the take is done.

        Args:
            row: Shape (fields,).
            ends: Whether it is the end.
            sounds: Whether it is a note.
        """
        if ends:
            self.ending = "end"
            return
        if self._count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._rows[self._count] = row
        self._count += 1
        if not sounds:
            self._silent += 1
        else:
            self._silent = 0
            self.notes += 1
            self._look_at_length()
        if self.ending is None and self._count >= self._most_rows:
            self.ending = "crowded"

    def _look_at_length(self) -> None:
        """Called behind a note: whether the length asked for is there."""
        if self._wanted_notes is not None:
            done = self.notes >= self._enough and self._missing(self._wanted_notes) == 0
        elif self._end is not None and self.notes % _NOTES_A_LOOK == 0:
            self._move_clock()
            done = self._now() >= self._end
        else:
            done = False
        if done:
            self.ending = "length"

    def _missing(self, wanted: int) -> int:
        """How many notes the score lacks; so many more have to come before it is worth while to look again.

        A note struck twice at one moment sounds once, so only the score can tell.
        """
        missing = max(0, wanted - (len(self.score().notes) - self.opening.prompt_notes))
        self._enough = self.notes + missing
        return missing

    def _move_clock(self) -> None:
        """Add the time from the note last looked at to this one, which is the last row."""
        heard = self.opening.codec.decode(self.rows[self._clocked :])
        self._clock += int(heard.notes["onset"][-1]) + (self.opening.codec.pause if self._clocked else 0)
        self._clock_ticks_per_beat = heard.ticks_per_beat
        self._clocked = self._count

    def _now(self) -> int:
        """The tick, in the finished score, of the last note counted."""
        if self._clocked == 0:
            return self.opening.base
        return int(self.opening.ticks(np.array(self._clock), self._clock_ticks_per_beat))


def continue_openings(
    stepper: AnyStepper, openings: Sequence[Opening], sample: SampleConfig
) -> Iterator[tuple[Continuation, ...]]:
    """Make takes, all at once, a row at a time.

    Args:
        stepper: The network.
        openings: What each take begins from; as many as ``sample.count``.
        sample: How they are made.

    Yields:
        The takes, after every row. They are the same objects each time; the last time all have an ending.
    """
    takes = tuple(Continuation(o, sample, sample.seed_of(index)) for index, o in enumerate(openings))
    codec = openings[0].codec
    constraints = Constraints(codec)
    states: dict[int, Any] = {}
    for opening in openings:
        if id(opening) not in states:
            states[id(opening)] = stepper.read(opening.heard[:-1], opening.began)
    stepper.resume([states[id(opening)] for opening in openings])
    rows = np.stack([opening.heard[-1] for opening in openings])
    active = list(takes)
    while active:
        rows = _next_rows(stepper, constraints, active, rows, sample)
        ends, sounds = codec.is_end(rows).tolist(), codec.is_note(rows).tolist()
        for take, row, is_end, is_note in zip(active, rows, ends, sounds, strict=True):
            take.add(row, is_end, is_note)
        yield takes
        going = [index for index, take in enumerate(active) if take.ending is None]
        if len(going) < len(active):
            stepper.resume([stepper.state(index) for index in going])
            active, rows = [active[index] for index in going], rows[going]


def _next_rows(
    stepper: AnyStepper, constraints: Constraints, takes: Sequence[Continuation], rows: Rows, sample: SampleConfig
) -> Rows:
    """Shape (takes, fields): the rows that follow ``rows``."""
    hidden = stepper.feed(rows)
    draws = np.array([take.draw() for take in takes])
    must_sound = np.array([take.must_sound for take in takes])
    following = np.zeros_like(rows)
    limits = sample.temperature, sample.top_k, sample.top_p
    for field in range(rows.shape[1]):
        chosen = following[:, :field]
        allowed = constraints.allowed(field, chosen, sample.may_end, must_sound)
        logits = stepper.logits(hidden, field, chosen)
        if sample.random_pick:
            following[:, field] = choose(random_pick(logits, allowed, sample.random_pick), draws[:, field])
        else:
            following[:, field] = drawn(logits, allowed, limits, draws[:, field])
    return following


def _check(name: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not least <= value <= most:
        # "g" is for seconds and shares; it would turn a seed into 2.14748e+09.
        said = f"{value:,}" if isinstance(value, int) else f"{value:g}"
        raise UsageError(f"{name} is {said}; expected {least:,} to {most:,}.")
