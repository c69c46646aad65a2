"""The story of a run says in words what its curves show."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.project.runs import Losses, RunRecord
from musicgen_app.project.story import duration_words, run_story
from tests.project.experiments import row


def run(train: list[float], validation: list[float], **facts: object) -> RunRecord:
    epochs = np.arange(1.0, len(train) + 1)
    losses = Losses(epochs, np.array(train), np.array(validation), np.full(len(train), 10.0))
    return replace(RunRecord(3, Path("0003"), "Run 3", losses=losses), **facts)  # type: ignore[arg-type]


NONE = float("nan")


def told(record: RunRecord) -> str:
    return " ".join(run_story(record))


def test_the_model_a_run_started_from_is_told_first() -> None:
    assert run_story(run([5], [5], start={"title": "Piano"}))[0] == "It started from the model Piano."
    assert "started" not in told(run([5], [5]))


def test_a_rise_after_the_best_epoch_is_told() -> None:
    story = told(run([5, 4, 3, 2, 1.5], [5, 4, 4.5, 4.7, 5], status="done", reason="no better for 3 epochs"))
    assert "best model is from epoch 2: 4.000 nats a note on pieces it never saw, 4.000 on those" in story
    assert "Validation loss rose for 3 epochs" in story
    assert "learned by heart" in story
    assert "It ended: no better for 3 epochs." in story


def test_a_loss_that_still_falls_asks_for_more_epochs() -> None:
    assert "still falling" in told(run([5, 4, 3], [5, 4, 3], status="done"))
    assert "still falling" not in told(run([5, 4, 3], [5, 4, 3], status="running"))


def test_a_slight_rise_is_not_worth_a_word() -> None:
    assert "rose" not in told(run([5, 4, 3], [5, 4, 4.1], status="done"))


def test_a_model_is_held_against_counting() -> None:
    known = {"baselines": {"uniform": 19.0, "unigram": 11.0, "4gram": 6.8}}
    assert "A 4-gram needs 6.800, a unigram 11.000. It ended" in told(
        run([5], [5], status="done", reason="all epochs done", **known)
    )
    weak = told(run([6], [6.5], status="done", **known))
    assert "A 4-gram needs 6.800, a unigram 11.000. That beats the 4-gram by less than 0.5 nats a note" in weak
    early = told(run([9], [9], status="running", **known))
    assert "A 4-gram needs" in early
    assert "learned much" not in early, "it is not over yet"
    assert "4-gram" not in told(run([5], [NONE], status="done", **known))
    assert "4-gram" not in told(run([NONE], [NONE], status="done", **known))


def test_a_run_without_validation_says_what_that_means() -> None:
    story = told(run([5, 4], [NONE, NONE], status="done"))
    assert "on the pieces it learned from" in story
    assert "no validation pieces" in story


def test_losses_that_are_no_numbers_are_told() -> None:
    assert "No loss was a number." in told(run([NONE], [NONE], status="failed", reason="The loss is not a number."))


def test_how_far_it_came_is_told_against_the_plan() -> None:
    assert told(run([5], [5], settings={"epochs": 40})).startswith("1 of 40 epochs in 10 s.")
    assert told(run([5], [5], status="running")).startswith("1 epoch in 10 s so far.")


def test_a_failure_says_what_is_kept() -> None:
    failed = run([5], [5], status="failed", reason="There was not enough memory.")
    assert "It failed. There was not enough memory." in told(failed)
    assert "kept" not in told(failed)
    assert "The best model so far is kept." in told(replace(failed, checkpoint=Path("model.safetensors")))


def test_a_stopped_run_says_whether_it_can_go_on(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "x").write_text("")
    assert told(run([5], [5])).endswith("It was stopped.")
    assert told(run([5], [5], folder=tmp_path)).endswith("It was stopped and can be resumed.")


def test_before_the_first_epoch_there_is_one_sentence() -> None:
    assert run_story(run([], [], status="running")) == ("The first epoch is under way.",)
    assert run_story(run([], [])) == ("It ended before the first epoch was over.",)
    assert "No memory." in run_story(run([], [], status="failed", reason="No memory."))[0]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59, "59 s"), (200, "3 min 20 s"), (1230, "20 min"), (3600, "1 h"), (7500, "2 h 5 min")],
)
def test_times_are_told_as_people_do(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


def test_an_imported_run_tells_what_its_row_and_its_log_say(tmp_path: Path) -> None:
    cells = {"test_id": "7", "loss": "2.5", "score": "0.25", "minutes": "90", "comments": "base", "Problems": "none"}
    losses = Losses(np.array([1.0, 2.0]), np.array([3.5, 2.5]), np.full(2, np.nan), np.full(2, np.nan))
    run = RunRecord(1, tmp_path, "Test 7", status="imported", losses=losses, row=row(**cells))
    told = run_story(run)
    assert told[0] == "Test 7 of an imported table, which took 1 h 30 min."
    assert told[1] == "Its log has 2 epochs, the lowest loss, 2.500, in epoch 2."
    assert told[-2:] == ("base", "Problems: none.")
    assert not any("The table says" in sentence for sentence in told)


def test_a_row_that_used_another_model_and_contradicts_its_log_says_so(tmp_path: Path) -> None:
    losses = Losses(np.array([1.0]), np.array([3.5]), np.full(1, np.nan), np.full(1, np.nan))
    again = replace(row(loss="0.5"), parent="38")
    told = run_story(RunRecord(1, tmp_path, "Run 1", status="imported", losses=losses, row=again))
    assert "It used the model of test 38 again, with another random pick." in told
    assert "The table says a loss of 0.500." in told
