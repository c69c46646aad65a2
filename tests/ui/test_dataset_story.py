"""A folder of all kinds of files, from the drop to the data set, in the real window."""

import os
import shutil
import signal
from pathlib import Path

import numpy as np
import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from musicgen_app.core.edits import transpose
from musicgen_app.core.score import TEMPO_DTYPE, Score, make_notes
from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.store import open_dataset
from musicgen_app.midi.writer import midi_bytes
from musicgen_app.project.document import Project
from musicgen_app.ui import file_table
from musicgen_app.ui.dataset_tab import DatasetTab
from musicgen_app.ui.file_row import FileRow
from musicgen_app.ui.main_window import MainWindow
from tests.ui.test_set_panel import drag
from tests.windows import NewWindow, drop, new_window, settings

LONG = 120_000
__all__ = ["new_window", "settings"]


def tune(seed: int, notes: int = 90) -> Score:
    """A melody of its own over a bass, with a beat: 100 a minute where its number is even, else 120."""
    rng = np.random.default_rng(seed)
    onsets = np.cumsum(rng.choice([120, 240, 480], notes))
    pitches = 60 + np.cumsum(rng.integers(-4, 5, notes)) % 24
    upper = [(int(at), 110, int(pitch), int(rng.integers(40, 100))) for at, pitch in zip(onsets, pitches, strict=True)]
    lower = [(int(at), 460, int(pitch) - 24, 50) for at, pitch in zip(onsets[::4], pitches[::4], strict=True)]
    tempos = np.array([(0, 500_000 if seed % 2 else 600_000)], TEMPO_DTYPE)
    return Score(notes=make_notes(upper + lower), tempos=tempos)


