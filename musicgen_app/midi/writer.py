"""Writes Scores as MIDI files, through mido.

Format 1: a first track with tempo and signatures, then one for each track of the Score. At one tick notes end before
the pedal moves, and the pedal moves before notes begin, so that a note struck again is heard again.
"""

import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.errors import FileWriteError
from musicgen_app.core.files import write_atomically
from musicgen_app.core.score import Notes, Score, Track

MAX_TRACKS = 4094
"""With the first track as many as the reader takes."""

_LONGEST_DELTA = 0x0FFFFFFF
_NAME, _KEY_SIGNATURE = 0x03, 0x59
_OFF, _ON, _CONTROLLER = 0x80, 0x90, 0xB0
_SUSTAIN = 64


def write_midi(score: Score, path: Path) -> None:
    """Write a MIDI file, in one step: an old file of that name is replaced or left as it is.

    Raises:
        FileWriteError: It could not be written; the message says why.
    """
    write_atomically(path, midi_bytes(score))


def midi_bytes(score: Score) -> bytes:
    """The content of a MIDI file that holds all of a score.

    Reading it gives the score back, with what MIDI cannot say left out: which of two overlapping notes of one track
    and pitch is inside the other (the one that begins first then also ends first).

    Raises:
        FileWriteError: The score has more than MAX_TRACKS tracks.
    """
    if len(score.tracks) > MAX_TRACKS:
        raise FileWriteError(
            f"A MIDI file holds at most {MAX_TRACKS:,} tracks; this score has {len(score.tracks):,}.",
            "Delete tracks that are not needed.",
        )
    file = mido.MidiFile(type=1, ticks_per_beat=score.ticks_per_beat)
    file.tracks.append(_conductor(score))
    notes, pedals = _by_track(score.notes, len(score.tracks)), _by_track(score.pedals, len(score.tracks))
    # mido only iterates over a track; made one at a time, a million messages take no memory.
    file.tracks.extend(_voice(*voice) for voice in zip(score.tracks, notes, pedals, strict=True))
    content = io.BytesIO()
    file.save(file=content)
    return content.getvalue()


class _ChannelMessage(mido.Message):  # type: ignore[misc]  # mido has no types
    """A channel message that is told its bytes and may be used again: mido's own take three times as long to make."""

    is_realtime = False

    def __init__(self) -> None:
        self.set(0, [])

    def set(self, time: int, content: list[int]) -> "_ChannelMessage":
        """Become the message of these bytes, ``time`` ticks after the one before."""
        self.__dict__.update(type="note_on", time=time, content=content)
        return self

    def bytes(self) -> list[int]:
        content: list[int] = self.__dict__["content"]
        return content


def _conductor(score: Score) -> list[mido.MetaMessage]:
    """Tempo and signatures, in the order of time."""
    placed = [
        (onset, 0, mido.MetaMessage("set_tempo", tempo=microseconds)) for onset, microseconds in score.tempos.tolist()
    ]
    for time in score.time_signatures:
        message = mido.MetaMessage("time_signature", numerator=time.numerator, denominator=time.denominator)
        placed.append((time.onset, 1, message))
    for key in score.key_signatures:
        message = mido.UnknownMetaMessage(_KEY_SIGNATURE, data=[key.fifths & 0xFF, int(key.minor)])
        placed.append((key.onset, 2, message))
    placed.sort(key=lambda item: item[:2])
    messages = []
    now = 0
    for onset, _, message in placed:
        messages.extend(_pauses(onset - now))
        messages.append(message.copy(time=(onset - now) % _LONGEST_DELTA))
        now = onset
    return messages


def _pauses(delta: int) -> list[mido.MetaMessage]:
    """Empty texts to bridge a time that is too long for one event; what remains is the rest of the division."""
    return [mido.MetaMessage("text", time=_LONGEST_DELTA)] * (delta // _LONGEST_DELTA)


def _by_track(rows: Notes, tracks: int) -> list[Notes]:
    """The notes or pedals of each track, in order."""
    rows = rows[np.argsort(rows["track"], kind="stable")]
    borders = np.searchsorted(rows["track"], np.arange(tracks + 1))
    return [rows[begin:end] for begin, end in itertools.pairwise(borders.tolist())]


def _voice(track: Track, notes: Notes, pedals: Notes) -> Iterator[mido.Message]:
    """The messages of one track, one after the other; each is good until the next is taken."""
    if track.name:
        # As bytes of our own: mido's encoding of text is shared by all threads.
        yield mido.UnknownMetaMessage(_NAME, data=list(track.name.encode("utf-8", "replace")))
    yield mido.Message("program_change", channel=track.channel, program=track.program)
    ticks, contents = _columns(track.channel, notes, pedals)
    message = _ChannelMessage()
    now = 0
    for tick, content in zip(ticks.tolist(), contents.tolist(), strict=True):
        delta = tick - now
        now = tick
        if delta >= _LONGEST_DELTA:
            yield from _pauses(delta)
            delta %= _LONGEST_DELTA
        yield message.set(delta, content)


def _columns(channel: int, notes: Notes, pedals: Notes) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Ticks and bytes of all channel messages of a track, shapes (messages,) and (messages, 3), in order."""
    ends, downs = len(notes), len(notes) + len(pedals)
    ticks = np.concatenate([notes["onset"] + notes["duration"], pedals["onset"], notes["onset"]])
    contents = np.empty((downs + len(notes), 3), np.uint8)
    contents[:ends, 0], contents[ends:downs, 0], contents[downs:, 0] = _OFF, _CONTROLLER, _ON
    contents[:, 0] |= np.uint8(channel)
    contents[:ends, 1], contents[ends:downs, 1], contents[downs:, 1] = notes["pitch"], _SUSTAIN, notes["pitch"]
    contents[:ends, 2], contents[ends:downs, 2], contents[downs:, 2] = 64, pedals["value"], notes["velocity"]
    order = np.argsort(ticks, kind="stable")
    return ticks[order], contents[order]
