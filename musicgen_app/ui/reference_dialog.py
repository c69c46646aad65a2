"""Asks what outputs are to be held against: a note file, a folder of MIDI files, or a prepared data set."""

from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from musicgen_app.ui.controls import BETWEEN, GRID, PrimaryButton, QuietButton, SecondaryLabel

_EXPLAINED = (
    "Every output of this project is held against this music: a note file the experiments learned from, a folder of "
    "MIDI files, or a prepared data set."
)


class ReferenceDialog(QDialog):
    """One place to name, by hand or in a dialog of the system.

    Args:
        start: The folder to begin in.
        dataset: The data set of the project; None where there is none.
        parent: Qt's owner.
    """

    def __init__(self, start: Path, dataset: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Judge the outputs")
        self.setMinimumWidth(520)
        self._start = start
        self._dataset = dataset
        self.place = QLineEdit()
        self.place.setPlaceholderText("Note file, folder of MIDI files, or data set")
        self.place.setAccessibleName("What to hold the outputs against")
        self.file = QuietButton("File...", "Choose a note file")
        self.folder = QuietButton("Folder...", "Choose a folder of MIDI files, or of a data set")
        self.own = QuietButton("This project's data set", "Hold them against what is prepared in the Dataset tab")
        self.own.setEnabled(dataset is not None)
        self.judge = PrimaryButton("Judge", "Hold the outputs against this music")
        self.judge.setDefault(True)
        self.judge.setEnabled(False)
        self.cancel = QuietButton("Cancel")
        self._lay_out()
        self.place.textChanged.connect(self._on_text)
        self.file.clicked.connect(self._on_file)
        self.folder.clicked.connect(self._on_folder)
        self.own.clicked.connect(self._on_own)
        self.judge.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)

    @property
    def chosen(self) -> Path:
        """The place that was named."""
        return Path(self.place.text().strip())

    def _lay_out(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        box.setSpacing(BETWEEN)
        box.addWidget(SecondaryLabel(_EXPLAINED))
        box.addWidget(self.place)
        choices, ends = QHBoxLayout(), QHBoxLayout()
        choices.setSpacing(GRID)
        for button in (self.file, self.folder, self.own):
            choices.addWidget(button)
        choices.addStretch(1)
        ends.addStretch(1)
        ends.addWidget(self.cancel)
        ends.addWidget(self.judge)
        box.addLayout(choices)
        box.addLayout(ends)

    def _on_text(self, text: str) -> None:
        self.judge.setEnabled(bool(text.strip()))

    def _on_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Note file", str(self._start))
        if chosen:
            self.place.setText(chosen)

    def _on_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder of MIDI files, or of a data set", str(self._start))
        if chosen:
            self.place.setText(chosen)

    def _on_own(self) -> None:
        self.place.setText(str(self._dataset))
