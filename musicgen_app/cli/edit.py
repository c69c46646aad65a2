"""What ``musicgen edit`` does: commands of the table of edits, one after the other, on a MIDI file."""

import argparse
import difflib
import textwrap
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from musicgen_app.cli.console import print_json, print_text
from musicgen_app.cli.verbs import check_suffix
from musicgen_app.core.command_table import COMMANDS, GROUPS, command
from musicgen_app.core.commands import Command, Parameter, Value
from musicgen_app.core.edits import Edited, Selected, everything
from musicgen_app.core.errors import UsageError
from musicgen_app.core.files import make_folder
from musicgen_app.core.score import Notes, Score
from musicgen_app.core.selections import by_bars, by_track

_WITHOUT_VALUE = ("--json", "--help", "-h")

Step = tuple[Command, dict[str, Value]]


def edit(given: argparse.Namespace) -> int:
    """Read a file, do the commands in their order, write the result.

    Each acts on the notes that the one before left chosen; where none are chosen by bars or tracks, on all.
    """
    from musicgen_app.midi.reader import read_midi
    from musicgen_app.midi.writer import write_midi

    check_suffix(given.out, ".mid", ".midi")
    steps = read_steps(given.steps)
    score = read_midi(given.file).score
    chosen = _chosen(score, given.bars, given.tracks)
    told = []
    for one, values in steps:
        edited = one.run(score, everything(score) if chosen is None else chosen, values)
        told.append(_told(one, values, score, edited))
        score, chosen = edited.score, None if chosen is None else edited.selected
    make_folder(given.out.parent)
    write_midi(score, given.out)
    if given.json:
        print_json({"file": given.out, "notes": len(score.notes), "steps": told})
        return 0
    for step in told:
        print_text(f"{step['title']}: {step['changed']:,} of {step['chosen']:,} notes changed, {step['notes']:,} now")
    print_text(str(given.out))
    return 0


def parted(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """A command line, and the steps of an ``edit`` at its end, whose options are those of each step.

    The second word that is no option, nor the value of one, begins the steps.
    """
    own = list(words)
    if own[:1] != ["edit"]:
        return own, []
    at, files = 1, 0
    while at < len(own):
        if own[at].startswith("-"):
            at += own[at] not in _WITHOUT_VALUE and "=" not in own[at]
        elif files == 1:
            break
        else:
            files = 1
        at += 1
    json = ["--json"] if "--json" in own[at:] else []
    return own[:at] + json, [word for word in own[at:] if word != "--json"]


def read_steps(words: Sequence[str]) -> list[Step]:
    """The commands of a command line and their values.

    Raises:
        UsageError: A command or an option does not exist, or a value is missing or wrong.
    """
    steps: list[Step] = []
    waiting = list(words)
    while waiting:
        name = waiting.pop(0)
        try:
            one = command(name)
        except KeyError as error:
            near = difflib.get_close_matches(name, [known.id for known in COMMANDS], 1)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise UsageError(f"There is no command {name}.", f"{meant}musicgen edit --help lists all.") from error
        values: dict[str, Value] = {}
        while waiting and waiting[0].startswith("--"):
            option, value = _option(one, waiting)
            values[option] = value
        steps.append((one, one.settled(values)))
    if not steps:
        raise UsageError("Nothing says what to change.", "Name a command, for example: quantise --grid 1/16.")
    return steps


def _option(one: Command, waiting: list[str]) -> tuple[str, Value]:
    """Take an option and its value from the front of the words that wait."""
    word, joined, text = waiting.pop(0).removeprefix("--").partition("=")
    known = {parameter.name.replace("_", "-"): parameter for parameter in one.parameters}
    flags = {f"no-{name}": parameter for name, parameter in known.items() if parameter.kind == "flag"}
    if word not in known and word not in flags:
        options = ", ".join(f"--{name}" for name in known) or "none"
        raise UsageError(f"{one.id} has no option --{word}.", f"Its options: {options}.")
    if word in flags:
        return flags[word].name, False
    parameter = known[word]
    if parameter.kind == "flag":
        return parameter.name, True
    if not joined:
        if not waiting:
            raise UsageError(f"--{word} of {one.id} needs a value.", parameter.expected())
        text = waiting.pop(0)
    try:
        return parameter.name, parameter.read(text)
    except UsageError as error:
        raise UsageError(f"{text} is no value of --{word} ({one.id}).", error.hint) from error


def _chosen(score: Score, bars: tuple[int, int] | None, tracks: tuple[int, ...]) -> Selected | None:
    """The notes to change; None for all."""
    if bars is None and not tracks:
        return None
    chosen = everything(score) if bars is None else by_bars(score, *bars)
    if tracks:
        for number in tracks:
            if not 1 <= number <= len(score.tracks):
                raise UsageError(f"There is no track {number}.", f"The last one is track {len(score.tracks)}.")
        chosen = np.intersect1d(chosen, by_track(score, [number - 1 for number in tracks]))
    return chosen


def _told(one: Command, values: dict[str, Value], before: Score, edited: Edited) -> dict[str, object]:
    """What a step did."""
    shown = {name: str(value) if isinstance(value, Fraction) else value for name, value in values.items()}
    return {
        "command": one.id,
        "title": one.title,
        "parameters": shown,
        "chosen": len(edited.selected),
        "changed": _changed(before.notes, edited.score.notes),
        "notes": len(edited.score.notes),
        "pedal_changed": not np.array_equal(before.pedals, edited.score.pedals),
        "tempo_changed": not np.array_equal(before.tempos, edited.score.tempos),
        "tracks": len(edited.score.tracks),
    }


def _changed(before: Notes, after: Notes) -> int:
    """How many notes of the longer of both the other does not have."""
    both = np.concatenate([before, after])
    _, kind = np.unique(both.view(f"S{both.dtype.itemsize}"), return_inverse=True)
    old, new = (np.bincount(part, minlength=len(both)) for part in (kind[: len(before)], kind[len(before) :]))
    return max(len(before), len(after)) - int(np.minimum(old, new).sum())


def commands_text() -> str:
    """All commands with their options, for the help."""
    lines = ["commands, with their usual values:"]
    for group in GROUPS:
        lines.append(f" {group}")
        for one in COMMANDS:
            if one.group == group:
                options = " ".join(_option_text(parameter) for parameter in one.parameters)
                lines += textwrap.wrap(
                    f"{one.id} {options}".strip(), 100, initial_indent="  ", subsequent_indent="      "
                )
                lines.append(f"      {one.summary}.")
    return "\n".join(lines)


def _option_text(parameter: Parameter) -> str:
    name = parameter.name.replace("_", "-")
    if parameter.kind == "flag":
        return f"[--no-{name}]" if parameter.default else f"[--{name}]"
    return f"--{name} {parameter.default}"
