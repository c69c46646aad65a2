"""The queue in the window: filled from the table, the form and a sweep, put in order, and run in real processes."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QApplication

from musicgen_app.core.errors import MusicgenError
from musicgen_app.project.document import Project
from musicgen_app.project.queue import CANCELLED, DONE, FAILED, PAUSE, RUNNING, WAITING, QueueEntry
from musicgen_app.project.queue_file import QueueFile
from musicgen_app.project.runs import read_run
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.messages import Message
from musicgen_app.ui.queue_model import PROBLEM, PROGRESS, STATE, TITLE
from musicgen_app.ui.runs_model import TICK
from musicgen_app.ui.runs_pages import QUEUE
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.training_tab import TrainingTab
from tests.ml.synthetic import TINY, write_synthetic
from tests.ui.training_parts import add_run

LEFT = Qt.MouseButton.LeftButton
ALT = Qt.KeyboardModifier.AltModifier
LONG = 240_000


class Told:
    """What the window would hear."""

    def __init__(self, tab: TrainingTab) -> None:
        self.errors: list[MusicgenError] = []
        self.words: list[str] = []
        self.messages: list[Message] = []
        self.interrupted: list[int] = []
        tab.failed.connect(self.errors.append)
        tab.told.connect(self.words.append)
        tab.noticed.connect(self.messages.append)
        tab.queue_interrupted.connect(self.interrupted.append)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.create(tmp_path / "a.musicgen")
    write_synthetic(project.dataset_folder, notes=100)
    return project


@pytest.fixture
def file(project: Project) -> QueueFile:
    return QueueFile(project.folder)


@pytest.fixture
def tab(qtbot, tmp_path: Path) -> TrainingTab:
    theme = Theme()
    tab = TrainingTab(theme, Icons(theme), bundled=tmp_path / "models")
    qtbot.addWidget(tab, before_close_func=lambda widget: widget.shutdown())
    tab.resize(1400, 900)
    tab.show()
    return tab


@pytest.fixture
def told(tab: TrainingTab) -> Told:
    return Told(tab)


def waits(**settings: object) -> QueueEntry:
    return QueueEntry(preset="small", overrides={**TINY, "patience": 0}, dataset="dataset", seed=1, **settings)  # type: ignore[arg-type]


def fill(file: QueueFile, *entries: QueueEntry) -> None:
    file.change(lambda queue: queue.added(entries))


def order(tab: TrainingTab) -> list[int]:
    return [entry.id for entry in tab.queue.queue.entries]


def states(tab: TrainingTab) -> list[str]:
    return [entry.state for entry in tab.queue.queue.entries]


def cell(tab: TrainingTab, number: int, column: int) -> str:
    rows = tab.view.queue.list.rows
    return str(rows.index(rows.position(number), column).data())


def test_ticked_rows_are_queued_with_their_settings(qtbot, tab: TrainingTab, told: Told, project: Project) -> None:
    for batch in (4, 8, 12):
        add_run(project, 5, 4, batch=batch, epochs=7, dropout=0.1)
    tab.set_project(project)
    table, bar = tab.view.table, tab.view.bar
    assert bar.queue.toolTip().startswith("Train with the settings of the chosen run")
    table.choose(1)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert table.meant == (1, 3)
    assert bar.queue.accessibleName() == "Add 2 to queue"
    qtbot.mouseClick(bar.queue, LEFT)
    qtbot.waitUntil(lambda: len(tab.queue.queue.entries) == 2)
    entries = tab.queue.queue.entries
    assert [(one.title, one.overrides["batch"], one.epochs) for one in entries] == [
        ("Run 1 again", 4, 7),
        ("Run 3 again", 12, 7),
    ]
    assert [one.overrides["dropout"] for one in entries] == [0.1, 0.1]
    assert tab.view.pages.segments.button(QUEUE).text() == "Queue (2)"
    assert told.words[-1] == "2 runs are added to the queue"
    row = table.runs.run(2)
    assert row is not None
    menu = table.menu_for(row)
    next(action for action in menu.actions() if action.text() == "Add to queue").trigger()
    qtbot.waitUntil(lambda: len(tab.queue.queue.entries) == 3)
    assert tab.queue.queue.entries[2].overrides["batch"] == 8
    row = table.runs.run(3)
    assert row is not None
    assert "Add the 2 ticked runs to queue" in [action.text() for action in table.menu_for(row).actions()]
    assert table.runs.index(0, TICK).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked


def test_what_cannot_be_repeated_is_a_sentence(qtbot, tab: TrainingTab, told: Told, project: Project) -> None:
    add_run(project, 5, 4)
    folder = add_run(project, 5, 4, status="failed")
    described = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**described, "start": {"title": "Piano"}}))
    tab.set_project(project)
    tab.view.table.runs.set_ticked(1, True)
    tab.filler.add_runs()
    qtbot.waitUntil(lambda: len(told.messages) == 1)
    assert told.messages[0].title == "1 run was not added to the queue."
    assert "The model that Run 2 started from is gone" in told.messages[0].sentence
    assert len(tab.queue.queue.entries) == 1
    (project.dataset_folder / "dataset.json").unlink()
    tab.filler.add_runs()
    qtbot.waitUntil(lambda: len(told.messages) == 2)
    assert told.messages[1].title == "2 runs were not added to the queue."
    assert "holds no prepared data set" in told.messages[1].details


def test_the_settings_of_the_form_are_queued(qtbot, tab: TrainingTab, told: Told, project: Project) -> None:
    tab.set_project(project)
    tab.panel.form.box("epochs").setValue(3)
    tab.panel.form.box("batch").setValue(5)
    qtbot.mouseClick(tab.panel.queue, LEFT)
    (entry,) = tab.queue.queue.entries
    assert (entry.preset, entry.epochs, entry.overrides["batch"], entry.sample["notes"]) == ("medium", 3, 5, 200)
    assert told.words == ["1 run is added to the queue"]
    qtbot.waitUntil(lambda: tab.view.currentIndex() == 2)  # the queue is shown although nothing was trained yet


def test_the_order_is_changed_by_keys_buttons_and_dragging(
    qtbot, tab: TrainingTab, project: Project, file: QueueFile
) -> None:
    fill(file, *(waits(epochs=number) for number in (1, 2, 3, 4)))
    tab.set_project(project)
    tab.view.pages.show_page(QUEUE, focus=True)
    page, listed = tab.view.queue, tab.view.queue.list
    listed.choose(3)
    qtbot.keyClick(listed, Qt.Key.Key_Up, ALT)
    assert order(tab) == [1, 3, 2, 4]
    assert listed.chosen_entry is not None
    assert listed.chosen_entry.id == 3, "the chosen one stays chosen"
    qtbot.keyClick(listed, Qt.Key.Key_Up, ALT)
    qtbot.keyClick(listed, Qt.Key.Key_Up, ALT)
    assert order(tab) == [3, 1, 2, 4]
    assert not page.entry_button("up").isEnabled()
    qtbot.mouseClick(page.entry_button("down"), LEFT)
    assert order(tab) == [1, 3, 2, 4]
    carried = listed.rows.mimeData([listed.rows.index(0, TITLE)])
    listed.rows.dropMimeData(carried, Qt.DropAction.MoveAction, 3, 0, QModelIndex())
    assert order(tab) == [3, 2, 1, 4]
    carried = listed.rows.mimeData([listed.rows.index(3, TITLE)])
    listed.rows.dropMimeData(carried, Qt.DropAction.MoveAction, 0, 0, QModelIndex())
    assert order(tab) == [4, 3, 2, 1]
    qtbot.keyClick(listed, Qt.Key.Key_Delete)
    assert order(tab) == [3, 2, 1]
    assert listed.chosen_entry.id == 3, "the one in its place is chosen"
    assert [entry.id for entry in file.read().entries] == [3, 2, 1]


def test_entries_are_cancelled_put_back_and_cleared(qtbot, tab: TrainingTab, project: Project, file: QueueFile) -> None:
    fill(file, waits(epochs=1), waits(epochs=2), waits(epochs=3))
    file.change(lambda queue: queue.changed(3, state=FAILED, reason="The loss is no longer a number."))
    tab.set_project(project)
    page, listed = tab.view.queue, tab.view.queue.list
    tab.view.pages.show_page(QUEUE)
    listed.choose(1)
    qtbot.mouseClick(page.entry_button("cancel"), LEFT)
    assert states(tab) == [CANCELLED, WAITING, FAILED]
    assert [cell(tab, number, STATE) for number in (1, 2, 3)] == ["Cancelled", "Waiting", "Failed"]
    assert not page.entry_button("cancel").isEnabled()
    qtbot.mouseClick(page.entry_button("again"), LEFT)
    assert states(tab) == [WAITING, WAITING, FAILED]
    assert page.summary.text().startswith("2 runs wait. About")
    listed.choose(3)
    assert page.summary.text() == cell(tab, 3, PROBLEM) == "The loss is no longer a number."
    qtbot.mouseClick(page.clear, LEFT)
    assert order(tab) == [1, 2]
    assert not page.clear.isEnabled()
    where = QPoint(20, listed.rowViewportPosition(0) + 5)
    listed.customContextMenuRequested.emit(where)
    menu = QApplication.activePopupWidget()
    assert menu is not None
    menu.close()
    words = [action.text() for action in listed.menu_for(tab.queue.queue.entries[0]).actions() if action.isEnabled()]
    assert words == ["Move down", "", "Cancel", "", "Remove from the queue"]


@pytest.mark.timeout(1200)
def test_a_queue_is_trained_live_paused_ended_with_the_epoch_and_stopped(
    qtbot, tab: TrainingTab, told: Told, project: Project, file: QueueFile
) -> None:
    sample = {"notes": 20}
    fill(
        file,
        waits(epochs=2, title="Short", sample=sample),
        waits(epochs=4000, title="Ended"),
        waits(epochs=4000, title="Cancelled"),
        waits(epochs=4000, title="Stopped"),
    )
    tab.set_project(project)
    tab.view.pages.show_page(QUEUE)
    page = tab.view.queue
    qtbot.mouseClick(page.go, LEFT)
    assert tab.busy
    qtbot.waitUntil(lambda: states(tab)[0] == DONE, timeout=LONG)
    (short,) = (run for run in project.runs() if run.id == 1)
    assert len(tab.view.plot.curve(1, "validation")) == 2
    assert tab.view.plot.curve(1, "batches").y.size > 0
    assert short.output is not None
    row = tab.view.table.runs.run(1)
    assert row is not None
    assert (row.status, row.title, row.epochs_done, row.score) == ("done", "Short", 2, file.read().entry(1).score)
    assert row.runtime_min is not None
    assert cell(tab, 1, PROGRESS) == f"Score {row.score:.3f}"

    live = tab.shelf
    qtbot.waitUntil(lambda: live.live is not None and len(tab.view.plot.curve(2, "training")) >= 2, timeout=LONG)
    assert tab.view.table.chosen_run is not None
    assert tab.view.table.chosen_run.id == 2, "the run that goes on is the chosen one"
    assert cell(tab, 2, STATE) == "Training"
    assert cell(tab, 2, PROGRESS).endswith("of 4000")
    assert read_run(project.runs_folder / "0002").status == "running"
    assert tab.view.tiles.tiles["epoch"].value().endswith("/ 4000")
    qtbot.mouseClick(page.go, LEFT)
    assert tab.queue.queue.order == PAUSE
    assert cell(tab, 2, STATE) == "Paused"
    assert "Paused" in page.summary.text()
    assert "Paused" in tab.view.phase.words
    assert page.go.accessibleName() == "Go on"
    qtbot.mouseClick(tab.panel.pause, LEFT)
    assert (tab.queue.queue.order, page.go.accessibleName()) == ("", "Pause")

    qtbot.mouseClick(page.epoch_end, LEFT)
    qtbot.waitUntil(lambda: states(tab)[1] == DONE, timeout=LONG)
    ended = read_run(project.runs_folder / "0002")
    assert (ended.status, ended.reason) == ("done", "stopped and kept")
    assert ended.epochs < 4000

    qtbot.waitUntil(lambda: live.live is not None and len(tab.view.plot.curve(3, "training")) >= 1, timeout=LONG)
    tab.train()
    assert told.words[-1] == "1 run is added to the queue", "Train adds to a queue that runs"
    tab.queue.change(lambda queue: queue.removed(5))
    page.list.choose(3)
    qtbot.mouseClick(page.entry_button("cancel"), LEFT)
    qtbot.waitUntil(lambda: live.live is not None and live.live.id == 4, timeout=LONG)
    assert states(tab) == [DONE, DONE, CANCELLED, RUNNING]
    qtbot.waitUntil(lambda: len(tab.view.plot.curve(4, "training")) >= 1, timeout=LONG)
    qtbot.mouseClick(page.stop, LEFT)
    qtbot.waitUntil(lambda: not tab.busy, timeout=LONG)
    assert told.words[-1] == "The queue is stopped and can be continued: 1 run left"
    assert cell(tab, 4, STATE) == "Interrupted"
    assert page.go.accessibleName() == "Continue"
    assert told.errors == []
    assert read_run(project.runs_folder / "0004").can_resume
    assert [run.status for run in project.runs()] == ["done", "done", "stopped", "stopped"]
    assert told.interrupted == []


def test_an_interrupted_queue_is_offered_once(
    qtbot, tab: TrainingTab, told: Told, project: Project, file: QueueFile
) -> None:
    fill(file, waits(epochs=1), waits(epochs=1), waits(epochs=1))
    file.change(lambda queue: queue.changed(1, state=RUNNING, run=1))
    with file.running():
        tab.set_project(project)
        assert told.interrupted == []
        assert "Another process runs it." in tab.view.queue.summary.text()
        assert tab.view.queue.stop.isEnabled()
    qtbot.waitUntil(lambda: told.interrupted == [3])
    assert tab.view.queue.summary.text().startswith("Interrupted. 3 runs wait.")
    qtbot.wait(1200)
    assert told.interrupted == [3]


def test_no_queue_is_started_beside_a_training(qtbot, tab: TrainingTab, told: Told, project: Project) -> None:
    tab.set_project(project)
    tab.filler.add_settings()
    tab.panel.form.box("epochs").setValue(500)
    qtbot.mouseClick(tab.panel.train, LEFT)
    assert not tab.view.queue.go.isEnabled()
    assert "when it has ended" in tab.view.queue.go.toolTip()
    tab.queue.start()
    assert "when it has ended" in str(told.errors[0])
    qtbot.mouseClick(tab.panel.queue_more, LEFT)
    assert len(tab.queue.queue.entries) == 2
    tab.session.stop()
    qtbot.waitUntil(lambda: not tab.busy, timeout=LONG)
    assert tab.view.queue.go.isEnabled()


def test_a_damaged_queue_is_a_sentence(tab: TrainingTab, told: Told, project: Project) -> None:
    (project.folder / "queue.json").write_text('{"version": 1, "entries": [3]}')
    tab.set_project(project)
    assert "queue.json is damaged" in str(told.errors[0])
    assert order(tab) == []
