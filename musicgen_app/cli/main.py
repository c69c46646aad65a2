"""The command ``musicgen``: every button's twin. Exit codes: 0 done, 1 failed, 2 wrong use."""

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence

import musicgen_app
from musicgen_app.cli import data_parsers, edit, model_parsers, run_parsers, score_parsers
from musicgen_app.cli.console import complain
from musicgen_app.core.errors import Cancelled, MusicgenError, UsageError

DONE, FAILED, WRONG_USE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0].startswith("--project"):
        from musicgen_app import app

        return app.main(given)
    given, steps = edit.parted(given)
    parsed = _parser().parse_args(given, argparse.Namespace(steps=steps))
    # TensorFlow's own chatter is no message of ours.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _interrupts(parsed):
        try:
            _check_places(parsed)
            code: int = parsed.verb(parsed)
            sys.stdout.flush()
            return code
        except UsageError as error:
            complain(error)
            return WRONG_USE
        except MusicgenError as error:
            complain(error)
            return FAILED
        except Cancelled:
            sys.stderr.write("musicgen: stopped.\n")
            return FAILED
        except BrokenPipeError:
            # The reader of our output left (``| head``): nobody is there to be told.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAILED


def _check_places(parsed: argparse.Namespace) -> None:
    """See that what a command reads is there: wrong use, whichever command it is.

    Raises:
        UsageError: A file or folder is not there.
    """
    for name in parsed.reads:
        given = getattr(parsed, name)
        for path in given if isinstance(given, list) else [given]:
            if path is None or (name == "start_from" and str(path) == "bundled"):
                continue
            # Names that no file can have are not there either; Path.exists raises.
            if not os.path.exists(path):  # noqa: PTH110
                raise UsageError(f"{path} is not there.", "Check the name of the file or folder.")


@contextlib.contextmanager
def _interrupts(parsed: argparse.Namespace) -> Iterator[None]:
    """The first Ctrl+C or TERM asks the work to stop cleanly, the second ends the program."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: object) -> None:
        if parsed.cancel.cancelled:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        parsed.cancel.cancel()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="musicgen",
        description="Train a small LSTM on MIDI files, then generate, hear and edit its music. Without a command: "
        "open the window.",
    )
    parser.add_argument("--version", action="version", version=f"musicgen {musicgen_app.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in (data_parsers, model_parsers, score_parsers, run_parsers):
        group.add(commands)
    return parser
