"""The command ``musicgen``: every button's twin. Exit codes: 0 done, 1 failed, 2 wrong use."""

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias, get_args

import musicgen_app
from musicgen_app.cli import (
    collect_verbs,
    compare_verbs,
    edit,
    inspection,
    library_verbs,
    notebook,
    output_verbs,
    queue_verbs,
    recipe_verbs,
    run_verbs,
    sampling,
    sound,
    tokens,
    verbs,
)
from musicgen_app.cli.console import complain
from musicgen_app.core.errors import Cancelled, MusicgenError, UsageError
from musicgen_app.dataset.library_query import Among, Kind, Span, condition_of
from musicgen_app.dataset.library_tables import PLAIN_SORTS, SORTS
from musicgen_app.dataset.store import Split
from musicgen_app.generation.presets import DEFAULT_PRESET, PRESETS
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS

DONE, FAILED, WRONG_USE = 0, 1, 2
_MOST_RUNS = 100_000
_SORTS = (*SORTS, *PLAIN_SORTS)
_YES_NO = ("yes", "no")


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
    reading = (_inspect, _tokens, _collections, _collect, _prepare)
    using = (_generate, _evaluate, _originality, _likeness, _edit, _render, _picture, _models, _sound)
    for add in (_demo, *reading, _train, *using):
        add(commands)
    _library(commands)
    _recipe(commands)
    _runs(commands)
    _notebook(commands)
    return parser


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _command(commands: Commands, name: str, text: str, verb: verbs.Verb, json: bool = True) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(verb=verb, cancel=verbs.new_control(), reads=())
    if json:
        command.add_argument("--json", action="store_true", help="print the result as JSON")
    return command


def _demo(commands: Commands) -> None:
    command = _command(
        commands, "demo", "Prepare the bundled corpus, train, generate; write MIDI, WAV and a picture.", verbs.demo
    )
    command.add_argument("--minutes", type=_positive, default=1.0, metavar="M", help="training time (default 1)")
    command.add_argument("--out", type=Path, default=Path("musicgen-demo"), metavar="DIR", help="folder to write to")
    command.add_argument("--seed", type=int, default=0, metavar="S")


def _inspect(commands: Commands) -> None:
    command = _command(
        commands, "inspect", "Say what files of MIDI or notation hold, or why they cannot be read.", inspection.inspect
    )
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files, or folders of them")
    command.add_argument("--words", action="store_true", help="also what the seed codec makes of each")
    _programs(command)


def _tokens(commands: Commands) -> None:
    command = _command(commands, "tokens", "Print the words that MIDI files or note files hold.", tokens.tokens)
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="MIDI files, note files, or folders")
    command.add_argument("--codec", choices=("seed",), default="seed", help="the codec that has words (default)")
    command.add_argument("--first-part", action="store_true", help="read only the first part, as the seeds did")
    command.add_argument("--out", type=Path, default=None, metavar="NOTES.json", help="save all tokens as a note file")
    command.set_defaults(reads=("files",))
    command.add_argument("--midi", type=Path, default=None, metavar="FILE.mid", help="save all tokens as they sound")
    sampling.add_rendering(command)


def _collections(commands: Commands) -> None:
    text = "List public collections of piano music, with their licences."
    _command(commands, "collections", text, collect_verbs.collections)


def _collect(commands: Commands) -> None:
    text = "Fetch a public collection, or any archive of music, into a folder; a broken transfer goes on."
    command = _command(commands, "collect", text, collect_verbs.collect)
    command.add_argument("what", metavar="NAME|URL", help="a name that musicgen collections lists, or an address")
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new or an empty folder")
    command.add_argument("--accept-licence", action="store_true", help="accept a licence that forbids selling")
    command.add_argument("--sha256", default="", metavar="HEX", help="the checksum the archive must have")
    command.add_argument("--archive", type=Path, default=None, metavar="FILE", help="take this archive, fetch nothing")
    command.set_defaults(reads=("archive",))


def _prepare(commands: Commands) -> None:
    command = _command(commands, "prepare", "Turn folders of MIDI files or notation into a data set.", verbs.prepare)
    command.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="folders, MIDI files or note files")
    command.add_argument("--out", type=Path, required=True, metavar="DATASET", help="folder to write the data set to")
    command.add_argument("--recipe", type=Path, metavar="FILE.json", help="what was decided about single files")
    command.add_argument(
        "--rebuild",
        type=Path,
        metavar="DATASET",
        help="make this one again from the files, settings and recipe it was made of, and compare the two",
    )
    command.add_argument(
        "--from", dest="moved", action="append", type=Path, default=[], metavar="FOLDER", help="where its files are now"
    )
    _preparing(command)
    _cluster(command)
    _programs(command)
    command.add_argument("--first-part", action="store_true", help="with the seed codec: read only the first part")
    command.set_defaults(reads=("folders", "recipe", "rebuild", "moved"))


