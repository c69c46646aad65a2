"""Makes an Ogg file the same whenever it is written: encoders draw the stream's number by lot."""

import struct
from pathlib import Path

_NUMBER = b"MusG"
_NUMBER_AT, _SUM_AT, _SEGMENTS_AT = 14, 22, 26
_POLYNOMIAL = 0x04C11DB7


def _table() -> tuple[int, ...]:
    sums = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ _POLYNOMIAL if value & 0x80000000 else value << 1
        sums.append(value & 0xFFFFFFFF)
    return tuple(sums)


_TABLE = _table()


def _checksum(page: bytes) -> int:
    value = 0
    for byte in page:
        value = ((value << 8) & 0xFFFFFF00) ^ _TABLE[(value >> 24) ^ byte]
    return value


def fix_stream_number(path: Path) -> None:
    """Give a file with one stream the number that all ours have, page by page, with the sums that go with it."""
    content = bytearray(path.read_bytes())
    at = 0
    while content[at : at + 4] == b"OggS":
        segments = content[at + _SEGMENTS_AT]
        body = at + _SEGMENTS_AT + 1 + segments
        end = body + sum(content[at + _SEGMENTS_AT + 1 : body])
        content[at + _NUMBER_AT : at + _NUMBER_AT + 4] = _NUMBER
        content[at + _SUM_AT : at + _SUM_AT + 4] = bytes(4)
        content[at + _SUM_AT : at + _SUM_AT + 4] = struct.pack("<I", _checksum(bytes(content[at:end])))
        at = end
    path.write_bytes(content)
