"""The colours of both themes, what is made from them, and the controls dressed in them."""

from dataclasses import fields
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from musicgen_app import environment
from musicgen_app.ui.controls import IconButton, QuietButton
from musicgen_app.ui.forms import LabelledSlider, NumberBox, Section
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.theme import DARK, LIGHT, Palette, Theme, contrast, velocity_colour

GROUNDS = ("window", "surface", "raised")
WORDS = ("text", "secondary", "accent", "good", "warn", "bad")


@pytest.fixture
def theme(qtbot: QtBot, tmp_path: Path) -> Theme:
    theme = Theme(glyphs=tmp_path)
    theme.set_mode("dark")
    return theme


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("words", WORDS)
def test_words_can_be_read_on_every_ground(palette: Palette, ground: str, words: str) -> None:
    assert contrast(getattr(palette, words), getattr(palette, ground)) >= 4.5


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_words_can_be_read_on_the_accent_on_keys_and_in_chosen_rows(palette: Palette) -> None:
    assert contrast(palette.text, palette.selected) >= 4.5
    assert contrast(palette.secondary, palette.selected) >= 4.5
    assert contrast(palette.on_accent, palette.accent) >= 4.5
    assert contrast(palette.on_accent, palette.accent_hover) >= 4.5
    assert contrast(palette.key_text, palette.key_white) >= 4.5


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_curves_and_the_playhead_stand_out(palette: Palette) -> None:
    for colour in palette.series:
        assert contrast(colour, palette.surface) >= 3.0
    assert contrast(palette.playhead, palette.roll_white) >= 3.0


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#ffffff") == 1.0


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_louder_notes_are_brighter(theme: Theme, mode: str) -> None:
    theme.set_mode(mode)
    brightness = [velocity_colour(theme, velocity) for velocity in range(0, 128, 8)]
    lightness = [0.2126 * c.redF() ** 2.2 + 0.7152 * c.greenF() ** 2.2 + 0.0722 * c.blueF() ** 2.2 for c in brightness]
    assert lightness == sorted(lightness)
    assert lightness[-1] > 2 * lightness[0]


def test_velocities_out_of_range_take_the_nearest_colour(theme: Theme) -> None:
    assert theme.velocity_colour(-5) == theme.velocity_colour(0)
    assert theme.velocity_colour(300) == theme.velocity_colour(127)


def test_switching_tells_once_and_changes_every_colour(theme: Theme, qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.set_mode("light")
    assert not theme.dark
    assert theme.palette is LIGHT
    assert theme.colour("text") == QColor(LIGHT.text)
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("light")


def test_an_unknown_mode_follows_the_system(theme: Theme) -> None:
    theme.set_mode("sepia")
    assert theme.mode == "system"


def test_the_style_sheet_leaves_no_placeholder_and_finds_its_symbols(theme: Theme, tmp_path: Path) -> None:
    sheet = theme.stylesheet()
    assert "$" not in sheet
    assert DARK.accent in sheet
    assert {path.suffix for path in tmp_path.iterdir()} == {".svg"}


def test_without_a_place_for_symbols_the_style_sheet_still_works(qtbot: QtBot, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    sheet = Theme(glyphs=blocked).stylesheet()
    assert "image: none" in sheet
    assert "url(" not in sheet


def test_dressing_the_program_changes_its_palette(theme: Theme, qapp: QApplication) -> None:
    before, sheet = qapp.palette(), qapp.styleSheet()
    try:
        theme.apply_to(qapp)
        assert qapp.palette().window().color() == QColor(DARK.window)
        theme.set_mode("light")
        assert qapp.palette().window().color() == QColor(LIGHT.window)
    finally:
        qapp.setPalette(before)
        qapp.setStyleSheet(sheet)


def test_every_colour_is_a_colour() -> None:
    for palette in (DARK, LIGHT):
        for field in fields(Palette):
            value = getattr(palette, field.name)
            for colour in value if isinstance(value, tuple) else (value,):
                assert QColor(colour).isValid()


def test_bound_icons_follow_the_theme(theme: Theme, qtbot: QtBot) -> None:
    icons = Icons(theme)
    button = QPushButton()
    qtbot.addWidget(button)
    icons.bind(button, "play")
    before = button.icon().pixmap(18, 18).toImage()
    theme.set_mode("light")
    assert button.icon().pixmap(18, 18).toImage() != before


def test_icons_forget_buttons_that_are_gone(theme: Theme, qtbot: QtBot) -> None:
    icons = Icons(theme)
    button = QPushButton()
    icons.bind(button, "play")
    shiboken6.delete(button)
    theme.set_mode("light")
    assert not icons._bound


def test_a_missing_icon_is_an_error(theme: Theme) -> None:
    with pytest.raises(FileNotFoundError):
        Icons(theme).icon("no-such-icon")


def test_every_icon_that_ships_can_be_drawn(theme: Theme) -> None:
    icons = Icons(theme)
    for path in environment.bundled("resources", "icons").glob("*.svg"):
        image = icons.pixmap(path.stem, 24).toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24)), path.stem


def test_a_slider_and_its_box_show_one_number(qtbot: QtBot) -> None:
    slider = LabelledSlider("Temperature", 0.1, 2.0, 1.0, step=0.05, decimals=2)
    qtbot.addWidget(slider)
    with qtbot.waitSignal(slider.value_changed):
        slider.slider.setValue(0)
    assert slider.value() == pytest.approx(0.1)
    with qtbot.waitSignal(slider.value_changed) as told:
        slider.box.setValue(2.0)
    assert told.args == [2.0]
    assert slider.slider.value() == slider.slider.maximum()
    slider.set_value(99)
    assert slider.value() == 2.0


def test_a_number_can_be_typed_that_the_slider_has_no_step_for(qtbot: QtBot) -> None:
    slider = LabelledSlider("Temperature", 0.0, 2.0, 1.0, step=0.5, decimals=2)
    qtbot.addWidget(slider)
    slider.box.setValue(0.77)
    assert slider.value() == pytest.approx(0.77)


def test_the_wheel_does_not_change_what_has_no_focus(qtbot: QtBot) -> None:
    from PySide6.QtCore import QPoint, QPointF, Qt
    from PySide6.QtGui import QWheelEvent

    box = NumberBox(0, 10, 5)
    qtbot.addWidget(box)
    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(0, 120),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    box.wheelEvent(wheel)
    assert box.value() == 5


def test_a_section_folds_and_unfolds(qtbot: QtBot) -> None:
    section = Section("More", foldable=True, folded=True)
    qtbot.addWidget(section)
    assert section.folded
    with qtbot.waitSignal(section.folded_changed):
        section._fold.click()
    assert not section.folded


def test_an_icon_button_tells_its_key_and_has_a_name(theme: Theme, qtbot: QtBot) -> None:
    button = IconButton(Icons(theme), "play", "Play or pause", "Space")
    qtbot.addWidget(button)
    assert button.toolTip() == "Play or pause (Space)"
    assert button.accessibleName() == "Play or pause"


def test_a_quiet_button_can_show_another_icon(theme: Theme, qtbot: QtBot) -> None:
    button = QuietButton("Play", icons=Icons(theme), icon="play")
    qtbot.addWidget(button)
    before = button.icon().pixmap(18, 18).toImage()
    button.set_icon_name("square")
    assert button.icon().pixmap(18, 18).toImage() != before
