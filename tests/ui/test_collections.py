"""Public collections in the window: chosen, agreed to, fetched from a server of our own, and added to the sources."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from musicgen_app.core.errors import CollectionError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score, make_notes
from musicgen_app.dataset import collections
from musicgen_app.dataset.collections import COLLECTIONS, Collection
from musicgen_app.dataset.download import Clock, Limits
from musicgen_app.dataset.web import Redirected
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.document import Project
from musicgen_app.ui import collect_desk, collections_dialog
from musicgen_app.ui.collect_desk import progress_words
from musicgen_app.ui.collection_cards import ELSEWHERE
from musicgen_app.ui.collections_dialog import CollectionsDialog
from musicgen_app.ui.main_window import MainWindow
from musicgen_app.workflow.collect import CollectConfig, Means, collect
from tests.web import Site, Watch, serving
from tests.windows import NewWindow, new_window, settings
from tests.workflow.test_collect import archive_of

__all__ = ["new_window", "settings"]

WAIT = 60_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def archive(tmp_path: Path) -> bytes:
    """Two pieces and a text."""
    files = {"set/README.md": b"Music."}
    for number, name in enumerate(("allegro", "berceuse")):
        notes = [(240 * i, 200, 48 + (i * (number + 2)) % 30, 40 + i % 60) for i in range(400)]
        write_midi(Score(notes=make_notes(notes)), tmp_path / "piece.mid")
        files[f"set/{name}.mid"] = (tmp_path / "piece.mid").read_bytes()
    return archive_of(files)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, archive: bytes) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "*")
    with serving(Site(archive)) as site:
        yield site


@pytest.fixture
def known(site: Site, monkeypatch: pytest.MonkeyPatch) -> Collection:
    """A collection that lies on our server and may not be sold, the only one of the table."""
    one = Collection(
        "ours",
        "Our set",
        "Music.",
        "CC BY-NC 4.0",
        "Us",
        "https://us.org",
        site.address,
        len(site.content),
        hashlib.sha256(site.content).hexdigest(),
    )
    monkeypatch.setattr(collections, "COLLECTIONS", (one,))
    return one


@pytest.fixture
def window(new_window: NewWindow, tmp_path: Path) -> MainWindow:
    window = new_window()
    window.start(Project.create(tmp_path / "Songs.musicgen").folder)
    return window


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetch in the job's own thread, where the table of the test counts, without waiting between two tries."""

    def run(_verb: str, config: CollectConfig, report: Report, cancel: CancelToken) -> object:
        watch = Watch()
        return collect(config, report, cancel, Means(limits=Limits(tries=2), clock=Clock(watch.now, watch.sleep)))

    monkeypatch.setattr(collect_desk, "run_in_child", run)


def click(inside: QWidget, text: str) -> None:
    button = next(found for found in inside.findChildren(QPushButton) if found.text() == text)
    QTest.mouseClick(button, LEFT)


def opened(window: MainWindow, qtbot: QtBot) -> CollectionsDialog:
    """The dialog, asked for by its button."""
    click(window.dataset.panel, "Collections...")
    dialog = window.collecting.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def type_into(dialog: CollectionsDialog, address: str, folder: Path) -> None:
    QTest.mouseClick(dialog.cards.card(ELSEWHERE), LEFT)
    QTest.keyClicks(dialog.address, address)
    dialog.folder.line.selectAll()
    QTest.keyClicks(dialog.folder.line, str(folder))


def licences(window: MainWindow) -> dict[str, str]:
    """The files of the table with their licences, as they are shown."""
    table = window.dataset.files.table
    titles = [table.headerData(column, Qt.Orientation.Horizontal) for column in range(table.columnCount())]
    file, licence = titles.index("File"), titles.index("Licence")
    return {
        str(table.index(row, file).data()): str(table.index(row, licence).data() or "")
        for row in range(table.rowCount())
    }