def _preparing(command: argparse.ArgumentParser) -> None:
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


def _cluster(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--cluster",
        default=None,
        metavar="ADDRESS",
        help="let the Ray cluster at HOST:PORT work (docs/cluster.md)",
    )


def _programs(command: argparse.ArgumentParser, default: str = "piano") -> None:
    usual = default or "as before"
    command.add_argument(
        "--programs",
        default=default,
        metavar="WHICH",
        help=f"tracks that count: piano, all (but drums), or program numbers as 41-43,49 (default: {usual})",
    )


def _train(commands: Commands) -> None:
    command = _command(commands, "train", "Train a network on a data set.", verbs.train)
    command.add_argument("dataset", type=Path, metavar="DATASET")
    command.add_argument("--out", type=Path, required=True, metavar="RUN", help="folder of the run")
    command.add_argument(
        "--preset",
        choices=(*PRESETS, *WINDOWED_PRESETS),
        default=None,
        metavar="NAME",
        help=f"{', '.join(PRESETS)} (default: {DEFAULT_PRESET}); on tokens also {', '.join(WINDOWED_PRESETS)}",
    )
    command.add_argument(
        "--set",
        action="append",
        type=_setting,
        default=[],
        dest="settings",
        metavar="NAME=VALUE",
        help="a setting other than the preset's, for example window=64; may be repeated",
    )
    command.add_argument(
        "--from",
        dest="start_from",
        type=Path,
        default=None,
        metavar="CHECKPOINT",
        help="begin with the weights of a model: its file, a run's folder, or the word bundled",
    )
    command.add_argument("--epochs", type=int, default=None, metavar="N", help="at most so many epochs")
    command.add_argument("--minutes", type=_positive, default=None, metavar="M", help="at most so many minutes")
    command.add_argument("--seed", type=int, default=None, metavar="S")
    command.add_argument("--resume", action="store_true", help="go on where the run in RUN stopped")
    command.add_argument(
        "--workers",
        type=lambda text: text.split(","),
        default=[],
        metavar="HOST:PORT,HOST:PORT",
        help="train on several machines together: their addresses, the same list on each",
    )
    command.add_argument(
        "--worker", type=int, default=None, metavar="N", help="which of them this one is; 0 keeps the run"
    )
    command.set_defaults(reads=("dataset", "start_from", "takes_prompt"))
    command.add_argument(
        "--no-output", action="store_true", help="make no output when a network of the seeds has come to its end"
    )
    command.add_argument(
        "--random-pick", type=int, default=None, metavar="K", help="what that output is chosen from (default 1)"
    )
    command.add_argument(
        "--takes",
        type=_takes,
        default=None,
        metavar="off|auto|epoch|MINUTES",
        help="how often to make a take of 20 seconds on the way: never, after an epoch as far as that costs less than "
        "3 percent of the time (default), after every epoch, or every so many minutes",
    )
    command.add_argument(
        "--takes-prompt", type=Path, default=None, metavar="FILE.mid", help="music that each of these takes continues"
    )


def _generate(commands: Commands) -> None:
    command = _command(commands, "generate", "Write new music with a trained model.", verbs.generate)
    command.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="model.safetensors, or a run's folder")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.mid")
    length = command.add_mutually_exclusive_group()
    length.add_argument("--notes", type=int, metavar="N", help="length in notes (default 200)")
    length.add_argument("--seconds", type=_positive, metavar="S")
    length.add_argument("--bars", type=int, metavar="N")
    start = command.add_mutually_exclusive_group()
    start.add_argument("--prompt", type=Path, metavar="FILE.mid", help="continue this piece")
    start.add_argument("--passage", type=Path, metavar="DATASET", help="continue a random passage of a data set")
    command.add_argument("--count", type=int, default=1, metavar="N", help="several takes: FILE-1.mid, FILE-2.mid ...")
    command.set_defaults(reads=("checkpoint", "prompt", "passage"))
    sampling.add_boldness(command)
    sampling.add_rendering(command)


