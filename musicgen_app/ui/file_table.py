"""The table of a collection's files: filled while it is read, sorted and filtered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from musicgen_app.dataset.doctor import NO_PIANO, NONE_CHOSEN
from musicgen_app.dataset.parts import LEFT_OUT
from musicgen_app.ui.icons import Icons
from musicgen_app.workflow.inspect import FileFacts

Index = QModelIndex | QPersistentModelIndex

_UNREADABLE = "set aside: cannot be read"
"""How a verdict begins whose reason is a whole sentence."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a prepared data set knows about a file beyond the file itself.

    Attributes:
        title, composer, licence: As far as they are known.
        side: "train" or "validation"; empty where the file is not in the data set.
    """

    title: str = ""
    composer: str = ""
    licence: str = ""
    side: str = ""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One line of the table."""

    facts: FileFacts
    known: Known = Known()

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.facts.file)

    @property
    def title(self) -> str:
        """The piece's title, or the file's name where it has none."""
        return self.known.title or self.facts.title or self.path.stem

    @property
    def verdict(self) -> str:
        """``good``, ``warn`` or ``bad``."""
        if not self.facts.usable:
            return "bad"
        return "good" if self.facts.verdict == "ready" else "warn"

    @property
    def words(self) -> str:
        """The verdict in words."""
        if self.facts.verdict.startswith(_UNREADABLE):
            return "Unreadable"
        return self.facts.verdict[:1].upper() + self.facts.verdict[1:]

    @property
    def short_words(self) -> str:
        """The verdict where there is little room: of a file that is set aside only why."""
        reason = self.facts.verdict.removeprefix("set aside: ").split(" (")[0]
        return self.words if self.facts.verdict.startswith(_UNREADABLE) else reason[:1].upper() + reason[1:]

    @property
    def told(self) -> tuple[str, ...]:
        """All sentences about it, and what would help."""
        error = (self.facts.error,) if self.facts.error else ()
        # An error says itself what to do.
        advice = () if self.facts.error or not self.facts.help else (self.facts.help,)
        return (*error, *self.facts.findings, *advice)

    @property
    def partial(self) -> bool:
        """Whether instruments of it are left out, all or some."""
        reason = self.facts.verdict.removeprefix("set aside: ")
        return reason.startswith((NO_PIANO, NONE_CHOSEN)) or any(
            sentence.startswith(LEFT_OUT) for sentence in self.facts.findings
        )

    @property
    def side(self) -> str:
        """What the data set uses the file for, in words."""
        return {"train": "Training", "validation": "Validation"}.get(self.known.side, "")


def length_words(seconds: float) -> str:
    """A length as minutes and seconds, or hours where it is long."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}"


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    text: Callable[[FileRow], str]
    key: Callable[[FileRow], Any]
    number: bool = False


COLUMNS: tuple[_Column, ...] = (
    _Column("Verdict", lambda row: row.short_words, lambda row: ("bad", "warn", "good").index(row.verdict)),
    _Column("Title", lambda row: row.title, lambda row: row.title.casefold()),
    _Column("Composer", lambda row: row.known.composer, lambda row: row.known.composer.casefold()),
    _Column("Notes", lambda row: f"{row.facts.notes:,}", lambda row: row.facts.notes, number=True),
    _Column("Length", lambda row: length_words(row.facts.seconds), lambda row: row.facts.seconds, number=True),
    _Column("Tracks", lambda row: f"{row.facts.tracks}", lambda row: row.facts.tracks, number=True),
    _Column("Used for", lambda row: row.side, lambda row: row.side),
    _Column("Licence", lambda row: row.known.licence, lambda row: row.known.licence),
    _Column("File", lambda row: row.path.name, lambda row: row.path.name.casefold()),
)
VERDICT, TITLE, COMPOSER, NOTES, LENGTH, TRACKS, USED, LICENCE, FILE = range(len(COLUMNS))
VERDICT_ICONS = {"good": "circle-check", "warn": "triangle-alert", "bad": "circle-x"}


class FileTable(QAbstractTableModel):
    """Rows of files. Sorting and filtering happen here, in plain Python, which is quick with ten thousands of rows."""

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._all: list[FileRow] = []
        self._shown: list[FileRow] = []
        self._filter = ""
        self._order: tuple[int, bool] | None = None
        icons.changed.connect(self._on_icons)

    @property
    def rows(self) -> tuple[FileRow, ...]:
        """All rows, also those the filter hides."""
        return tuple(self._all)

    def row(self, index: int) -> FileRow:
        """A row that is shown."""
        return self._shown[index]

    def position(self, path: Path) -> int:
        """Where a file is shown; -1 where it is not."""
        return next((index for index, row in enumerate(self._shown) if row.path == path), -1)

    def clear(self) -> None:
        """Take all rows away."""
        self.beginResetModel()
        self._all, self._shown = [], []
        self.endResetModel()

    def append(self, rows: Iterable[FileRow]) -> None:
        """Add rows at the end; ``settle`` sorts them in."""
        fresh = list(rows)
        self._all.extend(fresh)
        visible = [row for row in fresh if self._matches(row)]
        if visible:
            first = len(self._shown)
            self.beginInsertRows(QModelIndex(), first, first + len(visible) - 1)
            self._shown.extend(visible)
            self.endInsertRows()

    def replace(self, rows: Iterable[FileRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._all = list(rows)
        self._arrange()
        self.endResetModel()

    def settle(self) -> None:
        """Sort what was added."""
        if self._order is not None:
            self.sort(self._order[0], Qt.SortOrder.DescendingOrder if self._order[1] else Qt.SortOrder.AscendingOrder)

    def set_filter(self, text: str) -> None:
        """Show only rows with these words in title, composer, file, licence or verdict."""
        self._filter = text.casefold().strip()
        self.beginResetModel()
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._order = (column, order == Qt.SortOrder.DescendingOrder)
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        marked = [self._shown[index.row()] for index in before]
        self._arrange()
        places = {id(row): place for place, row in enumerate(self._shown)}
        after = [self.index(places[id(row)], index.column()) for row, index in zip(marked, before, strict=True)]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(COLUMNS[section].number)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._shown[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(column.number)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == VERDICT:
            return self._icons.icon(VERDICT_ICONS[row.verdict], row.verdict)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(row.told if row.facts.usable else (row.words, *row.told)) or row.words
        return None

    def _arrange(self) -> None:
        self._shown = [row for row in self._all if self._matches(row)]
        if self._order is not None:
            self._shown.sort(key=COLUMNS[self._order[0]].key, reverse=self._order[1])

    def _matches(self, row: FileRow) -> bool:
        if not self._filter:
            return True
        said = " ".join((row.title, row.known.composer, row.path.name, row.known.licence, row.words, row.side))
        return self._filter in said.casefold()

    def _on_icons(self) -> None:
        if self._shown:
            last = self.index(len(self._shown) - 1, VERDICT)
            self.dataChanged.emit(self.index(0, VERDICT), last, [Qt.ItemDataRole.DecorationRole])


def _aligned(number: bool) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
