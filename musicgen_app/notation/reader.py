"""Reads MusicXML, Humdrum **kern and ABC into Scores, through the library verovio (the optional extra "notation")."""

import base64
import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from musicgen_app.core.errors import NotationReadError
from musicgen_app.core.score import Notes
from musicgen_app.midi.reader import Reading, read_midi_bytes
from musicgen_app.notation.container import NotationText, open_notation
from musicgen_app.notation.dynamics import USUAL

INSTALL = 'Install it with: pip install "musicgen-app[notation]"'
NEEDS_EXTRA = 'needs the extra "notation"'
_TIMEOUT_SEC = 60.0
_MOST_REMARKS = 3
_SAID = re.compile(r"^\[(?:Warning|Error)\]\s*(.+)$", re.MULTILINE)
_CHILD = (sys.executable, "-P", "-m", "musicgen_app.notation.child")


@dataclass(frozen=True, slots=True)
class Notation:
    """What a file of notation holds.

    Attributes:
        reading: The music, repeats played, as a MIDI file's; its findings are what the library could not make sense of.
        remarks: What is no fault but good to know, in sentences: no dynamics, ornaments, no tempo.
    """

    reading: Reading
    remarks: tuple[str, ...]


def can_read_notation() -> bool:
    """Whether the library is there."""
    return importlib.util.find_spec("verovio") is not None


def read_notation(path: Path) -> Notation:
    """Read a file of notation: tempo, metre, keys and pedal as written, velocities by its dynamics.

    Raises:
        NotationReadError: It cannot be opened or understood, or the library is missing.
    """
    opened = open_notation(path)
    if not can_read_notation():
        raise NotationReadError(f"{path.name} is notation; reading it {NEEDS_EXTRA}.", INSTALL)
    answer, said = _asked(opened, path.name)
    content = base64.b64decode(answer.get("midi", ""))
    if not content:
        reason = f": {said[0]}" if said else ""
        raise NotationReadError(
            f"{path.name} cannot be understood as {opened.kind}{reason}.", "Export it again, as MusicXML if you can."
        )
    reading = _at_full_length(read_midi_bytes(content, path.name), float(answer.get("end", 0.0)))
    return Notation(replace(reading, findings=_findings(said)), _remarks(answer, opened))


def _asked(opened: NotationText, name: str) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The child's answer, and what the library said on the way, each thing once."""
    request = json.dumps({"kind": opened.kind, "text": opened.text}).encode()
    try:
        done = subprocess.run(
            _CHILD,
            input=request,
            capture_output=True,
            timeout=_TIMEOUT_SEC,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired as error:
        raise NotationReadError(
            f"{name} takes longer than {_TIMEOUT_SEC:.0f} s to read.", "Split it, or export it again."
        ) from error
    told = done.stderr.decode(errors="replace")
    said = tuple(dict.fromkeys(line.strip().rstrip(".") for line in _SAID.findall(told)))
    try:
        answer = json.loads(done.stdout.decode().rsplit("\n", 2)[-2])
    except (ValueError, IndexError) as error:
        raise NotationReadError(
            f"{name} cannot be read; the notation library gave up on it.", "Export it again, as MusicXML if you can."
        ) from error
    return answer, said


def _at_full_length(reading: Reading, end: float) -> Reading:
    """The library's MIDI with notes as long as they are written: some of its versions end each one tick early.

    Args:
        reading: What our reader made of it.
        end: Where the last note ends, in quarter notes.
    """
    notes = reading.score.notes
    if (
        len(notes) == 0
        or int((notes["onset"] + notes["duration"]).max()) != round(end * reading.score.ticks_per_beat) - 1
    ):
        return reading
    score = replace(reading.score, notes=_a_tick_longer(notes))
    return replace(reading, score=score, written=replace(reading.written, notes=_a_tick_longer(reading.written.notes)))


def _a_tick_longer(notes: Notes) -> Notes:
    longer = notes.copy()
    longer["duration"] += 1
    return longer


def _findings(said: tuple[str, ...]) -> tuple[str, ...]:
    """What the library could not make sense of, in its own words."""
    findings = tuple(f"{line}." for line in said[:_MOST_REMARKS])
    more = len(said) - _MOST_REMARKS
    return findings if more <= 0 else (*findings, f"The notation library had {more:,} more remarks.")


def _remarks(answer: Mapping[str, Any], opened: NotationText) -> tuple[str, ...]:
    remarks = []
    if not answer.get("dynamics"):
        remarks.append(f"No dynamics are written; all notes have the velocity {USUAL}.")
    if not answer.get("tempo"):
        remarks.append("No tempo is given in numbers; it is played at 120 quarter notes a minute.")
    ornaments = int(answer.get("ornaments", 0))
    if ornaments:
        count = "1 ornament is" if ornaments == 1 else f"{ornaments:,} ornaments are"
        remarks.append(f"{count} not played out (trills, turns, mordents); the main notes are.")
    tunes = len(re.findall(r"^X:", opened.text, re.MULTILINE)) if opened.kind == "ABC" else 1
    if tunes > 1:
        remarks.append(f"The file holds {tunes:,} tunes; only the first is read.")
    return tuple(remarks)
