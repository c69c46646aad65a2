"""A score as a transport plays it: every message with its time, found in no time at any place."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from musicgen_app.audio.messages import SUSTAIN, control, program_change
from musicgen_app.audio.metronome import Beats
from musicgen_app.core.score import PEDAL_DOWN_FROM, Score
from musicgen_app.core.timing import TempoMap

_OFF, _PROGRAM, _PEDAL, _ON = range(4)
"""What comes first at one tick: a key is let go, then the sound and the pedal change, then the key is struck."""


class Timeline:
    """All messages of one score in the order they are sent. Never changes; threads may share it.

    A key (a pitch on a channel) is one physical thing: where a score strikes it while an older note still holds it,
    the older note ends there, and the newer one lives its own length. Several notes that strike one key at once are
    one blow, as loud as the loudest and as long as the longest.

    Attributes:
        score: What is played.
        heard: Which of its notes sound; None for all.
        tempo: Its tempo map.
        beats: Its beats, for the metronome.
        seconds: Shape (messages,), float64, ascending: when each message is due at normal speed.
        channels: Those with notes or pedals, ascending.
        end_tick: Where playing ends: the last note's end, or where the pedal held then is lifted.
        end_second: The same in seconds.
    """

    def __init__(self, score: Score, heard: NDArray[np.bool_] | None = None) -> None:
        """Lay the messages out.

        Args:
            score: What is played.
            heard: Which of its notes sound, shape (notes,); all where None. The others are passed over in silence.
        """
        self.score = score
        self.heard = heard
        self.tempo = TempoMap(score)
        self.beats = Beats(score)
        channels = np.array([track.channel for track in score.tracks], dtype=np.int64)
        programs = np.array([track.program for track in score.tracks], dtype=np.int64)
        notes = score.notes if heard is None else score.notes[heard]
        keys = channels[notes["track"]] * 128 + notes["pitch"]
        self._strike(notes["onset"], notes["onset"] + notes["duration"], notes["velocity"], keys)
        self._note_programs(notes["onset"], channels[notes["track"]], programs[notes["track"]])
        pedals = score.pedals
        self.end_tick = self._end(score, pedals["onset"], channels[pedals["track"]], pedals["value"])
        heard = pedals["onset"] <= self.end_tick
        self._pedal_ticks: NDArray[np.int64] = pedals["onset"][heard]
        self._pedal_channels: NDArray[np.int64] = channels[pedals["track"][heard]]
        self._pedal_values: NDArray[np.uint8] = pedals["value"][heard]
        self._sort_messages()
        self.seconds = self.tempo.seconds(self._ticks)
        self._pedal_seconds = self.tempo.seconds(self._pedal_ticks)
        self._program_seconds = self.tempo.seconds(self._program_ticks)
        self.end_second = self.tempo.second(self.end_tick)
        used = np.concatenate([self._keys // 128, self._pedal_channels])
        self.channels: tuple[int, ...] = tuple(int(channel) for channel in np.unique(used))

    def __len__(self) -> int:
        return len(self.seconds)

    def _strike(
        self, onsets: NDArray[np.int64], ends: NDArray[np.int64], velocities: NDArray[np.uint8], keys: NDArray[np.int64]
    ) -> None:
        """Sort notes by key and onset, join those of one blow, end each where its key is struck again."""
        order = _stable(keys)
        onsets, ends, keys = onsets[order], ends[order], keys[order]
        velocities = velocities[order]
        if len(onsets):
            first = np.append(True, (np.diff(keys) != 0) | (np.diff(onsets) != 0))
            starts = np.flatnonzero(first)
            ends = np.maximum.reduceat(ends, starts)
            velocities = np.maximum.reduceat(velocities, starts)
            onsets, keys = onsets[starts], keys[starts]
            again = np.append(np.where(keys[1:] == keys[:-1], onsets[1:], np.iinfo(np.int64).max), ends[-1])
            ends = np.minimum(ends, again)
        self._onsets, self._ends, self._velocities, self._keys = onsets, ends, velocities, keys

    def _note_programs(
        self, onsets: NDArray[np.int64], channels: NDArray[np.int64], programs: NDArray[np.int64]
    ) -> None:
        """Where each channel's program changes: at the first note of a track with another one than before."""
        order = _stable(channels)
        onsets, channels, programs = onsets[order], channels[order], programs[order]
        changed = np.append(True, (np.diff(channels) != 0) | (np.diff(programs) != 0))[: len(onsets)]
        self._program_ticks = onsets[changed]
        self._program_channels = channels[changed]
        self._program_values = programs[changed]

    @staticmethod
    def _end(score: Score, ticks: NDArray[np.int64], channels: NDArray[np.int64], values: NDArray[np.uint8]) -> int:
        """The last note's end, or where the last pedal that is down then is lifted."""
        end = score.end
        for channel in np.unique(channels):
            mine = channels == channel
            at, down = ticks[mine], values[mine] >= PEDAL_DOWN_FROM
            held = np.searchsorted(at, score.end, side="right")
            lifts = np.flatnonzero(~down[held:])
            if held and down[held - 1] and len(lifts):
                end = max(end, int(at[held + lifts[0]]))
        return end

    def _sort_messages(self) -> None:
        """Lay offs, programs, pedals and ons into one order; ``_messages`` has shape (messages, 3), bytes."""
        # What a channel begins with is not a message of its own: the chase tells it.
        later = np.append(False, np.diff(self._program_channels) == 0)[: len(self._program_channels)]
        program_channels, programs = self._program_channels[later], self._program_values[later]
        kinds = [_OFF, _PROGRAM, _PEDAL, _ON]
        ticks = [self._ends, self._program_ticks[later], self._pedal_ticks, self._onsets]
        channel, pitch = self._keys // 128, self._keys % 128
        pedal = np.full(len(self._pedal_ticks), SUSTAIN)
        columns: list[tuple[NDArray[np.integer[Any]], ...]] = [
            (0x80 | channel, pitch, np.zeros_like(pitch)),
            (0xC0 | program_channels, programs, np.zeros_like(programs)),
            (0xB0 | self._pedal_channels, pedal, self._pedal_values),
            (0x90 | channel, pitch, self._velocities),
        ]
        all_ticks = np.concatenate(ticks)
        ranks = np.concatenate([np.full(len(part), kind) for kind, part in zip(kinds, ticks, strict=True)])
        order = np.argsort(all_ticks * len(kinds) + ranks, kind="stable")
        rows = [np.stack(three, axis=1).astype(np.uint8) for three in columns]
        self._ticks: NDArray[np.int64] = all_ticks[order]
        self._messages: NDArray[np.uint8] = np.concatenate(rows)[order]

    def message(self, index: int) -> bytes:
        """Message number ``index`` in the order of ``seconds``."""
        content = bytes(self._messages[index])
        return content[:2] if content[0] >> 4 == 0xC else content

    def find(self, second: float) -> int:
        """The number of the first message due at or after a time."""
        return int(np.searchsorted(self.seconds, second, side="left"))

    def chase(self, second: float) -> list[bytes]:
        """What an instrument must know before playing from a time: each channel's program and pedal."""
        messages = []
        for channel in np.unique(self._program_channels).tolist():
            mine = self._program_channels == channel
            before = np.searchsorted(self._program_seconds[mine], second, side="left")
            messages.append(program_change(channel, int(self._program_values[mine][max(before - 1, 0)])))
        for channel in np.unique(self._pedal_channels).tolist():
            mine = self._pedal_channels == channel
            before = np.searchsorted(self._pedal_seconds[mine], second, side="left")
            value = int(self._pedal_values[mine][before - 1]) if before else 0
            messages.append(control(channel, SUSTAIN, value))
        return messages

    def programs(self, second: float) -> list[bytes]:
        """The part of the chase that chooses sounds."""
        return [message for message in self.chase(second) if message[0] >> 4 == 0xC]

    def program_of(self, channel: int, second: float) -> bytes | None:
        """The choice of a channel's sound at a time, also where no note of it is heard; None where no track has it."""
        mine = self._program_channels == channel
        if mine.any():
            before = int(np.searchsorted(self._program_seconds[mine], second, side="right"))
            return program_change(channel, int(self._program_values[mine][max(before - 1, 0)]))
        tracks = (track.program for track in self.score.tracks if track.channel == channel)
        program = next(tracks, None)
        return None if program is None else program_change(channel, program)

    def held_at(self, tick: int) -> dict[tuple[int, int], int]:
        """The keys (channel, pitch) that are down at a tick, and how hard each was struck."""
        held = np.flatnonzero((self._onsets <= tick) & (tick < self._ends))
        keys, velocities = self._keys[held].tolist(), self._velocities[held].tolist()
        return {divmod(key, 128): velocity for key, velocity in zip(keys, velocities, strict=True)}

    def holds(self, channel: int, pitch: int, second: float) -> bool:
        """Whether some note has been holding a key since before a time and still does."""
        key = channel * 128 + pitch
        low, high = np.searchsorted(self._keys, [key, key + 1])
        tick_times = self.tempo.seconds(self._onsets[low:high])
        note = int(np.searchsorted(tick_times, second, side="left")) - 1
        return note >= 0 and self.tempo.second(int(self._ends[low + note])) > second


def _stable(keys: NDArray[np.int64]) -> NDArray[np.intp]:
    """The order by a small number; rows of one number stay in the order of their onsets, which a score's notes have."""
    # Two bytes are sorted by counting, eight by comparing.
    return np.argsort(keys.astype(np.int16), kind="stable")
