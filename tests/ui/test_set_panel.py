"""The pictures below the table: bars are brushed by mouse and keys, narrow each other, and say so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_query import Query, Span
from musicgen_app.dataset.library_statistics import count_bars, read_columns
from musicgen_app.ui.advice_card import AdviceCard
from musicgen_app.ui.bar_picture import BarPicture
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.set_panel import FILES, NOTES, SetPanel
from musicgen_app.ui.set_pictures import _best_columns
from musicgen_app.ui.set_reader import SetReader
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.advice import AdviceRequest, advise
from musicgen_app.workflow.scan import ScanRequest, scan
from tests.dataset.music import melody, write_midi_file

TEMPOS = (90, 100, 100, 115, 130)
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    music = tmp_path_factory.mktemp("music")
    for number, tempo in enumerate(TEMPOS):
        write_midi_file(music / f"{number}.mid", melody(number, notes=40), bpm=tempo)
    folder = tmp_path_factory.mktemp("library")
    scan(ScanRequest(folder, (music,), 1), silent, CancelToken())
    return folder


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication, folder: Path) -> Iterator[SetPanel]:
    theme = Theme()
    panel = SetPanel(theme, Icons(theme))
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.chips)
    reader = SetReader(panel)
    reader.counted.connect(panel.show_statistics)
    panel.brushed.connect(lambda only: reader.count(folder, Query(only=only)))
    panel.resize(760, 240)
    panel.show()
    with qtbot.waitSignal(reader.counted):
        reader.count(folder, Query())
    yield panel
    reader.stop()


def drag(
    picture: BarPicture, first: int, last: int, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    view = picture.plot.getViewBox()
    begin, end = (picture.plot.mapFromScene(view.mapViewToScene(QPointF(bar, 0.4))) for bar in (first, last))
    viewport = picture.plot.viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, held, begin)
    if first != last:
        QTest.mouseMove(viewport, end)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, held, end)


def test_dragging_over_bars_leaves_their_files(qtbot: QtBot, panel: SetPanel) -> None:
    tempo = panel.pictures.pictures["tempo"]
    assert tempo.accessibleName() == "Tempo, quarters/min: all, 5 files"
    with qtbot.waitSignals([panel.brushed, panel.brushed]):
        drag(tempo, 5, 6)
    assert panel.pictures.conditions == (Span("tempo", 96, 120),)
    qtbot.waitUntil(lambda: panel.left.text() == "3 of 5 usable files")
    assert tempo.accessibleName() == "Tempo: 96 to 120, 3 files"
    assert panel.chips.words == ("Tempo 96\N{EN DASH}120",)
    # One click on a bar chooses it, the next takes it away.
    drag(tempo, 5, 5)
    qtbot.waitUntil(lambda: tempo.accessibleName() == "Tempo: 96 to 108, 2 files")
    drag(tempo, 5, 5)
    qtbot.waitUntil(lambda: panel.left.text() == "5 usable files")
    assert panel.pictures.conditions == ()


def test_brushes_of_two_pictures_hold_together(qtbot: QtBot, panel: SetPanel) -> None:
    pictures = panel.pictures.pictures
    drag(pictures["tempo"], 4, 6)
    drag(pictures["key"], 24, 24)
    drag(pictures["key"], 6, 6, SHIFT)
    assert panel.chips.words == ("Key C major, none", "Tempo 84\N{EN DASH}120")
    qtbot.waitUntil(lambda: panel.left.text() == "4 of 5 usable files")
    drag(pictures["key"], 24, 24, SHIFT)
    qtbot.waitUntil(lambda: panel.left.text() == "0 of 5 usable files")
    chip = next(one for one in panel.chips.findChildren(QPushButton) if one.isVisibleTo(panel.chips))
    assert chip.accessibleName() == "Take away: Key C major"
    chip.click()
    qtbot.waitUntil(lambda: panel.left.text() == "4 of 5 usable files")
    panel.clear.click()
    assert panel.pictures.brushes == ()
    assert panel.chips.isHidden()


def test_keys_move_widen_and_clear_a_brush(qtbot: QtBot, panel: SetPanel) -> None:
    tempo = panel.pictures.pictures["tempo"]
    tempo.setFocus()
    for key, held, words in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, "84 to 96"),
        (Qt.Key.Key_Right, SHIFT, "84 to 108"),
        (Qt.Key.Key_Right, SHIFT, "84 to 120"),
        (Qt.Key.Key_Left, SHIFT, "84 to 108"),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, "108 to 120"),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, "below 48"),
        (Qt.Key.Key_End, SHIFT, "any"),
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier, ""),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, "120 to 132"),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, ""),
    ):
        QTest.keyClick(tempo, key, held)
        assert tempo.words() == words


def test_a_brush_goes_with_the_bars_it_was_over(panel: SetPanel, folder: Path, qtbot: QtBot) -> None:
    panel.pictures.choose((Span("tempo", 96, 120), Span("tempo", 97, 99)))
    assert [brush.words for brush in panel.pictures.brushes] == ["96 to 120"]
    with Library(folder) as library:
        columns = read_columns(library)
        panel.show_statistics(count_bars(library, columns, Query(only=panel.pictures.conditions)))
    panel.pictures.show_piece(columns.bars_of(1))
    assert panel.pictures.conditions == (Span("tempo", 96, 120),)
    panel.show_page(NOTES)
    assert panel.page == NOTES
    panel.show_page(FILES)


@pytest.mark.parametrize(("size", "columns"), [((760, 170), 5), ((1400, 130), 10), ((480, 170), 3), ((760, 600), 3)])
def test_pictures_take_the_columns_that_fit(size: tuple[int, int], columns: int) -> None:
    assert _best_columns(*size) == columns


def test_the_card_tells_the_advice(qtbot: QtBot, folder: Path) -> None:
    card = AdviceCard()
    qtbot.addWidget(card)
    card.show()
    assert not card.times.isVisible()
    found = advise(AdviceRequest(folder, 0.3, speeds={"small": 1_000.0}), silent, CancelToken())
    card.show_advice(found)
    assert card.advice.text() == found.advice
    assert card.times.isVisible()
    assert card.times.folded
