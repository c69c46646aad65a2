"""The tables of a comparison: a column for each run, under its name and the colour of its curves."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from musicgen_app.ui.controls import BETWEEN, GRID, INSIDE, Hairline, Heading, SecondaryLabel
from musicgen_app.ui.theme import tabular_font
from musicgen_app.workflow.compare import ComparedRun, Comparison
from musicgen_app.workflow.compared_words import (
    Line,
    alike_words,
    beside_words,
    figure_lines,
    likeness_lines,
    originality_lines,
    problem_lines,
    setting_lines,
)

NAMES_WIDTH = 172
"""Room for what a line tells, in pixels."""
_LEAST_WIDTH = 88
_UNKNOWN = "\N{EN DASH}"

Colour = Callable[[int], QColor]


def marked_name(run: ComparedRun, colour: QColor) -> str:
    """The name of a run behind a dot in its colour, as rich text."""
    title = run.title.replace("&", "&amp;").replace("<", "&lt;")
    return f'<span style="color:{colour.name()}">\N{BLACK CIRCLE}</span>&nbsp; {title}'


def name_label(run: ComparedRun, colour: QColor) -> QLabel:
    """A heading with the name of a run."""
    label = QLabel(marked_name(run, colour))
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setAccessibleName(run.title)
    return label


def row_name(words: str) -> SecondaryLabel:
    """What a line tells, at its left end."""
    label = SecondaryLabel(words)
    label.setFixedWidth(NAMES_WIDTH)
    return label


def new_grid(columns: int) -> QGridLayout:
    """Rows with a name on the left and columns of one width."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(BETWEEN)
    grid.setVerticalSpacing(GRID)
    grid.setColumnMinimumWidth(0, NAMES_WIDTH)
    for column in range(1, columns + 1):
        grid.setColumnStretch(column, 1)
        grid.setColumnMinimumWidth(column, _LEAST_WIDTH)
    return grid


class CompareTable(QWidget):
    """Shows what is known of some runs, in sections; those in which nothing stands are left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(BETWEEN)
        self._inside: QWidget | None = None
        self._columns = 0
        self._cells: dict[str, tuple[str, ...]] = {}

    def values(self, name: str) -> tuple[str, ...]:
        """What stands in the line of this name; nothing where there is none."""
        return self._cells.get(name, ())

    def show_comparison(self, found: Comparison, colour: Colour) -> None:
        """Show another comparison, or more of the same."""
        if self._inside is not None:
            self._rows.removeWidget(self._inside)
            self._inside.hide()
            self._inside.deleteLater()
        self._cells = {}
        self._inside = inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(BETWEEN)
        settings = setting_lines(found)
        parts = (
            ("Settings that differ", settings, ""),
            ("Figures", figure_lines(found), ""),
            ("Originality", originality_lines(found), ""),
            ("Likeness", likeness_lines(found), beside_words(found)),
        )
        self._columns = len(found.runs) + bool(beside_words(found))
        for title, lines, beside in parts:
            if lines:
                names = [name_label(run, colour(run.number)) for run in found.runs]
                rows.addLayout(self._section(title, names, lines, beside))
                rows.addSpacing(INSIDE)
            if title == "Settings that differ":
                words = alike_words(found)
                _add_words(rows, words if lines else f"No setting differs. {words}".strip())
        _add_words(rows, "\n".join(problem_lines(found)))
        self._rows.addWidget(inside)

    def _section(self, title: str, names: Sequence[QLabel], lines: Sequence[Line], beside: str) -> QGridLayout:
        """A table with its title; all of a comparison have as many columns, so that they stand below each other."""
        grid = new_grid(self._columns)
        grid.addWidget(Heading(title), 0, 0)
        for column, name in enumerate(names, 1):
            grid.addWidget(name, 0, column)
        if beside:
            grid.addWidget(SecondaryLabel(beside), 0, self._columns)
        grid.addWidget(Hairline(), 1, 0, 1, self._columns + 1)
        for row, line in enumerate(lines, 2):
            self._cells[line.name] = line.values
            grid.addWidget(row_name(line.name), row, 0, Qt.AlignmentFlag.AlignTop)
            shown = (*line.values, line.beside) if beside else line.values
            for column, words in enumerate(shown, 1):
                grid.addWidget(_value(words, line.name), row, column, Qt.AlignmentFlag.AlignTop)
        return grid


def _value(words: str, name: str) -> QLabel:
    label = QLabel(words or _UNKNOWN)
    label.setFont(tabular_font(label.font()))
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setAccessibleName(f"{name}: {words or 'not known'}")
    return label


def _add_words(rows: QVBoxLayout, words: str) -> None:
    if words:
        label = SecondaryLabel(words)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        rows.addWidget(label)
