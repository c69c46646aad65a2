"""The left panel of the Dataset tab: where the music comes from and how it becomes a data set."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from musicgen_app import environment
from musicgen_app.dataset.parts import Parts
from musicgen_app.project.document import PrepareSettings
from musicgen_app.ui.advice_card import AdviceCard
from musicgen_app.ui.controls import GRID, IconButton, PrimaryButton, QuietButton, SecondaryLabel
from musicgen_app.ui.forms import Choice, LabelledSlider, NumberBox, Section
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.instruments import InstrumentChoice
from musicgen_app.ui.panels import FactList, SidePanel

_CODECS = (("notes", "Notes"), ("seed", "Seed words"))
_ABOUT_CODEC = (
    "Notes keep times, lengths, loudness and pedal. Seed words are those of the seed experiments: a name for each note "
    "or chord, one after the other."
)
_FIRST_PART = "Read only the first part of each file, as the seed experiments did; where it is empty the file is lost"
_WORDS_HAVE_NONE = "Words have no {}"
_GRIDS = (
    ("auto", "From the files"),
    ("metrical", "Beats (1/24 quarter)"),
    ("seconds", "Time (10 ms)"),
)
_ABOUT_GRID = "Beats keep written rhythms exact; time suits performances without a beat"
_ABOUT_PEDAL = "Whether the network learns the sustain pedal"
_PEDALS = (("rows", "Learn it"), ("none", "Leave it out"))
_ROW = 28


class SourcePanel(SidePanel):
    """Sources, codec, split, counts and Prepare.

    Signals:
        add_files: Asked to choose files.
        add_folder: Asked to choose a folder.
        collections_asked: Asked for public collections.
        removed: These sources are to go (a tuple of paths).
        settings_changed: A setting was changed by hand.
        prepare_asked: Prepare was pressed.
    """

    add_files = Signal()
    add_folder = Signal()
    collections_asked = Signal()
    removed = Signal(object)
    settings_changed = Signal()
    prepare_asked = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        self.prepare = PrimaryButton("Prepare", "Turn the files into a data set to train on")
        super().__init__(self.prepare, parent)
        self._icons = icons
        self.prepare.clicked.connect(self.prepare_asked)
        self.state = SecondaryLabel()
        self.foot.insertWidget(0, self.state)
        self.add(self._sources_section())
        self.add(self._codec_section())
        self.add(self._counts_section())
        icons.changed.connect(self._redraw)

    def settings(self) -> PrepareSettings:
        """What is set."""
        return PrepareSettings(
            validation=self.validation.value() / 100,
            pedal=str(self.pedal.currentData()),
            grid=str(self.grid.currentData()),
            seed=self.seed.value(),
            codec=self._codec_name,
            first_part=self.first_part.isChecked() and self._codec_name == "seed",
            programs=self.instruments.parts().text,
        )

    def show_settings(self, settings: PrepareSettings) -> None:
        """Show what a project has set; tells nobody."""
        widgets = (self.validation, self.pedal, self.grid, self.seed, self.codec, self.first_part)
        for widget in widgets:
            widget.blockSignals(True)
        self.validation.set_value(settings.validation * 100)
        self.pedal.setCurrentIndex(self.pedal.findData(settings.pedal))
        self.grid.setCurrentIndex(self.grid.findData(settings.grid))
        self.seed.setValue(settings.seed)
        self.codec.setCurrentIndex(self.codec.findData(settings.codec))
        self.first_part.setChecked(settings.first_part)
        self.instruments.set_parts(Parts.of(settings.programs))
        for widget in widgets:
            widget.blockSignals(False)
        self._show_codec()

    def show_sources(self, sources: tuple[Path, ...]) -> None:
        """Show where the music comes from."""
        self.sources.clear()
        for path in sources:
            item = QListWidgetItem(_source_name(path))
            item.setData(Qt.ItemDataRole.UserRole, path)
            item.setToolTip(str(path) if path.exists() else f"{path} is not there any more")
            item.setSizeHint(QSize(0, _ROW))
            self.sources.addItem(item)
        self._redraw()
        self.sources.setFixedHeight(_ROW * min(max(len(sources), 1), 6) + 4)
        self._on_selection()

    def show_counts(self, files: int, notes: int, seconds: float, vocabulary: str) -> None:
        """Show the counts for the whole."""
        self.counts.set_fact("Files", f"{files:,}")
        self.counts.set_fact("Notes", f"{notes:,}", "In the files that can be used")
        hours = f"{seconds / 3600:,.1f} hours" if seconds >= 3600 else f"{seconds / 60:.0f} minutes"
        self.counts.set_fact("Length", hours)
        self.counts.set_fact(
            "Vocabulary", vocabulary or "Known once prepared", "Different values a note can take in the data set"
        )

    def _sources_section(self) -> Section:
        section = Section("Sources")
        self.sources = QListWidget()
        self.sources.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.sources.setAccessibleName("Files and folders the music comes from")
        self.sources.setProperty("kind", "boxed")
        self.sources.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.sources.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sources.itemSelectionChanged.connect(self._on_selection)
        gone = QShortcut(QKeySequence("Del"), self.sources)
        gone.setContext(Qt.ShortcutContext.WidgetShortcut)
        gone.activated.connect(self._on_remove)
        section.add(self.sources)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        files = QuietButton("Files...", "Add MIDI files, or a note file of the seeds", self._icons, "file-plus")
        files.setAccessibleName("Add files")
        files.clicked.connect(self.add_files)
        folder = QuietButton("Folder...", "Add a folder with all MIDI files in it", self._icons, "folder-plus")
        folder.setAccessibleName("Add a folder")
        folder.clicked.connect(self.add_folder)
        self.remove = IconButton(self._icons, "minus", "Take the chosen sources off the list; the files stay", "Del")
        self.remove.clicked.connect(self._on_remove)
        row.addWidget(files, 1)
        row.addWidget(folder, 1)
        row.addWidget(self.remove)
        section.add_layout(row)
        fetch = QuietButton("Collections...", "Fetch a public collection of piano music", self._icons, "download")
        fetch.clicked.connect(self.collections_asked)
        section.add(fetch)
        return section

    def _codec_section(self) -> Section:
        section = Section("Data set")
        self.codec = Choice()
        for name, words in _CODECS:
            self.codec.addItem(words, name)
        self.codec.setToolTip(_ABOUT_CODEC)
        self.codec.currentIndexChanged.connect(self._on_codec)
        section.add_row("Representation", self.codec)
        self.first_part = QCheckBox("First part only")
        self.first_part.setToolTip(_FIRST_PART)
        self.first_part.toggled.connect(self.settings_changed)
        section.add(self.first_part)
        self.instruments = InstrumentChoice()
        self.instruments.changed.connect(self.settings_changed)
        section.add_row("Instruments", self.instruments)
        self.grid = Choice()
        for name, words in _GRIDS:
            self.grid.addItem(words, name)
        self.grid.currentIndexChanged.connect(self.settings_changed)
        section.add_row("Grid", self.grid)
        self.pedal = Choice()
        for name, words in _PEDALS:
            self.pedal.addItem(words, name)
        self.pedal.currentIndexChanged.connect(self.settings_changed)
        section.add_row("Pedal", self.pedal)
        self.validation = LabelledSlider(
            "Kept aside to measure on",
            1,
            50,
            10,
            suffix=" %",
            tooltip="Share of the pieces the network never learns from",
        )
        self.validation.value_changed.connect(self.settings_changed)
        section.add(self.validation)
        self.seed = NumberBox(0, 2_147_483_647, 0)
        self.seed.setToolTip("Decides which pieces are kept aside; the same number gives the same split")
        self.seed.valueChanged.connect(self.settings_changed)
        section.add_row("Seed", self.seed)
        self._show_codec()
        return section

    @property
    def _codec_name(self) -> str:
        return str(self.codec.currentData())

    def _on_codec(self) -> None:
        self._show_codec()
        self.settings_changed.emit()

    def _show_codec(self) -> None:
        """Offer what means something to the chosen representation."""
        words = self._codec_name == "seed"
        self.first_part.setVisible(words)
        self.instruments.setDisabled(words)
        self.grid.setDisabled(words)
        self.pedal.setDisabled(words)
        self.grid.setToolTip(_WORDS_HAVE_NONE.format("times") if words else _ABOUT_GRID)
        self.pedal.setToolTip(_WORDS_HAVE_NONE.format("pedal") if words else _ABOUT_PEDAL)

    def _counts_section(self) -> Section:
        section = Section("Counts")
        self.counts = FactList()
        section.add(self.counts)
        self.advice = AdviceCard()
        section.add(self.advice)
        self.show_counts(0, 0, 0.0, "")
        return section

    def _chosen(self) -> tuple[Path, ...]:
        return tuple(item.data(Qt.ItemDataRole.UserRole) for item in self.sources.selectedItems())

    def _on_remove(self) -> None:
        chosen = self._chosen()
        if chosen:
            self.removed.emit(chosen)

    def _on_selection(self) -> None:
        self.remove.setEnabled(bool(self.sources.selectedItems()))

    def _redraw(self) -> None:
        for index in range(self.sources.count()):
            item = self.sources.item(index)
            path: Path = item.data(Qt.ItemDataRole.UserRole)
            there, folder = path.exists(), path.is_dir()
            icon = "folder-open" if folder else "file-music" if there else "triangle-alert"
            item.setIcon(self._icons.icon(icon, "secondary" if there else "warn"))


def _source_name(path: Path) -> str:
    return "Bundled pieces" if path == environment.bundled("data", "corpus") else path.name
