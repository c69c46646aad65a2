"""The line below the roll: what is under the mouse, what a drag will do, how much is selected."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from musicgen_app.ui.controls import SecondaryLabel
from musicgen_app.ui.piano_roll.note_names import clock, pitch_name, place_name, prefers_flats
from musicgen_app.ui.piano_roll.pointing import Hover
from musicgen_app.ui.piano_roll.state import RollState
from musicgen_app.ui.theme import tabular_font

_BETWEEN = "   ·   "


class ReadOut(QFrame):
    """Words at the left follow the mouse, those at the right the selection."""

    def __init__(self, state: RollState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setProperty("kind", "panel")
        self.setFixedHeight(24)
        self._left, self._right = self._label("Under the mouse"), self._label("Selection")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.addWidget(self._left, 1)
        row.addWidget(self._right)
        self._hover: Hover | None = None
        state.hovered.connect(self._on_hover)
        state.notes_changed.connect(self._on_notes)
        self._on_notes()

    def _label(self, name: str) -> QLabel:
        label = SecondaryLabel(wrap=False)
        label.setFont(tabular_font(label.font(), 9))
        label.setAccessibleName(name)
        label.setMinimumWidth(1)
        return label

    @property
    def text(self) -> str:
        """What is shown about the mouse."""
        return self._left.text()

    @property
    def selection_text(self) -> str:
        """What is shown about the selection."""
        return self._right.text()

    def tell(self, words: str) -> None:
        """Show what a drag will do; nothing goes back to the mouse."""
        self._left.setText(words or self._words())

    def _on_hover(self, hover: Hover | None) -> None:
        self._hover = hover
        self._left.setText(self._words())

    def _words(self) -> str:
        if self._hover is None:
            return ""
        state, pointer = self._state, self._hover.pointer
        tick = max(0, round(pointer.tick))
        flats = prefers_flats(state.score, tick)
        hit = self._hover.hit
        if hit is None or hit.note >= len(state.index):
            at = state.cell(tick)
            return _BETWEEN.join([pitch_name(pointer.pitch, flats), place_name(state.meter, at), self._clock(at)])
        note = state.score.notes[hit.note]
        onset, beats = int(note["onset"]), int(note["duration"]) / state.score.ticks_per_beat
        return _BETWEEN.join(
            [
                pitch_name(int(note["pitch"]), flats),
                place_name(state.meter, onset),
                self._clock(onset),
                f"{beats:.3g} {'beat' if beats == 1 else 'beats'}",
                f"velocity {int(note['velocity'])}",
            ]
        )

    def _clock(self, tick: int) -> str:
        return clock(self._state.tempo_map.second(tick), 1)

    def _on_notes(self) -> None:
        count, selected = len(self._state.index), len(self._state.editor.selected)
        notes = f"{count:,} {'note' if count == 1 else 'notes'}"
        self._right.setText(f"{selected:,} of {notes} selected" if selected else notes)
        self._left.setText(self._words())
