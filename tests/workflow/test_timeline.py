"""A training is listened to: the takes are the model's, cost the training nothing but time, and survive kill -9."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from musicgen_app.core.errors import Cancelled, FileWriteError, UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.store import Dataset
from musicgen_app.generation.checkpoint import Checkpoint, read_checkpoint
from musicgen_app.generation.generator import USUAL_TOP_P, SampleConfig
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import midi_bytes, write_midi
from musicgen_app.ml.hearing import Moment
from musicgen_app.project.timeline import TimelineTake, read_timeline, take_file, timeline_folder
from musicgen_app.workflow.child import run_in_child
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.generate import GenerateConfig, generate
from musicgen_app.workflow.timeline import TAKE_SECONDS, TakesPlan, TimelineHearer, timeline_of
from musicgen_app.workflow.train import TrainRequest, train
from musicgen_app.workflow.wire import from_line, to_line
from tests.ml.synthetic import piece_of_music, write_synthetic

Requests = Callable[..., TrainRequest]


def _music(run: Path) -> dict[str, bytes]:
    """The takes of a run, byte for byte."""
    return {take.file: take_file(run, take).read_bytes() for take in read_timeline(run).takes}


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[TimelineTake], Path]:
    """A run of three epochs with a take after each, what was told of them, and its data set."""
    home = tmp_path_factory.mktemp("heard")
    dataset = write_synthetic(home / "dataset").folder
    told: list[TimelineTake] = []
    request = TrainRequest(dataset, home / "run", overrides=_tiny(), epochs=3, seed=3, takes="epoch")

    def listen(report: object) -> None:
        if isinstance(report, TimelineTake):
            told.append(report)

    # In a process of its own, as those it is compared with: here TensorFlow may have other threads.
    run_in_child("train", request, listen, TrainControl())
    return home / "run", told, dataset


def _tiny() -> dict[str, object]:
    from tests.ml.synthetic import TINY

    # One thread: with more, TensorFlow adds up in an order that can differ from run to run.
    return {**TINY, "patience": 0, "save_seconds": 3600.0, "threads": 1, "precision": "float32"}


def test_after_each_epoch_there_is_a_take(heard: tuple[Path, list[TimelineTake], Path]) -> None:
    run, told, _ = heard
    takes = read_timeline(run).takes
    assert [take.epoch for take in takes] == [1, 2, 3]
    assert [(take.at, take.batch, take.seed) for take in takes] == [(1.0, 0, 3), (2.0, 0, 3), (3.0, 0, 3)]
    assert takes == tuple(told), "each is told of when it is there"
    assert from_line(to_line(told[0])) == told[0]
    rows = [line.split(",") for line in (run / "losses.csv").read_text().splitlines()[1:]]
    assert [(take.train, take.validation) for take in takes] == [(float(row[1]), float(row[2])) for row in rows]
    assert [take.step for take in takes] == [takes[0].step * epoch for epoch in (1, 2, 3)]
    for take in takes:
        score = read_midi(take_file(run, take)).score
        assert len(score.notes) == take.notes
    described = json.loads((run / "run.json").read_text())
    assert described["takes"] == {"every": "epoch", "seed": 3, "prompt": "", "seconds": 20.0}
    assert read_timeline(run).cost_sec == pytest.approx(sum(take.cost_sec for take in takes))


def test_a_take_is_what_its_model_generates(heard: tuple[Path, list[TimelineTake], Path]) -> None:
    run, told, _ = heard
    sample = SampleConfig(seconds=TAKE_SECONDS, top_p=USUAL_TOP_P, seed=3)
    (again,) = generate(GenerateConfig(run / "last.safetensors", sample), silent, CancelToken())
    assert midi_bytes(again.score) == take_file(run, told[-1]).read_bytes()


def test_the_training_is_the_same_with_and_without(
    heard: tuple[Path, list[TimelineTake], Path], tmp_path: Path
) -> None:
    run, _, dataset = heard
    request = TrainRequest(dataset, tmp_path / "silent", overrides=_tiny(), epochs=3, seed=3, takes="off")
    run_in_child("train", request, silent, TrainControl())
    assert not timeline_folder(tmp_path / "silent").exists()
    for name in ("last.safetensors", "model.safetensors"):
        ours, theirs = read_checkpoint(run / name).weights, read_checkpoint(tmp_path / "silent" / name).weights
        assert all(ours[key].tobytes() == theirs[key].tobytes() for key in theirs)
    losses = [
        [line.rsplit(",", 1)[0] for line in (folder / "losses.csv").read_text().splitlines()]
        for folder in (run, tmp_path / "silent")
    ]
    assert losses[0] == losses[1]


def test_kills_lose_and_double_nothing(tmp_path: Path, heard: tuple[Path, list[TimelineTake], Path]) -> None:
    expected, _, dataset = heard
    run = tmp_path / "run"
    request = TrainRequest(dataset, run, overrides=_tiny(), epochs=3, seed=3, takes="epoch", resume=True)
    for sign in (b'"EpochReport","epoch":1', b'"TimelineTake","epoch":2', b'"EpochReport","epoch":3'):
        with subprocess.Popen(
            [sys.executable, "-m", "musicgen_app.worker", "train"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(to_line(request).encode() + b"\n")
            process.stdin.flush()
            while sign not in (line := process.stdout.readline()):
                assert line, "it ended before it could be killed"
            process.kill()
    run_in_child("train", request, silent, TrainControl())
    assert _music(run) == _music(expected)
    assert sorted(path.name for path in timeline_folder(run).iterdir()) == sorted([*_music(run), "takes.json"])


def test_a_take_that_a_kill_prevented_is_made_at_the_next_start(
    tmp_path: Path, heard: tuple[Path, list[TimelineTake], Path]
) -> None:
    control = TrainControl()

    def stop(report: object) -> None:
        if isinstance(report, TimelineTake) and report.epoch == 2:
            control.cancel()

    request = TrainRequest(heard[2], tmp_path, overrides=_tiny(), epochs=3, seed=3, takes="epoch", resume=True)
    with pytest.raises(Cancelled):
        train(request, stop, control)
    before = _music(tmp_path)
    (tmp_path / "timeline" / "epoch-0002.mid").unlink()
    train(replace(request, takes=""), silent, TrainControl())
    after = _music(tmp_path)
    assert sorted(after) == ["epoch-0001.mid", "epoch-0002.mid", "epoch-0003.mid"]
    assert {name: after[name] for name in before} == before
    described = json.loads((tmp_path / "run.json").read_text())
    assert described["takes"]["every"] == "epoch", "a resumed run is listened to as before"


def test_takes_continue_a_prompt_of_which_the_run_keeps_a_copy(tmp_path: Path, request_for: Requests) -> None:
    prompt = tmp_path / "song.mid"
    write_midi(piece_of_music(9, 12), prompt)
    request = replace(request_for(tmp_path / "run", epochs=1), takes="epoch", takes_prompt=prompt)
    train(request, silent, TrainControl())
    prompt.unlink()
    train(replace(request, epochs=2, resume=True), silent, TrainControl())
    music = _music(tmp_path / "run")
    assert sorted(music) == ["epoch-0001.mid", "epoch-0002.mid"]
    sample = SampleConfig(seconds=TAKE_SECONDS, top_p=USUAL_TOP_P)
    copy = timeline_folder(tmp_path / "run") / "prompt.mid"
    config = GenerateConfig(tmp_path / "run" / "last.safetensors", sample, prompt_file=copy, include_prompt=False)
    (again,) = generate(config, silent, CancelToken())
    assert midi_bytes(again.score) == music["epoch-0002.mid"]
    assert json.loads((tmp_path / "run" / "run.json").read_text())["takes"]["prompt"] == "song"


def test_what_cannot_be_is_refused_before_anything_is_computed(tmp_path: Path, request_for: Requests) -> None:
    empty = tmp_path / "empty.mid"
    write_midi(replace(piece_of_music(1, 3), notes=piece_of_music(1, 3).notes[:0]), empty)
    for given, said in (({"takes": "often"}, "often"), ({"takes_prompt": empty}, "no notes to continue in empty.mid")):
        with pytest.raises(UsageError, match=said):
            train(replace(request_for(tmp_path / "run", epochs=1), **given), silent, TrainControl())
    assert not (tmp_path / "run" / "run.json").exists()
    train(request_for(tmp_path / "run", epochs=1), silent, TrainControl())
    with pytest.raises(UsageError, match="often"):
        train(replace(request_for(tmp_path / "run", resume=True), takes="often"), silent, TrainControl())


def test_a_network_of_the_seeds_is_heard_as_generate_hears_it(tmp_path: Path) -> None:
    from musicgen_app.tokens.note_file import write_list
    from musicgen_app.workflow.prepare import PrepareConfig, prepare

    write_list([("C4", "E4", "G4", "0.4.7", "B-3")[n * n % 5] for n in range(240)], tmp_path / "notes")
    config = PrepareConfig((tmp_path / "notes",), tmp_path / "words", validation=0.2, codec="seed")
    dataset = prepare(config, silent, CancelToken()).folder
    stack = {"layers": [["lstm", 8, True], ["norm", 0, False]], "window": 5, "batch": 64}
    request = TrainRequest(dataset, tmp_path / "run", "seed-base", stack, epochs=2, takes="epoch")
    train(request, silent, TrainControl())
    takes = read_timeline(tmp_path / "run").takes
    assert [take.epoch for take in takes] == [1, 2]
    assert all(15 < take.length_sec < 25 for take in takes)
    sample = SampleConfig(seconds=TAKE_SECONDS, top_p=USUAL_TOP_P, seed=11)
    (again,) = generate(GenerateConfig(tmp_path / "run" / "last.safetensors", sample), silent, CancelToken())
    assert midi_bytes(again.score) == take_file(tmp_path / "run", takes[-1]).read_bytes()


class _Moments:
    """A hearer at a run that is not trained: moments come by hand, the clock strikes at every look."""

    def __init__(self, run: Path, dataset: Path, plan: TakesPlan, stride: float = 0.001) -> None:
        from musicgen_app.dataset.store import open_dataset

        ticks = count()
        self.run = run
        self.told: list[TimelineTake] = []
        self.cancel = CancelToken()
        self.hearer = TimelineHearer(
            run, plan, open_dataset(dataset), self._tell, self.cancel, lambda: stride * next(ticks)
        )

    def _tell(self, report: object) -> None:
        assert isinstance(report, TimelineTake)
        self.told.append(report)

    def at(self, step: int, learning_seconds: float, model: Checkpoint, batch: int = 0) -> None:
        seconds = 2 * learning_seconds
        moment = Moment(step, step // 10, batch, 10, seconds, learning_seconds, 1.5 if batch else None)
        self.hearer.hear(moment, lambda: model)


@pytest.fixture
def model(heard: tuple[Path, list[TimelineTake], Path]) -> Checkpoint:
    return read_checkpoint(heard[0] / "last.safetensors")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a run that has losses of many epochs and no takes."""
    rows = [f"{epoch},2.5,3.5,10\n" for epoch in range(1, 10_001)]
    (tmp_path / "losses.csv").write_text("epoch,train,validation,seconds\n" + "".join(rows))
    return tmp_path


