"""Chooses what the music goes on from: nothing, a passage of the data set, a MIDI file, or the roll."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from musicgen_app.ui.controls import GRID, ElidedLabel, QuietButton, SecondaryLabel
from musicgen_app.ui.forms import Choice, FormRow, NumberBox
from musicgen_app.ui.icons import Icons
from musicgen_app.workflow.generate import MOST_PASSAGE_NOTES

NOTHING, PASSAGE, FILE, ROLL = range(4)
_FEW_NOTES = 8
_USUAL_NOTES = 64


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the music goes on from.

    Attributes:
        kind: NOTHING, PASSAGE, FILE or ROLL.
        passage_notes: Length of a passage, in notes.
        file: The MIDI file; None where none is chosen.
        include: Whether takes begin with it.
    """

    kind: int
    passage_notes: int
    file: Path | None
    include: bool


class PromptPicker(QWidget):
    """The choice, with what belongs to each.

    Signals:
        changed: Something else was chosen, or can be.
    """

    changed = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file: Path | None = None
        self.choice = Choice()
        self.choice.addItem(self.tr("From nothing"))
        self.choice.addItem(self.tr("A random passage"))
        self.choice.addItem(self.tr("A MIDI file"))
        self.choice.addItem(self.tr("The selection in the roll"))
        self.choice.setAccessibleName(self.tr("Begin with"))
        self.choice.setToolTip(self.tr("What the music goes on from"))
        self.passage_notes = NumberBox(_FEW_NOTES, MOST_PASSAGE_NOTES, _USUAL_NOTES)
        self.passage_notes.setSingleStep(8)
        self.passage_notes.setSuffix(self.tr(" notes"))
        self.passage_notes.setToolTip(self.tr("How long a passage of the data set is heard before it goes on"))
        self.file_button = QuietButton(
            self.tr("Choose..."), self.tr("Choose a MIDI file to go on from"), icons, "file-music"
        )
        self._file_name = ElidedLabel(self.tr("No file chosen"), secondary=True)
        self.hint = SecondaryLabel()
        self.include = QCheckBox(self.tr("Takes begin with it"))
        self.include.setChecked(True)
        self.include.setToolTip(self.tr("Put what is continued into the roll too, before what is new"))
        self._details = QStackedWidget()
        self._lay_out()
        self.choice.currentIndexChanged.connect(self._on_changed)
        self.passage_notes.valueChanged.connect(self.changed)
        self.include.toggled.connect(self.changed)
        self.file_button.clicked.connect(self._ask_for_file)
        self.set_has_dataset(False)
        self.set_roll(0, 0)
        self._on_changed()

    def value(self) -> Prompt:
        """What is chosen."""
        return Prompt(self.choice.currentIndex(), self.passage_notes.value(), self._file, self.include.isChecked())

    @property
    def obstacle(self) -> str:
        """Why nothing can be generated from what is chosen; "" where it can."""
        kind = self.choice.currentIndex()
        if kind == PASSAGE and not self._has_dataset:
            return self.tr("Prepare a data set first: there is none to take a passage from.")
        if kind == FILE and self._file is None:
            return self.tr("Choose the MIDI file to go on from.")
        if kind == ROLL and self._roll_notes == 0:
            return self.tr("The roll has no notes to go on from.")
        return ""

    def set_has_dataset(self, has_dataset: bool) -> None:
        """Whether there is a data set to take passages from."""
        self._has_dataset = has_dataset
        self._tell()
        self.changed.emit()

    def set_roll(self, selected: int, notes: int) -> None:
        """How many notes of the roll are selected, and how many there are."""
        self._roll_selected, self._roll_notes = selected, notes
        self._tell()
        self.changed.emit()

    def set_windowed(self, windowed: bool) -> None:
        """Whether the model first reads a random window of what it learned, and cannot begin from nothing."""
        words = self.tr("A random window, as the seeds") if windowed else self.tr("From nothing")
        self.choice.setItemText(NOTHING, words)
        tip = self.tr("Words the model learned from are read first and are no part of the take") if windowed else ""
        self.choice.setItemData(NOTHING, tip, Qt.ItemDataRole.ToolTipRole)

    def set_file(self, path: Path) -> None:
        """Choose a MIDI file."""
        self._file = path
        self._file_name.set_text(path.name)
        self._tell()
        self.changed.emit()

    def _lay_out(self) -> None:
        file_row = QWidget()
        across = QHBoxLayout(file_row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(GRID)
        across.addWidget(self.file_button)
        across.addWidget(self._file_name, 1)
        for page in (QWidget(), FormRow(self.tr("Length"), self.passage_notes), file_row, QWidget()):
            self._details.addWidget(page)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GRID)
        for widget in (self.choice, self._details, self.hint, self.include):
            rows.addWidget(widget)

    def _on_changed(self) -> None:
        kind = self.choice.currentIndex()
        self._details.setCurrentIndex(kind)
        self._details.setVisible(kind in (PASSAGE, FILE))
        self.include.setVisible(kind != NOTHING)
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        self.hint.setText(self.obstacle or self._roll_words())
        self.hint.setVisible(bool(self.hint.text()))

    def _roll_words(self) -> str:
        if self.choice.currentIndex() != ROLL:
            return ""
        if self._roll_selected == 0:
            return self.tr("Nothing is selected: all {count} notes of the roll are continued.").format(
                count=f"{self._roll_notes:,}"
            )
        return self.tr("{count} notes are selected.").format(count=f"{self._roll_selected:,}")

    def _ask_for_file(self) -> None:
        folder = str(self._file.parent) if self._file is not None else ""
        kinds = self.tr("MIDI files (*.mid *.midi *.kar *.rmi);;All files (*)")
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a MIDI file to go on from"), folder, kinds)
        if chosen:
            self.set_file(Path(chosen))
