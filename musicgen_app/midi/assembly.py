"""Puts a Score together out of the events of a MIDI file."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.score import (
    DEFAULT_MICROSECONDS_PER_BEAT,
    MAX_TICK,
    NOTE_DTYPE,
    PEDAL_DTYPE,
    TEMPO_DTYPE,
    Notes,
    Score,
)
from musicgen_app.midi.asides import Beside, Placed, in_file_order
from musicgen_app.midi.chunks import Layout
from musicgen_app.midi.columns import ASIDE, KEPT, TEMPO, TRACK, Bytes, Columns, Ticks
from musicgen_app.midi.controls import place_controls, without_openings
from musicgen_app.midi.damage import Places, believed_pauses, find_damage
from musicgen_app.midi.events import META_KEY_SIGNATURE, META_TIME_SIGNATURE, EventStream
from musicgen_app.midi.findings import Findings
from musicgen_app.midi.pairing import pair_notes
from musicgen_app.midi.signatures import Signatures
from musicgen_app.midi.texts import texts_of
from musicgen_app.midi.voices import Programs, Source, Voices, make_voices, no_note

_OFF, _ON, _CONTROLLER, _PROGRAM = 0x80, 0x90, 0xB0, 0xC0
_SUSTAIN = 64


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """What a file writes, in its own order.

    Attributes:
        notes: Shape (notes,), NOTE_DTYPE: the notes of the score, track after track as they are struck.
        parts: Shape (notes,): number of the file's own track that each stands in, whatever its channel.
        marks: Shape (marks, 2): number of the track and tick of each tempo, signature, name and program.
        programs: Shape (changes, 2): the same of the programs alone.
        tempo_named: Whether the file says how fast it is, by a tempo or by counting film frames.
        file_format: 0: one track; 1: tracks that sound together; 2: patterns one after the other.
        names: Names of the file's own tracks, also of those without notes; empty where one has none.
        beside: Kind and content of its events that are neither music nor names, as they are.
    """

    notes: Notes
    parts: NDArray[np.uint16]
    marks: NDArray[np.int64]
    programs: NDArray[np.int64]
    tempo_named: bool
    file_format: int
    names: tuple[str, ...]
    beside: list[tuple[int, bytes]]

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Words beside the music, each with its kind ("text", "copyright", "lyrics", "marker" or "cue")."""
        return texts_of(self.beside)


