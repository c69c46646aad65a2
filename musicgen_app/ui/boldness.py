"""How boldly each note is chosen: by temperature, or at random among the likeliest as the seeds did."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from musicgen_app.generation.generator import USUAL_TOP_P
from musicgen_app.ui.controls import GRID, SecondaryLabel
from musicgen_app.ui.forms import Choice, FormRow, LabelledSlider, NumberBox

BY_TEMPERATURE, BY_PICK = range(2)
_TOP_K = 64
_MOST_PICKED = 1000


class Boldness(QWidget):
    """Reads into settings of ``SampleConfig``. The random pick is offered where a model writes words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = False
        self.way = Choice()
        self.way.addItem(self.tr("Temperature"))
        self.way.addItem(self.tr("Random pick"))
        self.way.setAccessibleName(self.tr("Choose by"))
        self.way.setToolTip(self.tr("How the next word is chosen from what the network foretells"))
        self.pick = NumberBox(1, _MOST_PICKED, 1)
        self.pick.setAccessibleName(self.tr("Random pick"))
        self.pick.setToolTip(self.tr("Choose among so many of the likeliest words, all alike; 1 takes the likeliest"))
        self.temperature = LabelledSlider(
            self.tr("Temperature"),
            0.0,
            2.0,
            1.0,
            step=0.05,
            decimals=2,
            tooltip=self.tr(
                "How bold the choices are: 1 as it learned them, below more careful, above more daring, "
                "0 always the likeliest"
            ),
        )
        self.top_k = LabelledSlider(
            self.tr("Likeliest choices"),
            0,
            _TOP_K,
            0,
            tooltip=self.tr("Choose only among this many of the likeliest values of each note (top-k)"),
            special=self.tr("all"),
        )
        self.top_p = LabelledSlider(
            self.tr("Share of likelihood"),
            0.05,
            1.0,
            USUAL_TOP_P,
            step=0.05,
            decimals=2,
            tooltip=self.tr(
                "Choose only among the likeliest values that make up this share together (top-p); 1 is all"
            ),
        )
        self._by = FormRow(self.tr("Choose by"), self.way)
        self._among = FormRow(self.tr("Random pick"), self.pick)
        self.told = SecondaryLabel(
            self.tr("Among so many of the likeliest words, all alike, as the seeds chose. Temperature does not count.")
        )
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GRID)
        for part in (self._by, self._among, self.told, self.temperature, self.top_k, self.top_p):
            rows.addWidget(part)
        self.way.currentIndexChanged.connect(self._show_way)
        self._show_way()

    @property
    def by_pick(self) -> bool:
        """Whether the random pick is what counts."""
        return self._words and self.way.currentIndex() == BY_PICK

    def set_words(self, words: bool) -> None:
        """Whether the model writes words; otherwise there is only temperature."""
        self._words = words
        self._show_way()

    def value(self) -> dict[str, Any]:
        """Temperature, top-k and top-p, or the random pick, by name."""
        if self.by_pick:
            return {"random_pick": self.pick.value()}
        return {
            "temperature": self.temperature.value(),
            "top_k": round(self.top_k.value()),
            "top_p": self.top_p.value(),
        }

    def show_value(self, settings: Mapping[str, Any]) -> None:
        """Show how something was chosen; what is not named there has its usual value."""
        pick = settings.get("random_pick", 0)
        self.way.setCurrentIndex(BY_PICK if pick else BY_TEMPERATURE)
        if pick:
            self.pick.setValue(pick)
            return
        self.temperature.set_value(settings.get("temperature", 1.0))
        self.top_k.set_value(settings.get("top_k", 0))
        self.top_p.set_value(settings.get("top_p", 1.0))

    def _show_way(self) -> None:
        picks = self.by_pick
        self._by.setVisible(self._words)
        for part in (self._among, self.told):
            part.setVisible(picks)
        for slider in (self.temperature, self.top_k, self.top_p):
            slider.setVisible(not picks)
