"""The Generation tab makes music with a real model, and keeps, plays and deletes takes as a person asks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from musicgen_app.core.edits import Edited
from musicgen_app.core.errors import MusicgenError, ProjectError, UsageError
from musicgen_app.core.score import Score
from musicgen_app.generation import ready
from musicgen_app.generation.checkpoint import write_checkpoint
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.document import Project
from musicgen_app.project.takes import TakeRecord
from musicgen_app.ui.generation_tab import GenerationTab
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.prompt_picker import FILE, NOTHING, PASSAGE, ROLL
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.take_card import TakeCard
from musicgen_app.ui.takes import MOST_CARDS
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.models import list_models
from tests.generation.networks import musical_checkpoint
from tests.ui.generation_parts import SilentPlayer, add_dataset, add_model, melody

LEFT = Qt.MouseButton.LeftButton
LONG = 60_000


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.create(tmp_path / "a.musicgen")
    add_model(project)
    return project


@pytest.fixture
def editor(qtbot) -> ScoreEditor:
    return ScoreEditor()


@pytest.fixture
def player(qtbot) -> SilentPlayer:
    return SilentPlayer()


class Told:
    """What the window would hear."""

    def __init__(self, tab: GenerationTab) -> None:
        self.jobs: list[str] = []
        self.errors: list[MusicgenError] = []
        self.words: list[str] = []
        self.training = 0
        tab.job_started.connect(lambda job, title: self.jobs.append(title))
        tab.failed.connect(self.errors.append)
        tab.told.connect(self.words.append)
        tab.training_asked.connect(self.count)

    def count(self) -> None:
        self.training += 1


@pytest.fixture
def bare(qtbot, editor: ScoreEditor, player: SilentPlayer, tmp_path: Path) -> GenerationTab:
    """The tab without a project and without bundled models."""
    theme = Theme()
    tab = GenerationTab(theme, Icons(theme), editor, player, bundled=tmp_path / "none")
    qtbot.addWidget(tab, before_close_func=lambda widget: widget.shutdown())
    tab.resize(1300, 720)
    tab.show()
    return tab


@pytest.fixture
def tab(bare: GenerationTab, project: Project) -> GenerationTab:
    bare.set_project(project)
    bare.form.length.setValue(40)
    bare.form.seed.setValue(5)
    return bare


@pytest.fixture
def told(bare: GenerationTab) -> Told:
    return Told(bare)


def press(qtbot, tab: GenerationTab) -> None:
    qtbot.mouseClick(tab.form.button, LEFT)


def made(qtbot, tab: GenerationTab) -> None:
    """Press Generate and wait until everything is made."""
    press(qtbot, tab)
    assert tab.busy
    qtbot.waitUntil(lambda: not tab.busy, timeout=LONG)


def newest(tab: GenerationTab) -> TakeCard:
    return tab.takes.cards[0]


def test_generate_puts_notes_into_the_roll_and_a_take_into_the_project(qtbot, tab, told, editor, project) -> None:
    made(qtbot, tab)
    assert len(editor.score.notes) == 40
    (take,) = project.takes
    assert project.take_score(take.id) == editor.score
    assert take.facts["seed"] == tab.form.seed.value()
    assert take.facts["model"] == project.runs()[0].title
    assert newest(tab).chosen
    assert tab.roll.isVisible()
    assert told.jobs == ["Music"]
    assert "40 notes made" in told.words[0]
    assert not told.errors


def test_the_model_is_read_for_the_first_request_only(qtbot, tab, monkeypatch) -> None:
    asked: list[Path] = []
    read = ready.read_checkpoint
    monkeypatch.setattr(ready, "read_checkpoint", lambda path: asked.append(path) or read(path))
    for _ in range(3):
        made(qtbot, tab)
    assert len(asked) == 1


def test_what_is_being_made_can_be_played_from_its_beginning(qtbot, tab, player) -> None:
    made(qtbot, tab)
    assert player.asked == ["growing True", "seek 0", "growing False"]


def test_generating_can_be_undone(qtbot, tab, editor) -> None:
    before = melody(3)
    editor.set_score(before)
    made(qtbot, tab)
    assert editor.undo_stack.undoText() == "Generate"
    editor.undo_stack.undo()
    assert editor.score == before
    assert not newest(tab).chosen


def test_the_same_seed_makes_the_same_music_again(qtbot, tab, editor) -> None:
    tab.form.fresh_seed.setChecked(True)
    tab.form.seed.setValue(123)
    assert not tab.form.fresh_seed.isChecked(), "whoever sets a seed wants that one"
    made(qtbot, tab)
    first = editor.score
    made(qtbot, tab)
    assert editor.score == first
    assert len(tab.takes.cards) == 2


def test_another_seed_is_thrown_each_time_until_one_is_set(qtbot, tab) -> None:
    tab.form.fresh_seed.setChecked(True)
    seeds = set()
    for _ in range(3):
        made(qtbot, tab)
        seeds.add(tab.form.seed.value())
    assert len(seeds) == 3


def test_several_takes_become_several_cards_newest_first(qtbot, tab, editor, project) -> None:
    tab.form.count.setValue(3)
    made(qtbot, tab)
    assert [card.record.id for card in tab.takes.cards] == [3, 2, 1]
    seeds = [take.facts["seed"] for take in project.takes]
    assert seeds == [seeds[0], seeds[0] + 1, seeds[0] + 2]
    assert editor.score == project.take_score(1)
    assert [card.chosen for card in tab.takes.cards] == [False, False, True]


def test_notes_appear_while_they_are_made(qtbot, tab, editor) -> None:
    tab.form.length.setValue(20_000)
    seen: list[int] = []
    editor.score_changed.connect(lambda score: seen.append(len(score.notes)))
    press(qtbot, tab)
    qtbot.waitUntil(lambda: len(seen) >= 3, timeout=LONG)
    assert editor.streaming
    assert seen == sorted(seen)
    assert 0 < seen[0] < 20_000
    qtbot.mouseClick(tab.form.button, LEFT)
    qtbot.waitUntil(lambda: not tab.busy, timeout=LONG)
    assert not editor.streaming


def test_stop_keeps_what_is_there(qtbot, tab, editor, project) -> None:
    tab.form.length.setValue(20_000)
    press(qtbot, tab)
    assert tab.form.button.text() == "Stop"
    qtbot.waitUntil(lambda: len(editor.score.notes) > 0, timeout=LONG)
    press(qtbot, tab)
    qtbot.waitUntil(lambda: not tab.busy, timeout=LONG)
    assert tab.form.button.text() == "Generate"
    (take,) = project.takes
    assert 0 < len(editor.score.notes) < 20_000
    assert take.facts["ending"] == "stopped"


def test_closing_while_generating_throws_away_what_is_not_finished(qtbot, tab, editor, project) -> None:
    before = melody(3)
    editor.set_score(before)
    tab.form.length.setValue(20_000)
    press(qtbot, tab)
    qtbot.waitUntil(lambda: editor.streaming, timeout=LONG)
    tab.shutdown()
    assert not tab.busy
    assert editor.score == before
    qtbot.wait(50)
    assert project.takes == ()


def test_closing_while_takes_are_kept_loses_none(qtbot, tab, editor, project) -> None:
    tab.form.count.setValue(6)
    press(qtbot, tab)
    qtbot.waitUntil(lambda: len(project.takes) > 0, timeout=LONG)
    tab.shutdown()
    assert len(project.takes) == 6
    assert editor.score == project.take_score(1)


def test_stopped_before_the_first_note_nothing_is_kept(qtbot, tab, told, editor, project) -> None:
    before = melody(3)
    editor.set_score(before)
    tab._on_made(())
    assert not told.words, "nothing was asked for"
    press(qtbot, tab)
    tab._on_made(())
    assert told.words == ["Stopped before the first note"]
    assert editor.score == before
    assert not tab.busy


def test_a_random_passage_is_continued(qtbot, tab, editor, project) -> None:
    add_dataset(project)
    tab.hide()
    tab.show()
    tab.form.prompt.choice.setCurrentIndex(PASSAGE)
    tab.form.prompt.passage_notes.setValue(16)
    made(qtbot, tab)
    assert len(editor.score.notes) == 56
    assert "after Scale" in newest(tab).accessibleName()


def test_without_a_data_set_there_is_no_passage(qtbot, tab) -> None:
    tab.form.prompt.choice.setCurrentIndex(PASSAGE)
    assert not tab.form.button.isEnabled()
    assert "Prepare a data set first" in tab.form.prompt.hint.text()
    assert tab.form.prompt.hint.isVisible()


def test_a_midi_file_is_continued(qtbot, tab, editor, tmp_path, monkeypatch) -> None:
    path = tmp_path / "Lullaby.mid"
    write_midi(melody(5), path)
    tab.form.prompt.choice.setCurrentIndex(FILE)
    assert not tab.form.button.isEnabled()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    qtbot.mouseClick(tab.form.prompt.file_button, LEFT)
    made(qtbot, tab)
    assert len(editor.score.notes) == 45
    assert "after Lullaby" in newest(tab).accessibleName()


def test_the_prompt_can_be_left_out_of_the_take(qtbot, tab, editor) -> None:
    editor.set_score(melody(5))
    tab.form.prompt.choice.setCurrentIndex(ROLL)
    tab.form.prompt.include.setChecked(False)
    made(qtbot, tab)
    assert len(editor.score.notes) == 40


def test_the_selection_in_the_roll_is_continued(qtbot, tab, editor) -> None:
    editor.set_score(melody(10))
    tab.form.prompt.choice.setCurrentIndex(ROLL)
    assert "all 10 notes" in tab.form.prompt.hint.text()
    editor.select(np.array([4, 5, 6]))
    assert "3 notes are selected" in tab.form.prompt.hint.text()
    made(qtbot, tab)
    assert {44, 45, 46} <= set(editor.score.notes["pitch"][:4].tolist())
    assert len(editor.score.notes) == 43


def test_an_empty_roll_cannot_be_continued(qtbot, tab, editor) -> None:
    tab.form.prompt.choice.setCurrentIndex(ROLL)
    assert not tab.form.button.isEnabled()
    editor.set_score(melody(2))
    assert tab.form.button.isEnabled()
    tab.form.prompt.choice.setCurrentIndex(NOTHING)
    assert not tab.form.prompt.include.isVisible()


def test_use_puts_a_take_into_the_roll_and_can_be_undone(qtbot, tab, editor, project) -> None:
    made(qtbot, tab)
    project.add_take(melody(7), {})
    tab.set_project(project)
    other = editor.score
    card = newest(tab)
    qtbot.mouseClick(card.use, LEFT)
    assert editor.score.notes["pitch"].tolist() == melody(7).notes["pitch"].tolist()
    assert card.chosen
    editor.undo_stack.undo()
    assert editor.score == other
    assert not card.chosen


def test_enter_and_delete_work_on_a_card(qtbot, tab, editor, project) -> None:
    project.add_take(melody(7), {})
    tab.set_project(project)
    card = newest(tab)
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Return)
    assert len(editor.score.notes) == 7
    qtbot.keyClick(card, Qt.Key.Key_X)
    qtbot.keyClick(card, Qt.Key.Key_Delete)
    assert project.takes == ()


def test_a_double_click_uses_a_take(qtbot, tab, editor, project) -> None:
    project.add_take(melody(7), {})
    tab.set_project(project)
    qtbot.mouseDClick(newest(tab), LEFT)
    assert len(editor.score.notes) == 7


def test_play_puts_a_take_into_the_roll_and_plays_it_from_its_beginning(qtbot, tab, editor, project, player) -> None:
    project.add_take(melody(7), {})
    tab.set_project(project)
    player.asked.clear()
    qtbot.mouseClick(newest(tab).play, LEFT)
    assert len(editor.score.notes) == 7
    assert player.asked == ["seek 0", "play"]
    player.state_changed.emit("playing")
    assert newest(tab).play.toolTip() == "Pause"
    qtbot.mouseClick(newest(tab).play, LEFT)
    assert player.asked[-1] == "toggle"
    player.state_changed.emit("paused")
    assert newest(tab).play.toolTip() == "Put this take into the roll and play it"


def test_an_edited_take_is_no_longer_the_take(qtbot, tab, editor, project) -> None:
    project.add_take(melody(7), {})
    tab.set_project(project)
    qtbot.mouseClick(newest(tab).use, LEFT)
    editor.edit("Delete", melody(6))
    assert not newest(tab).chosen
    qtbot.mouseClick(newest(tab).use, LEFT)
    assert len(editor.score.notes) == 7


def test_a_take_stays_the_take_while_an_edit_is_only_tried(qtbot, tab, editor, project) -> None:
    project.add_take(melody(7), {})
    tab.set_project(project)
    qtbot.mouseClick(newest(tab).use, LEFT)
    editor.show_preview(Edited(melody(6), np.empty(0, np.intp)))
    assert not newest(tab).chosen
    editor.end_preview()
    assert newest(tab).chosen


def test_deleted_takes_can_be_brought_back_one_by_one(qtbot, tab, project) -> None:
    for notes in (3, 4, 5):
        project.add_take(melody(notes), {"notes": notes})
    tab.set_project(project)
    qtbot.mouseClick(newest(tab).delete, LEFT)
    qtbot.mouseClick(newest(tab).delete, LEFT)
    assert [card.record.id for card in tab.takes.cards] == [1]
    assert tab.takes.deleted_words == "Take 2 is deleted."
    qtbot.mouseClick(tab.takes.undo, LEFT)
    assert [card.record.id for card in tab.takes.cards] == [2, 1]
    qtbot.mouseClick(tab.takes.undo, LEFT)
    assert [card.record.id for card in tab.takes.cards] == [3, 2, 1]
    assert not tab.takes.undo.isVisible()
    assert len(project.takes) == 3


def test_a_star_is_kept_and_the_list_can_show_only_starred_takes(qtbot, tab, project) -> None:
    for notes in (3, 4):
        project.add_take(melody(notes), {})
    tab.set_project(project)
    qtbot.mouseClick(tab.takes.only_starred, LEFT)
    assert tab.takes.cards == ()
    assert tab.takes._nothing_starred.isVisible()
    qtbot.mouseClick(tab.takes.only_starred, LEFT)
    qtbot.mouseClick(tab.takes.cards[1].star, LEFT)
    assert project.takes[0].starred
    qtbot.mouseClick(tab.takes.only_starred, LEFT)
    assert [card.record.id for card in tab.takes.cards] == [1]


def test_of_very_many_takes_the_newest_are_shown_and_older_ones_on_request(qtbot, tab, project) -> None:
    records = tuple(TakeRecord(number, f"take-{number:04d}.mid") for number in range(1, MOST_CARDS + 21))
    tab.takes.set_takes(records)
    assert [card.record.id for card in tab.takes.cards][:2] == [MOST_CARDS + 20, MOST_CARDS + 19]
    assert len(tab.takes.cards) == MOST_CARDS
    tab.takes.older.click()
    assert len(tab.takes.cards) == MOST_CARDS + 20
    assert not tab.takes.older.isVisible()


def test_cards_read_their_music_when_they_are_seen(qtbot, tab, project) -> None:
    for notes in range(3, 15):
        project.add_take(melody(notes), {})
    tab.set_project(project)
    wanted: list[int] = []
    tab.takes.score_wanted.connect(wanted.append)
    qtbot.waitUntil(lambda: 12 in wanted)
    assert 1 not in wanted


def test_a_take_whose_file_is_gone_is_told(qtbot, tab, told, project) -> None:
    take = project.add_take(melody(7), {})
    (project.folder / "scores" / take.file).unlink()
    tab.set_project(project)
    qtbot.mouseClick(newest(tab).use, LEFT)
    assert "is gone" in told.errors[-1].message


def test_a_model_that_is_damaged_meanwhile_is_told_and_the_roll_stays(qtbot, tab, told, editor) -> None:
    before = melody(3)
    editor.set_score(before)
    model = tab.form.models.model
    assert model is not None
    model.path.write_bytes(b"nothing")
    made(qtbot, tab)
    assert "not a model" in told.errors[0].message
    assert editor.score == before
    assert tab.form.button.text() == "Generate"


def test_a_take_that_cannot_be_kept_is_told_but_stands_in_the_roll(qtbot, tab, told, editor, project) -> None:
    (project.folder / "scores").write_text("a file where a folder should be")
    made(qtbot, tab)
    assert told.errors
    assert len(editor.score.notes) == 40


def test_without_a_model_the_form_says_what_to_do(qtbot, bare, told, tmp_path) -> None:
    bare.set_project(Project.create(tmp_path / "b.musicgen"))
    assert not bare.form.button.isEnabled()
    assert not bare.form.models.choice.isVisible()
    qtbot.mouseClick(bare.form.models._train, LEFT)
    assert told.training == 1
    bare.generate()
    assert not bare.busy


def test_a_model_that_is_trained_appears_and_can_be_chosen(qtbot, tab, project) -> None:
    first = tab.form.models.model.path
    newer = add_model(project)
    tab.refresh_models()
    assert tab.form.models.model.path == newer, "the newest is at hand"
    tab.choose_model(first)
    assert tab.form.models.model.path == first
    add_model(project)
    tab.refresh_models()
    assert tab.form.models.model.path == first, "what was chosen stays chosen"
    assert not tab.form.models.choose(newer.parent / "other")


def test_a_model_chosen_in_the_list_stays_chosen(qtbot, tab, project) -> None:
    add_model(project)
    tab.refresh_models()
    tab.form.models.choice.setFocus()
    qtbot.keyClick(tab.form.models.choice, Qt.Key.Key_Down)
    chosen = tab.form.models.model.path
    add_model(project)
    tab.refresh_models()
    assert tab.form.models.model.path == chosen


def test_an_empty_tab_says_what_to_do_and_its_button_does_it(qtbot, tab, editor) -> None:
    assert tab.empty.isVisible()
    assert tab.takes.empty.isVisible()
    qtbot.mouseClick(tab.empty.button, LEFT)
    qtbot.waitUntil(lambda: not tab.busy, timeout=LONG)
    assert len(editor.score.notes) == 40
    assert not tab.empty.isVisible()
    assert not tab.takes.empty.isVisible()


def test_the_buttons_of_empty_places_never_stop_what_goes_on(qtbot, tab) -> None:
    tab.form.length.setValue(20_000)
    press(qtbot, tab)
    qtbot.mouseClick(tab.takes.empty.button, LEFT)
    assert tab.busy
    assert not tab._job.token.cancelled


def test_notes_can_be_drawn_into_an_empty_roll(qtbot, tab) -> None:
    tab._on_draw()
    assert tab.roll.isVisible()


def test_another_project_brings_its_own_takes(qtbot, tab, project, tmp_path, editor) -> None:
    project.add_take(melody(7), {})
    tab.set_project(project)
    other = Project.create(tmp_path / "b.musicgen")
    other.add_take(melody(2), {})
    other.add_take(melody(3), {})
    editor.set_score(Score())
    tab.set_project(other)
    assert [card.record.id for card in tab.takes.cards] == [2, 1]
    qtbot.mouseClick(newest(tab).use, LEFT)
    assert len(editor.score.notes) == 3


def test_the_form_fits_into_the_smallest_window(qtbot, tab) -> None:
    tab.resize(1024, 560)
    assert tab.form.button.isVisible()
    assert tab.form.button.visibleRegion().boundingRect().height() == tab.form.button.height()


def test_every_control_has_a_name_for_screen_readers(qtbot, tab) -> None:
    form = tab.form
    controls = [form.models.choice, form.prompt.choice, form.length, form.unit, form.seed, form.dice, form.count]
    controls += [
        part
        for slider in (form.bold.temperature, form.bold.top_k, form.bold.top_p)
        for part in (slider.box, slider.slider)
    ]
    assert all(control.accessibleName() for control in controls)


def test_what_cannot_be_written_is_told_and_changes_nothing(qtbot, tab, told, project, monkeypatch) -> None:
    project.add_take(melody(7), {})
    tab.set_project(project)

    def refuse(*_: object) -> None:
        raise ProjectError("The disk is full.")

    for name in ("remove_take", "star_take"):
        monkeypatch.setattr(project, name, refuse)
    qtbot.mouseClick(newest(tab).delete, LEFT)
    qtbot.mouseClick(newest(tab).star, LEFT)
    assert [error.message for error in told.errors] == ["The disk is full.", "The disk is full."]
    assert len(tab.takes.cards) == 1
    assert not newest(tab).star.isChecked()


def test_settings_that_make_no_sense_are_told(qtbot, tab, told, monkeypatch) -> None:
    def refuse() -> None:
        raise UsageError("That is too much.")

    monkeypatch.setattr(tab.form, "sample", refuse)
    press(qtbot, tab)
    assert told.errors[0].message == "That is too much."
    assert not tab.busy


def test_without_a_project_music_is_made_all_the_same(qtbot, bare, editor, project) -> None:
    bare.form.models.set_models(list_models(project.runs(), project.folder))
    bare.form.length.setValue(20)
    made(qtbot, bare)
    assert len(editor.score.notes) == 20
    assert bare.takes.cards == ()
    for harmless in (bare.shelf.use, bare.shelf.play, bare.shelf.delete):
        harmless(1)
    bare.shelf.star(1, True)
    bare.shelf.undo_delete()


def test_nothing_else_can_be_done_with_the_roll_while_it_is_written(qtbot, tab, editor, project) -> None:
    project.add_take(melody(7), {})
    tab.set_project(project)
    tab.form.length.setValue(20_000)
    press(qtbot, tab)
    qtbot.mouseClick(newest(tab).use, LEFT)
    qtbot.mouseClick(newest(tab).play, LEFT)
    tab.generate()
    assert tab.busy
    assert len(editor.score.notes) != 7


def test_models_without_measurements_say_so(qtbot, tab) -> None:
    facts = tab.form.models.facts
    assert facts.value("Learned from") == "not known"
    assert facts.value("Held-out loss") == "not measured"
    assert facts.value("Licence") == "not known"


def test_a_measured_model_shows_its_loss_in_the_list(qtbot, tab, project, tmp_path) -> None:
    checkpoint = musical_checkpoint(title="Nocturnes")
    header = replace(
        checkpoint.header,
        training={"validation": 4.567},
        corpus={"pieces": 14, "notes": 27_013},
        licence="CC BY-SA 4.0",
        attribution=("One", "Other"),
    )
    (tmp_path / "none").mkdir()
    write_checkpoint(tmp_path / "none" / "a.safetensors", replace(checkpoint, header=header))
    tab.refresh_models()
    choice, facts = tab.form.models.choice, tab.form.models.facts
    assert choice.itemText(2) == "Nocturnes  (4.57)"
    tab.choose_model(tmp_path / "none" / "a.safetensors")
    assert facts.value("Learned from") == "14 pieces, 27,013 notes"
    assert facts.value("Held-out loss") == "4.567 nats a note"
    assert facts.value("Licence") == "CC BY-SA 4.0"


def test_colours_follow_the_theme(qtbot, tab, project) -> None:
    project.add_take(melody(7), {})
    tab.set_project(project)
    before = tab.grab().toImage()
    theme = tab.roll._theme
    theme.set_mode("light" if theme.dark else "dark")
    assert tab.grab().toImage() != before
