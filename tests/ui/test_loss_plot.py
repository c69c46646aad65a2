"""The loss plot shows every run in its colour, marks the best epoch, and never redraws more often than the eye sees."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from musicgen_app.project.plot_drawing import KINDS, apart
from musicgen_app.project.runs import Losses
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.loss_plot import LossPlot
from musicgen_app.ui.theme import DARK, LIGHT, Theme
from tests.ui.training_parts import losses


@pytest.fixture
def theme(qapp) -> Theme:
    theme = Theme()
    theme.set_mode("dark")
    return theme


@pytest.fixture
def plot(qtbot, theme: Theme) -> LossPlot:
    plot = LossPlot(theme, Icons(theme))
    qtbot.addWidget(plot)
    plot.resize(800, 400)
    plot.show()
    qtbot.waitExposed(plot)
    return plot


def drawn(plot: LossPlot, key: int, kind: str) -> tuple[list[float], list[float]]:
    """The points Qt was given for a curve."""
    x, y = plot._runs[key].items[kind].getData()
    return ([], []) if x is None else (x.tolist(), y.tolist())


def test_both_losses_of_a_run_are_drawn(plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(5, 4, 4.5))
    plot.draw_now()
    assert drawn(plot, 1, "validation") == ([1, 2, 3], [5, 4, 4.5])
    assert drawn(plot, 1, "training") == ([1, 2, 3], [4.75, 3.75, 4.25])


def test_validation_is_stronger_than_training(plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(5, 4))
    plot.draw_now()
    items = plot._runs[1].items
    strong, weak = items["validation"].opts["pen"], items["training"].opts["pen"]
    assert strong.widthF() > weak.widthF()
    assert strong.color().alpha() > weak.color().alpha()


def test_without_validation_the_training_loss_is_the_strong_one(plot: LossPlot) -> None:
    only = Losses(np.array([1.0, 2]), np.array([5.0, 4]), np.full(2, np.nan), np.ones(2))
    plot.set_run(1, "Run 1", only)
    plot.set_main(1)
    plot.draw_now()
    assert plot._runs[1].items["training"].opts["pen"].color().alpha() == 255
    assert plot.best.line.value() == 2


def test_the_best_epoch_of_the_chosen_run_is_marked(plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(5, 4, 4.5))
    plot.set_run(2, "Run 2", losses(5, 4.8, 4.2))
    plot.set_main(1)
    plot.draw_now()
    assert plot.best.line.isVisible()
    assert plot.best.line.value() == 2
    assert "4.000 in epoch 2" in plot.best.words.toPlainText()
    plot.set_main(2)
    plot.draw_now()
    assert plot.best.line.value() == 3
    plot.remove_run(2)
    plot.draw_now()
    assert not plot.best.line.isVisible()


def test_live_points_appear_and_replace_those_done_again(plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(5, 4, 3))
    plot.begin(1, "Run 1", 2)
    plot.add_batch(1, 2.5, 3.6)
    plot.add_batch(1, 2.75, math.nan)
    plot.add_epoch(1, 3, 3.25, 3.5)
    plot.add_epoch(1, 4, 3.0, None)
    plot.draw_now()
    assert drawn(plot, 1, "validation") == ([1, 2, 3], [5, 4, 3.5])
    assert plot.curve(1, "training").y.tolist() == [4.75, 3.75, 3.25, 3.0]
    assert drawn(plot, 1, "batches") == ([2.5], [3.6])


def test_points_of_a_run_that_is_not_there_are_ignored(plot: LossPlot) -> None:
    plot.add_batch(9, 1, 1)
    plot.add_epoch(9, 1, 1, 1)
    plot.rename_run(9, "x")
    plot.show_run(9, True)
    plot.remove_run(9)
    assert plot.keys == ()


def test_a_thousand_points_cost_one_redraw(qtbot, theme: Theme) -> None:
    times = [0.0]
    plot = LossPlot(theme, Icons(theme), now=lambda: times[0])
    qtbot.addWidget(plot)
    plot.draw_now()
    redraws = []
    plot.redrawn.connect(lambda: redraws.append(times[0]))
    plot.set_run(1, "Run 1", losses(5, 4))
    for step in range(1000):
        plot.add_batch(1, step / 1000, 5.0)
    assert plot._timer.isActive()
    assert plot._timer.interval() == 100
    qtbot.waitUntil(lambda: bool(redraws))
    assert len(redraws) == 1
    assert len(plot.curve(1, "batches")) == 1000


def test_a_long_training_is_thinned_to_what_the_screen_shows(plot: LossPlot) -> None:
    many = np.arange(1.0, 100_001)
    plot.set_run(1, "Run 1", Losses(many, 3 + np.sin(many), 4 + np.sin(many), np.ones(100_000)))
    plot.draw_now()
    x, y = drawn(plot, 1, "validation")
    assert len(x) <= 2 * plot.plot.getViewBox().width() + 8
    assert max(y) == pytest.approx(5, abs=1e-6)
    assert min(y) == pytest.approx(3, abs=1e-6)


def test_a_click_in_the_legend_hides_and_shows_a_kind(qtbot, plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(5, 4))
    for visible in (False, True):
        qtbot.mouseClick(plot.legend.kind_chip("training"), Qt.MouseButton.LeftButton)
        plot.draw_now()
        assert plot._runs[1].items["training"].isVisible() is visible
        assert plot._runs[1].items["validation"].isVisible()


def test_several_runs_have_chips_that_hide_and_show_them(qtbot, plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(5, 4))
    assert plot.legend.run_chip(1) is None
    plot.set_run(2, "Run 2", losses(5, 4))
    chip = plot.legend.run_chip(2)
    assert chip is not None
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    plot.draw_now()
    assert not any(item.isVisible() for item in plot._runs[2].items.values())
    assert plot._runs[1].items["validation"].isVisible()
    plot.rename_run(2, "Waltz")
    assert plot.legend.run_chip(2).text() == "Waltz"
    assert not plot.legend.run_chip(2).isChecked()


def test_chips_of_runs_give_way_in_a_narrow_window(qtbot, plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(5, 4))
    plot.set_run(2, "Run 2", losses(5, 4))
    chip = plot.legend.run_chip(1)
    assert chip.isVisible()
    plot.resize(380, 300)
    qtbot.waitUntil(lambda: not chip.isVisible())


def test_runs_without_room_for_a_chip_are_counted_and_listed(qtbot, plot: LossPlot) -> None:
    plot.resize(700, 300)
    for number in range(1, 16):
        plot.set_run(number, f"Run {number}", losses(5, 4))
    legend = plot.legend
    shown = [number for number in range(1, 16) if (chip := legend.run_chip(number)) and chip.isVisible()]
    assert shown == list(range(1, len(shown) + 1))
    assert 0 < len(shown) < 12
    assert legend.more.isVisible()
    assert legend.more.text() == f"+{15 - len(shown)}"
    assert legend.more.accessibleName() == f"{15 - len(shown)} more runs on the plot"
    qtbot.mouseClick(legend.more, Qt.MouseButton.LeftButton)
    actions = legend.more.menu_of_runs.actions()
    assert [action.text() for action in actions] == [f"Run {number}" for number in range(len(shown) + 1, 16)]
    actions[-1].trigger()
    plot.draw_now()
    assert not any(item.isVisible() for item in plot._runs[15].items.values())
    legend.more.menu_of_runs.aboutToShow.emit()
    assert not legend.more.menu_of_runs.actions()[-1].isChecked()
    legend.more.menu_of_runs.close()
    for number in range(3, 16):
        plot.remove_run(number)
    plot.resize(900, 300)
    qtbot.waitUntil(lambda: not legend.more.isVisible())


def test_a_logarithmic_axis_shows_the_same_losses(plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(100, 10))
    plot.set_main(1)
    plot.legend.log_toggled.emit(True)
    plot.draw_now()
    assert plot.log
    assert drawn(plot, 1, "validation")[1] == pytest.approx([2, 1])
    assert plot.best.dot.getData()[1].tolist() == pytest.approx([1])
    plot.set_log(False)
    plot.draw_now()
    assert drawn(plot, 1, "validation")[1] == [100, 10]


def test_the_plot_follows_until_a_person_moves_it_and_again_after_fit(qtbot, plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(5, 4))
    plot.draw_now()
    plot.plot.getViewBox().sigRangeChangedManually.emit([True, True])
    plot.plot.setXRange(1, 1.5, padding=0)
    plot.add_epoch(1, 50, 3, 3)
    plot.draw_now()
    assert not plot.follows
    assert plot.plot.viewRange()[0] == pytest.approx([1, 1.5])
    plot.legend.fit_asked.emit()
    plot.draw_now()
    assert plot.plot.viewRange()[0][1] > 50


def test_a_double_click_shows_everything_again(qtbot, plot: LossPlot) -> None:
    plot._on_moved()
    assert not plot.follows
    qtbot.mouseDClick(plot.plot, Qt.MouseButton.LeftButton)
    assert plot.follows


def test_the_values_under_the_mouse_are_read_out(qtbot, plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(5, 4, 4.5))
    plot.set_main(1)
    plot.draw_now()
    box = plot.plot.getViewBox()
    plot._on_mouse(box.mapViewToScene(QPointF(2.1, 4.2)))
    assert plot.legend.reading() == "Epoch 2   validation 4.000   training 3.750"
    plot._on_mouse(QPointF(-50, -50))
    assert plot.legend.reading() == ""


def test_lines_to_compare_with_are_drawn_and_taken_away(plot: LossPlot) -> None:
    lines, words = plot.references.lines, plot.references.words
    plot.set_references({"uniform": 19.0, "unigram": 12.5, "bigram": 10.5, "4gram": 9.25})
    plot.draw_now()
    assert not lines["unigram"].isVisible(), "nothing to compare yet"
    plot.set_run(1, "Run 1", losses(15, 10, 7))
    plot.draw_now()
    assert {name: line.value() for name, line in lines.items()} == {"unigram": 12.5, "bigram": 10.5, "4gram": 9.25}
    assert words["unigram"].toPlainText() == "Unigram 12.50"
    assert words["4gram"].toPlainText() == "4-gram 9.25"
    plot.set_references({"4gram": 9.25})
    plot.draw_now()
    assert not lines["unigram"].isVisible()
    assert words["4gram"].isVisible()
    plot.set_references({})
    plot.draw_now()
    assert not any(item.isVisible() for item in (*lines.values(), *words.values()))


def test_a_line_beyond_the_plot_is_named_at_its_edge(plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(6, 5))
    plot.set_references({"unigram": 40.0, "4gram": 6.5})
    plot.draw_now()
    low, high = plot.plot.viewRange()[1]
    assert low < 5
    assert 6.5 < high < 10, "the 4-gram is near enough to be shown, the unigram is not"
    words = plot.references.words
    assert words["unigram"].toPlainText() == "\N{UPWARDS ARROW} Unigram 40.00"
    assert low < words["4gram"].pos().y() < words["unigram"].pos().y() < high
    plot.set_references({"4gram": 0.5})
    plot.draw_now()
    assert words["4gram"].toPlainText() == "\N{DOWNWARDS ARROW} 4-gram 0.50"


def test_words_keep_to_the_side_of_their_line_where_no_curve_runs(plot: LossPlot) -> None:
    plot.set_references({"4gram": 6.0})
    for last, side in ((6.1, -1), (5.9, 1)):
        plot.set_run(1, "Run 1", Losses(np.array([1.0, 2]), np.array([8.0, 3.0]), np.array([8, last]), np.ones(2)))
        plot.draw_now()
        assert side * (plot.references.words["4gram"].pos().y() - 6.0) > 0


@pytest.mark.parametrize("best", [6.0, 6.02, 5.98])
@pytest.mark.parametrize("log", [False, True])
def test_no_words_lie_over_others(plot: LossPlot, best: float, log: bool) -> None:
    plot.set_run(1, "Run 1", losses(8, 7, 6.4, best))
    plot.set_main(1)
    plot.set_references({"unigram": 6.05, "4gram": 6.0})
    plot.set_log(log)
    plot.draw_now()
    plot.plot.grab()
    items = (plot.best.words, *plot.references.words.values())
    places = [item.mapRectToScene(item.boundingRect()).adjusted(1, 1, -1, -1) for item in items]
    assert not any(one.intersects(other) for n, one in enumerate(places) for other in places[:n])


def test_a_click_in_the_legend_hides_the_lines_to_compare_with(qtbot, plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(5, 4))
    plot.set_references({"4gram": 4.5})
    for visible in (False, True):
        qtbot.mouseClick(plot.legend.kind_chip("references"), Qt.MouseButton.LeftButton)
        plot.draw_now()
        assert plot.references.lines["4gram"].isVisible() is visible


@pytest.mark.parametrize(
    ("wanted", "placed"),
    [
        ([], []),
        ([50], [50]),
        ([95], [90]),
        ([5], [10]),
        ([60, 40], [60, 40]),
        ([50, 48], [50, 40]),
        ([12, 11], [20, 10]),
        ([99, 98, 97], [90, 80, 70]),
        ([80, 15, 14, 13], [80, 30, 20, 10]),
    ],
)
def test_words_are_moved_no_further_than_they_must(wanted: list[float], placed: list[float]) -> None:
    assert apart(wanted, 10, 10, 90) == placed


def test_an_empty_plot_and_a_single_point_can_be_drawn(plot: LossPlot) -> None:
    plot.draw_now()
    plot.set_run(1, "Run 1", losses(5))
    plot.draw_now()
    low, high = plot.plot.viewRange()[0]
    assert low < 1 < high
    for kind in KINDS:
        plot.show_kind(kind, False)
    plot.draw_now()


def test_the_plot_changes_its_colours_with_the_theme(plot: LossPlot, theme: Theme) -> None:
    plot.set_run(1, "Run 1", losses(5, 4))
    plot.draw_now()
    assert plot._runs[1].items["validation"].opts["pen"].color().name() == DARK.series[0]
    theme.set_mode("light")
    plot.draw_now()
    assert plot._runs[1].items["validation"].opts["pen"].color().name() == LIGHT.series[0]
    assert plot.run_colour(2).name() == LIGHT.series[1]


def test_smoothing_draws_a_mean_over_the_faint_losses(qtbot, plot: LossPlot) -> None:
    plot.set_run(1, "Run 1", losses(6, 3, 3, 9))
    plot.add_batch(1, 3.5, 8.0)
    actions = plot.legend.smoothing.menu_of_widths.actions()
    next(action for action in actions if action.data() == 3).trigger()
    plot.draw_now()
    assert plot.smooth == 3
    assert plot.legend.smoothing.isChecked()
    assert drawn(plot, 1, "validation")[1] == [6, 4, 5, 9]
    behind = plot._runs[1].behind["validation"]
    assert behind.isVisible()
    assert behind.getData()[1].tolist() == [6, 3, 3, 9]
    assert behind.opts["pen"].color().alpha() < plot._runs[1].items["validation"].opts["pen"].color().alpha()
    assert drawn(plot, 1, "batches")[1] == [8.0]
    actions[0].trigger()
    plot.draw_now()
    assert not behind.isVisible()
    assert not plot.legend.smoothing.isChecked()
    assert drawn(plot, 1, "validation")[1] == [6, 3, 3, 9]
