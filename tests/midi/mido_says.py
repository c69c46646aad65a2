"""What mido makes of every MIDI file in a folder: the oracle the reader is held to. Run as a process of its own.

Usage: python -m tests.midi.mido_says FOLDER SECONDS_PER_FILE
Prints a line of JSON for each file that mido reads in time. mido raises errors of many kinds on damaged files, and
hangs on some.
"""

import json
import signal
import sys
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

import mido

FAILURES = (OSError, EOFError, ValueError, IndexError, KeyError, mido.KeySignatureError)
Event = tuple[int, ...]


class TooSlowError(Exception):
    pass


def give_up(_signal: int, _frame: object) -> None:
    raise TooSlowError


def facts(path: Path) -> dict[str, Any]:
    """Notes (onset, duration, channel, pitch, velocity), pedals and tempos of a file, by rules as simple as can be."""
    file = mido.MidiFile(path)
    notes: list[Event] = []
    pedals: list[Event] = []
    tempos: dict[int, int] = {}
    messages = 0
    begin = 0
    for track in file.tracks:
        now = begin
        sounding: dict[tuple[int, int], deque[tuple[int, int]]] = defaultdict(deque)
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity > 0:
                messages += 1
                sounding[message.channel, message.note].append((now, message.velocity))
            elif message.type in ("note_on", "note_off"):
                voice = sounding[message.channel, message.note]
                if voice:
                    onset, velocity = voice.popleft()
                    notes.append((onset, max(now - onset, 1), message.channel, message.note, velocity))
            elif message.type == "control_change" and message.control == 64:
                pedals.append((now, message.channel, message.value))
            elif message.type == "set_tempo":
                tempos[now] = message.tempo
        for (channel, pitch), voice in sounding.items():
            notes += [(onset, max(now - onset, 1), channel, pitch, velocity) for onset, velocity in voice]
        begin = now if file.type == 2 else 0
    return {
        "division": file.ticks_per_beat,
        "messages": messages,
        "notes": sorted(notes),
        "pedals": sorted(pedals),
        "tempos": len(tempos),
    }


def main(folder: Path, seconds: int) -> None:
    # Seconds of the processor, not of the clock: other programs may be busy.
    signal.signal(signal.SIGPROF, give_up)
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".mid", ".midi", ".rmi", ".syx")):
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            said = facts(path)
        except (*FAILURES, TooSlowError):
            continue
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.write(json.dumps({"file": str(path.relative_to(folder)), **said}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
