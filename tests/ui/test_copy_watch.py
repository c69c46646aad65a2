"""Each take gets its verdict, and the roll its marks, without being asked and against the right music."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.score import Score
from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.checkpoint import write_checkpoint
from musicgen_app.project.document import Project
from musicgen_app.ui import copy_watch
from musicgen_app.ui.generation_tab import GenerationTab
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.prompt_picker import ROLL
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.take_card import TakeCard
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.comparisons import Comparisons
from tests.generation.networks import musical_checkpoint
from tests.generation.tunes import cut, joined, tune, written
from tests.ui.generation_parts import SilentPlayer

LONG = 60_000


def add_model(folder: Path, dataset: Dataset | None) -> None:
    """A model that learned from a data set, or does not say from what."""
    checkpoint = musical_checkpoint()
    corpus = MappingProxyType({"fingerprint": dataset.fingerprint} if dataset is not None else {})
    folder.mkdir(parents=True, exist_ok=True)
    write_checkpoint(
        folder / "model.safetensors", replace(checkpoint, header=replace(checkpoint.header, corpus=corpus))
    )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "a.musicgen")


@pytest.fixture
def dataset(project: Project) -> Dataset:
    project.dataset_folder.mkdir(parents=True)
    return written(project.dataset_folder, *(tune(seed) for seed in range(1, 7)), held=1)


@pytest.fixture
def editor(qtbot: QtBot) -> ScoreEditor:
    return ScoreEditor()


@pytest.fixture
def bare(qtbot: QtBot, editor: ScoreEditor, tmp_path: Path) -> GenerationTab:
    theme = Theme()
    tab = GenerationTab(
        theme, Icons(theme), editor, SilentPlayer(), bundled=tmp_path / "models", music=tmp_path / "bundled"
    )
    qtbot.addWidget(tab, before_close_func=lambda widget: widget.shutdown())
    tab.resize(1300, 720)
    tab.show()
    return tab


@pytest.fixture
def tab(qtbot: QtBot, bare: GenerationTab, project: Project, dataset: Dataset) -> GenerationTab:
    add_model(project.new_run_folder(), dataset)
    show(bare, project)
    return bare


def show(tab: GenerationTab, project: Project) -> None:
    tab.set_project(project)
    tab.form.length.setValue(40)
    tab.form.seed.setValue(5)


def settled(qtbot: QtBot, tab: GenerationTab) -> None:
    qtbot.waitUntil(lambda: not tab.busy and not tab.watch.busy, timeout=LONG)


def made(qtbot: QtBot, tab: GenerationTab) -> TakeCard:
    """Generate, and wait for the verdict."""
    tab.generate()
    settled(qtbot, tab)
    return tab.takes.cards[0]


def copy_of(dataset_seed: int) -> Score:
    return joined(cut(tune(40), 0, 30), cut(tune(dataset_seed), 50, 90, 3), cut(tune(41), 0, 30))


def marked(tab: GenerationTab) -> list[tuple[int, str]]:
    return [(run.notes, run.source.title) for run in tab.roll.copies.runs]


def test_a_take_gets_its_verdict_and_keeps_it(qtbot, tab, project, dataset) -> None:
    card = made(qtbot, tab)
    assert card.verdict.isVisible()
    assert card.verdict.text().startswith("Longest run ")
    assert "within what composers share (up to " in card.verdict.text()
    assert card.verdict.property("kind") == "secondary"
    assert "Of 40 notes: " in card.verdict.toolTip()
    assert card.verdict.text() in card.accessibleName()
    (take,) = Project.open(project.folder).takes
    assert take.facts["corpus"] == take.facts["originality"]["against"] == dataset.fingerprint
    assert take.facts["originality"]["verdict"] == card.verdict.text()
    assert take.facts["originality"]["copied"] is False


def test_a_copied_take_stands_out(qtbot, tab, project, dataset) -> None:
    project.add_take(copy_of(2), {"corpus": dataset.fingerprint})
    tab.set_project(project)
    settled(qtbot, tab)
    card = tab.takes.cards[0]
    assert "40 notes in a row are copied from Piece 1, bar " in card.verdict.text()
    assert card.verdict.property("kind") == "warn"


def test_what_a_take_goes_on_from_is_no_find(qtbot, tab, editor, dataset) -> None:
    editor.set_score(Score(cut(tune(2), 50, 90)))
    tab.form.prompt.choice.setCurrentIndex(ROLL)
    card = made(qtbot, tab)
    assert len(editor.score.notes) == 80
    assert "within what composers share" in card.verdict.text()
    assert card.verdict.toolTip().endswith("Without the 40 notes it goes on from.")
    assert marked(tab)[0] == (40, "Piece 1"), "in the roll everything is marked"


def test_several_takes_are_looked_at_one_after_the_other(qtbot, tab) -> None:
    tab.form.count.setValue(3)
    made(qtbot, tab)
    assert all(card.verdict.text() for card in tab.takes.cards)


def test_takes_are_looked_at_once(qtbot, tab, project, monkeypatch) -> None:
    made(qtbot, tab)
    monkeypatch.setattr(project, "note_take", pytest.fail)
    tab.set_project(project)
    settled(qtbot, tab)
    assert tab.takes.cards[0].verdict.text()


def test_other_music_than_the_model_learned_from_is_named(qtbot, bare, project, dataset, tmp_path) -> None:
    other = written(tmp_path / "other", tune(50), tune(51))
    add_model(project.new_run_folder(), other)
    show(bare, project)
    card = made(qtbot, bare)
    words = "Compared with this project's data set; what the model learned from is not here."
    assert card.verdict.text().endswith(words)
    assert bare.roll.copies.words.endswith(words)


def test_a_bundled_model_is_held_against_the_bundled_music(qtbot, bare, project, dataset, editor, tmp_path) -> None:
    bundled = written(tmp_path / "bundled", tune(60), tune(61))
    add_model(tmp_path / "models", bundled)
    show(bare, project)
    card = made(qtbot, bare)
    assert "Compared with" not in card.verdict.text()
    assert project.takes[0].facts["originality"]["against"] == bundled.fingerprint
    editor.edit("Paste", copy_of(60))
    settled(qtbot, bare)
    assert marked(bare) == [(40, "Piece 0")]


@pytest.mark.parametrize("damaged", [False, True])
def test_without_music_to_compare_with_nothing_is_claimed(qtbot, bare, project, tmp_path, damaged) -> None:
    written(tmp_path / "bundled", tune(60), tune(61))
    add_model(project.new_run_folder(), None)
    if damaged:
        project.dataset_folder.mkdir(parents=True)
        (project.dataset_folder / "dataset.json").write_text("{}")
    show(bare, project)
    card = made(qtbot, bare)
    assert not card.verdict.isVisible()
    assert "originality" not in project.takes[0].facts
    assert marked(bare) == []


def test_edits_are_looked_at_again(qtbot, tab, editor) -> None:
    made(qtbot, tab)
    assert marked(tab) == []
    editor.edit("Paste", copy_of(2))
    settled(qtbot, tab)
    assert marked(tab) == [(40, "Piece 1")]
    (run,) = tab.roll.copies.runs
    onsets = editor.score.notes["onset"]
    assert (run.onset, run.end) == (onsets[30], onsets[70])
    editor.edit("Delete", editor.score.with_notes(np.delete(editor.score.notes, 50)))
    settled(qtbot, tab)
    assert sorted(notes for notes, _ in marked(tab)) == [19, 20]
    editor.undo_stack.undo()
    settled(qtbot, tab)
    assert marked(tab) == [(40, "Piece 1")]


def test_another_document_has_no_marks_of_the_one_before(qtbot, tab, editor) -> None:
    editor.edit("Paste", copy_of(2))
    settled(qtbot, tab)
    editor.set_score(tune(40))
    assert marked(tab) == []
    editor.edit("Paste", copy_of(3))
    settled(qtbot, tab)
    assert marked(tab) == [(40, "Piece 2")]


def test_what_is_being_made_has_no_marks(qtbot, tab, editor) -> None:
    editor.edit("Paste", copy_of(2))
    settled(qtbot, tab)
    editor.show_streamed(tune(40))
    assert marked(tab) == []
    tab.watch.look_at_roll()
    assert not tab.watch.busy
    editor.end_streaming()
    settled(qtbot, tab)
    assert marked(tab) == [(40, "Piece 1")]


def test_what_was_found_too_late_is_not_shown(qtbot, tab, editor) -> None:
    editor.edit("Paste", copy_of(2))
    tab.watch.look_at_roll()
    editor.edit("Paste", tune(40))
    qtbot.waitUntil(lambda: tab.watch._job is None, timeout=LONG)
    assert marked(tab) == []


def test_very_long_music_is_left_alone(qtbot, tab, editor, monkeypatch) -> None:
    monkeypatch.setattr(copy_watch, "MOST_NOTES", 50)
    editor.edit("Paste", copy_of(2))
    settled(qtbot, tab)
    assert marked(tab) == []


def test_another_model_means_other_music(qtbot, tab, editor, tmp_path) -> None:
    bundled = written(tmp_path / "bundled", tune(60), tune(61))
    add_model(tmp_path / "models", bundled)
    tab.refresh_models()
    editor.set_score(copy_of(60))
    settled(qtbot, tab)
    assert marked(tab) == []
    tab.choose_model(tmp_path / "models" / "model.safetensors")
    settled(qtbot, tab)
    assert marked(tab) == [(40, "Piece 0")]


def test_a_take_in_the_roll_is_held_against_what_its_own_model_learned_from(
    qtbot, tab, project, dataset, tmp_path
) -> None:
    bundled = written(tmp_path / "bundled", tune(60), tune(61))
    add_model(tmp_path / "models", bundled)
    take = project.add_take(copy_of(60), {"corpus": bundled.fingerprint})
    tab.set_project(project)
    tab.shelf.use(take.id)
    settled(qtbot, tab)
    assert marked(tab) == [(40, "Piece 0")]
    tab.choose_model(project.runs()[0].checkpoint)
    settled(qtbot, tab)
    assert marked(tab) == [(40, "Piece 0")]


def test_a_click_on_a_mark_lets_its_source_be_heard(qtbot, tab, editor) -> None:
    editor.set_score(copy_of(2))
    settled(qtbot, tab)
    strip = tab.roll.copies
    (run,) = strip.runs
    with qtbot.waitSignal(tab.listen_asked) as asked:
        at = QPoint(round(strip.state.viewport.x((run.onset + run.end) / 2)), 3)
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=at)
    (passage,) = asked.args
    assert passage.score.notes["pitch"].tolist() == tune(2).notes["pitch"][50:90].tolist()


def test_marks_that_nobody_shows_any_more_ask_for_nothing(qtbot, tab, editor) -> None:
    editor.set_score(copy_of(2))
    settled(qtbot, tab)
    (run,) = tab.roll.copies.runs
    editor.set_score(tune(40))
    with qtbot.assertNotEmitted(tab.listen_asked):
        tab.roll.copies.passage_asked.emit(run)


def test_a_search_that_fails_is_no_obstacle(qtbot, tab, monkeypatch, caplog) -> None:
    def fail(*_: object) -> None:
        raise MusicgenError("It cannot be read.")

    monkeypatch.setattr(Comparisons, "nearest", fail)
    card = made(qtbot, tab)
    assert not card.verdict.isVisible()
    assert len(tab.takes.cards) == 1


def test_leaving_ends_the_search(qtbot, tab, project, editor, tmp_path) -> None:
    editor.edit("Paste", copy_of(2))
    tab.watch.look_at_roll()
    assert tab.watch.busy
    answer: Callable[[object], None] = tab.watch._on_found
    tab.shutdown()
    assert not tab.watch.busy
    answer(None)
    qtbot.wait(50)
    assert marked(tab) == []
    other = Project.create(tmp_path / "b.musicgen")
    tab.set_project(other)
    settled(qtbot, tab)
    assert marked(tab) == []
