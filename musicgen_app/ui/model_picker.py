"""Chooses the model to generate with, and says what it learned from."""

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from musicgen_app.ui.controls import GRID, QuietButton, SecondaryLabel
from musicgen_app.ui.forms import Choice
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.panels import FactList
from musicgen_app.workflow.models import Model


class ModelPicker(QWidget):
    """A list of models and the facts of the chosen one; without models, what to do about it.

    Signals:
        model_changed: Another model is chosen, or none is there any more.
        training_asked: The person wants to train one.
    """

    model_changed = Signal()
    training_asked = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: tuple[Model, ...] = ()
        self._picked = False
        self.choice = Choice()
        self.choice.setAccessibleName(self.tr("Model"))
        self.choice.setToolTip(self.tr("The trained network that makes the music"))
        self.facts = FactList()
        self._nothing = SecondaryLabel(self.tr("There is no trained model yet. Train one on your data set first."))
        self._train = QuietButton(self.tr("Go to Training"), self.tr("Open the Training tab"), icons, "chart-line")
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GRID)
        for widget in (self.choice, self.facts, self._nothing, self._train):
            rows.addWidget(widget)
        self.choice.currentIndexChanged.connect(self._on_chosen)
        self.choice.activated.connect(self._on_picked)
        self._train.clicked.connect(self.training_asked)
        self.set_models(())

    @property
    def model(self) -> Model | None:
        """The chosen model; None where there is none."""
        path = self.choice.currentData()
        return next((model for model in self._models if str(model.path) == path), None)

    def set_models(self, models: tuple[Model, ...]) -> None:
        """Show these models, the one to choose first at the top. What a person has chosen stays chosen."""
        before = self.choice.currentData() if self._picked else None
        self._models = models
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for index, model in enumerate(models):
                if index and model.bundled and not models[index - 1].bundled:
                    self.choice.insertSeparator(self.choice.count())
                self.choice.addItem(_words(model), str(model.path))
        self._show(bool(models))
        if before is None or not self._show_as_chosen(before):
            self._on_chosen()

    def choose(self, path: Path) -> bool:
        """Choose a model by its file, as a person does; False where it is not in the list."""
        self._picked = self._show_as_chosen(str(path)) or self._picked
        return bool(str(path) == self.choice.currentData())

    def _show_as_chosen(self, path: str) -> bool:
        index = self.choice.findData(path)
        if index < 0:
            return False
        self.choice.setCurrentIndex(index)
        self._on_chosen()
        return True

    def _on_picked(self) -> None:
        self._picked = True

    def _show(self, some: bool) -> None:
        self.choice.setVisible(some)
        self.facts.setVisible(some)
        self._nothing.setVisible(not some)
        self._train.setVisible(not some)

    def _on_chosen(self) -> None:
        model = self.model
        if model is not None:
            self._tell(model)
        self.model_changed.emit()

    def _tell(self, model: Model) -> None:
        heard = self.tr("{pieces} pieces, {notes} notes").format(pieces=f"{model.pieces:,}", notes=f"{model.notes:,}")
        self.facts.set_fact(self.tr("Learned from"), heard if model.notes else self.tr("not known"))
        loss = self.tr("not measured") if model.validation is None else f"{model.validation:.3f} nats a note"
        explained = self.tr("How surprised it is by each note of pieces it did not learn from; lower is better")
        self.facts.set_fact(self.tr("Held-out loss"), loss, explained)
        licence = model.header.licence or self.tr("not known")
        self.facts.set_fact(self.tr("Licence"), licence, "\n".join(model.header.attribution))


def _words(model: Model) -> str:
    """How a model stands in the list."""
    if model.validation is None:
        return model.title
    return f"{model.title}  ({model.validation:.2f})"
