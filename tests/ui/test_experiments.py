"""Experiments come into the open project, are looked at, cloned and heard, and leave it as a table."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.project import document
from musicgen_app.project.document import Project
from musicgen_app.project.run_index import INDEX_FILE
from musicgen_app.tokens.note_file import write_json
from musicgen_app.ui.experiments import Experiments
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.messages import Message
from musicgen_app.ui.reference_dialog import ReferenceDialog
from musicgen_app.ui.settings import Settings
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.training_tab import TrainingTab
from musicgen_app.workflow.experiments import ImportReport, ImportRequest, import_experiments
from tests.project.experiments import write_experiments
from tests.ui.training_parts import add_run

LONG = 60_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_experiments(tmp_path / "experiments")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "a.musicgen")


@pytest.fixture
def experiments(qtbot, project: Project, tmp_path: Path) -> Experiments:
    window = QWidget()
    found = Experiments(Settings(tmp_path / "settings.ini"), window)
    qtbot.addWidget(window, before_close_func=lambda widget: found.shutdown())
    found.set_project(project)
    return found


@pytest.fixture
def tab(qtbot) -> TrainingTab:
    theme = Theme()
    tab = TrainingTab(theme, Icons(theme))
    qtbot.addWidget(tab, before_close_func=lambda widget: widget.shutdown())
    tab.resize(1200, 700)
    tab.show()
    return tab


def test_experiments_are_imported_shown_and_exported(
    qtbot,
    experiments: Experiments,
    tab: TrainingTab,
    folder: Path,
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tab.set_project(project)
    experiments.imported.connect(tab.shelf.reload)
    noticed: list[Message] = []
    told: list[str] = []
    experiments.noticed.connect(noticed.append)
    experiments.told.connect(told.append)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    with qtbot.waitSignal(experiments.imported, timeout=LONG):
        experiments.ask_import()
        assert experiments.busy
        experiments.import_from(folder)
    assert told == ["Imported 4 rows, 2 logs and 2 outputs."]
    assert noticed[0].title == told[0]
    assert "No log was found for 1 row: 4." in noticed[0].details
    assert [run.title for run in tab.shelf.runs] == ["Test 4", "Test 3", "Test 2", "Test 1"]
    qtbot.waitUntil(lambda: tab.view.currentIndex() == 2)

    out = tmp_path / "out.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    experiments.ask_export()
    qtbot.waitUntil(out.exists, timeout=LONG)
    qtbot.waitUntil(lambda: told[-1] == "Exported out.csv", timeout=LONG)
    assert out.read_text().count("\n") == 5


def test_outputs_are_judged_and_told(
    qtbot, experiments: Experiments, tab: TrainingTab, folder: Path, project: Project, tmp_path: Path
) -> None:
    import_experiments(ImportRequest(folder, project.folder), silent, CancelToken())
    (project.runs_folder / "0001" / "1_output.mid").write_bytes(b"torn")
    tab.set_project(project)
    tab.view.table.choose(2)
    write_json(["C4", "C#4", "D4", "E-4"] * 4, tmp_path / "notes.json")
    experiments.judged.connect(tab.shelf.read_again)
    noticed: list[Message] = []
    experiments.noticed.connect(noticed.append)
    with qtbot.waitSignal(experiments.told, timeout=LONG) as told:
        experiments.judge_against(tmp_path / "notes.json")
        assert experiments.busy
    assert told.args[0].startswith("1 output was held against notes.json")
    assert noticed[0].sentence.startswith("Test 1: 1_output.mid")
    assert "too has 8 tokens" in tab.notes.story or "All 8 tokens" in tab.notes.story
    row = tab.view.table.runs.run(2)
    assert row is not None
    assert (row.longest_copy, row.longest_stuck) == (8, 1)
    with qtbot.waitSignal(experiments.failed, timeout=LONG):
        experiments.judge_against(tmp_path / "none")


def test_outputs_are_judged_by_themselves_where_the_list_is_among_the_files(
    qtbot, experiments: Experiments, folder: Path, project: Project
) -> None:
    write_json(["C4", "C#4", "D4", "E-4"] * 8, folder / "notes.json")
    told: list[str] = []
    experiments.told.connect(told.append)
    with qtbot.waitSignal(experiments.judged, timeout=LONG):
        experiments.import_from(folder)
    assert told[-1].startswith("2 outputs were held against notes.json") or "1 output was held" in told[-1]
    assert (project.folder / "reference" / "reference.json").is_file()
    del told[:]
    with qtbot.waitSignal(experiments.judged, timeout=LONG):
        experiments.import_from(folder)
    assert told == ["Imported 0 rows, 0 logs and 0 outputs."], "there is nothing new to judge"


def test_the_reference_is_named_or_chosen(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = ReferenceDialog(tmp_path, tmp_path / "dataset")
    qtbot.addWidget(dialog)
    assert not dialog.judge.isEnabled()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "notes"), ""))
    dialog.file.click()
    assert dialog.chosen == tmp_path / "notes"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "music"))
    dialog.folder.click()
    assert dialog.chosen == tmp_path / "music"
    dialog.own.click()
    assert dialog.chosen == tmp_path / "dataset"
    dialog.judge.click()
    assert dialog.result() == ReferenceDialog.DialogCode.Accepted


def test_an_import_that_cannot_be_done_ends_in_a_sentence(qtbot, experiments: Experiments, tmp_path: Path) -> None:
    errors: list[MusicgenError] = []
    experiments.failed.connect(errors.append)
    with qtbot.waitSignal(experiments.failed, timeout=LONG):
        experiments.import_from(tmp_path / "a.musicgen")
    assert "holds no table" in errors[0].message
    assert not experiments.busy


def test_a_stopped_import_says_what_is_kept(qtbot, experiments: Experiments, folder: Path) -> None:
    told: list[str] = []
    experiments.told.connect(told.append)
    experiments.import_from(folder)
    experiments.cancel()
    qtbot.waitUntil(lambda: not experiments.busy, timeout=LONG)
    assert told == ["Stopped. What was imported so far is kept; importing again adds the rest."]


def test_nothing_begins_without_a_project_or_a_name(
    qtbot, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    experiments = Experiments(Settings(tmp_path / "settings.ini"), window)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    experiments.ask_import()
    experiments.ask_export()
    experiments.import_from(folder)
    experiments.export_to(tmp_path / "x.csv")
    experiments._on_succeeded(ImportReport(1, 0, 0, ()))
    experiments._on_cancelled()
    experiments._on_failed(MusicgenError("Late."))
    assert not experiments.busy


class TestImported:
    @pytest.fixture(autouse=True)
    def some(self, tab: TrainingTab, folder: Path, project: Project) -> None:
        import_experiments(ImportRequest(folder, project.folder), silent, CancelToken())
        tab.set_project(project)

    def test_its_log_is_drawn_like_any_other(self, tab: TrainingTab) -> None:
        tab.view.table.choose(2)
        tab.view.table.runs.setData(tab.view.table.runs.index(2, 0), 2, 10)
        assert tab.view.plot.curve(2, "training").y.tolist() == [3.0, 1.25, 1.75]
        assert tab.view.tiles.tiles["best"].value() == "1.250"
        assert "lowest loss, 1.250, in epoch 2" in tab.notes.story

    def test_its_settings_are_those_of_the_table(self, tab: TrainingTab) -> None:
        tab.view.table.choose(1)
        assert tab.notes._imported_facts.value("LR time decay (seed)") == "0.05"
        assert tab.notes._imported_facts.value("Network") == "Base"
        assert not tab.notes._generate.isVisible()

    def test_its_output_is_opened(self, qtbot, tab: TrainingTab, project: Project) -> None:
        tab.view.table.choose(2)
        with qtbot.waitSignal(tab.output_asked) as asked:
            tab.notes._output.click()
        assert asked.args == [project.runs_folder / "0002" / "2_output.mid"]
        tab.view.table.choose(3)
        assert not tab.notes._output.isVisible()

    def test_it_is_cloned_as_a_new_run(self, tab: TrainingTab) -> None:
        told: list[str] = []
        tab.told.connect(told.append)
        before = tab.panel.form.value()
        tab.view.table.choose(2)
        menu = {action.text(): action for action in tab.view.table.menu_for(tab.view.table.chosen_run).actions()}
        menu["Clone as new run"].trigger()
        config = tab.panel.form.value()
        assert before != config
        assert (config.learning_rate, config.batch, config.window, config.preset) == (0.002, 64, 20, "seed-complex2")
        assert told == ["The form has the settings of Test 2."]


class TestMany:
    """A project whose runs are read beside the window; here three are many."""

    @pytest.fixture(autouse=True)
    def many(self, monkeypatch: pytest.MonkeyPatch, project: Project, tab: TrainingTab) -> None:
        monkeypatch.setattr(document, "FEW_RUNS", 2)
        for loss in (5, 4, 3):
            add_run(project, loss, learning_rate=0.001 * loss)
        tab.set_project(project)

    def test_the_runs_come_later(self, qtbot, tab: TrainingTab, project: Project) -> None:
        assert tab.shelf.reading
        assert "reading" in tab.view.bar.count.text()
        qtbot.waitUntil(lambda: tab.view.currentIndex() == 2)
        qtbot.waitUntil(lambda: not tab.shelf.reading, timeout=LONG)
        assert [run.id for run in tab.shelf.runs] == [3, 2, 1]
        assert tab.view.plot.keys == (3,)
        assert tab.panel.form.value().learning_rate == 0.003
        assert tab.view.bar.count.text() == "3 runs"
        assert (project.folder / "cache" / INDEX_FILE).is_file()
        assert (project.folder / "runs.csv").is_file()

    def test_what_was_known_is_shown_at_once_and_then_what_is_new(
        self, qtbot, tab: TrainingTab, project: Project
    ) -> None:
        qtbot.waitUntil(lambda: not tab.shelf.reading, timeout=LONG)
        add_run(project, 2)
        tab.set_project(project)
        qtbot.waitUntil(lambda: len(tab.shelf.runs) == 3, timeout=LONG)
        qtbot.waitUntil(lambda: len(tab.shelf.runs) == 4, timeout=LONG)
        qtbot.waitUntil(lambda: not tab.shelf.reading, timeout=LONG)

    def test_another_project_ends_the_reading(self, tab: TrainingTab, tmp_path: Path) -> None:
        tab.set_project(Project.create(tmp_path / "b.musicgen"))
        assert not tab.shelf.reading
        assert tab.shelf.runs == ()

    def test_where_no_index_can_be_kept_the_runs_are_listed_all_the_same(
        self, qtbot, tab: TrainingTab, project: Project
    ) -> None:
        tab.shelf.shutdown()
        (project.folder / "cache").write_text("no folder")
        tab.set_project(project)
        qtbot.waitUntil(lambda: not tab.shelf.reading, timeout=LONG)
        assert len(tab.shelf.runs) == 3
