"""The settings of a training of a network of the seeds."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.ml.windowed_config import ADAMW_DECAY, WINDOWED_LIMITS, WindowedTrainConfig
from musicgen_app.ui.controls import BETWEEN, SecondaryLabel
from musicgen_app.ui.forms import Choice, NumberBox, Section
from musicgen_app.ui.setting_boxes import Explanation, SettingBox, add_box
from musicgen_app.workflow.outputs import USUAL_NOTES, USUAL_PICK

_MAIN = ("epochs", "minutes", "learning_rate", "time_decay", "batch", "window", "dropout", "recurrent_dropout")
_MORE = ("embedding", "weight_decay", "patience", "threads", "seed")
_OPTIMIZERS = (("adam", "Adam"), ("adamw", "AdamW"), ("rmsprop", "RMSprop"))
_ABOUT_OPTIMIZER = (
    "How a step follows from the gradients, with Keras' constants. The seeds used Adam, the article RMSprop."
)
_ABOUT_ORDER = (
    "Dropout before the greatest of all steps, as the seeds had it. It costs the network much of what it learned; "
    "behind it nothing is lost."
)


_ABOUT_OUTPUT = (
    f"{USUAL_NOTES} words by the finished model, as the seeds made them; kept with the run, and counted for its score."
)
_ABOUT_PICK = "Each word of the output is chosen among so many of the likeliest, all alike; 1 takes the likeliest."
_MOST_PICKED = 1000


class WindowedFields(QWidget):
    """Reads into a ``WindowedTrainConfig``; what has no box here stays as it was shown.

    Args:
        explanation: Tells about the control in use.
        parent: Qt's owner.

    Signals:
        changed: A setting has another value.
    """

    changed = Signal()

    def __init__(self, explanation: Explanation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = WindowedTrainConfig.from_preset(next(iter(WINDOWED_PRESETS)))
        self._boxes: dict[str, SettingBox] = {}
        self._showing = False
        self._dropout = self._config.dropout
        self.estimate = SecondaryLabel()
        self.more = Section("More", foldable=True, folded=True)
        self.optimizer = Choice()
        self.seed_order = QCheckBox("Seed-compatible order")
        self.makes_output = QCheckBox("Make its output at the end")
        self.makes_output.setChecked(True)
        self.pick = NumberBox(1, _MOST_PICKED, USUAL_PICK)
        self._lay_out(explanation)
        for box in self._boxes.values():
            box.valueChanged.connect(self._on_changed)
        self._boxes["dropout"].valueChanged.connect(self._on_dropout)
        self.optimizer.currentIndexChanged.connect(self._on_changed)
        self.optimizer.activated.connect(self._on_optimizer)
        self.seed_order.toggled.connect(self._on_changed)
        self.show_config(self._config)

    def value(self) -> WindowedTrainConfig:
        """The settings as they are chosen."""
        values: dict[str, Any] = {name: box.value() for name, box in self._boxes.items()}
        values["minutes"] = values["minutes"] or None
        return replace(
            self._config,
            **values,
            optimizer=self.optimizer.currentData(),
            seed_order=self.seed_order.isChecked(),
        )

    def show_config(self, config: WindowedTrainConfig) -> None:
        """Show other settings."""
        self._config = config
        self._showing = True
        for name, box in self._boxes.items():
            value = getattr(config, name)
            if value is None:
                value = 0 if name == "minutes" else WINDOWED_PRESETS[config.preset].epochs
            box.setValue(value)
        self.optimizer.setCurrentIndex(self.optimizer.findData(config.optimizer))
        self.seed_order.setChecked(config.seed_order)
        kinds = [layer.kind for layer in config.layers]
        self.seed_order.setVisible("pool" in kinds)
        self._boxes["recurrent_dropout"].setEnabled(any(layer.recurrent_dropout for layer in config.layers))
        self._showing = False
        self._dropout = config.dropout
        self._on_changed()

    def output(self) -> dict[str, Any]:
        """How an output is to be made when the training ends by itself; empty for none."""
        return {"random_pick": self.pick.value()} if self.makes_output.isChecked() else {}

    def show_output(self, plan: Mapping[str, Any] | None) -> None:
        """Show how an output is to be made; empty for none, None as is usual."""
        self.makes_output.setChecked(plan is None or bool(plan))
        pick = (plan or {}).get("random_pick")
        self.pick.setValue(pick if isinstance(pick, int) and pick else USUAL_PICK)

    def box(self, name: str) -> SettingBox:
        """The box of a setting of ``WindowedTrainConfig``.

        Raises:
            KeyError: There is none for it.
        """
        return self._boxes[name]

    def _lay_out(self, explanation: Explanation) -> None:
        training = Section("Training")
        for name in _MAIN:
            self._boxes[name] = add_box(training, name, WINDOWED_LIMITS[name], explanation)
        for name, words in _OPTIMIZERS:
            self.optimizer.addItem(words, name)
        training.add_row("Optimizer", self.optimizer)
        explanation.explain(self.optimizer, _ABOUT_OPTIMIZER)
        training.add(self.seed_order)
        explanation.explain(self.seed_order, _ABOUT_ORDER)
        training.add(self.estimate)
        output = Section("Output")
        output.add(self.makes_output)
        output.add_row("Random pick", self.pick)
        self.pick.setAccessibleName("Random pick")
        self.makes_output.toggled.connect(self.pick.setEnabled)
        explanation.explain(self.makes_output, _ABOUT_OUTPUT)
        explanation.explain(self.pick, _ABOUT_PICK)
        for name in _MORE:
            self._boxes[name] = add_box(self.more, name, WINDOWED_LIMITS[name], explanation)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(BETWEEN)
        rows.addWidget(training)
        rows.addWidget(output)
        rows.addWidget(self.more)

    def _on_changed(self) -> None:
        if not self._showing:
            self.changed.emit()

    def _on_dropout(self, dropout: float) -> None:
        """The recurrent dropout goes along as long as it is the same."""
        recurrent = self._boxes["recurrent_dropout"]
        if not self._showing and recurrent.value() == self._dropout:
            recurrent.setValue(dropout)  # type: ignore[arg-type]
        self._dropout = dropout

    def _on_optimizer(self) -> None:
        """AdamW without a weight decay would be Adam; the others had none."""
        decay = self._boxes["weight_decay"]
        before, after = (0.0, ADAMW_DECAY) if self.optimizer.currentData() == "adamw" else (ADAMW_DECAY, 0.0)
        if decay.value() == before:
            decay.setValue(after)  # type: ignore[arg-type]
