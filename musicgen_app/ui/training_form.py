"""The form of a training: its start, a size of network, the five parameters that matter, the others folded away."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.checkpoint import NetworkConfig
from musicgen_app.generation.presets import PRESETS
from musicgen_app.ml.config import DEFAULT_EPOCHS, LIMITS, TrainConfig
from musicgen_app.ml.tuning import tuned_config
from musicgen_app.project.story import duration_words
from musicgen_app.ui.controls import (
    BETWEEN,
    GRID,
    DecimalBox,
    FormRow,
    IconButton,
    NumberBox,
    SecondaryLabel,
    Section,
)
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.preset_cards import PresetCards
from musicgen_app.ui.start_picker import StartPicker

_FROM_PRESET = ("learning_rate", "dropout", "batch", "window")
_MAIN = ("epochs", "minutes", "learning_rate", "dropout", "window")
_MORE = ("batch", "patience", "weight_decay", "clip", "threads")
_DECIMALS = {"minutes": 1, "learning_rate": 6, "dropout": 2, "weight_decay": 3, "clip": 2}
_STEPS = {"dropout": 0.05, "weight_decay": 0.005}
_SPECIAL = {"minutes": "no limit", "patience": "never", "threads": "all"}
_SUFFIX = {"minutes": " min", "patience": " epochs", "epochs": ""}
_TITLES = {"minutes": "Time limit", "patience": "Stop early after"}
_TRANSPOSE = "Each passage is learned in a random key. More to learn from, but the keys of the pieces are not learned."


class RateBox(DecimalBox):
    """A box for numbers of very different sizes; shows no zeros at the end."""

    def textFromValue(self, value: float) -> str:
        return f"{value:.6f}".rstrip("0").rstrip(".")


class TrainingForm(QWidget):
    """Reads into a ``TrainConfig``; what is out of range cannot be typed.

    A sentence at the end explains the control that has the mouse or the focus.
    """

    changed = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: dict[str, NumberBox | DecimalBox] = {}
        self._explained: dict[QObject, str] = {}
        self._notes = 0
        self._speeds: Mapping[str, float] = {}
        self.start = StartPicker(icons)
        self.cards = PresetCards()
        self.more = Section("More", foldable=True, folded=True)
        self._transpose = QCheckBox("Learn in all keys")
        self._transpose_decided = False
        self._seed = NumberBox(int(LIMITS["seed"].low), int(LIMITS["seed"].high))
        self._estimate = SecondaryLabel()
        self._about = SecondaryLabel()
        self._lay_out(icons)
        self.start.changed.connect(self._on_start)
        self.cards.chosen.connect(self._on_preset)
        self._transpose.toggled.connect(self._on_changed)
        self._transpose.clicked.connect(self._on_transpose_clicked)
        self._seed.valueChanged.connect(self._on_changed)
        self.set_config(TrainConfig.from_preset())

    def value(self) -> TrainConfig:
        """The settings as they are chosen."""
        minutes = float(self._boxes["minutes"].value())
        values: dict[str, Any] = {name: self._boxes[name].value() for name in (*_MAIN, *_MORE) if name != "minutes"}
        config = self.usual(transpose=self._transpose.isChecked(), seed=self._seed.value(), **values)
        return replace(config, minutes=minutes or None)

    def usual(self, **overrides: Any) -> TrainConfig:
        """The settings that belong to the chosen size, or to the model that is started from, with some replaced."""
        model = self.start.model
        if model is None:
            return TrainConfig.from_preset(self.cards.preset, **overrides)
        return tuned_config(model.header, **overrides)

    def set_config(self, config: TrainConfig, start: Path | None = None) -> None:
        """Show other settings, and the model they are for."""
        self.start.choose(start)
        if start is None:
            self.cards.choose(config.preset)
        for name, box in self._boxes.items():
            value = getattr(config, name)
            if value is None:
                value = 0 if name == "minutes" else DEFAULT_EPOCHS
            box.setValue(value)
        self._transpose.setChecked(bool(config.settled(self._notes).transpose))
        self._seed.setValue(config.seed)
        self._on_changed()

    def set_dataset(self, dataset: Dataset | None, speeds: Mapping[str, float]) -> None:
        """Show what a training costs on a data set.

        Args:
            dataset: The prepared data set; None where there is none.
            speeds: Notes a second measured in earlier runs on this machine, by preset.
        """
        self._notes = dataset.note_count("train") if dataset is not None else 0
        self._speeds = speeds
        self.start.set_dataset(dataset)
        self._settle_transpose()
        self.cards.show_costs(dataset.codec if dataset is not None else None, self._notes, speeds)
        self._on_changed()

    def _settle_transpose(self) -> None:
        if not self._transpose_decided:
            self._transpose.setChecked(bool(self.usual().settled(self._notes).transpose))

    def _on_transpose_clicked(self) -> None:
        """From now on another data set does not change what a person has chosen."""
        self._transpose_decided = True

    def box(self, name: str) -> NumberBox | DecimalBox:
        """The box of a setting of ``TrainConfig``.

        Raises:
            KeyError: There is none for it.
        """
        return self._boxes[name]

    @property
    def explanation(self) -> str:
        """The sentence about the control in use."""
        return self._about.text()

    @property
    def estimate(self) -> str:
        """The sentence about how long it will take."""
        return self._estimate.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Explain the control that has the mouse or the focus."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.Enter) and watched in self._explained:
            self._about.setText(self._explained[watched])
        return super().eventFilter(watched, event)

    def _lay_out(self, icons: Icons) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(BETWEEN)
        network, training = Section("Network"), Section("Training")
        network.add_row("Start from", self.start, stacked=True)
        network.add(self.cards)
        for name in _MAIN:
            self._add_box(training, name)
        training.add(self._estimate)
        self.more.add(self._transpose)
        self._explain(self._transpose, _TRANSPOSE)
        for name in _MORE:
            self._add_box(self.more, name)
        dice = IconButton(icons, "dices", "Choose a seed at random")
        dice.clicked.connect(self._on_dice)
        seed = QWidget()
        line = QHBoxLayout(seed)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID // 2)
        line.addWidget(self._seed, 1)
        line.addWidget(dice)
        self.more.add_row("Seed", seed)
        self._seed.setAccessibleName("Seed")
        self._explain(self._seed, LIMITS["seed"].explanation)
        # Three lines are kept free, so that nothing moves while explanations come and go.
        self._about.setMinimumHeight(3 * self._about.fontMetrics().lineSpacing())
        self._about.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        for part in (network, training, self.more, self._about):
            rows.addWidget(part)

    def _add_box(self, section: Section, name: str) -> None:
        limit = LIMITS[name]
        low = 0 if name == "minutes" else limit.low
        box: NumberBox | DecimalBox
        box = self._decimal_box(name, low, limit.high) if name in _DECIMALS else NumberBox(int(low), int(limit.high))
        box.setSuffix(_SUFFIX.get(name, ""))
        box.setSpecialValueText(_SPECIAL.get(name, ""))
        box.setGroupSeparatorShown(name == "epochs")
        box.valueChanged.connect(self._on_changed)
        box.setProperty("setting", name)
        self._boxes[name] = box
        row: FormRow = section.add_row(_TITLES.get(name, limit.title), box)
        told = f"{limit.explanation} {limit.low:g} to {limit.high:,g}."
        self._explain(box, told)
        row.label.setToolTip(told)

    def _decimal_box(self, name: str, low: float, high: float) -> DecimalBox:
        box = (RateBox if name == "learning_rate" else DecimalBox)(low, high)
        box.setDecimals(_DECIMALS[name])
        if name in _STEPS:
            box.setSingleStep(_STEPS[name])
        else:
            box.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        return box

    def _explain(self, control: QWidget, told: str) -> None:
        control.setToolTip(told)
        control.setAccessibleDescription(told)
        self._explained[control] = told
        control.installEventFilter(self)

    def _on_preset(self) -> None:
        if self.start.model is None:
            self._show_usual()

    def _on_start(self) -> None:
        model = self.start.model
        network = None if model is None else model.header.network
        # A network of the seeds has none of these sizes, and is refused as a start.
        self.cards.show_network(network if isinstance(network, NetworkConfig) else None, model.title if model else "")
        self._settle_transpose()
        self._show_usual()

    def _show_usual(self) -> None:
        config = self.usual()
        for setting in _FROM_PRESET:
            self._boxes[setting].setValue(getattr(config, setting))
        self._on_changed()

    def _on_dice(self) -> None:
        self._seed.setValue(secrets.randbelow(100_000))

    def _on_changed(self) -> None:
        self._estimate.setText(self._estimated())
        self.changed.emit()

    def _estimated(self) -> str:
        epochs, minutes = int(self._boxes["epochs"].value()), float(self._boxes["minutes"].value())
        if not self._notes:
            return ""
        preset = self.usual().preset
        rate = self._speeds.get(preset) or PRESETS[preset].notes_per_second
        seconds = max(1.0, epochs * self._notes / rate)
        seconds = seconds if seconds < 60 else 10 * round(seconds / 10)
        if minutes and minutes * 60 < seconds:
            return f"{self._notes:,} notes an epoch; ends after {duration_words(minutes * 60)}."
        return f"{self._notes:,} notes an epoch; {epochs:,} epochs take about {duration_words(seconds)}."
