"""The inspector of the Dataset tab: all that is in a file, of the collection or not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from musicgen_app.project.document import Project
from musicgen_app.tokens.note_file import write_list
from musicgen_app.ui.dataset_tab import DatasetTab
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.player import Player
from musicgen_app.ui.theme import Theme
from tests.midi.raw import meta, midi, note, program

HANDS = [meta(0, 3, name) + program(0, 0) + note(60 + at) * 20 for at, name in enumerate((b"Piano R", b"Piano L"))]


@pytest.fixture
def tab(qtbot: QtBot, tmp_path: Path) -> Iterator[DatasetTab]:
    theme = Theme(glyphs=tmp_path / "glyphs")
    player = Player()
    tab = DatasetTab(theme, Icons(theme, theme), player)
    qtbot.addWidget(tab)
    tab.resize(1200, 760)
    tab.show()
    tab.set_project(Project.create(tmp_path / "Songs.musicgen"))
    yield tab
    tab.shutdown()
    player.close()


@pytest.fixture
def hands(tmp_path: Path) -> Path:
    content = midi(meta(0, 3, b"Sonata") + meta(0, 2, b"Bach"), *HANDS)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "hands.mid").write_bytes(content)
    return tmp_path / "elsewhere" / "hands.mid"


def inspected(qtbot: QtBot, tab: DatasetTab, path: Path) -> None:
    tab.inspect_file(path)
    qtbot.waitUntil(lambda: tab.inspector.row is not None and tab.inspector.row.path == path)


def test_a_file_of_any_place_is_told_of_without_being_added(qtbot: QtBot, tab: DatasetTab, hands: Path) -> None:
    inspected(qtbot, tab, hands)
    details = tab.inspector.details
    assert details.facts.value("Format") == "1, 3 tracks in the file"
    assert details.facts.value("Tempo") == "120 quarter notes a minute"
    assert details.tracks.texts[0].startswith("Piano R: Acoustic grand piano (program 1), channel 1. 20 notes")
    assert details.texts.texts == ["Title: Sonata", "Copyright: Bach"]
    assert details.lengths.isVisible()
    assert details.velocities.words.text() == "All 64."
    assert tab.inspector.facts.value("Used for") == "Not in the data set"
    assert tab._project is not None
    assert tab._project.sources == ()


def test_the_words_of_the_seed_codec_are_shown_on_demand_and_of_seed_data_always(
    qtbot: QtBot, tab: DatasetTab, hands: Path
) -> None:
    inspected(qtbot, tab, hands)
    details = tab.inspector.details
    assert details.seed.isHidden()
    qtbot.mouseClick(details.ask_seed, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tab.inspector.has_seed)
    assert details.ask_seed.isHidden()
    assert details.seed.value("Words") == "40, 2 different"
    assert details.seed.value("First part") == "Empty: read alone, all 40 notes would be lost"
    inspected(qtbot, tab, hands.with_name("none.mid"))
    assert not tab.inspector.has_seed
    tab.panel.codec.setCurrentIndex(1)
    inspected(qtbot, tab, hands)
    qtbot.waitUntil(lambda: tab.inspector.has_seed)


def test_choosing_the_seed_codec_shows_the_words_of_the_file_that_is_shown(
    qtbot: QtBot, tab: DatasetTab, hands: Path
) -> None:
    inspected(qtbot, tab, hands)
    tab.panel.codec.setCurrentIndex(1)
    qtbot.waitUntil(lambda: tab.inspector.has_seed)


def test_a_note_file_and_a_broken_one_show_what_there_is(qtbot: QtBot, tab: DatasetTab, tmp_path: Path) -> None:
    write_list(["C4", "0.4.7"] * 20, tmp_path / "notes")
    inspected(qtbot, tab, tmp_path / "notes")
    details = tab.inspector.details
    assert details.facts.isHidden()
    assert details.seed.value("Words") == "40, 2 different"
    (tmp_path / "bad.mid").write_bytes(b"no music")
    inspected(qtbot, tab, tmp_path / "bad.mid")
    assert not tab.inspector.has_seed
    assert "not a MIDI file" in tab.inspector._findings.text()
    assert not tab.inspector._play.isEnabled()


def test_all_that_is_told_can_be_copied_and_scrolled_by_keys(qtbot: QtBot, tab: DatasetTab, hands: Path) -> None:
    inspected(qtbot, tab, hands)
    qtbot.mouseClick(tab.inspector._copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith(f"Hands\nFile: {hands}\nNotes: 40\n")
    assert "Track 2 (Piano L): Acoustic grand piano (program 1), channel 1. 20 notes, C♯4 to C♯4" in copied
    tab.resize(1024, 500)
    scroll = tab.inspector.pane
    scroll.setFocus()
    qtbot.waitUntil(lambda: scroll.verticalScrollBar().maximum() > 0)
    QTest.keyClick(scroll, Qt.Key.Key_PageDown)
    assert scroll.verticalScrollBar().value() > 0


def test_words_longer_than_the_panel_is_wide_are_broken(qtbot: QtBot, tab: DatasetTab, tmp_path: Path) -> None:
    name = "x" * 90
    (tmp_path / f"{name}.mid").write_bytes(midi(meta(0, 2, b"_" * 200), meta(0, 3, b"y" * 90) + note(60) * 20))
    inspected(qtbot, tab, tmp_path / f"{name}.mid")
    pane = tab.inspector.pane
    qtbot.waitUntil(lambda: tab.inspector.details.texts.isVisible())
    assert pane.widget().minimumSizeHint().width() <= pane.viewport().width()
    assert name in tab.inspector.copied_text()
    assert "\u200b" not in tab.inspector.copied_text()


def test_a_file_is_inspected_from_the_menu_of_the_table_and_from_the_empty_panel(
    qtbot: QtBot, tab: DatasetTab, hands: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [(str(hands), ""), ("", "")]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: answers.pop(0))
    menu = tab.files.menu()
    possible = {action.text(): action for action in menu.actions() if action.isEnabled() and action.text()}
    assert list(possible) == ["Inspect another file..."]
    possible["Inspect another file..."].trigger()
    qtbot.waitUntil(lambda: tab.inspector.row is not None)
    tab.inspector.file_asked.emit()
    assert answers == []
    assert tab.inspector.row is not None


def test_a_file_dropped_on_the_panel_is_inspected(qtbot: QtBot, tab: DatasetTab, hands: Path) -> None:
    def dropped(*paths: Path) -> QMimeData:
        content = QMimeData()
        content.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        return content

    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for content, taken in ((dropped(hands), True), (dropped(hands.parent), False), (dropped(hands, hands), False)):
        entered = QDragEnterEvent(QPointF(5, 5).toPoint(), Qt.DropAction.CopyAction, content, buttons, keys)
        entered.ignore()
        tab.inspector.dragEnterEvent(entered)
        assert entered.isAccepted() is taken
        tab.inspector.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, content, buttons, keys))
    qtbot.waitUntil(lambda: tab.inspector.row is not None and tab.inspector.row.path == hands)


def test_a_listed_piece_is_told_of_as_closely(qtbot: QtBot, tab: DatasetTab, hands: Path) -> None:
    tab.add_sources((hands.parent,))
    qtbot.waitUntil(lambda: not tab.scanning and tab.files.table.rowCount() == 1, timeout=60_000)
    tab.files.choose(hands)
    qtbot.waitUntil(lambda: tab.inspector.details.facts.isVisible())
    assert len(tab.inspector.details.tracks.texts) == 2
    assert all(action.isEnabled() for action in tab.files.menu().actions())
