"""What can be decided about the chosen files of a data set: the fields of ``FileEdit``, in the inspector."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from musicgen_app.core.key_names import key_name, key_named
from musicgen_app.dataset.recipe import FileEdit
from musicgen_app.ui.controls import SecondaryLabel
from musicgen_app.ui.file_row import SIDES, FileRow
from musicgen_app.ui.forms import Choice, Section
from musicgen_app.workflow.details import Looked, TrackDetails

_NO_KEY = "Not a key; write it like E flat major or c# minor."
_NO_GRID = "Its notes follow no grid."
_GRID = "Notes move by {0.mean_ms:.0f} ms on average, {0.most_ms:.0f} ms at most."
_BOX_WIDTH = 30
"""Pixels of a box beside its text."""
_SEVERAL = "Changes hold for all {0:,} chosen files."


class TrackBox(QCheckBox):
    """A track to tick; a name that is too long for the panel is cut, and whole in the tooltip."""

    def __init__(self, text: str, tooltip: str) -> None:
        super().__init__(text)
        self._whole = text
        self.setAccessibleName(text)
        self.setToolTip(f"{text}\n{tooltip}")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - _BOX_WIDTH
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room))


class SetFields(Section):
    """Use, title, composer, key, side, tracks, silence and grid of the chosen files; each change is told at once.

    Signals:
        edited: The name of the step, and the fields of ``FileEdit`` with their new values.
    """

    edited = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("In the data set", parent=parent)
        self._tracks: tuple[TrackDetails, ...] = ()
        self._edit = FileEdit()
        self.several = SecondaryLabel()
        self.add(self.several)
        self.used = QCheckBox("Use it")
        self.used.setToolTip("Whether the file goes into the data set (Del in the table)")
        self.used.clicked.connect(self._on_used)
        self.add(self.used)
        self.side = Choice()
        self.side.setToolTip("What it is kept for; by chance means that the split decides")
        for side, words in (("", "By chance"), *SIDES.items()):
            self.side.addItem(words, side)
        self.side.activated.connect(self._on_side)
        self.add_row("Keep for", self.side)
        self.title = QLineEdit()
        self.composer = QLineEdit()
        self.key = QLineEdit()
        self.title.editingFinished.connect(self._on_title)
        self.composer.editingFinished.connect(self._on_composer)
        self.key.editingFinished.connect(self._on_key)
        self._title_row = self.add_row("Title", self.title)
        self.add_row("Composer", self.composer)
        self._key_row = self.add_row("Key", self.key)
        self.trim = QCheckBox("Trim silence before and after")
        self.trim.clicked.connect(self._on_trim)
        self.add(self.trim)
        self.quantise = QCheckBox("Quantise")
        self.quantise.clicked.connect(self._on_quantise)
        self.add(self.quantise)
        self.grid = SecondaryLabel()
        self.add(self.grid)
        self._tracks_label = SecondaryLabel("Tracks to use", wrap=False)
        self.add(self._tracks_label)
        self._tracks_box = QVBoxLayout()
        self._tracks_box.setSpacing(4)
        self.add_layout(self._tracks_box)
        self.track_boxes: list[TrackBox] = []
        self._show_tracks(())

    def show_row(self, row: FileRow, files: int) -> None:
        """Show what is decided about a file.

        Args:
            row: The file.
            files: How many are chosen; changes hold for all of them.
        """
        edit = self._edit = row.known.edit
        widgets = (self.used, self.side, self.title, self.composer, self.key, self.trim, self.quantise)
        blockers = [QSignalBlocker(widget) for widget in widgets]
        self.several.setText(_SEVERAL.format(files))
        self.several.setVisible(files > 1)
        self._title_row.setVisible(files == 1)
        self.used.setChecked(not edit.excluded)
        self.side.setCurrentIndex(self.side.findData(edit.side))
        self._show_text(self.title, edit.title, row.facts.title or row.path.stem)
        self._show_text(self.composer, edit.composer, row.known.composer or "Not known")
        self._show_text(self.key, edit.key, row.known.key or "Not known")
        self._key_row.set_hint("")
        self.trim.setChecked(edit.trim)
        self.quantise.setChecked(edit.quantise)
        del blockers
        for widget in (self.side, self.title, self.composer, self.key, self.trim, self.quantise):
            widget.setEnabled(not edit.excluded)
        self._check_tracks()

    def show_looked(self, looked: Looked | None) -> None:
        """Show what can be chosen of the file that was read; None while none is."""
        details = looked.details if looked is not None else None
        fit = details.grid if details is not None else None
        self.quantise.setText(f"Quantise to {fit.name}" if fit is not None else "Quantise to its grid")
        self.grid.setText("" if details is None else _GRID.format(fit) if fit is not None else _NO_GRID)
        self.grid.setVisible(bool(self.grid.text()))
        self._show_tracks(details.tracks if details is not None else ())

    def _show_text(self, field: QLineEdit, text: str, usual: str) -> None:
        field.setText(text)
        field.setPlaceholderText(usual)
        field.setCursorPosition(0)

    def _show_tracks(self, tracks: tuple[TrackDetails, ...]) -> None:
        self._tracks = tracks
        while (item := self._tracks_box.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.track_boxes = []
        for number, track in enumerate(tracks if len(tracks) > 1 else ()):
            name = track.name.strip() or f"Track {number + 1}"
            box = TrackBox(f"{name}: {track.instrument}, {track.notes:,} notes", f"Channel {track.channel}")
            box.clicked.connect(self._on_tracks)
            self._tracks_box.addWidget(box)
            self.track_boxes.append(box)
        self._tracks_label.setVisible(bool(self.track_boxes))
        self._check_tracks()

    def _check_tracks(self) -> None:
        for number, (box, track) in enumerate(zip(self.track_boxes, self._tracks, strict=False)):
            chosen = self._edit.tracks
            box.setChecked(number in chosen if chosen is not None else track.used)
            box.setEnabled(not self._edit.excluded)

    def _on_used(self, used: bool) -> None:
        self.edited.emit("Include" if used else "Exclude", {"excluded": not used})

    def _on_side(self) -> None:
        self.edited.emit("Keep for", {"side": self.side.currentData()})

    def _on_title(self) -> None:
        self._tell_text("Retitle", "title", self.title.text(), self._edit.title)

    def _on_composer(self) -> None:
        self._tell_text("Set composer", "composer", self.composer.text(), self._edit.composer)

    def _on_key(self) -> None:
        text = self.key.text().strip()
        named = key_named(text) if text else None
        self._key_row.set_hint(_NO_KEY if text and named is None else "")
        if not text or named is not None:
            told = key_name(named.fifths, named.minor) if named is not None else ""
            self._tell_text("Set key", "key", told, self._edit.key)

    def _tell_text(self, step: str, field: str, text: str, before: str) -> None:
        text = " ".join(text.split())
        if text != before:
            self.edited.emit(step, {field: text})

    def _on_trim(self, trim: bool) -> None:
        self.edited.emit("Trim silence", {"trim": trim})

    def _on_quantise(self, quantise: bool) -> None:
        self.edited.emit("Quantise", {"quantise": quantise})

    def _on_tracks(self) -> None:
        chosen = tuple(number for number, box in enumerate(self.track_boxes) if box.isChecked())
        if not chosen:
            self._check_tracks()
            return
        usual = tuple(number for number, track in enumerate(self._tracks) if track.used)
        self.edited.emit("Choose tracks", {"tracks": None if chosen == usual else chosen})
