"""The right side of the Training tab: what happened in the chosen run, its settings, and a person's notes on it."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from musicgen_app.project.runs import RunRecord
from musicgen_app.project.seed_row import ARCHITECTURES
from musicgen_app.project.story import run_story
from musicgen_app.project.verdict_words import is_copy
from musicgen_app.ui.controls import BETWEEN, GRID, Heading, QuietButton, SecondaryLabel
from musicgen_app.ui.forms import Section
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.panels import FactList
from musicgen_app.ui.preset_cards import parameters_words

_SAVE_AFTER_MS = 600
_FACTS = (
    ("Learning rate", "learning_rate"),
    ("Dropout", "dropout"),
    ("Batch", "batch"),
    ("Window", "window"),
    ("Weight decay", "weight_decay"),
    ("All keys", "transpose"),
    ("Seed", "seed"),
)
_IMPORTED_FACTS = (
    ("Learning rate", "learning_rate"),
    ("LR time decay (seed)", "lr_time_decay"),
    ("Optimizer", "optimizer"),
    ("Dropout", "dropout"),
    ("Batch", "batch"),
    ("Epochs", "epochs"),
    ("Window", "window"),
    ("Random pick", "random_pick"),
)


class RunNotes(QFrame):
    """Shows one run in words.

    Signals:
        noted: Notes or problems were written (number of the run, both).
        generate_asked: Its model is to be used (number of the run).
        output_asked: The music that lies with it is to be opened (number of the run).
        make_asked: Its output is to be made (number of the run).
        again_asked: Music is to be made again with its model (number of the run).
        source_asked: What that was copied from is to be heard (number of the run).
    """

    noted = Signal(int, str, str)
    generate_asked = Signal(int)
    output_asked = Signal(int)
    make_asked = Signal(int)
    again_asked = Signal(int)
    source_asked = Signal(int)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self._number = 0
        self._typed = False
        self._title = Heading("")
        self._title.setWordWrap(True)
        self._story = QLabel()
        self._story.setWordWrap(True)
        self._story.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._facts = FactList()
        self._imported_facts = FactList(name_width=140)
        self._settings = Section("Settings", foldable=True)
        self._settings.add(self._facts)
        self._settings.add(self._imported_facts)
        self._text = QPlainTextEdit()
        self._text.setPlaceholderText("What you want to remember about this run")
        self._text.setAccessibleName("Notes on the run")
        self._text.setMinimumHeight(88)
        self._text.setMaximumHeight(200)
        self.problems = QLineEdit()
        self.problems.setPlaceholderText("What went wrong, if anything")
        self.problems.setAccessibleName("Problems of the run")
        self.problems.setToolTip("Stands under Problems in the table; a failed run says there why it failed")
        self.problems.textEdited.connect(self._on_typed)
        self._make_buttons(icons)
        self._empty = SecondaryLabel("Choose a run to read what happened in it.")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SAVE_AFTER_MS)
        self._timer.timeout.connect(self.flush)
        self._text.textChanged.connect(self._on_typed)
        self._lay_out()
        self.show_run(None)

    def _make_buttons(self, icons: Icons) -> None:
        self._generate = QuietButton("Use in Generation", "Choose this model in the Generation tab", icons, "sparkles")
        self._output = QuietButton("Open its output", "See and hear the music of this run", icons, "file-music")
        self._output.clicked.connect(self._on_output)
        self.make = QuietButton("Make its output", "Make music as its row says, kept with the run", icons, "music")
        self.make.clicked.connect(self._on_make)
        self.again = QuietButton(
            "Generate again...", "Make other music with this model, as a run that shares it", icons, "repeat"
        )
        self.again.clicked.connect(self._on_again)
        self._source = QuietButton(
            "Hear it against its source", "Open its output and play the passage it was copied from", icons, "play"
        )
        self._source.clicked.connect(self._on_source)
        self._generate.clicked.connect(self._on_generate)

    @property
    def story(self) -> str:
        """What is told."""
        return self._story.text()

    @property
    def text_edit(self) -> QPlainTextEdit:
        """Where a person writes."""
        return self._text

    def show_run(self, run: RunRecord | None) -> None:
        """Show another run, or what is newly known of the same."""
        another = run is None or run.id != self._number
        if another:
            self.flush()
        self._body.setVisible(run is not None)
        self._empty.setVisible(run is None)
        self._number = run.id if run is not None else 0
        if run is None:
            return
        self._title.setText(run.title)
        self._story.setText("\n\n".join(run_story(run)))
        self._generate.setEnabled(run.checkpoint is not None)
        self._generate.setVisible(run.row is None)
        self._show_output(run)
        self._source.setVisible(run.verdict is not None and is_copy(run.verdict.copied))
        self._show_settings(run)
        if another:
            blocked = self._text.blockSignals(True)
            self._text.setPlainText(run.notes)
            self._text.blockSignals(blocked)
            self.problems.setText(run.problems)
        # A row of an imported table says its own, word for word.
        self.problems.setVisible(run.row is None)

    def set_making(self, making: bool) -> None:
        """Say whether music is being made; one output is made at a time."""
        for button in (self.make, self.again):
            button.setEnabled(not making)

    def flush(self) -> None:
        """Hand over notes that were typed a moment ago."""
        self._timer.stop()
        if self._number and self._typed:
            self._typed = False
            self.noted.emit(self._number, self._text.toPlainText(), self.problems.text())

    def _lay_out(self) -> None:
        self._body = QWidget()
        rows = QVBoxLayout(self._body)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(BETWEEN)
        rows.addWidget(self._title)
        rows.addWidget(self._story)
        buttons = QVBoxLayout()
        buttons.setSpacing(GRID // 2)
        for button in (self._generate, self._output, self._source, self.make, self.again):
            buttons.addWidget(button)
        rows.addLayout(buttons)
        rows.addWidget(self._settings)
        notes = QVBoxLayout()
        notes.setSpacing(GRID)
        notes.addWidget(Heading("Notes"))
        notes.addWidget(self._text)
        notes.addWidget(self.problems)
        rows.addLayout(notes)
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        inner.addWidget(self._empty)
        inner.addWidget(self._body)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(inside)
        scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def _show_output(self, run: RunRecord) -> None:
        self._output.setVisible(run.output is not None)
        own = run.checkpoint is not None and run.status != "running"
        self.make.setVisible(own and run.output is None)
        self.again.setVisible(own)

    def _show_settings(self, run: RunRecord) -> None:
        self._facts.setVisible(run.row is None)
        self._imported_facts.setVisible(run.row is not None)
        if run.row is not None:
            self._imported_facts.set_fact("Network", ARCHITECTURES.get(run.preset, _words(None)))
            self._imported_facts.set_fact("Data set", run.row.dataset or _words(None))
            for name, key in _IMPORTED_FACTS:
                self._imported_facts.set_fact(name, _words(run.settings.get(key)))
            return
        size = (
            f"{run.preset.capitalize()}, {parameters_words(run.parameters)} parameters"
            if run.parameters
            else _words(None)
        )
        self._facts.set_fact("Network", size)
        self._facts.set_fact("Started from", run.start.get("title", "nothing"), run.start.get("licence", ""))
        for name, key in _FACTS:
            self._facts.set_fact(name, _words(run.settings.get(key)))
        self._facts.set_fact("Output", _output_words(run))

    def _on_output(self) -> None:
        self.output_asked.emit(self._number)

    def _on_make(self) -> None:
        self.make_asked.emit(self._number)

    def _on_again(self) -> None:
        self.again_asked.emit(self._number)

    def _on_source(self) -> None:
        self.source_asked.emit(self._number)

    def _on_typed(self) -> None:
        self._typed = True
        self._timer.start()

    def _on_generate(self) -> None:
        self.generate_asked.emit(self._number)


def _words(value: object) -> str:
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _output_words(run: RunRecord) -> str:
    """How the output was made, as far as that is known."""
    if run.made is None:
        return _words(None)
    sample = dict(run.made.sample)
    pick = run.made.random_pick
    how = f"temperature {_words(sample.get('temperature', 1.0))}" if pick is None else f"random pick {pick}"
    return f"{how}, seed {sample.get('seed', 0)}"
