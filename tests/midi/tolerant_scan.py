"""Counts the notes in the bytes of a damaged MIDI file, one event after the other: a second opinion on the reader.

It shares nothing with the reader: no patterns, no columns, no bounds. Where a track cannot be followed any further it
is left for the next ``MTrk``, so what it counts is what nobody can doubt.
"""


def count_notes(content: bytes) -> int:
    """How many note-ons can be followed from the begins of the tracks to the first damage in each."""
    notes = 0
    at = content.find(b"MTrk")
    while at >= 0:
        following = content.find(b"MTrk", at + 4)
        notes += _notes_of_track(content[at + 8 : following if following >= 0 else len(content)])
        at = following
    return notes


def _notes_of_track(events: bytes) -> int:
    notes = status = at = 0
    try:
        while at < len(events):
            at = _after_number(events, at)[1]
            if events[at] >= 0x80:
                status = events[at]
                at += 1
            if status == 0xFF:
                if events[at] == 0x2F:
                    break
                length, at = _after_number(events, at + 1)
                at += length
            elif status in (0xF0, 0xF7):
                length, at = _after_number(events, at)
                at += length
            elif 0x80 <= status < 0xF0:
                size = 1 if 0xC0 <= status < 0xE0 else 2
                values = events[at : at + size]
                if len(values) < size or max(values) > 127:
                    break
                notes += status >> 4 == 9 and values[1] > 0
                at += size
            else:
                break
    except (IndexError, ValueError):
        pass  # the track ends in the middle of an event
    return notes


def _after_number(events: bytes, at: int) -> tuple[int, int]:
    """A variable-length number and the position after it."""
    number = 0
    for position in range(at, at + 4):
        number = number << 7 | events[position] & 0x7F
        if events[position] < 0x80:
            return number, position + 1
    raise ValueError
