"""How many files a second go into a library, and how quickly its table opens, sorts, filters and scrolls.

    python -m tests.benchmarks library                               1,000 and 10,000 files
    python -m tests.benchmarks.bench_library 100000 [--kill] [--in DIR]

The second takes other sizes, kills another import three times on the way, and keeps the collection in DIR for the next
time. Beside files a second stands the processor time of a file, in which other programs hardly show.

The collection is made of data/corpus, and ../shared/corpus where it lies beside: each file is a piece in another key, a
little louder or softer, with a few notes changed, so that no two are equal.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from musicgen_app.core.score import Score
from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.library_statistics import count_bars, read_columns
from musicgen_app.dataset.library_tables import INDEX, SORTS
from musicgen_app.midi.reader import read_midi
from tests.benchmarks.__main__ import OUT

ROOT = Path(__file__).resolve().parents[2]
CORPORA = (ROOT / "data" / "corpus", ROOT.parent / "shared" / "corpus")
SIZES = (1_000, 10_000)
IN_A_FOLDER = 1_000
PAGE = 50
TURNS = 3
CHANGED_NOTES = 8
WHOLE_COLLECTION = 2_100_000
SAMPLE_SEC = 0.1


@dataclass(frozen=True)
class Mould:
    """A file's bytes, and where its notes' pitches and velocities stand in them."""

    name: str
    content: NDArray[np.uint8]
    ons: NDArray[np.int64]
    offs: NDArray[np.int64]

    def cast(self, number: int) -> bytes:
        """Another file like it: in a key and loudness of its own, a few notes changed."""
        rng = np.random.default_rng(number)
        content = self.content.copy()
        pitches = content[self.ons].astype(np.int64) + int(rng.integers(-6, 7))
        chosen = rng.integers(0, len(pitches), CHANGED_NOTES)
        pitches[chosen] += rng.integers(1, 4, CHANGED_NOTES)
        content[self.ons] = content[self.offs] = np.clip(pitches, 0, 127)
        loudness = content[self.ons + 1].astype(np.int64) + int(rng.integers(-10, 11))
        content[self.ons + 1] = np.clip(loudness, 1, 127)
        return content.tobytes()


def mould(name: str, score: Score) -> Mould:
    events = []
    for index, note in enumerate(score.notes.tolist()):
        onset, duration, pitch, velocity, _ = note
        events.append((onset, 1, index, pitch, velocity))
        events.append((onset + duration, 0, index, pitch, 0))
    out = bytearray(b"MThd\0\0\0\6\0\0\0\1" + score.ticks_per_beat.to_bytes(2, "big") + b"MTrk\0\0\0\0")
    out += b"\0\xff\x51\3" + int(score.tempos["microseconds_per_beat"][0]).to_bytes(3, "big")
    places = np.zeros((2, len(score.notes)), dtype=np.int64)
    now = 0
    for tick, on, index, pitch, velocity in sorted(events):
        out += variable_length(tick - now) + bytes([0x90])
        places[on, index] = len(out)
        out += bytes([pitch, velocity])
        now = tick
    out += b"\0\xff\x2f\0"
    out[18:22] = (len(out) - 22).to_bytes(4, "big")
    return Mould(name, np.frombuffer(bytes(out), np.uint8), places[1], places[0])


def variable_length(value: int) -> bytes:
    parts = [value & 0x7F]
    while value := value >> 7:
        parts.append(value & 0x7F | 0x80)
    return bytes(reversed(parts))


def make_collection(folder: Path, files: int) -> None:
    """Write so many files."""
    moulds = []
    for corpus in CORPORA:
        for path in sorted(corpus.rglob("*.mid")) if corpus.is_dir() else ():
            moulds.append(mould(path.stem, read_midi(path).score))
    for number in range(files):
        below = folder / f"{number // IN_A_FOLDER:05d}"
        if number % IN_A_FOLDER == 0:
            below.mkdir(parents=True)
        shape = moulds[number % len(moulds)]
        (below / f"{shape.name}-{number:06d}.mid").write_bytes(shape.cast(number))


class Scan:
    """A scan in a process of its own, and the most memory that it and its children took together."""

    def __init__(self, folder: Path, library: Path) -> None:
        command = [sys.executable, "-m", "musicgen_app", "library", "scan", str(folder), "--library", str(library)]
        self._began = time.perf_counter()
        self.process = subprocess.Popen(
            [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
        )
        self.peak = 0
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()

    def _watch(self) -> None:
        ours = psutil.Process(self.process.pid)
        while self.process.poll() is None:
            total = 0
            try:
                for one in (ours, *ours.children(recursive=True)):
                    total += one.memory_info().rss
            except psutil.Error:
                pass
            self.peak = max(self.peak, total)
            time.sleep(SAMPLE_SEC)

    def result(self) -> tuple[dict[str, Any], float]:
        """What it said, and how long it took."""
        assert self.process.stdout is not None
        said = self.process.stdout.read()
        self.process.wait()
        seconds = time.perf_counter() - self._began
        self._watcher.join()
        return json.loads(said), seconds

    def kill_when(self, library: Path, files: int) -> int:
        """End it by kill -9 as soon as so many files are in the index; return how many there are."""
        while self.process.poll() is None:
            if (known := known_files(library)) >= files:
                self.process.kill()
                self.process.wait()
                self._watcher.join()
                return known
            time.sleep(SAMPLE_SEC)
        raise RuntimeError("It ended before it was killed.")


def known_files(library: Path) -> int:
    if not (library / INDEX).is_file():
        return 0
    with Library(library) as found:
        totals = found.totals()
    return int(totals["files"] - totals["waiting"])


def run(sizes: Sequence[int] = SIZES, kill: bool = False, kept: Path | None = None) -> dict[str, float]:
    """All figures by flat names."""
    figures: dict[str, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=kept) as folder:
            place = Path(folder)
            music = (kept or place) / f"music-{size}"
            if not music.is_dir():
                make_collection(music, size)
            figures |= imported(music, place, size)
            figures |= table(place / "library", size)
            if kill:
                figures |= killed(music, place, size)
    rate = figures[f"import_files_per_second_{max(sizes)}"]
    figures["import_hours_for_2100000"] = WHOLE_COLLECTION / rate / 3600
    return figures


def imported(music: Path, place: Path, size: int) -> dict[str, float]:
    """A first scan, a second one with nothing changed, and what they left on the disk."""
    before = processor_seconds()
    scan = Scan(music, place / "library")
    first, seconds = scan.result()
    used = processor_seconds() - before
    assert first["read"] == size, first
    again, rescan = Scan(music, place / "library").result()
    used_again = processor_seconds() - before - used
    assert again["unchanged"] == size, again
    assert again["read"] == 0, again
    notes = sum(path.stat().st_size for path in (place / "library" / "notes").glob("*.shard"))
    index = sum(path.stat().st_size for path in (place / "library").glob(f"{INDEX}*"))
    return {
        f"import_files_per_second_{size}": size / seconds,
        "import_peak_mib": scan.peak / 2**20,
        f"import_processor_ms_per_file_{size}": 1000 * used / size,
        "import_notes_per_file": first["totals"]["notes"] / size,
        "rescan_fraction": rescan / seconds,
        "rescan_processor_fraction": used_again / used,
        f"rescan_seconds_{size}": rescan,
        "library_index_bytes_per_file": index / size,
        "library_shard_bytes_per_file": notes / size,
    }


def processor_seconds() -> float:
    """What all processes that have ended here took, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def killed(music: Path, place: Path, size: int) -> dict[str, float]:
    """Another first scan, killed three times and resumed: all files are there once, and so are their notes."""
    library = place / "killed"
    points = [Scan(music, library).kill_when(library, size * share // 100) for share in (20, 50, 80)]
    last, _ = Scan(music, library).result()
    assert last["totals"]["files"] == size, last
    assert last["totals"]["waiting"] == 0, last
    with Library(library) as one, Library(place / "library") as other:
        lengths = 0
        for found, wanted in zip(one.pages(Query()), other.pages(Query()), strict=True):
            assert (found.path, found.sha256, found.notes, found.fingerprint) == (
                wanted.path,
                wanted.sha256,
                wanted.notes,
                wanted.fingerprint,
            )
            lengths += found.place.length if found.place else 0
    kept = sum(path.stat().st_size for path in (library / "notes").glob("*.shard"))
    print(f"killed after {points} files; {last['read']} were left; {kept - lengths} bytes of notes are nobody's")
    return {"import_killed_times": len(points), "import_killed_bytes_nobody_needs": kept - lengths}


@dataclass
class Slowest:
    """The slowest of some questions, each asked three times: by the clock, and in time of the processor."""

    wall_ms: float = 0.0
    processor_ms: float = 0.0

    def ask(self, question: Callable[[], Any]) -> None:
        turns = []
        for _ in range(TURNS):
            wall, processor = time.perf_counter(), time.process_time()
            question()
            turns.append((time.perf_counter() - wall, time.process_time() - processor))
        wall, processor = (1000 * statistics.median(column) for column in zip(*turns, strict=True))
        self.wall_ms, self.processor_ms = max(self.wall_ms, wall), max(self.processor_ms, processor)


def table(folder: Path, size: int) -> dict[str, float]:
    """What a table of all files asks for; the slowest of each kind."""
    found = {
        name: Slowest()
        for name in ("opens", "sorts", "sorts_page", "filters", "filters_page", "scrolls", "columns", "sums")
    }
    found["opens"].ask(lambda: opened(folder, size))
    with Library(folder) as library:
        for query in [Query(sort, descending) for sort in SORTS for descending in (False, True)]:
            found["sorts"].ask(partial(library.ids, query))
            found["sorts_page"].ask(partial(library.page, query, PAGE))
        for words in (("ready",), ("chopin",), ("prelude", "0"), ("-000777",), ("nowhere",)):
            found["filters"].ask(partial(library.ids, Query("notes", words=words)))
            found["filters_page"].ask(partial(library.page, Query("notes", words=words), PAGE))
        ids = library.ids(Query("notes"))
        for place in np.random.default_rng(0).integers(0, max(1, size - PAGE), 100):
            found["scrolls"].ask(partial(library.rows, ids[place : place + PAGE].tolist()))
        columns = read_columns(library)
        found["columns"].ask(partial(read_columns, library))
        brushes = [one.condition(range(len(one.bars) // 3, len(one.bars) // 2)) for one in columns.quantities]
        for query in (Query(), *(Query(only=(brush,)) for brush in brushes), Query(only=tuple(brushes))):
            found["sums"].ask(partial(count_bars, library, columns, query))
    walls = {f"library_{size}_{name}_ms": one.wall_ms for name, one in found.items()}
    return walls | {f"library_{size}_{name}_processor_ms": one.processor_ms for name, one in found.items()}


def opened(folder: Path, size: int) -> None:
    with Library(folder) as library:
        assert len(library.page(Query(), PAGE)) == min(PAGE, size)
        assert library.count(Query()) == len(library.ids(Query())) == size


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--in", dest="kept", type=Path, default=None)
    given = parser.parse_args(arguments)
    found = run(given.sizes, given.kill, given.kept)
    OUT.parent.mkdir(exist_ok=True)
    known = json.loads(OUT.read_text()) if OUT.is_file() else {}
    OUT.write_text(json.dumps(dict(sorted((known | found).items())), indent=1) + "\n")
    for name, value in found.items():
        print(f"   {name:<50} {value:>14,.4g}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
