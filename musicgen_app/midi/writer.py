"""Writes Scores as MIDI files, through mido.

Format 1: a first track with tempo, signatures, markers and what belongs to no track, then one for each track of the
Score. At one tick notes end first, so that a note struck again is heard again; then come texts and what else is kept as
it is, controllers and programs, the pedal, and last the notes that begin.
"""

import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.asides import (
    CHANNEL_PRESSURE,
    CONTROL_DTYPE,
    ESCAPE,
    EXCLUSIVE,
    MARKER,
    NO_TRACK,
    PROGRAM,
    Aside,
)
from musicgen_app.core.errors import FileWriteError
from musicgen_app.core.files import write_atomically
from musicgen_app.core.score import Notes, Score, Track
from musicgen_app.midi.controls import opens_itself

MAX_TRACKS = 4094
"""With the first track as many as the reader takes."""

_LONGEST_DELTA = 0x0FFFFFFF
_NAME, _KEY_SIGNATURE = 0x03, 0x59
_OFF, _ON, _CONTROLLER = 0x80, 0x90, 0xB0
_SUSTAIN = 64
_ASIDE = 0xFF


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
    columns = (_by_track(rows, len(score.tracks)) for rows in (score.notes, score.pedals, score.controls))
    asides: list[list[Aside]] = [[] for _ in score.tracks]
    for aside in score.asides:
        if aside.track is not None and aside.track < len(asides):
            asides[aside.track].append(aside)
    # mido only iterates over a track; made one at a time, a million messages take no memory.
    file.tracks.extend(_voice(*voice) for voice in zip(score.tracks, *columns, asides, strict=True))
    content = io.BytesIO()
    file.save(file=content)
    return content.getvalue()


class _Message(mido.Message):  # type: ignore[misc]  # mido has no types
    """A message that is told its bytes and may be used again: mido's own take three times as long to make."""

    is_realtime = False

    def __init__(self) -> None:
        self.set(0, [])

    def set(self, time: int, content: list[int]) -> "_Message":
        """Become the message of these bytes, ``time`` ticks after the one before."""
        self.__dict__.update(type="note_on", time=time, content=content)
        return self

    def bytes(self) -> list[int]:
        content: list[int] = self.__dict__["content"]
        return content


class _AsideMessage(_Message):
    """A message that is no channel's; it is written as it is, as mido writes its meta messages."""

    is_meta = True


def _aside_bytes(kind: int, content: bytes) -> list[int]:
    """The bytes of an aside in a file."""
    start = [kind] if kind in (EXCLUSIVE, ESCAPE) else [0xFF, kind]
    return [*start, *mido.midifiles.meta.encode_variable_int(len(content)), *content]


def _conductor(score: Score) -> list[mido.MetaMessage]:
    """Tempo, signatures, and what belongs to no track, in the order of time."""
    placed = [
        (onset, 0, mido.MetaMessage("set_tempo", tempo=microseconds)) for onset, microseconds in score.tempos.tolist()
    ]
    for time in score.time_signatures:
        message = mido.MetaMessage("time_signature", numerator=time.numerator, denominator=time.denominator)
        placed.append((time.onset, 1, message))
    for key in score.key_signatures:
        message = mido.UnknownMetaMessage(_KEY_SIGNATURE, data=[key.fifths & 0xFF, int(key.minor)])
        placed.append((key.onset, 2, message))
    beside = [(marker.onset, MARKER, marker.text.encode("utf-8", "replace")) for marker in score.markers]
    beside += [(aside.onset, aside.kind, aside.content) for aside in score.asides if aside.track is None]
    placed += [(onset, 3, _AsideMessage().set(0, _aside_bytes(kind, content))) for onset, kind, content in beside]
    for onset, _, *content in score.controls[score.controls["track"] == NO_TRACK].tolist():
        placed.append((onset, 4, _Message().set(0, _cut(content))))
    placed.sort(key=lambda item: item[:2])
    messages = []
    now = 0
    for onset, _, message in placed:
        messages.extend(_pauses(onset - now))
        message.time = (onset - now) % _LONGEST_DELTA
        messages.append(message)
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


def _voice(track: Track, notes: Notes, pedals: Notes, controls: Notes, asides: list[Aside]) -> Iterator[mido.Message]:
    """The messages of one track, one after the other; each is good until the next is taken."""
    if track.name:
        # As bytes of our own: mido's encoding of text is shared by all threads.
        yield mido.UnknownMetaMessage(_NAME, data=list(track.name.encode("utf-8", "replace")))
    if not opens_itself(controls, notes):
        opening = np.array([(0, 0, PROGRAM, track.program, 0)], CONTROL_DTYPE)
        controls = np.concatenate([opening, controls])
    ticks, contents = _columns(track.channel, notes, pedals, controls, asides)
    message, as_it_is, waiting = _Message(), _AsideMessage(), iter(asides)
    now = 0
    for tick, content in zip(ticks.tolist(), contents.tolist(), strict=True):
        delta = tick - now
        now = tick
        if delta >= _LONGEST_DELTA:
            yield from _pauses(delta)
            delta %= _LONGEST_DELTA
        if content[0] == _ASIDE:
            aside = next(waiting)
            yield as_it_is.set(delta, _aside_bytes(aside.kind, aside.content))
        else:
            yield message.set(delta, _cut(content) if content[0] >= PROGRAM else content)


def _cut(content: list[int]) -> list[int]:
    """The bytes that a channel message really has: programs and pressures have two."""
    return content[:2] if PROGRAM <= content[0] < CHANNEL_PRESSURE + 16 else content


def _columns(
    channel: int, notes: Notes, pedals: Notes, controls: Notes, asides: list[Aside]
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Ticks and bytes of all messages of a track, shapes (messages,) and (messages, 3), in order.

    An aside is a row that begins with _ASIDE; which one it is follows from the order.
    """
    ends = np.stack([np.full(len(notes), _OFF), notes["pitch"], np.full(len(notes), 64)], axis=1)
    beside = np.full((len(asides), 3), _ASIDE)
    kept = np.stack([controls[name] for name in ("status", "first", "second")], axis=1)
    pressed = np.stack([np.full(len(pedals), _CONTROLLER), np.full(len(pedals), _SUSTAIN), pedals["value"]], axis=1)
    begins = np.stack([np.full(len(notes), _ON), notes["pitch"], notes["velocity"]], axis=1)
    contents = np.concatenate([ends, beside, kept, pressed, begins]).astype(np.uint8)
    contents[contents[:, 0] != _ASIDE, 0] |= np.uint8(channel)
    told = np.array([aside.onset for aside in asides], np.int64)
    ticks = np.concatenate(
        [notes["onset"] + notes["duration"], told, controls["onset"], pedals["onset"], notes["onset"]]
    )
    order = np.argsort(ticks, kind="stable")
    return ticks[order], contents[order]
