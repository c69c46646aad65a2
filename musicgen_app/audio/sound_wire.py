"""What the window and the sound process say to each other: commands with their scores there, a line a block back.

A command is four bytes of length, a JSON object of that length, and the arrays that it names. Nothing is unpickled.
"""

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from musicgen_app.audio.timeline import Timeline
from musicgen_app.core.score import NOTE_DTYPE, PEDAL_DTYPE, TEMPO_DTYPE, Score, TimeSignature, Track

_LENGTH = struct.Struct("<I")
_ARRAYS = (NOTE_DTYPE, PEDAL_DTYPE, TEMPO_DTYPE, np.dtype(bool))

Read = Callable[[int], bytes]


def packed(name: str, arguments: Sequence[object]) -> list[bytes]:
    """A command as the parts to write; a timeline among the arguments travels as its score."""
    parts: list[bytes] = []
    plain: list[object] = []
    for argument in arguments:
        if not isinstance(argument, Timeline):
            plain.append(argument)
            continue
        score = argument.score
        arrays = [score.notes, score.pedals, score.tempos, *([] if argument.heard is None else [argument.heard])]
        parts += [array.tobytes() for array in arrays]
        plain.append(
            {
                "sizes": [len(array) for array in arrays],
                "tracks": [[track.program, track.channel] for track in score.tracks],
                "metres": [[metre.onset, metre.numerator, metre.denominator] for metre in score.time_signatures],
                "ticks_per_beat": score.ticks_per_beat,
            }
        )
    head = json.dumps({"do": name, "with": plain}).encode()
    return [_LENGTH.pack(len(head)), head, *parts]


def unpacked(read: Read) -> tuple[str, list[Any]] | None:
    """The next command; None where there is none any more.

    Args:
        read: Reads so many bytes, fewer only at the end.
    """
    length = read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    head = json.loads(read(_LENGTH.unpack(length)[0]))
    arguments = [_timeline(one, read) if isinstance(one, dict) and "sizes" in one else one for one in head["with"]]
    return str(head["do"]), arguments


def _timeline(told: dict[str, Any], read: Read) -> Timeline:
    """The timeline whose arrays follow."""
    arrays = [
        np.frombuffer(read(size * kind.itemsize), kind) for size, kind in zip(told["sizes"], _ARRAYS, strict=False)
    ]
    score = Score(
        notes=arrays[0],
        pedals=arrays[1],
        tempos=arrays[2],
        time_signatures=tuple(TimeSignature(*metre) for metre in told["metres"]),
        tracks=tuple(Track(program=program, channel=channel) for program, channel in told["tracks"]),
        ticks_per_beat=told["ticks_per_beat"],
    )
    return Timeline(score, arrays[3] if len(arrays) > len(_ARRAYS) - 1 else None)
