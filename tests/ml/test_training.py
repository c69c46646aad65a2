"""The training loop: it goes on exactly, ends in every way asked for, and keeps what is good."""

import contextlib
import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled, FileWriteError, TrainingError
from musicgen_app.core.progress import Progress
from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.checkpoint import NetworkConfig, read_checkpoint
from musicgen_app.ml.config import TrainConfig
from musicgen_app.ml.control import TrainControl
from musicgen_app.ml.job import Job
from musicgen_app.ml.reports import BatchReport, EpochReport, TrainResult, TrainStarted
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.tokens.codec import Codec
from tests.ml.synthetic import tiny_config, write_synthetic

pytestmark = pytest.mark.usefixtures("tensorflow")

_EPOCHS = 3


class _Clock:
    """A clock that moves on by itself, so that every batch is reported and nothing depends on this machine."""

    def __init__(self, stride: float = 0.2) -> None:
        self.time = 0.0
        self.stride = stride

    def __call__(self) -> float:
        self.time += self.stride
        return self.time


@dataclass
class _Listener:
    """Remembers reports and acts on some of them."""

    act: Callable[[object], None] = lambda _: None
    told: list[object] = field(default_factory=list)

    def __call__(self, report: object) -> None:
        self.told.append(report)
        self.act(report)

    def batches(self) -> dict[tuple[int, int], float]:
        return {(r.epoch, r.batch): r.loss for r in self.told if isinstance(r, BatchReport)}

    def epochs(self) -> list[EpochReport]:
        return [r for r in self.told if isinstance(r, EpochReport)]


_COMPILED: dict[object, Any] = {}
"""Learners and evaluators of earlier tests: compiling one takes seconds."""


def _reused_learner(network: NetworkConfig, config: TrainConfig, _group: None) -> Any:
    """A learner as good as new, from an earlier test where there was one that computes the same."""
    from musicgen_app.ml.learner import Learner

    key = (network, config.seed, config.clip, config.weight_decay, config.batch, config.window)
    if key not in _COMPILED:
        learner = Learner(network, config)
        _COMPILED[key] = learner, learner.arrays()
    learner, fresh = _COMPILED[key]
    learner.restore(fresh)
    return learner


def _reused_evaluator(network: Any, codec: Codec, pieces: int) -> Any:
    from musicgen_app.ml.evaluation import Evaluator

    key = (id(network), pieces)
    if key not in _COMPILED:
        _COMPILED[key] = Evaluator(network, codec, pieces)
    return _COMPILED[key]


def _train(
    folder: Path,
    dataset: Dataset,
    listener: _Listener,
    control: TrainControl | None = None,
    clock: Callable[[], float] | None = None,
    reuse: bool = True,
    replan: bool = False,
    **overrides: Any,
) -> TrainResult:
    from musicgen_app.ml.training import train

    settings = {
        "epochs": _EPOCHS,
        "dropout": 0.2,
        "transpose": True,
        "patience": 0,
        "save_seconds": 3600.0,
        "seed": 5,
        **overrides,
    }
    run = RunFolder(folder)
    job = Job(tiny_config(**settings), dataset, run, "Test", replan)
    with contextlib.ExitStack() as stack:
        if reuse:
            stack.enter_context(patch("musicgen_app.ml.trainee.Learner", _reused_learner))
            stack.enter_context(patch("musicgen_app.ml.trainee.Evaluator", _reused_evaluator))
        stack.enter_context(run.locked())
        return train(job, listener, control or TrainControl(), clock or _Clock())


