"""The words in a MIDI file: names, and texts that stand beside the music."""

from collections.abc import Iterable
from itertools import islice

MAX_NAME_LENGTH = 200
MAX_TEXTS = 2_000
"""Texts that are kept of one file; a song with all its syllables has some hundreds."""
MAX_TEXT_BYTES = 4096

TEXT_KINDS = {0x01: "text", 0x02: "copyright", 0x05: "lyrics", 0x06: "marker", 0x07: "cue"}
"""Kinds of meta events that are words and no names."""

_LONGEST_LYRICS = 20_000


def decoded(content: bytes, longest: int = MAX_NAME_LENGTH) -> str:
    """Decode words: UTF-8 where it is that, else Latin-1; on one line, without control characters."""
    content = content[:MAX_TEXT_BYTES]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    text = text[:longest]
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)


def words_of(content: bytes) -> str:
    """A name, without blanks around it."""
    return decoded(content).strip()


def texts_of(metas: Iterable[tuple[int, bytes]]) -> tuple[tuple[str, str], ...]:
    """Kind and words of the first texts among meta events; syllables that follow each other become one text."""
    found: list[tuple[str, str]] = []
    for number, content in islice(((number, content) for number, content in metas if number in TEXT_KINDS), MAX_TEXTS):
        kind, words = TEXT_KINDS[number], decoded(content, MAX_TEXT_BYTES)
        if kind == "lyrics" and found and found[-1][0] == kind:
            found[-1] = (kind, (found[-1][1] + words)[:_LONGEST_LYRICS])
        else:
            found.append((kind, words))
    return tuple((kind, words.strip()) for kind, words in found if words.strip())
