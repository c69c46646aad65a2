"""The Training tab trains in a real child process, and does to runs what a person asks."""

import json
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices

from musicgen_app.core.errors import MusicgenError, TrainingError
from musicgen_app.generation.checkpoint import Checkpoint, write_checkpoint
from musicgen_app.project.document import Project
from musicgen_app.project.runs import read_run
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.jobs import Job
from musicgen_app.ui.runs_model import TICK, TITLE
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.training_tab import TrainingTab
from musicgen_app.workflow.reports import BatchReport, EpochReport, TrainStarted
from tests.generation.networks import shown_checkpoint
from tests.ml.synthetic import write_synthetic
from tests.ui.training_parts import add_run

LEFT = Qt.MouseButton.LeftButton
LONG = 180_000


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "a.musicgen")


@pytest.fixture
def prepared(project: Project) -> Project:
    write_synthetic(project.dataset_folder, notes=100)
    return project


class Told:
    """What the window would hear."""

    def __init__(self, tab: TrainingTab) -> None:
        self.jobs: list[str] = []
        self.errors: list[MusicgenError] = []
        self.words: list[str] = []
        self.changed: list[Path] = []
        self.models: list[Path] = []
        tab.job_started.connect(lambda job, title: self.jobs.append(title))
        tab.failed.connect(self.errors.append)
        tab.told.connect(self.words.append)
        tab.run_changed.connect(self.changed.append)
        tab.model_chosen.connect(self.models.append)


@pytest.fixture
def tab(qtbot, tmp_path: Path) -> TrainingTab:
    theme = Theme()
    tab = TrainingTab(theme, Icons(theme), bundled=tmp_path / "models")
    qtbot.addWidget(tab, before_close_func=lambda widget: widget.shutdown())
    tab.resize(1200, 700)
    tab.show()
    return tab


@pytest.fixture
def told(tab: TrainingTab) -> Told:
    return Told(tab)


def make_it_short(tab: TrainingTab, epochs: int) -> None:
    for name, value in (("epochs", epochs), ("batch", 4), ("window", 24)):
        tab.panel.form.box(name).setValue(value)


def state_is(tab: TrainingTab, *states: str):  # type: ignore[no-untyped-def]
    return lambda: tab.session.state in states


def test_two_epochs_are_trained_and_both_losses_stand_in_the_plot(
    qtbot, tab: TrainingTab, told: Told, prepared: Project
) -> None:
    tab.set_project(prepared)
    make_it_short(tab, 2)
    qtbot.mouseClick(tab.panel.train, LEFT)
    assert tab.busy
    assert tab.session.state == "preparing"
    assert tab.panel.queue_more.isEnabled(), "other settings can be queued meanwhile"
    qtbot.waitUntil(state_is(tab, "idle"), timeout=LONG)
    assert told.errors == []
    assert told.jobs == ["Training run 1"]
    assert len(tab.view.plot.curve(1, "training")) == 2
    assert len(tab.view.plot.curve(1, "validation")) == 2
    assert len(tab.view.plot.curve(1, "batches")) > 0
    assert tab.view.tiles.tiles["epoch"].value() == "2 / 2"
    (run,) = prepared.runs()
    assert run.status == "done"
    assert run.checkpoint is not None
    assert run.settings["batch"] == 4
    assert told.changed[0] == run.folder
    assert "is trained" in told.words[-1]
    assert "best model is from epoch" in tab.notes.story
    assert (prepared.folder / "runs.csv").read_text().count("\n") == 2
    assert tab.panel.train.isEnabled()

    assert tab.panel.resume.text() == "Train Run 1 further"
    tab.panel.form.box("epochs").setValue(1)
    qtbot.mouseClick(tab.panel.resume, LEFT)
    qtbot.waitUntil(state_is(tab, "idle"), timeout=LONG)
    assert told.errors == []
    assert tab.view.plot.curve(1, "training").x.tolist() == [1, 2, 3]
    assert prepared.runs()[0].status == "done"


