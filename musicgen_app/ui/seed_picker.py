"""Chooses one of the networks of the seed experiments, where the data set holds the words they read."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from musicgen_app.core.errors import UsageError
from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.windowed import TOKEN
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.ml.windowed_config import WindowedTrainConfig
from musicgen_app.ui.controls import SecondaryLabel
from musicgen_app.ui.forms import Choice, FormRow

_NEED_WORDS = "They read words, and this data set holds notes."
_PREPARE = "Prepare it as seed words in the Dataset tab."
_OR_ANOTHER = "Prepare it as seed words in the Dataset tab, or choose a size above."


class SeedPicker(QWidget):
    """A list of the networks, and a line about the chosen one or on why there is nothing to choose.

    Signals:
        chosen: Another one was chosen (its name; "" for none).
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._free = True
        self.choice = Choice()
        self.choice.addItem("None", "")
        for name, preset in WINDOWED_PRESETS.items():
            self.choice.addItem(preset.title.removeprefix("Seed: ").capitalize(), name)
        self.about = SecondaryLabel()
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(4)
        rows.addWidget(FormRow("Seed networks", self.choice))
        rows.addWidget(self.about)
        self.choice.currentIndexChanged.connect(self._on_chosen)
        self.show_config(None)

    @property
    def preset(self) -> str:
        """The name of the chosen network; empty for none."""
        return str(self.choice.currentData())

    @property
    def obstacle(self) -> str:
        """Why the chosen network cannot be trained; empty where it can."""
        return f"{_NEED_WORDS} {_OR_ANOTHER}" if self.preset and self._holds_notes else ""

    def choose(self, preset: str) -> None:
        """Choose a network; an empty name chooses none."""
        self.choice.setCurrentIndex(max(0, self.choice.findData(preset)))

    def set_dataset(self, dataset: Dataset | None) -> None:
        """What is to be learned from; None where there is none."""
        self._dataset = dataset

    def set_free(self, free: bool) -> None:
        """Whether a network may be chosen at all: a training that starts from a model has that model's."""
        self._free = free
        if not free:
            self.choose("")

    def show_config(self, config: WindowedTrainConfig | None) -> None:
        """Show what the chosen network is and how large these settings make it; None where none is chosen."""
        self.choice.setEnabled(self._free and (bool(self.preset) or not self._holds_notes))
        self.about.setText(self._told(config))
        self.about.setVisible(bool(self.about.text()))

    @property
    def _holds_notes(self) -> bool:
        return self._dataset is not None and [field.name for field in self._dataset.codec.fields] != [TOKEN]

    def _told(self, config: WindowedTrainConfig | None) -> str:
        if self._holds_notes:
            return self.obstacle or f"{_NEED_WORDS} {_PREPARE}"
        if config is None:
            return ""
        explanation = WINDOWED_PRESETS[config.preset].explanation
        if self._dataset is None:
            return explanation
        try:
            parameters = config.network(self._dataset.codec.fields).parameters()
        except UsageError as error:
            return str(error)
        return f"{explanation} {parameters:,} parameters."

    def _on_chosen(self) -> None:
        self.chosen.emit(self.preset)