def write(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten good pieces, a copy, a transposed copy, two damaged files, one that is none, and what is no music at all."""
    folder = tmp_path / "collection"
    folder.mkdir()
    for number in range(10):
        write(folder, f"piece {number}.mid", midi_bytes(tune(number)))
    shutil.copy(folder / "piece 1.mid", folder / "the same again.mid")
    write(folder, "higher.mid", midi_bytes(transpose(tune(2), np.arange(len(tune(2).notes)), 3).score))
    whole = midi_bytes(tune(20))
    write(folder, "torn.mid", whole[: len(whole) * 3 // 4])
    write(folder, "empty.mid", b"")
    write(folder, "letter.mid", b"Dear Sir, this is no music.")
    write(folder, "cover.jpg", b"\xff\xd8\xff")
    write(folder, "readme.txt", b"hello")
    return folder


@pytest.fixture
def window(new_window: NewWindow, tmp_path: Path) -> MainWindow:
    window = new_window()
    window.desk.open(Project.create(tmp_path / "Songs.musicgen").folder)
    return window


def settled(qtbot: QtBot, tab: DatasetTab, files: int) -> None:
    qtbot.waitUntil(lambda: not tab.scanning and tab.files.table.rowCount() == files, timeout=LONG)


def rows(tab: DatasetTab) -> dict[str, FileRow]:
    found = [tab.files.table.row(index) for index in range(tab.files.table.rowCount())]
    return {row.path.name: row for row in found if row is not None}


def choose(qtbot: QtBot, tab: DatasetTab, path: Path) -> None:
    view = tab.files.view
    index = tab.files.table.index(tab.files.table.position(path), file_table.TITLE)
    view.scrollTo(index)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())
    qtbot.waitUntil(lambda: tab.inspector.row is not None and tab.inspector.row.path == path)


def test_a_folder_is_dropped_read_brushed_edited_and_prepared(
    window: MainWindow, qtbot: QtBot, folder: Path, tmp_path: Path
) -> None:
    tab = window.dataset
    drop(window, folder)
    settled(qtbot, tab, 15)
    found = rows(tab)
    assert found["piece 3.mid"].words == "Ready"
    assert found["torn.mid"].words == "Repaired"
    assert found["torn.mid"].sentences
    assert found["empty.mid"].verdict == found["letter.mid"].verdict == "bad"
    assert "piece 1.mid" in found["the same again.mid"].words
    choose(qtbot, tab, folder / "higher.mid")
    assert "3 semitones" in tab.inspector._findings.text()
    assert "cover.jpg" not in found

    brush_and_check(qtbot, tab)

    # Its copy takes the place of a file that is left out.
    choose(qtbot, tab, folder / "piece 1.mid")
    tab.inspector.fields.used.click()
    qtbot.waitUntil(lambda: rows(tab)["the same again.mid"].words == "Ready")
    qtbot.waitUntil(lambda: tab.files.filter.kinds.findText("Set aside (2)") >= 0)
    tab.editor.undo_stack.undo()
    qtbot.waitUntil(lambda: "piece 1.mid" in rows(tab)["the same again.mid"].words)

    choose(qtbot, tab, folder / "piece 4.mid")
    qtbot.waitUntil(lambda: tab.inspector.score is not None)
    window.activateWindow()
    tab.files.view.setFocus()
    QTest.keyClick(tab.files.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: rows(tab)["piece 4.mid"].words == "Excluded by you")
    assert Project.open(tmp_path / "Songs.musicgen").recipe == tab.editor.recipe
    assert window.verbs["undo"].isEnabled()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: rows(tab)["piece 4.mid"].words == "Ready")
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: rows(tab)["piece 4.mid"].words == "Excluded by you")

    with qtbot.waitSignal(tab.dataset_prepared, timeout=LONG) as prepared:
        qtbot.mouseClick(tab.panel.prepare, Qt.MouseButton.LeftButton)
    files = {piece.file for piece in open_dataset(prepared.args[0]).pieces}
    assert files == {f"piece {number}.mid" for number in range(10) if number != 4} | {"higher.mid", "torn.mid"}
    settled(qtbot, tab, 15)
    used = rows(tab)
    assert used["piece 2.mid"].side == used["higher.mid"].side
    assert {used[name].side for name in files} == {"Training", "Validation"}
    assert not used["empty.mid"].side
    assert "decided otherwise" not in tab.panel.state.text()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "decided otherwise" in tab.panel.state.text()
    assert all("sound device" in message.title for message in window.messages.shown)


def brush_and_check(qtbot: QtBot, tab: DatasetTab) -> None:
    """Choose files by a picture of the whole, and let them all come back."""
    slow = {f"piece {number}.mid" for number in range(0, 10, 2)} | {"higher.mid", "torn.mid"}
    qtbot.waitUntil(lambda: tab.files.set.left.text() == "12 usable files", timeout=LONG)
    drag(tab.files.set.pictures.pictures["tempo"], 5, 5)
    qtbot.waitUntil(lambda: rows(tab).keys() == slow, timeout=LONG)
    assert tab.files.set.chips.words == ("Tempo 96\N{EN DASH}108",)
    assert tab.files.filter.count.text() == "7 of 15 files"
    qtbot.mouseClick(tab.files.set.clear, Qt.MouseButton.LeftButton)
    settled(qtbot, tab, 15)
    qtbot.waitUntil(lambda: "12 pieces (11 works)" in tab.panel.advice.advice.text(), timeout=LONG)


def test_an_import_that_is_killed_half_way_goes_on(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(1_500):
        write(folder, f"{number:04}.mid", midi_bytes(tune(number, 24)))
    tab = window.dataset
    drop(window, folder)
    qtbot.waitUntil(lambda: 0 < tab.desk.waiting < 1_300, timeout=LONG)
    me = psutil.Process(os.getpid())
    killed = [child for child in me.children(recursive=True) if "scan" in " ".join(child.cmdline())]
    for child in killed:
        os.kill(child.pid, signal.SIGKILL)
    assert killed
    qtbot.waitUntil(lambda: not tab.scanning and tab.desk.waiting > 0, timeout=LONG)
    assert "still wait" in tab.panel.state.text()
    assert "scan ended unexpectedly" in window.messages.shown[0].title
    with Library(tmp_path / "Songs.musicgen" / "cache" / "library") as library:
        before = {row.id: row.place for row in library.pages(Query(kind="ready"))}
    assert 0 < len(before) < 1_500
    window.activateWindow()
    QTest.keyClick(tab.files.view, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: not tab.scanning and tab.desk.waiting == 0, timeout=LONG)
    with Library(tmp_path / "Songs.musicgen" / "cache" / "library") as library:
        after = list(library.pages(Query()))
        assert len({row.path for row in after}) == len(after) == 1_500
        assert all(row.place == before[row.id] for row in after if row.id in before)
        assert all(len(library.score(row).notes) == row.notes for row in after[::50])