def test_a_training_is_paused_goes_on_is_stopped_resumed_and_kept(
    qtbot, tab: TrainingTab, told: Told, prepared: Project
) -> None:
    tab.set_project(prepared)
    make_it_short(tab, 500)
    tab.panel.form.box("patience").setValue(0)
    qtbot.mouseClick(tab.panel.train, LEFT)
    qtbot.waitUntil(lambda: len(tab.view.plot.curve(1, "training")) >= 2, timeout=LONG)

    qtbot.mouseClick(tab.panel.pause, LEFT)
    assert tab.session.state == "paused"
    assert tab.panel.pause.text() == "Go on"
    assert "Paused" in tab.view.phase.words
    qtbot.waitUntil(lambda: standing_still(qtbot, tab), timeout=LONG)
    before = len(tab.view.plot.curve(1, "batches"))
    qtbot.mouseClick(tab.panel.pause, LEFT)
    assert tab.session.state == "training"
    qtbot.waitUntil(lambda: len(tab.view.plot.curve(1, "batches")) > before, timeout=LONG)

    qtbot.mouseClick(tab.panel.stop, LEFT)
    qtbot.waitUntil(state_is(tab, "idle"), timeout=LONG)
    run = read_run(prepared.runs_folder / "0001")
    assert run.status == "stopped"
    assert run.can_resume
    assert "can be resumed" in told.words[-1]
    done = run.epochs

    assert tab.panel.resume.isVisible()
    qtbot.mouseClick(tab.panel.resume, LEFT)
    qtbot.waitUntil(lambda: len(tab.view.plot.curve(1, "training")) > done, timeout=LONG)
    qtbot.mouseClick(tab.panel.keep, LEFT)
    qtbot.waitUntil(state_is(tab, "idle"), timeout=LONG)
    assert told.errors == []
    run = read_run(prepared.runs_folder / "0001")
    assert run.status == "done"
    assert run.epochs > done
    assert tab.view.plot.curve(1, "training").x.tolist() == list(range(1, run.epochs + 1))
    assert run.losses.train.tolist() == pytest.approx(tab.view.plot.curve(1, "training").y.tolist())


def standing_still(qtbot, tab: TrainingTab) -> bool:
    """Whether no batch arrives any more (the one under way at the pause may still have)."""
    before = len(tab.view.plot.curve(1, "batches"))
    qtbot.wait(700)
    return len(tab.view.plot.curve(1, "batches")) == before


def test_a_run_that_started_from_a_model_says_so_and_brings_it_with_its_settings(
    tab: TrainingTab, prepared: Project, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    made = shown_checkpoint()
    write_checkpoint(
        tmp_path / "models" / "piano.safetensors", Checkpoint(replace(made.header, title="Piano"), made.weights)
    )
    folder = add_run(prepared, 5, 4, batch=4)
    (folder / "start.safetensors").write_bytes((tmp_path / "models" / "piano.safetensors").read_bytes())
    described = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**described, "start": {"title": "Piano"}}))
    tab.set_project(prepared)
    assert tab.notes.story.startswith("It started from the model Piano.")
    assert tab.notes._facts.value("Started from") == "Piano"
    start = tab.panel.form.start
    start.choose(None)
    tab._on_asked("clone", 1)
    assert start.choice.currentText() == "Bundled piano model", "its settings are for the model it started from"
    assert (tab.panel.form.value().units, tab.panel.form.value().batch) == (24, 4)


def test_what_does_not_fit_is_not_trained(tab: TrainingTab, told: Told, prepared: Project, root: Path) -> None:
    tab.set_project(prepared)
    tab.panel.form.start.choose(root / "models" / "piano.safetensors")
    tab.train()
    assert not tab.busy
    assert prepared.runs() == ()
    assert "musicgen prepare --pedal none" in str(told.errors[0])


def test_closing_stops_the_training_and_leaves_no_process_behind(
    qtbot, tab: TrainingTab, told: Told, prepared: Project
) -> None:
    tab.set_project(prepared)
    make_it_short(tab, 500)
    tab.train()
    children = psutil.Process().children
    qtbot.waitUntil(lambda: any("musicgen_app.worker" in " ".join(child.cmdline()) for child in children()))
    tab.shutdown()
    assert not tab.busy
    assert not any("musicgen_app.worker" in " ".join(child.cmdline()) for child in children())
    assert told.errors == []
    tab.shutdown()


