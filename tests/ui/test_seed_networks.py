"""The networks of the seed experiments, from the data set to a take, as a person would train them in the window."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.store import open_dataset
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.ml.config import TrainConfig
from musicgen_app.ml.windowed_config import WINDOWED_LIMITS, WindowedTrainConfig
from musicgen_app.project.document import Project
from musicgen_app.tokens.note_file import write_list
from musicgen_app.ui.generation_tab import GenerationTab
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.training_form import TrainingForm
from musicgen_app.ui.training_tab import TrainingTab
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from tests.ml.synthetic import write_synthetic
from tests.ui.generation_parts import SilentPlayer

LEFT = Qt.MouseButton.LeftButton
LONG = 180_000
TINY = WindowedTrainConfig.from_preset(
    "seed-base",
    layers=[["lstm", 8, True], ["norm", 0, False], ["dropout", 0, False]],
    window=5,
    batch=64,
    epochs=1,
    time_decay=0.01,
    precision="float32",
)


@pytest.fixture
def form(qtbot) -> TrainingForm:
    form = TrainingForm(Icons(Theme()))
    qtbot.addWidget(form)
    form.show()
    return form


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with 240 words to learn from, blocks of them held back."""
    write_list([("C4", "E4", "G4", "0.4.7", "B-3")[n * n % 5] for n in range(240)], tmp_path / "notes")
    project = Project.create(tmp_path / "words.musicgen")
    config = PrepareConfig((tmp_path / "notes",), project.folder / "dataset", validation=0.2, codec="seed")
    project.dataset_folder = prepare(config, silent, CancelToken()).folder
    return project


@pytest.fixture
def tab(qtbot, tmp_path: Path) -> TrainingTab:
    theme = Theme()
    tab = TrainingTab(theme, Icons(theme), bundled=tmp_path / "models")
    tab.errors = []  # type: ignore[attr-defined]
    tab.failed.connect(tab.errors.append)  # type: ignore[attr-defined]
    qtbot.addWidget(tab, before_close_func=lambda widget: widget.shutdown())
    tab.resize(1200, 700)
    tab.show()
    return tab


@pytest.fixture
def takes(qtbot, tmp_path: Path) -> GenerationTab:
    theme, editor, player = Theme(), ScoreEditor(), SilentPlayer()
    tab = GenerationTab(theme, Icons(theme), editor, player, bundled=tmp_path / "none")
    tab.editor, tab.player = editor, player  # type: ignore[attr-defined]
    qtbot.addWidget(tab, before_close_func=lambda widget: widget.shutdown())
    tab.show()
    return tab


@pytest.mark.parametrize("preset", list(WINDOWED_PRESETS))
def test_choosing_a_network_shows_its_settings(form: TrainingForm, preset: str) -> None:
    form.seeds.choose(preset)
    assert form.value() == WindowedTrainConfig.from_preset(preset)
    assert form.windowed.isVisible()
    assert not form.more.isVisible()
    assert form.windowed.seed_order.isVisible() == (preset == "seed-bidi")
    assert form.box("recurrent_dropout").isEnabled() == (preset not in ("seed-bidi", "seed-article"))
    assert WINDOWED_PRESETS[preset].explanation in form.seeds.about.text()
    assert WINDOWED_LIMITS["time_decay"].explanation in form.box("time_decay").toolTip()


def test_a_size_of_ours_brings_our_settings_back(qtbot, form: TrainingForm) -> None:
    form.cards.choose("large")
    form.seeds.choose("seed-base")
    assert not form.cards.card("large").button.isChecked()
    qtbot.mouseClick(form.cards.card("small"), LEFT)
    assert form.seeds.preset == ""
    assert form.value() == TrainConfig.from_preset("small").settled(0)
    form.seeds.choose("seed-base")
    form.seeds.choose("")
    assert form.value() == TrainConfig.from_preset("small").settled(0)
    assert form.cards.card("small").button.isChecked()
    assert form.more.isVisible()


def test_every_setting_that_is_shown_comes_back(form: TrainingForm) -> None:
    config = replace(TINY, minutes=2.5, dropout=0.1, recurrent_dropout=0.4, embedding=24, optimizer="adamw", seed=3)
    config = replace(config, weight_decay=0.01, learning_rate=0.000123, patience=4, threads=1, seed_order=True)
    form.set_config(config)
    assert form.value() == config
    assert form.overrides()["recurrent_dropout"] == 0.4
    form.set_threads(2)
    assert form.value() == replace(config, threads=2)
    form.set_config(TrainConfig.from_preset("small", transpose=False))
    assert form.value() == TrainConfig.from_preset("small", transpose=False)


def test_recurrent_dropout_and_weight_decay_go_along(form: TrainingForm) -> None:
    form.seeds.choose("seed-base")
    form.box("dropout").setValue(0.2)
    assert form.box("recurrent_dropout").value() == 0.2
    form.box("recurrent_dropout").setValue(0.1)
    form.box("dropout").setValue(0.5)
    assert form.box("recurrent_dropout").value() == 0.1
    for place, decay in ((1, 0.004), (2, 0.0)):
        form.windowed.optimizer.setCurrentIndex(place)
        form.windowed.optimizer.activated.emit(place)
        assert form.box("weight_decay").value() == decay


def test_they_cannot_be_chosen_for_notes(tmp_path: Path, form: TrainingForm, project: Project) -> None:
    notes = write_synthetic(tmp_path / "notes.set")
    form.set_dataset(notes, {})
    assert not form.seeds.choice.isEnabled()
    assert "Prepare it as seed words" in form.seeds.about.text()
    assert form.obstacle == ""
    form.set_config(TINY)
    assert "read words" in form.obstacle
    assert form.seeds.choice.isEnabled()
    form.set_dataset(open_dataset(project.dataset_folder), {})
    assert form.obstacle == ""
    assert "parameters" in form.seeds.about.text()
    assert "words an epoch" in form.estimate
    form.set_dataset(open_dataset(project.dataset_folder), {"seed-base": 100.0})
    assert "words an epoch; 1 epoch takes about" in form.estimate


def test_one_is_trained_its_row_fills_and_it_makes_a_take(
    qtbot, tab: TrainingTab, takes: GenerationTab, project: Project
) -> None:
    tab.set_project(project)
    tab.panel.form.set_config(TINY)
    qtbot.mouseClick(tab.panel.train, LEFT)
    qtbot.waitUntil(lambda: tab.session.state == "idle", timeout=LONG)
    assert tab.errors == []  # type: ignore[attr-defined]
    (run,) = project.runs()
    assert (run.status, run.preset, len(run.losses.train)) == ("done", "seed-base", 1)
    assert run.settings == TINY.to_json()
    (row,) = tab.shelf.runs
    assert row.has_model
    assert (row.output, row.random_pick) == ("1_output.mid", 1)
    assert row.score is not None
    assert row.architecture == "seed-base"
    assert run.losses.train[0] > 0
    tab.panel.form.seeds.choose("")
    tab._clone(run)
    assert tab.panel.form.value() == TINY
    takes.set_project(project)
    takes.form.length.setValue(12)
    qtbot.mouseClick(takes.form.button, LEFT)
    qtbot.waitUntil(lambda: not takes.busy and len(takes.takes.cards) == 1, timeout=LONG)
    assert len(set(takes.editor.score.notes["onset"].tolist())) == 12
    takes.takes.cards[0].play_asked.emit(takes.takes.cards[0].record.id)
    assert "toggle" in takes.player.asked or "play" in takes.player.asked