def _evaluate(commands: Commands) -> None:
    command = _command(commands, "evaluate", "Measure a model on MIDI files it has not seen.", verbs.evaluate)
    command.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    command.add_argument("folder", type=Path, metavar="FOLDER")
    command.add_argument(
        "--against",
        type=Path,
        default=None,
        metavar="DATASET",
        help="the data set the model learned from, to compare with counts of its music; found by itself beside a run",
    )
    command.add_argument(
        "--split",
        choices=get_args(Split),
        default=None,
        help="of a data set, the pieces to read (default: those held back for validation)",
    )
    command.set_defaults(reads=("checkpoint", "folder", "against"))


def _likeness(commands: Commands) -> None:
    command = _command(commands, "likeness", "Measure how near takes come to the music of a data set.", verbs.likeness)
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="MIDI files, or folders of them")
    command.add_argument("--against", type=Path, required=True, metavar="DATASET", help="the data set to compare with")
    command.set_defaults(reads=("files", "against"))


def _originality(commands: Commands) -> None:
    command = _command(
        commands, "originality", "Say whether a MIDI file is copied from the music of a data set.", verbs.originality
    )
    command.add_argument("file", type=Path, metavar="FILE.mid")
    command.add_argument("--against", type=Path, required=True, metavar="DATASET", help="folder of a prepared data set")
    command.set_defaults(reads=("file", "against"))


def _edit(commands: Commands) -> None:
    command = _command(
        commands, "edit", "Change the notes of a MIDI file by one command or several, in their order.", edit.edit
    )
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = edit.commands_text()
    command.add_argument("file", type=Path, metavar="FILE.mid")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.mid", help="may be the same file")
    command.add_argument("--bars", type=_bars, default=None, metavar="5-8", help="only notes that begin in these bars")
    command.add_argument("--tracks", type=_numbers, default=(), metavar="1,2", help="only notes of these tracks")
    command.add_argument(
        "words",
        nargs="*",
        metavar="COMMAND [--OPTION VALUE ...]",
        help="what to do, after all other options; see below",
    )


def _bars(text: str) -> tuple[int, int]:
    """The first and the last bar of a passage: 5-8, or one: 5."""
    first, _, last = text.partition("-")
    if (
        not first.isdecimal()
        or (last and not last.isdecimal())
        or not 0 < int(first) <= int(last or first) <= _MOST_RUNS
    ):
        raise argparse.ArgumentTypeError(f"{text!r} are no bars; write 5 or 5-8")
    return int(first), int(last or first)


def _render(commands: Commands) -> None:
    command = _command(commands, "render", "Play a MIDI file into a sound file.", verbs.render)
    command.add_argument("file", type=Path, metavar="FILE.mid")
    command.set_defaults(reads=("file", "soundfont"))
    command.add_argument("--out", type=Path, required=True, metavar="FILE.wav|flac|ogg|mp3")
    command.add_argument(
        "--soundfont", type=Path, metavar="FILE.sf2|sf3", help="play it with this, through FluidSynth (usual: piano)"
    )
    command.add_argument("--rate", type=int, choices=(44_100, 48_000, 96_000), default=48_000, help="default 48000")
    command.add_argument("--bars", type=_bars, metavar="A-B", help="only bars A to B, counted from 1")
    command.add_argument(
        "--tail", type=float, metavar="S", help="end S seconds after the last note (usual: when all is silent)"
    )
    command.add_argument("--normalise", action="store_true", help="bring the loudest moment to 1 dB below full scale")
    command.add_argument("--stems", action="store_true", help="a file for each track, named after it")


def _sound(commands: Commands) -> None:
    text = "Say what can sound here, what would play and why, and what to do where nothing sounds."
    _command(commands, "sound", text, sound.sound)


def _picture(commands: Commands) -> None:
    command = _command(commands, "picture", "Draw the piano roll of a MIDI file.", verbs.picture)
    command.add_argument("file", type=Path, metavar="FILE.mid")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.png|svg")
    command.add_argument("--dark", action="store_true", help="in the colours of the dark theme")
    command.set_defaults(reads=("file",))