def test_a_training_that_cannot_begin_ends_in_a_sentence(
    qtbot, tab: TrainingTab, told: Told, prepared: Project
) -> None:
    tab.set_project(prepared)
    (prepared.dataset_folder / "rows.npy").write_bytes(b"damaged meanwhile")
    tab.train()
    qtbot.waitUntil(state_is(tab, "idle"), timeout=LONG)
    (error,) = told.errors
    assert "damaged" in error.message


def test_the_last_word_of_a_training_that_was_shut_down_does_not_end_the_next(qtbot, tab: TrainingTab) -> None:
    tab.session._set_state("training")
    tab.session._job = Job(lambda report, cancel: None, tab.session)
    tab.session._on_cancelled()
    tab.session._on_failed(TrainingError("Too late."))
    tab.session._on_succeeded(None)
    tab.session._on_report("anything")
    assert tab.busy
    tab.session._job = None
    tab.session._set_state("idle")


def test_without_a_data_set_the_way_there_is_shown(qtbot, tab: TrainingTab, project: Project) -> None:
    tab.set_project(project)
    assert tab.view.currentWidget() is tab.view.no_dataset
    assert not tab.panel.train.isEnabled()
    with qtbot.waitSignal(tab.dataset_asked):
        qtbot.mouseClick(tab.view.no_dataset.button, LEFT)
    tab.train()
    assert not tab.busy
    write_synthetic(project.dataset_folder)
    tab.refresh_dataset()
    assert tab.view.currentWidget() is tab.view.no_runs
    assert tab.panel.train.isEnabled()


def test_a_damaged_data_set_is_told(tab: TrainingTab, told: Told, prepared: Project) -> None:
    (prepared.dataset_folder / "dataset.json").write_text("{")
    tab.set_project(prepared)
    assert len(told.errors) == 1
    assert not tab.panel.train.isEnabled()


class Playback:
    """Stands for a training: hands the session what its child process would report."""

    def __init__(self, tab: TrainingTab, folder: Path) -> None:
        self.tab = tab
        self.folder = folder
        tab.session._state = "preparing"
        tab.session._run = folder
        tab.shelf.begin(read_run(folder, running=True))

    def started(self, **facts: int) -> None:
        report = TrainStarted(self.folder, "small", 1000, 10, 500, 100, 40, **facts)
        self.tab.session._set_state("training")
        self.tab.session.started.emit(report)

    def batch(self, epoch: int, batch: int, loss: float = 5.0) -> None:
        self.tab.session.batch_done.emit(BatchReport(epoch, batch, 10, loss, 4321.0, 75.0, 40))

    def epoch(self, epoch: int, train: float, validation: float | None) -> None:
        with (self.folder / "losses.csv").open("a") as file:
            file.write(f"{epoch},{train},{'' if validation is None else validation},,,,,,10\n")
        self.tab.session.epoch_done.emit(EpochReport(epoch, train, validation, {}, 10.0, 4321.0, True, 40))

    def end(self) -> None:
        self.tab.session._run = None
        self.tab.session._set_state("idle")


def test_figures_are_shown_while_they_arrive(tab: TrainingTab, told: Told, prepared: Project) -> None:
    tab.set_project(prepared)
    play = Playback(tab, add_run(prepared, status="running"))
    play.started()
    play.batch(1, 5)
    tiles = tab.view.tiles
    assert tiles.tiles["epoch"].value() == "1 / 40"
    assert tiles.tiles["speed"].value() == "4,321"
    assert tiles.tiles["left"].value() == "1 min 15 s"
    assert tiles.bar.value() == 500
    assert dict(tab.view.plot.drawing().lines) == {"unigram": 11.0, "4gram": 6.0}
    play.epoch(1, 5.0, 5.5)
    assert told.changed == [play.folder]
    assert tiles.tiles["training"].value() == "5.000"
    assert tiles.tiles["validation"].value() == "5.500"
    tab.shelf.read_live()
    assert tiles.tiles["best"].value() == "5.500"
    assert "so far" in tab.notes.story
    play.epoch(2, 4.0, None)
    play.end()
    tab._on_stopped()


