"""The left side of the Generation tab: model, beginning, length, boldness, seed, and Generate."""

import secrets

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from musicgen_app.generation.generator import (
    MOST_BARS,
    MOST_NOTES,
    MOST_SECONDS,
    MOST_TAKES,
    SEEDS,
    SampleConfig,
)
from musicgen_app.tokens.seed import Rendering
from musicgen_app.ui.boldness import Boldness
from musicgen_app.ui.controls import GRID, IconButton, PrimaryButton
from musicgen_app.ui.forms import Choice, DecimalBox, FormRow, NumberBox, Section
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.model_picker import ModelPicker
from musicgen_app.ui.panels import SidePanel
from musicgen_app.ui.prompt_picker import PromptPicker
from musicgen_app.ui.rendering_fields import RenderingFields

NOTES, SECONDS, BARS = range(3)
_LONGEST = (MOST_NOTES, MOST_SECONDS, MOST_BARS)
_USUAL = (200.0, 30.0, 16.0)
_STEPS = (50.0, 5.0, 4.0)


class GenerationForm(SidePanel):
    """All that is asked before generating, and the button that starts and stops it.

    Signals:
        generate_asked, stop_asked: The button was pressed.
    """

    generate_asked = Signal()
    stop_asked = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._lengths = list(_USUAL)
        self._running = False
        self.models = ModelPicker(icons)
        self.prompt = PromptPicker(icons)
        self.length = DecimalBox(1, MOST_NOTES, _USUAL[NOTES])
        self.length.setAccessibleName(self.tr("Length"))
        self.length.setToolTip(self.tr("How much is made, behind what it begins with"))
        self.unit = Choice()
        self.bold = Boldness()
        self.rendering = RenderingFields(self.tr("How words sound, from the next take on."))
        self._sounds = Section(self.tr("Rendering"), foldable=True, folded=True)
        self.seed = NumberBox(0, SEEDS - 1, 0)
        self.seed.setAccessibleName(self.tr("Seed"))
        self.seed.setToolTip(self.tr("The same seed with the same settings makes the same music again"))
        self.dice = IconButton(icons, "dices", self.tr("Throw another seed"))
        self.fresh_seed = QCheckBox(self.tr("Another seed each time"))
        self.fresh_seed.setChecked(True)
        self.fresh_seed.setToolTip(self.tr("Throw another seed with each Generate; the one used is shown"))
        self.count = NumberBox(1, MOST_TAKES, 1)
        self.count.setToolTip(self.tr("Made at once; take after take with the next seed"))
        self.may_end = QCheckBox(self.tr("It may end earlier"))
        self.may_end.setToolTip(self.tr("Let the network end the piece before the length is reached"))
        self.button = PrimaryButton(self.tr("Generate"))
        self._lay_out()
        self._connect()
        self.roll_seed()
        self.show_running(False)
        self._on_model()

    def sample(self) -> SampleConfig:
        """Length and boldness.

        Raises:
            UsageError: A value is out of range.
        """
        unit, length = self.unit.currentIndex(), self.length.value()
        return SampleConfig(
            notes=round(length) if unit == NOTES else None,
            seconds=length if unit == SECONDS else None,
            bars=round(length) if unit == BARS else None,
            **self.bold.value(),
            seed=self.seed.value(),
            count=self.count.value(),
            may_end=self.may_end.isChecked() and not self.may_end.isHidden(),
        )

    @property
    def sounds(self) -> Section:
        """The section that says how words sound; shown where the model writes words."""
        return self._sounds

    def words_sound(self) -> Rendering | None:
        """How words become notes; None for a model that writes notes."""
        model = self.models.model
        return self.rendering.value() if model is not None and model.writes_words else None

    def roll_seed(self) -> None:
        """Throw another seed."""
        with QSignalBlocker(self.seed):
            self.seed.setValue(secrets.randbelow(SEEDS))

    @Slot()
    def ask(self) -> None:
        """Ask to generate, if that is possible now."""
        if self._running or not self.button.isEnabled():
            return
        if self.fresh_seed.isChecked():
            self.roll_seed()
        self.generate_asked.emit()

    def show_running(self, running: bool) -> None:
        """Let the button stop what goes on, or start it."""
        self._running = running
        self.button.setText(self.tr("Stop") if running else self.tr("Generate"))
        self._check()

    def _check(self) -> None:
        """Offer what is possible now, or say why it is not."""
        told = self.tr("Train a model first.") if self.models.model is None else self.prompt.obstacle
        self.button.setEnabled(self._running or not told)
        stop = self.tr("Stop; what is there is kept")
        self.button.setToolTip(stop if self._running else told or self.tr("Make music with these settings"))

    def _lay_out(self) -> None:
        for name in (self.tr("notes"), self.tr("seconds"), self.tr("bars")):
            self.unit.addItem(name)
        self.unit.setAccessibleName(self.tr("Unit of the length"))
        self.unit.setToolTip(self.tr("What the length is counted in"))
        self._show_unit()
        length = self._beside(self.length, self.unit)
        seed = self._beside(self.seed, self.dice)
        model = Section(self.tr("Model"))
        model.add(self.models)
        begin = Section(self.tr("Begin with"))
        begin.add(self.prompt)
        size = Section(self.tr("Length"))
        size.add(length)
        size.add(self.may_end)
        bold = Section(self.tr("Boldness"))
        bold.add(self.bold)
        self._sounds.add(self.rendering)
        last = Section(self.tr("Takes"))
        last.add(FormRow(self.tr("Takes at once"), self.count))
        last.add(FormRow(self.tr("Seed"), seed))
        last.add(self.fresh_seed)
        for section in (model, begin, size, bold, self._sounds, last):
            self.add(section)
        self.foot.addWidget(self.button)

    def _beside(self, wide: QWidget, narrow: QWidget) -> QWidget:
        both = QWidget()
        across = QHBoxLayout(both)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(GRID)
        across.addWidget(wide, 1)
        across.addWidget(narrow)
        return both

    def _connect(self) -> None:
        self.unit.currentIndexChanged.connect(self._show_unit)
        self.length.valueChanged.connect(self._on_length)
        self.dice.clicked.connect(self.roll_seed)
        self.seed.valueChanged.connect(self._on_seed)
        self.button.clicked.connect(self._on_button)
        self.models.model_changed.connect(self._on_model)
        self.prompt.changed.connect(self._check)

    def _on_model(self) -> None:
        """Show what applies to the chosen model."""
        model = self.models.model
        words, windowed = (model.writes_words, model.windowed) if model is not None else (False, False)
        self.bold.set_words(words)
        self._sounds.setVisible(words)
        self.prompt.set_windowed(windowed)
        # The end of a piece is no word that the seeds' networks foretell.
        self.may_end.setVisible(not windowed)
        self._check()

    def _show_unit(self) -> None:
        unit = self.unit.currentIndex()
        kept = self._lengths[unit]
        self.length.setDecimals(1 if unit == SECONDS else 0)
        self.length.setRange(1, _LONGEST[unit])
        self.length.setSingleStep(_STEPS[unit])
        self.length.setValue(kept)

    def _on_length(self, value: float) -> None:
        self._lengths[self.unit.currentIndex()] = value

    def _on_seed(self) -> None:
        # Whoever types a seed wants that one.
        self.fresh_seed.setChecked(False)

    def _on_button(self) -> None:
        if self._running:
            self.stop_asked.emit()
        else:
            self.ask()
