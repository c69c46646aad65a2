"""Takes away silence before and after the music."""

from dataclasses import dataclass, replace

import numpy as np

from musicgen_app.core.analysis import has_beat, piano_notes
from musicgen_app.core.score import PEDAL_DTYPE, Score
from musicgen_app.core.timing import TempoMap


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A score without silence at its ends.

    Attributes:
        score: What is left.
        before_sec, after_sec: The silence that was taken away.
    """

    score: Score
    before_sec: float = 0.0
    after_sec: float = 0.0


def trimmed(score: Score) -> Trimmed:
    """Let music without a beat begin with its first note, and all music end with its last.

    Music that follows its beat keeps its place in the bar; of its empty bars a data set takes none anyway
    (``dataset.split.from_first_bar``). What the pedal does after the last note, it does at its end.
    """
    notes = piano_notes(score)
    if len(notes) == 0:
        return Trimmed(score)
    seconds = TempoMap(score).second
    first = 0 if has_beat(score) else int(notes["onset"][0])
    end = int((notes["onset"] + notes["duration"]).max())
    last = int(score.pedals["onset"].max(initial=0))
    after = max(0.0, seconds(last) - seconds(end))
    if last > end:
        pedals = score.pedals.copy()
        pedals["onset"] = np.minimum(pedals["onset"], end)
        score = replace(score, pedals=pedals)
    return Trimmed(from_tick(score, first) if first else score, seconds(first), after)


def from_tick(score: Score, tick: int) -> Score:
    """The music from a tick on, which becomes tick 0; a pedal that is down there is down at the beginning."""
    notes = score.notes[score.notes["onset"] >= tick].copy()
    notes["onset"] -= tick
    pedals = score.pedals[score.pedals["onset"] >= tick].copy()
    pedals["onset"] -= tick
    earlier = score.pedals[score.pedals["onset"] < tick]
    held = earlier[-1:].astype(PEDAL_DTYPE, copy=True)
    held["onset"] = 0
    tempos = score.tempos.copy()
    tempos["onset"] = np.maximum(tempos["onset"] - tick, 0)
    signatures = tuple(replace(one, onset=max(0, one.onset - tick)) for one in score.time_signatures)
    keys = tuple(replace(one, onset=max(0, one.onset - tick)) for one in score.key_signatures)
    return replace(
        score.music_alone(),
        notes=notes,
        pedals=np.concatenate([held, pedals]),
        tempos=tempos,
        time_signatures=signatures,
        key_signatures=keys,
    )