def _table(folder: Path) -> list[dict[str, str]]:
    with (folder / "losses.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, dataset: Dataset, _started: None
) -> tuple[Path, _Listener, TrainResult]:
    """A training that nobody interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    listener = _Listener()
    return folder, listener, _train(folder, dataset, listener)


Whole = tuple[Path, _Listener, TrainResult]


def _stop_at(control: TrainControl, epoch: int, batch: int) -> _Listener:
    def act(report: object) -> None:
        if isinstance(report, BatchReport) and (report.epoch, report.batch) == (epoch, batch):
            control.cancel()

    return _Listener(act)


def _assert_same_run(folder: Path, listeners: list[_Listener], result: TrainResult, whole: Whole) -> None:
    """Every batch, epoch, row of the table and weight is as in the training nobody interrupted."""
    whole_folder, whole_listener, whole_result = whole
    batches: dict[tuple[int, int], float] = {}
    for listener in listeners:
        for place, loss in listener.batches().items():
            assert loss == pytest.approx(whole_listener.batches()[place], rel=1e-6), place
            batches[place] = loss
    assert batches.keys() == whole_listener.batches().keys()
    epochs = {report.epoch: report for listener in listeners for report in listener.epochs()}
    assert len(epochs) == _EPOCHS
    for report in whole_listener.epochs():
        again = epochs[report.epoch]
        assert again.train == pytest.approx(report.train, rel=1e-6)
        assert again.validation == pytest.approx(report.validation, rel=1e-6)
        assert dict(again.parts) == pytest.approx(dict(report.parts), rel=1e-6)
        assert again.best == report.best
    for row, expected in zip(_table(folder), _table(whole_folder), strict=True):
        for name in expected.keys() - {"seconds"}:
            assert float(row[name]) == pytest.approx(float(expected[name]), rel=1e-6), name
    assert result.best_epoch == whole_result.best_epoch
    ours, theirs = read_checkpoint(folder / "model.safetensors"), read_checkpoint(whole_folder / "model.safetensors")
    for name, array in theirs.weights.items():
        np.testing.assert_allclose(ours.weights[name], array, rtol=1e-4, atol=1e-6)


def test_an_uninterrupted_training_learns_and_tells_everything(whole: Whole, dataset: Dataset) -> None:
    folder, listener, result = whole
    assert listener.told[0] == Progress("Preparing the network")
    started = listener.told[1]
    assert isinstance(started, TrainStarted)
    assert (started.epochs, started.first_epoch, started.train_notes) == (3, 1, dataset.note_count("train"))
    assert len(listener.batches()) == 3 * started.batches
    epochs = listener.epochs()
    assert [report.epoch for report in epochs] == [1, 2, 3]
    assert epochs[-1].train < epochs[0].train - 1
    for report in epochs:
        assert report.validation == pytest.approx(sum(report.parts.values()))
    best = min(epochs, key=lambda report: report.validation or 0)
    assert result.best_epoch == best.epoch
    assert (result.validation, result.train) == (best.validation, best.train)
    assert (result.epochs, result.reason, result.checkpoint) == (3, "all epochs done", folder / "model.safetensors")
    assert json.loads(json.dumps(result.summary()))["checkpoint"] == str(result.checkpoint)


def test_the_table_of_losses_has_one_row_an_epoch_with_the_parts(whole: Whole) -> None:
    folder, listener, _ = whole
    first = (folder / "losses.csv").read_text().splitlines()[0]
    assert first == "epoch,train,validation,time,pitch,duration,velocity,pedal,seconds"
    for row, report in zip(_table(folder), listener.epochs(), strict=True):
        assert (int(row["epoch"]), float(row["train"]), float(row["validation"])) == (
            report.epoch,
            report.train,
            report.validation,
        )
        assert {name: float(row[name]) for name in report.parts} == dict(report.parts)


def test_the_checkpoint_says_what_it_is_and_is_the_best(whole: Whole, dataset: Dataset) -> None:
    from musicgen_app.ml.evaluation import Evaluator, total
    from musicgen_app.ml.network import Network

    _, _, result = whole
    checkpoint = read_checkpoint(result.checkpoint)
    header = checkpoint.header
    assert (header.title, header.licence) == ("Test", dataset.licence)
    assert header.codec == dataset.codec.description()
    assert header.corpus["fingerprint"] == dataset.fingerprint
    assert header.training["best_epoch"] == result.best_epoch
    assert header.training["config"]["units"] == 16
    network = Network(header.network)
    network.assign_weights(checkpoint.weights)
    pieces = [dataset.rows(piece) for piece in dataset.pieces_of("validation")]
    again = total(Evaluator(network, dataset.codec, len(pieces)).read(pieces))
    assert again.nats_per_note == pytest.approx(result.validation, rel=1e-6)


def test_the_last_epoch_has_a_checkpoint_of_its_own(whole: Whole) -> None:
    folder, listener, result = whole
    last = read_checkpoint(folder / "last.safetensors").header.training
    assert (last["epoch"], last["epochs"], last["best_epoch"]) == (3, 3, result.best_epoch)
    assert (last["train"], last["validation"]) == (listener.epochs()[-1].train, listener.epochs()[-1].validation)


@pytest.mark.parametrize("place", [(1, 2), (2, 1), (2, "last"), (3, 3)])
def test_a_training_stopped_anywhere_goes_on_as_if_it_had_not_been(
    place: tuple[int, int | str], tmp_path: Path, dataset: Dataset, whole: Whole
) -> None:
    batches = whole[1].told[1].batches  # type: ignore[attr-defined]
    control = TrainControl()
    first = _stop_at(control, place[0], batches if place[1] == "last" else int(place[1]))
    with pytest.raises(Cancelled):
        _train(tmp_path, dataset, first, control)
    second = _Listener()
    result = _train(tmp_path, dataset, second, reuse=place != (2, 1))
    started = second.told[1]
    assert isinstance(started, TrainStarted)
    assert started.first_epoch == place[0]
    assert set(first.batches()).isdisjoint(second.batches())
    _assert_same_run(tmp_path, [first, second], result, whole)


def test_a_stop_inside_a_validation_costs_nothing(tmp_path: Path, dataset: Dataset, whole: Whole) -> None:
    class _Impatient(TrainControl):
        """Stops when the validation looks at it for the second time."""

        looks = 0

        def check(self) -> None:
            self.looks += 1
            if self.looks == 2:
                self.cancel()
            super().check()

    first = _Listener()
    with pytest.raises(Cancelled):
        _train(tmp_path, dataset, first, _Impatient())
    assert len(first.batches()) == whole[1].told[1].batches  # type: ignore[attr-defined]
    assert first.epochs() == []
    second = _Listener()
    result = _train(tmp_path, dataset, second)
    _assert_same_run(tmp_path, [first, second], result, whole)


def test_a_damaged_newest_state_costs_some_steps_and_nothing_else(
    tmp_path: Path, dataset: Dataset, whole: Whole
) -> None:
    control = TrainControl()
    first = _stop_at(control, 3, 2)
    with pytest.raises(Cancelled):
        _train(tmp_path, dataset, first, control)
    newest = max((tmp_path / "state").iterdir())
    newest.write_bytes(newest.read_bytes()[:-100])
    (tmp_path / "state" / ".unfinished-1.safetensors").write_bytes(b"torn")
    second = _Listener()
    result = _train(tmp_path, dataset, second)
    _assert_same_run(tmp_path, [first, second], result, whole)
    assert not list((tmp_path / "state").glob(".unfinished-*"))


def test_a_kill_between_state_and_checkpoint_is_mended(
    tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    class _Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise _Killed

    with monkeypatch.context() as patched:
        patched.setattr("musicgen_app.ml.training.Models.write_best", die)
        with pytest.raises(_Killed):
            _train(tmp_path, dataset, _Listener())
    assert not (tmp_path / "model.safetensors").exists()
    control = TrainControl()
    control.cancel()
    with pytest.raises(Cancelled):
        _train(tmp_path, dataset, _Listener(), control)
    assert read_checkpoint(tmp_path / "model.safetensors").header.training["best_epoch"] == 1


def test_stop_and_keep_ends_at_once_with_the_best(tmp_path: Path, dataset: Dataset) -> None:
    control = TrainControl()

    def act(report: object) -> None:
        if isinstance(report, BatchReport) and (report.epoch, report.batch) == (2, 1):
            control.keep()

    listener = _Listener(act)
    result = _train(tmp_path, dataset, listener, control)
    assert (result.reason, result.best_epoch, result.epochs) == ("stopped and kept", 1, 1)
    assert max(listener.batches()) == (2, 1)
    assert result.checkpoint.is_file()


def test_an_end_with_the_epoch_computes_no_batch_more(tmp_path: Path, dataset: Dataset) -> None:
    control = TrainControl()

    def act(report: object) -> None:
        if isinstance(report, BatchReport) and (report.epoch, report.batch) == (2, 1):
            control.keep_after_epoch()

    listener = _Listener(act)
    result = _train(tmp_path, dataset, listener, control)
    assert (result.reason, result.epochs) == ("stopped and kept", 2)
    assert max(listener.batches()) == (2, max(batch for _, batch in listener.batches()))


def test_stop_and_keep_in_the_first_epoch_keeps_what_there_is(tmp_path: Path, dataset: Dataset) -> None:
    control = TrainControl()
    control.keep()
    listener = _Listener()
    result = _train(tmp_path, dataset, listener, control)
    assert set(listener.batches()) == {(1, 1)}
    assert (result.best_epoch, result.epochs) == (1, 1)
    assert result.checkpoint.is_file()


def test_a_pause_saves_the_state_and_goes_on(tmp_path: Path, dataset: Dataset, whole: Whole) -> None:
    control = TrainControl()
    seen: list[list[str]] = []

    def act(report: object) -> None:
        if isinstance(report, BatchReport) and (report.epoch, report.batch) == (1, 2):
            control.pause()
        if report == Progress("Paused"):
            seen.append([path.name for path in (tmp_path / "state").iterdir()])
            control.unpause()

    listener = _Listener(act)
    result = _train(tmp_path, dataset, listener, control)
    assert len(seen) == 1
    assert len(seen[0]) == 1
    _assert_same_run(tmp_path, [listener], result, whole)


def test_a_cancel_during_a_pause_stops(tmp_path: Path, dataset: Dataset) -> None:
    control = TrainControl()
    control.pause()

    def act(report: object) -> None:
        if report == Progress("Paused"):
            control.cancel()

    with pytest.raises(Cancelled):
        _train(tmp_path, dataset, _Listener(act), control)


def test_states_are_saved_inside_long_epochs(tmp_path: Path, dataset: Dataset) -> None:
    saved: set[str] = set()

    def act(report: object) -> None:
        if isinstance(report, BatchReport):
            saved.update(path.name[6:15] for path in (tmp_path / "state").iterdir())

    _train(tmp_path, dataset, _Listener(act), clock=_Clock(1.0), epochs=1, save_seconds=1.0)
    assert len(saved) >= 3


def test_training_stops_when_validation_gets_no_better(tmp_path: Path, dataset: Dataset) -> None:
    # A rate that is far too high: the first epoch stays the best.
    result = _train(tmp_path, dataset, _Listener(), epochs=30, patience=2, learning_rate=0.1, warmup=0, clip=100.0)
    assert result.epochs == result.best_epoch + 2
    assert result.reason == "no better for 2 epochs"
    assert result.epochs < 30
    listener = _Listener()
    again = _train(tmp_path, dataset, listener, epochs=30, patience=2, learning_rate=0.1, warmup=0, clip=100.0)
    assert (again.epochs, listener.batches()) == (result.epochs, {}), "it has ended and stays ended"


def test_without_validation_pieces_the_last_epoch_counts(tmp_path: Path) -> None:
    dataset = write_synthetic(tmp_path / "dataset", pieces=1, validation=0)
    listener = _Listener()
    result = _train(tmp_path / "run", dataset, listener, epochs=2, patience=1)
    assert (result.best_epoch, result.validation) == (2, None)
    assert [report.validation for report in listener.epochs()] == [None, None]
    assert [row["validation"] for row in _table(tmp_path / "run")] == ["", ""]


def test_more_epochs_are_learned_on_demand(tmp_path: Path, dataset: Dataset) -> None:
    _train(tmp_path, dataset, _Listener(), epochs=1)
    listener = _Listener()
    result = _train(tmp_path, dataset, listener, replan=True, epochs=2)
    assert result.epochs == 2
    assert [report.epoch for report in listener.epochs()] == [2]


def test_a_time_budget_is_planned_after_some_batches_and_kept(tmp_path: Path, dataset: Dataset) -> None:
    listener = _Listener()
    result = _train(tmp_path, dataset, listener, clock=_Clock(0.05), epochs=None, minutes=0.25)
    planned = [report.epochs for report in listener.told if isinstance(report, BatchReport)]
    assert planned[0] == 0
    assert planned[-1] > 1
    assert result.reason == "the time is over"
    assert 10 < result.seconds < 20
    more = _train(tmp_path, dataset, _Listener(), clock=_Clock(0.05), epochs=None, minutes=0.25)
    assert more.epochs == result.epochs


def test_a_budget_shorter_than_an_epoch_ends_inside_it_and_validates(tmp_path: Path, dataset: Dataset) -> None:
    listener = _Listener()
    result = _train(tmp_path, dataset, listener, clock=_Clock(2.0), epochs=None, minutes=0.1)
    started = listener.told[1]
    assert isinstance(started, TrainStarted)
    assert 0 < len(listener.batches()) < started.batches
    assert result.epochs == 1
    assert result.validation is not None


def test_a_loss_that_is_no_number_ends_in_a_sentence_and_keeps_the_best(
    tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    from musicgen_app.ml.learner import Learner

    step = Learner.step

    def broken(self: Learner, rows: Any, number: int, rate: float) -> tuple[float, float]:
        nats, norm = step(self, rows, number, rate)
        return (float("nan"), norm) if number == 8 else (nats, norm)

    monkeypatch.setattr(Learner, "step", broken)
    listener = _Listener()
    with pytest.raises(TrainingError, match=r"no longer a number .*last good checkpoint is kept"):
        _train(tmp_path, dataset, listener)
    assert read_checkpoint(tmp_path / "model.safetensors").header.training["best_epoch"] == len(listener.epochs()) == 1


@pytest.mark.parametrize("kind", ["MemoryError", "ResourceExhaustedError"])
def test_running_out_of_memory_ends_in_a_sentence(
    kind: str, tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tensorflow as tf

    from musicgen_app.ml.learner import Learner

    error = MemoryError() if kind == "MemoryError" else tf.errors.ResourceExhaustedError(None, None, "OOM")

    def full(*_: object) -> tuple[float, float]:
        raise error

    monkeypatch.setattr(Learner, "step", full)
    with pytest.raises(TrainingError, match=r"not enough memory.*smaller batch"):
        _train(tmp_path, dataset, _Listener())


def test_a_full_disk_ends_in_a_sentence(tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise FileWriteError("The state could not be written: No space left on device.", "Free some space.")

    monkeypatch.setattr("musicgen_app.ml.checkpoint.write_atomically", full)
    with pytest.raises(TrainingError, match=r"No space left.*last saved state is kept"):
        _train(tmp_path, dataset, _Listener())


def test_another_seed_is_another_training(tmp_path: Path, dataset: Dataset, whole: Whole) -> None:
    listener = _Listener()
    _train(tmp_path, dataset, listener, epochs=1, seed=6)
    assert listener.epochs()[0].train != pytest.approx(whole[1].epochs()[0].train, rel=1e-4)