def _models(commands: Commands) -> None:
    text = "Bring in models from elsewhere."
    inside = commands.add_parser("models", help=text, description=text).add_subparsers(metavar="COMMAND", required=True)
    command = _command(
        inside,
        "import",
        "Make a model of weights that the seed experiments' own training left (HDF5 of Keras 2).",
        verbs.import_weights,
    )
    command.add_argument("weights", type=Path, metavar="FILE", help=".hdf5, .h5 or .keras")
    command.add_argument("--preset", choices=tuple(WINDOWED_PRESETS), required=True, metavar="NAME", help="its network")
    command.add_argument(
        "--codec-from", type=Path, required=True, metavar="NOTES", help="note file, data set or model of its vocabulary"
    )
    command.add_argument("--window", type=int, default=None, metavar="N", help="tokens it read; default: the preset's")
    command.add_argument("--out", type=Path, required=True, metavar="MODEL.safetensors")
    command.set_defaults(reads=("weights", "codec_from"))


def _library(commands: Commands) -> None:
    text = "A library of many files: an index that is sorted and searched at once, and all notes in few files."
    parts = commands.add_parser("library", help=text, description=text).add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    command = _command(parts, "scan", "Read new and changed files of folders into a library.", library_verbs.scan)
    command.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="default: those it knows already")
    command.add_argument("--library", type=Path, required=True, metavar="DIR", help="made where it does not exist")
    command.add_argument(
        "--processes", type=_whole, default=0, metavar="N", help="that read at a time (default: one for each processor)"
    )
    _programs(command, "")
    command.set_defaults(reads=("folders",))
    command = _command(parts, "list", "List files of a library.", library_verbs.list_files)
    _in_library(command)
    command.add_argument(
        "--sort", choices=_SORTS, default="path", metavar="COLUMN", help=f"{', '.join(_SORTS)} (default: path)"
    )
    command.add_argument("--descending", action="store_true", help="the other way round")
    command.add_argument("--filter", default="", metavar="WORDS", help="all have to occur in path, title, verdict ...")
    command.add_argument(
        "--kind",
        choices=get_args(Kind),
        default="all",
        metavar="KIND",
        help=f"which files: {', '.join(get_args(Kind))}",
    )
    command.add_argument(
        "--only",
        action="append",
        default=[],
        type=_condition,
        metavar="CONDITION",
        help='such as tempo=96..120 (from 96, below 120), notes=1000.. or "key=C major,A minor"; several have to hold',
    )
    command.add_argument("--start", type=_whole, default=0, metavar="N", help="leave out the first N")
    command.add_argument("--limit", type=_whole, default=50, metavar="N", help="at most so many (default 50)")
    _in_library(_command(parts, "stats", "Say what a library holds, all in all.", library_verbs.stats))
    _in_library(_command(parts, "check", "Read all notes of a library back.", library_verbs.check))
    text = "Say what a library is enough for, and how long training on it takes."
    command = _command(parts, "advice", text, library_verbs.advice)
    _in_library(command)
    _preparing(command)
    command.add_argument("--project", type=Path, metavar="PROJECT", help="whose runs show how fast networks learn here")
    command.set_defaults(reads=("library", "project"))


def _in_library(command: argparse.ArgumentParser) -> None:
    command.add_argument("--library", type=Path, required=True, metavar="DIR", help="folder of the library")
    command.set_defaults(reads=("library",))


def _recipe(commands: Commands) -> None:
    text = "Decide about single files of a collection: leave out, rename, clean, put on a side."
    parts = commands.add_parser("recipe", help=text, description=text).add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    command = _command(parts, "show", "Say what was decided.", recipe_verbs.show)
    _in_recipe(command, "*")
    _in_recipe(_command(parts, "exclude", "Leave files out.", recipe_verbs.exclude))
    _in_recipe(_command(parts, "include", "Take files in again.", recipe_verbs.include))
    command = _command(parts, "set", "Rename files, or read them otherwise.", recipe_verbs.set_values)
    _in_recipe(command)
    command.add_argument("--title", metavar="TEXT", help="what to call them; empty for their own")
    command.add_argument("--composer", metavar="TEXT", help="who wrote them; empty for what is known")
    command.add_argument("--key", metavar="KEY", help='"E flat major", "c# minor"; empty for none')
    command.add_argument("--tracks", metavar="1,3|auto", help="the tracks to read, from 1; auto for those of the piano")
    command.add_argument("--trim", choices=_YES_NO, help="take silence before and after the music away")
    command.add_argument("--quantise", choices=_YES_NO, help="put notes on the grid they lie on")
    command = _command(parts, "sides", "Put files on a side, or leave them to chance.", recipe_verbs.sides)
    command.add_argument("side", choices=("train", "validation", "test", "chance"))
    _in_recipe(command)
    command = _command(parts, "move", "Say that a folder is called otherwise now.", recipe_verbs.move)
    command.add_argument("old", metavar="OLD", help="the folder's name in the recipe")
    command.add_argument("new", metavar="NEW", help="its name now")
    _in_recipe(command, "")


