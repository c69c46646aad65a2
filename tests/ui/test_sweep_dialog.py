"""The sweep builder counts before anything is queued, marks what cannot be read, and adds all or none."""

from pathlib import Path

import pytest

from musicgen_app.ml.windowed_config import WindowedTrainConfig
from musicgen_app.project.document import Project
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.sweep_dialog import SweepDialog
from musicgen_app.ui.sweep_rows import Base
from musicgen_app.ui.theme import Theme
from musicgen_app.workflow.queue_time import Pace
from tests.ml.synthetic import TINY, tiny_config, write_synthetic


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.create(tmp_path / "a.musicgen")
    write_synthetic(project.dataset_folder, notes=100)
    return project


@pytest.fixture
def dialog(qtbot, project: Project) -> SweepDialog:
    theme = Theme()
    base = Base(tiny_config(epochs=10), TINY)
    dialog = SweepDialog(project, base, Pace(1000, {"small": 100.0}), Icons(theme))
    qtbot.addWidget(dialog, before_close_func=lambda widget: widget.shutdown())
    dialog.show()
    return dialog


def vary(dialog: SweepDialog, *pairs: tuple[str, str]) -> None:
    while len(dialog.rows) < len(pairs):
        dialog.more.click()
    for row, (name, values) in zip(dialog.rows, pairs, strict=True):
        row.setting.setCurrentIndex(row.setting.findData(name))
        row.values.setText(values)


def test_runs_and_time_are_told_before_they_are_added(qtbot, dialog: SweepDialog, project: Project) -> None:
    assert (dialog.count.text(), dialog.add.isEnabled()) == ("No run yet", False)
    vary(dialog, ("dropout", "0.1:0.3:0.1"), ("seed", "1, 2"), ("temperature", "0.9, 1.1"))
    times = " \N{MULTIPLICATION SIGN} "
    assert dialog.count.text().startswith(f"3{times}2{times}2 = 12 runs, about 22 min")
    assert dialog.add.text() == "Add 12 runs"
    assert not (project.folder / "queue.json").exists()
    dialog.add.click()
    qtbot.waitUntil(lambda: len(dialog.entries) == 12)
    entry = dialog.entries[-1]
    assert (entry.overrides["units"], entry.overrides["dropout"], entry.seed) == (TINY["units"], 0.3, 2)
    assert (entry.sample["temperature"], entry.epochs) == (1.1, 10)
    assert entry.title == "dropout 0.3, seed 2, temperature 1.1"


def test_a_range_that_cannot_be_read_is_marked(dialog: SweepDialog) -> None:
    vary(dialog, ("dropout", "0.1:0.3:0.1"), ("seed", "1:"))
    assert "is no range" in dialog.told.text()
    assert [row.values.property("wrong") or False for row in dialog.rows] == [False, True]
    assert not dialog.add.isEnabled()
    dialog.rows[1].values.setText("1:2")
    assert dialog.add.isEnabled()
    assert not dialog.rows[1].values.property("wrong")
    vary(dialog, ("seed", "1"), ("seed", "2"))
    assert "given twice" in dialog.told.text()
    dialog.rows[1].remove.click()
    assert [row.name for row in dialog.rows] == ["seed"]
    assert dialog.add.text() == "Add 1 run"


def test_what_is_out_of_range_is_told_and_nothing_is_added(qtbot, dialog: SweepDialog) -> None:
    vary(dialog, ("dropout", "0.1, 5"))
    dialog.add.click()
    qtbot.waitUntil(lambda: "Nothing was added" in dialog.told.text())
    assert "with dropout 5" in dialog.told.text()
    assert dialog.entries == ()
    vary(dialog, ("seed", "0:2000"))
    assert "at most 1,000" in dialog.told.text()


def test_each_kind_of_network_has_its_own_settings() -> None:
    ours, seeds = Base(tiny_config()), Base(WindowedTrainConfig.from_preset("seed-base"))
    assert {"preset", "units", "dropout", "transpose", "notes"} <= ours.settings.keys()
    assert {"optimizer", "time_decay", "recurrent_dropout"} <= seeds.settings.keys()
    assert "units" not in seeds.settings
    assert "preset" not in Base(tiny_config(), start=Path("piano.safetensors")).settings
