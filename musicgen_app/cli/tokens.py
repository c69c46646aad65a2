"""What ``musicgen tokens`` does: prints files as the words of the seed codec, and saves them as a note file."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from musicgen_app.cli.console import ProgressLine, print_json, print_text
from musicgen_app.cli.sampling import rendering_of
from musicgen_app.core.errors import UsageError
from musicgen_app.core.files import make_folder
from musicgen_app.tokens.seed import Rendering
from musicgen_app.workflow.tokens import FileTokens


def tokens(given: argparse.Namespace) -> int:
    """Print the words of files. Fails only where none of them could be read."""
    from musicgen_app.workflow.tokens import read_tokens, save_midi, save_tokens

    if given.out is not None and given.out.suffix.lower() not in (".json", ""):
        raise UsageError(
            f"{given.out.name} cannot be written.",
            "Choose a name that ends in .json, or one without an ending for the list the seeds' programs read.",
        )
    if given.midi is not None and given.midi.suffix.lower() not in (".mid", ".midi"):
        raise UsageError(f"{given.midi.name} cannot be written.", "Choose a name that ends in .mid.")
    rendering = rendering_of(given)
    if rendering is not None and given.midi is None:
        raise UsageError("How words sound matters only where they are written as music.", "Add --midi FILE.mid.")
    line = ProgressLine()
    found = read_tokens(tuple(given.files), given.first_part, line, given.cancel)
    line.clear()
    if given.out is not None:
        make_folder(given.out.parent)
        save_tokens(found, given.out)
    if given.midi is not None:
        make_folder(given.midi.parent)
        save_midi(found, given.midi, rendering or Rendering())
    _print(found, given.json)
    return 0 if any(not one.error for one in found) else 1


def _print(found: Sequence[FileTokens], json: bool) -> None:
    distinct = len({word for one in found for word in one.tokens})
    if json:
        print_json({"files": [_described(one) for one in found], "distinct": distinct})
        return
    for one in found:
        if one.error:
            print_text(f"{one.file}: {one.error}")
            continue
        lost = f" ({one.lost_text})" if one.lost else ""
        print_text(f"{one.file}: {len(one.tokens):,} tokens{lost}")
        print_text(" ".join(one.tokens))
    print_text(f"{distinct:,} distinct tokens")


def _described(one: FileTokens) -> dict[str, str | int | Sequence[str] | Path]:
    described: dict[str, str | int | Sequence[str] | Path] = {"file": one.file, "tokens": one.tokens, "lost": one.lost}
    return {**described, "error": one.error} if one.error else described
