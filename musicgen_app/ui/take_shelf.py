"""The takes of the project behind their cards: kept, put into the roll, played, starred, deleted and brought back."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.score import Score
from musicgen_app.generation.generator import SampleConfig
from musicgen_app.project.document import Project
from musicgen_app.project.takes import TakeRecord
from musicgen_app.ui.piano_roll.piano_roll import PLAYING
from musicgen_app.ui.piano_roll.state import RollPlayer
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.takes import Takes
from musicgen_app.workflow.generate import Take
from musicgen_app.workflow.models import Model

_BOLDNESS = ("temperature", "top_k", "top_p")


class TakePlayer(RollPlayer, Protocol):
    """What plays takes, those that are still being written too."""

    def play(self) -> None:
        """Play from the playhead on."""

    def toggle(self) -> None:
        """Play, or pause."""

    def set_growing(self, growing: bool) -> None:
        """Say whether the score is still being written, so that its end is not the end."""


class TakeShelf(QObject):
    """Does with takes what a person asks of their cards.

    Attributes:
        locked: The roll is being written; no take is put into it.

    Signals:
        failed: Something could not be done (a MusicgenError).
        put_into_roll: The roll shows a take now (its number).
        seen: The music of a take is on its card (the take's record, its Score).
    """

    failed = Signal(object)
    put_into_roll = Signal(int)
    seen = Signal(object, object)

    def __init__(self, cards: Takes, editor: ScoreEditor, player: TakePlayer, parent: QObject) -> None:
        super().__init__(parent)
        self.locked = False
        self._cards = cards
        self._editor = editor
        self._player = player
        self._project: Project | None = None
        self._deleted: list[int] = []
        self._in_roll: tuple[int, Score] | None = None
        cards.score_wanted.connect(self._on_score_wanted)
        cards.use_asked.connect(self.use)
        cards.play_asked.connect(self.play)
        cards.delete_asked.connect(self.delete)
        cards.starred.connect(self.star)
        cards.undo_asked.connect(self.undo_delete)
        editor.score_changed.connect(self._on_score)
        player.state_changed.connect(self._on_player)

    def set_project(self, project: Project) -> None:
        """Show the takes of another project."""
        self._project = project
        self._deleted.clear()
        self._in_roll = None
        self._cards.clear()
        self._cards.show_deleted("")
        self._cards.set_takes(project.takes)

    def keep(self, take: Take, sample: SampleConfig, model: Model) -> int | None:
        """Put a new take into the project.

        Args:
            take: The take.
            sample: How it was asked for.
            model: What made it.

        Returns:
            Its number; None where there is no project, or where it could not be written, which is told.
        """
        if self._project is None:
            return None
        try:
            record = self._project.add_take(take.score, _facts(take, sample, model))
        except MusicgenError as error:
            self.failed.emit(error)
            return None
        self._cards.set_takes(self._project.takes)
        self._cards.set_score(record.id, take.score)
        self.seen.emit(record, take.score)
        return record.id

    def note(self, take: int, **facts: object) -> None:
        """Add to what is known of a take."""
        if self._project is not None and self._did(partial(self._project.note_take, take, **facts)):
            self._cards.set_takes(self._project.takes)

    def record(self, take: int) -> TakeRecord | None:
        """What is known of a take of the list."""
        records = self._project.takes if self._project is not None else ()
        return next((record for record in records if record.id == take), None)

    def show_in_roll(self, take: int, score: Score, step: str) -> None:
        """Put the music of a take into the roll, as a step that can be undone, under this name."""
        self._in_roll = (take, score)
        self._editor.edit(step, score)
        self._on_score(self._editor.score)
        self.put_into_roll.emit(take)

    @Slot(int)
    def use(self, take: int) -> None:
        """Put a take into the roll, if it is not there yet."""
        if self.locked or self._is_in_roll(take):
            return
        score = self._score(take)
        if score is not None:
            self.show_in_roll(take, score, self.tr("Use take {number}").format(number=take))

    @Slot(int)
    def play(self, take: int) -> None:
        """Put a take into the roll and play it from its beginning; if it is there already, play or pause."""
        if self._is_in_roll(take):
            self._player.toggle()
            return
        self.use(take)
        if self._is_in_roll(take):
            self._player.seek(0)
            self._player.play()

    @Slot(int)
    def delete(self, take: int) -> None:
        """Take a take off the list; it can be brought back."""
        if self._project is not None and self._did(partial(self._project.remove_take, take)):
            self._deleted.append(take)
            self._show()

    @Slot()
    def undo_delete(self) -> None:
        """Bring the take that was deleted last back."""
        if self._project is None or not self._deleted:
            return
        if self._did(partial(self._project.restore_take, self._deleted[-1])):
            self._deleted.pop()
            self._show()

    @Slot(int, bool)
    def star(self, take: int, on: bool) -> None:
        """Mark a take as good, or not."""
        if self._project is not None:
            self._did(partial(self._project.star_take, take, on))
            self._cards.set_takes(self._project.takes)

    def _is_in_roll(self, take: int) -> bool:
        return self._in_roll is not None and self._in_roll[0] == take

    def _score(self, take: int) -> Score | None:
        """The music of a take; None where its file is gone or damaged, which is told."""
        if self._project is None:
            return None
        try:
            return self._project.take_score(take)
        except MusicgenError as error:
            self.failed.emit(error)
            return None

    def _did(self, change: Callable[[], None]) -> bool:
        """Whether a change of the project could be written; what is in the way is told."""
        try:
            change()
        except MusicgenError as error:
            self.failed.emit(error)
            return False
        return True

    def _show(self) -> None:
        if self._project is None:
            return
        self._cards.set_takes(self._project.takes)
        words = ""
        if self._deleted:
            titles = {record.id: record.title for record in self._project.removed_takes}
            words = self.tr("{title} is deleted.").format(title=titles.get(self._deleted[-1], self.tr("A take")))
        self._cards.show_deleted(words)

    @Slot(int)
    def _on_score_wanted(self, take: int) -> None:
        score = self._score(take)
        record = self.record(take)
        if score is not None and record is not None:
            self._cards.set_score(take, score)
            self.seen.emit(record, score)

    @Slot(object)
    def _on_score(self, score: Score) -> None:
        """An edited take is no longer the take."""
        if self._in_roll is None:
            return
        same = score is self._in_roll[1] or score == self._in_roll[1]
        self._cards.set_chosen(self._in_roll[0] if same else None)
        if not same and not self._editor.streaming and not self._editor.previewing:
            self._in_roll = None

    @Slot(str)
    def _on_player(self, state: str) -> None:
        self._cards.set_playing(state == PLAYING)


def _facts(take: Take, sample: SampleConfig, model: Model) -> Mapping[str, object]:
    """What a project remembers of a take."""
    asked = asdict(sample)
    return {
        "notes": take.notes,
        "prompt_notes": take.prompt_notes,
        "seconds": round(take.seconds, 3),
        "seed": take.seed,
        "model": model.title,
        "corpus": model.fingerprint,
        "prompt": take.prompt,
        "ending": take.ending,
        "notes_per_second": round(take.notes_per_second),
        **({"random_pick": sample.random_pick} if sample.random_pick else {name: asked[name] for name in _BOLDNESS}),
    }
