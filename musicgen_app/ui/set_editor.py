"""What a person decides about the files of a data set: the project's recipe, and its history by whole recipes."""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from musicgen_app.core.errors import ProjectError, RecipeError
from musicgen_app.dataset.recipe import NO_RECIPE, Recipe, with_edit
from musicgen_app.project.document import Project


class SetEditor(QObject):
    """Holds the recipe of the project that is open; each change is on the disk at once, and can be undone.

    Signals:
        changed: Another recipe holds.
        failed: It could not be read or written (a MusicgenError), and nothing has changed.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._recipe = NO_RECIPE
        self.undo_stack = QUndoStack(self)

    @property
    def recipe(self) -> Recipe:
        """What is decided."""
        return self._recipe

    def set_project(self, project: Project) -> None:
        """Take over the recipe of another project; there is nothing to undo in it yet.

        Where it is damaged nothing can be decided, so that what is left of it is not written over.
        """
        self._project = project
        try:
            self._recipe = project.recipe
        except RecipeError as error:
            self._recipe = NO_RECIPE
            self.failed.emit(error)
            self._project = None
        self.undo_stack.clear()
        self.changed.emit()

    def edit(self, text: str, keys: Iterable[str], **changes: Any) -> None:
        """Decide something about files, as one step that can be undone.

        Args:
            text: Name of the step, shown as "Undo ...".
            keys: The files (``dataset.recipe.key_of``).
            changes: Fields of ``FileEdit`` with their new values.
        """
        after = with_edit(self._recipe, keys, **changes)
        if after != self._recipe:
            before = self._recipe
            if self._put(after):
                self.undo_stack.push(_Swap(self, text, before, after))

    def _put(self, recipe: Recipe) -> bool:
        if self._project is None:
            hint = "Put back a copy of it, or take it away, then open the project again."
            self.failed.emit(RecipeError("What was decided about the files cannot be read.", hint))
            return False
        if recipe == self._recipe:
            return True
        try:
            self._project.recipe = recipe
        except ProjectError as error:
            self.failed.emit(error)
            return False
        self._recipe = recipe
        self.changed.emit()
        return True


class _Swap(QUndoCommand):
    """A step of the history: one recipe for another."""

    def __init__(self, editor: SetEditor, text: str, before: Recipe, after: Recipe) -> None:
        super().__init__(text)
        self._editor = editor
        self._before = before
        self._after = after

    def redo(self) -> None:
        self._editor._put(self._after)

    def undo(self) -> None:
        self._editor._put(self._before)
