"""The queue of runs as rows for Qt's tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QByteArray, QMimeData, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from musicgen_app.project.queue import CANCELLED, DONE, FAILED, RUNNING, WAITING, Queue, QueueEntry
from musicgen_app.project.seed_row import ARCHITECTURES
from musicgen_app.project.story import duration_words
from musicgen_app.ui.icons import Icons

Index = QModelIndex | QPersistentModelIndex
STATE, TITLE, NETWORK, PROGRESS, TIME, PROBLEM = range(6)
HEADINGS = ("State", "Run", "Network", "Progress", "Time", "Problem")
PAUSED, MUSIC, INTERRUPTED, ENDING = "paused", "music", "interrupted", "ending"
STATES = {
    WAITING: ("Waiting", "hourglass", "secondary"),
    RUNNING: ("Training", "loader", "accent"),
    MUSIC: ("Writing music", "music", "accent"),
    ENDING: ("Last epoch", "loader", "accent"),
    PAUSED: ("Paused", "pause", "warn"),
    INTERRUPTED: ("Interrupted", "circle-stop", "warn"),
    DONE: ("Done", "circle-check", "good"),
    FAILED: ("Failed", "circle-alert", "bad"),
    CANCELLED: ("Cancelled", "circle-x", "secondary"),
}
_DRAGGED = "application/x-musicgen-queue-entry"
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Going:
    """How far the entry is that goes on.

    Attributes:
        state: "running", "music", "paused" or "interrupted".
        epoch, epochs: The epoch that goes on, from 1, and how many are planned; 0 where unknown.
        share: Part of its training that is done, 0 to 1.
        seconds_left: Time its training has left; None where unknown.
    """

    state: str = RUNNING
    epoch: int = 0
    epochs: int = 0
    share: float = 0.0
    seconds_left: float | None = None


class QueueModel(QAbstractTableModel):
    """Entries in the order in which they are run.

    Signals:
        dropped: A row was dragged to another place (number of the entry, place from 1).
    """

    dropped = Signal(int, int)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._entries: tuple[QueueEntry, ...] = ()
        self._expected: Mapping[int, float | None] = {}
        self._going = Going()

    @property
    def entries(self) -> tuple[QueueEntry, ...]:
        """The entries."""
        return self._entries

    def at(self, row: int) -> QueueEntry | None:
        """The entry in a row."""
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def position(self, number: int) -> int:
        """The row of an entry; -1 where there is none of this number."""
        return next((row for row, entry in enumerate(self._entries) if entry.id == number), -1)

    def show_queue(self, queue: Queue, going: Going, expected: Mapping[int, float | None]) -> bool:
        """Show what is newly known; whether other rows are shown, or in another order.

        Args:
            queue: The queue.
            going: How far the entry is that goes on.
            expected: Seconds that waiting entries will take, by number.
        """
        others = [entry.id for entry in queue.entries] != [entry.id for entry in self._entries]
        if others:
            self.beginResetModel()
        self._entries, self._going, self._expected = queue.entries, going, expected
        if others:
            self.endResetModel()
        else:
            self.refresh()
        return others

    def show_going(self, going: Going) -> None:
        """Show how far the entry is that goes on."""
        self._going = going
        for row, entry in enumerate(self._entries):
            if entry.state == RUNNING:
                self.dataChanged.emit(self.index(row, 0), self.index(row, PROBLEM))

    def refresh(self) -> None:
        """Draw anew."""
        if self._entries:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._entries) - 1, PROBLEM))

    def state_of(self, entry: QueueEntry) -> str:
        """The state that is shown of an entry."""
        if entry.state != RUNNING:
            return entry.state
        ends = entry.end_epoch and self._going.state == RUNNING
        return ENDING if ends else self._going.state

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section == TIME else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.at(index.row()) if index.isValid() else None
        if entry is None:
            return None
        column = index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._words(entry, column)
        if role == Qt.ItemDataRole.DecorationRole and column == STATE:
            _, icon, colour = STATES[self.state_of(entry)]
            return self._icons.icon(icon, colour)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == TIME:
            return _RIGHT
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.reason or (settings_words(entry) if column in (TITLE, NETWORK) else self._words(entry, column))
        if role == Qt.ItemDataRole.UserRole and column == PROGRESS:
            return self._going.share or None if entry.state == RUNNING else None
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled  # between the rows alone
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [_DRAGGED]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        carried = QMimeData()
        entry = self.at(indexes[0].row())
        carried.setData(_DRAGGED, QByteArray(str(entry.id if entry is not None else 0).encode()))
        return carried

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        number = int(bytes(data.data(_DRAGGED).data()) or 0)
        before = self.position(number)
        if before < 0:
            return False
        target = len(self._entries) if row < 0 else row
        self.dropped.emit(number, target + (0 if target > before else 1))
        return False  # the queue itself is changed, and shown again; Qt has nothing to take away

    def _words(self, entry: QueueEntry, column: int) -> str:
        if column == STATE:
            return STATES[self.state_of(entry)][0]
        if column == TITLE:
            return entry.title or ("New run" if entry.run is None else f"Run {entry.run}")
        if column == NETWORK:
            preset = entry.preset.removeprefix("seed-")
            return ARCHITECTURES.get(preset, preset.capitalize()) or "From a model"
        if column == PROGRESS:
            return self._progress(entry)
        return self._time(entry) if column == TIME else " ".join(entry.reason.split())

    def _progress(self, entry: QueueEntry) -> str:
        planned = "" if entry.epochs is None else f"{entry.epochs} epoch{'' if entry.epochs == 1 else 's'}"
        if entry.state == RUNNING:
            going = self._going
            if going.epoch:
                return f"Epoch {going.epoch} of {going.epochs}" if going.epochs else f"Epoch {going.epoch}"
            return "" if going.state in (PAUSED, INTERRUPTED, MUSIC) else "Getting ready"
        if entry.state == DONE and entry.score is not None:
            return f"Score {entry.score:.3f}"
        return planned if entry.state in (WAITING, DONE) else ""

    def _time(self, entry: QueueEntry) -> str:
        if entry.state == RUNNING:
            left = self._going.seconds_left
            return "" if left is None else f"{duration_words(max(1.0, left))} left"
        if entry.seconds is not None:
            return duration_words(entry.seconds)
        expected = self._expected.get(entry.id) if entry.state == WAITING else None
        return "" if expected is None else f"about {duration_words(expected)}"


def settings_words(entry: QueueEntry) -> str:
    """The settings of an entry in one line, the layers of a network left out."""
    named = {**entry.overrides, "epochs": entry.epochs, "minutes": entry.minutes, "seed": entry.seed, **entry.sample}
    told = (f"{name} {value}" for name, value in named.items() if value is not None and name != "layers")
    return ", ".join(told).replace("_", " ")
