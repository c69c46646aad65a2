"""What people share is measured on excerpts as long as the take, never with the same work, and kept beside the data."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled, FileWriteError
from musicgen_app.core.progress import CancelToken
from musicgen_app.core.score import Score
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.generation import human_runs as module
from musicgen_app.generation.human_runs import FILE, HumanRuns, Usual, human_runs, longest_in_excerpts, measure
from tests.generation.tunes import cut, finder, joined, tune, written


def measured(dataset: Dataset) -> HumanRuns:
    return measure(finder(dataset), CancelToken())


def lengths(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def test_a_run_counts_as_far_as_the_excerpt_goes() -> None:
    # From the second note on five steps stand elsewhere: six notes.
    runs = lengths(0, 5, 4, 3, 2, 1, 0, 0)
    assert longest_in_excerpts(runs, 9).tolist() == [6]
    assert longest_in_excerpts(runs, 4).tolist() == [3, 4, 4, 4, 3, 2]
    assert longest_in_excerpts(runs, 100).tolist() == [6]
    assert longest_in_excerpts(lengths(), 10).tolist() == [0]


def test_excerpts_begin_an_eighth_of_their_length_apart() -> None:
    assert len(longest_in_excerpts(np.zeros(999, np.int64), 200)) == 800 // 25 + 1


def with_theme(seed: int, theme: Score, notes: int) -> Score:
    """A piece of its own, with some notes of a theme in the middle."""
    return joined(cut(tune(seed), 0, 60), cut(theme, 0, notes), cut(tune(seed), 60, 120))


def test_pieces_held_back_are_held_against_the_training_pieces(tmp_path: Path) -> None:
    theme = tune(99)
    training = [with_theme(1, theme, 30), tune(2), tune(3)]
    held = [with_theme(40 + number, theme, 30) for number in range(3)] + [tune(20), tune(21)]
    found = measured(written(tmp_path, *training, *held, held=5))
    assert (found.works, found.held_back) == (5, True)
    usual = found.at(150)
    assert usual is not None
    assert usual.notes == 141
    assert usual.high == usual.pitch_high == 30
    assert usual.low < 10
    short = found.at(25)
    assert short is not None
    assert short.high <= 25


def test_few_works_held_back_are_joined_by_training_works_against_each_other(tmp_path: Path) -> None:
    theme = tune(99)
    dataset = written(tmp_path, with_theme(1, theme, 40), with_theme(2, theme, 40), tune(3), tune(4), held=1)
    found = measured(dataset)
    assert (found.works, found.held_back) == (4, False)
    usual = found.at(160)
    assert usual is not None
    assert usual.high == 40


def test_another_edition_of_the_same_work_is_no_source(tmp_path: Path) -> None:
    dataset = written(tmp_path, tune(1), tune(1), tune(2))
    pieces = tuple(replace(piece, family=min(number, 1)) for number, piece in enumerate(dataset.pieces))
    same = replace(dataset, pieces=(pieces[0], replace(pieces[1], family=0), replace(pieces[2], family=1)))
    usual = measured(same).at(200)
    assert usual is not None
    assert usual.high < 12


def test_one_work_alone_shows_nothing(tmp_path: Path) -> None:
    found = measured(written(tmp_path, tune(1)))
    assert found == HumanRuns(0, False, ())
    assert found.at(100) is None


def test_so_many_notes_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NOTES", 500)
    assert measured(written(tmp_path, *(tune(seed) for seed in range(8)))).works == 3


def test_the_length_nearest_in_proportion_is_taken() -> None:
    found = HumanRuns(9, True, tuple(Usual(notes, 1, 2, 3, 4) for notes in (100, 200)))
    for notes, nearest in ((0, 100), (140, 100), (143, 200), (9000, 200)):
        usual = found.at(notes)
        assert usual is not None
        assert usual.notes == nearest


def test_it_is_kept_beside_the_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = finder(written(tmp_path, *(tune(seed) for seed in range(4))))
    first = human_runs(known, CancelToken())
    assert (tmp_path / FILE).is_file()
    assert open_dataset(tmp_path).fingerprint == known.dataset.fingerprint
    monkeypatch.setattr(module, "measure", pytest.fail)
    assert human_runs(known, CancelToken()) == first


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"[]",
        lambda content: json.dumps({**content, "fingerprint": "of another"}).encode(),
        lambda content: json.dumps({**content, "format": 0}).encode(),
        lambda content: json.dumps({**content, "usual": [{"notes": 3}]}).encode(),
        lambda content: json.dumps({**content, "usual": 3}).encode(),
        lambda content: json.dumps({name: content[name] for name in ("format", "fingerprint")}).encode(),
    ],
)
def test_what_does_not_fit_is_measured_anew(tmp_path: Path, damage) -> None:
    known = finder(written(tmp_path, *(tune(seed) for seed in range(4))))
    first = human_runs(known, CancelToken())
    content = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_bytes(damage(content))
    assert human_runs(known, CancelToken()) == first
    assert json.loads((tmp_path / FILE).read_text()) == content


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, content: bytes) -> None:
        raise FileWriteError(f"{path.name} cannot be written.")

    monkeypatch.setattr(module, "write_atomically", refuse)
    known = finder(written(tmp_path, *(tune(seed) for seed in range(4))))
    assert human_runs(known, CancelToken()).works == 4
    assert not (tmp_path / FILE).exists()


def test_measuring_can_be_stopped(tmp_path: Path) -> None:
    known = finder(written(tmp_path, tune(1), tune(2)))
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        human_runs(known, cancel)


def test_what_comes_with_the_bundled_data_set_is_what_is_measured(root: Path) -> None:
    known = finder(open_dataset(root / "data" / "dataset"))
    kept = module._kept(root / "data" / "dataset" / FILE, known.dataset.fingerprint)
    assert kept == measure(known, CancelToken())