def arrived(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until the two pieces stand in the table."""
    qtbot.waitUntil(lambda: len(licences(window)) == 2 and not window.dataset.scanning, timeout=WAIT)


def test_a_transfer_that_broke_off_is_stopped_and_gone_on_with_later(
    window: MainWindow, qtbot: QtBot, site: Site, tmp_path: Path
) -> None:
    dialog = opened(window, qtbot)
    out = tmp_path / "music/pieces"
    type_into(dialog, "ftp://example.org/a.zip", out)
    click(dialog, "Fetch")
    assert "no web address" in dialog.told.text()
    dialog.address.clear()
    assert not dialog.fetch.isEnabled()
    type_into(dialog, site.address, out)
    site.breaks = [3000, *[0] * 50]
    click(dialog, "Fetch")
    assert window.collecting.dialog is None
    qtbot.waitUntil(lambda: "try again: the connection broke off" in window.status.jobs[0].words, timeout=WAIT)
    QTest.mouseClick(window.status.jobs[0].findChild(QAbstractButton), LEFT)
    qtbot.waitUntil(lambda: not window.collecting.busy, timeout=WAIT)
    assert "is kept" in window.status.note.text()
    assert not out.exists()
    assert window.messages.shown == ()

    site.breaks = []
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    again = window.collecting.dialog
    assert again is not None
    assert again.told.text() == "0.0 MB of it are here already; Fetch goes on from there."
    QTest.keyClick(again, Qt.Key.Key_Return)
    arrived(window, qtbot)
    assert site.asked[-1] == "bytes=3000-"
    assert window.dataset.panel.sources.item(0).toolTip() == str(out)
    assert window.messages.shown[0].title == "2 files of music came from music.zip."
    assert "licence is not known" in window.messages.shown[0].sentence


def test_a_licence_is_agreed_to_before_anything_is_fetched_and_stands_in_the_table(
    window: MainWindow,
    qtbot: QtBot,
    site: Site,
    known: Collection,
    at_once: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collections, "COLLECTIONS", (replace(known, sha256="0" * 64),))
    window.settings.set_folder("collections", tmp_path)
    dialog = opened(window, qtbot)
    assert (dialog.consent.isVisible(), dialog.consent.isChecked()) == (True, False)
    assert "CC BY-NC 4.0" in dialog.terms.text()
    assert not dialog.fetch.isEnabled()
    assert dialog.told.text() == "Accept the licence to fetch it."
    dialog.consent.setFocus()
    QTest.keyClick(dialog.consent, Qt.Key.Key_Space)
    assert site.asked == []
    click(dialog, "Fetch")
    qtbot.waitUntil(lambda: len(window.messages.shown) == 1, timeout=WAIT)
    assert window.messages.shown[0].title == "The file that came is not the one expected."
    assert "expected 0000" in window.messages.shown[0].sentence
    assert list(tmp_path.glob("*ours*")) == []

    monkeypatch.setattr(collections, "COLLECTIONS", (known,))
    dialog = opened(window, qtbot)
    assert not dialog.fetch.isEnabled()
    dialog.consent.setChecked(True)
    click(dialog, "Fetch")
    arrived(window, qtbot)
    assert set(licences(window).values()) == {"CC BY-NC 4.0"}
    assert (tmp_path / "ours").is_dir()
    assert window.messages.shown[0].sentence == "Licence CC BY-NC 4.0. To name: Us"
    assert "checksum is the one expected" in window.messages.shown[0].details

    dialog = opened(window, qtbot)
    dialog.consent.setChecked(True)
    assert dialog.told.text() == "It is there already, 2 files; Fetch adds it to the sources."
    click(dialog, "Fetch")
    qtbot.waitUntil(lambda: window.messages.shown[0].title == "Our set was there already: 2 files.", timeout=WAIT)
    assert len(site.asked) == 2


def test_an_archive_that_only_a_browser_can_fetch_is_named(
    window: MainWindow, qtbot: QtBot, at_once: None, archive: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "midis.zip").write_bytes(archive)
    monkeypatch.setattr(collections_dialog, "can_read_notation", lambda: False)
    dialog = opened(window, qtbot)
    assert "extra [notation] is missing" in dialog.details.lack.text()
    assert dialog.details.lack.isVisible()
    QTest.mouseClick(dialog.cards.card("giantmidi"), LEFT)
    assert not dialog.details.lack.isVisible()
    QTest.mouseClick(dialog.details.copy, LEFT)
    assert QGuiApplication.clipboard().text() == next(one.home for one in COLLECTIONS if one.name == "giantmidi")
    assert not dialog.fetch.isEnabled()
    QTest.keyClicks(dialog.archive.line, str(tmp_path / "gone.zip"))
    dialog.folder.line.setText(str(tmp_path / "giant"))
    click(dialog, "Fetch")
    assert "There is no file" in dialog.told.text()
    dialog.archive.line.setText(str(tmp_path / "midis.zip"))
    click(dialog, "Fetch")
    arrived(window, qtbot)
    assert set(licences(window).values()) == {"CC BY 4.0"}


def test_a_folder_follows_the_choice_and_keeps_the_place_a_person_named(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened(window, qtbot)
    folder = dialog.folder.line
    folder.selectAll()
    QTest.keyClicks(folder, str(tmp_path / "mine"))
    QTest.mouseClick(dialog.cards.card("maestro"), LEFT)
    assert folder.text() == str(tmp_path / "maestro")
    QTest.mouseClick(dialog.cards.card(ELSEWHERE), LEFT)
    QTest.keyClicks(dialog.address, "example.org/a/ragtime.tar.gz")
    assert folder.text() == str(tmp_path / "ragtime")
    monkeypatch.setattr(collections_dialog.QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "else"))
    QTest.mouseClick(dialog.folder.browse, LEFT)
    assert folder.text() == str(tmp_path / "else" / "ragtime")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert window.collecting.dialog is None


def test_a_download_outlasts_its_project_but_does_not_change_another(
    window: MainWindow, qtbot: QtBot, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    def run(_verb: str, config: CollectConfig, report: Report, cancel: CancelToken) -> object:
        while not go.wait(0.02):
            cancel.check()
        return collect(config, report, cancel)

    monkeypatch.setattr(collect_desk, "run_in_child", run)
    first = CollectConfig(site.address, tmp_path / "out")
    window.collecting.fetch(first)
    window.collecting.fetch(first)
    assert window.messages.shown[0].title == "out is being fetched already."
    window.collecting.fetch(CollectConfig(site.address, tmp_path / "second"))
    assert len(window.status.jobs) == 2
    window.status.jobs[1].job.cancel()
    window.desk.open(Project.create(tmp_path / "Other.musicgen").folder)
    go.set()
    qtbot.waitUntil(lambda: not window.collecting.busy, timeout=WAIT)
    assert window.dataset.panel.sources.count() == 0
    assert str(tmp_path / "out") in window.messages.shown[0].sentence
    go.clear()
    window.collecting.fetch(CollectConfig(site.address, tmp_path / "third"))
    window.collecting.shutdown()
    QApplication.processEvents()
    assert not window.collecting.busy
    assert not (tmp_path / "third").exists()


def test_the_status_bar_speaks_of_megabytes() -> None:
    told = progress_words(Progress("Downloading (kB)", 12_300, 58_400, 9.0))
    assert told == Progress("Downloading, 12.3 of 58.4 MB", 12_300, 58_400, 9.0)
    assert progress_words(Progress("Downloading (kB)", 500)) == Progress("Downloading, 0.5 MB", 500)
    assert progress_words(Progress("Unpacking (kB)", 1500, item="a.mid")) == Progress("Unpacking, 1.5 MB", item="a.mid")
    assert progress_words(Redirected("a.org", "b.org")) == Progress("a.org sends us on to b.org")
    assert progress_words(CollectionError("no report")) is None
