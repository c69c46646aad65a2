"""``musicgen library`` as a person types it."""

from pathlib import Path

import pytest

from tests.cli.test_commands import musicgen, result_of
from tests.dataset.music import melody, transposed, write_midi_file


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    music = tmp_path_factory.mktemp("music")
    for number in range(5):
        write_midi_file(music / f"piece {number}.mid", melody(number, notes=40 + number))
    write_midi_file(music / "zz copy.mid", transposed(melody(2, notes=42), 4))
    (music / "broken.mid").write_bytes(b"not music at all")
    library = tmp_path_factory.mktemp("library")
    done = result_of("library", "scan", music, "--library", library, "--processes", 1)
    assert (done["files"], done["new"], done["read"]) == (7, 7, 7)
    assert done["totals"]["set_aside"] == 1
    return library


def test_files_are_listed_by_any_order_and_filter(library: Path) -> None:
    listed = result_of("library", "list", "--library", library, "--sort", "notes", "--descending", "--limit", 2)
    assert listed["found"] == 7
    assert [one["path"] for one in listed["files"]] == ["piece 4.mid", "piece 3.mid"]
    later = result_of("library", "list", "--library", library, "--sort", "notes", "--descending", "--start", 1)
    assert later["files"][0] == listed["files"][1]
    found = result_of("library", "list", "--library", library, "--filter", "zz ready")
    assert [(one["path"], one["kin"]) for one in found["files"]] == [
        ("zz copy.mid", ["The same music as piece 2.mid, 4 semitones higher."])
    ]


def test_people_get_a_table_and_sentences(library: Path) -> None:
    listed = musicgen("library", "list", "--library", library, "--filter", "broken").stdout
    assert "set aside: not MIDI" in listed
    assert listed.endswith("1 of 1 files.\n")
    told = musicgen("library", "stats", "--library", library).stdout
    assert "The library holds 7 files: 6 ready, 0 repaired, 1 set aside;" in told
    assert "1 have the same music as another" in told
    assert musicgen("library", "scan", "--library", library).stdout.startswith("7 files: 7 as before. 0 read in")
    assert musicgen("library", "check", "--library", library).stdout.startswith("6 files, ")


def test_statistics_count_all_notes(library: Path) -> None:
    found = result_of("library", "stats", "--library", library)
    assert sum(found["pitches"]) == sum(found["velocities"]) == found["notes"]
    assert [sum(bars.values()) for bars in found["statistics"].values()] == [6] * 9
    assert found["statistics"]["tempo"]["120 to 132"] == 6


def test_advice_is_given(library: Path) -> None:
    found = result_of("library", "advice", "--library", library, "--validation", 0.4)
    assert (found["pieces"], found["preset"]) == (6, "small")
    assert [one["preset"] for one in found["times"]] == ["small", "medium", "large"]
    assert 0 < found["held_notes"] < found["notes"] / 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("library", "list", "--library", "{nowhere}"), 2, "is not there"),
        (("library", "list", "--library", "{empty}"), 1, "holds no library"),
        (("library", "scan", "--library", "{empty}"), 2, "There is nothing to scan"),
        (("library", "scan", "{nowhere}", "--library", "{empty}"), 2, "is not there"),
    ],
)
def test_wrong_use_ends_in_a_sentence(tmp_path: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    places = {"nowhere": tmp_path / "nowhere", "empty": tmp_path}
    done = musicgen(*(one.format(**places) for one in arguments))
    assert done.returncode == code
    assert said in done.stderr
