"""The Dataset tab, clicked as a person would."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from musicgen_app import environment
from musicgen_app.core.score import Score, Track, make_notes
from musicgen_app.dataset.store import open_dataset
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.document import Project
from musicgen_app.tokens.note_file import write_list
from musicgen_app.tokens.seed import SeedCodec
from musicgen_app.ui import file_table
from musicgen_app.ui.dataset_tab import DatasetTab
from musicgen_app.ui.file_row import FileRow
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.player import Player
from musicgen_app.ui.theme import Theme

WAIT = 60_000


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Four different pieces and a file that is none."""
    folder = tmp_path / "music"
    folder.mkdir()
    for number, name in enumerate(("allegro", "berceuse", "chaconne", "danza")):
        notes = [(240 * i, 200, 48 + (i * (number + 2)) % 30, 40 + i % 60) for i in range(60 + number)]
        write_midi(Score(notes=make_notes(notes)), folder / f"{name}.mid")
    (folder / "broken.mid").write_bytes(b"this is no music")
    return folder


@pytest.fixture
def tab(qtbot: QtBot, tmp_path: Path) -> Iterator[DatasetTab]:
    theme = Theme(glyphs=tmp_path / "glyphs")
    player = Player()
    tab = DatasetTab(theme, Icons(theme, theme), player)
    tab.errors = []  # type: ignore[attr-defined]
    tab.failed.connect(tab.errors.append)  # type: ignore[attr-defined]
    qtbot.addWidget(tab)
    tab.resize(1200, 760)
    tab.show()
    tab.set_project(Project.create(tmp_path / "Songs.musicgen"))
    yield tab
    tab.shutdown()
    player.close()


def settled(tab: DatasetTab, qtbot: QtBot, files: int) -> None:
    qtbot.waitUntil(lambda: not tab.scanning and tab.files.table.rowCount() == files, timeout=WAIT)


