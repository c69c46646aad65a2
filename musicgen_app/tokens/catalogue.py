"""Finds the codec that a description belongs to."""

from collections.abc import Mapping
from typing import Any

from musicgen_app.core.errors import CodecError
from musicgen_app.midi.reader import Reading
from musicgen_app.tokens import notes, seed
from musicgen_app.tokens.codec import Codec, Rows


def codec_from(description: Mapping[str, Any]) -> Codec:
    """Build the codec that a data set or a checkpoint describes.

    Raises:
        CodecError: No such codec is known here, or the description cannot be used.
    """
    name = description.get("codec")
    if name == notes.NAME:
        return notes.NoteCodec.from_description(description)
    if name == seed.NAME:
        return seed.SeedCodec.from_description(description)
    raise CodecError(
        f'This version of the program knows no codec called "{name}".',
        hint="Open it with a newer version.",
    )


def rows_of_file(codec: Codec, reading: Reading) -> Rows:
    """The rows of a MIDI file; some codecs heed what a Score does not keep.

    Raises:
        CodecError: The codec cannot say what the file holds.
    """
    return codec.rows_of_file(reading) if isinstance(codec, seed.SeedCodec) else codec.encode(reading.score)
