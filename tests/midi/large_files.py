"""The worst files below 64 MB that are known.

Usage: python -m tests.midi.large_files FILE
Reads the file under the limits of ``limits`` and prints its notes and the peak of memory as a line of JSON.
"""

import json
import random
import sys
from contextlib import suppress
from pathlib import Path

from musicgen_app.core.errors import MidiReadError
from musicgen_app.midi.reader import MAX_FILE_BYTES, read_midi
from tests.midi.limits import limited, peak_mib
from tests.midi.raw import END, chunk, header

EVENTS = {
    "running notes": b"\x00\x3c\x40",
    "notes": b"\x01\x90\x3c\x05",
    "notes and ends": b"\x01\x90\x3c\x05\x01\x3c\x00",
    "controllers": b"\x01\xb0\x01\x05",
    "programs": b"\x01\xc0\x01",
    "changing kinds": b"\x00\xc0\x01\x00\x90\x3c\x40",
    "too loud notes": b"\x00\x90\x3c\xff",
    "tempos": b"\x00\xff\x51\x03\x07\xa1\x20",
    "keys": b"\x00\xff\x59\x02\x00\x00",
    "names": b"\x00\xff\x03\x01a",
    "texts": b"\x00\xff\x01\x01a",
    "exclusive": b"\x00\xf0\x00",
    "ends of tracks": b"\x00\xff\x2f\x00",
    "zeros": b"\x00",
    "endless numbers": b"\x80",
    "ones": b"\xff",
}
"""Each is the only track of a file, over and over."""

CHUNKS = {
    "empty tracks": b"MTrk\x00\x00\x00\x00",
    "tracks without end": b"MTrk\x7f\xff\xff\xff",
    "other chunks": b"ABCD\x00\x00\x00\x00",
    "headers": b"MThd",
    "tracks": chunk(b"\x00\x90\x3c\x40\x01\x3c\x00" * 2_000 + END),
}

KINDS = (*EVENTS, *CHUNKS, "chance")


def large_file(kind: str) -> bytes:
    """A file of such a kind, nearly as large as may be."""
    size = MAX_FILE_BYTES - 100
    if kind == "chance":
        return header(1) + chunk(random.Random(1).randbytes(size))
    piece = EVENTS[kind] if kind in EVENTS else CHUNKS[kind]
    content = piece * (size // len(piece))
    return header(1) + (chunk(b"\x00\x90\x3c\x40" + content) if kind in EVENTS else content)


def main(path: Path) -> None:
    notes = 0
    with limited(), suppress(MidiReadError):
        notes = len(read_midi(path).score.notes)
    sys.stdout.write(json.dumps({"notes": notes, "peak_mib": peak_mib()}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
