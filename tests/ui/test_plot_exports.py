"""The plot leaves the window as it is seen."""

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from musicgen_app.core.errors import MusicgenError, UsageError
from musicgen_app.project.plot_svg import PlotLook
from musicgen_app.ui import save_dialog
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.loss_plot import LossPlot
from musicgen_app.ui.plot_exports import PlotExports
from musicgen_app.ui.plot_files import look_of, save_plot
from musicgen_app.ui.settings import Settings
from musicgen_app.ui.theme import DARK, LIGHT, Theme
from tests.ui.training_parts import losses


@pytest.fixture
def plot(qtbot) -> LossPlot:
    theme = Theme()
    theme.set_mode("dark")
    plot = LossPlot(theme, Icons(theme))
    qtbot.addWidget(plot)
    plot.resize(800, 400)
    plot.set_run(1, "Run 1", losses(5, 4, 4.5))
    plot.draw_now()
    return plot


@pytest.fixture
def exports(qtbot, plot: LossPlot, tmp_path: Path) -> PlotExports:
    window = QWidget()
    qtbot.addWidget(window)
    window.exports = PlotExports(plot, plot._theme, Settings(tmp_path / "settings.ini"), window)
    return window.exports


def test_a_picture_has_the_colours_of_the_theme_and_twice_the_size(plot: LossPlot, tmp_path: Path) -> None:
    for palette in (DARK, LIGHT):
        save_plot(plot.drawing(), tmp_path / "a.png", palette, (600, 300))
        picture = QImage(str(tmp_path / "a.png"))
        assert (picture.width(), picture.height()) == (1200, 600)
        assert picture.pixelColor(2, 2).name() == palette.surface
        colours = {picture.pixelColor(x, y).name() for x in range(0, 1200, 3) for y in range(0, 600, 3)}
        assert palette.series[0] in colours


def test_pictures_made_without_a_window_look_like_the_light_theme() -> None:
    assert PlotLook() == look_of(LIGHT)


def test_the_part_that_is_seen_is_exported(plot: LossPlot, tmp_path: Path) -> None:
    plot._on_moved()
    plot.plot.setXRange(1.5, 2.5, padding=0)
    save_plot(plot.drawing(), tmp_path / "a.csv", DARK)
    epochs = {line.split(",")[3] for line in (tmp_path / "a.csv").read_text().splitlines()[1:]}
    assert epochs == {"2"}


def test_the_button_asks_for_a_name_and_before_a_file_is_replaced(
    qtbot, plot: LossPlot, exports: PlotExports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    exports.told.connect(told.append)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a"), "SVG (*.svg)"))
    plot.legend.export_asked.emit()
    assert told == ["Exported a.svg"]
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    (tmp_path / "a.svg").write_text("old")
    for answer, kept in ((1, True), (0, False)):
        monkeypatch.setattr(save_dialog, "ask", lambda *_, answer=answer: answer)
        exports.ask()
        assert ((tmp_path / "a.svg").read_text() == "old") is kept


def test_what_cannot_be_written_is_told_in_a_sentence(exports: PlotExports, tmp_path: Path) -> None:
    failed: list[MusicgenError] = []
    exports.failed.connect(failed.append)
    exports.export_to(tmp_path / "none" / "a.png")
    assert "could not be written" in failed[0].message
    with pytest.raises(UsageError, match="no PNG, SVG or CSV"):
        save_plot(exports._plot.drawing(), tmp_path / "a.gif", DARK)


def test_an_empty_plot_is_not_exported(plot: LossPlot, exports: PlotExports) -> None:
    told: list[str] = []
    exports.told.connect(told.append)
    plot.remove_run(1)
    exports.ask()
    assert "no run on the plot" in told[0]
