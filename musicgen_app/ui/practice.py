"""What a person plays along with: metronome, count-in, muted and soloed tracks, the selection alone."""

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from musicgen_app.audio.engine import Engine
from musicgen_app.audio.hearing import Hearing

MOST_BARS = 8
"""The longest count-in."""
_LOUDEST = 127
_USUAL_VOLUME = 0.6


class Practice(QObject):
    """Settings of the transport that belong to the hand, not to the piece.

    Args:
        engine: What is told.
        parent: Qt's owner.

    Signals:
        metronome_changed: Whether it taps, or its volume, changed.
        count_in_changed: How many bars are counted before playing.
        hearing_changed: What is heard of the score (a `Hearing`).
    """

    metronome_changed = Signal()
    count_in_changed = Signal(int)
    hearing_changed = Signal(object)

    def __init__(self, engine: Engine, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine
        self._metronome = False
        self._volume = _USUAL_VOLUME
        self._count_in = 0
        self._hearing = Hearing()

    @property
    def metronome(self) -> bool:
        """Whether each beat is heard while playing."""
        return self._metronome

    @property
    def volume(self) -> float:
        """How loud the metronome is, 0 to 1."""
        return self._volume

    @property
    def count_in(self) -> int:
        """How many bars are counted before playing."""
        return self._count_in

    @property
    def hearing(self) -> Hearing:
        """What is heard of the score."""
        return self._hearing

    def set_metronome(self, on: bool, volume: float | None = None) -> None:
        """Let each beat be heard while playing; a volume (0 to 1) of None leaves it as it is."""
        volume = self._volume if volume is None else min(max(volume, 0.0), 1.0)
        if (on, volume) == (self._metronome, self._volume):
            return
        self._metronome, self._volume = on, volume
        loudness = max(round(volume * _LOUDEST), 1) if on and volume > 0 else 0
        self._engine.tell(self._engine.transport.set_metronome, loudness)
        self.metronome_changed.emit()

    def set_count_in(self, bars: int) -> None:
        """Count so many bars before playing, 0 to `MOST_BARS`."""
        bars = min(max(bars, 0), MOST_BARS)
        if bars != self._count_in:
            self._count_in = bars
            self.count_in_changed.emit(bars)

    def set_muted(self, tracks: Iterable[int]) -> None:
        """Do not hear these tracks (their numbers)."""
        self._hear(replace(self._hearing, muted=frozenset(tracks)))

    def set_soloed(self, tracks: Iterable[int]) -> None:
        """Hear these tracks alone; none is all."""
        self._hear(replace(self._hearing, soloed=frozenset(tracks)))

    def solo_notes(self, notes: Iterable[int] | None) -> None:
        """Hear these notes alone (their indices in the score that is in the player), or all again."""
        self._hear(replace(self._hearing, only=None if notes is None else tuple(int(note) for note in notes)))

    def _hear(self, hearing: Hearing) -> None:
        if hearing != self._hearing:
            self._hearing = hearing
            self.hearing_changed.emit(hearing)
