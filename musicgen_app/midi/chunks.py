"""Finds the header and the tracks inside the bytes of a MIDI file, also where lengths are wrong."""

import re
from dataclasses import dataclass

MAX_TRACKS = 4095
"""Tracks that are read; times 16 channels they still fit the track numbers of a Score."""

MAX_FOREIGN_CHUNKS = 65_536
"""Chunks that are no tracks; each costs a step."""

DEFAULT_DIVISION = 480
_HEADER_BYTES = 14
_TAG = re.compile(rb"[A-Za-z][A-Za-z0-9 _]{3}")
_END_OF_TRACK = b"\xff\x2f\x00"


@dataclass(frozen=True, slots=True)
class Division:
    """What one tick is.

    Attributes:
        ticks_per_beat: 1 to 32767.
        microseconds_per_beat: Fixed length of a beat where ticks are parts of film frames; else None, and tempo
            events count.
    """

    ticks_per_beat: int
    microseconds_per_beat: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Where the events of one track lie: ``start`` to ``stop`` in the bytes of the file.

    Attributes:
        start: Position of the first event.
        stop: Position after the last byte that may belong to the track.
        mended: Whether ``stop`` is not where the file says.
        cut: Whether the file ends before the track does.
    """

    start: int
    stop: int
    mended: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a MIDI file.

    Attributes:
        file_format: 0, 1 or 2; anything else the file says is 1 here.
        division: What one tick is.
        tracks: Where the tracks lie.
        findings: What is wrong with the file around its tracks, in plain words.
    """

    file_format: int
    division: Division
    tracks: tuple[Span, ...]
    findings: tuple[str, ...]


def find_layout(content: bytes) -> Layout | None:
    """Find header and tracks; None where there is neither."""
    findings: list[str] = []
    header = content.find(b"MThd")
    if header < 0:
        first = content.find(b"MTrk")
        if first < 0:
            return None
        findings.append(
            f"The file has no header; {DEFAULT_DIVISION} ticks a quarter note are assumed, so its tempo may be wrong."
        )
        spans = _find_tracks(content, first, MAX_TRACKS, findings)
        return Layout(1, Division(DEFAULT_DIVISION), spans, tuple(findings))
    if header > 0 and content[:4] != b"RIFF":
        findings.append(f"{_bytes(header)} before the music {_are(header)} not MIDI; skipped.")
    fields = content[header + 8 : header + _HEADER_BYTES].ljust(6, b"\0")
    file_format, promised, division = (int.from_bytes(fields[at : at + 2], "big") for at in (0, 2, 4))
    ticks = _division(division, findings)
    spans = _find_tracks(content, _after_header(content, header, findings), promised, findings)
    if header > 0 and not spans:
        return None
    if promised != len(spans) and len(spans) < MAX_TRACKS:
        are_there = {0: "none is there", 1: "1 is there"}.get(len(spans), f"{len(spans):,} are there")
        findings.append(f"The header promises {_tracks(promised)}; {are_there}.")
    return Layout(_format(file_format, len(spans), findings), ticks, spans, tuple(findings))


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count:,} bytes"


def _tracks(count: int) -> str:
    return "1 track" if count == 1 else f"{count:,} tracks"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _after_header(content: bytes, header: int, findings: list[str]) -> int:
    """The position of the first chunk after the header, also where the header's length is wrong."""
    length = int.from_bytes(content[header + 4 : header + 8], "big")
    stated = header + 8 + length
    if length >= 6 and (stated == len(content) or _TAG.match(content, stated)):
        return stated
    usual = header + _HEADER_BYTES
    findings.append("The length of the header is wrong; the tracks were found without it.")
    return usual


def _format(stated: int, tracks: int, findings: list[str]) -> int:
    if stated > 2:
        findings.append(f"The header names format {stated}, which does not exist; the tracks are played together.")
        return 1
    if stated == 0 and tracks > 1:
        findings.append(f"The header says that all is in one track (format 0); {tracks:,} are there, played together.")
        return 1
    if stated == 2 and tracks > 1:
        findings.append(f"The file holds {tracks:,} separate patterns (format 2); they are laid one after the other.")
    return stated


def _division(stated: int, findings: list[str]) -> Division:
    """Ticks in a quarter note; or, with the top bit set, frames a second and ticks in a frame."""
    if stated == 0:
        findings.append(
            f"The header gives no time resolution; {DEFAULT_DIVISION} ticks a quarter note are assumed, "
            "so the tempo may be wrong."
        )
        return Division(DEFAULT_DIVISION)
    if stated < 0x8000:
        return Division(stated)
    frames, ticks = 256 - (stated >> 8), stated & 0xFF
    if ticks == 0:
        findings.append("The header counts time in film frames of no ticks; 80 ticks a frame are assumed.")
        ticks = 80
    if frames == 29:
        findings.append(f"Time is counted in film frames (29.97 a second, {ticks} ticks each), not in beats.")
        return Division(30 * ticks, 1_001_000)
    unusual = "" if frames in (24, 25, 30) else ", which no film has"
    findings.append(f"Time is counted in film frames ({frames} a second{unusual}, {ticks} ticks each), not in beats.")
    return Division(frames * ticks, 1_000_000)


def _find_tracks(content: bytes, start: int, promised: int, findings: list[str]) -> tuple[Span, ...]:
    """Walk from chunk to chunk; where one does not lead to the next, look for the next track's name.

    Once the promised tracks are there nothing is looked for behind other bytes: what is found there is left over from
    a longer file of the same name.
    """
    spans: list[Span] = []
    skipped = foreign = 0
    at, size = start, len(content)
    while at + 8 <= size:
        name = content[at : at + 4]
        stop = at + 8 + int.from_bytes(content[at + 4 : at + 8], "big")
        if name == b"MTrk":
            if len(spans) == MAX_TRACKS:
                findings.append(f"The file has more than {MAX_TRACKS:,} tracks; the rest is left out.")
                break
            spans.append(_track_span(content, at + 8, stop))
            at = spans[-1].stop
        elif name == b"MThd":
            findings.append("A second MIDI file follows inside this one; it is left out.")
            break
        elif foreign < MAX_FOREIGN_CHUNKS and _TAG.match(name) and stop <= size and _leads_on(content, stop):
            foreign += 1
            at = stop
        else:
            following = content.find(b"MTrk", at) if len(spans) < promised else -1
            following = size if following < 0 else following
            if spans and content[at:following].strip(b"\0\r\n\x1a"):
                skipped += following - at
            at = following
    if skipped:
        findings.append(f"{_bytes(skipped)} between or after the tracks {_are(skipped)} not MIDI; skipped.")
    return tuple(spans)


def _leads_on(content: bytes, stop: int) -> bool:
    """Whether a chunk may end at ``stop``: another one follows, or at most a few stray bytes."""
    return len(content) - stop < 8 or _TAG.match(content, stop) is not None


def _track_span(content: bytes, start: int, stated: int) -> Span:
    """Where a track that begins at ``start`` and says it ends at ``stated`` really ends."""
    size = len(content)
    if stated <= size:
        # Only the first such name is looked at: to look further would let a hostile file cost a search per track.
        swallowed = content.find(b"MTrk", start, stated)
        if swallowed >= 0 and content.endswith(_END_OF_TRACK, start, swallowed):
            return Span(start, swallowed, mended=True)
        if _leads_on(content, stated) or content.endswith(_END_OF_TRACK, start, stated):
            return Span(start, stated)
    following = content.find(b"MTrk", start)
    if following >= 0:
        return Span(start, following, mended=True)
    return Span(start, size, mended=stated <= size, cut=stated > size)
