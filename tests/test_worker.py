"""The worker process: its output holds our lines and nothing else, its input is obeyed to the end."""

import subprocess
import sys

import pytest

from musicgen_app.core.errors import Cancelled, MusicgenError, UsageError
from musicgen_app.core.progress import Progress, Report
from musicgen_app.worker import _run
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.wire import Failed, Finished, Stopped, from_line, to_line

_NOISY = """
import os, sys, musicgen_app.worker as worker
def verb(request, report, control):
    print("print")
    os.write(1, b"written in C\\n")
    report(request)
    return "tensorflow" in sys.modules
worker.VERBS["inspect"] = verb
sys.exit(worker.main(["inspect"]))
"""

_OBEDIENT = """
import sys, musicgen_app.worker as worker
def verb(request, report, control):
    control.pause()
    report(request)
    while not control.cancelled:
        control.wait_while_paused()
    return control.keep_asked
worker.VERBS["inspect"] = verb
sys.exit(worker.main(["inspect"]))
"""


def _process(script: str, lines: str) -> tuple[int, list[str], str]:
    done = subprocess.run([sys.executable, "-c", script], input=lines, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_what_libraries_print_goes_to_the_error_stream() -> None:
    code, lines, errors = _process(_NOISY, to_line(Progress("a")) + "\n")
    assert code == 0
    assert [from_line(line) for line in lines] == [Progress("a"), Finished(False)]
    assert "print" in errors
    assert "written in C" in errors


@pytest.mark.parametrize(("orders", "kept"), [("keep\nnonsense\ncancel\n", True), ("", False), ("resume\n\n", False)])
def test_orders_are_obeyed_and_the_end_of_the_input_stops(orders: str, kept: bool) -> None:
    code, lines, _ = _process(_OBEDIENT, to_line(Progress("a")) + "\n" + orders)
    assert code == 0
    assert from_line(lines[-1]) == Finished(kept)


def test_without_a_request_there_is_nothing_to_do() -> None:
    assert _process(_NOISY, "")[:2] == (0, [])


def test_a_request_that_cannot_be_read_fails_in_a_sentence() -> None:
    code, lines, _ = _process(_NOISY, "nonsense\n")
    assert code == 1
    failed = from_line(lines[-1])
    assert isinstance(failed, Failed)
    assert "cannot be read" in failed.message


def test_an_unknown_verb_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "musicgen_app.worker", "dance"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Usage" in done.stderr
    assert done.stdout == ""


def _ended(error: BaseException | None) -> Finished | Failed | Stopped:
    def verb(request: object, report: Report, control: TrainControl) -> object:
        if error is not None:
            raise error
        return request

    return _run(verb, to_line("request"), lambda _: None, TrainControl())


@pytest.mark.parametrize(
    ("error", "ending"),
    [
        (None, Finished("request")),
        (Cancelled(), Stopped()),
        (UsageError("Wrong.", "Do it right."), Failed("UsageError", "Wrong.", "Do it right.")),
        (MusicgenError("Odd."), Failed("MusicgenError", "Odd.")),
        (MemoryError(), Failed("MusicgenError", "There was not enough memory.", "Choose smaller settings.")),
    ],
)
def test_every_ending_has_its_word(error: BaseException | None, ending: object) -> None:
    assert _ended(error) == ending


def test_an_error_nobody_foresaw_carries_its_traceback() -> None:
    failed = _ended(ZeroDivisionError("by zero"))
    assert isinstance(failed, Failed)
    assert failed.message == "Something unexpected happened: by zero"
    assert "ZeroDivisionError" in failed.details
