"""What a take begins from, and where in time its continuation stands."""

import math
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.asides import Aside, Marker
from musicgen_app.core.score import PEDAL_DOWN_FROM, PEDAL_DTYPE, KeySignature, Notes, Score, TimeSignature, Track
from musicgen_app.core.timing import Meter, TempoMap
from musicgen_app.tokens.codec import Codec, Rows

MOST_ROWS_HEARD = 1000
"""Of a longer prompt the network hears only this many rows of its end."""

_MOST_TICKS_PER_BEAT = 32_767
_FINE_TICKS_PER_BEAT = 480
_BEAT_SECONDS = 0.5
"""A beat of what a codec without beats decodes."""


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """A prompt, or none, and the arithmetic of going on from it.

    With a prompt the continuation takes over its ticks, tempo and metre; the prompt's own notes are kept as they are,
    however coarse the codec hears them.

    Attributes:
        codec: The network's codec.
        prompt: The music to continue; None, or a score without notes, to begin from nothing.
        included: Whether finished scores begin with the prompt. Otherwise the continuation begins in the first bar,
            at the place in the bar where it would have stood.
        given: Shape (rows, fields): the prompt as rows, where they are better known than by encoding it. Without a
            prompt they are heard all the same, and are no part of the score.
        heard: Shape (rows, fields): what the network reads first, the start row before everything.
        began: Grid steps of the codec that lie before what is heard, where the prompt is a long one.
        base: Tick, in the finished score, from which the continuation's first gap counts.
    """

    codec: Codec
    prompt: Score | None = None
    included: bool = True
    given: Rows | None = None
    heard: Rows = field(init=False, repr=False)
    began: int = field(init=False)
    base: int = field(init=False)
    _frame: Score = field(init=False, repr=False)
    _by_seconds: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        start = self.codec.start_row[np.newaxis]
        empty = self.codec.decode(start[:0])
        put(self, "_by_seconds", self.codec.description().get("timing") == "seconds")
        rows = start[:0] if self.prompt is None else self.codec.encode(self.prompt)[:-1]
        rows = rows if self.given is None else self.given
        put(self, "heard", np.concatenate([start, rows[-MOST_ROWS_HEARD:]]))
        put(self, "began", int(self.codec.steps(rows[:-MOST_ROWS_HEARD]).sum()))
        if self.prompt is None or len(rows) == 0:
            put(self, "_frame", empty)
            put(self, "base", 0)
            return
        frame = _in_ticks(self.prompt, self._ticks_per_beat(self.prompt, empty.ticks_per_beat))
        base = self._last_moment(frame, rows) + self.codec.pause * frame.ticks_per_beat // empty.ticks_per_beat
        if not self.included:
            meter = Meter(frame)
            bar = meter.bar_onset(meter.position(base).bar)
            frame = replace(moved_back(frame, bar), notes=empty.notes, pedals=empty.pedals, tracks=empty.tracks)
            base -= bar
        put(self, "_frame", frame)
        put(self, "base", base)

    @property
    def prompt_notes(self) -> int:
        """How many notes of a finished score are the prompt's."""
        return len(self._frame.notes)

    def score(self, rows: Rows, end: int | None = None) -> Score:
        """The finished score of a continuation.

        A key that is struck anew is let go before, as on a piano. A pedal that is down at the end is lifted there.

        Args:
            rows: Shape (rows, fields): the continuation.
            end: Tick before which notes have to begin; None keeps all.
        """
        frame, new = self._frame, self.codec.decode(rows)
        notes, pedals = new.notes.copy(), new.pedals.copy()
        ends = self.ticks(notes["onset"] + notes["duration"], new.ticks_per_beat)
        notes["onset"] = self.ticks(notes["onset"], new.ticks_per_beat)
        notes["duration"] = np.maximum(ends - notes["onset"], 1)
        pedals["onset"] = self.ticks(pedals["onset"], new.ticks_per_beat)
        if end is not None:
            notes, pedals = notes[notes["onset"] < end], pedals[pedals["onset"] < end]
        # A key that the prompt strikes at its last moment is not struck again at the same one.
        notes = notes[~np.isin(_strokes(notes), _strokes(frame.notes))]
        tracks = frame.tracks
        if len(tracks) > 1 or tracks[0].is_percussion:
            tracks = (*tracks, Track("Continuation"))
        notes["track"] = pedals["track"] = len(tracks) - 1
        notes = _let_go(np.concatenate([frame.notes, notes]), len(frame.notes))
        pedals = np.concatenate([frame.pedals, pedals])
        return _pedals_lifted(replace(frame, notes=notes, pedals=pedals, tracks=tracks))

    def ticks(self, moments: NDArray[np.int64], ticks_per_beat: int) -> NDArray[np.int64]:
        """Where ticks of a decoded continuation stand in the finished score."""
        if self._by_seconds:
            tempo = TempoMap(self._frame)
            return tempo.ticks(tempo.second(self.base) + moments / ticks_per_beat * _BEAT_SECONDS)
        # Half-way goes up, as everywhere on the grid.
        return self.base + (2 * moments * self._frame.ticks_per_beat + ticks_per_beat) // (2 * ticks_per_beat)

    def after_seconds(self, seconds: float) -> int:
        """The tick that stands so many seconds behind the prompt's last moment."""
        tempo = TempoMap(self._frame)
        return max(self.base + 1, tempo.tick(tempo.second(self.base) + seconds))

    def after_bars(self, bars: int) -> int:
        """The bar line that stands so many bars behind the prompt; the bar in which it ends is filled first."""
        meter = Meter(self._frame)
        begun = 1 if self.prompt is not None and len(self.heard) > 1 else 0
        return meter.bar_onset(meter.position(self.base).bar + begun + bars)

    def _ticks_per_beat(self, prompt: Score, decoded: int) -> int:
        """Ticks in which both the prompt and the codec's grid can be said."""
        own = prompt.ticks_per_beat
        if self._by_seconds:
            return own * max(1, -(-_FINE_TICKS_PER_BEAT // own))
        both = math.lcm(own, decoded)
        return both if both <= _MOST_TICKS_PER_BEAT else decoded

    def _last_moment(self, frame: Score, rows: Rows) -> int:
        """The tick of the prompt's last row; a pedal change behind the last note is measured from that note."""
        percussion = np.array([track.is_percussion for track in frame.tracks])
        onset = int(frame.notes["onset"][~percussion[frame.notes["track"]]].max())
        heard = self.codec.decode(rows)
        pause = int(heard.pedals["onset"].max(initial=0)) - int(heard.notes["onset"][-1])
        if pause <= 0:
            return onset
        if self._by_seconds:
            tempo = TempoMap(frame)
            return tempo.tick(tempo.second(onset) + pause / heard.ticks_per_beat * _BEAT_SECONDS)
        return onset + pause * frame.ticks_per_beat // heard.ticks_per_beat


def _strokes(notes: Notes) -> NDArray[np.int64]:
    """One number for each pair of onset and pitch."""
    strokes: NDArray[np.int64] = notes["onset"] * 128 + notes["pitch"]
    return strokes


def _let_go(notes: Notes, given: int) -> Notes:
    """Notes that end where the continuation strikes their key anew; the first ``given`` are the prompt's.

    A channel of MIDI can say nothing else: which of two sounding notes of one key ends first would be lost.
    """
    order = np.lexsort([notes["onset"], notes["pitch"], notes["track"]])
    before, after = order[:-1], order[1:]
    same = (notes["pitch"][before] == notes["pitch"][after]) & (notes["track"][before] == notes["track"][after])
    gap = notes["onset"][after] - notes["onset"][before]
    cut = same & (after >= given) & (gap > 0) & (notes["duration"][before] > gap)
    notes["duration"][before[cut]] = gap[cut]
    return notes


_Sign = TypeVar("_Sign", TimeSignature, KeySignature, Marker, Aside)


def _in_ticks(score: Score, ticks_per_beat: int) -> Score:
    """The same music counted in other ticks; half a tick goes up."""
    old = score.ticks_per_beat
    if ticks_per_beat == old:
        return score

    def counted(ticks: NDArray[np.int64]) -> NDArray[np.int64]:
        return (2 * ticks * ticks_per_beat + old) // (2 * old)

    notes, pedals, tempos = score.notes.copy(), score.pedals.copy(), score.tempos.copy()
    ends = counted(notes["onset"] + notes["duration"])
    notes["onset"] = counted(notes["onset"])
    notes["duration"] = np.maximum(ends - notes["onset"], 1)
    pedals["onset"] = counted(pedals["onset"])
    tempos["onset"] = counted(tempos["onset"])
    controls = score.controls.copy()
    controls["onset"] = counted(controls["onset"])

    def placed(signs: tuple[_Sign, ...]) -> tuple[_Sign, ...]:
        return tuple(replace(sign, onset=int(counted(np.array(sign.onset)))) for sign in signs)

    return replace(
        score,
        notes=notes,
        pedals=pedals,
        tempos=tempos,
        time_signatures=placed(score.time_signatures),
        key_signatures=placed(score.key_signatures),
        markers=placed(score.markers),
        controls=controls,
        asides=placed(score.asides),
        ticks_per_beat=ticks_per_beat,
    )


def moved_back(score: Score, tick: int) -> Score:
    """The score from a tick on, moved to the beginning, with the tempo, metre and key that hold there.

    Notes and pedal changes before that tick are left out.
    """
    notes, pedals = score.notes[score.notes["onset"] >= tick], score.pedals[score.pedals["onset"] >= tick]
    notes["onset"] -= tick
    pedals["onset"] -= tick
    tempos = score.tempos[np.searchsorted(score.tempos["onset"], tick, side="right") - 1 :].copy()
    tempos["onset"] = np.maximum(tempos["onset"] - tick, 0)
    metre = Meter(score).signature(tick)
    keys = [key for key in score.key_signatures if key.onset <= tick][-1:]
    later = [key for key in score.key_signatures if key.onset > tick]
    return replace(
        score.music_alone(),
        notes=notes,
        pedals=pedals,
        tempos=tempos,
        time_signatures=(
            replace(metre, onset=0),
            *(replace(s, onset=s.onset - tick) for s in score.time_signatures if s.onset > tick),
        ),
        key_signatures=tuple(replace(key, onset=max(0, key.onset - tick)) for key in (*keys, *later)),
    )


def _pedals_lifted(score: Score) -> Score:
    """The score with each pedal that is still down at its end lifted there."""
    pedals = score.pedals
    held = []
    for track in sorted(set(pedals["track"].tolist())):
        own = pedals[pedals["track"] == track]
        if own["value"][-1] >= PEDAL_DOWN_FROM:
            held.append((max(score.end, int(own["onset"][-1])), track, 0))
    if not held:
        return score
    return replace(score, pedals=np.concatenate([pedals, np.array(held, PEDAL_DTYPE)]))
