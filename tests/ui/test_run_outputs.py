"""Outputs of runs in the window: made, made again with the same model, and what of the form reaches them."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from musicgen_app.midi.reader import read_midi
from musicgen_app.project.document import Project
from musicgen_app.project.runs import read_run
from musicgen_app.tokens.seed import Rendering
from musicgen_app.ui.again_dialog import AgainDialog
from musicgen_app.ui.boldness import BY_PICK, BY_TEMPERATURE, Boldness
from musicgen_app.ui.generation_tab import GenerationTab
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.prompt_picker import NOTHING
from musicgen_app.ui.rendering_fields import RenderingFields
from musicgen_app.ui.run_columns import NAMES
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.training_tab import TrainingTab
from tests.ui.generation_parts import SilentPlayer, add_model
from tests.workflow.seed_runs import add_seed_run, word_project

LEFT = Qt.MouseButton.LeftButton
LONG = 60_000


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = word_project(tmp_path / "words.musicgen")
    add_seed_run(made, {"random_pick": 3})
    return made


@pytest.fixture
def tab(qtbot, tmp_path: Path, project: Project) -> TrainingTab:
    theme = Theme()
    tab = TrainingTab(theme, Icons(theme), bundled=tmp_path / "models")
    tab.errors = []  # type: ignore[attr-defined]
    tab.failed.connect(tab.errors.append)  # type: ignore[attr-defined]
    qtbot.addWidget(tab, before_close_func=lambda widget: widget.shutdown())
    tab.resize(1200, 700)
    tab.show()
    tab.set_project(project)
    return tab


@pytest.fixture
def takes(qtbot, tmp_path: Path) -> GenerationTab:
    theme, editor, player = Theme(), ScoreEditor(), SilentPlayer()
    tab = GenerationTab(theme, Icons(theme), editor, player, bundled=tmp_path / "none")
    tab.editor = editor  # type: ignore[attr-defined]
    qtbot.addWidget(tab, before_close_func=lambda widget: widget.shutdown())
    tab.show()
    return tab


def answer(tab: TrainingTab, *, pick: int | None) -> None:
    """Fill the dialog in when it comes; None cancels it."""

    def fill() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, AgainDialog)
        if pick is None:
            dialog.cancel.click()
            return
        dialog.bold.pick.setValue(pick)
        dialog.notes.setValue(30)
        dialog.seed.setValue(9)
        dialog.title.setText("Bolder")
        dialog.rendering.step.setValue(1.0)
        dialog.generate.click()

    QTimer.singleShot(50, tab, fill)


def test_an_output_is_made_and_can_be_opened(qtbot, tab: TrainingTab, project: Project) -> None:
    assert tab.notes.make.isVisible()
    with qtbot.waitSignal(tab.outputs.made, timeout=LONG):
        qtbot.mouseClick(tab.notes.make, LEFT)
        assert not tab.notes.again.isEnabled()
    run = read_run(project.runs_folder / "0001")
    assert (run.output, run.made.random_pick) == (run.folder / "1_output.mid", 3)  # type: ignore[union-attr]
    (row,) = tab.shelf.runs
    assert (row.random_pick, row.output) == (3, "1_output.mid")
    assert row.score is not None
    assert not tab.notes.make.isVisible()
    assert not tab.view.table.isColumnHidden(NAMES.index("score"))
    with qtbot.waitSignal(tab.output_asked) as asked:
        tab.notes.output_asked.emit(1)
    assert asked.args == [run.output]
    assert "1_output" not in (project.folder / "runs.csv").read_text()
    assert tab.errors == []  # type: ignore[attr-defined]


def test_music_is_made_again_as_a_run_of_its_own(qtbot, tab: TrainingTab, project: Project) -> None:
    answer(tab, pick=5)
    with qtbot.waitSignal(tab.outputs.made, timeout=LONG):
        qtbot.mouseClick(tab.notes.again, LEFT)
    assert tab.shelf.chosen is not None
    assert (tab.shelf.chosen.id, tab.shelf.chosen.parent, tab.shelf.chosen.title) == (2, 1, "Bolder")
    child = next(row for row in tab.shelf.runs if row.id == 2)
    assert (child.parent, child.random_pick, child.comments) == ("1", 5, "model: run 1")
    onsets = sorted(set(read_midi(project.runs_folder / "0002" / child.output).score.notes["onset"].tolist()))
    assert onsets == [480 * step for step in range(30)]
    assert "the model of run 1 again" in tab.notes.story
    tab.shelf.delete(1)
    (error,) = tab.errors  # type: ignore[attr-defined]
    assert "Run 2 shares the model of run 1." in str(error)
    tab.shelf.delete(2)
    tab.shelf.delete(1)
    assert tab.shelf.runs == ()


def test_a_cancelled_dialog_and_a_run_without_a_model_make_nothing(qtbot, tab: TrainingTab, project: Project) -> None:
    answer(tab, pick=None)
    qtbot.mouseClick(tab.notes.again, LEFT)
    assert not tab.outputs.busy
    (project.runs_folder / "0001" / "model.safetensors").unlink()
    tab._on_asked("make", 1)
    qtbot.waitUntil(lambda: len(tab.errors) == 1, timeout=LONG)  # type: ignore[attr-defined]
    tab.outputs.ask_again(tab.shelf.chosen)  # type: ignore[arg-type]
    assert "has no model" in str(tab.errors[0])  # type: ignore[attr-defined]
    assert len(tab.errors) == 2  # type: ignore[attr-defined]
    assert len(tab.shelf.runs) == 1


def test_the_menu_offers_both_where_there_is_a_model(tab: TrainingTab, project: Project) -> None:
    def offered() -> dict[str, bool]:
        actions = tab.view.table.menu_for(tab.shelf.runs[0]).actions()
        return {action.data()[0]: action.isEnabled() for action in actions if action.data()}

    assert (offered()["make"], offered()["again"]) == (True, True)
    (project.runs_folder / "0001" / "model.safetensors").unlink()
    tab.shelf.reload()
    assert (offered()["make"], offered()["again"]) == (False, False)


def test_the_form_says_how_an_output_is_made_and_a_clone_brings_it(qtbot, tab: TrainingTab) -> None:
    form = tab.panel.form
    assert form.output() == {"random_pick": 3}  # of the newest run
    form.windowed.pick.setValue(7)
    assert form.output() == {"random_pick": 7}
    form.windowed.makes_output.click()
    assert form.output() == {}
    assert not form.windowed.pick.isEnabled()
    tab._on_asked("clone", 1)
    assert form.output() == {"random_pick": 3}
    form.seeds.choose("")
    assert form.output() == {}


def test_the_random_pick_is_offered_for_words_and_takes_the_place_of_temperature(
    qtbot, takes: GenerationTab, project: Project
) -> None:
    takes.set_project(project)
    form = takes.form
    assert form.bold.way.isVisible()
    assert form.sounds.isVisible()
    assert not form.may_end.isVisible()
    assert form.prompt.choice.itemText(NOTHING) == "A random window, as the seeds"
    form.bold.way.setCurrentIndex(BY_PICK)
    form.bold.pick.setValue(4)
    assert not form.bold.temperature.isVisible()
    assert (form.sample().random_pick, form.sample().temperature) == (4, 1.0)
    form.rendering.step.setValue(2.0)
    form.rendering.octave.setValue(5)
    form.length.setValue(12)
    qtbot.mouseClick(form.button, LEFT)
    qtbot.waitUntil(lambda: not takes.busy and len(takes.takes.cards) == 1, timeout=LONG)
    onsets = sorted(set(takes.editor.score.notes["onset"].tolist()))  # type: ignore[attr-defined]
    assert onsets == [960 * step for step in range(12)]
    card = takes.takes.cards[0]
    assert card.record.facts["random_pick"] == 4
    assert "Random pick: 4" in card.toolTip()
    assert "Temperature" not in card.toolTip()


def test_for_a_model_of_notes_there_is_only_temperature(takes: GenerationTab, tmp_path: Path) -> None:
    project = Project.create(tmp_path / "notes.musicgen")
    add_model(project)
    form = takes.form
    form.bold.way.setCurrentIndex(BY_PICK)
    takes.set_project(project)
    assert not form.bold.way.isVisible()
    assert form.bold.temperature.isVisible()
    assert not form.sounds.isVisible()
    assert form.may_end.isVisible()
    assert (form.sample().random_pick, form.words_sound()) == (0, None)
    assert form.prompt.choice.itemText(NOTHING) == "From nothing"


def test_boldness_and_rendering_show_what_they_are_given(qtbot) -> None:
    bold, sounds = Boldness(), RenderingFields("")
    for widget in (bold, sounds):
        qtbot.addWidget(widget)
        widget.show()
    bold.set_words(True)
    bold.show_value({"random_pick": 6})
    assert (bold.way.currentIndex(), bold.value()) == (BY_PICK, {"random_pick": 6})
    bold.show_value({"temperature": 0.7})
    assert bold.way.currentIndex() == BY_TEMPERATURE
    assert bold.value() == {"temperature": 0.7, "top_k": 0, "top_p": 1.0}
    other = Rendering(0.03125, 2.5, 33, 400_000, 36)
    sounds.show_rendering(other)
    assert sounds.value() == other
    assert sounds.step.text() == "0.03125 beats"
    qtbot.mouseClick(sounds.usual, LEFT)
    assert sounds.value() == Rendering()
    assert not sounds.usual.isEnabled()
    assert all(box.accessibleName() for box in (sounds.step, sounds.length, sounds.velocity, sounds.octave))
    assert all(box.accessibleName() for box in (bold.pick, bold.way))


def test_problems_of_an_own_run_can_be_written(qtbot, tab: TrainingTab, project: Project) -> None:
    qtbot.keyClicks(tab.notes.problems, "stuck, early")
    tab.notes.flush()
    (row,) = tab.shelf.runs
    assert (row.problems, row.cells[13]) == ("stuck, early", "stuck, early")
    tab.shelf._on_renamed(1, "First")
    assert read_run(project.runs_folder / "0001").problems == "stuck, early"
    tab.notes.show_run(None)
    tab.notes.show_run(tab.shelf.chosen)
    assert tab.notes.problems.text() == "stuck, early"
