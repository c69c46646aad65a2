"""The right panel of the Dataset tab: the chosen piece, seen and heard."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from musicgen_app.core.analysis import pitch_range, polyphony
from musicgen_app.core.score import Score
from musicgen_app.ui.controls import (
    BETWEEN,
    GRID,
    EmptyState,
    FactList,
    Heading,
    Panel,
    QuietButton,
    SecondaryLabel,
    Section,
    set_kind,
)
from musicgen_app.ui.file_table import VERDICT_ICONS, FileRow, length_words
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.piano_roll.note_names import pitch_name
from musicgen_app.ui.piano_roll.thumbnail import Thumbnail
from musicgen_app.ui.theme import Theme


class PieceInspector(Panel):
    """Title, small roll, facts and findings of one file.

    Signals:
        play_asked: Play, or stop, this piece.
        open_asked: Show this piece in the piano roll.
    """

    play_asked = Signal()
    open_asked = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._row: FileRow | None = None
        self.score: Score | None = None
        self._stack = QStackedLayout()
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.addLayout(self._stack)
        self._stack.addWidget(EmptyState(icons, "music", "No piece chosen", "Choose a file to see and hear it."))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._page(theme))
        self._stack.addWidget(scroll)
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

    def show_row(self, row: FileRow) -> None:
        """Show what is known of a file; its music follows with ``show_score``."""
        self._row = row
        self.score = None
        facts = row.facts
        self._title.setText(row.title)
        self._composer.setText(row.known.composer)
        self._composer.setVisible(bool(row.known.composer))
        self._thumbnail.set_score(Score())
        self._play.setEnabled(False)
        self._open.setEnabled(False)
        self.facts.set_fact("File", row.path.name, str(row.path))
        self.facts.set_fact("Notes", f"{facts.notes:,}")
        self.facts.set_fact("Length", length_words(facts.seconds))
        self.facts.set_fact("Tracks", f"{facts.tracks}")
        for name in ("Range", "At once", "Pedal"):
            self.facts.set_fact(name, "")
        self.facts.set_fact("Used for", row.side or "Not in the data set")
        self.facts.set_fact("Licence", row.known.licence or "Not known")
        self._draw_verdict()
        sentences = list(facts.findings) or ([] if facts.error else ["Nothing to remark."])
        if facts.error:
            sentences.insert(0, facts.error)
        self._findings.setText("\n\n".join(sentences))
        self._stack.setCurrentIndex(1)

    def show_score(self, score: Score) -> None:
        """Show the music of the chosen file."""
        self.score = score
        self._thumbnail.set_score(score)
        self._play.setEnabled(bool(len(score.notes)))
        self._open.setEnabled(bool(len(score.notes)))
        span = pitch_range(score.notes)
        if span is not None:
            self.facts.set_fact("Range", f"{pitch_name(span[0])} to {pitch_name(span[1])}")
            voices = polyphony(score.notes)
            self.facts.set_fact("At once", f"{voices.mean:.1f} notes, at most {voices.highest}")
        self.facts.set_fact("Pedal", "Yes" if len(score.pedals) else "No")

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
        box.addStretch(1)
        return page

    def _findings_section(self) -> Section:
        section = Section("Findings")
        line = QHBoxLayout()
        line.setSpacing(GRID)
        self._verdict_icon = QLabel()
        self._verdict = QLabel()
        line.addWidget(self._verdict_icon)
        line.addWidget(self._verdict, 1)
        section.add_layout(line)
        self._findings = SecondaryLabel()
        self._findings.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        section.add(self._findings)
        return section

    def _draw_verdict(self) -> None:
        if self._row is None:
            return
        verdict = self._row.verdict
        picture = self._icons.pixmap(VERDICT_ICONS[verdict], 18, verdict, self.devicePixelRatioF())
        self._verdict_icon.setPixmap(picture)
        self._verdict.setText(self._row.words)
        set_kind(self._verdict, verdict)
