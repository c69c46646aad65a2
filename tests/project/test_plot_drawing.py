"""What a plot shows is the same in the window, in a picture and in a table."""

import csv
import io
import math
from xml.etree import ElementTree

import numpy as np
import pytest

from musicgen_app.project.curves import Curve, smoothed
from musicgen_app.project.plot_drawing import REFERENCES, Extent, LossDrawing, PlottedRun, PlotView, whole_extent
from musicgen_app.project.plot_svg import PlotLook, nice, plot_svg
from musicgen_app.project.plot_table import HEADINGS, plot_table

SVG = "{http://www.w3.org/2000/svg}"


def run(key: int, *validation: float, title: str = "") -> PlottedRun:
    made = PlottedRun(key, title or f"Run {key}")
    epochs = np.arange(1.0, len(validation) + 1)
    made.curves["validation"] = Curve(epochs, np.array(validation))
    made.curves["training"] = Curve(epochs, np.array(validation) - 0.25)
    return made


def texts(drawing: LossDrawing) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(plot_svg(drawing)).iter(f"{SVG}text")]


def table(drawing: LossDrawing) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(plot_table(drawing), newline="")))
    assert tuple(rows[0]) == HEADINGS
    return rows[1:]


def test_a_running_mean_keeps_ends_gaps_and_straight_lines() -> None:
    line = Curve(np.arange(1.0, 8), np.arange(1.0, 8))
    assert smoothed(line, 5).y == pytest.approx(line.y)
    gap = smoothed(Curve(np.arange(1.0, 6), np.array([6, 0, math.nan, 2, 9])), 3)
    assert gap.y[[0, 1, 3, 4]].tolist() == [6, 3, 5.5, 9]
    assert math.isnan(gap.y[2])
    assert smoothed(line, 1) is line


def test_a_mean_is_of_epochs_not_of_points() -> None:
    sparse = Curve(np.array([1.0, 10, 20, 30]), np.array([4.0, 8, 0, 4]))
    assert smoothed(sparse, 5).y.tolist() == [4, 8, 0, 4]


def test_batches_are_never_smoothed() -> None:
    view = PlotView(smooth=5)
    assert view.smooths("validation")
    assert not view.smooths("batches")
    assert not PlotView(smooth=1).smooths("training")


def test_a_picture_names_runs_lines_and_the_best_epoch() -> None:
    drawing = LossDrawing((run(1, 5, 4, 4.5), run(2, 6, 5, 5)), PlotView(smooth=3), {"4gram": 4.4, "uniform": 19.0}, 1)
    said = texts(drawing)
    assert {"Run 1", "Run 2", "4-gram 4.40", "Best: 4.000 in epoch 2", "mean of 3 epochs"} <= set(said)
    assert "Epoch" in said
    assert len(list(ElementTree.fromstring(plot_svg(drawing)).iter(f"{SVG}polyline"))) == 2 * 2 * 2


def test_what_is_hidden_is_in_neither_picture_nor_table() -> None:
    hidden = run(2, 6, 5)
    hidden.shown = False
    view = PlotView(kinds=frozenset({"validation"}))
    drawing = LossDrawing((run(1, 5, 4), hidden), view, {"4gram": 4.4}, 2)
    assert not {"Run 2", "4-gram 4.40"} & set(texts(drawing))
    assert not any(said.startswith("Best") for said in texts(drawing))
    assert table(drawing) == [["1", "Run 1", "validation", "1", "5", ""], ["1", "Run 1", "validation", "2", "4", ""]]


def test_a_table_has_the_seen_part_the_means_and_the_lines() -> None:
    view = PlotView(kinds=frozenset({"validation", REFERENCES}), smooth=3)
    drawing = LossDrawing((run(1, 6, 3, 3, 9),), view, {"unigram": 11.0}, 1, Extent(1.5, 3.5, 0, 10))
    assert table(drawing) == [
        ["1", "Run 1", "validation", "2", "3", "4"],
        ["1", "Run 1", "validation", "3", "3", "5"],
        ["", "", "unigram", "", "11", ""],
    ]


def test_titles_may_hold_anything() -> None:
    odd = 'A <b> & "c"\x00\n'
    drawing = LossDrawing((run(1, 5, 4, title=odd),))
    assert any(said.startswith('A <b> & "c"') for said in texts(drawing))
    assert table(drawing)[0][1] == odd


def test_empty_single_and_very_many_runs_can_be_drawn() -> None:
    assert whole_extent(LossDrawing(())) == Extent(0, 10, 0, 1)
    plot_svg(LossDrawing(()))
    only = PlottedRun(1, "Run 1")
    only.curves["training"] = Curve(np.array([1.0]), np.array([5.0]))
    assert len(list(ElementTree.fromstring(plot_svg(LossDrawing((only,)))).iter(f"{SVG}circle"))) == 1
    assert "and 60 more" in texts(LossDrawing(tuple(run(key, 5, 4) for key in range(1, 101))))


@pytest.mark.parametrize(("first", "last"), [(5.0, 4.9), (8.0, 0.0005)])
def test_a_logarithmic_axis_names_losses(first: float, last: float) -> None:
    drawing = LossDrawing((run(1, first, last),), PlotView(frozenset({"validation"}), log=True))
    said = texts(drawing)
    assert "Nats a note, logarithmic" in said
    assert sum(word.replace(".", "").replace("e-", "").isdecimal() for word in said) >= 4


def test_round_numbers_lie_in_the_range() -> None:
    assert nice(0.3, 2.1, 4) == [0.5, 1.0, 1.5, 2.0]
    assert nice(0.9, 3.1, 20, least=1) == [1, 2, 3]


def test_colours_repeat_after_the_last() -> None:
    look = PlotLook(series=("#000001", "#000002"))
    assert [look.colour(key) for key in (1, 2, 3)] == ["#000001", "#000002", "#000001"]
