"""What is seen."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QImage, QPaintEvent
from PySide6.QtWidgets import QApplication

from musicgen_app.core import edits
from musicgen_app.core.score import NOTE_DTYPE, Score
from musicgen_app.ui.piano_roll import note_painting
from musicgen_app.ui.piano_roll.raster import LEVELS
from tests.ui.piano_roll.conftest import Hands, piece


def seen(hands: Hands) -> QImage:
    return hands.view.grab().toImage()


def colour_of(hands: Hands, tick: float, pitch: int) -> QColor:
    return seen(hands).pixelColor(hands.place(tick, pitch))


def test_notes_are_brighter_the_louder_they_are(hands: Hands) -> None:
    hands.editor.set_score(piece((0, 480, 60, 10), (480, 480, 62, 64), (960, 480, 64, 120)))
    state = hands.roll.state
    state.set_viewport(replace(state.viewport, row_height=12.0))
    brightness = [colour_of(hands, 240 + 480 * n, 60 + 2 * n).lightness() for n in range(3)]
    assert brightness == sorted(brightness)
    assert len(set(brightness)) == 3


def test_many_notes_look_like_few(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    state = hands.roll.state
    state.set_viewport(replace(state.viewport, row_height=12.0))
    few = seen(hands)
    monkeypatch.setattr(note_painting, "MOST_ROUNDED", 0)
    hands.view._forget_notes()
    many = seen(hands)
    assert few != many
    for tick, pitch in ((240, 60), (700, 64), (1200, 67), (240, 64), (240, 72)):
        place = hands.place(tick, pitch)
        assert few.pixelColor(place) == many.pixelColor(place), (tick, pitch)


@pytest.mark.parametrize("most_rounded", [0, 1000])
def test_selected_notes_stand_out(hands: Hands, monkeypatch: pytest.MonkeyPatch, most_rounded: int) -> None:
    monkeypatch.setattr(note_painting, "MOST_ROUNDED", most_rounded)
    before = colour_of(hands, 700, 64)
    hands.select(1)
    after = colour_of(hands, 700, 64)
    assert after.lightness() > before.lightness()


def test_low_rows_are_painted_flat_and_with_their_selection(hands: Hands) -> None:
    state = hands.roll.state
    state.set_viewport(replace(state.viewport, row_height=3.0, top=0.0))
    hands.view.resize(hands.view.width(), 380)
    before = colour_of(hands, 700, 64)
    hands.select(1)
    assert colour_of(hands, 700, 64) != before


def test_a_drag_shows_where_the_notes_will_be_and_leaves_ghosts(hands: Hands) -> None:
    empty = colour_of(hands, 700, 72)
    full = colour_of(hands, 700, 64)
    hands.press(700, 64)
    hands.move(700, 72)
    assert colour_of(hands, 700, 72) != empty
    ghost = colour_of(hands, 700, 64)
    assert ghost != full
    hands.release(700, 72)
    assert colour_of(hands, 700, 64) != ghost


def test_a_frame_is_seen_while_it_is_drawn(hands: Hands) -> None:
    empty = colour_of(hands, 700, 70)
    hands.press(500, 72)
    hands.move(1100, 63)
    assert colour_of(hands, 700, 70) != empty
    hands.release(1100, 63)
    assert colour_of(hands, 700, 70) == empty


def test_the_pencil_shows_the_note_it_would_draw(hands: Hands) -> None:
    empty = colour_of(hands, 1740, 62)
    hands.roll.state.set_tool("draw")
    hands.hover(1690, 62)
    assert colour_of(hands, 1740, 62) != empty
    hands.hover(1690, 66)
    assert colour_of(hands, 1740, 62) == empty


def test_both_themes_repaint_at_once(hands: Hands) -> None:
    dark = seen(hands)
    hands.roll._theme.set_mode("light")
    light = seen(hands)
    assert dark.pixelColor(hands.place(300, 72)).lightness() < 80
    assert light.pixelColor(hands.place(300, 72)).lightness() > 200
    for part in (hands.roll.keyboard, hands.roll.ruler, hands.roll.velocities):
        assert part.grab().toImage().pixelColor(2, 2).lightness() > 60


def test_an_empty_roll_says_what_to_do(hands: Hands) -> None:
    hands.editor.set_score(Score())
    with_words = seen(hands)
    hands.editor.show_streamed(Score())
    assert seen(hands) != with_words


def test_a_moving_playhead_repaints_only_a_strip(hands: Hands) -> None:
    areas: list[int] = []

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and isinstance(event, QPaintEvent):
                areas.append(sum(rect.width() * rect.height() for rect in event.region()))
            return False

    QApplication.processEvents()
    watch = Watch()
    hands.view.installEventFilter(watch)
    hands.roll.set_playhead(500)
    QApplication.processEvents()
    hands.view.removeEventFilter(watch)
    assert areas
    assert sum(areas) <= 12 * hands.view.height()
    wanted, painted = hands.roll._theme.colour("playhead"), colour_of(hands, 500, 70)
    # Screens of 16 bits round colours.
    assert all(abs(a - b) < 10 for a, b in zip(wanted.getRgb(), painted.getRgb(), strict=True))


def test_the_loop_dims_what_lies_outside(hands: Hands) -> None:
    inside, outside = colour_of(hands, 700, 64), colour_of(hands, 1200, 67)
    hands.roll.set_loop((480, 960))
    assert colour_of(hands, 700, 64) == inside
    assert colour_of(hands, 1200, 67) != outside


def test_a_score_of_a_hundred_thousand_notes_is_painted_and_edited(hands: Hands) -> None:
    rng = np.random.default_rng(5)
    notes = np.zeros(100_000, NOTE_DTYPE)
    notes["onset"], notes["duration"] = rng.integers(0, 10**6, 100_000), rng.integers(60, 960, 100_000)
    notes["pitch"], notes["velocity"] = rng.integers(21, 109, 100_000), rng.integers(1, 128, 100_000)
    hands.editor.set_score(Score(notes=notes))
    plain = seen(hands)
    hands.roll.velocities.grab()
    hands.editor.select(edits.everything(hands.editor.score))
    assert seen(hands) != plain
    hands.roll.velocities.grab()
    hands.roll.commands()["transpose_up"]()
    hands.editor.undo_stack.undo()
    assert hands.editor.score.notes["pitch"].max() == 108


def test_standing_out_is_told_for_any_part_of_the_notes() -> None:
    standing = note_painting.Standing(np.array([2, 5]), np.array([5, 9]))
    assert standing.kinds(np.array([1, 2, 5, 9, 10])).tolist() == [0, 1, 2, 2, 0]
    assert note_painting.PLAIN.kinds(np.array([0, LEVELS])).tolist() == [0, 0]
