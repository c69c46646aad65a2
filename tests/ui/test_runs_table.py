"""The table of runs sorts, filters and shows the columns a person wants; the chosen run stays chosen."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from musicgen_app.project.run_rows import RunRow, run_rows
from musicgen_app.project.runs import write_imported
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.run_columns import COLUMNS, NAMES, USUAL, USUAL_IMPORTED
from musicgen_app.ui.runs_bar import RunsBar
from musicgen_app.ui.runs_model import STATE
from musicgen_app.ui.runs_table import RunsTable
from musicgen_app.ui.theme import Theme
from tests.project.experiments import row
from tests.project.test_runs import make_run

CONFIG = {"preset": "small", "batch": 16, "learning_rate": 0.003, "window": 96, "dropout": 0.3, "epochs": 5}
ROWS = (
    {"test_id": "7", "loss": "0.5", "score": "0.4", "minutes": "90", "pick": "3", "comments": "base model / Étude"},
    {"test_id": "8", "loss": "-", "epochs": "700", "minutes": "-", "comments": "complex model 2", "Problems": "broken"},
    {"test_id": "9", "loss": "1.25", "weight_decay": "0.05", "minutes": "2", "comments": "complex model 1"},
)


@pytest.fixture
def rows(tmp_path: Path) -> tuple[RunRow, ...]:
    for number, cells in enumerate(ROWS, 1):
        folder = tmp_path / f"{number:04d}"
        folder.mkdir()
        write_imported(folder, row(**cells), "2026-01-02T03:04:05+00:00")
    make_run(tmp_path / "0004", "1,5,4,,,,,,60\n2,4.5,4.25,,,,,,60\n", config=CONFIG, status="finished")
    return run_rows(tmp_path)


@pytest.fixture
def table(qtbot, rows: tuple[RunRow, ...]) -> RunsTable:
    theme = Theme()
    table = RunsTable(theme, Icons(theme))
    qtbot.addWidget(table)
    table.resize(1000, 300)
    table.show()
    table.set_runs(rows, set())
    return table


def shown(table: RunsTable) -> list[int]:
    return [run.id for place in range(table.runs.rowCount()) if (run := table.runs.at(place)) is not None]


def visible(table: RunsTable) -> set[str]:
    return {name for place, name in enumerate(NAMES) if not table.isColumnHidden(place)}


def words(table: RunsTable, number: int, name: str) -> str:
    return str(table.runs.index(table.runs.position(number), NAMES.index(name)).data())


def test_imported_rows_show_what_their_table_says(table: RunsTable) -> None:
    assert shown(table) == [4, 3, 2, 1]
    assert [words(table, 1, name) for name in ("title", "status", "network", "loss", "score", "time")] == [
        "Test 7", "Imported", "Base", "0.500", "0.400", "1 h 30 min",
    ]  # fmt: skip
    assert [words(table, 2, name) for name in ("epochs", "loss", "time", "problems")] == [
        "700", "\N{EN DASH}", "\N{EN DASH}", "broken",
    ]  # fmt: skip
    assert words(table, 3, "lr_time_decay") == "0.05"
    assert [words(table, 4, name) for name in ("epochs", "validation", "loss", "best_epoch", "time")] == [
        "2 / 5", "4.000", "5.000", "1", "2 min",
    ]  # fmt: skip


def test_numbers_stand_at_the_right_and_words_at_the_left(table: RunsTable) -> None:
    for place, column in enumerate(COLUMNS):
        side = Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft
        for there in (
            table.runs.index(0, place).data(Qt.ItemDataRole.TextAlignmentRole),
            table.runs.headerData(place, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole),
        ):
            assert there & side


def test_a_click_on_a_heading_sorts_and_a_third_one_brings_the_newest_first(qtbot, table: RunsTable) -> None:
    header = table.horizontalHeader()
    loss = NAMES.index("loss")

    def click() -> None:
        place = header.sectionViewportPosition(loss) + 20
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=header.rect().center().__class__(place, 8))

    click()
    assert shown(table) == [1, 3, 4, 2]
    click()
    assert shown(table) == [4, 3, 1, 2]
    click()
    assert shown(table) == [4, 3, 2, 1]


@pytest.mark.parametrize("name", NAMES)
def test_every_column_can_be_sorted_by_both_ways(table: RunsTable, name: str) -> None:
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        table.horizontalHeader().setSortIndicator(NAMES.index(name), order)
        assert sorted(shown(table)) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("complex", [3, 2]),
        ("COMPLEX2", [2]),
        ("étude", [1]),
        ("small", [4]),
        ("0.05", [3]),
        ("nothing", []),
        (" ", [4, 3, 2, 1]),
    ],
)
def test_the_filter_looks_at_all_words(table: RunsTable, text: str, found: list[int]) -> None:
    table.set_filter(text)
    assert shown(table) == found


def test_of_many_runs_the_words_are_ready_before_anybody_types(
    qtbot, table: RunsTable, rows: tuple[RunRow, ...]
) -> None:
    many = tuple(rows[0]._replace(id=number, title=f"Number {number}") for number in range(1, 1001))
    table.set_runs(many, set())
    table.runs.set_filter("number 999")
    assert shown(table) == [999]
    qtbot.waitUntil(lambda: len(table.runs._searched) == 1000)
    qtbot.waitUntil(lambda: not table.runs._texts.isActive())
    table.runs.update_run(many[0]._replace(title="First"))
    table.runs.set_filter("first")
    assert 1 in shown(table)
    table.set_runs(many, set())
    table.set_runs(rows, set())
    qtbot.waitUntil(lambda: not table.runs._texts.isActive())
    table.runs.set_filter("number 999")
    assert shown(table) == []


def test_the_chosen_run_stays_chosen_while_it_is_shown(qtbot, table: RunsTable) -> None:
    told: list[int] = []
    table.chosen.connect(told.append)
    table.choose(2)
    table.horizontalHeader().setSortIndicator(NAMES.index("title"), Qt.SortOrder.AscendingOrder)
    table.set_filter("complex")
    assert table.chosen_run is not None
    assert (table.chosen_run.id, told) == (2, [2])
    table.set_filter("base")
    assert table.chosen_run is None
    assert told == [2, 0]


def test_columns_follow_from_what_there_is_until_a_person_chooses(table: RunsTable, rows: tuple[RunRow, ...]) -> None:
    assert visible(table) == {*USUAL_IMPORTED, "validation"}
    table.set_runs(rows[:3], set())
    assert visible(table) == set(USUAL_IMPORTED)
    table.set_runs(rows[3:], set())
    assert visible(table) == set(USUAL)
    table.resize(600, 300)
    assert visible(table) < set(USUAL)
    table.set_columns(("comments", "score", "no such column"))
    assert visible(table) == {"tick", "title", "score", "comments"}


def test_columns_are_chosen_in_a_menu(qtbot, table: RunsTable) -> None:
    menu = QMenu(table)
    table.fill_columns(menu)
    actions = {action.text(): action for action in menu.actions()}
    assert not actions["The usual ones"].isEnabled()
    menu.triggered.connect(table.choose_column)
    with qtbot.waitSignal(table.columns_changed):
        actions["Comments"].trigger()
    assert "comments" not in visible(table)
    assert "comments" not in table.columns
    table.fill_columns(menu)
    with qtbot.waitSignal(table.columns_changed):
        {action.text(): action for action in menu.actions()}["The usual ones"].trigger()
    assert visible(table) == {*USUAL_IMPORTED, "validation"}


def test_the_bar_filters_and_counts(qtbot, table: RunsTable) -> None:
    theme = Theme()
    bar = RunsBar(table, Icons(theme))
    qtbot.addWidget(bar)
    assert bar.count.text() == "4 runs"
    qtbot.keyClicks(bar.filter, "complex")
    assert shown(table) == [3, 2]
    assert bar.count.text() == "2 of 4 runs"
    bar.set_busy(True)
    assert bar.count.text() == "2 of 4 runs, reading"
    with qtbot.waitSignal(bar.import_asked):
        qtbot.mouseClick(bar.take_in, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(bar.judge_asked):
        qtbot.mouseClick(bar.judge, Qt.MouseButton.LeftButton)


def test_what_is_newly_known_of_a_run_stands_where_it_stood(table: RunsTable, rows: tuple[RunRow, ...]) -> None:
    table.set_filter("complex")
    table.runs.update_run(rows[1]._replace(title="Again"))
    assert words(table, 2, "title") == "Again"
    table.runs.update_run(rows[0]._replace(title="Hidden"))
    table.runs.update_run(rows[0]._replace(id=99))
    assert shown(table) == [3, 2]
    table.set_filter("hidden")
    assert shown(table) == [1]


def test_the_state_tells_why(table: RunsTable) -> None:
    tooltip = table.runs.index(table.runs.position(2), STATE).data(Qt.ItemDataRole.ToolTipRole)
    assert tooltip == "broken"
    menu = {action.text(): action for action in table.menu_for(table.runs.run(1)).actions()}
    assert not menu["Use in Generation"].isEnabled()
    assert not menu["Open its output"].isEnabled()
    assert menu["Clone as new run"].isEnabled()
