"""The nine quantities a set is shown by, the bars each is counted in, and the condition that chooses some of them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from musicgen_app.dataset.library_query import Among, Span

Marks = tuple[tuple[float, str], ...]
"""Words below a picture and where they stand: 0 is the middle of the first bar, 0.5 its right edge."""

NONE = "none"
_OTHERS = "others"
_DASH = "\N{EN DASH}"
_METRES = 8
"""So many metres have a bar of their own."""
_BARELY = 1e-9


@dataclass(frozen=True, slots=True)
class Bar:
    """What is counted together.

    Attributes:
        words: What it is alone: "96 to 108", "C major", "none".
        start, end: Words of its two ends, for several beside each other; empty where it has no end there.
        low, high: From the first up to but not including the second, where values are numbers.
        values: All values it holds, where they are words.
    """

    words: str
    start: str = ""
    end: str = ""
    low: float = 0.0
    high: float = 0.0
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """One picture.

    Attributes:
        name: What conditions and commands call it.
        title: What the window calls it, with its unit.
        measure: A column of the index, or one of ``library_tables.MEASURES``.
        bars: From left to right.
        marks: Words below it, the fullest first; the first for which there is room is shown.
        named: Whether values are words, so that bars need not stand beside each other to be chosen together.
    """

    name: str
    title: str
    measure: str
    bars: tuple[Bar, ...]
    marks: tuple[Marks, ...]
    named: bool = False

    @property
    def short(self) -> str:
        """Its title without the unit."""
        return self.title.split(",")[0]

    def condition(self, chosen: Sequence[int]) -> Span | Among:
        """What chooses the files of these bars; numbers are joined from the first bar to the last."""
        bars = [self.bars[place] for place in sorted(chosen)]
        if self.named:
            return Among(self.measure, tuple(value for bar in bars for value in bar.values))
        return Span(self.measure, bars[0].low, bars[-1].high)

    def chosen(self, condition: Span | Among) -> tuple[int, ...]:
        """The bars a condition chooses; none where it is not about this quantity, or cuts through bars."""
        if condition.column != self.measure:
            return ()
        if isinstance(condition, Among):
            wanted = set(condition.values)
            places = [at for at, bar in enumerate(self.bars) if wanted & set(bar.values)]
            whole = self.named and wanted == {value for at in places for value in self.bars[at].values}
        else:
            places = [at for at, bar in enumerate(self.bars) if condition.low <= bar.low and bar.high <= condition.high]
            whole = bool(places) and not self.named
            whole = whole and self.bars[places[0]].low == condition.low and self.bars[places[-1]].high == condition.high
        return tuple(places) if whole else ()

    def words(self, chosen: Sequence[int]) -> str:
        """What some bars are together: "96 to 120", "C major, A minor", "5 keys"."""
        places = sorted(chosen)
        bars = [self.bars[place] for place in places]
        if len(bars) == 1:
            return bars[0].words
        if self.named:
            return ", ".join(bar.words for bar in bars) if len(bars) <= 2 else f"{len(bars)} {self.title.lower()}s"
        start, end = bars[0].start, bars[-1].end
        if start and end:
            return f"{start} to {end}"
        return f"{start} or more" if start else f"below {end}" if end else "any"


def quantities(metres: Mapping[str, int]) -> tuple[Quantity, ...]:
    """All nine, in the order they are shown.

    Args:
        metres: How many files name each metre; an empty one for those that name none.
    """
    return (_KEY, _TEMPO, _metre(metres), _LENGTH, _PITCH, _DURATION, _VELOCITY, _POLYPHONY, _PEDAL)


def place_finder(quantity: Quantity) -> Mapping[str, int]:
    """The bar of each value of a quantity whose values are words."""
    return {value: at for at, bar in enumerate(quantity.bars) for value in bar.values}


def edges(quantity: Quantity) -> list[float]:
    """Where the bars of numbers meet; a value belongs to the bar right of the last edge it reaches."""
    return [bar.low for bar in quantity.bars[1:]]


def _ranges(borders: Sequence[float], words: Sequence[str], first: str = "", last: str = "") -> tuple[Bar, ...]:
    """Bars between borders, whose words stand in ``words``; the first begins and the last ends wherever it may.

    Args:
        borders: Where bars meet.
        words: Of each border.
        first: Words of the first bar, where it is more than "below ...".
        last: Words of the last bar, likewise.
    """
    inner = [
        Bar(f"{start} to {end}", start, end, low, high)
        for (low, high), (start, end) in zip(pairwise(borders), pairwise(words), strict=True)
    ]
    lowest = Bar(first or f"below {words[0]}", first, words[0], -math.inf, borders[0])
    highest = Bar(last or f"{words[-1]} or more", words[-1], "", borders[-1], math.inf)
    return (lowest, *inner, highest)


def _edge_marks(words: Sequence[str], *levels: int) -> tuple[Marks, ...]:
    """Words at the borders: every one, then every second or so as ``levels`` say, counted from the one given first."""
    found = []
    for step in (1, *levels):
        found.append(tuple((at + 0.5, words[at]) for at in range(len(words)) if at % step == step // 2))
    return tuple(found)


# The circle of fifths, flats to the left; keys that sound alike share a bar.
_CIRCLE = (
    ("G♭", "F♯"),
    ("D♭", "C♯"),
    ("A♭",),
    ("E♭",),
    ("B♭",),
    ("F",),
    ("C",),
    ("G",),
    ("D",),
    ("A",),
    ("E",),
    ("B", "C♭"),
)
_MINORS = (
    ("E♭", "D♯"),
    ("B♭", "A♯"),
    ("F",),
    ("C",),
    ("G",),
    ("D",),
    ("A",),
    ("E",),
    ("B",),
    ("F♯",),
    ("C♯",),
    ("G♯", "A♭"),
)


def _keys() -> Quantity:
    bars: list[Bar] = []
    marks: list[tuple[float, str]] = []
    for circle, mode in ((_CIRCLE, "major"), (_MINORS, "minor")):
        for names in circle:
            marks.append((float(len(bars)), names[0] if mode == "major" else names[0].lower()))
            bars.append(Bar(f"{names[0]} {mode}", values=tuple(f"{name} {mode}" for name in names)))
    bars.append(Bar(NONE, values=("",)))
    last = (24.0, _DASH)
    groups: Marks = ((5.5, "major"), (17.5, "minor"))
    return Quantity("key", "Key", "key", tuple(bars), ((*marks, last), (*groups, last), groups), named=True)


def _metre(counted: Mapping[str, int]) -> Quantity:
    """The most frequent metres from left to right, then all others, then files without any."""
    known = sorted((metre for metre in counted if metre), key=lambda metre: (-counted[metre], metre))
    bars = [Bar(metre, values=(metre,)) for metre in known[:_METRES]]
    if known[_METRES:]:
        bars.append(Bar(_OTHERS, values=tuple(known[_METRES:])))
    bars.append(Bar(NONE, values=("",)))
    signs = {NONE: _DASH, _OTHERS: "…"}
    marks = tuple((float(at), signs.get(bar.words, bar.words)) for at, bar in enumerate(bars))
    return Quantity("metre", "Metre", "metre", tuple(bars), (marks, marks[::2], marks[::3], marks[:1]), named=True)


_TEMPO_BORDERS = [*range(48, 193, 12)]
_TEMPO_WORDS = [str(tempo) for tempo in _TEMPO_BORDERS]
_SECONDS = (15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 960, 1440)
_SECOND_WORDS = [f"{seconds} s" if seconds < 60 else f"{seconds / 60:g} min" for seconds in _SECONDS]
_NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_PITCHES = [*range(42, 85, 3)]
_PITCH_WORDS = [f"{_NAMES[pitch % 12]}{pitch // 12 - 1}" for pitch in _PITCHES]
_NOTE_VALUES = tuple(
    f"1/{part}{dot}" for part in (64, 32, 16, 8, 4, 2, 1) for dot in ("", " dotted") if (part, dot) != (1, " dotted")
)
_SOFTEST, _LOUDEST, _VELOCITY_STEP = 24, 120, 8
_PEDALS = (5, 10, 20, 40, 80, 160, 320)


def _durations() -> tuple[Bar, ...]:
    """A bar for each note value, plain and dotted; lengths in between go to the nearer one on a scale of octaves."""
    borders = [2.0 ** (half / 2 - 4.25) for half in range(len(_NOTE_VALUES) + 1)]
    borders[0], borders[-1] = -math.inf, math.inf
    return tuple(
        Bar(words, words, words, low, high) for words, (low, high) in zip(_NOTE_VALUES, pairwise(borders), strict=True)
    )


def _polyphonies() -> tuple[Bar, ...]:
    single = [Bar(str(most), str(most), str(most), most, most + 1) for most in range(1, 11)]
    single[0] = Bar("1", "1", "1", -math.inf, 2)
    wider = [Bar("11 to 15", "11", "15", 11, 16), Bar("16 or more", "16", "", 16, math.inf)]
    return (*single, *wider)


_KEY = _keys()
_TEMPO = Quantity(
    "tempo",
    "Tempo, quarters/min",
    "tempo",
    _ranges(_TEMPO_BORDERS, _TEMPO_WORDS),
    _edge_marks(_TEMPO_WORDS, 2, 4, 6),
)
_LENGTH = Quantity("length", "Length", "seconds", _ranges(_SECONDS, _SECOND_WORDS), _edge_marks(_SECOND_WORDS, 2, 4, 6))
_PITCH = Quantity(
    "pitch",
    "Pitch, median",
    "pitch",
    _ranges(_PITCHES, _PITCH_WORDS),
    tuple(tuple((at + 0.5, _PITCH_WORDS[at]) for at in range(2, 15, step)) for step in (2, 4, 8)),
)
_DURATION = Quantity(
    "duration",
    "Duration, median",
    "duration",
    _durations(),
    tuple(
        tuple((float(at), _NOTE_VALUES[at]) for at in range(first, 13, step))
        for first, step in ((0, 2), (2, 2), (2, 4), (4, 4))
    ),
)
_LOUDNESSES = [1, *range(_SOFTEST, _LOUDEST + 1, _VELOCITY_STEP)]
_LOUDNESS_WORDS = [str(velocity) for velocity in _LOUDNESSES]
_VELOCITY = Quantity(
    "velocity",
    "Velocity, median",
    "loudness",
    _ranges(_LOUDNESSES, _LOUDNESS_WORDS, first="all alike"),
    tuple(((0.0, "="), *((at + 0.5, _LOUDNESS_WORDS[at]) for at in range(2, 14, step))) for step in (2, 3, 4, 8)),
)
_POLYPHONY = Quantity(
    "polyphony",
    "Most notes at once",
    "polyphony",
    _polyphonies(),
    tuple(
        tuple((float(at), "16+" if at == 11 else str(at + 1)) for at in places)
        for places in ((*range(10), 11), (0, 2, 4, 6, 8, 11), (0, 3, 7), (0, 4))
    ),
)
_PEDAL_WORDS = ["0", *(str(events) for events in _PEDALS)]
_PEDAL = Quantity(
    "pedal",
    "Pedal, events/min",
    "pedal_rate",
    _ranges((_BARELY, *_PEDALS), _PEDAL_WORDS, first=NONE),
    tuple(
        ((0.0, "0"), *((at + 0.5, _PEDAL_WORDS[at]) for at in range(first, 8, step)))
        for first, step in ((1, 1), (1, 2), (3, 2), (5, 2))
    ),
)
