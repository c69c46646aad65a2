"""The music of one file as a record of bytes: arrays that can be mapped, and a line of JSON for what is not notes."""

import json
import struct
import zlib
from typing import Any

import numpy as np

from musicgen_app.core.errors import LibraryError
from musicgen_app.core.score import (
    NOTE_DTYPE,
    PEDAL_DTYPE,
    TEMPO_DTYPE,
    KeySignature,
    Notes,
    Score,
    TimeSignature,
    Track,
)

_MAGIC = b"MGN1"
_HEADER = struct.Struct("<4sIIIIIHH")
"""Magic, checksum of what follows the first two, notes, pedals, tempos, bytes of JSON, ticks a beat, width."""
_CHECKED_FROM = 8
_NARROW, _WIDE = 0, 1
_DTYPES = {
    _WIDE: (NOTE_DTYPE, PEDAL_DTYPE, TEMPO_DTYPE),
    _NARROW: (
        np.dtype([("onset", "<u4"), ("duration", "<u4"), ("pitch", "u1"), ("velocity", "u1"), ("track", "<u2")]),
        np.dtype([("onset", "<u4"), ("track", "<u2"), ("value", "u1")]),
        np.dtype([("onset", "<u4"), ("microseconds_per_beat", "<i4")]),
    ),
}
"""Times of 32 bits wherever they suffice: a note then takes 12 bytes instead of 20."""
_NARROW_BELOW = 2**32


def pack(score: Score) -> bytes:
    """The record of a score's music; controls, markers and texts are left out."""
    arrays = (score.notes, score.pedals, score.tempos)
    times = [array[name] for array in arrays for name in ("onset", "duration") if name in (array.dtype.names or ())]
    width = _NARROW if all(int(column.max(initial=0)) < _NARROW_BELOW for column in times) else _WIDE
    words = {
        "tracks": [[track.name, track.program, track.channel] for track in score.tracks],
        "metre": [[at.onset, at.numerator, at.denominator] for at in score.time_signatures],
        "keys": [[at.onset, at.fifths, at.minor] for at in score.key_signatures],
    }
    tail = json.dumps(words, separators=(",", ":")).encode("ascii")
    rows = [array.astype(dtype).tobytes() for array, dtype in zip(arrays, _DTYPES[width], strict=True)]
    header = _HEADER.pack(_MAGIC, 0, *map(len, arrays), len(tail), score.ticks_per_beat, width)
    checked = b"".join([header[_CHECKED_FROM:], *rows, tail])
    return _MAGIC + struct.pack("<I", zlib.crc32(checked)) + checked


def unpack(record: memoryview) -> Score:
    """The score of a record.

    Raises:
        LibraryError: It is damaged.
    """
    try:
        magic, checksum, *counts, tail, ticks_per_beat, width = _HEADER.unpack_from(record)
        if magic != _MAGIC or zlib.crc32(record[_CHECKED_FROM:]) != checksum:
            raise ValueError("checksum")
        arrays: list[Notes] = []
        at = _HEADER.size
        for count, narrow, wide in zip(counts, _DTYPES[width], _DTYPES[_WIDE], strict=True):
            arrays.append(np.frombuffer(record, narrow, count, at).astype(wide))
            at += count * narrow.itemsize
        return _score(arrays, json.loads(bytes(record[at : at + tail])), ticks_per_beat)
    except (struct.error, ValueError, TypeError, KeyError) as error:
        raise LibraryError(
            "The notes of a file are damaged in the library.", "Check the library, then scan the folder again."
        ) from error


def _score(arrays: list[Notes], words: dict[str, Any], ticks_per_beat: int) -> Score:
    notes, pedals, tempos = arrays
    return Score(
        notes=notes,
        pedals=pedals,
        tempos=tempos,
        time_signatures=tuple(TimeSignature(*one) for one in words["metre"]),
        key_signatures=tuple(KeySignature(*one) for one in words["keys"]),
        tracks=tuple(Track(*one) for one in words["tracks"]),
        ticks_per_beat=ticks_per_beat,
    )