def _in_recipe(command: argparse.ArgumentParser, files: str = "+") -> None:
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


def _runs(commands: Commands) -> None:
    text = "Experiments of a project: take a table in, write one, list, judge, draw, and queue them."
    parts = commands.add_parser("runs", help=text, description=text).add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    command = _command(
        parts, "import", "Take tests.csv with its logs and outputs into a project.", run_verbs.import_runs
    )
    command.add_argument("folder", type=Path, metavar="FOLDER", help="they are found wherever they lie below it")
    _project(command, "folder of the project; made where it does not exist", "folder", made=True)
    command.add_argument("--no-judge", action="store_true", help="leave it at that: hold the outputs against nothing")
    command = _command(parts, "export", "Write the runs of a project as a table.", run_verbs.export_runs)
    _project(command, "folder of the project")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.csv", help="for example tests.csv")
    command = _command(
        parts, "judge", "Say what of each output is copied, and where it repeats itself.", run_verbs.judge_runs
    )
    _project(command, "folder of the project", "against")
    command.add_argument(
        "--against",
        type=Path,
        metavar="REFERENCE",
        help="a note file, a folder of MIDI files, or a prepared data set; else what each run learned from",
    )
    command = _command(parts, "list", "List the runs of a project.", run_verbs.list_runs)
    _project(command, "folder of the project")
    _outputs(parts)
    command = _command(parts, "takes", "List what a run sounded like on the way.", run_verbs.list_takes)
    command.add_argument("run", type=int, metavar="RUN", help="number of the run")
    _project(command, "folder of the project")
    _queue(parts)
    _sweep(parts)
    _plot(parts)
    _compare(parts)
    _listen(parts)


def _outputs(parts: Commands) -> None:
    text = "Make music with the model of a run and keep it as its output, in place of another."
    command = _command(parts, "output", text, output_verbs.output)
    command.add_argument("run", type=_whole, metavar="RUN", help="its number")
    _project(command, "folder of the project")
    sampling.add_sampling(command)
    text = "Make music with the model of a run as a new run that shares the model."
    command = _command(parts, "again", text, output_verbs.again)
    command.add_argument("run", type=_whole, metavar="RUN", help="the number of the run that has the model")
    _project(command, "folder of the project")
    sampling.add_sampling(command)
    command.add_argument("--title", default="", metavar="TEXT", help="what to call the new run")


def _queue(parts: Commands) -> None:
    command = _command(
        parts, "queue", "Runs that wait: add, order, run, steer and list them (without an option).", queue_verbs.queue
    )
    _project(command, "folder of the project")
    command.add_argument("--run", action="store_true", help="run what waits; go on where it was interrupted")
    _cluster(command)
    one = command.add_mutually_exclusive_group()
    one.add_argument("--list", action="store_true", help="list the queue (usual)")
    one.add_argument("--add", nargs="+", metavar="NAME=VALUE", help="add a run with these settings")
    one.add_argument("--repeat", nargs="+", type=int, metavar="RUN", help="add runs once more, with their settings")
    one.add_argument("--move", nargs=2, type=int, metavar=("ID", "PLACE"), help="put an entry at a place, from 1")
    one.add_argument("--cancel", dest="cancel_entry", type=int, metavar="ID", help="do not run it, or end it")
    one.add_argument("--remove", type=int, metavar="ID", help="take it off the list; its run stays")
    one.add_argument("--retry", type=int, metavar="ID", help="let a failed or cancelled one wait again")
    one.add_argument("--clear", action="store_true", help="take off the list all that are over")
    one.add_argument("--end-epoch", action="store_true", help="end the training after this epoch, and keep its model")
    one.add_argument("--pause", action="store_true", help="let the running queue wait")
    one.add_argument("--go-on", action="store_true", help="end the pause")
    one.add_argument("--stop", action="store_true", help="end the running queue; --run resumes it")


