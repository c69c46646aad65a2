"""Files made wrong by chance, always by the same chance: only MidiReadError may come out, and not late."""

import random

import pytest

from musicgen_app.core.errors import MidiReadError
from musicgen_app.midi.reader import Reading, read_midi_bytes
from tests.midi.raw import midi
from tests.midi.small_files import small_files

MUTANTS = 300


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
    """Read; the reader's own error is fine, and so are findings in whole sentences."""
    reading: Reading | None = None
    try:
        reading = read_midi_bytes(content, "mutant.mid")
        sentences = reading.findings
    except MidiReadError as error:
        sentences = (error.message,)
    assert all(sentence.endswith(".") and "{" not in sentence for sentence in sentences)
    if reading is not None:
        assert sentences or len(reading.score.notes)
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
