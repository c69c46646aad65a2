import io
import math
from pathlib import Path

import pytest

from musicgen_app.cli.console import ProgressLine, complain, duration_text, plain, progress_text
from musicgen_app.core.errors import MidiReadError
from musicgen_app.core.progress import Progress


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (60, "1:00"), (185, "3:05"), (3723, "1:02:03")]
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_json_values_hold_no_paths_and_no_infinities() -> None:
    assert plain({"a": Path("x.mid"), "b": (math.inf, 1.5), "c": Progress("Reading", 1, 2)}) == {
        "a": "x.mid",
        "b": [None, 1.5],
        "c": {"stage": "Reading", "done": 1, "total": 2, "seconds_left": None, "item": ""},
    }


def test_an_error_is_told_with_its_hint_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    complain(MidiReadError("x.mid is empty.", "Copy it again."))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "musicgen: x.mid is empty.\n  Copy it again.\n"


def test_progress_says_how_far_and_how_long() -> None:
    assert progress_text(Progress("Reading files", 3, 1200, 75.0, "a.mid")) == (
        "Reading files, 3 of 1,200, about 1:15 left, a.mid"
    )


def test_away_from_a_terminal_progress_does_not_flood_the_log() -> None:
    stream = io.StringIO()
    line = ProgressLine(stream)
    for done in range(1000):
        line(Progress("Reading files", done, 1000))
    assert stream.getvalue().count("\n") == 1
    line.line("done")
    assert stream.getvalue().endswith("done\n")
