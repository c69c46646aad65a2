"""Remarks on music that can be used and yet is not what it seems: its timing, hands, range, loudness and pedal.

The thresholds were chosen on the piano music of 247 files of clean collections (Chopin from scores and as played,
Grieg, Mendelssohn, ragtime) and of the 239 usable ones among 523 odd files of public test suites. A false alarm is
worse than silence: what one good piece has is no sign. How many files show each, of the clean and of the odd ones:

- free-timing 0 and 29, no-tempo 0 and 30
- one-voice 0 and 27, one-hand 0 and 20
- range 4 (slips in their sources: a note on key 0, an octave too high) and 11
- flat 10 and 86, quiet 0 and 1
- no-pedal 39 (all of a collection that says so of itself) and 1
- crowded 0 and 6, hanging 0 and 9, silence 0 and 13, doubled 0 and 7
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.analysis import has_beat, piano_notes, pitch_counts, velocity_counts
from musicgen_app.core.score import DEFAULT_MICROSECONDS_PER_BEAT, Notes, Score
from musicgen_app.core.timing import Meter, TempoMap

SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "free-timing": "The grid of time (10 ms) keeps such timing.",
        "no-tempo": "Set another in the roll if that is too slow or too fast.",
        "one-voice": "Leave it out if you want music for two hands.",
        "one-hand": "Look for the other hand, or leave it out.",
        "range": "Listen to it: such notes often come from damage or from other instruments.",
        "flat": "Use it for its notes; for dynamics look for one that was played.",
        "quiet": "Raise its velocities in the roll, or leave it out.",
        "no-pedal": "Look for a recording with pedal, or leave the pedal out of the data set.",
        "crowded": "Shorten the notes that hang in the roll, or leave it out if it is noise.",
        "hanging": "Shorten this note in the roll.",
        "silence": "Cut it out in the roll if it is not meant.",
        "doubled": "Nothing needs to be done.",
    }
)
"""Short names, and what would help."""

FEWEST_NOTES = 64
"""Below this little can be said of hands and voices; of 32 one-voice files the shortest that is music has 65."""
FLAT_FROM = 0.99
"""Share of notes of one velocity. Of the clean files that are not above it none reaches 0.8."""
QUIET_TO = 25
"""Where 19 of 20 notes are softer. The softest piece (a prelude in *pp*) has 38 there."""
CROWDED_FROM = 25
"""Notes that sound at once, pedal aside. Piano music has at most 15; what is damaged 30 to 3,482."""
HANGING_FROM_SEC = 60.0
"""The longest note of a piano piece, an organ point, lasts 20 s."""
SILENT_FROM_SEC = 30.0
"""Pieces pause for at most 3 s; recordings of whole sonatas for 20 s between movements."""
DOUBLED_FROM = 0.2
"""Share of notes struck with another of their pitch: two voices of a score meet in up to 0.15."""
ENDS_FROM = 0.05
"""Share of notes on the three outermost keys of either side: at most 0.004 in piano music."""
LOWEST_KEY, HIGHEST_KEY = 21, 108
_END_KEYS = 3
_HAND_SPAN = 14
"""Semitones one hand reaches."""
_ONE_VOICE_TO = 1.1
"""Mean number of keys down; every piano piece has 1.7 and more."""
_LEFT_HAND_TO, _RIGHT_HAND_FROM = 60, 55
_EXCEPTIONS = 0.02
"""Share of the notes a rule about hands may not hold for."""
_PLAYED_VELOCITIES = 20
_RUBATO_CHANGES, _RUBATO_PER_BEAT = 20, 0.25
"""Played music whose timing is in its tempo map has 0.4 changes a beat and more, arranged music at most 0.09."""
_PEDAL_SEC = 20.0
_LAST_PEDALLED_PROGRAM = 5
"""Pianos and electric pianos; harpsichords have no pedal."""
_NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


@dataclass(frozen=True, slots=True)
class Sign:
    """One remark: its name, a key of ``SIGNS``, and a sentence with figures."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class _Music:
    """The notes of the piano, and what several rules ask of them.

    Attributes:
        score: All of it.
        notes: Its piano notes.
        onset, end: Their ticks.
        pitches, velocities: How many notes have each, shape (128,).
        beat: Whether they follow the beat.
        tempo_named: Whether the file says how fast it is.
        one_voice: Whether they follow one another, and are enough to say so.
    """

    score: Score
    notes: Notes
    onset: NDArray[np.int64]
    end: NDArray[np.int64]
    pitches: NDArray[np.int64]
    velocities: NDArray[np.int64]
    beat: bool
    tempo_named: bool
    one_voice: bool

    def at_most_sec(self, ticks: int) -> float:
        """What so many ticks would last at the slowest tempo there is: spares the exact answer where it is short."""
        return ticks * int(self.score.tempos["microseconds_per_beat"].max()) / (1e6 * self.score.ticks_per_beat)

    def bar(self, tick: int) -> int:
        """The bar a tick stands in, from 1."""
        return Meter(self.score).position(tick).bar


