"""Options that several commands share, and what their values have to look like."""

import argparse
import json
from pathlib import Path
from typing import TypeAlias

from musicgen_app.cli import verbs
from musicgen_app.core.errors import UsageError
from musicgen_app.dataset.library_query import Among, Span, condition_of

_MOST_RUNS = 100_000


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def new_command(
    commands: Commands, name: str, text: str, verb: verbs.Verb, json: bool = True
) -> argparse.ArgumentParser:
    """Add a command that does this."""
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(verb=verb, cancel=verbs.new_control(), reads=())
    if json:
        command.add_argument("--json", action="store_true", help="print the result as JSON")
    return command


def preparing_options(command: argparse.ArgumentParser) -> None:
    """How music becomes a data set."""
    command.add_argument(
        "--validation", type=float, default=0.1, metavar="SHARE", help="held back from training (default 0.1)"
    )
    command.add_argument("--pedal", choices=("rows", "none"), default="rows", help="learn the sustain pedal or not")
    command.add_argument(
        "--grid",
        choices=("auto", "metrical", "seconds"),
        default="auto",
        help="1/24 of a quarter note, 10 ms, or chosen from the files (default)",
    )
    command.add_argument("--seed", type=int, default=0, metavar="S", help="decides the split (default 0)")
    command.add_argument(
        "--codec", choices=("notes", "seed"), default="notes", help="rows of notes (default), or the seeds' words"
    )


def cluster_option(command: argparse.ArgumentParser) -> None:
    """Who does the work."""
    command.add_argument(
        "--cluster",
        default=None,
        metavar="ADDRESS",
        help="let the Ray cluster at HOST:PORT work (docs/cluster.md)",
    )


def programs_option(command: argparse.ArgumentParser, default: str = "piano") -> None:
    """Which tracks count."""
    usual = default or "as before"
    command.add_argument(
        "--programs",
        default=default,
        metavar="WHICH",
        help=f"tracks that count: piano, all (but drums), or program numbers as 41-43,49 (default: {usual})",
    )


def project_option(command: argparse.ArgumentParser, text: str, *also: str, made: bool = False) -> None:
    """Add the option for the project; it is to be there unless it is ``made``, as are the paths of other options."""
    command.add_argument("--project", type=Path, required=True, metavar="PROJECT", help=text)
    command.set_defaults(reads=also if made else ("project", *also))


def library_option(command: argparse.ArgumentParser) -> None:
    """Which library it is about."""
    command.add_argument("--library", type=Path, required=True, metavar="DIR", help="folder of the library")
    command.set_defaults(reads=("library",))


def recipe_options(command: argparse.ArgumentParser, files: str = "+") -> None:
    """Which recipe, and which files of it; ``files`` is how many of them there are, empty for none."""
    one = command.add_mutually_exclusive_group(required=True)
    one.add_argument("--project", type=Path, metavar="PROJECT", help="the recipe of this project")
    one.add_argument("--recipe", type=Path, metavar="FILE.json", help="a recipe of its own; made where it is not there")
    if files:
        command.add_argument("files", nargs=files, metavar="FILE", help="files, or patterns such as 'bach/*.mid'")
        command.add_argument(
            "--in",
            dest="places",
            action="append",
            type=Path,
            default=[],
            metavar="FOLDER",
            help="with --recipe: its files",
        )
    command.set_defaults(reads=("project", "places") if files else ("project",))


def bars(text: str) -> tuple[int, int]:
    """The first and the last bar of a passage: 5-8, or one: 5."""
    first, _, last = text.partition("-")
    if (
        not first.isdecimal()
        or (last and not last.isdecimal())
        or not 0 < int(first) <= int(last or first) <= _MOST_RUNS
    ):
        raise argparse.ArgumentTypeError(f"{text!r} are no bars; write 5 or 5-8")
    return int(first), int(last or first)


def positive(text: str) -> float:
    """A number above 0."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def setting(text: str) -> tuple[str, object]:
    """A name and a value, which is JSON where it can be and text where not."""
    name, parted, value = text.partition("=")
    if not parted or not name:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def condition(text: str) -> Span | Among:
    """A condition for files of a library."""
    try:
        return condition_of(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(f"{error.message} {error.hint}") from error


def whole(text: str) -> int:
    """A whole number from 0 on."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return value


def takes(text: str) -> str:
    """A cadence of takes, checked."""
    from musicgen_app.workflow.cadence import cadence_of

    try:
        cadence_of(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def numbers(text: str) -> tuple[int, ...]:
    """Numbers of runs, with commas between them; 3-7 stands for 3, 4, 5, 6 and 7."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            raise argparse.ArgumentTypeError(f"{part!r} is no run's number; write 1,2,74 or 1-9")
        if int(last or first) - int(first) > _MOST_RUNS:
            raise argparse.ArgumentTypeError(f"{part} are too many runs")
        found += range(int(first), int(last or first) + 1)
    return tuple(found)
