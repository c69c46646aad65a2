"""A SoundFont made by formula: program 0 and the drums sound a sine, program 40 the same an octave higher."""

import io
import math
import struct

import numpy as np
import soundfile

_RATE = 48_000
_ROOT = 69
_KEY_RANGE, _MODES, _SAMPLE, _OVERRIDING_ROOT, _INSTRUMENT = 43, 54, 53, 58, 41


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _list(kind: bytes, *chunks: bytes) -> bytes:
    return _chunk(b"LIST", kind + b"".join(chunks))


def _vorbis(wave: list[int]) -> bytes:
    content = io.BytesIO()
    soundfile.write(content, np.array(wave, np.int16), _RATE, format="OGG", subtype="VORBIS")
    return content.getvalue()


def tiny_soundfont(compressed: bool = False) -> bytes:
    """The bytes of an SF2 file, or of an SF3 file where ``compressed``: presets 0:0, 0:40 and 128:0."""
    # 110 waves of A4 fill 12,000 frames exactly, so the loop has no seam.
    wave = [round(20_000 * math.sin(2 * math.pi * 440 * at / _RATE)) for at in range(12_000)]
    samples = _vorbis(wave) if compressed else struct.pack("<12000h", *wave)
    # An SF3 counts the bytes of a sample, an SF2 its frames.
    end, kind = (len(samples), 0x11) if compressed else (12_000, 1)
    presets = ((b"Sine", 0, 0), (b"Octave", 40, 0), (b"Drums", 0, 128), (b"EOP", 0, 0))
    phdr = b"".join(
        struct.pack("<20sHHHIII", name, program, bank, index, 0, 0, 0)
        for index, (name, program, bank) in enumerate(presets)
    )
    pbag = b"".join(struct.pack("<HH", index, 0) for index in range(4))
    pgen = b"".join(struct.pack("<HH", _INSTRUMENT, number) for number in (0, 1, 0)) + bytes(4)
    inst = b"".join(struct.pack("<20sH", name, index) for index, name in enumerate((b"Low", b"High", b"EOI")))
    ibag = b"".join(struct.pack("<HH", index * 3, 0) for index in range(3))
    igen = b"".join(
        struct.pack("<HHHHHH", _MODES, 1, _OVERRIDING_ROOT, root, _SAMPLE, 0) for root in (_ROOT, _ROOT - 12)
    )
    shdr = struct.pack("<20sIIIIIBbHH", b"A4", 0, end, 0, 11_999, _RATE, _ROOT, 0, 0, kind)
    shdr += struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    info = _list(b"INFO", _chunk(b"ifil", struct.pack("<HH", 3 if compressed else 2, 1)), _chunk(b"INAM", b"Tiny\0\0"))
    sound = _list(b"sdta", _chunk(b"smpl", samples + b"\0" * 92))
    parts = ((b"phdr", phdr), (b"pbag", pbag), (b"pmod", bytes(10)), (b"pgen", pgen), (b"inst", inst))
    parts += ((b"ibag", ibag), (b"imod", bytes(10)), (b"igen", igen + bytes(4)), (b"shdr", shdr))
    content = b"sfbk" + info + sound + _list(b"pdta", *(_chunk(name, part) for name, part in parts))
    return _chunk(b"RIFF", content)
