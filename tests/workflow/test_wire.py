"""Values that go through a pipe come out equal, and nothing else comes out."""

import dataclasses
import importlib
import json
import math
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.progress import Progress
from musicgen_app.core.score import KeySignature, Score, TimeSignature, Track, make_notes
from musicgen_app.workflow.reports import (
    BatchReport,
    EpochReport,
    Evaluation,
    SkippedFile,
    TrainResult,
    TrainStarted,
)
from musicgen_app.workflow.train import TrainRequest
from musicgen_app.workflow.wire import _HOMES, Failed, Finished, Stopped, WireError, from_line, to_line

_VALUES = [
    Progress("Reading files", 3, 14, 2.5, "étude.mid"),
    TrainStarted(Path("runs/0001"), "small", 1_000_000, 40, 30_000, 3_000, 0),
    BatchReport(1, 2, 40, 8.25, 5000.0, None, 3),
    EpochReport(1, 8.5, 9.0, {"time": 1.5, "pitch": 3.0}, 12.5, 4800.0, True, 20),
    EpochReport(1, 8.5, None, {}, 12.5, 4800.0, True, 20),
    TrainResult(3, 2, 7.0, None, 60.0, 4000.0, Path("runs/0001/model.safetensors")),
    TrainResult(3, 2, 7.0, 7.5, 60.0, 4000.0, Path("x"), "", {"uniform": 19.5, "unigram": None}),
    TrainResult(3, 2, 7.0, 7.5, 60.0, 4000.0, Path("x"), start={"title": "Piano", "fingerprint": "2aaa"}),
    TrainRequest(Path("set"), Path("runs/0001"), start_from=Path("models/piano.safetensors")),
    Evaluation(2, 400, 7.5, {"time": 7.5}, "1/24 quarter", (SkippedFile("a.mid", "It is empty."),)),
    Evaluation(2, 400, 7.5, {}, "", (), {"uniform": 19.5, "4gram": None}, (7.0, 8.0), ("A remark.",)),
    Finished({"takes": (1, 2.5, "three", None, True)}),
    Failed("TrainingError", "The loss is not a number.", "Use a smaller learning rate."),
    Stopped(),
    {"a": (), "b": {"c": (1, (2,))}},
]


@pytest.mark.parametrize("value", _VALUES, ids=lambda value: type(value).__name__)
def test_a_value_sent_as_a_line_comes_back_equal(value: object) -> None:
    line = to_line(value)
    assert "\n" not in line
    assert from_line(line) == value


def test_a_score_keeps_every_column() -> None:
    score = Score(
        notes=make_notes([(0, 10, 60, 80), (5, 7, 64, 1, 1)]),
        time_signatures=(TimeSignature(0, 3, 4),),
        key_signatures=(KeySignature(0, -3, True),),
        tracks=(Track("Right"), Track("Left", 2, 1)),
        ticks_per_beat=96,
    )
    assert from_line(to_line(score)) == score


def test_an_array_keeps_type_shape_and_values() -> None:
    array = np.arange(6, dtype=np.int16).reshape(2, 3)
    back = from_line(to_line(array))
    assert back.dtype == np.int16
    np.testing.assert_array_equal(back, array)
    assert from_line(to_line(np.empty((0, 4), np.float32))).shape == (0, 4)


def test_numpy_scalars_and_special_floats_travel() -> None:
    assert from_line(to_line(np.float64(1.5))) == 1.5
    assert math.isnan(from_line(to_line(math.nan)))
    assert from_line(to_line(-math.inf)) == -math.inf


@pytest.mark.parametrize("value", [object(), {1: 2}, {"@": 1}, np.array([object()]), Path], ids=repr)
def test_what_is_not_on_the_list_is_refused(value: object) -> None:
    with pytest.raises(WireError):
        to_line(value)


@pytest.mark.parametrize(
    "line",
    [
        "hello",
        '{"@":"Popen"}',
        '{"@":"Progress","colour":1}',
        '{"@":"array","dtype":[["","|O"]],"shape":[0],"base64":""}',
        '{"@":"array","dtype":[["","<i8"]],"shape":[1000000],"base64":""}',
        '{"@":"array","dtype":[["","<i8"]],"shape":[1],"base64":"?"}',
        '{"@":"path"}',
        '{"@":[]}',
    ],
)
def test_a_line_that_is_not_ours_is_refused(line: str) -> None:
    with pytest.raises(WireError, match="cannot be read"):
        from_line(line)


def test_lines_are_strict_json() -> None:
    assert json.loads(to_line(BatchReport(1, 1, 2, math.nan, 0.0)), parse_constant=lambda _: pytest.fail("not strict"))


@pytest.mark.parametrize("name", _HOMES)
def test_every_class_on_the_list_is_a_frozen_value_where_the_list_says(name: str) -> None:
    found = getattr(importlib.import_module(_HOMES[name]), name)
    assert dataclasses.is_dataclass(found)
    assert found.__dataclass_params__.frozen  # type: ignore[attr-defined]