def _sweep(parts: Commands) -> None:
    command = _command(parts, "sweep", "Add all combinations of some settings to the queue.", queue_verbs.sweep)
    command.add_argument(
        "settings",
        nargs="+",
        metavar="NAME=VALUES",
        help="a list (units=128,256), a range (dropout=0.1:0.5:0.1), or by factors (learning_rate=0.0001:0.1:*10)",
    )
    _project(command, "folder of the project")
    command.add_argument("--epochs", type=int, default=None, metavar="N", help="the same as epochs=N")
    command.add_argument("--minutes", type=_positive, default=None, metavar="M", help="the same as minutes=M")
    command.add_argument("--notes", type=int, default=None, metavar="N", help="write so many after each (default 200)")
    command.add_argument("--most", type=int, default=100, metavar="N", help="refuse more runs (default 100)")
    command.add_argument("--dry-run", action="store_true", help="check and count them, add nothing")


def _plot(commands: Commands) -> None:
    command = _command(
        commands, "plot", "Draw the losses of runs as a picture, or write them as a table.", run_verbs.plot_runs
    )
    _project(command, "folder of the project")
    command.add_argument("--runs", type=_numbers, default=(), metavar="1,2,74", help="their numbers (default: all)")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.png|svg|csv")
    command.add_argument("--log", action="store_true", help="on a logarithmic axis")
    command.add_argument("--smooth", type=_whole, default=0, metavar="N", help="running mean of N epochs")
    command.add_argument("--dark", action="store_true", help="in the colours of the dark theme")


def _compare(parts: Commands) -> None:
    command = _command(
        parts, "compare", "Lay runs side by side, with takes from the same prompt.", compare_verbs.compare
    )
    command.add_argument("runs", nargs="+", type=_whole, metavar="RUN", help="their numbers, two or more")
    _project(command, "folder of the project")
    command.add_argument(
        "--takes", type=_whole, default=1, metavar="N", help="takes of each run (default 1; 0 for none)"
    )
    command.add_argument("--notes", type=_whole, default=200, metavar="N", help="length of each take (default 200)")
    command.add_argument("--seed", type=_whole, default=0, metavar="S", help="of the first take (default 0)")
    command.add_argument("--out", type=Path, default=None, metavar="FOLDER", help="copy the takes there")


def _listen(parts: Commands) -> None:
    command = _command(
        parts,
        "listen",
        "Write a blind listening test of two runs: numbered MIDI files and a key.",
        compare_verbs.listen,
    )
    command.add_argument("runs", nargs=2, type=_whole, metavar="RUN", help="their numbers")
    _project(command, "folder of the project")
    command.add_argument("--rounds", type=_whole, default=10, metavar="N", help="pairs to be heard (default 10)")
    command.add_argument("--seconds", type=_positive, default=20.0, metavar="S", help="of each take (default 20)")
    command.add_argument("--seed", type=_whole, default=None, metavar="S", help="decides the order (default: chance)")
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    command = _command(parts, "tally", "Count the answers of a blind listening test.", compare_verbs.tally)
    command.add_argument("folder", type=Path, metavar="FOLDER", help="where the test was written")
    command.add_argument(
        "--answers", type=Path, default=None, metavar="FILE", help="lines like 1,A (default: FOLDER/answers.csv)"
    )
    command.add_argument(
        "--project", type=Path, default=None, metavar="PROJECT", help="keep them there, and write into its notebook"
    )


def _notebook(commands: Commands) -> None:
    command = _command(
        commands,
        "notebook",
        "Print the lab notebook of a project, add to it, or write it into a file.",
        notebook.notebook,
    )
    _project(command, "folder of the project")
    command.add_argument("--add", metavar="TEXT", help="add an entry; of several lines the first is its title")
    command.add_argument("--out", type=Path, metavar="FILE.md|html|pdf", help="write it, with its pictures")


def _project(command: argparse.ArgumentParser, text: str, *also: str, made: bool = False) -> None:
    """Add the option for the project; it is to be there unless it is ``made``, as are the paths of other options."""
    command.add_argument("--project", type=Path, required=True, metavar="PROJECT", help=text)
    command.set_defaults(reads=also if made else ("project", *also))


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def _setting(text: str) -> tuple[str, object]:
    """A name and a value, which is JSON where it can be and text where not."""
    name, parted, value = text.partition("=")
    if not parted or not name:
        raise argparse.ArgumentTypeError(f"{text} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _condition(text: str) -> Span | Among:
    try:
        return condition_of(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(f"{error.message} {error.hint}") from error


def _whole(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return value


def _takes(text: str) -> str:
    """A cadence of takes, checked."""
    from musicgen_app.workflow.cadence import cadence_of

    try:
        cadence_of(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _numbers(text: str) -> tuple[int, ...]:
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
