"""Looks for copies in the background: in each take as it is made, and in the roll whenever it has changed."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.score import Score
from musicgen_app.project.document import Project
from musicgen_app.project.takes import TakeRecord
from musicgen_app.ui.copy_answer import Answer, Question, corpus_of, fact_of, look, told
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.model_picker import ModelPicker
from musicgen_app.ui.piano_roll.copy_strip import CopyStrip
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.take_card import ORIGINALITY
from musicgen_app.ui.take_shelf import TakeShelf
from musicgen_app.workflow.comparisons import AnyRun, Comparisons, Passage
from musicgen_app.workflow.reference_library import reference_of_output

MOST_NOTES = 20_000
"""Longer music in the roll is not looked at after every edit."""
_PAUSE_MS = 400


class CopyWatch(QObject):
    """Asks about one piece of music after the other, in a thread, and shows what comes back.

    Args:
        shelf: Gives takes that have been made or are seen, and keeps what is found.
        editor: The music in the roll.
        strip: Shows what is copied in it.
        models: The model that is chosen.
        bundled: Folder of the data set that comes with the program.
        parent: Qt's owner; it calls ``shutdown`` before it goes.

    Signals:
        passage_found: What a run was copied from, which somebody wants to hear (a Passage).
        copy_found: The music in the roll is a copy (a sentence), or is not, or nobody knows ("").
    """

    passage_found = Signal(object)
    copy_found = Signal(str)

    def __init__(
        self,
        shelf: TakeShelf,
        editor: ScoreEditor,
        strip: CopyStrip,
        models: ModelPicker,
        bundled: Path,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._editor = editor
        self._strip = strip
        self._models = models
        self._bundled = bundled
        self._project: Project | None = None
        self._comparisons = Comparisons()
        self._waiting: list[Question] = []
        self._asked: Question | None = None
        self._job: Job | None = None
        self._shown: Answer | None = None
        self._taken_from: str | None = None
        self._reference: Path | None = None
        self._hear_when_found = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.look_at_roll)
        shelf.seen.connect(self._on_take)
        shelf.put_into_roll.connect(self._on_take_in_roll)
        editor.score_changed.connect(self._on_score)
        editor.score_opened.connect(self._on_opened)
        models.model_changed.connect(self._on_model)
        strip.passage_asked.connect(self._on_passage)

    @property
    def busy(self) -> bool:
        """Whether something is being looked at, or is about to be."""
        return self._job is not None or self._pause.isActive()

    def set_project(self, project: Project) -> None:
        """Look at the takes of another project."""
        self.shutdown()
        self._project = project
        self._held_against(None, None)
        self._clear()
        self._pause.start()

    def shutdown(self) -> None:
        """Stop looking."""
        self._pause.stop()
        self._waiting.clear()
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            job.wait()

    def file_opened(self, path: Path) -> None:
        """A file stands in the roll now; the output of a run is held against what that run learned from."""
        self._taken_from = None
        self._reference = reference_of_output(path, self._project.folder) if self._project is not None else None
        self._pause.start()

    def hear_when_found(self) -> None:
        """Let the source of the music that is about to be opened be heard as soon as it is known."""
        self._hear_when_found = True

    def passage(self) -> Passage | None:
        """What the longest run in the roll was copied from; None where there is none."""
        run = None if self._shown is None else self._shown.judgement.decisive
        return None if self._shown is None or run is None else self._shown.passage(run)

    def look_soon(self) -> None:
        """Look at the roll when nothing has changed for a moment."""
        self._pause.start()

    @Slot()
    def look_at_roll(self) -> None:
        """Look at the music in the roll as it is now."""
        score = self._editor.score
        self._waiting = [question for question in self._waiting if question.take is not None]
        if self._editor.streaming or not 0 < len(score.notes) <= MOST_NOTES:
            self._clear()
            return
        model = self._models.model
        chosen = model.fingerprint if model is not None else ""
        fingerprint = chosen if self._taken_from is None else self._taken_from
        self._waiting.insert(0, Question(None, score, 0, fingerprint, self._reference))
        self._go_on()

    # Inside

    def _go_on(self) -> None:
        if self._job is not None or not self._waiting:
            return
        self._asked = self._waiting.pop(0)
        folder = self._project.dataset_folder if self._project is not None and self._project.has_dataset else None
        job = Job(partial(look, self._comparisons, self._asked, (folder, self._bundled)), self)
        job.succeeded.connect(self._on_found)
        job.failed.connect(self._on_failed)
        job.finished.connect(job.deleteLater)
        self._job = job
        job.start()

    @Slot(object)
    def _on_found(self, answer: Answer | None) -> None:
        if self._job is None or self._asked is None:
            return
        # The thread has nothing left to do; it must not outlive its owner.
        self._job.wait()
        asked, self._job = self._asked, None
        if asked.take is not None:
            if answer is not None:
                self._shelf.note(asked.take, **{ORIGINALITY: fact_of(answer)})
        elif asked.score is self._editor.score:
            self._show(answer)
        self._go_on()

    @Slot(object)
    def _on_failed(self, _error: MusicgenError) -> None:
        # A verdict that cannot be had stops nobody from making music; what was unforeseen is in the log.
        self._on_found(None)

    def _show(self, answer: Answer | None) -> None:
        self._shown = answer
        if answer is None:
            self._strip.show_runs((), "")
            self.copy_found.emit("")
            return
        self._strip.show_runs(answer.judgement.copies.runs, answer.words, told)
        self.copy_found.emit(answer.words if answer.judgement.copied else "")
        hear, self._hear_when_found = self._hear_when_found, False
        if hear and answer.judgement.decisive is not None:
            self.passage_found.emit(answer.passage(answer.judgement.decisive))

    def _held_against(self, fingerprint: str | None, reference: Path | None) -> None:
        """Say what the music in the roll is held against from now on; None for what the chosen model learned from."""
        self._taken_from, self._reference, self._hear_when_found = fingerprint, reference, False

    def _clear(self) -> None:
        if self._shown is not None:
            self._show(None)

    @Slot(object, object)
    def _on_take(self, record: TakeRecord, score: Score) -> None:
        if ORIGINALITY in record.facts or any(question.take == record.id for question in self._waiting):
            return
        prompt = record.facts.get("prompt_notes")
        skipped = prompt if isinstance(prompt, int) else 0
        self._waiting.append(Question(record.id, score, skipped, corpus_of(record)))
        self._go_on()

    @Slot(int)
    def _on_take_in_roll(self, take: int) -> None:
        record = self._shelf.record(take)
        self._held_against(corpus_of(record) if record is not None else None, None)
        self._pause.start()

    @Slot(object)
    def _on_score(self, _score: Score) -> None:
        if self._editor.streaming:
            self._pause.stop()
            self._clear()
        else:
            self._pause.start()

    @Slot()
    def _on_opened(self) -> None:
        self._held_against(None, None)
        self._clear()

    @Slot()
    def _on_model(self) -> None:
        if self._taken_from is None and self._reference is None:
            self._pause.start()

    @Slot(object)
    def _on_passage(self, run: AnyRun) -> None:
        if self._shown is not None:
            self.passage_found.emit(self._shown.passage(run))
