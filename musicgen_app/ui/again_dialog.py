"""Asks how music is to be made again with the model of a run."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from musicgen_app.generation.generator import MOST_NOTES, SEEDS
from musicgen_app.project.runs import RunRecord
from musicgen_app.tokens.seed import Rendering
from musicgen_app.ui.boldness import Boldness
from musicgen_app.ui.controls import BETWEEN, PrimaryButton, QuietButton, SecondaryLabel
from musicgen_app.ui.forms import FormRow, NumberBox, Section
from musicgen_app.ui.rendering_fields import RenderingFields
from musicgen_app.workflow.outputs import USUAL_NOTES, OutputPlan, OutputRequest

_WIDTH = 380


class AgainDialog(QDialog):
    """Begins with how the run's own output is made.

    Args:
        run: The run whose model is used.
        plan: How its output is made.
        words: Whether the model writes words.
        parent: Qt's owner.
    """

    def __init__(self, run: RunRecord, plan: OutputPlan, words: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._words = words
        self.setWindowTitle("Generate again")
        self.setMinimumWidth(_WIDTH)
        self.title = QLineEdit()
        self.title.setPlaceholderText("Its number")
        self.title.setAccessibleName("Name of the new run")
        self.bold = Boldness()
        self.bold.set_words(words)
        self.bold.show_value(plan.settings)
        self.notes = NumberBox(1, MOST_NOTES, plan.sample.notes or USUAL_NOTES)
        self.notes.setSingleStep(50)
        self.notes.setAccessibleName("Length in words" if words else "Length in notes")
        self.seed = NumberBox(0, SEEDS - 1, plan.sample.seed)
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip("The same seed with the same settings makes the same music again")
        self.rendering = RenderingFields("How the words sound, also with the same seed.")
        self.rendering.show_rendering(plan.rendering or Rendering())
        self._sounds = Section("Rendering", foldable=True, folded=True)
        self._sounds.add(self.rendering)
        self._sounds.setVisible(words)
        self.cancel = QuietButton("Cancel")
        self.cancel.clicked.connect(self.reject)
        self.generate = PrimaryButton("Generate", "Make the music and put the new run into the table")
        self.generate.setDefault(True)
        self.generate.clicked.connect(self.accept)
        self._lay_out()

    def request(self) -> OutputRequest:
        """What is asked for."""
        sample: Mapping[str, Any] = {**self.bold.value(), "notes": self.notes.value(), "seed": self.seed.value()}
        rendering = self.rendering.value() if self._words else None
        return OutputRequest(self._run.folder, sample, rendering, again=True, title=self.title.text().strip())

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        rows.setSpacing(BETWEEN - 4)
        told = f"A new run that shares the model of {self._run.title}; no weights are copied."
        rows.addWidget(SecondaryLabel(told))
        rows.addWidget(FormRow("Name", self.title))
        rows.addWidget(self.bold)
        rows.addWidget(FormRow("Words" if self._words else "Notes", self.notes))
        rows.addWidget(FormRow("Seed", self.seed))
        rows.addWidget(self._sounds)
        rows.addStretch(1)
        ends = QHBoxLayout()
        ends.addStretch(1)
        ends.addWidget(self.cancel)
        ends.addWidget(self.generate)
        rows.addLayout(ends)