def signs_of(score: Score, tempo_named: bool = True) -> tuple[Sign, ...]:
    """All signs of a score, in the order of ``SIGNS``.

    Args:
        score: Music with at least one note that is no percussion.
        tempo_named: Whether its file says how fast it is.
    """
    notes = piano_notes(score)
    onset = notes["onset"].astype(np.int64)
    end = onset + notes["duration"]
    music = _Music(
        score=score,
        notes=notes,
        onset=onset,
        end=end,
        pitches=pitch_counts(notes),
        velocities=velocity_counts(notes),
        beat=has_beat(score),
        tempo_named=tempo_named,
        one_voice=_is_one_voice(onset, end),
    )
    found = [(name, rule(music)) for name, rule in _RULES]
    return tuple(Sign(name, sentence) for name, sentence in found if sentence)


def _free_timing(music: _Music) -> str:
    if music.beat:
        return ""
    beats = 60e6 / int(music.score.tempos["microseconds_per_beat"][0])
    changes = len(music.score.tempos) - 1
    tempo = f"{_count(changes, 'change')} of tempo" if changes else f"tempo {beats:.4g} throughout"
    return f"The notes do not follow the beat that the file names ({tempo}): they were played, or written, without it."


def _no_tempo(music: _Music) -> str:
    if music.tempo_named or not music.beat:
        return ""
    return f"The file names no tempo; it counts as {60e6 / DEFAULT_MICROSECONDS_PER_BEAT:.0f} quarter notes a minute."


def _one_voice(music: _Music) -> str:
    if not music.one_voice:
        return ""
    return f"One voice only: the {len(music.notes):,} notes follow one another, between {_between(music.pitches)}."


def _is_one_voice(onset: NDArray[np.int64], end: NDArray[np.int64]) -> bool:
    """Whether notes follow one another; a little legato is no second voice."""
    if len(onset) < FEWEST_NOTES:
        return False
    covered = np.maximum.accumulate(end)
    sounding = int(np.minimum(covered[:-1], onset[1:]).sum() - onset[:-1].sum() + covered[-1] - onset[-1])
    return int((end - onset).sum()) <= _ONE_VOICE_TO * sounding


def _one_hand(music: _Music) -> str:
    count = len(music.notes)
    if count < FEWEST_NOTES or music.one_voice:
        return ""
    reached = np.cumsum(music.pitches)
    few = _EXCEPTIONS * count
    low = int(np.searchsorted(reached, few, side="right"))
    high = int(np.searchsorted(reached, count - few))
    side = "left" if high <= _LEFT_HAND_TO else "right" if low >= _RIGHT_HAND_FROM else ""
    if not side:
        return ""
    first = np.flatnonzero(np.diff(music.onset, prepend=-1))
    pitch = music.notes["pitch"].astype(np.int64)
    span = np.maximum.reduceat(pitch, first) - np.minimum.reduceat(pitch, first)
    if np.count_nonzero(span > _HAND_SPAN) > _EXCEPTIONS * len(first):
        return ""
    inside = int(music.pitches[low : high + 1].sum())
    return (
        f"One hand only, it seems: {inside:,} of {count:,} notes lie between {_pitch(low)} and {_pitch(high)}, and "
        f"hardly a chord is wider than the {side} hand."
    )


def _range(music: _Music) -> str:
    count = len(music.notes)
    below, above = int(music.pitches[:LOWEST_KEY].sum()), int(music.pitches[HIGHEST_KEY + 1 :].sum())
    if below or above:
        verb = "lies" if below + above == 1 else "lie"
        of_all = f"{_count(below + above, 'note')} of {count:,} {verb}"
        return f"{of_all} outside the 88 keys of a piano; the music reaches from {_between(music.pitches, 'to')}."
    ends = int(music.pitches[: LOWEST_KEY + _END_KEYS].sum() + music.pitches[HIGHEST_KEY - _END_KEYS + 1 :].sum())
    if ends < ENDS_FROM * count:
        return ""
    return f"{ends:,} of {count:,} notes lie on the three lowest and three highest keys, where hardly any music does."


