import itertools
from dataclasses import replace

import numpy as np
import pytest

from musicgen_app.core.score import Score, make_notes
from musicgen_app.dataset import families as module
from musicgen_app.dataset.families import HASHES, families, related, sketch
from tests.dataset.music import edition, melody, transposed


def groups(*scores: Score) -> list[int]:
    found = related([sketch(score) for score in scores])
    return families(len(scores), found.first, found.second).tolist()


def without_some(score: Score, every: int) -> Score:
    return score.with_notes(np.delete(score.notes, np.arange(every - 1, len(score.notes), every)))


def test_different_pieces_are_different_families() -> None:
    assert groups(*(melody(seed) for seed in range(30))) == list(range(30))


def test_transpositions_of_a_piece_are_one_family() -> None:
    assert groups(melody(1), melody(2), transposed(melody(1), 5), transposed(melody(2), -7)) == [0, 1, 0, 1]


def test_a_piece_at_half_its_speed_is_the_same_family() -> None:
    slow = melody(1)
    notes = slow.notes.copy()
    notes["onset"] *= 2
    notes["duration"] *= 2
    assert groups(melody(1), slow.with_notes(notes)) == [0, 0]
    assert groups(melody(1), replace(melody(1), ticks_per_beat=48)) == [0, 0]


def test_another_edition_with_notes_left_out_and_other_loudness_is_the_same_family() -> None:
    edition = without_some(melody(1), 25)
    notes = edition.notes.copy()
    notes["velocity"] = 64
    assert groups(melody(1), edition.with_notes(notes), melody(2)) == [0, 0, 1]


def test_a_part_of_a_piece_belongs_to_it() -> None:
    whole = melody(1, 400)
    assert groups(whole, whole.with_notes(whole.notes[:100])) == [0, 0]


def test_a_work_of_many_editions_is_one_family_however_they_are_compared() -> None:
    assert set(groups(*(transposed(melody(1), shift) for shift in range(-15, 15)))) == {0}


def test_the_families_do_not_depend_on_what_else_is_there() -> None:
    many = [melody(seed) for seed in range(200)] + [transposed(melody(7), 3)]
    found = groups(*many)
    assert found[200] == 7
    assert len(set(found)) == 200


def test_music_without_turns_is_a_family_of_its_own() -> None:
    assert groups(melody(1, 5), melody(1, 5), Score()) == [0, 1, 2]
    assert groups() == []


def test_the_editions_in_the_shared_corpus_are_found(shared) -> None:
    """The manifest names the work of each file; two of its labels are wrong and are left out."""
    import csv

    from musicgen_app.midi.reader import read_midi

    folder = shared / "corpus"
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["work"].startswith(("op69-", "op6-5", "op7-5"))]
    sketches = [sketch(read_midi(folder / row["file"].split("/", 1)[1]).score) for row in rows]
    pairs = related(sketches)
    found = families(len(rows), pairs.first, pairs.second)
    works = np.array([row["work"] for row in rows])
    alone = works == ""
    works[alone] = [row["file"] for row in rows if row["work"] == ""]
    same_work = works[:, np.newaxis] == works
    same_family = found[:, np.newaxis] == found
    assert np.array_equal(same_work, same_family)


def test_a_few_turns_that_every_piece_has_make_no_family() -> None:
    """A bare scale is part of many pieces; it must not chain them together."""
    scale = make_notes([(12 * step, 12, 60 + step, 64) for step in range(24)])
    pieces = [melody(seed) for seed in range(6)]
    with_scale = [piece.with_notes(np.concatenate([piece.notes, _later(scale, piece.end + 12)])) for piece in pieces]
    found = groups(Score(scale, ticks_per_beat=24), *with_scale)
    assert found == list(range(7))
    assert groups(Score(scale, ticks_per_beat=24), transposed(Score(scale, ticks_per_beat=24), 2)) == [0, 0]


def _later(notes: np.ndarray, ticks: int) -> np.ndarray:
    moved = notes.copy()
    moved["onset"] += ticks
    return moved


def lively(count: int, notes: int) -> list[Score]:
    """Pieces that move most of the time; some others stay at the border of their range."""
    scores = (melody(seed, notes) for seed in range(1_000))
    return list(itertools.islice((score for score in scores if 2 * len(sketch(score)) > notes), count))


@pytest.mark.parametrize("limits", [{"_AT_ONCE": 700}, {"MOST_TURNS": 100}, {"_AT_ONCE": 300, "_MOST_PAIRS": 40}])
def test_works_are_found_part_by_part_and_in_a_part_of_all_turns(
    limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = lively(12, 300)
    scores += [edition(score, seed, 0.1) for seed, score in enumerate(scores)]
    for name, value in limits.items():
        monkeypatch.setattr(module, name, value)
    assert groups(*scores) == [*range(12), *range(12)]


def test_works_are_found_by_turns_below_a_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 300)
    border = HASHES // 3
    scores = lively(6, 600)
    scores += [edition(score, seed, 0.1) for seed, score in enumerate(scores)]
    found = related([turns[turns < border] for turns in map(sketch, scores)], border)
    assert families(12, found.first, found.second).tolist() == [*range(6), *range(6)]


def test_repeated_notes_make_no_work() -> None:
    def drone(seed: int) -> Score:
        score = melody(seed, 200, chords=False)
        notes = score.notes.copy()
        notes["pitch"][: len(notes) // 2] = 60 + seed
        return score.with_notes(notes)

    assert groups(drone(1), drone(2), drone(3)) == [0, 1, 2]