def test_takes_stay_within_their_share(
    run: Path, model: Checkpoint, heard: tuple[Path, list[TimelineTake], Path]
) -> None:
    moments = _Moments(run, heard[2], TakesPlan())
    spent = []
    for epoch in range(1, 400):
        moments.at(10 * epoch, 0.5 * epoch, model)
        spent.append(read_timeline(run).cost_sec / (0.5 * epoch))
    assert 0.01 < max(spent) < 0.03
    assert 3 < len(moments.told) < 399
    assert moments.told == list(read_timeline(run).takes)


def test_a_take_that_takes_too_long_is_given_up_and_waited_for(
    run: Path, model: Checkpoint, heard: tuple[Path, list[TimelineTake], Path]
) -> None:
    moments = _Moments(run, heard[2], TakesPlan(), stride=0.5)
    moments.at(10, 100.0, model)
    timeline = read_timeline(run)
    assert (moments.told, timeline.takes) == ([], ())
    assert 2.0 < timeline.given_up_sec < 4.0
    moments.at(20, 120.0, model)
    assert read_timeline(run) == timeline, "it is not tried again before there is time for all of it"
    moments.at(30, 100_000.0, model)
    assert len(moments.told) == 1
    assert read_timeline(run).given_up_sec == timeline.given_up_sec


