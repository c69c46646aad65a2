"""The choice of what a training starts from, and what it does to the form around it."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from musicgen_app.generation.checkpoint import Checkpoint, write_checkpoint
from musicgen_app.generation.presets import PRESETS
from musicgen_app.ml.tuning import RECIPE
from musicgen_app.tokens.notes import metrical_codec
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.start_picker import StartPicker
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.training_panel import TrainingPanel
from musicgen_app.workflow.models import Model, open_model
from tests.generation.networks import shown_checkpoint
from tests.ml.synthetic import write_synthetic


def write_model(path: Path, title: str, pedal: bool = True) -> Path:
    made = shown_checkpoint(metrical_codec(pedal=pedal))
    write_checkpoint(path, Checkpoint(replace(made.header, title=title), made.weights))
    return path


@pytest.fixture
def models(tmp_path: Path) -> tuple[Model, ...]:
    run = open_model(write_model(tmp_path / "run.safetensors", "0001"), "Waltzes")
    return run, open_model(write_model(tmp_path / "piano.safetensors", "Piano"), bundled=True)


@pytest.fixture
def panel(qtbot, tmp_path: Path, models: tuple[Model, ...]) -> TrainingPanel:
    panel = TrainingPanel(Icons(Theme()))
    qtbot.addWidget(panel)
    panel.show()
    panel.form.set_dataset(write_synthetic(tmp_path / "set"), {})
    panel.form.start.set_models(models)
    panel.show_state("idle", True)
    return panel


def offered(picker: StartPicker) -> list[str]:
    return [picker.choice.itemText(index) for index in range(picker.choice.count())]


def test_nothing_the_bundled_model_the_runs_and_another_are_offered(panel: TrainingPanel) -> None:
    start = panel.form.start
    assert offered(start) == ["Nothing (fresh network)", "Bundled piano model", "Waltzes", "Another model..."]
    assert start.model is None
    assert start.obstacle == ""
    assert start.choice.accessibleName() == "Start from"


def test_a_model_brings_its_size_and_the_recipe_and_goes_again(qtbot, panel: TrainingPanel) -> None:
    form = panel.form
    form.cards.choose("large")
    before = form.value()
    form.start.choice.setFocus()
    qtbot.keyClick(form.start.choice, Qt.Key.Key_Down)
    assert form.start.model.title == "Piano"
    tuned = form.value()
    assert (tuned.units, tuned.layers, tuned.recent) == (24, 2, 5)
    assert {name: getattr(tuned, name) for name in RECIPE} == dict(RECIPE)
    assert not any(form.cards.card(name).isEnabled() for name in PRESETS)
    assert not any(form.cards.card(name).button.isChecked() for name in PRESETS), "it has the size of none"
    assert "The size is that of the model Piano: 2 layers of 24" in form.cards._explanation.text()
    assert panel.train.isEnabled()
    form.start.choose(None)
    assert form.value() == before
    assert form.cards.card("large").isEnabled()
    assert form.cards._explanation.text() == PRESETS["large"].explanation


def test_a_model_of_a_presets_size_marks_its_card(root: Path, panel: TrainingPanel) -> None:
    panel.form.cards.choose("small")
    panel.form.start.choose(root / "models" / "piano.safetensors")
    assert panel.form.cards.card("medium").button.isChecked()
    assert panel.form.value().preset == "medium"


def test_a_model_that_does_not_fit_says_so_and_is_not_trained(qtbot, tmp_path: Path, panel: TrainingPanel) -> None:
    start = panel.form.start
    start.choose(write_model(tmp_path / "dry.safetensors", "Dry", pedal=False))
    assert "it has pedal rows, the model none" in start.hint.text()
    assert start.hint.isVisible()
    assert not panel.train.isEnabled()
    assert panel.train.toolTip() == start.obstacle
    start.choose(None)
    assert start.hint.isHidden()
    assert panel.train.isEnabled()


def test_another_model_is_chosen_by_its_file(
    qtbot, tmp_path: Path, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = panel.form.start
    answers = ["", str(tmp_path / "broken.safetensors"), str(write_model(tmp_path / "o.safetensors", "Odes"))]
    (tmp_path / "broken.safetensors").write_bytes(b"nothing")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (answers.pop(0), ""))
    start.choice.setCurrentIndex(start.choice.count() - 1)
    for obstacle in ("Choose the model to start from.", "is not a model", ""):
        qtbot.mouseClick(start.file_button, Qt.MouseButton.LeftButton)
        assert obstacle in start.obstacle
        assert (start.model is not None) == (obstacle == "")
    assert start.model.title == "Odes"
    assert panel.form.value().units == 24


def test_what_is_chosen_stays_while_the_list_grows_and_goes_with_its_model(
    qtbot, models: tuple[Model, ...], panel: TrainingPanel
) -> None:
    start = panel.form.start
    start.choose(models[0].path)
    panel.form.box("epochs").setValue(3)
    panel.form.box("learning_rate").setValue(0.001)
    start.set_models((*models, replace(models[0], path=Path("new.safetensors"), title="New")))
    assert start.model == models[0]
    assert panel.form.value().learning_rate == 0.001
    with qtbot.waitSignal(start.changed):
        start.set_models(models[1:])
    assert start.model is None
    assert panel.form.cards.card("small").isEnabled()
