"""The right panel of the Dataset tab: the chosen piece, seen and heard."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from musicgen_app.core.analysis import pitch_range
from musicgen_app.core.score import Score
from musicgen_app.ui.controls import BETWEEN, GRID, Heading, QuietButton, SecondaryLabel, set_kind
from musicgen_app.ui.file_row import COLOURS, ICONS, FileRow, length_words
from musicgen_app.ui.forms import Section
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.panels import EmptyState, FactList, Panel
from musicgen_app.ui.piano_roll.note_names import pitch_name
from musicgen_app.ui.piano_roll.thumbnail import Thumbnail
from musicgen_app.ui.piece_details import PieceDetails, breakable
from musicgen_app.ui.set_fields import SetFields
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.detail_words import detail_lines
from musicgen_app.workflow.details import Looked


class PieceInspector(Panel):
    """Title, small roll, facts, findings and details of one file.

    Signals:
        play_asked: Play, or stop, this piece.
        open_asked: Show this piece in the piano roll.
        file_asked: A file of any place is to be chosen and inspected.
        dropped: A file was dropped here, to be inspected (its path).
    """

    play_asked = Signal()
    open_asked = Signal()
    file_asked = Signal()
    dropped = Signal(object)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._row: FileRow | None = None
        self._looked: Looked | None = None
        self.score: Score | None = None
        self._stack = QStackedLayout()
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.addLayout(self._stack)
        empty = EmptyState(
            icons,
            "music",
            "No piece chosen",
            "Choose a file to see and hear it. To look into one that is not in the collection, drop it here.",
            "Inspect file...",
        )
        empty.pressed.connect(self.file_asked)
        self._stack.addWidget(empty)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        scroll.setAccessibleName("The chosen piece")
        scroll.setWidget(self._page(theme))
        self._stack.addWidget(scroll)
        self.pane = scroll
        self.setAcceptDrops(True)
        icons.changed.connect(self._draw_verdict)

    @property
    def row(self) -> FileRow | None:
        """The file that is shown."""
        return self._row

    def show_nothing(self) -> None:
        """No file is chosen."""
        self._row = None
        self.score = None
        self._stack.setCurrentIndex(0)

    def show_row(self, row: FileRow, files: int = 1) -> None:
        """Show what is known of a file; its music and details follow with ``show_looked``.

        Args:
            row: The file.
            files: How many are chosen together with it.
        """
        if self._row is None or self._row.path != row.path:
            self.pane.verticalScrollBar().setValue(0)
        self._looked = None
        self.score = None
        self.details.show_nothing()
        self.fields.show_looked(None)
        self._thumbnail.set_score(Score())
        self._play.setEnabled(False)
        self._open.setEnabled(False)
        self.update_row(row, files)
        self.facts.set_fact("Range", "")
        self._stack.setCurrentIndex(1)

    def update_row(self, row: FileRow, files: int = 1) -> None:
        """Show what is known of the same file now; its music stays."""
        self._row = row
        facts = row.facts
        self._title.setText(breakable(row.title))
        self._composer.setText(row.known.composer)
        self._composer.setVisible(bool(row.known.composer))
        self.fields.setVisible(row.known.number >= 0)
        self.fields.show_row(row, files)
        self.facts.set_fact("File", breakable(row.path.name), str(row.path))
        self.facts.set_fact("Notes", f"{facts.notes:,}")
        self.facts.set_fact("Length", length_words(facts.seconds))
        self.facts.set_fact("Tracks", f"{facts.tracks}")
        self.facts.set_fact("Range", self.facts.value("Range"))
        self.facts.set_fact("Used for", row.side or "Not in the data set")
        self.facts.set_fact("Licence", row.known.licence or "Not known")
        self._draw_verdict()
        self._findings.setText(breakable("\n\n".join(row.sentences or ("Nothing to remark.",))))

    def show_looked(self, looked: Looked) -> None:
        """Show the music of the chosen file, and all that was found in it."""
        self._looked = looked
        self.details.show_looked(looked)
        self.fields.show_looked(looked)
        self.score = looked.score
        if looked.score is None:
            return
        notes = looked.score.notes
        self._thumbnail.set_score(looked.score)
        self._play.setEnabled(bool(len(notes)))
        self._open.setEnabled(bool(len(notes)))
        span = pitch_range(notes)
        if span is not None:
            self.facts.set_fact("Range", f"{pitch_name(span[0])} to {pitch_name(span[1])}")

    @property
    def has_seed(self) -> bool:
        """Whether the words of the seed codec are shown."""
        return self._looked is not None and self._looked.seed is not None

    def copied_text(self) -> str:
        """All that is told of the file."""
        if self._row is None:
            return ""
        known = (("File", str(self._row.path)), ("Notes", ""), ("Length", ""), ("Range", ""), ("Used for", ""))
        lines = [f"{name}: {value or self.facts.value(name)}" for name, value in known]
        told = detail_lines(self._looked) if self._looked is not None else ()
        return "\n".join([self._row.title, *lines, *self._findings.text().split("\n\n"), *told])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)

    def show_playing(self, playing: bool) -> None:
        """Say on the button what it will do."""
        self._play.setText("Stop" if playing else "Play")
        self._play.set_icon_name("square" if playing else "play")

    def _page(self, theme: Theme) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        box.setSpacing(BETWEEN)
        self._title = Heading("")
        self._title.setWordWrap(True)
        self._composer = SecondaryLabel()
        top = QVBoxLayout()
        top.setSpacing(2)
        top.addWidget(self._title)
        top.addWidget(self._composer)
        box.addLayout(top)
        self._thumbnail = Thumbnail(theme)
        self._thumbnail.setMinimumHeight(112)
        box.addWidget(self._thumbnail)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        self._play = QuietButton("Play", "Hear this piece (Enter)", self._icons, "play")
        self._play.clicked.connect(self.play_asked)
        self._open = QuietButton("Open in roll", "Show this piece in the piano roll to edit it", self._icons, "piano")
        self._open.clicked.connect(self.open_asked)
        row.addWidget(self._play, 1)
        row.addWidget(self._open, 1)
        box.addLayout(row)
        self.facts = FactList()
        box.addWidget(self.facts)
        box.addWidget(self._findings_section())
        self.fields = SetFields()
        box.addWidget(self.fields)
        self.details = PieceDetails(theme, self._icons)
        box.addWidget(self.details)
        self._copy = QuietButton("Copy all this", "Copy all that is told of this file as text", self._icons, "copy")
        self._copy.clicked.connect(self._on_copy)
        box.addWidget(self._copy)
        box.addStretch(1)
        return page

    def _findings_section(self) -> Section:
        section = Section("Findings")
        line = QHBoxLayout()
        line.setSpacing(GRID)
        self._verdict_icon = QLabel()
        self._verdict = QLabel()
        self._verdict.setWordWrap(True)
        line.addWidget(self._verdict_icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._verdict, 1)
        section.add_layout(line)
        self._findings = SecondaryLabel()
        self._findings.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        section.add(self._findings)
        return section

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.copied_text())

    def _draw_verdict(self) -> None:
        if self._row is None:
            return
        verdict = self._row.verdict
        picture = self._icons.pixmap(ICONS[verdict], 18, COLOURS[verdict], self.devicePixelRatioF())
        self._verdict_icon.setPixmap(picture)
        self._verdict.setText(breakable(self._row.words))
        set_kind(self._verdict, COLOURS[verdict])


def _dropped_file(event: QDropEvent) -> Path | None:
    """The one file that is dropped; None where it is a folder or several things."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return paths[0] if len(paths) == 1 and paths[0].is_file() else None
