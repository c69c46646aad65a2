"""The third door: ``python -m musicgen_app.worker VERB`` runs one verb for a parent process.

The request comes as the first line of the input, orders as the following ones ("pause", "resume", "keep",
"end_epoch", "cancel"); the end of the input means that nobody listens any more, and stops the work. Reports go out as
one JSON object a line, the last one being Finished, Failed or Stopped. Whatever else is printed goes to the error
stream.
"""

import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from musicgen_app.core.errors import Cancelled, MusicgenError
from musicgen_app.core.progress import Report
from musicgen_app.ml.backend import silence_tensorflow
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.wire import Failed, Finished, Stopped, from_line, to_line

_ALONE_SECONDS = 20.0
"""So long a worker without a parent may take to save its state; the one on the disk is consistent anyway."""
_AT_ONCE = ("generate", "queue")
"""Verbs that do not stand back: somebody waits for the notes, and a queue computes nothing but has workers that do."""
_POLITE = 5
"""How much a worker stands back for the window (the system's "nice")."""

Verb = Callable[[Any, Report, TrainControl], object]


def _prepare(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.prepare import prepare

    return prepare(request, report, control)


def _inspect(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.dataset.parts import Parts
    from musicgen_app.workflow.inspect import inspect_files

    return inspect_files(request.paths, report, control, parts=Parts.of(request.programs))


def _advise(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.advice import advise

    return advise(request, report, control)


def _collect(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.collect import collect

    return collect(request, report, control)


def _scan(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.scan import scan

    return scan(request, report, control)


def _uses(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.uses import note_uses

    return note_uses(request, report, control)


def _train(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.train import train

    return train(request, report, control)


def _evaluate(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.evaluate import evaluate

    return evaluate(request.checkpoint, request.folder, report, control, request.against, request.side)


def _generate(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.generate import generate

    return generate(request, report, control)


def _import_runs(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.experiments import import_experiments

    return import_experiments(request, report, control)


def _export_runs(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.experiments import export_experiments

    return export_experiments(request, report, control)


def _list_runs(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.experiments import list_runs

    return list_runs(request, report, control)


def _queue(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.queue import run_queue

    return run_queue(request, report, control)


def _judge_runs(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.judge import judge_runs

    return judge_runs(request, report, control)


def _compare(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.compare import compare

    return compare(request, report, control)


def _listen(request: Any, report: Report, control: TrainControl) -> object:
    from musicgen_app.workflow.listen import make_test

    return make_test(request, report, control)


VERBS: dict[str, Verb] = {
    "prepare": _prepare,
    "inspect": _inspect,
    "advise": _advise,
    "collect": _collect,
    "scan": _scan,
    "uses": _uses,
    "train": _train,
    "evaluate": _evaluate,
    "generate": _generate,
    "import_runs": _import_runs,
    "export_runs": _export_runs,
    "list_runs": _list_runs,
    "queue": _queue,
    "judge_runs": _judge_runs,
    "compare": _compare,
    "listen": _listen,
}


class _Mouth:
    """The real output, kept for our lines alone."""

    def __init__(self, control: TrainControl) -> None:
        self._file = os.fdopen(os.dup(1), "wb", buffering=0)
        # Prints of libraries, also those written in C, must not get between our lines.
        os.dup2(2, 1)
        self._lock = threading.Lock()
        self._control = control

    def say(self, value: object) -> None:
        """Write a value as a line; without a listener, ask the work to stop."""
        content = to_line(value).encode() + b"\n"
        try:
            with self._lock:
                while content:
                    content = content[self._file.write(content) or 0 :]
        except BrokenPipeError:
            self._control.cancel()


class _Ear:
    """Reads the input, line by line. By the file descriptor: Python's own reader would block the exit."""

    def __init__(self) -> None:
        self._left = b""

    def line(self) -> str | None:
        """The next line; None at the end of the input."""
        while b"\n" not in self._left:
            block = os.read(0, 1 << 16)
            if not block:
                return None
            self._left += block
        line, self._left = self._left.split(b"\n", 1)
        return line.decode()

    def obey(self, control: TrainControl) -> None:
        """Pass on orders until the input ends, then see to it that this process does as well."""
        orders = {
            "pause": control.pause,
            "resume": control.unpause,
            "keep": control.keep,
            "end_epoch": control.keep_after_epoch,
            "cancel": control.cancel,
        }
        while (line := self.line()) is not None:
            order = orders.get(line.strip())
            if order is not None:
                order()
        control.cancel()
        time.sleep(_ALONE_SECONDS)
        os._exit(3)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; the exit code is 0 when it finished or was stopped."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if len(arguments) != 1 or arguments[0] not in VERBS:
        print(f"Usage: python -m musicgen_app.worker {'|'.join(VERBS)}", file=sys.stderr)
        return 2
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    silence_tensorflow()
    control = TrainControl()
    mouth, ear = _Mouth(control), _Ear()
    line = ear.line()
    if line is None:
        return 0
    threading.Thread(target=ear.obey, args=[control], daemon=True).start()
    if arguments[0] not in _AT_ONCE and hasattr(os, "nice"):
        os.nice(_POLITE)
    last = _run(VERBS[arguments[0]], line, mouth.say, control)
    mouth.say(last)
    return 1 if isinstance(last, Failed) else 0


def _run(verb: Verb, line: str, report: Report, control: TrainControl) -> Finished | Failed | Stopped:
    """Do the work and put into words how it ended."""
    try:
        return Finished(verb(from_line(line), report, control))
    except Cancelled:
        return Stopped()
    except MusicgenError as error:
        return Failed(type(error).__name__, error.message, error.hint)
    except MemoryError:
        return Failed("MusicgenError", "There was not enough memory.", "Choose smaller settings.")
    except Exception as error:  # noqa: BLE001 (the boundary: no worker dies without a word)
        told = str(error) or type(error).__name__
        return Failed(
            "MusicgenError", f"Something unexpected happened: {told}", "Try it again.", traceback.format_exc()
        )


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # Everything is said and on the disk; TensorFlow's threads would take seconds to wind down, and be killed for it.
    os._exit(code)
