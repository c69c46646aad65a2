"""MIDI channel messages as bytes: the only words the transport and the instruments exchange."""

SUSTAIN = 64
ALL_SOUND_OFF = 120
ALL_NOTES_OFF = 123
_CLICK = 0xF9
"""A click of the metronome. MIDI leaves this byte undefined: only our own instruments know it, ports never get it."""
_HIGH_WOOD_BLOCK, _LOW_WOOD_BLOCK = 76, 77
_PERCUSSION_CHANNEL = 9


def note_on(channel: int, pitch: int, velocity: int) -> bytes:
    """Strike a key."""
    return bytes((0x90 | channel, pitch, velocity))


def note_off(channel: int, pitch: int) -> bytes:
    """Let go of a key."""
    return bytes((0x80 | channel, pitch, 0))


def control(channel: int, controller: int, value: int) -> bytes:
    """Set a controller; 64 is the sustain pedal."""
    return bytes((0xB0 | channel, controller, value))


def program_change(channel: int, program: int) -> bytes:
    """Choose a sound."""
    return bytes((0xC0 | channel, program))


def click(accent: bool, loudness: int) -> bytes:
    """Let the metronome be heard; ``loudness`` is 1 to 127, the accent is the first beat of a bar."""
    return bytes((_CLICK, int(accent), loudness))


def is_click(message: bytes) -> bool:
    """Whether a message is a click."""
    return message[0] == _CLICK


def as_percussion(message: bytes) -> tuple[bytes, bytes]:
    """A click as a port can play it: a wood block of General MIDI, struck and let go of at once."""
    pitch = _HIGH_WOOD_BLOCK if message[1] else _LOW_WOOD_BLOCK
    return note_on(_PERCUSSION_CHANNEL, pitch, message[2]), note_off(_PERCUSSION_CHANNEL, pitch)
