"""The score being edited, its selection, and its history by whole Scores."""

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from musicgen_app.core.edits import Edited
from musicgen_app.core.score import NOTE_DTYPE, Score

HISTORY_BYTES = 500_000_000
"""The notes of all steps that can be undone take at most about this much memory."""

MOST_STEPS = 1000


class ScoreEditor(QObject):
    """Holds one score; views show it and ask for edits. Lives in the window's thread.

    Signals:
        score_changed: The score shown is another one (a Score).
        score_opened: The score shown is another document; comes after `score_changed`.
        selection_changed: Other notes are selected.
        unsaved_changed: Whether there is something to save.
        streaming_changed: Whether a score is being made just now and cannot be edited yet.
    """

    score_changed = Signal(object)
    score_opened = Signal()
    selection_changed = Signal()
    unsaved_changed = Signal(bool)
    streaming_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._score = Score()
        self._committed = self._score
        self._selected: NDArray[np.intp] = np.empty(0, np.intp)
        self._streaming = False
        self._before_preview: NDArray[np.intp] | None = None
        self._unsaved = False
        self._undo_stack = QUndoStack(self)
        self._undo_stack.setUndoLimit(MOST_STEPS)
        # Connected before anybody else: whoever hears of a step may ask whether it is saved.
        self._undo_stack.indexChanged.connect(self._on_index_changed)
        self._undo_stack.cleanChanged.connect(self._on_clean_changed)
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self._fall_silent)

    @property
    def score(self) -> Score:
        """The score shown."""
        return self._score

    @property
    def selected(self) -> NDArray[np.intp]:
        """Indices of the selected notes, ascending, read-only."""
        return self._selected

    @property
    def undo_stack(self) -> QUndoStack:
        """The history; its steps have names."""
        return self._undo_stack

    @property
    def unsaved(self) -> bool:
        """Whether the score differs from what was opened or saved last."""
        return self._unsaved

    @property
    def streaming(self) -> bool:
        """Whether the score shown is still being made; it cannot be edited then."""
        return self._streaming

    @property
    def previewing(self) -> bool:
        """Whether the score shown is only what an edit would make."""
        return self._before_preview is not None

    def set_score(self, score: Score) -> None:
        """Show another document: nothing selected, nothing to undo, nothing to save."""
        self._before_preview = None
        self._undo_stack.clear()
        self._undo_stack.setUndoLimit(_steps_for(score))
        self._undo_stack.setClean()
        self._show(score, np.empty(0, np.intp))
        self.score_opened.emit()

    def edit(self, text: str, edited: Edited | Score, merge: str = "") -> None:
        """Take over what an edit made, as one step that can be undone.

        Args:
            text: Name of the step, shown as "Undo ...".
            edited: The new score, with the notes to select or none.
            merge: Steps in a row with the same word and an unbroken selection count as one, so that ten presses of
                an arrow key take one undo.
        """
        self.end_preview()
        after = edited if isinstance(edited, Edited) else Edited(edited, np.empty(0, np.intp))
        unchanged = after.score is self._committed or after.score == self._committed
        if unchanged and not self._streaming:
            self.select(after.selected)
            return
        before = Edited(self._committed, self._selected if not self._streaming else np.empty(0, np.intp))
        self._undo_stack.push(_Replace(self, text, before, after, merge))

    def change(self, text: str, score: Score, merge: str = "") -> None:
        """Take over another score with the same notes: tempo, pedal, signs, tracks; the selection stays."""
        self.edit(text, Edited(score, self._selected), merge)

    def show_preview(self, edited: Edited) -> None:
        """Show what an edit would make; it goes with `end_preview` or the next `edit`, and is no step."""
        if self._before_preview is None:
            self._before_preview = self._selected
        self._put(edited.score, edited.selected)

    def end_preview(self) -> None:
        """Go back to the score before `show_preview`."""
        if self._before_preview is not None:
            selected, self._before_preview = self._before_preview, None
            self._put(self._committed, selected)

    def show_streamed(self, score: Score) -> None:
        """Show a score while it is being made; it becomes a step with the next `edit`, or goes with `end_streaming`."""
        self._set_streaming(True)
        self._put(score, np.empty(0, np.intp))

    def end_streaming(self) -> None:
        """Go back to the score before `show_streamed`, where no `edit` has taken the streamed one over."""
        if self._streaming:
            self._show(self._committed, np.empty(0, np.intp))

    def select(self, selected: NDArray[np.intp]) -> None:
        """Select notes by their indices, any order."""
        chosen = np.unique(np.asarray(selected, dtype=np.intp))
        if np.array_equal(chosen, self._selected):
            return
        self._set_selected(chosen)
        self.selection_changed.emit()

    def mark_saved(self) -> None:
        """The score as it is now is safe on disk."""
        self._undo_stack.setClean()

    def _show(self, score: Score, selected: NDArray[np.intp]) -> None:
        """Show a score that counts: one of the history, or a new document."""
        self._committed = score
        self._set_streaming(False)
        self._put(score, selected)

    def _put(self, score: Score, selected: NDArray[np.intp]) -> None:
        self._score = score
        self._set_selected(selected)
        self.score_changed.emit(score)
        self.selection_changed.emit()

    def _set_selected(self, selected: NDArray[np.intp]) -> None:
        self._selected = np.array(selected, dtype=np.intp)
        self._selected.flags.writeable = False

    def _set_streaming(self, streaming: bool) -> None:
        if streaming != self._streaming:
            self._streaming = streaming
            self.streaming_changed.emit(streaming)

    def _on_index_changed(self) -> None:
        if shiboken6.isValid(self._undo_stack):
            self._unsaved = not self._undo_stack.isClean()

    def _on_clean_changed(self, clean: bool) -> None:
        self._unsaved = not clean
        self.unsaved_changed.emit(self._unsaved)

    def _fall_silent(self) -> None:
        """The history empties itself when it is destroyed; nobody shall take that for an edit."""
        self._undo_stack.blockSignals(True)


class _Replace(QUndoCommand):
    """A step of the history: one score for another."""

    def __init__(self, editor: ScoreEditor, text: str, before: Edited, after: Edited, merge: str) -> None:
        super().__init__(text)
        self._editor = editor
        self._before = before
        self._after = after
        self._merge = merge

    def redo(self) -> None:
        self._editor._show(self._after.score, self._after.selected)

    def undo(self) -> None:
        self._editor._show(self._before.score, self._before.selected)

    def id(self) -> int:
        return 1 if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Replace) or (other._merge, other.text()) != (self._merge, self.text()):
            return False
        if not np.array_equal(other._before.selected, self._after.selected):
            return False
        self._after = other._after
        return True


def _steps_for(score: Score) -> int:
    """How many steps may be kept for a score of this size; never fewer than 20."""
    return max(20, min(MOST_STEPS, HISTORY_BYTES // (NOTE_DTYPE.itemsize * max(1, len(score.notes)))))
