"""Where pieces begin in a list of words: a list does not say, but the MIDI files it was made from can tell."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.sources import SUFFIXES, read_credits, title_of
from musicgen_app.dataset.titles import known_title, telling_name
from musicgen_app.generation.word_copies import in_even_steps
from musicgen_app.midi.reader import Reading, read_midi
from musicgen_app.tokens.seed_reading import seed_words

FEWEST_WORDS = 24
"""Shorter pieces might stand in a list by chance."""

_READING = "Looking for pieces in the list"
_DEEPEST = 3
_MOST_FILES = 500
_MOST_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class ListedPiece:
    """A piece that stands in a line of words.

    Attributes:
        title: What it is called.
        place: Its first word in the line, counted from 0.
        words: How many it has.
        file: The MIDI file it is; None where that is not known.
        first_part: Whether the line has it by the first-part rule.
    """

    title: str
    place: int
    words: int
    file: Path | None = None
    first_part: bool = False

    @property
    def end(self) -> int:
        """The place behind its last word."""
        return self.place + self.words


def title_of_file(path: Path, reading: Reading | None = None) -> str:
    """What a MIDI file is called: by the list of credits beside it, its name, or its first track, in this order."""
    credit = read_credits(path.parent).get(path.name)
    if credit is not None and credit.title:
        return credit.title
    known = known_title(path.stem)
    if not known and reading is not None and reading.score.tracks:
        known = telling_name(reading.score.tracks[0].name)
    return known or title_of(path)


def midi_beside(path: Path) -> tuple[Path, ...]:
    """The MIDI files in the folder of a list and not far below it; of very many not all."""
    found: list[Path] = []
    seen = 0
    for place, folders, names in os.walk(path.parent):
        depth = len(Path(place).relative_to(path.parent).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and depth < _DEEPEST)
        seen += len(names)
        found += [Path(place, name) for name in sorted(names) if name.lower().endswith(SUFFIXES)]
        if len(found) > _MOST_FILES or seen > _MOST_ENTRIES:
            break
    return tuple(found[:_MOST_FILES])


def pieces_in(
    lines: Sequence[Sequence[str]], files: Iterable[Path], report: Report, cancel: CancelToken
) -> tuple[tuple[ListedPiece, ...], ...]:
    """The pieces in lines of words, those of each in their order, as MIDI files tell them word for word.

    Files are looked for as they are read by the first-part rule; where that leaves gaps, as they are read whole. What
    was rendered from words is not looked for: it is an output, not what one was made from. Files that cannot be read
    are passed over.

    Raises:
        Cancelled: Stopped on request.
    """
    texts = [_text(line) for line in lines]
    found: list[list[ListedPiece]] = [[] for _ in lines]
    files = tuple(files)
    known: set[Path] = set()
    for first_part in (True, False):
        gaps = any(sum(one.words for one in pieces) < len(line) for line, pieces in zip(lines, found, strict=True))
        if not gaps:
            break
        for number, path in enumerate(files):
            cancel.check()
            report(Progress(_READING, number, len(files), item=path.name))
            places = () if path in known else _places(path, first_part, texts, found)
            for line, piece in places:
                known.add(path)
                found[line].append(piece)
    return tuple(tuple(sorted(pieces, key=lambda piece: piece.place)) for pieces in found)


def _places(
    path: Path, first_part: bool, texts: Sequence[str], found: Sequence[Sequence[ListedPiece]]
) -> list[tuple[int, ListedPiece]]:
    """Where a file stands, read in one way: the line and the piece, once in each line."""
    try:
        reading = read_midi(path)
    except MusicgenError:
        return []
    if in_even_steps(reading.score):
        return []
    words = seed_words(reading, first_part)
    if len(words) < FEWEST_WORDS:
        return []
    title, wanted = title_of_file(path, reading), _text(words)
    places = [(line, _find(text, wanted)) for line, text in enumerate(texts)]
    return [
        (line, ListedPiece(title, place, len(words), path, first_part))
        for line, place in places
        if place >= 0 and not _taken(found[line], place, len(words))
    ]


def _text(words: Sequence[str]) -> str:
    return "".join(f" {word}" for word in words) + " "


def _find(text: str, wanted: str) -> int:
    """The number of the word at which a passage begins; -1 where it does not stand there."""
    at = text.find(wanted)
    return at if at < 0 else text.count(" ", 0, at)


def _taken(pieces: Sequence[ListedPiece], place: int, words: int) -> bool:
    return any(piece.place < place + words and place < piece.end for piece in pieces)
