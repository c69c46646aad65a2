"""A few small MIDI files of all kinds of events, to be damaged."""

import random

from tests.midi.raw import control, meta, midi, note, off, on, program, tempo


def small_files() -> list[bytes]:
    """A few files of all kinds of events."""
    rng = random.Random(7)
    first = meta(0, 3, b"Piano") + tempo(0, 400_000) + meta(0, 0x58, bytes([3, 2, 24, 8])) + meta(0, 0x59, b"\x02\x00")
    busy = b"".join(
        [
            program(0, 5),
            control(0, 64, 127),
            on(3, 60) + bytes([5, 64, 70, 100, 60, 0, 0, 64, 0]),
            bytes([0, 0xF0, 3, 1, 2, 0xF7, 0, 0xE0, 0, 64, 0, 0xD0, 9]),
            on(200, 72, 1, 9) + off(20_000, 72, 9),
            meta(0, 5, b"la la"),
            b"".join(note(rng.randrange(30, 90), rng.randrange(300), rng.randrange(200)) for _ in range(12)),
            control(0, 64, 0),
        ]
    )
    wrapped = midi(first, busy, note(50, channel=4))
    return [
        wrapped,
        midi(first + busy, file_format=0),
        midi(busy, note(60), file_format=2),
        midi(busy, division=0xE728),
        b"RIFF\0\0\0\0RMIDdata\0\0\0\0" + wrapped,
    ]
