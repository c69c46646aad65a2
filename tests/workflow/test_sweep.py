"""Settings as they are typed become checked entries; lists and ranges become their product."""

from pathlib import Path

import pytest

from musicgen_app.core.errors import Cancelled, DatasetError, UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.store import Dataset
from musicgen_app.project.document import Project
from musicgen_app.workflow.queue_settings import new_entry, parsed_settings
from musicgen_app.workflow.sweep import parsed_axes, run_count, sweep_entries


@pytest.fixture
def project(tmp_path: Path, small_dataset: Dataset) -> Project:
    made = Project.create(tmp_path / "a.musicgen")
    made.dataset_folder = small_dataset.folder
    return made


def test_settings_of_the_training_and_of_the_music_stand_side_by_side(project: Project) -> None:
    words = ["preset=small", "batch_size=8", "dropout=0.25", "seed=11", "epochs=3", "notes=50", "sample_seed=2"]
    entry = new_entry(project, parsed_settings([*words, "temperature=0.9", "title=One, two=3"]))
    assert (entry.preset, entry.epochs, entry.minutes, entry.seed) == ("small", 3, None, 11)
    assert entry.overrides == {"batch": 8, "dropout": 0.25}
    assert entry.sample == {"notes": 50, "seed": 2, "temperature": 0.9}
    assert entry.title == "One, two=3"
    assert entry.sample["notes"] == 50
    usual = new_entry(project, {})
    assert (usual.preset, usual.epochs, usual.seed, usual.sample) == ("medium", 40, 0, {"notes": 200})
    assert new_entry(project, {"notes": 0}).sample == {}
    assert new_entry(project, {"bars": 4}).sample == {"bars": 4}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["dropout"], "no setting"),
        (["=3"], "no setting"),
        (["dropout="], "no setting"),
        (["units=16", "units=32"], "twice"),
        (["colour=3"], "no setting 'colour'"),
        (["preset=huge"], "no preset 'huge'"),
        (["dropout=2"], "Dropout is 2"),
        (["dropout=much"], "Dropout is 'much'"),
        (["units=16.5"], "whole number"),
        (["epochs=0"], "Epochs is 0"),
        (["notes=2.5"], "whole number"),
        (["temperature=hot"], "expected a number"),
        (["temperature=9"], "temperature"),
        (["notes=5", "bars=5"], "one length"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_added(project: Project, words: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        new_entry(project, parsed_settings(words))


def test_without_a_data_set_nothing_can_be_added(tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        new_entry(Project.create(tmp_path / "b.musicgen"), {})


def test_lists_and_ranges_become_values() -> None:
    found = {
        axis.name: axis.values
        for axis in parsed_axes(
            [
                "units=128,256",
                "dropout=0.1:0.5:0.1",
                "seed=1:3,7,7",
                "learning_rate=0.0001:0.1:*10",
                "batch=4:32:*2",
                "repeats=true,1",
                "title=a,b",
            ]
        )
    }
    assert found["units"] == (128, 256)
    assert found["dropout"] == (0.1, 0.2, 0.3, 0.4, 0.5)
    assert found["seed"] == (1, 2, 3, 7)
    assert found["learning_rate"] == (0.0001, 0.001, 0.01, 0.1)
    assert found["batch"] == (4, 8, 16, 32)
    assert found["repeats"] == (True, 1)
    assert found["title"] == ("a,b",)


@pytest.mark.parametrize(
    "word",
    [
        *("a=1:", "a=3:1", "a=1:2:0", "a=1:2:-1", "a=1:2:3:4", "a=1:nan", "a=1:x", "a=0:4:*2", "a=1:4:*1", "a=1,,2"),
        *("a=0:1:0.00001", "a=1:1e30:*1.0001"),
    ],
)
def test_a_range_without_an_end_is_refused(word: str) -> None:
    with pytest.raises(UsageError):
        parsed_axes([word])


def test_a_sweep_is_the_product_counted_and_named(project: Project) -> None:
    axes = parsed_axes(["preset=small", "units=16,32", "dropout=0.1:0.3:0.1", "seed=1,2", "epochs=2"])
    assert run_count(axes) == 12
    entries = sweep_entries(project, axes, silent, CancelToken())
    assert len(entries) == 12
    assert len({(entry.overrides["units"], entry.overrides["dropout"], entry.seed) for entry in entries}) == 12
    assert [entry.seed for entry in entries[:3]] == [1, 2, 1]
    assert entries[0].title == "units 16, dropout 0.1, seed 1"


def test_a_sweep_is_bounded_and_all_or_nothing(project: Project) -> None:
    with pytest.raises(UsageError, match=r"This makes 101 runs.*--most 101"):
        sweep_entries(project, parsed_axes(["seed=0:100"]), silent, CancelToken())
    with pytest.raises(UsageError, match="2,000,000 runs"):
        sweep_entries(project, parsed_axes(["seed=1:2000", "units=16:1015"]), silent, CancelToken(), 10**9)
    with pytest.raises(UsageError, match=r"Dropout is 0\.9.*\(with dropout 0\.9\)\. Nothing was added"):
        sweep_entries(project, parsed_axes(["dropout=0.8:0.9:0.1"]), silent, CancelToken())
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        sweep_entries(project, parsed_axes(["seed=1,2"]), silent, cancel)
