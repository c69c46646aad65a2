"""Runs are listed beside the window: first as they were known, then, where something has changed, as they are."""

from pathlib import Path

import pytest

from musicgen_app.project import run_index
from musicgen_app.project.document import Project
from musicgen_app.project.run_index import index_stamp, read_index, refresh_index
from musicgen_app.project.runs import label_run
from musicgen_app.ui.run_lister import RunLister
from tests.project.test_run_rows import imported

LONG = 60_000


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = Project.create(tmp_path / "a.musicgen").folder
    for number in range(1, 4):
        imported(folder / "runs" / f"{number:04d}", test_id=str(number))
    refresh_index(folder)
    return folder


@pytest.fixture
def lister(qtbot) -> RunLister:
    lister = RunLister()
    yield lister
    lister.stop()


def listed(qtbot, lister: RunLister, project: Path) -> list[list[str]]:
    """The titles of the rows, as often as they were told."""
    told: list[list[str]] = []
    lister.listed.connect(lambda rows: told.append([row.title for row in rows]))
    with qtbot.waitSignal(lister.ended, timeout=LONG):
        lister.start(project)
        assert lister.busy
    assert not lister.busy
    return told


def test_rows_that_are_as_they_were_known_are_told_once(qtbot, lister: RunLister, project: Path) -> None:
    assert listed(qtbot, lister, project) == [["Test 1", "Test 2", "Test 3"]]


def test_rows_that_have_changed_are_told_again(qtbot, lister: RunLister, project: Path) -> None:
    label_run(project / "runs" / "0002", "Two", "")
    assert listed(qtbot, lister, project) == [["Test 1", "Test 2", "Test 3"], ["Test 1", "Two", "Test 3"]]


def test_without_an_index_rows_are_told_when_they_are_read(qtbot, lister: RunLister, project: Path) -> None:
    (project / "cache" / run_index.INDEX_FILE).unlink()
    assert listed(qtbot, lister, project) == [["Test 1", "Test 2", "Test 3"]]


def test_a_listing_that_is_stopped_says_no_more(qtbot, lister: RunLister, project: Path) -> None:
    told: list[object] = []
    lister.listed.connect(told.append)
    lister.ended.connect(lambda: told.append("ended"))
    lister.start(project)
    lister.stop()
    assert not lister.busy
    qtbot.wait(200)
    assert told == []


def test_the_stamp_of_an_index_changes_with_it_and_reading_it_lets_others_go_first(project: Path) -> None:
    before = index_stamp(project)
    refresh_index(project)
    assert index_stamp(project) == before
    label_run(project / "runs" / "0002", "Two", "")
    refresh_index(project)
    assert index_stamp(project) not in (before, (0, 0, 0))
    assert index_stamp(project / "none") == (0, 0, 0)
    breaths: list[int] = []
    assert len(read_index(project, lambda: breaths.append(1)).rows) == 3
    assert breaths == [1]
