"""The table of takes: written whole, read with what is usable, cut where a training goes on."""

import json
from pathlib import Path

import pytest

from musicgen_app.project.timeline import (
    Timeline,
    TimelineTake,
    cut_timeline,
    read_timeline,
    take_file,
    timeline_folder,
    write_timeline,
)


def take(epoch: int, batch: int = 0, validation: float | None = 2.5) -> TimelineTake:
    """A take; an epoch has ten batches."""
    done = epoch - 1 if batch else epoch
    return TimelineTake(
        epoch, batch, done + batch / 10, 10 * done + batch, 60.0 * epoch, 2.0, validation, 7, 90, 20, 0.5
    )


def written(run: Path, *takes: TimelineTake, given_up: float = 0.0) -> Timeline:
    """A run's folder with these takes."""
    timeline = Timeline(takes, given_up)
    timeline_folder(run).mkdir(exist_ok=True)
    for one in takes:
        take_file(run, one).write_bytes(b"MThd")
    write_timeline(run, timeline)
    return timeline


def test_it_comes_back_as_it_was_written(tmp_path: Path) -> None:
    timeline = written(tmp_path, take(1), take(2, 4, None), take(2), given_up=1.25)
    assert read_timeline(tmp_path) == timeline
    assert timeline.cost_sec == pytest.approx(2.75)
    table = json.loads((tmp_path / "timeline" / "takes.json").read_text())
    assert [row["file"] for row in table["takes"]] == ["epoch-0001.mid", "epoch-0002-batch-00004.mid", "epoch-0002.mid"]
    assert table["cost_sec"] == 2.75
    assert (take(1).loss, take(1, validation=None).loss) == (2.5, 2.0)


def test_a_run_without_one_has_no_takes(tmp_path: Path) -> None:
    assert read_timeline(tmp_path) == Timeline()
    assert cut_timeline(tmp_path, 5) == Timeline()


def test_what_is_damaged_or_gone_is_left_out(tmp_path: Path) -> None:
    written(tmp_path, take(1), take(2), take(3))
    path = tmp_path / "timeline" / "takes.json"
    table = json.loads(path.read_text())
    table["takes"][0]["step"] = "ten"
    table["takes"] += ["no row", {}, {**table["takes"][1], "epoch": 9, "at": None}]
    path.write_text(json.dumps(table))
    take_file(tmp_path, take(3)).unlink()
    assert read_timeline(tmp_path).takes == (take(2),)
    path.write_text('{"takes": 3}')
    assert read_timeline(tmp_path) == Timeline()


def test_it_is_cut_where_a_training_goes_on(tmp_path: Path) -> None:
    written(tmp_path, take(1), take(2), take(3))
    (tmp_path / "timeline" / "epoch-0004.mid").write_bytes(b"without a row")
    (tmp_path / "timeline" / ".unfinished-1.mid").write_bytes(b"half")
    (tmp_path / "timeline" / "prompt.mid").write_bytes(b"MThd")
    assert cut_timeline(tmp_path, 20).takes == (take(1), take(2))
    left = sorted(path.name for path in (tmp_path / "timeline").iterdir())
    assert left == ["epoch-0001.mid", "epoch-0002.mid", "prompt.mid", "takes.json"]
    assert read_timeline(tmp_path).takes == (take(1), take(2))
