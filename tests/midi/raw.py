"""MIDI files put together byte by byte, right ones and wrong ones."""

from musicgen_app.midi.reader import Reading, read_midi_bytes

END = b"\x00\xff\x2f\x00"
DIVISION = 96


def number(value: int) -> bytes:
    """A variable-length number."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))


def on(delta: int, pitch: int, velocity: int = 64, channel: int = 0) -> bytes:
    return number(delta) + bytes([0x90 | channel, pitch, velocity])


def off(delta: int, pitch: int, channel: int = 0) -> bytes:
    return number(delta) + bytes([0x80 | channel, pitch, 0])


def note(pitch: int, length: int = DIVISION, delta: int = 0, channel: int = 0) -> bytes:
    """A note that ends before the next event."""
    return on(delta, pitch, channel=channel) + off(length, pitch, channel)


def control(delta: int, number_: int, value: int, channel: int = 0) -> bytes:
    return number(delta) + bytes([0xB0 | channel, number_, value])


def program(delta: int, value: int, channel: int = 0) -> bytes:
    return number(delta) + bytes([0xC0 | channel, value])


def meta(delta: int, kind: int, content: bytes) -> bytes:
    return number(delta) + bytes([0xFF, kind]) + number(len(content)) + content


def tempo(delta: int, microseconds: int) -> bytes:
    return meta(delta, 0x51, microseconds.to_bytes(3, "big"))


def chunk(events: bytes, length: int | None = None, name: bytes = b"MTrk") -> bytes:
    """A chunk; ``length`` where the file shall lie about it."""
    return name + (len(events) if length is None else length).to_bytes(4, "big") + events


def header(tracks: int, file_format: int = 1, division: int = DIVISION) -> bytes:
    return b"MThd" + bytes([0, 0, 0, 6]) + b"".join(part.to_bytes(2, "big") for part in (file_format, tracks, division))


def midi(*tracks: bytes, file_format: int = 1, division: int = DIVISION) -> bytes:
    """A whole file of tracks that all end as they should."""
    return header(len(tracks), file_format, division) + b"".join(chunk(events + END) for events in tracks)


def read(*tracks: bytes, file_format: int = 1, division: int = DIVISION) -> Reading:
    """What the reader makes of such a file."""
    return read_midi_bytes(midi(*tracks, file_format=file_format, division=division))


def listed(reading: Reading) -> list[tuple[int, int, int]]:
    """Onset, duration and pitch of all notes."""
    notes = reading.score.notes
    return list(zip(notes["onset"].tolist(), notes["duration"].tolist(), notes["pitch"].tolist(), strict=True))
