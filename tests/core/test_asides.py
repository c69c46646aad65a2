"""Markers, asides and controls of a score."""

import numpy as np
import pytest

from musicgen_app.core.asides import CONTROL_DTYPE, NO_TRACK, Aside, Marker
from musicgen_app.core.score import Score, make_notes


def controls(*rows: tuple[int, int, int, int, int]) -> Score:
    return Score(make_notes([(0, 5, 60, 64)]), controls=np.array(list(rows), CONTROL_DTYPE))


def test_they_are_sorted_and_several_at_one_place_keep_their_order() -> None:
    score = controls((9, 0, 0xB0, 7, 1), (5, 1, 0xB0, 7, 2), (5, 0, 0xE0, 7, 3), (5, 0, 0xB0, 7, 4))
    assert score.controls["second"].tolist() == [3, 4, 2, 1]
    assert not score.controls.flags.writeable
    marked = Score(
        markers=(Marker(9, "B"), Marker(0, "A")),
        asides=(Aside(5, 1, b"c", 1), Aside(5, 1, b"b", 0), Aside(5, 5, b"a")),
    )
    assert [marker.text for marker in marked.markers] == ["A", "B"]
    assert [aside.content for aside in marked.asides] == [b"a", b"b", b"c"]


@pytest.mark.parametrize(
    "row",
    [
        (-1, 0, 0xB0, 7, 1),
        (0, 0, 0xB0, 128, 1),
        (0, 0, 0xB0, 7, 200),
        (0, 0, 0x90, 60, 1),
        (0, 0, 0xF0, 1, 1),
        (0, 0, 0xB3, 64, 1),
    ],
)
def test_what_is_no_control_is_refused(row: tuple[int, int, int, int, int]) -> None:
    with pytest.raises(ValueError):
        controls(row)


def test_the_number_of_the_pedal_is_no_controller_in_other_messages() -> None:
    assert len(controls((0, 0, 0xE0, 64, 1), (0, NO_TRACK, 0xC5, 64, 0)).controls) == 2


@pytest.mark.parametrize(("onset", "kind"), [(-1, 5), (0, -1), (0, 0x80), (0, 0xF1)])
def test_an_aside_that_cannot_be_written_is_refused(onset: int, kind: int) -> None:
    with pytest.raises(ValueError, match="cannot be written"):
        Aside(onset, kind, b"")


def test_a_marker_before_the_beginning_is_refused() -> None:
    with pytest.raises(ValueError, match="before the beginning"):
        Marker(-1, "A")


def test_they_count_when_scores_are_compared_and_can_be_left_out() -> None:
    plain = controls()
    for other in (
        controls((0, 0, 0xB0, 7, 1)),
        Score(plain.notes, markers=(Marker(0, "A"),)),
        Score(plain.notes, asides=(Aside(0, 5, b"la"),)),
    ):
        assert other != plain
        assert other.music_alone() == plain
