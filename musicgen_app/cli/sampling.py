"""Options that say how music is made and how words sound, for every command that has them."""

import argparse
from typing import Any

from musicgen_app.core.errors import CodecError, UsageError
from musicgen_app.generation.generator import USUAL_TOP_P
from musicgen_app.tokens.seed import Rendering

_SAMPLING = ("notes", "seconds", "bars", "temperature", "top_k", "top_p", "random_pick", "seed")
_PICK = "choose among the K likeliest, all alike (1: the likeliest), in place of temperature, top-k and top-p"


def add_boldness(command: argparse.ArgumentParser, usual: bool = True) -> None:
    """Add the options of the choice of each note; with ``usual`` false all that are not given stay open."""
    command.add_argument("--temperature", type=float, default=1.0 if usual else None, metavar="T")
    command.add_argument("--top-k", type=int, default=0 if usual else None, metavar="K", help="0: all")
    top_p = f"default {USUAL_TOP_P}; 1: all" if usual else "1: all"
    command.add_argument("--top-p", type=float, default=USUAL_TOP_P if usual else None, metavar="P", help=top_p)
    command.add_argument("--random-pick", type=int, default=0 if usual else None, metavar="K", help=_PICK)
    command.add_argument("--seed", type=int, default=0 if usual else None, metavar="S", help="same seed, same music")


def add_sampling(command: argparse.ArgumentParser) -> None:
    """Add length, boldness and rendering for the output of a run; what is not given is as the run says."""
    length = command.add_mutually_exclusive_group()
    length.add_argument("--notes", type=int, metavar="N", help="length in notes or words (usual: 200)")
    length.add_argument("--seconds", type=float, metavar="S")
    length.add_argument("--bars", type=int, metavar="N")
    add_boldness(command, usual=False)
    add_rendering(command)


def add_rendering(command: argparse.ArgumentParser) -> None:
    """Add the options of how the seeds' words become notes."""
    usual = Rendering()
    group = command.add_argument_group("how words sound (models and files of the seed codec)")
    group.add_argument(
        "--step", type=float, metavar="BEATS", help=f"from one onset to the next (default {usual.step:g})"
    )
    group.add_argument("--duration", type=float, metavar="BEATS", help=f"of each note (default {usual.length:g})")
    group.add_argument("--velocity", type=int, metavar="1-127", help=f"loudness (default {usual.velocity})")
    group.add_argument(
        "--octave", type=int, metavar="N", help=f"of chords; 4 begins with middle C (default {usual.octave_number})"
    )


def sampling_of(given: argparse.Namespace) -> dict[str, Any]:
    """The settings of ``SampleConfig`` that were given."""
    return {name: value for name in _SAMPLING if (value := getattr(given, name)) is not None}


def rendering_of(given: argparse.Namespace) -> Rendering | None:
    """How words are to sound; None where nothing was said about it.

    Raises:
        UsageError: A value is out of range.
    """
    said = {"step": given.step, "length": given.duration, "velocity": given.velocity}
    values = {name: value for name, value in said.items() if value is not None}
    if not values and given.octave is None:
        return None
    try:
        rendering = Rendering(**values)
        return rendering if given.octave is None else rendering.in_octave(given.octave)
    except CodecError as error:
        raise UsageError(error.message, error.hint) from error
