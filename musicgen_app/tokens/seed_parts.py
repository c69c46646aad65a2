"""Groups the notes of a part into moments, as the seed experiments' reading through music21 9.1.0 did.

Its steps, which the words depend on in every detail: notes struck within a sixteenth of each other that also end
together become a chord; onsets and durations go to the nearest sixteenth or triplet eighth; where chords overlap, each
bar is dealt out to voices; what is longer than its bar is struck again in the next.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from musicgen_app.core.score import TimeSignature
from musicgen_app.tokens.seed_words import chord_word, note_word

TWELFTHS = 12
"""Places are told in twelfths of a beat: sixteenths and triplet eighths both lie on them."""

_UNITS = (1 / 4, 1 / 3)
_UNITS_A_BEAT = 4
_BAR = 4 * TWELFTHS

Strike: TypeAlias = tuple[int, int, int]
"""Onset and end in ticks, pitch."""

Bars: TypeAlias = Callable[[int], list[int]]
"""The bar lines up to one at or after a place, from 0 on, in twelfths."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a piece.

    Attributes:
        strikes: Its notes in the order of the file.
        marks: Ticks of everything else that stands in it; a rhythm is also measured by them.
    """

    strikes: Sequence[Strike]
    marks: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class _Moment:
    """A note or chord: onset (in its bar, once it is in one) and length in twelfths, its word, and where it sounds."""

    onset: int
    length: int
    word: str
    heard: int

    @property
    def end(self) -> int:
        return self.onset + self.length


@dataclass(slots=True)
class _Bar:
    """What a bar holds: moments in voices, and moments beside them."""

    length: int
    voices: list[list[_Moment]] = field(default_factory=list)
    beside: list[_Moment] = field(default_factory=list)


def placed_words(parts: Sequence[Part], ticks_per_beat: int, bars: Bars) -> list[tuple[int, str]]:
    """The words of all parts in the order of time, each with the twelfth it is heard at.

    Of one moment the first part's come first. The order is that of their bars once those before have pushed them on,
    which is not where they are heard.
    """
    placed = [one for part in parts for one in _part(part, ticks_per_beat, bars)]
    placed.sort(key=lambda one: one[0])
    return [(heard, word) for _, heard, word in placed]


def bars_of(signatures: Sequence[TimeSignature], ticks_per_beat: int) -> Bars:
    """The bar lines of time signatures; a bar that has begun keeps its length."""
    changes = [(0, _BAR)]
    for one in signatures:
        length = max(1, _BAR * one.numerator // one.denominator)
        changes.append((_snapped(one.onset / ticks_per_beat), length))

    def lines(stop: int) -> list[int]:
        found = [0]
        while found[-1] < stop or len(found) == 1:
            length = [length for place, length in changes if place <= found[-1]][-1]
            found.append(found[-1] + length)
        return found

    return lines


def _part(part: Part, ticks_per_beat: int, bars: Bars) -> list[tuple[int, int, str]]:
    """Place in twelfths, twelfth it is heard at and word of each moment of a part."""
    groups, voiced = _groups(part.strikes, ticks_per_beat)
    moments = _quantised(groups, part.marks, ticks_per_beat)
    last_mark = max((_snapped(mark / ticks_per_beat) for mark in part.marks), default=0)
    lines = bars(max(last_mark, *(moment.end for moment in moments)))
    measures = [_Bar(after - line) for line, after in pairwise(lines)]
    for moment in moments:
        index = bisect_right(lines, moment.onset) - 1
        here = _Moment(moment.onset - lines[index], moment.length, moment.word, moment.heard)
        measures[index].beside.append(here)
    if voiced:
        for measure in measures:
            _deal_out(measure)
    for measure, following in pairwise(measures):
        _tie_over(measure, following)
    return _laid(measures)


def _groups(strikes: Sequence[Strike], ticks_per_beat: int) -> tuple[list[tuple[int, int, str]], bool]:
    """Onset, length and word of each note or chord, and whether notes struck together end apart.

    The first note of a chord says where it is, the last how long. A note may go into the chords of several others.
    """
    near = ticks_per_beat / _UNITS_A_BEAT
    groups: list[tuple[int, int, str]] = []
    gathered: set[int] = set()
    voiced = False
    for index, (onset, end, pitch) in enumerate(strikes):
        if index in gathered:
            continue
        pitches, length = [pitch], end - onset
        for other in range(index + 1, len(strikes)):
            onset_too, end_too, pitch_too = strikes[other]
            if abs(onset_too - onset) >= near:
                break
            if abs(end_too - end) > near:
                voiced = True
                continue
            pitches.append(pitch_too)
            gathered.add(other)
            length = end_too - onset_too
        groups.append((onset, length, note_word(pitch) if len(pitches) == 1 else chord_word(pitches)))
    return sorted(groups, key=lambda group: group[0]), voiced


def _quantised(groups: Sequence[tuple[int, int, str]], marks: Sequence[int], ticks_per_beat: int) -> list[_Moment]:
    """Moments on the grid, in order; a length is also chosen so as to reach the next place where something stands."""
    places = [_snapped(onset / ticks_per_beat) for onset, _, _ in groups]
    taken = sorted({*places, *(_snapped(mark / ticks_per_beat) for mark in marks)})
    moments = []
    for place, (_, length, word) in zip(places, groups, strict=True):
        after = bisect_right(taken, place)
        gap = (taken[after] - place) / TWELFTHS if after < len(taken) else 0.0
        moments.append(_Moment(place, _snapped(length / ticks_per_beat, gap, least=True), word, place))
    return moments


def _snapped(beats: float, gap: float = 0.0, least: bool = False) -> int:
    """The twelfth that beats are moved to: the nearest sixteenth or triplet.

    Floating point is kept as it was, with its errors: a gap that is not an exact multiple of a unit counts as one that
    this unit cannot fill.

    Args:
        beats: Place or length.
        gap: Beats to the next place, for a length; a unit that leaves some of it open is not wanted.
        least: Whether 0 is no answer.
    """
    found = []
    for unit in _UNITS:
        low = unit * math.floor(beats / unit)
        nearest = low if beats <= low + unit / 2 else unit * (math.floor(beats / unit) + 1)
        if least and nearest == 0:
            nearest = unit
        left = 0.0 if gap % unit == 0 else max(gap - nearest, 0.0)
        found.append((left, round(abs(beats - nearest), 7), unit, nearest))
    return round(min(found)[3] * TWELFTHS)


def _deal_out(bar: _Bar) -> None:
    """Move overlapping moments to voices; what finds no free voice is lost, as it was."""
    count = _voices_needed(bar.beside)
    if count == 1:
        return
    voices: list[list[_Moment]] = [[] for _ in range(count)]
    for moment in bar.beside:
        free = [voice for voice in voices if all(one.end <= moment.onset for one in voice)]
        for voice in free[:1]:
            voice.append(moment)
    bar.voices = [voice for voice in voices if voice]
    bar.beside = []


def _voices_needed(moments: Sequence[_Moment]) -> int:
    """The size of the largest group of moments that hang together by overlaps."""
    beside: list[list[int]] = [[] for _ in moments]
    for index, moment in enumerate(moments):
        for other in range(index + 1, len(moments)):
            if moments[other].onset >= moment.end:
                break
            beside[index].append(other)
            beside[other].append(index)
    homes: dict[int, int] = {}
    for index, others in enumerate(beside):
        home = None
        for other in sorted(others):
            if other in homes:
                home = homes[other]
            home = moments[index].onset if home is None else home
            homes.setdefault(other, home)
        if home is not None:
            homes.setdefault(index, home)
    sizes = [list(homes.values()).count(home) for home in set(homes.values())]
    return max(sizes, default=1)


def _tie_over(bar: _Bar, following: _Bar) -> None:
    """Strike what is longer than its bar again in the next."""
    into_voice = bool(following.voices)
    for voice in bar.voices or [bar.beside]:
        voice.sort(key=lambda one: one.onset)
        for index, moment in enumerate(voice):
            if moment.end <= bar.length:
                continue
            inside = bar.length - moment.onset
            voice[index] = _Moment(moment.onset, inside, moment.word, moment.heard)
            rest = _Moment(0, moment.end - bar.length, moment.word, moment.heard + inside)
            if bar.voices and not following.voices:
                following.voices, following.beside = [following.beside], []
            if (bar.voices and into_voice) or not following.voices:
                following.beside.append(rest)
            else:
                following.voices[0].append(rest)


def _laid(bars: Sequence[_Bar]) -> list[tuple[int, int, str]]:
    """The moments of all bars, in time; a bar that holds something longer than itself pushes the next ones on."""
    placed = []
    begin = 0
    for bar in bars:
        moments = [moment for voice in [*bar.voices, bar.beside] for moment in voice]
        moments.sort(key=lambda one: one.onset)
        placed += [(begin + moment.onset, moment.heard, moment.word) for moment in moments]
        begin += max(bar.length, *(moment.end for moment in moments), 0)
    return placed