def test_minutes_fall_inside_an_epoch(
    run: Path, model: Checkpoint, heard: tuple[Path, list[TimelineTake], Path]
) -> None:
    moments = _Moments(run, heard[2], TakesPlan("1"))
    moments.at(14, 20.0, model, batch=4)
    assert moments.told == []
    moments.at(17, 31.0, model, batch=7)
    (take,) = moments.told
    assert (take.epoch, take.batch, take.at, take.train, take.validation) == (2, 7, 1.7, 1.5, None)
    assert take.file == "epoch-0002-batch-00007.mid"


def test_a_stop_ends_a_take_and_what_goes_wrong_is_no_reason_to_fail(
    run: Path, model: Checkpoint, heard: tuple[Path, list[TimelineTake], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = _Moments(run, heard[2], TakesPlan("epoch"))
    moments.cancel.cancel()
    moments.at(10, 100.0, model)
    assert not timeline_folder(run).exists()

    def full(*_: object) -> None:
        raise FileWriteError("The disk is full.")

    logged: list[str] = []
    monkeypatch.setattr(
        logging.getLogger("musicgen_app.workflow.timeline"), "warning", lambda *told: logged.append(str(told))
    )
    again = _Moments(run, heard[2], TakesPlan("epoch"))
    monkeypatch.setattr("musicgen_app.workflow.timeline.write_atomically", full)
    again.at(10, 100.0, model)
    monkeypatch.setattr("musicgen_app.workflow.timeline.cut_timeline", full)
    again.hearer.begin(10)
    assert again.told == []
    assert ["full" in words for words in logged] == [True, True]


def test_a_run_is_found_by_its_number(tmp_path: Path, small_dataset: Dataset) -> None:
    from musicgen_app.project.document import Project

    project = Project.create(tmp_path / "a.musicgen")
    folder = project.new_run_folder()
    assert timeline_of(project.folder, 1) == (folder, read_timeline(folder))
    with pytest.raises(UsageError, match="no run 2"):
        timeline_of(project.folder, 2)