class Assembly:
    """Puts a Score together from the layout and the events of a file."""

    def __init__(self, layout: Layout, stream: EventStream, columns: Columns) -> None:
        self._layout = layout
        self._stream = stream
        self._columns = columns
        self._findings = Findings()
        begins = np.flatnonzero(columns.status == TRACK)
        lengths = np.diff(np.append(begins, len(columns.status)))
        delta, self._pauses = believed_pauses(stream, columns, lengths, layout.division.ticks_per_beat)
        elapsed = np.cumsum(delta)
        self._ends: Ticks = (elapsed[begins + lengths - 1] - elapsed[begins]).astype(np.int64)
        self._starts: Ticks = np.zeros(len(begins), np.int64)
        if layout.file_format == 2:
            self._starts[1:] = np.cumsum(self._ends)[:-1]
            self._ends += self._starts
        self._track: NDArray[np.uint16] = np.repeat(np.arange(len(begins), dtype=np.uint16), lengths)
        self._tick: Ticks = elapsed
        self._tick -= np.repeat(elapsed[begins] - self._starts, lengths)

    def score_and_findings(self) -> tuple[Score, tuple[str, ...], Written]:
        """The Score, what was found, in words, and the file's own order."""
        self._bound_time()
        tempos = self._tempos()
        signatures, beside = self._metas()
        sources = beside.sources(len(self._starts))
        notes, pedals, voices, parts = self._voices(sources)
        controls = place_controls(self._columns, self._tick, voices.index, self._track)
        places = Places(self._track, self._tick, self._ends, self._pauses)
        find_damage(self._findings, self._layout, self._stream, self._columns, places)
        self._find_odd_events()
        if len(notes) == 0:
            self._findings.add("There are no notes in this file.")
        written = self._written(notes, parts, sources)
        # A million notes take no more room than they must while the score sorts them.
        notes.flags.writeable = False
        del self._columns, self._tick, self._track, places
        score = Score(
            notes=notes,
            pedals=pedals,
            tempos=tempos,
            time_signatures=tuple(signatures.time_signatures.values()),
            key_signatures=tuple(signatures.key_signatures.values()),
            tracks=voices.tracks,
            ticks_per_beat=self._layout.division.ticks_per_beat,
            markers=beside.markers(),
            controls=without_openings(controls, voices.first_notes),
            asides=beside.asides(voices),
        )
        return score, self._layout.findings + self._findings.sentences(score), written

    def _bound_time(self) -> None:
        if len(self._tick) and int(self._ends.max()) >= MAX_TICK:
            self._findings.add("A pause longer than any piece could last is shortened; the times after it are wrong.")
            for ticks in (self._tick, self._ends, self._starts):
                np.minimum(ticks, MAX_TICK - 1, out=ticks)

    def _tempos(self) -> Notes:
        """The tempo changes of all tracks, in the order of the file; a Score sorts them."""
        at = np.flatnonzero(self._columns.status == TEMPO)
        fixed = self._layout.division.microseconds_per_beat
        if fixed is not None:
            self._findings.add("Its tempo changes do not count, as time is counted in film frames.", min(len(at), 1))
            return np.array([(0, fixed)], dtype=TEMPO_DTYPE)
        rows = np.frombuffer(bytes(self._stream.tempos), np.uint8).reshape(-1, 3).astype(np.int32)
        rates = rows[:, 0] << 16 | rows[:, 1] << 8 | rows[:, 2]
        wrong = at[rates == 0]
        if len(wrong):
            self._findings.add(
                "A tempo change at bar {bar} makes no sense; it is left out.",
                len(wrong),
                int(self._tick[wrong].min()),
                many="{count} tempo changes make no sense, the first at bar {bar}; they are left out.",
            )
        # Each pattern of a format 2 file begins at the usual tempo. Of several at one tick the last one counts.
        begins = self._starts if self._layout.file_format == 2 else self._starts[:0]
        tempos = np.empty(len(begins) + len(at), TEMPO_DTYPE)
        tempos["onset"] = np.concatenate([begins, self._tick[at]])
        tempos["microseconds_per_beat"][: len(begins)] = DEFAULT_MICROSECONDS_PER_BEAT
        tempos["microseconds_per_beat"][len(begins) :] = rates
        return tempos[tempos["microseconds_per_beat"] > 0]

    def _metas(self) -> tuple[Signatures, Beside]:
        """The signatures, and what the file says beside the music."""
        beside = Beside()
        shared = []
        for event in in_file_order(
            [*self._placed(KEPT, self._stream.metas), *self._placed(ASIDE, self._stream.asides)]
        ):
            tick, _, kind, content = event
            if kind in (META_TIME_SIGNATURE, META_KEY_SIGNATURE):
                shared.append((tick, kind, content))
            else:
                beside.add(event)
        shared.sort(key=lambda meta: meta[0])
        signatures = Signatures()
        signatures.read(shared, self._findings)
        if self._layout.file_format == 2 and len(self._starts) > 1:
            signatures.begin_bars(self._starts.tolist())
        return signatures, beside

    def _placed(self, status: int, events: list[tuple[int, bytes]]) -> list[tuple[int, Placed]]:
        """Events that were gathered aside of the columns, with their positions there."""
        at = np.flatnonzero(self._columns.status == status)
        rows = zip(at.tolist(), self._tick[at].tolist(), self._track[at].tolist(), events, strict=True)
        return [(position, (tick, track, *event)) for position, tick, track, event in rows]

    def _voices(self, sources: list[Source]) -> tuple[Notes, Notes, Voices, NDArray[np.uint16]]:
        """The notes and pedals, with the tracks of the score and the file they belong to."""
        status, first = self._columns.status, self._columns.first
        kind: Bytes = status & np.uint8(0xF0)
        pair = self._track * 16 + (status & 0x0F)
        notes, onset_pairs = self._notes(kind, pair)
        pedal_at = np.flatnonzero((kind == _CONTROLLER) & (first == _SUSTAIN))
        program_at = np.flatnonzero(kind == _PROGRAM)
        pedals = np.empty(len(pedal_at), PEDAL_DTYPE)
        pedals["onset"], pedals["value"] = self._tick[pedal_at], self._columns.second[pedal_at]
        first_note = no_note(16 * len(sources))
        sounding = np.zeros(16 * len(sources), np.bool_)
        # Of several notes of a pair the last assignment counts, so the first note is assigned last.
        first_note[onset_pairs[::-1]] = notes["onset"][::-1]
        sounding[onset_pairs] = True
        sounding[pair[pedal_at]] = True
        programs = Programs(pair[program_at], self._tick[program_at], first[program_at])
        voices = make_voices(sources, sounding, first_note, programs, self._layout.file_format != 2)
        notes["track"], pedals["track"] = voices.index[onset_pairs], voices.index[pair[pedal_at]]
        self._findings.add(
            "An instrument changes within a track; the first one plays throughout, and saving keeps the change.",
            voices.changes,
            many="Instruments change {count} times within their tracks; the first one of each plays throughout, and "
            "saving keeps the changes.",
        )
        return notes, pedals, voices, onset_pairs // 16

    def _written(self, notes: Notes, parts: NDArray[np.uint16], sources: list[Source]) -> Written:
        status = self._columns.status
        program = status & np.uint8(0xF0) == _PROGRAM
        marked = np.flatnonzero(program | (status == TEMPO) | (status == KEPT))
        marks = np.stack([self._track[marked], self._tick[marked]], axis=1)
        names = tuple(source.name for source in sources)
        changes, beside = marks[program[marked]], self._stream.asides
        named = bool(np.any(status == TEMPO)) or self._layout.division.microseconds_per_beat is not None
        return Written(notes, parts, marks, changes, named, self._layout.file_format, names, beside)

    def _notes(self, kind: Bytes, pair: NDArray[np.uint16]) -> tuple[Notes, NDArray[np.uint16]]:
        """All notes in the order of their note-ons, without their tracks, and the pair each belongs to."""
        at = np.flatnonzero((kind == _ON) | (kind == _OFF))
        pitch, velocity, tick = self._columns.first[at], self._columns.second[at], self._tick[at]
        is_on = (kind[at] == _ON) & (velocity > 0)
        voice = pair[at].astype(np.uint32) * 128 + pitch
        # A sort of small numbers takes a fraction of the time.
        pairs = pair_notes(voice.astype(np.uint16) if len(self._ends) <= 32 else voice, is_on)
        end = np.empty(len(at), np.int64)
        end[pairs.on] = tick[pairs.off]
        end[pairs.open] = self._ends[self._track[at[pairs.open]]]
        on = np.flatnonzero(is_on)
        notes = np.empty(len(on), NOTE_DTYPE)
        notes["onset"], notes["pitch"], notes["velocity"] = tick[on], pitch[on], velocity[on]
        length = end[on] - tick[on]
        notes["duration"] = np.maximum(length, 1)
        self._find_note_faults(len(pairs.open), pairs.stray, int(np.count_nonzero(end[pairs.on] == tick[pairs.on])))
        return notes, pair[at[on]]

    def _find_note_faults(self, endless: int, stray: int, lengthless: int) -> None:
        add = self._findings.add
        add(
            "A note never ends in the file; it lasts to the end of its track.",
            endless,
            many="{count} notes never end in the file; they last to the end of their track.",
        )
        add(
            "The end of a note that never began is ignored.",
            stray,
            many="{count} ends of notes that never began are ignored.",
        )
        add(
            "A note has no length; it lasts one tick.",
            lengthless,
            many="{count} notes have no length; they last one tick.",
        )

    def _find_odd_events(self) -> None:
        add = self._findings.add
        add(
            "A value is above 127, the most MIDI allows; it counts as 127.",
            sum(state.wild for state in self._stream.tracks),
            many="{count} values are above 127, the most MIDI allows; they count as 127.",
        )
        add(
            "A message that belongs on a cable and not in a file is ignored.",
            sum(state.system for state in self._stream.tracks),
            many="{count} messages that belong on a cable and not in a file are ignored.",
        )
        add(
            "An event uses an abbreviation (running status) that should not reach across text or tempo; it is read.",
            self._columns.abbreviated,
            many="{count} events use an abbreviation (running status) that should not reach across text or tempo; "
            "they are read.",
        )
        if self._stream.full:
            add("The file holds more events than can be read; the rest is left out.")
