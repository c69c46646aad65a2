"""The form reads into checked settings and explains each of them."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QEnterEvent, QFocusEvent
from PySide6.QtWidgets import QApplication

from musicgen_app.generation.presets import DEFAULT_PRESET, PRESETS
from musicgen_app.ml.config import LIMITS, TrainConfig
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.training_form import TrainingForm
from tests.ml.synthetic import write_synthetic


@pytest.fixture
def form(qtbot) -> TrainingForm:
    form = TrainingForm(Icons(Theme()))
    qtbot.addWidget(form)
    form.show()
    return form


def test_the_form_begins_with_the_usual_settings(form: TrainingForm) -> None:
    assert form.value() == TrainConfig.from_preset().settled(0)


@pytest.mark.parametrize("preset", list(PRESETS))
def test_choosing_a_size_brings_its_settings(qtbot, form: TrainingForm, preset: str) -> None:
    form.box("dropout").setValue(0.77)
    form.cards.choose("medium" if preset == "small" else "small")
    qtbot.mouseClick(form.cards.card(preset), Qt.MouseButton.LeftButton)
    assert form.value() == TrainConfig.from_preset(preset).settled(0)
    assert form.cards.card(preset).property("chosen") == "true"


def test_every_setting_that_is_shown_comes_back(form: TrainingForm) -> None:
    config = TrainConfig.from_preset(
        "medium",
        epochs=7,
        minutes=2.5,
        learning_rate=0.000123,
        dropout=0.35,
        window=64,
        batch=8,
        patience=0,
        weight_decay=0.05,
        clip=2.0,
        threads=1,
        seed=99,
        transpose=False,
    )
    form.set_config(config)
    assert form.value() == config
    assert form.box("learning_rate").text() == "0.000123"


def test_nothing_out_of_range_can_be_entered(form: TrainingForm) -> None:
    for name in (
        "epochs",
        "learning_rate",
        "dropout",
        "window",
        "batch",
        "patience",
        "weight_decay",
        "clip",
        "threads",
    ):
        for extreme in (-1e9, 1e9):
            form.box(name).setValue(
                extreme if name in ("learning_rate", "dropout", "weight_decay", "clip") else int(extreme)
            )
            assert LIMITS[name].low <= form.box(name).value() <= LIMITS[name].high
            form.value()


def test_no_time_limit_is_said_in_words(form: TrainingForm) -> None:
    assert form.box("minutes").text() == "no limit"
    assert form.value().minutes is None
    form.box("minutes").setValue(3)
    assert form.value().minutes == 3


def test_settings_by_time_alone_are_shown_with_a_limit(form: TrainingForm) -> None:
    form.set_config(TrainConfig.from_preset("small", epochs=None, minutes=5.0))
    assert form.value().minutes == 5


def test_each_control_is_explained_when_the_mouse_or_the_focus_is_there(form: TrainingForm) -> None:
    box = form.box("learning_rate")
    assert LIMITS["learning_rate"].explanation in box.toolTip()
    here = box.rect().center().toPointF()
    QApplication.sendEvent(box, QEnterEvent(here, here, here))
    assert LIMITS["learning_rate"].explanation in form.explanation
    QApplication.sendEvent(form.box("window"), QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    assert LIMITS["window"].explanation in form.explanation


def test_the_dice_choose_another_seed(qtbot, form: TrainingForm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda limit: 4321)
    form._on_dice()
    assert form.value().seed == 4321


def test_a_data_set_tells_how_long_it_will_take(tmp_path, form: TrainingForm) -> None:
    assert form.estimate == ""
    dataset = write_synthetic(tmp_path)
    form.set_dataset(dataset, {DEFAULT_PRESET: 100.0})
    notes = dataset.note_count("train")
    assert f"{notes:,} notes an epoch; 40 epochs take about" in form.estimate
    form.box("minutes").setValue(0.5)
    assert "ends after 30 s" in form.estimate
    assert "100 notes/s here" in form.cards.card(DEFAULT_PRESET)._speed.text()
    form.set_dataset(None, {})
    assert form.estimate == ""


def test_all_keys_are_learned_from_much_music_until_a_person_decides(
    qtbot, form: TrainingForm, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = write_synthetic(tmp_path)
    form.more.set_folded(False)
    monkeypatch.setattr("musicgen_app.ml.config.MUCH_MUSIC", 100)
    form.set_dataset(dataset, {})
    assert form.value().transpose
    qtbot.mouseClick(form._transpose, Qt.MouseButton.LeftButton, pos=QPoint(8, form._transpose.height() // 2))
    assert not form.value().transpose
    form.set_dataset(dataset, {})
    assert not form.value().transpose


def test_the_other_settings_are_folded_away_at_first(form: TrainingForm) -> None:
    assert form.more.folded
    assert not form.box("batch").isVisible()
    form.more.set_folded(False)
    assert form.box("batch").isVisible()


def test_a_change_is_announced(qtbot, form: TrainingForm) -> None:
    with qtbot.waitSignal(form.changed):
        form.box("epochs").setValue(3)