def choose(tab: DatasetTab, qtbot: QtBot, folder: Path, name: str) -> None:
    path = folder / name
    place = tab.files.view.visualRect(tab.files.table.index(tab.files.table.position(path), file_table.TITLE))
    QTest.mouseClick(tab.files.view.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    qtbot.waitUntil(lambda: tab.inspector.row is not None and tab.inspector.row.path == path)


def rows(tab: DatasetTab) -> list[FileRow]:
    found = [tab.files.table.row(index) for index in range(tab.files.table.rowCount())]
    return [row for row in found if row is not None]


def row_of(tab: DatasetTab, index: int) -> FileRow:
    return rows(tab)[index]


def button(tab: DatasetTab, text: str) -> QPushButton:
    return next(found for found in tab.findChildren(QPushButton) if found.text() == text)


def test_an_empty_project_says_what_to_do_and_offers_it(
    tab: DatasetTab, qtbot: QtBot, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tab.files.empty.isVisible()
    assert not tab.panel.prepare.isEnabled()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(music))
    qtbot.mouseClick(tab.files.empty.button, Qt.MouseButton.LeftButton)
    settled(tab, qtbot, 5)
    assert not tab.files.empty.isVisible()
    assert tab.panel.prepare.isEnabled()
    assert tab.panel.counts.value("Files") == "5"
    assert tab.panel.counts.value("Notes") == "246"
    assert tab.files.histograms.whole.notes == 246


def test_files_can_be_added_in_a_dialog_and_removed_again(
    tab: DatasetTab, qtbot: QtBot, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [str(music / "allegro.mid"), str(music / "danza.mid")]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (chosen, ""))
    qtbot.mouseClick(button(tab, "Files..."), Qt.MouseButton.LeftButton)
    settled(tab, qtbot, 2)
    tab.panel.sources.setCurrentRow(0)
    qtbot.mouseClick(tab.panel.remove, Qt.MouseButton.LeftButton)
    settled(tab, qtbot, 1)
    assert row_of(tab, 0).path.name == "danza.mid"
    assert (music / "allegro.mid").exists()


def test_another_choice_of_instruments_judges_the_files_again(tab: DatasetTab, qtbot: QtBot, music: Path) -> None:
    notes = [(240 * i, 200, 50 + i % 20, 40 + i) for i in range(40)]
    write_midi(Score(notes=make_notes(notes), tracks=(Track("", 40),)), music / "elegie.mid")
    tab.add_sources((music / "elegie.mid",))
    settled(tab, qtbot, 1)
    assert row_of(tab, 0).words == "Set aside: no piano (Violin)"
    assert row_of(tab, 0).short_words == "No piano"
    tab.panel.instruments.activated.emit(1)
    settled(tab, qtbot, 1)
    assert row_of(tab, 0).words == "Ready"
    assert tab._project is not None
    assert (tab._project.prepare.programs, tab.panel.instruments.currentText()) == ("all", "All but drums")


def test_a_file_that_is_none_shows_a_sentence(tab: DatasetTab, qtbot: QtBot, music: Path) -> None:
    tab.add_sources((music,))
    settled(tab, qtbot, 5)
    choose(tab, qtbot, music, "broken.mid")
    assert tab.inspector.row is not None
    assert tab.inspector.row.words.startswith("Set aside: not MIDI (it ")
    assert "broken.mid" in tab.inspector._findings.text()
    assert not tab.inspector._play.isEnabled()
    assert tab.errors == []  # type: ignore[attr-defined]


def test_a_click_shows_the_piece_and_play_asks_for_it(tab: DatasetTab, qtbot: QtBot, music: Path) -> None:
    tab.add_sources((music,))
    settled(tab, qtbot, 5)
    choose(tab, qtbot, music, "chaconne.mid")
    qtbot.waitUntil(lambda: tab.inspector.score is not None)
    assert tab.inspector.facts.value("Notes") == "62"
    with qtbot.waitSignal(tab.listen_asked) as asked:
        qtbot.mouseClick(button(tab, "Play"), Qt.MouseButton.LeftButton)
    assert len(asked.args[0].notes) == 62
    with qtbot.waitSignal(tab.open_asked) as asked:
        qtbot.mouseClick(button(tab, "Open in roll"), Qt.MouseButton.LeftButton)
    assert asked.args[0] == music / "chaconne.mid"


def test_a_click_plays_the_piece_and_a_second_click_again_but_the_arrow_keys_only_show(
    tab: DatasetTab, qtbot: QtBot, music: Path
) -> None:
    tab.add_sources((music,))
    settled(tab, qtbot, 5)
    heard: list[int] = []
    tab.listen_asked.connect(lambda score: heard.append(len(score.notes)))
    for times in (1, 2):
        choose(tab, qtbot, music, "chaconne.mid")
        qtbot.waitUntil(lambda times=times: heard == [62] * times)
    tab.activateWindow()
    tab.files.view.setFocus()
    qtbot.waitUntil(tab.files.view.hasFocus)
    QTest.keyClick(tab.files.view, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: tab.inspector.row.path.name != "chaconne.mid" and tab.inspector.score is not None)
    assert heard == [62, 62]


def test_enter_plays_the_chosen_piece(tab: DatasetTab, qtbot: QtBot, music: Path) -> None:
    tab.add_sources((music,))
    settled(tab, qtbot, 5)
    choose(tab, qtbot, music, "allegro.mid")
    qtbot.waitUntil(lambda: tab.inspector.score is not None)
    tab.activateWindow()
    tab.files.view.setFocus()
    qtbot.waitUntil(tab.files.view.hasFocus)
    with qtbot.waitSignal(tab.listen_asked):
        QTest.keyClick(tab.files.view, Qt.Key.Key_Return)


def test_the_last_of_several_quick_clicks_counts(tab: DatasetTab, qtbot: QtBot, music: Path) -> None:
    tab.add_sources((music,))
    settled(tab, qtbot, 5)
    for name in ("allegro.mid", "berceuse.mid", "danza.mid"):
        tab.files.choose(music / name)
    qtbot.waitUntil(lambda: tab.inspector.score is not None and len(tab.inspector.score.notes) == 63)
    assert tab.inspector._title.text() == "Danza"


def test_prepare_makes_a_data_set_and_says_what_came_of_it(
    tab: DatasetTab, qtbot: QtBot, music: Path, tmp_path: Path
) -> None:
    tab.add_sources((music,))
    settled(tab, qtbot, 5)
    tab.panel.validation.set_value(25)
    with qtbot.waitSignal(tab.dataset_prepared, timeout=WAIT) as prepared:
        qtbot.mouseClick(tab.panel.prepare, Qt.MouseButton.LeftButton)
        assert tab.busy
        assert not tab.panel.prepare.isEnabled()
    qtbot.waitUntil(lambda: not tab.busy and not tab.scanning, timeout=WAIT)
    dataset = open_dataset(prepared.args[0])
    assert len(dataset.pieces) == 4
    assert prepared.args[0] == tmp_path / "Songs.musicgen" / "dataset"
    assert "4 pieces" in tab.panel.state.text()
    assert "values in 4 fields" in tab.panel.counts.value("Vocabulary")
    assert {row.side for row in rows(tab) if row.facts.ok} == {"Training", "Validation"}


def test_settings_are_kept_with_the_project(tab: DatasetTab, tmp_path: Path) -> None:
    tab.panel.pedal.setCurrentIndex(1)
    tab.panel.seed.setValue(7)
    kept = Project.open(tmp_path / "Songs.musicgen").prepare
    assert (kept.pedal, kept.seed) == ("none", 7)


def test_nothing_to_prepare_from_is_told(tab: DatasetTab, qtbot: QtBot, music: Path) -> None:
    tab.add_sources((music / "broken.mid",))
    settled(tab, qtbot, 1)
    tab.prepare()
    qtbot.waitUntil(lambda: not tab.busy, timeout=WAIT)
    assert len(tab.errors) == 1  # type: ignore[attr-defined]


def test_a_source_that_is_gone_keeps_its_place_in_the_list(tab: DatasetTab, qtbot: QtBot, music: Path) -> None:
    tab.add_sources((music,))
    settled(tab, qtbot, 5)
    shutil.rmtree(music)
    tab.refresh()
    settled(tab, qtbot, 0)
    assert tab.panel.sources.count() == 1
    assert "not there" in tab.panel.sources.item(0).toolTip()


def test_a_second_project_takes_the_place_of_the_first(
    tab: DatasetTab, qtbot: QtBot, music: Path, tmp_path: Path
) -> None:
    tab.add_sources((music,))
    other = Project.create(tmp_path / "Other.musicgen")
    tab.set_project(other)
    settled(tab, qtbot, 0)
    assert tab.files.empty.isVisible()


def test_the_bundled_pieces_are_shown_as_prepared(tab: DatasetTab, qtbot: QtBot, tmp_path: Path) -> None:
    demo = Project.create(tmp_path / "Demo.musicgen")
    demo.sources = (environment.bundled("data", "corpus"),)
    demo.dataset_folder = environment.bundled("data", "dataset")
    tab.set_project(demo)
    settled(tab, qtbot, 14)
    assert all(row.side for row in rows(tab))
    assert "14 pieces" in tab.panel.state.text()
    tab.files.filter.text.setText("joplin")
    qtbot.waitUntil(lambda: 0 < tab.files.table.rowCount() < 14)


def test_closing_while_files_are_read_leaves_no_thread(
    qtbot: QtBot, tmp_path: Path, music: Path, new_tab: Callable[[], DatasetTab]
) -> None:
    tab = new_tab()
    tab.set_project(Project.create(tmp_path / "Third.musicgen"))
    tab.add_sources((music,))
    tab.prepare()
    tab.shutdown()
    assert not tab.busy
    assert not tab.scanning


@pytest.fixture
def new_tab(qtbot: QtBot, tmp_path: Path) -> Callable[[], DatasetTab]:
    def made() -> DatasetTab:
        theme = Theme(glyphs=tmp_path / "glyphs")
        tab = DatasetTab(theme, Icons(theme, theme), Player())
        qtbot.addWidget(tab)
        return tab

    return made


def test_seed_words_are_prepared_from_a_note_file(tab: DatasetTab, qtbot: QtBot, tmp_path: Path) -> None:
    words = [("C4", "E4", "0.4.7")[n % 3] for n in range(120)]
    write_list(words, tmp_path / "notes")
    tab.add_sources((tmp_path / "notes",))
    settled(tab, qtbot, 1)
    assert row_of(tab, 0).facts.notes == 200
    tab.panel.codec.setCurrentIndex(1)
    assert tab.panel.first_part.isVisible()
    assert not tab.panel.grid.isEnabled()
    assert not tab.panel.pedal.isEnabled()
    tab.panel.first_part.setChecked(True)
    assert tab._project is not None
    assert (tab._project.prepare.codec, tab._project.prepare.first_part) == ("seed", True)
    with qtbot.waitSignal(tab.dataset_prepared, timeout=WAIT) as prepared:
        qtbot.mouseClick(tab.panel.prepare, Qt.MouseButton.LeftButton)
    assert tab.errors == []  # type: ignore[attr-defined]
    codec = open_dataset(prepared.args[0]).codec
    assert isinstance(codec, SeedCodec)
    assert codec.words == ("0.4.7", "C4", "E4")
    assert codec.first_part
    choose(tab, qtbot, tmp_path, "notes")
    qtbot.waitUntil(lambda: tab.inspector.score is not None, timeout=WAIT)
    assert len(tab.inspector.score.notes) == 200


def test_the_first_part_counts_for_words_only(tab: DatasetTab) -> None:
    tab.panel.codec.setCurrentIndex(1)
    tab.panel.first_part.setChecked(True)
    tab.panel.codec.setCurrentIndex(0)
    assert not tab.panel.first_part.isVisible()
    assert not tab.panel.settings().first_part
    assert tab.panel.pedal.isEnabled()
