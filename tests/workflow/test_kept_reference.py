"""Pieces are found in lists, kept with the project, and told and heard from there."""

from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import ProjectError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.verdict_words import copied_place
from musicgen_app.tokens.note_file import write_list
from musicgen_app.workflow.comparisons import Comparisons, judged, passage_of
from musicgen_app.workflow.kept_reference import KEPT_FOLDER, keep_reference, open_kept
from musicgen_app.workflow.list_pieces import ListedPiece, pieces_in
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from musicgen_app.workflow.references import open_reference
from musicgen_app.workflow.word_reference import WordReference
from tests.workflow.etudes import etude, rendered


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "clone" / "midi").mkdir(parents=True)
    return tmp_path / "clone"


@pytest.fixture
def words(clone: Path) -> list[str]:
    first, second = etude(clone / "midi" / "chet2512.mid", 1), etude(clone / "midi" / "waltz.mid", 2)
    write_list([*first, *second], clone / "notes")
    (clone / "readme").write_text("{}")
    write_midi(rendered(first), clone / "midi" / "9_output.mid")
    return [*first, *second]


def kept(clone: Path, project: Path) -> WordReference:
    assert keep_reference(clone, project, silent, CancelToken())
    return open_kept(project / KEPT_FOLDER)


def test_pieces_are_named_with_their_places_and_outputs_are_none(clone: Path, words: list[str], tmp_path: Path) -> None:
    (line,) = kept(clone, tmp_path / "p").lines
    assert [(one.title, one.place, one.end) for one in line.pieces] == [
        ("Étude op. 25 no. 12", 0, len(words) // 2),
        ("Waltz", len(words) // 2, len(words)),
    ]
    assert (line.name, list(line.words)) == ("notes", words)
    assert keep_reference(tmp_path / "nowhere", tmp_path / "p", silent, CancelToken()), "it is there already"


def test_a_copy_is_told_by_its_piece_and_heard_in_its_own_timing(clone: Path, words: list[str], tmp_path: Path) -> None:
    reference = kept(clone, tmp_path / "p")
    (clone / "midi" / "chet2512.mid").unlink()
    found = reference.compare(rendered(words[10:50]))
    assert found.verdict == (
        "All 40 tokens are copied in one piece from Étude op. 25 no. 12, tokens 11 to 50 of 60 (place 10 of notes)."
    )
    assert found.copied
    assert "Of 40 tokens: 100.0% in runs of 8 or more" in found.text()
    score, moments = reference.passage(found.decisive)
    source = read_midi(tmp_path / "p" / "reference" / "midi" / "chet2512.mid").score.notes[10:50]
    assert score.notes["pitch"].tolist() == source["pitch"].tolist()
    assert moments.tolist() == (source["onset"] - source["onset"][0]).tolist()


def test_what_goes_on_into_the_next_piece_is_said_and_rendered(clone: Path, words: list[str], tmp_path: Path) -> None:
    reference = kept(clone, tmp_path / "p")
    across = words[len(words) // 2 - 15 : len(words) // 2 + 15]
    found = reference.compare(rendered(across))
    assert "Étude op. 25 no. 12, from token 46 on into Waltz (place 45 of notes)" in found.verdict
    score, moments = reference.passage(found.decisive)
    assert score == rendered(across)
    assert np.diff(moments).tolist() == [score.ticks_per_beat // 2] * 29


def test_without_its_file_a_passage_is_rendered(clone: Path, words: list[str], tmp_path: Path) -> None:
    reference = kept(clone, tmp_path / "p")
    (tmp_path / "p" / "reference" / "midi" / "chet2512.mid").unlink()
    found = reference.compare(rendered(words[10:50]))
    assert reference.passage(found.decisive)[0] == rendered(words[10:50])


def test_notes_before_are_not_looked_at_and_nothing_is_no_copy(clone: Path, words: list[str], tmp_path: Path) -> None:
    reference = kept(clone, tmp_path / "p")
    assert reference.compare(rendered(words[10:50]), skipped=30).found.total == 10
    strange = reference.compare(rendered(["C9", "1.2.3"] * 4))
    assert strange.verdict == "No token of it stands in notes."
    assert not strange.copied
    short = reference.compare(rendered(["C9", *words[3:13]]))
    assert short.verdict.startswith("Longest run 10 tokens, from Étude op. 25 no. 12, tokens 4 to 13")


def test_a_list_beside_its_files_tells_its_pieces_too(clone: Path, words: list[str]) -> None:
    for place in (clone / "notes", clone):
        found = open_reference(place, silent, CancelToken()).judge(rendered(words[60:90]))
        assert copied_place(found, "") == "Waltz, tokens 1 to 30 of 60 (place 60 of notes)"


def test_a_place_before_the_first_known_piece_has_no_name(clone: Path, words: list[str]) -> None:
    (clone / "midi" / "chet2512.mid").unlink()
    found = open_reference(clone / "notes", silent, CancelToken()).judge(rendered(words[30:90]))
    assert copied_place(found, "") == "place 30 of notes"


def test_a_piece_is_found_once_and_short_ones_never(clone: Path, words: list[str], tmp_path: Path) -> None:
    etude(clone / "midi" / "short.mid", 1, bars=3)
    etude(clone / "midi" / "twin.mid", 1)
    (clone / "midi" / "torn.mid").write_bytes(b"MThd")
    files = sorted((clone / "midi").glob("*.mid"))
    (found,) = pieces_in([words], files, silent, CancelToken())
    assert [one.file.name for one in found if one.file is not None] == ["chet2512.mid", "waltz.mid"]
    assert isinstance(found[0], ListedPiece)


def test_without_a_list_nothing_is_kept(clone: Path, tmp_path: Path) -> None:
    etude(clone / "midi" / "a.mid", 1)
    assert not keep_reference(clone, tmp_path / "p", silent, CancelToken())
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize("text", ['{"version": 2}', '{"version": 1, "lists": []}', "{"])
def test_a_damaged_reference_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "reference.json").write_text(text)
    with pytest.raises(ProjectError):
        open_kept(tmp_path)


def test_a_data_set_made_of_a_kept_list_knows_its_pieces(clone: Path, words: list[str], tmp_path: Path) -> None:
    kept(clone, tmp_path / "p")
    prepare(PrepareConfig((clone / "notes",), tmp_path / "p" / "dataset", codec="seed"), silent, CancelToken())
    bundled = tmp_path / "none"
    found = Comparisons().nearest("", tmp_path / "p" / "dataset", bundled, silent, CancelToken())
    assert found is not None
    told = judged(found[0], rendered(words[70:100]), 0)
    assert told.verdict.startswith(
        "All 30 tokens are copied in one piece from Waltz, tokens 11 to 40 of 60 (place 70 of "
    )
    assert told.decisive is not None
    music = rendered(words[70:100])
    passage = passage_of(found[0], told.decisive, music)
    assert len(passage.moments) == len(passage.copied) == 30
    assert (
        passage.score.notes["pitch"].tolist()
        == read_midi(clone / "midi" / "waltz.mid").score.notes["pitch"][10:40].tolist()
    )
