"""JSON files are written whole, read with care, and brought up to date."""

from pathlib import Path

import pytest

from musicgen_app.core.errors import ProjectError
from musicgen_app.project import store


def test_what_is_written_is_read(tmp_path: Path) -> None:
    store.write_json(tmp_path / "new" / "a.json", {"words": "für", "number": 3})
    assert store.read_json(tmp_path / "new" / "a.json") == {"words": "für", "number": 3}


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="missing"):
        store.read_json(tmp_path / "a.json")


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LARGEST_BYTES", 3)
    (tmp_path / "a.json").write_text("[1, 2, 3]")
    with pytest.raises(ProjectError, match="too large"):
        store.read_json(tmp_path / "a.json")


def test_a_file_that_cannot_be_replaced_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()
    with pytest.raises(ProjectError, match="could not be written"):
        store.write_json(tmp_path / "a.json", {})


def test_older_versions_climb_step_by_step() -> None:
    steps = {1: lambda old: {**old, "one": True}, 2: lambda old: {**old, "two": True}}
    assert store.migrated({"version": 1}, 3, steps, "a.json") == {"version": 3, "one": True, "two": True}
    assert store.migrated({"version": 3}, 3, steps, "a.json") == {"version": 3}


def test_a_version_without_a_way_up_is_refused() -> None:
    with pytest.raises(ProjectError, match="never used"):
        store.migrated({"version": 0}, 1, {}, "a.json")


def test_a_whole_number_counts_as_a_number_but_true_does_not() -> None:
    fields = store.Fields({"a": 1, "b": True}, "a.json")
    assert fields.take("a", float, 0.0) == 1.0
    with pytest.raises(ProjectError, match="“b”"):
        fields.take("b", float, 0.0)
