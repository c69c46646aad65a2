"""Files made wrong by chance, always by the same chance: only MidiReadError may come out, and not late."""

import random

import pytest

from musicgen_app.core.errors import MidiReadError
from musicgen_app.midi.reader import Reading, read_midi_bytes
from tests.midi.raw import control, meta, midi, note, off, on, program, tempo

MUTANTS = 300


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


def damage(content: bytes, rng: random.Random) -> bytes:
    """The same bytes with one to six accidents."""
    out = bytearray(content)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(out))
        match rng.randrange(6):
            case 0:
                out[at] = rng.randrange(256)
            case 1:
                out[at] ^= 1 << rng.randrange(8)
            case 2:
                del out[at : at + rng.randint(1, 9)]
            case 3:
                out[at:at] = rng.randbytes(rng.randint(1, 9))
            case 4:
                out[at:at] = out[at : at + rng.randint(1, 40)]
            case _:
                out[at : at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"MTrk", b"MThd", b"\x7f\xff\xff\xff"])
        out = out or bytearray(b"\0")
    return bytes(out)


def read_or_refuse(content: bytes) -> Reading | None:
    """Read; the errors that are meant are fine, and so are sensible findings."""
    try:
        reading = read_midi_bytes(content, "mutant.mid")
    except MidiReadError:
        return None
    for finding in reading.findings:
        assert finding.endswith(".")
        assert "{" not in finding
    assert len(reading.score.tracks) >= 1
    assert len(reading.score.notes) <= len(content)
    return reading


@pytest.mark.parametrize("which", range(5))
def test_files_damaged_by_chance_are_read_or_refused_in_a_sentence(which: int) -> None:
    content = small_files()[which]
    rng = random.Random(which)
    readings = [read_or_refuse(damage(content, rng)) for _ in range(MUTANTS)]
    assert sum(reading is not None and len(reading.score.notes) > 0 for reading in readings) > MUTANTS // 2


@pytest.mark.parametrize("which", range(5))
def test_files_cut_at_every_byte_lose_only_what_is_cut_off(which: int) -> None:
    content = small_files()[which]
    whole = read_midi_bytes(content)
    counts = []
    for length in range(len(content)):
        reading = read_or_refuse(content[:length])
        counts.append(0 if reading is None else len(reading.score.notes))
    assert counts == sorted(counts)
    assert counts[-1] == len(whole.score.notes)


def test_random_bytes_are_read_or_refused() -> None:
    rng = random.Random(11)
    for _ in range(300):
        read_or_refuse(rng.randbytes(rng.randrange(1, 400)))
        read_or_refuse(midi(rng.randbytes(rng.randrange(1, 400))))


@pytest.mark.parametrize(
    "events",
    [
        b"\xff" * 100_000,
        b"\x80" * 100_000,
        b"\x00" * 100_000,
        b"\x00\xff\x2f\x00" * 25_000,
        b"\x00\xff\x01\x00" * 25_000,
        b"\x00\xf0\x00" * 25_000,
        b"\x00\xc0\x01\x00\x90\x3c\x40" * 15_000,
        b"\x00\x90\x3c" * 30_000,
        b"MTrk\x00\x00\x00\x00" * 10_000,
        b"MTrk\x7f\xff\xff\xff" * 10_000,
        b"MTrk\x00\x00\xff\xff" * 10_000,
        b"\x00\x90\x3c\x40" + b"\xff\xff\xff\x7f\x3c\x00" * 15_000,
    ],
)
def test_files_made_to_be_slow_are_not(events: bytes) -> None:
    read_or_refuse(midi(events))
    read_or_refuse(midi(*[events[:400]] * 300))
