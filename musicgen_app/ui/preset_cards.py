"""The sizes of network as cards to choose from, each with what it costs."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QRadioButton, QVBoxLayout, QWidget

from musicgen_app.generation.checkpoint import NetworkConfig
from musicgen_app.generation.presets import DEFAULT_PRESET, PRESETS, Preset
from musicgen_app.ml.tuning import same_size
from musicgen_app.project.story import duration_words
from musicgen_app.tokens.codec import Codec
from musicgen_app.tokens.notes import metrical_codec
from musicgen_app.ui.controls import GRID, INSIDE, SecondaryLabel
from musicgen_app.ui.theme import tabular_font

_USUAL_CODEC = metrical_codec()
"""For figures while no data set is prepared."""


def parameters_words(parameters: int) -> str:
    """A number of parameters for people: "0.43 M parameters"."""
    millions = parameters / 1e6
    return f"{millions:.2f} M" if millions < 1 else f"{millions:.1f} M"


class PresetCard(QFrame):
    """One size: its name, its parameters and how fast it trains."""

    def __init__(self, preset: Preset, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preset = preset
        self.setProperty("kind", "card")
        self.setProperty("chosen", "false")
        self.setToolTip(preset.explanation)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button = QRadioButton(preset.title)
        self.button.setAccessibleDescription(preset.explanation)
        self.button.toggled.connect(self._on_toggled)
        self._size = QLabel()
        self._size.setFont(tabular_font(self._size.font()))
        self._speed = SecondaryLabel(wrap=False)
        top = QHBoxLayout()
        top.addWidget(self.button)
        top.addStretch(1)
        top.addWidget(self._size)
        box = QVBoxLayout(self)
        box.setContentsMargins(INSIDE, 6, INSIDE, 8)
        box.setSpacing(0)
        box.addLayout(top)
        box.addWidget(self._speed)

    def show_cost(self, codec: Codec, notes: int, speed: float | None) -> None:
        """Show the parameters, and the speed: measured on this machine, or expected.

        Args:
            codec: That of the data set.
            notes: Notes in an epoch; 0 without a data set.
            speed: Notes a second measured in an earlier run; None where there was none.
        """
        self._size.setText(
            f"{parameters_words(self.preset.parameters(codec.fields, codec.position_fields))} parameters"
        )
        rate = speed or self.preset.notes_per_second
        told = f"{'' if speed else 'about '}{rate:,.0f} notes/s{' here' if speed else ''}"
        if notes:
            told += f", {duration_words(max(1.0, notes / rate))} an epoch"
        self._speed.setText(told)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.button.setChecked(True)
        self.button.setFocus()

    def _on_toggled(self, chosen: bool) -> None:
        self.setProperty("chosen", "true" if chosen else "false")
        self.style().unpolish(self)
        self.style().polish(self)


class PresetCards(QWidget):
    """The cards below each other, smallest first; one is chosen."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._cards: dict[str, PresetCard] = {}
        self._explanation = SecondaryLabel()
        self._before: str | None = None
        self._last = DEFAULT_PRESET
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GRID)
        for name, preset in PRESETS.items():
            card = PresetCard(preset)
            card.button.setProperty("preset", name)
            self._group.addButton(card.button)
            self._cards[name] = card
            rows.addWidget(card)
        rows.addWidget(self._explanation)
        self._cards[DEFAULT_PRESET].button.setChecked(True)
        self._explanation.setText(PRESETS[DEFAULT_PRESET].explanation)
        self._group.buttonToggled.connect(self._on_toggled)
        self.show_costs(None, 0, {})

    @property
    def preset(self) -> str:
        """The name of the chosen preset; where none is, of the one that was chosen last."""
        chosen = (name for name, card in self._cards.items() if card.button.isChecked())
        return next(chosen, self._last)

    def choose(self, preset: str) -> None:
        """Choose a preset; an unknown name changes nothing."""
        if preset in self._cards:
            self._cards[preset].button.setChecked(True)

    def clear(self) -> None:
        """Choose none."""
        self._last = self.preset
        self._group.setExclusive(False)
        self._cards[self._last].button.setChecked(False)
        self._group.setExclusive(True)
        self._explanation.clear()

    def show_network(self, network: NetworkConfig | None, title: str = "") -> None:
        """Show the size of a model, which cannot be chosen; None lets a person choose again.

        Args:
            network: The model's network.
            title: What the model is called.
        """
        for card in self._cards.values():
            card.setEnabled(network is None)
        if network is None:
            if self._before is not None:
                before, self._before = self._before, None
                self.choose(before)
                self._explanation.setText(PRESETS[before].explanation)
            return
        self._before = self._before or self.preset
        same = [name for name, card in self._cards.items() if same_size(card.preset, network)]
        self._group.setExclusive(False)
        for name, card in self._cards.items():
            card.button.setChecked(name in same)
        self._group.setExclusive(True)
        layers = "One layer" if network.layers == 1 else f"{network.layers} layers"
        size = f"{layers} of {network.units}, {parameters_words(network.parameters())} parameters"
        self._explanation.setText(f"The size is that of the model {title}: {size}.")

    def card(self, preset: str) -> PresetCard:
        """The card of a preset.

        Raises:
            KeyError: There is none of this name.
        """
        return self._cards[preset]

    def show_costs(self, codec: Codec | None, notes: int, speeds: Mapping[str, float]) -> None:
        """Show what each size costs for a data set.

        Args:
            codec: Its codec; None without one.
            notes: Notes in an epoch; 0 without one.
            speeds: Notes a second measured in earlier runs, by preset.
        """
        for name, card in self._cards.items():
            card.show_cost(codec or _USUAL_CODEC, notes, speeds.get(name))

    def _on_toggled(self, button: QRadioButton, chosen: bool) -> None:
        if chosen:
            name = str(button.property("preset"))
            self._explanation.setText(PRESETS[name].explanation)
            self.chosen.emit(name)
