"""MIDI channel messages as bytes: the only words the transport and the instruments exchange."""

SUSTAIN = 64
ALL_SOUND_OFF = 120
ALL_NOTES_OFF = 123


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
