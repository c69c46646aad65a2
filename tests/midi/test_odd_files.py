"""The reader on 523 real files, valid and damaged, against mido where mido reads them."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from musicgen_app.core.errors import MidiReadError
from musicgen_app.core.score import Score
from musicgen_app.midi.reader import Reading, read_midi, read_midi_bytes
from musicgen_app.midi.writer import midi_bytes
from tests.midi.tolerant_scan import count_notes

SECONDS_FOR_MIDO = 10


@pytest.fixture(scope="module")
def readings(shared: Path) -> dict[str, Reading | MidiReadError]:
    """Every file, read; and a proof that no file takes long."""
    folder = shared / "midi_odd"
    found: dict[str, Reading | MidiReadError] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.parent != folder:
            begun = time.process_time()
            try:
                found[str(path.relative_to(folder))] = read_midi(path)
            except MidiReadError as error:
                found[str(path.relative_to(folder))] = error
            assert time.process_time() - begun < 5, path.name
    return found


@pytest.fixture(scope="module")
def mido_says(shared: Path, root: Path) -> dict[str, dict[str, Any]]:
    if not hasattr(signal, "setitimer"):
        pytest.skip("mido can only be stopped in time where processes have timers.")
    command = [sys.executable, "-m", "tests.midi.mido_says", str(shared / "midi_odd"), str(SECONDS_FOR_MIDO)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout.splitlines()
    return {said["file"]: said for said in map(json.loads, lines)}


def test_every_file_gives_notes_or_a_sentence(readings: dict[str, Reading | MidiReadError]) -> None:
    assert len(readings) == 523
    for name, reading in readings.items():
        sentences = [str(reading)] if isinstance(reading, MidiReadError) else reading.findings
        assert all(sentence.endswith(".") and "{" not in sentence for sentence in sentences), name
        assert isinstance(reading, MidiReadError) or len(reading.score.notes) or sentences, name


def test_more_files_are_read_than_mido_reads(readings: dict[str, Reading | MidiReadError]) -> None:
    refused = [name for name, reading in readings.items() if isinstance(reading, MidiReadError)]
    assert len(refused) == 30
    with_notes = sum(isinstance(reading, Reading) and len(reading.score.notes) > 0 for reading in readings.values())
    assert with_notes >= 450


def test_note_counts_equal_those_of_mido(
    readings: dict[str, Reading | MidiReadError], mido_says: dict[str, dict[str, Any]]
) -> None:
    assert len(mido_says) >= 360
    for name, said in mido_says.items():
        reading = readings[name]
        assert isinstance(reading, Reading), name
        assert len(reading.score.notes) == said["messages"], name


def test_onsets_durations_pedals_and_tempos_equal_those_of_mido(
    readings: dict[str, Reading | MidiReadError], mido_says: dict[str, dict[str, Any]]
) -> None:
    for name, said in mido_says.items():
        reading = readings[name]
        assert isinstance(reading, Reading), name
        score = reading.score
        assert notes_of(score) == said["notes"], name
        assert pedals_of(score) == said["pedals"], name
        if said["division"] > 0:
            assert score.ticks_per_beat == said["division"], name
            assert len(score.tempos) <= said["tempos"] + 1 + len(score.tracks), name


def notes_of(score: Score) -> list[list[int]]:
    channels = [track.channel for track in score.tracks]
    return sorted(
        [onset, duration, channels[track], pitch, velocity]
        for onset, duration, pitch, velocity, track in score.notes.tolist()
    )


def pedals_of(score: Score) -> list[list[int]]:
    channels = [track.channel for track in score.tracks]
    return sorted([onset, channels[track], value] for onset, track, value in score.pedals.tolist())


def test_what_was_read_can_be_written_and_read_again(readings: dict[str, Reading | MidiReadError]) -> None:
    """Every tenth file; nested notes may exchange their ends, so onsets are compared."""
    scores = [reading.score for reading in readings.values() if isinstance(reading, Reading)]
    for score in scores[::10]:
        again = read_midi_bytes(midi_bytes(score)).score
        assert again.tracks == score.tracks
        assert again.tempos.tolist() == score.tempos.tolist()
        assert again.notes["onset"].tolist() == score.notes["onset"].tolist()
        assert again.time_signatures == score.time_signatures


def test_what_is_readable_in_files_that_mido_rejects_is_read(
    readings: dict[str, Reading | MidiReadError], mido_says: dict[str, dict[str, Any]], shared: Path
) -> None:
    """Notes that a plain scan can follow, in files with at least fifty of them; nearly all must be read, and are."""
    rejected = {name: reading for name, reading in readings.items() if name not in mido_says}
    readable = {name: count_notes((shared / "midi_odd" / name).read_bytes()) for name in rejected}
    worth = {name: count for name, count in readable.items() if count >= 50}
    assert len(worth) >= 100
    told = 0
    for name, count in worth.items():
        reading = rejected[name]
        assert isinstance(reading, Reading), name
        assert len(reading.score.notes) >= count, name
        told += len(reading.findings) > 0
    # The others are in order: a wrapped file, texts or times that are odd but allowed.
    assert told >= 90
