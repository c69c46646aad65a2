"""MIDI files made wrong, each by its number, so that one that is read badly can be made again.

Usage: python -m tests.midi.mutants FIRST COUNT
Reads so many mutants and prints a line of JSON: how many were read and refused, their notes, and the peak of memory.
Anything but the reader's own error, a mutant that takes more than five seconds of the processor, or a finding that
is no sentence ends it with a traceback that names the mutant.
"""

import json
import random
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.midi.limits import limited, peak_mib
from tests.midi.raw import number
from tests.midi.small_files import small_files
from tests.midi.test_damaged_files import read_or_refuse

CORPUS = Path(__file__).resolve().parents[2] / "data" / "corpus"
LARGEST_BYTES = 30_000

Accident = Callable[[bytearray, Sequence[bytes], random.Random], None]


def sources() -> list[bytes]:
    """What mutants are made of: small files of all kinds of events, and the smaller bundled pieces."""
    pieces = (path.read_bytes() for path in sorted(CORPUS.glob("*.mid")))
    return small_files() + [content for content in pieces if len(content) <= LARGEST_BYTES]


def mutant(which: int, contents: Sequence[bytes]) -> bytes:
    """The mutant of this number: one of the files with one to five accidents."""
    rng = random.Random(which)
    out = bytearray(rng.choice(contents))
    for _ in range(rng.randint(1, 5)):
        rng.choice(ACCIDENTS)(out, contents, rng)
        out = out or bytearray(b"M")
    return bytes(out)


def flip_bits(out: bytearray, _contents: Sequence[bytes], rng: random.Random) -> None:
    for _ in range(rng.randint(1, 40)):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)


def put_bytes(out: bytearray, _contents: Sequence[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(out))
    out[at : at + rng.randrange(3)] = rng.randbytes(rng.randint(1, 9))


def cut(out: bytearray, _contents: Sequence[bytes], rng: random.Random) -> None:
    """Of the end, of the beginning, or of some place between."""
    at = rng.randrange(len(out))
    match rng.randrange(3):
        case 0:
            del out[at:]
        case 1:
            del out[: at // 4]
        case _:
            del out[at : at + rng.randint(1, 200)]


def chunk_of(content: bytes | bytearray, rng: random.Random) -> tuple[int, int]:
    """Where one of the chunks lies, by its name and not by its length."""
    begins = [found.start() for found in re.finditer(rb"MT(?:hd|rk)", content)] or [0]
    which = rng.randrange(len(begins))
    return begins[which], begins[which + 1] if which + 1 < len(begins) else len(content)


def delete_chunk(out: bytearray, _contents: Sequence[bytes], rng: random.Random) -> None:
    begin, end = chunk_of(out, rng)
    del out[begin:end]


def double_chunk(out: bytearray, _contents: Sequence[bytes], rng: random.Random) -> None:
    begin, end = chunk_of(out, rng)
    at = chunk_of(out, rng)[0]
    out[at:at] = out[begin:end] * rng.choice([1, 1, 2, 20] if end - begin < 2_000 else [1])


def splice(out: bytearray, contents: Sequence[bytes], rng: random.Random) -> None:
    """The beginning of a file, and the end of another."""
    other = rng.choice(contents)
    out[rng.randrange(len(out)) :] = other[rng.randrange(len(other)) :]


def lie_about_length(out: bytearray, _contents: Sequence[bytes], rng: random.Random) -> None:
    begin, end = chunk_of(out, rng)
    right = max(end - begin - 8, 0)
    lengths = [0, 1, 5, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, right - 1, right + 1, right + 8, rng.randrange(1 << 32)]
    out[begin + 4 : begin + 8] = (rng.choice(lengths) & 0xFFFFFFFF).to_bytes(4, "big")


def lie_in_header(out: bytearray, _contents: Sequence[bytes], rng: random.Random) -> None:
    at = max(out.find(b"MThd"), 0) + rng.choice([8, 10, 12])
    out[at : at + 2] = rng.choice([b"\0\0", b"\xff\xff", b"\x80\x00", b"\xe7\x00", b"\x7f\xff", rng.randbytes(2)])


def extreme_number(out: bytearray, _contents: Sequence[bytes], rng: random.Random) -> None:
    """A delta time or a length that is the largest, too long, or endless."""
    extremes = [number(0x0FFFFFFF), b"\xff\xff\xff\xff\x7f", b"\x80\x80\x80\x00", b"\xff" * 9, number(2**21), b"\x81"]
    start = rng.choice([b"", b"\xff\x01", b"\xff\x51", b"\xff\x2f", b"\x00\xf0", b"\x00\xf7", b"\x00\xff\x58"])
    at = rng.randrange(len(out))
    out[at : at + rng.randrange(2)] = start + rng.choice(extremes)


def repeat(out: bytearray, _contents: Sequence[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(out))
    out[at:at] = out[at : at + rng.randint(1, 60)] * rng.choice([1, 3, 100])


ACCIDENTS: tuple[Accident, ...] = (
    flip_bits,
    put_bytes,
    cut,
    delete_chunk,
    double_chunk,
    splice,
    lie_about_length,
    lie_in_header,
    extreme_number,
    repeat,
)


def main(first: int, count: int) -> None:
    contents = sources()
    read = notes = 0
    for which in range(first, first + count):
        try:
            with limited():
                reading = read_or_refuse(mutant(which, contents))
        except BaseException as error:
            error.add_note(f"This is mutant {which}.")
            raise
        read += reading is not None
        notes += 0 if reading is None else len(reading.score.notes)
    found = {"read": read, "refused": count - read, "notes": notes, "peak_mib": peak_mib()}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
