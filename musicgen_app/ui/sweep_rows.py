"""The rows of a sweep: a setting, and the list or range of its values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from musicgen_app.generation.presets import PRESETS
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.ml.config import LIMITS
from musicgen_app.ml.windowed_config import WINDOWED_LIMITS, AnyTrainConfig, WindowedTrainConfig
from musicgen_app.ui.controls import GRID, IconButton
from musicgen_app.ui.forms import Choice
from musicgen_app.ui.icons import Icons
from musicgen_app.workflow.repeat import duration_of
from musicgen_app.workflow.sweep import Axis

_SAMPLE = {
    "notes": ("Music: notes", "Length of the music each run writes; 0 writes none"),
    "temperature": ("Music: temperature", "0 to 5; 1 is as the network learned"),
    "top_k": ("Music: top-k", "Choose among so many of the likeliest; 0 is all"),
    "top_p": ("Music: top-p", "Choose among the likeliest that make up this share, to 1"),
    "random_pick": ("Music: random pick", "One of so many of the likeliest, all alike, as the seeds; 0 is off"),
    "sample_seed": ("Music: seed", "Of the random choices of the music"),
}
_WINDOWED_WORDS = {
    "optimizer": ("Optimizer", "adam, adamw or rmsprop"),
    "seed_order": ("Seed-compatible order", "true, false"),
}
_OURS_WORDS = {"transpose": ("All keys", "true, false"), "repeats": ("Shown repeats", "true, false")}
_NOT_SWEPT = ("threads", "save_seconds")
_FIRST = ("dropout", "learning_rate", "seed")


@dataclass(frozen=True, slots=True)
class Base:
    """What all runs of a sweep have in common unless a row says otherwise.

    Attributes:
        config: The settings of the form.
        overrides: Those to name beside the network, the duration and the seed.
        start: The model to start from; None for a fresh network.
    """

    config: AnyTrainConfig
    overrides: Mapping[str, Any] = field(default_factory=dict)
    start: Path | None = None

    @property
    def settings(self) -> dict[str, tuple[str, str]]:
        """The settings that can be varied: by name the title, and what may stand there."""
        windowed = isinstance(self.config, WindowedTrainConfig)
        limits = WINDOWED_LIMITS if windowed else LIMITS
        numbers = {
            name: (limit.title, f"{_words(limit.low)} to {_words(limit.high)}. {limit.explanation}")
            for name, limit in limits.items()
            if name not in _NOT_SWEPT
        }
        known = ", ".join(WINDOWED_PRESETS if windowed else PRESETS)
        network = {"preset": ("Network", known)} if self.start is None else {}
        words = _WINDOWED_WORDS if windowed else _OURS_WORDS
        ordered = {name: numbers[name] for name in (*_FIRST, *numbers) if name in numbers}
        return {**network, **ordered, **words, **_SAMPLE}

    def axes(self, varied: tuple[Axis, ...]) -> tuple[Axis, ...]:
        """All settings of the runs, those that are varied last and in their order."""
        names = {axis.name for axis in varied}
        common: dict[str, Any] = {**duration_of(self.config)}
        if self.start is not None:
            common["from"] = str(self.start)
        elif "preset" not in names:
            common["preset"] = self.config.preset
        if "preset" not in names:  # another network has its own usual settings
            common |= self.overrides
        fixed = (Axis(name, (value,)) for name, value in common.items() if name not in names and value is not None)
        return (*fixed, *varied)


class SweepRow(QWidget):
    """A setting, and its values as a person writes them.

    Signals:
        changed: The setting or its values are others.
        removed: The row is to go.
    """

    changed = Signal()
    removed = Signal()

    def __init__(self, base: Base, name: str, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = base.settings
        self._usual = {**base.config.to_json(), "notes": 200, "temperature": 1.0, "sample_seed": 0}
        self.setting = Choice()
        self.setting.setAccessibleName("Setting to vary")
        self.setting.setMinimumWidth(190)
        for key, (title, _) in self._settings.items():
            self.setting.addItem(title, key)
        self.setting.setCurrentIndex(self.setting.findData(name))
        self.values = QLineEdit()
        self.remove = IconButton(icons, "x", "Do not vary this setting")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.setting)
        row.addWidget(self.values, 1)
        row.addWidget(self.remove)
        self._explain()
        self.setting.currentIndexChanged.connect(self._on_setting)
        self.values.textChanged.connect(self.changed)
        self.remove.clicked.connect(self.removed)

    @property
    def name(self) -> str:
        """The setting."""
        return str(self.setting.currentData())

    @property
    def title(self) -> str:
        """The setting in words."""
        return self._settings[self.name][0]

    @property
    def explanation(self) -> str:
        """What the setting is, and what may stand there."""
        return f"{self.title}: {self._settings[self.name][1]}"

    def show_wrong(self, wrong: bool) -> None:
        """Mark the values as ones that cannot be read, or not."""
        if bool(self.values.property("wrong")) != wrong:
            self.values.setProperty("wrong", wrong)
            self.values.style().unpolish(self.values)
            self.values.style().polish(self.values)

    def _on_setting(self) -> None:
        self._explain()
        self.changed.emit()

    def _explain(self) -> None:
        self.values.setAccessibleName(f"Values of {self.title}")
        self.values.setToolTip(self._settings[self.name][1])
        usual = self._usual.get(self.name)
        self.values.setPlaceholderText("values" if usual is None else f"now {_words(usual)}")


def _words(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)
