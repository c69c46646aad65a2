"""Reads MIDI files into Scores: tolerant of damage, bounded, and plain about what it found.

What it makes of what MIDI leaves open:

- A note-off ends the oldest note of its track, channel and pitch that still sounds (first in, first out).
- A note that never ends lasts to the end of its track; one without length lasts one tick.
- Each track of the file and channel in it becomes a track of the Score, if it has notes, pedals or a program.
- The patterns of a format 2 file are laid one after the other, each beginning a new bar.
- Where ticks are parts of film frames, a beat is one second (1.001 s at 29.97 frames a second), so seconds are exact.
- Times stop at MAX_TICK, values above 127 count as 127.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.errors import MidiReadError
from musicgen_app.core.score import MAX_TICK, NOTE_DTYPE, PEDAL_DTYPE, TEMPO_DTYPE, Notes, Score
from musicgen_app.midi.chunks import Layout, find_layout
from musicgen_app.midi.columns import DAMAGE, KEPT, TRACK, Bytes, Columns, Ticks
from musicgen_app.midi.conductor import Conductor
from musicgen_app.midi.events import META_INSTRUMENT, META_NAME, META_PORT, META_TEMPO, EventStream
from musicgen_app.midi.findings import Findings, name_tracks
from musicgen_app.midi.lookalikes import describe_lookalike
from musicgen_app.midi.pairing import pair_notes
from musicgen_app.midi.voices import Programs, Source, Voices, make_voices, no_note

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_NAME_LENGTH = 200
_NAME_BYTES = 4096

_OFF, _ON, _CONTROLLER, _PROGRAM = 0x80, 0x90, 0xB0, 0xC0
_SUSTAIN = 64


@dataclass(frozen=True, slots=True)
class Reading:
    """What a MIDI file holds.

    Attributes:
        score: All that could be read.
        findings: What is wrong or unusual about the file, one plain sentence each; empty for a clean file.
    """

    score: Score
    findings: tuple[str, ...]


def read_midi(path: Path) -> Reading:
    """Read a MIDI file.

    Raises:
        MidiReadError: The file cannot be opened, is too large, or holds no MIDI at all.
    """
    try:
        if path.is_dir():
            raise MidiReadError(f"{path.name} is a folder.", "Choose a MIDI file inside it.")
        if not path.exists():
            raise MidiReadError(f"{path.name} does not exist.", "Check its name and folder.")
        if not path.is_file():
            raise MidiReadError(f"{path.name} is not a file.", "Choose a MIDI file.")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _too_large(path.name, path.stat().st_size)
        content = path.read_bytes()
    except OSError as error:
        raise MidiReadError(
            f"{path.name} cannot be opened: {error.strerror or 'the disk gave no reason'}.",
            "Check that you may read it and that its disk is there.",
        ) from error
    return read_midi_bytes(content, path.name)


def read_midi_bytes(content: bytes, name: str = "This file") -> Reading:
    """Read the content of a MIDI file.

    Args:
        content: All bytes of the file.
        name: What to call it in an error.

    Raises:
        MidiReadError: It is too large or holds no MIDI at all.
    """
    if len(content) > MAX_FILE_BYTES:
        raise _too_large(name, len(content))
    layout = find_layout(content)
    if layout is None:
        hint = "Choose a file that was saved or exported as MIDI (.mid)."
        if not content:
            raise MidiReadError(f"{name} is empty.", hint)
        raise MidiReadError(f"{name} is not a MIDI file; it seems to be {describe_lookalike(content)}.", hint)
    stream = EventStream()
    for span in layout.tracks:
        stream.add_track(content, span.start, span.stop, not span.mended)
        if stream.full:
            break
    return _Assembly(layout, stream, stream.columns()).reading()


def _too_large(name: str, size: int) -> MidiReadError:
    limit = MAX_FILE_BYTES // 2**20
    return MidiReadError(
        f"{name} is {size / 2**20:,.0f} MB; at most {limit} MB can be read.",
        "A MIDI file of that size is most likely something else.",
    )


class _Assembly:
    """Puts a Score together from the layout and the events of a file."""

    def __init__(self, layout: Layout, stream: EventStream, columns: Columns) -> None:
        self._layout = layout
        self._stream = stream
        self._columns = columns
        self._findings = Findings()
        begins = np.flatnonzero(columns.status == TRACK)
        lengths = np.diff(np.append(begins, len(columns.status)))
        elapsed = np.cumsum(columns.delta)
        self._ends: Ticks = (elapsed[begins + lengths - 1] - elapsed[begins]).astype(np.int64)
        self._starts: Ticks = np.zeros(len(begins), np.int64)
        if layout.file_format == 2:
            self._starts[1:] = np.cumsum(self._ends)[:-1]
            self._ends += self._starts
        self._track: NDArray[np.int64] = np.repeat(np.arange(len(begins)), lengths)
        self._tick: Ticks = elapsed - np.repeat(elapsed[begins] - self._starts, lengths)

    def reading(self) -> Reading:
        """The Score, and the findings in words."""
        self._bound_time()
        conductor, sources = self._metas()
        notes, pedals, voices = self._voices(sources)
        tempos = list(conductor.tempos.items())
        if self._layout.division.microseconds_per_beat is not None:
            tempos = [(0, self._layout.division.microseconds_per_beat)]
        score = Score(
            notes=notes,
            pedals=pedals,
            tempos=np.array(tempos, dtype=TEMPO_DTYPE),
            time_signatures=tuple(conductor.time_signatures.values()),
            key_signatures=tuple(conductor.key_signatures.values()),
            tracks=voices.tracks,
            ticks_per_beat=self._layout.division.ticks_per_beat,
        )
        self._find_damage(len(notes))
        if len(notes) == 0:
            self._findings.add("There are no notes in this file.")
        return Reading(score, self._layout.findings + self._findings.sentences(score))

    def _bound_time(self) -> None:
        if len(self._tick) and int(self._ends.max()) >= MAX_TICK:
            self._findings.add("A pause longer than any piece could last is shortened; the times after it are wrong.")
            for ticks in (self._tick, self._ends, self._starts):
                np.minimum(ticks, MAX_TICK - 1, out=ticks)

    def _metas(self) -> tuple[Conductor, list[Source]]:
        """Tempo and signatures in the order of time, and what each track says about itself."""
        at = np.flatnonzero(self._columns.status == KEPT)
        placed = zip(self._tick[at].tolist(), self._track[at].tolist(), self._stream.metas, strict=True)
        names: dict[tuple[int, int], bytes] = {}
        shared = []
        for tick, track, (kind, content) in placed:
            if kind in (META_NAME, META_INSTRUMENT, META_PORT):
                if content:
                    names.setdefault((track, kind), content)
            else:
                shared.append((tick, kind, content))
        shared.sort(key=lambda meta: meta[0])
        conductor = Conductor()
        conductor.read(shared, self._findings)
        if self._layout.division.microseconds_per_beat is not None:
            ignored = sum(kind == META_TEMPO for _tick, kind, _content in shared)
            self._findings.add("Its tempo changes do not count, as time is counted in film frames.", min(ignored, 1))
        if self._layout.file_format == 2 and len(self._starts) > 1:
            conductor.begin_patterns(self._starts.tolist())
        sources = []
        for track in range(len(self._starts)):
            name = names.get((track, META_NAME)) or names.get((track, META_INSTRUMENT), b"")
            sources.append(Source(_text(name), names.get((track, META_PORT), b"\0")[0]))
        return conductor, sources

    def _voices(self, sources: list[Source]) -> tuple[Notes, Notes, Voices]:
        """The notes and pedals, with the tracks of the score they belong to."""
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
            "An instrument changes within a track; the first one is kept.",
            voices.changes,
            many="Instruments change {count} times within their tracks; the first one of each is kept.",
        )
        return notes, pedals, voices

    def _notes(self, kind: Bytes, pair: NDArray[np.int64]) -> tuple[Notes, NDArray[np.int64]]:
        """All notes in the order of their note-ons, without their tracks, and the pair each belongs to."""
        at = np.flatnonzero((kind == _ON) | (kind == _OFF))
        pitch, velocity, tick = self._columns.first[at], self._columns.second[at], self._tick[at]
        is_on = (kind[at] == _ON) & (velocity > 0)
        voice = pair[at] * 128 + pitch
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

    def _find_damage(self, notes: int) -> None:
        """Say where tracks are broken."""
        at = np.flatnonzero(self._columns.status == DAMAGE)
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        for track, tick in zip(self._track[at].tolist(), self._tick[at].tolist(), strict=True):
            first.setdefault(track, tick)
            last[track] = tick
        tracks = list(enumerate(zip(self._layout.tracks, self._stream.tracks, strict=False)))
        damaged = {number: first[number] for number, (_span, state) in tracks if state.damages}
        broken = {number: last[number] for number, (_span, state) in tracks if state.broken_off}
        cut = {
            number: int(self._ends[number])
            for number, (span, state) in tracks
            if span.cut and not state.ended and not state.broken_off
        }
        places = sum(state.damages for state in self._stream.tracks)
        where = "bar {bar}" if places == 1 else f"{places:,} places, the first at bar {{bar}}"
        self._name_places(damaged, "is", "are", f"damaged at {where}; the rest was read")
        self._name_places(broken, "ends", "end", f"in the middle of an event at bar {{bar}}; {_notes_read(notes)}")
        self._name_places(cut, "is", "are", f"cut off at bar {{bar}}; {_notes_read(notes)}")
        mended = [number + 1 for number, (span, state) in tracks if span.mended or (span.cut and state.ended)]
        if mended:
            self._findings.add(f"The length of {name_tracks(mended)} is wrong in the file; the real end was found.")
        self._find_odd_events()

    def _name_places(self, ticks: dict[int, int], one: str, several: str, what: str) -> None:
        """Say the same of some tracks of the file, with the first of the places."""
        if ticks:
            tracks = name_tracks([number + 1 for number in ticks])
            verb = one if len(ticks) == 1 else several
            self._findings.add(f"{tracks.capitalize()} {verb} {what}.", tick=min(ticks.values()))

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


def _notes_read(count: int) -> str:
    return "1 note was read" if count == 1 else f"{count:,} notes were read"


def _text(content: bytes) -> str:
    """Decode a name: UTF-8 where it is that, else Latin-1; on one line, without control characters."""
    content = content[:_NAME_BYTES]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return "".join(character if character.isprintable() else " " for character in text[:MAX_NAME_LENGTH]).strip()
