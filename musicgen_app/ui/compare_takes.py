"""The takes of compared runs: those from one prompt and seed in a row, each played by one click."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.score import Score
from musicgen_app.core.timing import TempoMap
from musicgen_app.midi.reader import read_midi
from musicgen_app.ui.compare_table import Colour, name_label, new_grid, row_name
from musicgen_app.ui.controls import BETWEEN, GRID, Hairline, Heading, IconButton, SecondaryLabel
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.piano_roll.thumbnail import Thumbnail
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.compare import ComparedTake, Comparison
from musicgen_app.workflow.compared_words import beside_words

_PICTURE_HEIGHT = 64


class TakeCell(QFrame):
    """One take.

    Attributes:
        take: What it shows.
        score: Its music; empty where it cannot be read.
        playing: Whether it is heard.

    Signals:
        play_asked: It is to be heard, or no longer (this cell).
        open_asked: It is to be shown in the roll (its file).
    """

    play_asked = Signal(object)
    open_asked = Signal(object)

    def __init__(self, theme: Theme, icons: Icons, take: ComparedTake, run: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.take = take
        self.score = _score(take.file)
        picture = Thumbnail(theme)
        picture.setFixedHeight(_PICTURE_HEIGHT)
        picture.set_score(self.score)
        self.picture = picture
        self._run = run
        self.play = IconButton(icons, "play", "")
        self.playing = False
        self.open = IconButton(icons, "piano", f"Open this take of {run} in the roll")
        self.words = SecondaryLabel(_words(take, self.score))
        foot = QHBoxLayout()
        foot.setSpacing(GRID // 2)
        foot.addWidget(self.play)
        foot.addStretch(1)
        foot.addWidget(self.open)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(GRID, GRID, GRID, GRID)
        rows.setSpacing(GRID // 2)
        rows.addWidget(picture)
        rows.addWidget(self.words)
        rows.addLayout(foot)
        self.set_playing(False)
        self.play.clicked.connect(self._on_play)
        self.open.clicked.connect(self._on_open)

    def set_playing(self, playing: bool) -> None:
        """Offer to stop while it is heard, else to play."""
        self.playing = playing
        self.play.set_icon_name("square" if playing else "play")
        self.play.set_tooltip(f"{'Stop' if playing else 'Play'} this take of {self._run}")
        if not playing:
            self.picture.set_playhead(None)

    def _on_play(self) -> None:
        self.play_asked.emit(self)

    def _on_open(self) -> None:
        self.open_asked.emit(self.take.file)


class CompareTakes(QWidget):
    """Takes in a grid: a column for each run, a row for each prompt.

    Signals:
        play_asked, open_asked: As of a cell.
    """

    play_asked = Signal(object)
    open_asked = Signal(object)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._icons = theme, icons
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._inside: QWidget | None = None
        self.cells: tuple[TakeCell, ...] = ()

    def show_comparison(self, found: Comparison, colour: Colour) -> None:
        """Show the takes of another comparison."""
        if self._inside is not None:
            self._rows.removeWidget(self._inside)
            self._inside.hide()
            self._inside.deleteLater()
        self._inside = inside = QWidget()
        self.cells = ()
        if any(run.takes for run in found.runs):
            self._fill(inside, found, colour)
        self._rows.addWidget(inside)

    def _fill(self, inside: QWidget, found: Comparison, colour: Colour) -> None:
        box = QVBoxLayout(inside)
        box.setContentsMargins(0, 0, 0, 0)
        columns = len(found.runs) + bool(beside_words(found))
        grid = new_grid(columns)
        grid.setVerticalSpacing(BETWEEN)
        grid.addWidget(Heading("Takes"), 0, 0)
        grid.addWidget(Hairline(), 1, 0, 1, columns + 1)
        cells = []
        for column, run in enumerate(found.runs, 1):
            grid.addWidget(name_label(run, colour(run.number)), 0, column)
            for row, take in enumerate(run.takes, 2):
                cell = TakeCell(self._theme, self._icons, take, run.title)
                cell.play_asked.connect(self.play_asked)
                cell.open_asked.connect(self.open_asked)
                grid.addWidget(cell, row, column)
                cells.append(cell)
        made = max(
            (run.takes for run in found.runs if run.takes and run.takes[0].seed is not None), default=(), key=len
        )
        for row, take in enumerate(made, 2):
            start = f"goes on from {take.prompt}" if take.prompt else "begins from nothing"
            grid.addWidget(row_name(f"Seed {take.seed}, {start}"), row, 0)
        box.addLayout(grid)
        self.cells = tuple(cells)


def _score(file: Path) -> Score:
    """The music of a file; silence where it cannot be read, which the problems of its run tell."""
    try:
        return read_midi(file).score
    except MusicgenError:
        return Score()


def _words(take: ComparedTake, score: Score) -> str:
    seconds = int(TempoMap(score).second(score.end))
    length = f"{len(score.notes):,} notes, {seconds // 60}:{seconds % 60:02d}"
    return length if take.seed is not None else f"Its output, as it came. {length}"
