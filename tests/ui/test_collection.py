"""The table of files, the histograms, and the scan that fills them."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.qtbot import QtBot

from musicgen_app import environment
from musicgen_app.core.errors import Cancelled
from musicgen_app.core.progress import CancelToken, Progress
from musicgen_app.core.score import Score, make_notes
from musicgen_app.midi.writer import write_midi
from musicgen_app.ui import file_table
from musicgen_app.ui.collection import Collector, prepared_in, updated
from musicgen_app.ui.file_pane import FilePane
from musicgen_app.ui.file_table import FileRow, FileTable, Known, length_words
from musicgen_app.ui.histograms import Histograms
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.note_counts import NoteCounts
from musicgen_app.ui.source_scan import scan
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.inspect import FileFacts, facts_of


def facts(name: str, notes: int = 100, verdict: str = "ready", **more: object) -> FileFacts:
    return FileFacts(
        f"/music/{name}.mid", True, notes=notes, seconds=60.0, tracks=1, title=name, verdict=verdict, **more
    )


@pytest.fixture
def theme(qtbot: QtBot, tmp_path: Path) -> Theme:
    return Theme(glyphs=tmp_path / "glyphs")


@pytest.fixture
def table(theme: Theme) -> FileTable:
    table = FileTable(Icons(theme, theme), theme)
    table.append([FileRow(facts("Solace", 300)), FileRow(facts("Bethena", 100)), FileRow(facts("Clair", 200))])
    return table


def titles(table: FileTable) -> list[str]:
    return [str(table.index(row, file_table.TITLE).data()) for row in range(table.rowCount())]


def test_columns_are_sorted_by_what_they_mean(table: FileTable) -> None:
    table.sort(file_table.TITLE)
    assert titles(table) == ["Bethena", "Clair", "Solace"]
    table.sort(file_table.NOTES, Qt.SortOrder.DescendingOrder)
    assert titles(table) == ["Solace", "Clair", "Bethena"]


def test_files_that_arrive_are_sorted_in_when_all_are_there(table: FileTable) -> None:
    table.sort(file_table.TITLE)
    table.append([FileRow(facts("Arabesque"))])
    assert titles(table)[-1] == "Arabesque"
    table.settle()
    assert titles(table)[0] == "Arabesque"


def test_the_filter_looks_at_title_composer_and_verdict(table: FileTable) -> None:
    table.append([FileRow(facts("Study", verdict="set aside: too short"), Known(composer="Erik Satie"))])
    for words, found in (("satie", ["Study"]), ("SET ASIDE", ["Study"]), ("cl", ["Clair"]), ("", 4)):
        table.set_filter(words)
        assert titles(table) == found if isinstance(found, list) else len(titles(table)) == found


def test_a_chosen_file_stays_chosen_when_the_table_is_sorted(theme: Theme, qtbot: QtBot) -> None:
    pane = FilePane(theme, Icons(theme, theme))
    qtbot.addWidget(pane)
    pane.table.append([FileRow(facts(name)) for name in ("Solace", "Bethena", "Clair")])
    pane.choose(Path("/music/Clair.mid"))
    pane.view.sortByColumn(file_table.TITLE, Qt.SortOrder.DescendingOrder)
    chosen = pane.view.selectionModel().selectedRows()
    assert [pane.table.row(index.row()).title for index in chosen] == ["Clair"]


def test_the_verdict_has_an_icon_words_and_its_findings_as_tooltip(table: FileTable) -> None:
    rows = [
        FileRow(facts("Repaired", verdict="repaired", findings=("Three notes had no end.",))),
        FileRow(FileFacts("/music/bad.mid", False, error="It is no MIDI file.", verdict="set aside: cannot be read.")),
        FileRow(facts("Short", verdict="set aside: too short")),
    ]
    assert [row.verdict for row in rows] == ["warn", "bad", "bad"]
    assert [row.words for row in rows] == ["Repaired", "Unreadable", "Set aside: too short"]
    assert [row.short_words for row in rows] == ["Repaired", "Unreadable", "Too short"]
    table.append(rows)
    cells = [table.index(row, file_table.VERDICT) for row in (3, 4, 5)]
    assert not any(cell.data(Qt.ItemDataRole.DecorationRole).isNull() for cell in cells)
    tips = [cell.data(Qt.ItemDataRole.ToolTipRole) for cell in cells]
    assert tips[:2] == ["Three notes had no end.", "Unreadable\nIt is no MIDI file."]
    assert tips[2].startswith("Set aside: too short\nChoose longer pieces")


def test_there_is_nothing_where_there_is_no_cell(table: FileTable) -> None:
    assert table.data(QModelIndex()) is None
    assert table.rowCount(table.index(0, 0)) == 0
    assert table.position(Path("/elsewhere.mid")) == -1
    assert table.headerData(0, Qt.Orientation.Vertical) is None


def test_lengths_are_written_as_musicians_do() -> None:
    assert [length_words(seconds) for seconds in (0, 65.4, 3725)] == ["0:00", "1:05", "1:02:05"]


def test_ten_thousand_files_are_sorted_and_filtered(theme: Theme, qtbot: QtBot) -> None:
    pane = FilePane(theme, Icons(theme, theme))
    qtbot.addWidget(pane)
    pane.show()
    pane.table.append([FileRow(facts(f"Piece {number * 7919 % 10_000}", notes=number)) for number in range(10_000)])
    pane.view.sortByColumn(file_table.NOTES, Qt.SortOrder.DescendingOrder)
    pane.filter.setText("piece 99")
    assert pane.table.rowCount() == 111


def test_the_narrow_table_leaves_out_columns_but_never_the_title(theme: Theme, qtbot: QtBot) -> None:
    pane = FilePane(theme, Icons(theme, theme))
    qtbot.addWidget(pane)
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


def test_what_a_data_set_knows_stands_in_the_table() -> None:
    corpus = environment.bundled("data", "corpus")
    prepared = prepared_in(environment.bundled("data", "dataset"))
    assert prepared is not None
    assert "pieces" in prepared.summary
    collector = Collector((corpus,), prepared)
    rows = [collector.row(facts_of(path)) for path in sorted(corpus.glob("*.mid"))[:3]]
    assert all(row.known.composer and row.known.licence and row.side for row in rows)
    outside = Collector((), prepared).row(facts_of(sorted(corpus.glob("*.mid"))[0]))
    assert outside.side


def test_there_is_no_data_set_in_an_empty_folder(tmp_path: Path) -> None:
    assert prepared_in(tmp_path) is None


def test_the_verdicts_of_a_preparation_replace_those_of_a_look() -> None:
    collector = Collector((), None)
    rows = [collector.row(facts("one", pitches=(1,) * 128)), collector.row(facts("two"))]
    final = [FileFacts("/music/one.mid", True, verdict="set aside: the same as two.mid")]
    fresh = updated(rows, final, collector)
    assert [row.words for row in fresh] == ["Set aside: the same as two.mid", "Ready"]
    assert fresh[0].facts.pitches == (1,) * 128


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    (folder / "deeper").mkdir(parents=True)
    piece = Score(notes=make_notes([(480 * i, 240, 60 + i % 12, 64) for i in range(40)]))
    write_midi(piece, folder / "one.mid")
    write_midi(piece, folder / "deeper" / "two.mid")
    (folder / "broken.mid").write_bytes(b"this is no MIDI file")
    return folder


def test_a_scan_reports_every_file_and_remembers_it(music: Path, tmp_path: Path) -> None:
    memory = tmp_path / "cache" / "files.txt"
    told: list[object] = []
    assert scan((music, tmp_path / "gone"), memory, told.append, CancelToken()) == 3
    seen = {Path(one.file).name: one for one in told if isinstance(one, FileFacts)}
    assert seen.keys() == {"one.mid", "two.mid", "broken.mid"}
    assert seen["one.mid"].notes == 40
    assert seen["broken.mid"].error
    assert any(isinstance(one, Progress) and one.total == 3 for one in told)
    again: list[object] = []
    scan((music,), memory, again.append, CancelToken())
    assert {one for one in again if isinstance(one, FileFacts)} == set(seen.values())
    assert not any(isinstance(one, Progress) and one.total for one in again)


def test_a_changed_file_and_a_damaged_memory_are_looked_at_again(music: Path, tmp_path: Path) -> None:
    memory = tmp_path / "files.txt"
    scan((music,), memory, lambda _: None, CancelToken())
    shutil.copy(music / "broken.mid", music / "one.mid")
    told: list[object] = []
    scan((music,), memory, told.append, CancelToken())
    assert not next(one for one in told if isinstance(one, FileFacts) and one.file.endswith("one.mid")).ok
    memory.write_text("nonsense")
    told.clear()
    scan((music,), memory, told.append, CancelToken())
    assert sum(isinstance(one, FileFacts) for one in told) == 3


def test_a_scan_can_be_cancelled(music: Path, tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        scan((music,), tmp_path / "files.txt", lambda _: None, cancel)


def test_shares_of_nothing_are_nothing() -> None:
    assert not np.any(NoteCounts.none().pitch)
