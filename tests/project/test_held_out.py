"""What held-out pieces say of a run is kept, told, and shown in its row."""

import json
from pathlib import Path

import pytest

from musicgen_app.project.held_out import HELD_OUT_FILE, held_out_words, read_held_out
from musicgen_app.project.run_rows import row_of
from musicgen_app.project.runs import read_run
from musicgen_app.project.story import run_story
from tests.project.test_runs import make_run

KEPT = {
    "version": 1,
    "epoch": 1,
    "pieces": 3,
    "notes": 1200,
    "nats": 4.0,
    "interval": [3.8, 4.3],
    "accuracy": {"note": 0.125, "time": 0.7, "pitch": 0.25},
}
BASELINES = {"unigram": 5.2, "bigram": 5.0, "4gram": 4.9}


def run_with(folder: Path, **changed: object) -> Path:
    made = make_run(folder, "1,5,4,,,,,,60\n", status="finished", baselines=BASELINES)
    (made / HELD_OUT_FILE).write_text(json.dumps({**KEPT, **changed}))
    return made


def test_it_is_in_the_story_and_in_the_row(tmp_path: Path) -> None:
    run = read_run(run_with(tmp_path / "0001"))
    story = " ".join(run_story(run))
    assert "Other such pieces would give 3.800 to 4.300 (95 %)." in story
    assert "Its first guess is right for 12.5% of 1,200 held-out notes. By fields: time 70%, pitch 25%." in story
    assert "A 4-gram needs 4.900, a bigram 5.000, a unigram 5.200." in story
    row = row_of(run)
    assert (row.accuracy, row.held_low, row.held_high) == (0.125, 3.8, 4.3)
    assert (row.unigram, row.bigram, row.fourgram) == (5.2, 5.0, 4.9)


@pytest.mark.parametrize("changed", [{"epoch": 2}, {"nats": "much"}, {"nats": None}])
def test_of_another_epoch_or_damaged_it_says_nothing(tmp_path: Path, changed: dict[str, object]) -> None:
    run = read_run(run_with(tmp_path / "0001", **changed))
    assert run.held_out is None
    assert row_of(run).accuracy is None


def test_a_single_piece_has_no_interval_and_words_have_one_field(tmp_path: Path) -> None:
    folder = run_with(tmp_path / "0001", interval=None, accuracy={"note": 0.5, "token": 0.5})
    found = read_held_out(folder, 1)
    assert found is not None
    assert held_out_words(found) == "Its first guess is right for 50.0% of 1,200 held-out notes."
    assert read_held_out(folder, None) is None
    assert read_held_out(tmp_path, 1) is None
