import json
import os
from pathlib import Path

import pytest

from musicgen_app.core.errors import UsageError
from musicgen_app.dataset.sources import Credit, find_sources, read_credits, title_of


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def test_files_are_found_by_suffix_in_all_folders_in_order(tmp_path: Path) -> None:
    touch(tmp_path, "b.MID", "a.midi", "C/x.kar", "C/d/y.rmi", "C/z.txt", ".hidden.mid", ".git/v.mid", "mid")
    assert [source.name for source in find_sources([tmp_path])] == ["a.midi", "b.MID", "C/d/y.rmi", "C/x.kar"]


def test_a_file_named_itself_is_taken_whatever_its_suffix_and_only_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.mid", "song.bin")
    found = find_sources([tmp_path, tmp_path / "a.mid", tmp_path / "song.bin", tmp_path])
    assert [source.name for source in found] == ["a.mid", "song.bin"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        find_sources([tmp_path / "nowhere"])


@pytest.mark.skipif(os.name == "nt", reason="Making symbolic links needs a privilege on Windows.")
def test_a_folder_that_links_to_itself_is_searched_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.mid")
    (tmp_path / "again").symlink_to(tmp_path)
    assert len(find_sources([tmp_path])) == 1


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("maple-leaf_rag.mid", "Maple Leaf Rag"),
        ("chopin_op10_04.mid", "Chopin, op. 10 no. 4"),
        ("BWV 846 (Prelude).mid", "BWV 846 (Prelude)"),
        ("don't_go.kar", "Don't Go"),
        ("élégie.mid", "Élégie"),
        ("---.mid", "---.mid"),
    ],
)
def test_a_title_is_made_of_the_files_name(name: str, title: str) -> None:
    assert title_of(Path(name)) == title


def test_credits_are_read_from_the_table_beside_the_files(tmp_path: Path) -> None:
    pieces = [{"file": "a.mid", "title": " A ", "composer": "B", "licence": "CC0", "attribution": 7}, {"file": "b.mid"}]
    (tmp_path / "LICENCES.json").write_text(json.dumps({"pieces": pieces}), encoding="utf-8")
    assert read_credits(tmp_path) == {"a.mid": Credit("A", "B", "CC0"), "b.mid": Credit()}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pieces": 3}', '{"pieces": ["x"]}', '{"pieces": null}', "\x00"])
def test_a_table_that_is_something_else_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "LICENCES.json").write_text(text, encoding="utf-8")
    assert read_credits(tmp_path) == {}
    assert read_credits(tmp_path / "nowhere") == {}
