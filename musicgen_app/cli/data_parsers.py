"""What the commands about music and data sets take."""

from pathlib import Path
from typing import get_args

from musicgen_app.cli import collect_verbs, inspection, library_verbs, recipe_verbs, sampling, tokens, verbs
from musicgen_app.cli.options import (
    Commands,
    cluster_option,
    condition,
    library_option,
    new_command,
    positive,
    preparing_options,
    programs_option,
    recipe_options,
    whole,
)
from musicgen_app.dataset.library_query import Kind
from musicgen_app.dataset.library_tables import PLAIN_SORTS, SORTS

_SORTS = (*SORTS, *PLAIN_SORTS)
_YES_NO = ("yes", "no")


def _demo(commands: Commands) -> None:
    command = new_command(
        commands, "demo", "Prepare the bundled corpus, train, generate; write MIDI, WAV and a picture.", verbs.demo
    )
    command.add_argument("--minutes", type=positive, default=1.0, metavar="M", help="training time (default 1)")
    command.add_argument("--out", type=Path, default=Path("musicgen-demo"), metavar="DIR", help="folder to write to")
    command.add_argument("--seed", type=int, default=0, metavar="S")


def _inspect(commands: Commands) -> None:
    command = new_command(
        commands, "inspect", "Say what files of MIDI or notation hold, or why they cannot be read.", inspection.inspect
    )
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="files, or folders of them")
    command.add_argument("--words", action="store_true", help="also what the seed codec makes of each")
    programs_option(command)


def _tokens(commands: Commands) -> None:
    command = new_command(commands, "tokens", "Print the words that MIDI files or note files hold.", tokens.tokens)
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="MIDI files, note files, or folders")
    command.add_argument("--codec", choices=("seed",), default="seed", help="the codec that has words (default)")
    command.add_argument("--first-part", action="store_true", help="read only the first part, as the seeds did")
    command.add_argument("--out", type=Path, default=None, metavar="NOTES.json", help="save all tokens as a note file")
    command.set_defaults(reads=("files",))
    command.add_argument("--midi", type=Path, default=None, metavar="FILE.mid", help="save all tokens as they sound")
    sampling.add_rendering(command)


def _collections(commands: Commands) -> None:
    text = "List public collections of piano music, with their licences."
    new_command(commands, "collections", text, collect_verbs.collections)


def _collect(commands: Commands) -> None:
    text = "Fetch a public collection, or any archive of music, into a folder; a broken transfer goes on."
    command = new_command(commands, "collect", text, collect_verbs.collect)
    command.add_argument("what", metavar="NAME|URL", help="a name that musicgen collections lists, or an address")
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new or an empty folder")
    command.add_argument("--accept-licence", action="store_true", help="accept a licence that forbids selling")
    command.add_argument("--sha256", default="", metavar="HEX", help="the checksum the archive must have")
    command.add_argument("--archive", type=Path, default=None, metavar="FILE", help="take this archive, fetch nothing")
    command.set_defaults(reads=("archive",))


def _prepare(commands: Commands) -> None:
    command = new_command(commands, "prepare", "Turn folders of MIDI files or notation into a data set.", verbs.prepare)
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
    preparing_options(command)
    cluster_option(command)
    programs_option(command)
    command.add_argument("--first-part", action="store_true", help="with the seed codec: read only the first part")
    command.set_defaults(reads=("folders", "recipe", "rebuild", "moved"))


def _library(commands: Commands) -> None:
    text = "A library of many files: an index that is sorted and searched at once, and all notes in few files."
    parts = commands.add_parser("library", help=text, description=text).add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    command = new_command(parts, "scan", "Read new and changed files of folders into a library.", library_verbs.scan)
    command.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="default: those it knows already")
    command.add_argument("--library", type=Path, required=True, metavar="DIR", help="made where it does not exist")
    command.add_argument(
        "--processes", type=whole, default=0, metavar="N", help="that read at a time (default: one for each processor)"
    )
    programs_option(command, "")
    command.set_defaults(reads=("folders",))
    command = new_command(parts, "list", "List files of a library.", library_verbs.list_files)
    library_option(command)
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
        type=condition,
        metavar="CONDITION",
        help='such as tempo=96..120 (from 96, below 120), notes=1000.. or "key=C major,A minor"; several have to hold',
    )
    command.add_argument("--start", type=whole, default=0, metavar="N", help="leave out the first N")
    command.add_argument("--limit", type=whole, default=50, metavar="N", help="at most so many (default 50)")
    library_option(new_command(parts, "stats", "Say what a library holds, all in all.", library_verbs.stats))
    library_option(new_command(parts, "check", "Read all notes of a library back.", library_verbs.check))
    text = "Say what a library is enough for, and how long training on it takes."
    command = new_command(parts, "advice", text, library_verbs.advice)
    library_option(command)
    preparing_options(command)
    command.add_argument("--project", type=Path, metavar="PROJECT", help="whose runs show how fast networks learn here")
    command.set_defaults(reads=("library", "project"))


def _recipe(commands: Commands) -> None:
    text = "Decide about single files of a collection: leave out, rename, clean, put on a side."
    parts = commands.add_parser("recipe", help=text, description=text).add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    command = new_command(parts, "show", "Say what was decided.", recipe_verbs.show)
    recipe_options(command, "*")
    recipe_options(new_command(parts, "exclude", "Leave files out.", recipe_verbs.exclude))
    recipe_options(new_command(parts, "include", "Take files in again.", recipe_verbs.include))
    command = new_command(parts, "set", "Rename files, or read them otherwise.", recipe_verbs.set_values)
    recipe_options(command)
    command.add_argument("--title", metavar="TEXT", help="what to call them; empty for their own")
    command.add_argument("--composer", metavar="TEXT", help="who wrote them; empty for what is known")
    command.add_argument("--key", metavar="KEY", help='"E flat major", "c# minor"; empty for none')
    command.add_argument("--tracks", metavar="1,3|auto", help="the tracks to read, from 1; auto for those of the piano")
    command.add_argument("--trim", choices=_YES_NO, help="take silence before and after the music away")
    command.add_argument("--quantise", choices=_YES_NO, help="put notes on the grid they lie on")
    command = new_command(parts, "sides", "Put files on a side, or leave them to chance.", recipe_verbs.sides)
    command.add_argument("side", choices=("train", "validation", "test", "chance"))
    recipe_options(command)
    command = new_command(parts, "move", "Say that a folder is called otherwise now.", recipe_verbs.move)
    command.add_argument("old", metavar="OLD", help="the folder's name in the recipe")
    command.add_argument("new", metavar="NEW", help="its name now")
    recipe_options(command, "")


def add(commands: Commands) -> None:
    """Add these commands."""
    for one in (_demo, _inspect, _tokens, _collections, _collect, _prepare, _library, _recipe):
        one(commands)