def _flat(music: _Music) -> str:
    count, velocity = len(music.notes), int(music.velocities.argmax())
    same = int(music.velocities[velocity])
    if same < FLAT_FROM * count:
        return ""
    how_many = f"All {count:,} notes" if same == count else f"{same:,} of {count:,} notes"
    return f"{how_many} have velocity {velocity}, so a network learns no dynamics from it."


def _quiet(music: _Music) -> str:
    if 20 * int(music.velocities[QUIET_TO + 1 :].sum()) > len(music.notes):
        return ""
    middle = int(np.searchsorted(np.cumsum(music.velocities), len(music.notes) / 2))
    return f"Hardly to be heard: half of the {len(music.notes):,} notes have a velocity of {middle} or less, of 127."


def _no_pedal(music: _Music) -> str:
    score = music.score
    if len(score.pedals) or np.count_nonzero(music.velocities) < _PLAYED_VELOCITIES:
        return ""
    changes = len(score.tempos) - 1
    beats = int(music.end.max() - music.onset[0]) / score.ticks_per_beat
    rubato = changes >= _RUBATO_CHANGES and changes >= _RUBATO_PER_BEAT * beats
    pianos = all(score.tracks[track].program <= _LAST_PEDALLED_PROGRAM for track in np.unique(music.notes["track"]))
    if not pianos or (music.beat and not rubato):
        return ""
    first, last = TempoMap(score).seconds([music.onset[0], music.end.max()]).tolist()
    if last - first < _PEDAL_SEC:
        return ""
    return f"There is no pedal in {_length(last - first)} of played music; it was left out, or never recorded."


def _crowded(music: _Music) -> str:
    # Ends are almost in order already, which this kind of sort makes use of.
    ends = np.sort(music.end, kind="stable")
    if not np.any(ends[: 1 - CROWDED_FROM] > music.onset[CROWDED_FROM - 1 :]):
        return ""
    begun, ended = (np.searchsorted(times, music.onset, side="right") for times in (music.onset, ends))
    sounding = begun - ended
    place = int(sounding.argmax())
    most = int(sounding[place])
    where = f"at bar {music.bar(int(music.onset[place])):,}"
    return f"{most:,} notes sound at once {where}, more than two hands and a pedal hold."


def _hanging(music: _Music) -> str:
    lengths = music.end - music.onset
    longest = int(lengths.argmax())
    if music.at_most_sec(int(lengths[longest])) < HANGING_FROM_SEC:
        return ""
    first, last = TempoMap(music.score).seconds([music.onset[longest], music.end[longest]]).tolist()
    if last - first < HANGING_FROM_SEC:
        return ""
    name, bar = _pitch(int(music.notes["pitch"][longest])), music.bar(int(music.onset[longest]))
    return f"The {name} of bar {bar:,} lasts {_length(last - first)}: it seems that its end is missing."


def _silence(music: _Music) -> str:
    covered = np.maximum.accumulate(music.end)[:-1]
    gaps = music.onset[1:] - covered
    if not len(gaps) or music.at_most_sec(int(gaps.max())) < SILENT_FROM_SEC:
        return ""
    tempo = TempoMap(music.score)
    seconds = tempo.seconds(music.onset[1:]) - tempo.seconds(covered)
    widest = int(seconds.argmax())
    if seconds[widest] < SILENT_FROM_SEC:
        return ""
    bar = music.bar(int(music.onset[widest + 1]))
    return f"Nothing sounds for {_length(float(seconds[widest]))} before bar {bar:,}."


def _doubled(music: _Music) -> str:
    keys = music.onset << 7 | music.notes["pitch"]
    doubled = int(np.count_nonzero(keys[1:] == keys[:-1]))
    if doubled < DOUBLED_FROM * len(keys):
        return ""
    return f"{doubled:,} of {len(keys):,} notes are struck together with another of their pitch; they count once."


_RULES: tuple[tuple[str, Callable[[_Music], str]], ...] = (
    ("free-timing", _free_timing),
    ("no-tempo", _no_tempo),
    ("one-voice", _one_voice),
    ("one-hand", _one_hand),
    ("range", _range),
    ("flat", _flat),
    ("quiet", _quiet),
    ("no-pedal", _no_pedal),
    ("crowded", _crowded),
    ("hanging", _hanging),
    ("silence", _silence),
    ("doubled", _doubled),
)


def _between(pitches: NDArray[np.int64], word: str = "and") -> str:
    used = np.flatnonzero(pitches)
    return f"{_pitch(int(used[0]))} {word} {_pitch(int(used[-1]))}"


def _pitch(pitch: int) -> str:
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"


def _length(seconds: float) -> str:
    if seconds >= 7200:
        return f"{seconds / 3600:,.0f} hours"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
