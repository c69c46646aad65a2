"""How quickly MIDI files are read, in turns with mido, and how long a million notes take to read and to write."""

import csv
import multiprocessing
import statistics
import time
from collections.abc import Callable
from multiprocessing.pool import Pool
from pathlib import Path

import mido
import numpy as np

from musicgen_app.core.score import NOTE_DTYPE, Score
from musicgen_app.midi.reader import read_midi, read_midi_bytes
from musicgen_app.midi.writer import midi_bytes

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
MOST_FILES = 120
MILLION = 1_000_000
FAULTS = {
    "bad_chunk_size", "bad_meta_length", "broken_event_stream", "data_after_eot", "data_byte_over_127", "empty",
    "header_length_22", "header_length_huge", "huge_delta", "illegal_status", "invalid_key_signature",
    "invalid_smpte_offset", "junk_before_header", "meta_overruns_track", "missing_end_of_track", "no_header_chunk",
    "no_notes", "not_midi", "raw_syx", "riff_rmid", "running_status_without_status", "smpte_division",
    "track_count_mismatch", "trailing_bytes", "truncated", "unknown_chunk", "unknown_format", "vlq_over_4_bytes",
    "zero_division", "zero_tracks",
}  # fmt: skip


def run() -> dict[str, float]:
    """All figures by flat names."""
    paths = valid_files()
    for path in paths:  # both warm, and the disk out of the way
        read_midi(path)
    ratios, ours, theirs = [], [], []
    for _ in range(ROUNDS):
        mine, mido_took = cpu_seconds(lambda: read_all(paths)), cpu_seconds(lambda: mido_all(paths))
        ratios.append(mido_took / mine)
        ours.append(len(paths) / mine)
        theirs.append(len(paths) / mido_took)
        print(f"{len(paths)} files: {ours[-1]:8.1f} a second, mido {theirs[-1]:6.1f}, ratio {ratios[-1]:5.1f}")
    return {
        "midi_files_per_second": statistics.median(ours),
        "midi_files_per_second_mido": statistics.median(theirs),
        "midi_files_per_second_ratio": statistics.median(ratios),
        "read_vs_mido": statistics.median(ratios),
        "read_files_per_second": statistics.median(ours),
        "read_two_processes": two_processes(paths),
        **million_notes(),
    }


def valid_files() -> list[Path]:
    """Real files without faults, spread over the shared collection; where it is not there, the bundled corpus."""
    folder = ROOT.parent / "shared" / "midi_odd"
    if not folder.is_dir():
        return sorted((ROOT / "data" / "corpus").glob("*.mid"))
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as manifest:
        valid = [folder / row["path"] for row in csv.DictReader(manifest) if not FAULTS & set(row["special"].split())]
    return sorted(valid)[:: max(1, len(valid) // MOST_FILES)]


def read_all(paths: list[Path]) -> None:
    for path in paths:
        read_midi(path)


def mido_all(paths: list[Path]) -> None:
    """Messages only: mido pairs no notes and sorts nothing."""
    for path in paths:
        mido.MidiFile(path)


def two_processes(paths: list[Path]) -> float:
    """How many times as many files two processes read in the same time as one; median of turns, by the clock."""
    work = paths * 4
    ratios = []
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(1) as one, spawn.Pool(2) as two:
        for pool in (one, two):
            pool.map(read_all, [paths, paths])
        for _ in range(ROUNDS):
            alone, together = (clock_seconds(pool, work) for pool in (one, two))
            ratios.append(alone / together)
    return statistics.median(ratios)


def clock_seconds(pool: Pool, paths: list[Path]) -> float:
    """Seconds of the clock that the processes of a pool take to read files."""
    begun = time.perf_counter()
    pool.map(read_all, [paths[begin::8] for begin in range(8)], chunksize=1)
    return time.perf_counter() - begun


def million_notes() -> dict[str, float]:
    """Seconds to write and to read a piece of a million notes in two tracks."""
    rng = np.random.default_rng(0)
    notes = np.zeros(MILLION, NOTE_DTYPE)
    notes["onset"] = rng.integers(0, MILLION * 40, MILLION)
    notes["duration"] = rng.integers(1, 200, MILLION)
    notes["pitch"] = rng.integers(21, 109, MILLION)
    notes["velocity"] = rng.integers(1, 128, MILLION)
    score = Score(notes)
    content = b""

    def write() -> None:
        nonlocal content
        content = midi_bytes(score)

    writing = cpu_seconds(write)
    return {
        "midi_write_million_notes_seconds": writing,
        "midi_read_million_notes_seconds": cpu_seconds(lambda: read_midi_bytes(content)),
    }


def cpu_seconds(work: Callable[[], object]) -> float:
    """Seconds of the processor, so that other programs do not count."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name:<45} {figure:12,.3f}")
