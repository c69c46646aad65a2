"""What the commands about a single file of music, and about sound, take."""

import argparse
from pathlib import Path

from musicgen_app.cli import edit, sound, verbs
from musicgen_app.cli.options import Commands, bars, new_command, numbers


def _edit(commands: Commands) -> None:
    command = new_command(
        commands, "edit", "Change the notes of a MIDI file by one command or several, in their order.", edit.edit
    )
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.epilog = edit.commands_text()
    command.add_argument("file", type=Path, metavar="FILE.mid")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.mid", help="may be the same file")
    command.add_argument("--bars", type=bars, default=None, metavar="5-8", help="only notes that begin in these bars")
    command.add_argument("--tracks", type=numbers, default=(), metavar="1,2", help="only notes of these tracks")
    command.add_argument(
        "words",
        nargs="*",
        metavar="COMMAND [--OPTION VALUE ...]",
        help="what to do, after all other options; see below",
    )


def _render(commands: Commands) -> None:
    command = new_command(commands, "render", "Play a MIDI file into a sound file.", verbs.render)
    command.add_argument("file", type=Path, metavar="FILE.mid")
    command.set_defaults(reads=("file", "soundfont"))
    command.add_argument("--out", type=Path, required=True, metavar="FILE.wav|flac|ogg|mp3")
    command.add_argument(
        "--soundfont", type=Path, metavar="FILE.sf2|sf3", help="play it with this, through FluidSynth (usual: piano)"
    )
    command.add_argument("--rate", type=int, choices=(44_100, 48_000, 96_000), default=48_000, help="default 48000")
    command.add_argument("--bars", type=bars, metavar="A-B", help="only bars A to B, counted from 1")
    command.add_argument(
        "--tail", type=float, metavar="S", help="end S seconds after the last note (usual: when all is silent)"
    )
    command.add_argument("--normalise", action="store_true", help="bring the loudest moment to 1 dB below full scale")
    command.add_argument("--stems", action="store_true", help="a file for each track, named after it")


def _sound(commands: Commands) -> None:
    text = "Say what can sound here, what would play and why, and what to do where nothing sounds."
    new_command(commands, "sound", text, sound.sound)


def _picture(commands: Commands) -> None:
    command = new_command(commands, "picture", "Draw the piano roll of a MIDI file.", verbs.picture)
    command.add_argument("file", type=Path, metavar="FILE.mid")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.png|svg")
    command.add_argument("--dark", action="store_true", help="in the colours of the dark theme")
    command.set_defaults(reads=("file",))


def add(commands: Commands) -> None:
    """Add these commands."""
    for one in (_edit, _render, _sound, _picture):
        one(commands)
