"""A whole score in a few pixels."""

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicgen_app.core.score import NOTE_DTYPE, Score
from musicgen_app.ui.piano_roll.thumbnail import Thumbnail
from musicgen_app.ui.theme import Theme
from tests.ui.piano_roll.conftest import LEFT, NONE, piece


def colours(thumbnail: Thumbnail) -> set[int]:
    image = thumbnail.grab().toImage()
    return {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}


def test_it_shows_the_notes_in_both_themes(qtbot: QtBot, theme: Theme) -> None:
    thumbnail = Thumbnail(theme)
    qtbot.addWidget(thumbnail)
    thumbnail.resize(200, 60)
    empty = colours(thumbnail)
    thumbnail.set_score(piece((0, 480, 60, 64), (480, 480, 72, 100)))
    dark = colours(thumbnail)
    assert len(dark) > len(empty)
    theme.set_mode("light")
    assert colours(thumbnail) != dark


def test_no_note_vanishes_however_small_it_is(qtbot: QtBot, theme: Theme) -> None:
    thumbnail = Thumbnail(theme)
    qtbot.addWidget(thumbnail)
    thumbnail.resize(100, 40)
    wide = [(number * 20, 20, pitch, 90) for number, pitch in enumerate(range(0, 128))]
    thumbnail.set_score(piece(*wide))
    image = thumbnail.grab().toImage()
    background = image.pixel(50, 6)
    for column in range(10, 90):
        assert any(image.pixel(column, y) != background for y in range(3, 37))


def test_a_click_asks_for_a_place_only_if_that_is_wanted(qtbot: QtBot, theme: Theme) -> None:
    thumbnail = Thumbnail(theme)
    qtbot.addWidget(thumbnail)
    thumbnail.resize(212, 60)
    thumbnail.set_score(piece((0, 2000, 60, 64)))
    sought: list[int] = []
    thumbnail.sought.connect(sought.append)
    QTest.mouseClick(thumbnail, LEFT, NONE, QPoint(106, 30))
    assert sought == []
    thumbnail.set_seekable(True)
    QTest.mouseClick(thumbnail, LEFT, NONE, QPoint(106, 30))
    assert sought == [1000]


def test_a_playhead_is_shown_and_gone_with_another_score(qtbot: QtBot, theme: Theme) -> None:
    thumbnail = Thumbnail(theme)
    qtbot.addWidget(thumbnail)
    thumbnail.set_score(piece((0, 2000, 60, 64)))
    plain = thumbnail.grab().toImage()
    thumbnail.set_playhead(500)
    assert thumbnail.grab().toImage() != plain
    thumbnail.set_score(piece((0, 2000, 60, 65)))
    assert thumbnail._playhead is None


def test_a_million_notes_are_one_picture(qtbot: QtBot, theme: Theme) -> None:
    notes = np.zeros(1_000_000, NOTE_DTYPE)
    notes["onset"], notes["duration"], notes["velocity"] = np.arange(1_000_000), 100, 64
    notes["pitch"] = np.arange(1_000_000) % 128
    thumbnail = Thumbnail(theme)
    qtbot.addWidget(thumbnail)
    thumbnail.set_score(Score(notes=notes))
    assert len(colours(thumbnail)) > 1
