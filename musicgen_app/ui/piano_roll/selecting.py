"""Ways to choose notes by what they have in common."""

from collections.abc import Callable

import numpy as np
from PySide6.QtWidgets import QInputDialog, QWidget

from musicgen_app.core import selections
from musicgen_app.core.edits import Selected
from musicgen_app.ui.piano_roll.state import RollState


class Selecting:
    """The commands of the submenu Select.

    Args:
        state: The roll.
        window: Owner of dialogs.
    """

    def __init__(self, state: RollState, window: QWidget) -> None:
        self._state = state
        self._window = window

    def table(self) -> dict[str, Callable[[], None]]:
        """The commands by their ids."""
        return {
            "select_row": self.rows,
            "select_pitch_class": lambda: self._similar(pitch_class=True),
            "select_bar": self.bars,
            "select_bars": self.ask_bars,
            "select_length": lambda: self._similar(duration=max(1, self._state.score.ticks_per_beat // 16)),
            "select_loudness": lambda: self._similar(velocity=5),
            "select_inverse": self.invert,
            "select_loop": self.loop,
        }

    def rows(self) -> None:
        """All notes of the pitches that are selected."""
        pitches = np.unique(self._state.index.pitch[self._state.editor.selected])
        self._choose(selections.by_pitch(self._state.score, pitches.tolist()))

    def bars(self) -> None:
        """All notes of the bars in which notes are selected, or of the playhead's bar."""
        state = self._state
        chosen = state.editor.selected
        onsets = state.index.onset[chosen] if len(chosen) else np.array([state.playhead])
        first, last = (state.meter.position(int(tick)).bar for tick in (onsets.min(), onsets.max()))
        self._choose(selections.by_bars(state.score, first, last))

    def ask_bars(self) -> None:
        """Ask for a first and a last bar."""
        state = self._state
        last = state.meter.position(max(state.score.end - 1, 0)).bar
        text, agreed = QInputDialog.getText(
            self._window, "Select bars", f"First and last bar, of {last:,}:", text=f"1-{last}"
        )
        numbers = [int(part) for part in text.replace("-", " ").split() if part.isdigit()]
        if agreed and numbers:
            self._choose(selections.by_bars(state.score, min(numbers), max(numbers)))

    def invert(self) -> None:
        """The notes that are not selected, instead of those that are."""
        self._choose(selections.inverted(self._state.score, self._state.editor.selected))

    def loop(self) -> None:
        """All notes that begin in the loop."""
        if self._state.loop is not None:
            self._choose(selections.in_range(self._state.score, *self._state.loop))

    def _similar(self, pitch_class: bool = False, duration: int | None = None, velocity: int | None = None) -> None:
        state = self._state
        self._choose(
            selections.similar(
                state.score, state.editor.selected, pitch_class=pitch_class, duration=duration, velocity=velocity
            )
        )

    def _choose(self, notes: Selected) -> None:
        """Only those that can be touched."""
        state = self._state
        state.editor.select(np.intersect1d(notes, state.index.everything()))
