"""What the commands about models take."""

from pathlib import Path
from typing import get_args

from musicgen_app.cli import sampling, verbs
from musicgen_app.cli.options import Commands, new_command, positive, setting, takes
from musicgen_app.dataset.store import Split
from musicgen_app.generation.presets import DEFAULT_PRESET, PRESETS
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS


def _train(commands: Commands) -> None:
    command = new_command(commands, "train", "Train a network on a data set.", verbs.train)
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
        type=setting,
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
    command.add_argument("--minutes", type=positive, default=None, metavar="M", help="at most so many minutes")
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
        type=takes,
        default=None,
        metavar="off|auto|epoch|MINUTES",
        help="how often to make a take of 20 seconds on the way: never, after an epoch as far as that costs less than "
        "3 percent of the time (default), after every epoch, or every so many minutes",
    )
    command.add_argument(
        "--takes-prompt", type=Path, default=None, metavar="FILE.mid", help="music that each of these takes continues"
    )


def _generate(commands: Commands) -> None:
    command = new_command(commands, "generate", "Write new music with a trained model.", verbs.generate)
    command.add_argument("checkpoint", type=Path, metavar="CHECKPOINT", help="model.safetensors, or a run's folder")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.mid")
    length = command.add_mutually_exclusive_group()
    length.add_argument("--notes", type=int, metavar="N", help="length in notes (default 200)")
    length.add_argument("--seconds", type=positive, metavar="S")
    length.add_argument("--bars", type=int, metavar="N")
    start = command.add_mutually_exclusive_group()
    start.add_argument("--prompt", type=Path, metavar="FILE.mid", help="continue this piece")
    start.add_argument("--passage", type=Path, metavar="DATASET", help="continue a random passage of a data set")
    command.add_argument("--count", type=int, default=1, metavar="N", help="several takes: FILE-1.mid, FILE-2.mid ...")
    command.set_defaults(reads=("checkpoint", "prompt", "passage"))
    sampling.add_boldness(command)
    sampling.add_rendering(command)


def _evaluate(commands: Commands) -> None:
    command = new_command(commands, "evaluate", "Measure a model on MIDI files it has not seen.", verbs.evaluate)
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
    command = new_command(
        commands, "likeness", "Measure how near takes come to the music of a data set.", verbs.likeness
    )
    command.add_argument("files", nargs="+", type=Path, metavar="FILE", help="MIDI files, or folders of them")
    command.add_argument("--against", type=Path, required=True, metavar="DATASET", help="the data set to compare with")
    command.set_defaults(reads=("files", "against"))


def _originality(commands: Commands) -> None:
    command = new_command(
        commands, "originality", "Say whether a MIDI file is copied from the music of a data set.", verbs.originality
    )
    command.add_argument("file", type=Path, metavar="FILE.mid")
    command.add_argument("--against", type=Path, required=True, metavar="DATASET", help="folder of a prepared data set")
    command.set_defaults(reads=("file", "against"))


def _models(commands: Commands) -> None:
    text = "Bring in models from elsewhere."
    inside = commands.add_parser("models", help=text, description=text).add_subparsers(metavar="COMMAND", required=True)
    command = new_command(
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


def add(commands: Commands) -> None:
    """Add these commands."""
    for one in (_train, _generate, _evaluate, _likeness, _originality, _models):
        one(commands)
