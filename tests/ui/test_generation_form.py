import pytest

from musicgen_app.generation.generator import SampleConfig
from musicgen_app.ui.generation_form import BARS, NOTES, SECONDS, GenerationForm
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.theme import Theme


@pytest.fixture
def form(qtbot) -> GenerationForm:
    form = GenerationForm(Icons(Theme()))
    qtbot.addWidget(form)
    form.show()
    return form


def test_each_unit_keeps_its_own_length(form: GenerationForm) -> None:
    form.length.setValue(1500)
    form.unit.setCurrentIndex(SECONDS)
    form.length.setValue(12.5)
    form.unit.setCurrentIndex(BARS)
    assert form.length.value() == 16
    form.unit.setCurrentIndex(NOTES)
    assert form.length.value() == 1500
    form.unit.setCurrentIndex(SECONDS)
    assert form.length.value() == 12.5


@pytest.mark.parametrize(
    ("unit", "name", "value"), [(NOTES, "notes", 300), (SECONDS, "seconds", 45.5), (BARS, "bars", 8)]
)
def test_the_form_says_what_is_wanted(form: GenerationForm, unit: int, name: str, value: float) -> None:
    form.unit.setCurrentIndex(unit)
    form.length.setValue(value)
    form.bold.temperature.set_value(0.85)
    form.bold.top_k.set_value(20)
    form.bold.top_p.set_value(0.9)
    form.seed.setValue(77)
    form.count.setValue(4)
    form.may_end.setChecked(True)
    wanted = SampleConfig(**{name: value}, temperature=0.85, top_k=20, top_p=0.9, seed=77, count=4, may_end=True)
    assert form.sample() == wanted


def test_the_usual_settings_leave_out_only_the_unlikeliest(form: GenerationForm) -> None:
    sample = form.sample()
    assert (sample.notes, sample.temperature, sample.top_k, sample.top_p, sample.count) == (200, 1, 0, 0.95, 1)
    assert form.bold.top_k.box.text() == "all"


def test_the_dice_throws_another_seed_and_keeps_throwing(qtbot, form: GenerationForm) -> None:
    before = form.seed.value()
    form.dice.click()
    assert form.seed.value() != before
    assert form.fresh_seed.isChecked()


def test_without_a_model_nothing_can_be_asked_for(qtbot, form: GenerationForm) -> None:
    with qtbot.assertNotEmitted(form.generate_asked):
        form.ask()
    assert form.button.toolTip() == "Train a model first."