def test_a_failure_tells_what_is_kept(tab: TrainingTab, told: Told, prepared: Project) -> None:
    tab.set_project(prepared)
    play = Playback(tab, add_run(prepared, 5, 4, status="failed"))
    play.started()
    play.end()
    tab.session.failed.emit(TrainingError("There was not enough memory.", "Choose a smaller network."))
    (error,) = told.errors
    assert error.hint == "Choose a smaller network. The best model so far, from epoch 2, is kept."
    assert tab.shelf.runs[0].status == "failed"


def test_a_resumed_run_keeps_the_points_before_and_drops_those_done_again(tab: TrainingTab, prepared: Project) -> None:
    folder = add_run(prepared, 5, 4, 3, status="stopped")
    tab.set_project(prepared)
    play = Playback(tab, folder)
    play.started(first_epoch=3)
    assert tab.view.plot.curve(1, "training").x.tolist() == [1, 2]
    play.epoch(3, 2.5, 2.75)
    assert tab.view.plot.curve(1, "training").x.tolist() == [1, 2, 3]
    play.end()
    tab._on_stopped()


class TestRuns:
    @pytest.fixture(autouse=True)
    def some_runs(self, tab: TrainingTab, prepared: Project) -> None:
        add_run(prepared, 5, 4, 4.5, learning_rate=0.001, epochs=3)
        add_run(prepared, 6, 5, status="stopped", dropout=0.4)
        tab.set_project(prepared)

    def test_the_newest_run_is_chosen_drawn_and_its_settings_shown(self, tab: TrainingTab) -> None:
        assert [run.id for run in tab.shelf.runs] == [2, 1]
        assert tab.shelf.chosen.id == 2
        assert tab.view.plot.keys == (2,)
        assert tab.panel.form.value().dropout == 0.4
        assert tab.view.tiles.tiles["validation"].value() == "5.000"
        assert tab.panel.resume.text() == "Resume Run 2"

    def test_the_chosen_run_is_on_the_plot_while_it_is_chosen(self, tab: TrainingTab) -> None:
        table, plot = tab.view.table, tab.view.plot
        ticked = set(table.runs.ticks)
        other = next(row.id for row in table.runs.runs if row.id not in ticked)
        table.choose(other)
        assert set(plot.keys) == ticked | {other}
        table.choose(next(iter(ticked)))
        assert set(plot.keys) == ticked
        table.choose(other)
        table.runs.set_ticked(other, True)
        table.choose(next(iter(ticked)))
        assert set(plot.keys) == ticked | {other}

    def test_the_chosen_run_brings_the_lines_it_is_compared_with(self, tab: TrainingTab) -> None:
        assert dict(tab.view.plot.drawing().lines) == {"unigram": 11.0, "4gram": 8.0}
        tab.view.table.choose(1)
        assert dict(tab.view.plot.drawing().lines) == {"unigram": 11.0, "4gram": 9.0}
        assert "A 4-gram needs 9.000, a unigram 11.000." in tab.notes.story

    def test_ticked_runs_are_drawn_together(self, tab: TrainingTab) -> None:
        model = tab.view.table.runs
        tick = model.index(1, TICK)
        assert model.setData(tick, Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
        assert set(tab.view.plot.keys) == {1, 2}
        assert model.setData(tick, Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
        assert tab.view.plot.keys == (2,)

    def test_a_click_on_the_tick_and_the_space_key_tick(self, qtbot, tab: TrainingTab) -> None:
        table = tab.view.table
        place = table.visualRect(table.runs.index(1, TICK)).center()
        qtbot.mouseClick(table.viewport(), LEFT, pos=place)
        assert set(tab.view.plot.keys) == {1, 2}
        table.choose(1)
        qtbot.keyClick(table, Qt.Key.Key_Space)
        assert tab.view.plot.keys == (2,)

    def test_a_run_is_renamed_in_the_table(self, tab: TrainingTab, told: Told, prepared: Project) -> None:
        model = tab.view.table.runs
        assert model.setData(model.index(0, TITLE), " Waltzes ")
        assert not model.setData(model.index(0, TITLE), "  ")
        assert prepared.runs()[1].title == "Waltzes"
        assert model.index(0, TITLE).data() == "Waltzes"
        assert len(told.changed) == 1

    def test_notes_are_kept_with_the_run(self, tab: TrainingTab, prepared: Project) -> None:
        tab.notes.text_edit.setPlainText("Lower rate next time.")
        tab.view.table.choose(1)
        assert prepared.runs()[1].notes == "Lower rate next time."
        assert tab.notes.text_edit.toPlainText() == ""
        tab.notes.text_edit.setPlainText("The best.")
        tab.shutdown()
        assert prepared.runs()[0].notes == "The best."

    def test_a_deleted_run_can_be_brought_back(self, qtbot, tab: TrainingTab, told: Told, prepared: Project) -> None:
        tab.view.table.choose(1)
        qtbot.keyClick(tab.view.table, Qt.Key.Key_Delete)
        assert [run.id for run in prepared.runs()] == [2]
        assert "Run 1 was deleted" in tab.view.undo.words
        qtbot.mouseClick(tab.view.undo.button, LEFT)
        assert [run.id for run in prepared.runs()] == [1, 2]
        assert tab.shelf.chosen.id == 1
        assert tab.view.undo.words == ""
        assert told.errors == []

    def test_what_cannot_be_brought_back_or_written_is_told(
        self, tab: TrainingTab, told: Told, prepared: Project
    ) -> None:
        tab.shelf.delete(1)
        (prepared.runs_folder / ".trash" / "0001").rename(prepared.folder / "elsewhere")
        tab.shelf.undo_delete()
        tab.shelf.undo_delete()
        (prepared.runs_folder / "0002" / "label.json").mkdir()
        tab.view.table.runs.renamed.emit(2, "x")
        assert len(told.errors) == 2

    def test_the_run_that_goes_on_is_not_deleted(self, tab: TrainingTab, prepared: Project) -> None:
        play = Playback(tab, prepared.runs_folder / "0002")
        tab.shelf.delete(2)
        assert len(prepared.runs()) == 2
        menu = {action.text(): action for action in tab.view.table.menu_for(tab.view.table.chosen_run).actions()}
        assert not menu["Delete"].isEnabled()
        play.end()
        tab._on_stopped()

    def test_the_menu_of_a_run_does_what_it_says(
        self, tab: TrainingTab, told: Told, prepared: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened: list[str] = []
        monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or True)
        tab.view.table.choose(1)
        menu = {action.text(): action for action in tab.view.table.menu_for(tab.view.table.chosen_run).actions()}
        assert menu["Train further"].isEnabled()
        menu["Clone as new run"].trigger()
        assert tab.panel.form.value().learning_rate == 0.001
        menu["Use in Generation"].trigger()
        assert told.models == [prepared.runs_folder / "0001" / "model.safetensors"]
        menu["Open folder"].trigger()
        assert opened == [str(prepared.runs_folder / "0001")]
        menu["Delete"].trigger()
        assert [run.id for run in prepared.runs()] == [2]

    def test_the_model_of_the_chosen_run_can_be_used(self, qtbot, tab: TrainingTab, told: Told) -> None:
        qtbot.mouseClick(tab.notes._generate, LEFT)
        assert len(told.models) == 1

    def test_settings_of_another_version_leave_the_form_alone(self, tab: TrainingTab, prepared: Project) -> None:
        path = prepared.runs_folder / "0002" / "run.json"
        path.write_text(json.dumps({"config": {"preset": "small", "colour": 3}}))
        before = tab.panel.form.value()
        tab.set_project(prepared)
        assert tab.panel.form.value() == before

    def test_measured_speeds_are_shown_on_the_cards(self, tab: TrainingTab) -> None:
        assert tab.shelf.speeds() == {"small": 5000.0}
        assert "here" in tab.panel.form.cards.card("small")._speed.text()

    def test_another_project_replaces_everything(self, tab: TrainingTab, tmp_path: Path) -> None:
        tab.set_project(Project.create(tmp_path / "b.musicgen"))
        assert tab.shelf.runs == ()
        assert tab.view.plot.keys == ()
        assert tab.view.plot.drawing().lines == ()
        assert tab.shelf.chosen is None


def test_train_keeps_its_place_whether_a_run_can_be_resumed_or_not(tab: TrainingTab, prepared: Project) -> None:
    run = read_run(add_run(prepared, 9.0))
    place = {tab.panel.foot.totalSizeHint().height()}
    for shown in (run, None, run):
        tab.panel.show_resumable(shown)
        place.add(tab.panel.foot.totalSizeHint().height())
    assert len(place) == 1
