"""Chooses what a training starts from: a fresh network, the bundled model, a run's, or another file."""

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from musicgen_app.core.errors import MusicgenError
from musicgen_app.dataset.store import Dataset
from musicgen_app.ml.tuning import tuned_config
from musicgen_app.ui.controls import GRID, ElidedLabel, QuietButton, SecondaryLabel
from musicgen_app.ui.forms import Choice
from musicgen_app.ui.icons import Icons
from musicgen_app.workflow.models import Model, open_model
from musicgen_app.workflow.start import check_fit

_NOTHING, _ANOTHER = "", "another"


class StartPicker(QWidget):
    """The choice, the file where another model is wanted, and a sentence where it does not fit the data set.

    Signals:
        changed: Something else was chosen, or fits no longer.
    """

    changed = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models: tuple[Model, ...] = ()
        self._another: Model | None = None
        self._another_fault = ""
        self._dataset: Dataset | None = None
        self.choice = Choice()
        self.choice.setAccessibleName(self.tr("Start from"))
        self.choice.setToolTip(
            self.tr("A model that knows much music already learns from a few pieces what is special about them")
        )
        self.file_button = QuietButton(
            self.tr("Choose..."), self.tr("Choose the file of a model to start from"), icons, "folder-open"
        )
        self._file_name = ElidedLabel(self.tr("No file chosen"), secondary=True)
        self._file = QWidget()
        self.hint = SecondaryLabel()
        self._lay_out()
        self.set_models(())
        self.choice.currentIndexChanged.connect(self._on_chosen)
        self.file_button.clicked.connect(self._ask_for_file)

    @property
    def model(self) -> Model | None:
        """The model to start from; None for a fresh network, or where none can be used."""
        chosen = self.choice.currentData()
        if chosen == _ANOTHER:
            return self._another
        return next((model for model in self._models if str(model.path) == chosen), None)

    @property
    def obstacle(self) -> str:
        """Why no training can begin from what is chosen; "" where it can."""
        model = self.model
        if model is None:
            if self.choice.currentData() != _ANOTHER:
                return ""
            return self._another_fault or self.tr("Choose the model to start from.")
        try:
            if self._dataset is not None:
                check_fit(model.path, model.header, self._dataset)
        except MusicgenError as error:
            return str(error)
        return ""

    def set_models(self, models: tuple[Model, ...]) -> None:
        """Offer these models. What is chosen stays chosen as long as it is there."""
        before = self.choice.currentData()
        self._models = tuple(model for model in models if not _fault(model))
        with QSignalBlocker(self.choice):
            self.choice.clear()
            self.choice.addItem(self.tr("Nothing (fresh network)"), _NOTHING)
            for model in sorted(self._models, key=lambda model: not model.bundled):
                self.choice.addItem(_words(model), str(model.path))
            self.choice.addItem(self.tr("Another model..."), _ANOTHER)
            self.choice.setCurrentIndex(max(0, self.choice.findData(before)))
        if self.choice.currentData() != (before or _NOTHING):
            self._on_chosen()
        else:
            self._tell()

    def set_dataset(self, dataset: Dataset | None) -> None:
        """What is to be learned from; None where there is none."""
        self._dataset = dataset
        self._tell()

    def choose(self, path: Path | None) -> None:
        """Choose a model by its file, or the offered one that is the same; None for a fresh network."""
        if path is None:
            self.choice.setCurrentIndex(0)
            return
        self._open(path)
        same = next((one for one in self._models if self._another and one.header == self._another.header), None)
        chosen = self.choice.findData(_ANOTHER if same is None else str(same.path))
        if chosen == self.choice.currentIndex():
            self._on_chosen()
        self.choice.setCurrentIndex(chosen)

    def _lay_out(self) -> None:
        across = QHBoxLayout(self._file)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(GRID)
        across.addWidget(self.file_button)
        across.addWidget(self._file_name, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GRID)
        for widget in (self.choice, self._file, self.hint):
            rows.addWidget(widget)

    def _open(self, path: Path) -> None:
        self._file_name.set_text(path.name)
        self._another, self._another_fault = None, ""
        try:
            model = open_model(path)
        except MusicgenError as error:
            self._another_fault = str(error)
            return
        self._another_fault = _fault(model)
        if not self._another_fault:
            self._another = model
            self._file_name.set_text(model.title)

    def _ask_for_file(self) -> None:
        folder = str(self._another.path.parent) if self._another is not None else ""
        kinds = self.tr("Models (*.safetensors);;All files (*)")
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a model to start from"), folder, kinds)
        if chosen:
            self.choose(Path(chosen))

    def _on_chosen(self) -> None:
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        self._file.setVisible(self.choice.currentData() == _ANOTHER)
        self.hint.setText(self.obstacle)
        self.hint.setVisible(bool(self.hint.text()))


def _fault(model: Model) -> str:
    """Why a model cannot be trained at all; "" where it can."""
    try:
        tuned_config(model.header)
    except MusicgenError as error:
        return str(error)
    return ""


def _words(model: Model) -> str:
    """How a model stands in the list."""
    return f"Bundled {model.title.lower()} model" if model.bundled else model.title
