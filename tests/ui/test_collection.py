"""The table of files on a library, and the pictures of the whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.library_tables import FACTS, MISSING
from musicgen_app.dataset.library_writer import Found, LibraryWriter, Stamp
from musicgen_app.dataset.recipe import FileEdit
from musicgen_app.ui import file_table
from musicgen_app.ui.file_pane import FilePane
from musicgen_app.ui.file_row import FileRow, length_words
from musicgen_app.ui.file_table import FileTable
from musicgen_app.ui.histograms import Histograms
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.note_counts import NoteCounts
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.inspect import FileFacts

_TEXTS = ("error", "licence", "composer", "metre", "key", "signs")


def facts(name: str, notes: int = 100, verdict: str = "ready", **more: object) -> FileFacts:
    return FileFacts(
        f"/music/{name}.mid", True, notes=notes, seconds=60.0, tracks=1, title=name, verdict=verdict, **more
    )


def known(title: str, notes: int, **more: object) -> dict[str, Any]:
    """What reading a file gave."""
    told: dict[str, Any] = dict.fromkeys(FACTS, 0) | dict.fromkeys(_TEXTS, "")
    told |= {"sha256": title.encode(), "fingerprint": b"", "findings": "[]", "verdict": "ready", "seconds": 60.0}
    return (
        told | {"title": title, "title_key": title.casefold(), "composer_key": "", "notes": notes, "tracks": 1} | more
    )


def filled(folder: Path, files: list[dict[str, Any]], missing: tuple[int, ...] = ()) -> Path:
    """A library of files with these facts, called 0.mid and so on."""
    writer = LibraryWriter(folder / "library")
    source = writer.source(folder)
    writer.add(source, "", [Stamp(f"{number:05}.mid", 1, 0) for number in range(len(files))])
    numbers = [one[0] for one in writer.next_waiting(0, len(files))]
    writer.keep([Found(number, f"{number:05}.mid", told) for number, told in zip(numbers, files, strict=True)])
    writer.mark(MISSING, missing)
    writer.finish()
    writer.close()
    return folder / "library"


@pytest.fixture
def theme(qtbot: QtBot, tmp_path: Path) -> Theme:
    return Theme(glyphs=tmp_path / "glyphs")


@pytest.fixture
def pane(theme: Theme, qtbot: QtBot) -> Iterator[FilePane]:
    pane = FilePane(theme, Icons(theme, theme))
    qtbot.addWidget(pane)
    yield pane
    pane.table.close()


FEW = [known("Solace", 300), known("Bethena", 100, key="C major"), known("Clair", 200, composer="Debussy")]


def shown(table: FileTable, folder: Path, query: Query | None = None, edit: FileEdit | None = None) -> None:
    library = Library(folder)
    table.show_files(library, library.ids(query or Query("title")), lambda row: edit or FileEdit())


def titles(table: FileTable) -> list[str]:
    return [str(table.index(row, file_table.TITLE).data()) for row in range(table.rowCount())]


def cell(table: FileTable, row: int, column: int, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> Any:
    return table.index(row, column).data(role)


def test_rows_stand_in_the_order_of_the_library(pane: FilePane, tmp_path: Path) -> None:
    shown(pane.table, filled(tmp_path, FEW))
    assert titles(pane.table) == ["Bethena", "Clair", "Solace"]
    shown(pane.table, tmp_path / "library", Query("notes", descending=True))
    assert titles(pane.table) == ["Solace", "Clair", "Bethena"]
    assert cell(pane.table, 0, file_table.NOTES) == "300"
    assert cell(pane.table, 1, file_table.COMPOSER) == "Debussy"
    assert cell(pane.table, 2, file_table.KEY) == "C major"
    assert pane.table.position(tmp_path / "00002.mid") == 1
    assert pane.table.position(tmp_path / "nobody.mid") == -1


def test_sorting_filtering_and_choosing_a_verdict_ask_for_other_files(pane: FilePane, qtbot: QtBot) -> None:
    pane.view.sortByColumn(file_table.NOTES, Qt.SortOrder.DescendingOrder)
    with qtbot.waitSignal(pane.query_changed):
        pane.filter.text.setText("satie solace")
    pane.filter.show_kinds({"all": 9, "ready": 5, "set aside": 4})
    assert [pane.filter.kinds.itemText(index) for index in range(3)] == ["All files (9)", "Ready (5)", "Set aside (4)"]
    with qtbot.waitSignal(pane.query_changed):
        pane.filter.kinds.setCurrentIndex(2)
    assert pane.query == Query("notes", descending=True, words=("satie", "solace"), kind="set aside")
    pane.filter.show_kinds({"all": 9, "ready": 9})
    assert pane.query.kind == "set aside"


def test_a_chosen_file_stays_chosen_in_another_order(pane: FilePane, tmp_path: Path, qtbot: QtBot) -> None:
    shown(pane.table, filled(tmp_path, FEW))
    told: list[FileRow | None] = []
    pane.chosen.connect(told.append)
    pane.choose(tmp_path / "00002.mid")
    pane.keep_choice()
    shown(pane.table, tmp_path / "library", Query("notes", descending=True))
    pane.restore_choice()
    assert [pane.table.position_of(number) for number in pane.chosen_numbers()] == [1]
    assert [row.title for row in told if row is not None] == ["Clair"]
    pane.keep_choice()
    shown(pane.table, tmp_path / "library", Query(words=("solace",)))
    pane.restore_choice()
    assert told[-1] is None


def test_all_of_many_files_can_be_chosen_and_stay_chosen(pane: FilePane, tmp_path: Path) -> None:
    folder = filled(tmp_path, [known(f"Piece {number:05}", number) for number in range(3_000)])
    shown(pane.table, folder)
    pane.view.selectAll()
    assert len(pane.chosen_numbers()) == 3_000
    assert len(set(pane.table.keys_of(pane.chosen_numbers()))) == 3_000
    pane.keep_choice()
    shown(pane.table, folder, Query("notes", descending=True, words=("piece 012",)))
    pane.restore_choice()
    assert len(pane.chosen_numbers()) == 100
    assert pane.table.keys_of(pane.chosen_numbers()[:2]) == [
        f"{tmp_path.name}/{name}.mid" for name in ("01200", "01201")
    ]


def test_the_verdict_has_an_icon_words_and_its_findings_as_tooltip(pane: FilePane, tmp_path: Path) -> None:
    files = [
        known("A", 9, verdict="repaired", findings='["Three notes had no end."]'),
        known("B", 0, verdict="set aside: cannot be read.", error="It is no MIDI file."),
        known("C", 2, verdict="set aside: too short"),
        known("D", 2),
    ]
    table = pane.table
    shown(table, filled(tmp_path, files, missing=(4,)), Query("title"))
    assert titles(table) == ["A", "B", "C"]
    told = [cell(table, row, file_table.VERDICT) for row in range(3)]
    assert told == ["Repaired", "Unreadable", "Too short"]
    tips = [cell(table, row, file_table.VERDICT, Qt.ItemDataRole.ToolTipRole) for row in range(3)]
    assert tips[:2] == ["Three notes had no end.", "It is no MIDI file."]
    assert tips[2].startswith("Choose longer pieces")
    icons = [cell(table, row, file_table.VERDICT, Qt.ItemDataRole.DecorationRole) for row in range(3)]
    assert not any(icon.isNull() for icon in icons)
    shown(table, tmp_path / "library", Query(kind="missing"))
    assert cell(table, 0, file_table.VERDICT) == "Missing"
    assert "rescan" in cell(table, 0, file_table.VERDICT, Qt.ItemDataRole.ToolTipRole)
    shown(table, tmp_path / "library", edit=FileEdit(excluded=True, title="Renamed", key="D minor"))
    assert {cell(table, row, file_table.VERDICT) for row in range(3)} == {"Excluded"}
    assert titles(table) == ["Renamed"] * 3


def test_of_many_files_only_those_that_are_seen_are_read(pane: FilePane, tmp_path: Path) -> None:
    folder = filled(tmp_path, [known(f"Piece {number * 7919 % 10_000}", number) for number in range(10_000)])
    pane.show_filled(True)
    pane.resize(900, 600)
    pane.show()
    library = Library(folder)
    asked: list[int] = []
    read = library.rows
    library.rows = lambda ids: (asked.append(len(ids)), read(ids))[1]  # type: ignore[method-assign]
    pane.table.show_files(library, library.ids(Query("notes", descending=True)), lambda _row: FileEdit())
    pane.grab()
    assert pane.table.rowCount() == 10_000
    assert cell(pane.table, 9_999, file_table.NOTES) == "0"
    assert cell(pane.table, 0, file_table.NOTES) == "9,999"
    assert sum(asked) <= 200


def test_a_library_that_is_gone_is_told_once(pane: FilePane, tmp_path: Path) -> None:
    folder = filled(tmp_path, FEW)
    shown(pane.table, folder)
    errors: list[object] = []
    pane.table.failed.connect(errors.append)
    library = pane.table._library
    assert library is not None
    library._connection.execute("DROP TABLE uses")
    assert titles(pane.table) == ["None"] * 3
    assert len(errors) == 1


def test_there_is_nothing_where_there_is_no_cell(pane: FilePane) -> None:
    assert pane.table.data(QModelIndex()) is None
    assert pane.table.columnCount(QModelIndex()) == len(file_table.COLUMNS)
    assert pane.table.position(Path("/elsewhere.mid")) == -1
    assert pane.table.headerData(0, Qt.Orientation.Vertical) is None


def test_lengths_are_written_as_musicians_do() -> None:
    assert [length_words(seconds) for seconds in (0, 65.4, 3725)] == ["0:00", "1:05", "1:02:05"]


def test_the_narrow_table_leaves_out_columns_but_never_the_title(pane: FilePane) -> None:
    pane.show_filled(True)
    pane.show()
    pane.resize(420, 500)
    assert pane.view.isColumnHidden(file_table.FILE)
    assert pane.view.isColumnHidden(file_table.COMPOSER)
    assert pane.view.columnWidth(file_table.TITLE) >= 100
    pane.resize(1300, 500)
    assert not pane.view.isColumnHidden(file_table.FILE)


def test_counts_add_up(theme: Theme, qtbot: QtBot) -> None:
    pitches = tuple(2 if pitch == 60 else 0 for pitch in range(128))
    durations = tuple(2 if place == 10 else 0 for place in range(21))
    one = NoteCounts.known(facts("x", pitches=pitches, velocities=pitches, durations=durations))
    both = one + one + NoteCounts.known(facts("no notes"))
    assert both.notes == 4
    assert both.pitch[60] == 4
    assert both.velocity[15] == 4
    histograms = Histograms(theme)
    qtbot.addWidget(histograms)
    histograms.resize(600, 200)
    histograms.show()
    histograms.show_whole(both)
    histograms.show_piece(one)
    theme.set_mode("light")
    assert histograms.whole is both
    assert histograms.pitch._whole.opts["height"][60] == pytest.approx(1.0)


def test_shares_of_nothing_are_nothing() -> None:
    assert not np.any(NoteCounts.none().pitch)
