"""The table of a collection's files: an order of numbers, and the rows of a library that are looked at just now."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from musicgen_app.core.errors import MusicgenError
from musicgen_app.dataset.library import Library, LibraryRow
from musicgen_app.dataset.library_keys import LibraryKeys
from musicgen_app.dataset.recipe import FileEdit
from musicgen_app.ui.file_row import COLOURS, ICONS, FileRow, length_words
from musicgen_app.ui.icons import Icons

Index = QModelIndex | QPersistentModelIndex
EditOf = Callable[[LibraryRow], FileEdit]

_BLOCK = 64
"""Rows that are read from the library at a time."""
_KEPT = 64
"""Blocks that stay in memory."""
NO_HEIRS: Mapping[int, str] = MappingProxyType({})
_NOTHING: NDArray[np.int64] = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    text: Callable[[FileRow], str]
    sort: str
    number: bool = False


COLUMNS: tuple[_Column, ...] = (
    _Column("Verdict", lambda row: row.short_words, "verdict"),
    _Column("Title", lambda row: row.title, "title"),
    _Column("Composer", lambda row: row.known.composer, "composer"),
    _Column("Notes", lambda row: f"{row.facts.notes:,}", "notes", number=True),
    _Column("Length", lambda row: length_words(row.facts.seconds), "seconds", number=True),
    _Column("Key", lambda row: row.known.key, "key"),
    _Column("Tracks", lambda row: f"{row.facts.tracks}", "tracks", number=True),
    _Column("Used for", lambda row: row.side, "side"),
    _Column("Licence", lambda row: row.known.licence, "licence"),
    _Column("File", lambda row: row.path.name, "path"),
)
VERDICT, TITLE, COMPOSER, NOTES, LENGTH, KEY, TRACKS, USED, LICENCE, FILE = range(len(COLUMNS))


class FileTable(QAbstractTableModel):
    """Rows of a library in an order that somebody else has found.

    Signals:
        order_asked: Another order is wanted: a name for ``Query.sort``, and whether it descends.
        failed: Rows cannot be read from the library (a MusicgenError); told once for each library.
    """

    order_asked = Signal(str, bool)
    failed = Signal(object)

    def __init__(self, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._library: Library | None = None
        self._edit_of: EditOf = lambda _row: FileEdit()
        self._ids = _NOTHING
        self._blocks: OrderedDict[int, Sequence[FileRow | None]] = OrderedDict()
        self._told = False
        self._heirs = NO_HEIRS
        icons.changed.connect(self._on_icons)

    @property
    def ids(self) -> NDArray[np.int64]:
        """Shape (rows,): the numbers of the files that are shown, in their order."""
        return self._ids

    def show_files(
        self, library: Library | None, ids: NDArray[np.int64], edit_of: EditOf, heirs: Mapping[int, str] = NO_HEIRS
    ) -> None:
        """Show files of a library, which is closed when another one is shown.

        Args:
            library: Opened by this thread; None for no files at all.
            ids: Their numbers, in order.
            edit_of: What a person has decided about a file.
            heirs: Verdicts of files that are no duplicates any more, since their originals are left out, by number.
        """
        self.beginResetModel()
        if self._library is not None:
            self._library.close()
        self._library, self._ids, self._edit_of, self._told = library, ids, edit_of, False
        self._heirs = heirs
        self._blocks.clear()
        self.endResetModel()

    def close(self) -> None:
        """Show nothing, and let the library go."""
        self.show_files(None, _NOTHING, self._edit_of)

    def row(self, index: int) -> FileRow | None:
        """A row that is shown; None where the library does not have it any more."""
        block, place = divmod(index, _BLOCK)
        if block in self._blocks:
            self._blocks.move_to_end(block)
        else:
            self._blocks[block] = self._read(self._ids[block * _BLOCK : (block + 1) * _BLOCK])
            if len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        return self._blocks[block][place]

    def keys_of(self, numbers: Collection[int]) -> list[str]:
        """What recipes call these files."""
        try:
            return LibraryKeys(self._library).keys(self._library, numbers) if self._library is not None else []
        except MusicgenError as error:
            self._tell(error)
            return []

    def with_kin(self, row: FileRow) -> FileRow:
        """A row with what the library says of files that are akin to it."""
        try:
            found = self._library.rows([row.known.number]) if self._library is not None else ()
            return replace(row, kin=self._library.kin(found[0])) if self._library is not None and found else row
        except MusicgenError as error:
            self._tell(error)
            return row

    def rows_of(self, ids: Sequence[int]) -> tuple[LibraryRow, ...]:
        """What the library knows of these files."""
        try:
            return self._library.rows(ids) if self._library is not None else ()
        except MusicgenError as error:
            self._tell(error)
            return ()

    def position(self, path: Path) -> int:
        """Where a file is shown; -1 where it is not."""
        try:
            number = self._library.find(path) if self._library is not None else None
        except MusicgenError as error:
            self._tell(error)
            return -1
        return self.position_of(number) if number is not None else -1

    def position_of(self, number: int) -> int:
        """Where the file of this number is shown; -1 where it is not."""
        found = np.flatnonzero(self._ids == number)
        return int(found[0]) if len(found) else -1

    def _read(self, ids: NDArray[np.int64]) -> Sequence[FileRow | None]:
        found = {
            row.id: FileRow.of(row, self._edit_of(row), self._heirs.get(row.id, ""))
            for row in self.rows_of(ids.tolist())
        }
        return [found.get(number) for number in ids.tolist()]

    def _tell(self, error: MusicgenError) -> None:
        if not self._told:
            self._told = True
            self.failed.emit(error)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.order_asked.emit(COLUMNS[column].sort, order == Qt.SortOrder.DescendingOrder)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._ids)

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
        if not index.isValid() or (row := self.row(index.row())) is None:
            return None
        column = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(column.number)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == VERDICT:
            return self._icons.icon(ICONS[row.verdict], COLOURS[row.verdict])
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(self.with_kin(row).sentences) or row.words
        return None

    def _on_icons(self) -> None:
        if len(self._ids):
            last = self.index(len(self._ids) - 1, VERDICT)
            self.dataChanged.emit(self.index(0, VERDICT), last, [Qt.ItemDataRole.DecorationRole])


def _aligned(number: bool) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
