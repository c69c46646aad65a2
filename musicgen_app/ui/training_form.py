"""The form of a training: its start, its network, the parameters that matter, the others folded away."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.checkpoint import NetworkConfig
from musicgen_app.generation.presets import PRESETS
from musicgen_app.ml.config import DEFAULT_EPOCHS, LIMITS, TrainConfig
from musicgen_app.ml.tuning import tuned_config
from musicgen_app.ml.windowed_config import AnyTrainConfig, WindowedTrainConfig
from musicgen_app.project.story import duration_words
from musicgen_app.ui.controls import BETWEEN, GRID, IconButton, SecondaryLabel
from musicgen_app.ui.forms import Choice, FormRow, NumberBox, Section
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.preset_cards import PresetCards
from musicgen_app.ui.seed_picker import SeedPicker
from musicgen_app.ui.setting_boxes import Explanation, SettingBox, add_box
from musicgen_app.ui.start_picker import StartPicker
from musicgen_app.ui.windowed_fields import WindowedFields
from musicgen_app.workflow.cadence import AUTO, EPOCH, OFF

_FROM_PRESET = ("learning_rate", "dropout", "batch", "window")
_MAIN = ("epochs", "minutes", "learning_rate", "dropout", "window")
_MORE = ("batch", "patience", "weight_decay", "clip", "threads")
_APART = ("preset", "epochs", "minutes", "seed")
_TRANSPOSE = "Each passage is learned in a random key. More to learn from, but the keys of the pieces are not learned."
_TAKES = (
    ("Up to 3 % of time", AUTO),
    ("After every epoch", EPOCH),
    ("Every 2 minutes", "2"),
    ("Every 10 minutes", "10"),
    ("None", OFF),
)
_ABOUT_TAKES = (
    "Twenty seconds of music from the network as it is at that moment, always with the same seed. They stand on the "
    "curve, to be played. Unless you ask for every epoch they cost less than 3 % of the time."
)


class TrainingForm(QWidget):
    """Reads into a ``TrainConfig``, or a ``WindowedTrainConfig`` for a network of the seeds.

    What is out of range cannot be typed. A sentence at the end explains the control that has the mouse or the focus.
    """

    changed = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: dict[str, SettingBox] = {}
        self._notes = 0
        self._speeds: Mapping[str, float] = {}
        self.start = StartPicker(icons)
        self.cards = PresetCards()
        self.seeds = SeedPicker()
        self.more = Section("More", foldable=True, folded=True)
        self._transpose = QCheckBox("Learn in all keys")
        self._transpose_decided = False
        self._seed = NumberBox(int(LIMITS["seed"].low), int(LIMITS["seed"].high))
        self._estimate = SecondaryLabel()
        self._takes = Choice()
        self._about = Explanation()
        self._ours = QWidget()
        self.windowed = WindowedFields(self._about)
        self._lay_out(icons)
        self.start.changed.connect(self._on_start)
        self.cards.chosen.connect(self._on_preset)
        self.seeds.chosen.connect(self._on_seed_network)
        self.windowed.changed.connect(self._on_changed)
        self._transpose.toggled.connect(self._on_changed)
        self._transpose.clicked.connect(self._on_transpose_clicked)
        self._seed.valueChanged.connect(self._on_changed)
        self.set_config(TrainConfig.from_preset())

    def value(self) -> AnyTrainConfig:
        """The settings as they are chosen."""
        if self.seeds.preset:
            return self.windowed.value()
        minutes = float(self._boxes["minutes"].value())
        values: dict[str, Any] = {name: self._boxes[name].value() for name in (*_MAIN, *_MORE) if name != "minutes"}
        config = self._usual(transpose=self._transpose.isChecked(), seed=self._seed.value(), **values)
        return replace(config, minutes=minutes or None)

    def overrides(self) -> dict[str, Any]:
        """The settings to name beside preset, duration and seed: those the preset or the model would have otherwise."""
        config = self.value()
        chosen = {name: value for name, value in config.to_json().items() if name not in _APART}
        if isinstance(config, WindowedTrainConfig):
            return chosen  # all of them: there one setting that is not named can follow from another
        usual = self._usual().to_json()
        return {name: value for name, value in chosen.items() if value != usual[name]}

    def output(self) -> Mapping[str, Any]:
        """How an output is to be made when the training ends by itself; empty for none."""
        return self.windowed.output() if self.seeds.preset else {}

    def show_output(self, plan: Mapping[str, Any] | None) -> None:
        """Show how an output is to be made; empty for none, None as is usual."""
        self.windowed.show_output(plan)

    @property
    def obstacle(self) -> str:
        """Why no training can begin with what is chosen; empty where it can."""
        return self.start.obstacle or self.seeds.obstacle

    def _usual(self, **overrides: Any) -> TrainConfig:
        """The settings that belong to the chosen size, or to the model that is started from, with some replaced."""
        model = self.start.model
        if model is None:
            return TrainConfig.from_preset(self.cards.preset, **overrides)
        return tuned_config(model.header, **overrides)

    @property
    def takes(self) -> str:
        """How often the network is to be heard on the way, as ``cadence_of`` reads it."""
        return str(self._takes.currentData())

    def set_config(self, config: AnyTrainConfig, start: Path | None = None) -> None:
        """Show other settings, and the model they are for."""
        if isinstance(config, WindowedTrainConfig):
            self.start.choose(None)
            self.seeds.choose(config.preset)
            self.windowed.show_config(config)
            return
        self.start.choose(start)
        self.seeds.choose("")
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
        self.seeds.set_dataset(dataset)
        self._settle_transpose()
        self.cards.show_costs(dataset.codec if dataset is not None else None, self._notes, speeds)
        self._on_changed()

    def _settle_transpose(self) -> None:
        if not self._transpose_decided:
            self._transpose.setChecked(bool(self._usual().settled(self._notes).transpose))

    def _on_transpose_clicked(self) -> None:
        """From now on another data set does not change what a person has chosen."""
        self._transpose_decided = True

    def set_threads(self, threads: int) -> None:
        """Show how many processor threads are to be used."""
        for box in (self._boxes["threads"], self.windowed.box("threads")):
            box.setValue(threads)

    def box(self, name: str) -> SettingBox:
        """The box that is shown for a setting.

        Raises:
            KeyError: There is none for it.
        """
        return self.windowed.box(name) if self.seeds.preset else self._boxes[name]

    @property
    def explanation(self) -> str:
        """The sentence about the control in use."""
        return self._about.text()

    @property
    def estimate(self) -> str:
        """The sentence about how long it will take."""
        return (self.windowed.estimate if self.seeds.preset else self._estimate).text()

    def _lay_out(self, icons: Icons) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(BETWEEN)
        network, training = Section("Network"), Section("Training")
        network.add_row("Start from", self.start, stacked=True)
        network.add(self.cards)
        network.add(self.seeds)
        for name in _MAIN:
            self._add_box(training, name)
        training.add(self._estimate)
        self.more.add(self._transpose)
        self._about.explain(self._transpose, _TRANSPOSE)
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
        self._about.explain(self._seed, LIMITS["seed"].explanation)
        ours = QVBoxLayout(self._ours)
        ours.setContentsMargins(0, 0, 0, 0)
        ours.setSpacing(BETWEEN)
        ours.addWidget(training)
        ours.addWidget(self.more)
        self.windowed.hide()
        for words, cadence in _TAKES:
            self._takes.addItem(words, cadence)
        takes = FormRow("Takes to hear", self._takes)
        self._about.explain(self._takes, _ABOUT_TAKES)
        for part in (network, self._ours, self.windowed, takes, self._about):
            rows.addWidget(part)

    def _add_box(self, section: Section, name: str) -> None:
        box = self._boxes[name] = add_box(section, name, LIMITS[name], self._about)
        box.valueChanged.connect(self._on_changed)

    def _on_preset(self) -> None:
        self.seeds.choose("")
        if self.start.model is None:
            self._show_usual()

    def _on_seed_network(self, preset: str) -> None:
        """Show the settings of a network of the seeds in the place of ours, or ours again."""
        self._ours.setVisible(not preset)
        self.windowed.setVisible(bool(preset))
        if preset:
            self.cards.clear()
            self.windowed.show_config(WindowedTrainConfig.from_preset(preset))
        else:
            self.cards.choose(self.cards.preset)
            self._on_changed()

    def _on_start(self) -> None:
        model = self.start.model
        self.seeds.set_free(model is None)
        network = None if model is None else model.header.network
        # A network of the seeds has none of these sizes, and is refused as a start.
        self.cards.show_network(network if isinstance(network, NetworkConfig) else None, model.title if model else "")
        self._settle_transpose()
        self._show_usual()

    def _show_usual(self) -> None:
        config = self._usual()
        for setting in _FROM_PRESET:
            self._boxes[setting].setValue(getattr(config, setting))
        self._on_changed()

    def _on_dice(self) -> None:
        self._seed.setValue(secrets.randbelow(100_000))

    def _on_changed(self) -> None:
        windowed = self.windowed.value() if self.seeds.preset else None
        self.seeds.show_config(windowed)
        if windowed is None:
            self._estimate.setText(self._estimated(self._usual().preset))
        else:
            self.windowed.estimate.setText(self._estimated(windowed.preset))
        self.changed.emit()

    def _estimated(self, preset: str) -> str:
        epochs, minutes = int(self.box("epochs").value()), float(self.box("minutes").value())
        if not self._notes:
            return ""
        learned = f"{self._notes:,} {'notes' if preset in PRESETS else 'words'} an epoch"
        rate = self._speeds.get(preset)
        if preset in PRESETS:
            rate = rate or PRESETS[preset].notes_per_second
        if not rate:
            return f"{learned}; how long one takes is known after the first training."
        seconds = max(1.0, epochs * self._notes / rate)
        seconds = seconds if seconds < 60 else 10 * round(seconds / 10)
        if minutes and minutes * 60 < seconds:
            return f"{learned}; ends after {duration_words(minutes * 60)}."
        take = "1 epoch takes" if epochs == 1 else f"{epochs:,} epochs take"
        return f"{learned}; {take} about {duration_words(seconds)}."
