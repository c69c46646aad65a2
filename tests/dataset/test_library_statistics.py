"""The pictures of a library: what each bar counts is what its condition finds, and every brush narrows the others."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from musicgen_app.dataset.library import Library, LibraryRow, packed_counts
from musicgen_app.dataset.library_query import Among, Query, Span
from musicgen_app.dataset.library_statistics import SetColumns, SetStatistics, count_bars, read_columns
from musicgen_app.dataset.library_tables import FACTS
from musicgen_app.dataset.library_writer import Found, LibraryWriter, Stamp
from musicgen_app.dataset.shards import Place
from musicgen_app.workflow.details import key_name

FILES = 250
METRES = ("", "4/4", "4/4", "3/4", "2/4", "6/8", "2/2", "3/8", "9/8", "12/8", "5/4", "7/8")


def facts(rng: np.random.Generator, number: int) -> dict[str, Any]:
    key = key_name(int(rng.integers(-7, 8)), bool(rng.integers(2))) if rng.random() < 0.8 else ""
    texts = dict.fromkeys(("error", "licence", "signs", "title"), "")
    texts |= {"composer": str(rng.choice(["Chopin", "Satie"])), "metre": str(rng.choice(METRES)), "key": key}
    texts |= {"verdict": str(rng.choice(["ready", "repaired", "set aside: drums only"])), "findings": "[]"}
    numbers: dict[str, Any] = {name: int(rng.integers(1, 20)) for name in FACTS if name not in texts}
    numbers |= {"seconds": float(rng.lognormal(5, 1)), "tempo": float(rng.integers(30, 230))}
    numbers |= {"pitch": int(rng.integers(36, 90)), "duration": float(2.0 ** rng.integers(-5, 3))}
    numbers |= {"velocity": int(rng.integers(1, 128)), "velocities": int(rng.choice([1, 9]))}
    numbers |= {"pedal": int(rng.choice([0, 10, 2000])), "sha256": number.to_bytes(32, "big"), "fingerprint": b""}
    return numbers | texts


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("library")
    rng = np.random.default_rng(0)
    writer = LibraryWriter(folder)
    writer.add(writer.source(folder), "", [Stamp(f"{number:03d}.mid", number, 0) for number in range(FILES)])
    writer.keep(
        [
            Found(number, name, facts(rng, number), packed_counts([1] * 277), Place(0, number, 1))
            for number, _, _, name, _ in writer.next_waiting(0, FILES)
        ]
    )
    writer.finish()
    writer.close()
    with Library(folder) as library:
        yield library


@pytest.fixture(scope="module")
def columns(library: Library) -> SetColumns:
    return read_columns(library)


def usable(library: Library, query: Query) -> list[LibraryRow]:
    return [row for row in library.pages(query) if not row.verdict.startswith("set aside")]


def test_a_bar_counts_what_its_condition_finds(library: Library, columns: SetColumns) -> None:
    whole = count_bars(library, columns, Query()).whole
    names = [one.name for one in columns.quantities]
    assert names == ["key", "tempo", "metre", "length", "pitch", "duration", "velocity", "polyphony", "pedal"]
    for one in columns.quantities:
        found = [len(usable(library, Query(only=(one.condition([place]),)))) for place in range(len(one.bars))]
        assert found == whole[one.name].tolist(), one.name
        assert sum(found) == len(columns.ids)
        joined = one.condition([1, 2, 3])
        assert one.chosen(joined) == (1, 2, 3)
        assert len(usable(library, Query(only=(joined,)))) == sum(found[1:4])


def remaining(found: SetStatistics, name: str) -> int:
    """Files that all brushes leave, the picture's own too."""
    chosen = found.chosen[name]
    return int(found.left[name][list(chosen)].sum() if chosen else found.left[name].sum())


def test_every_brush_narrows_the_other_pictures(library: Library, columns: SetColumns) -> None:
    tempo, key, metre = (next(q for q in columns.quantities if q.name == n) for n in ("tempo", "key", "metre"))
    only = (tempo.condition(range(2, 12)), key.condition([0, 6, 18, 24]), Among("composer", ("Satie",)))
    found = count_bars(library, columns, Query(only=only, words=("ready",)))
    left = usable(library, Query(only=only, words=("ready",)))
    assert found.files == len(left) > 0
    assert remaining(found, "key") == remaining(found, "metre") == found.files
    assert found.left["metre"].tolist() == [sum(row.metre in bar.values for row in left) for bar in metre.bars]
    # A brush leaves its own picture as it was, so that one sees what else there would be.
    without = usable(library, Query(only=only[1:], words=("ready",)))
    assert found.left["tempo"].sum() == len(without) > found.files
    assert found.chosen["tempo"] == tuple(range(2, 12))
    assert found.chosen["metre"] == ()


def test_a_condition_that_cuts_through_bars_still_counts(library: Library, columns: SetColumns) -> None:
    only = (Span("tempo", 50, 101),)
    found = count_bars(library, columns, Query(only=only))
    assert found.chosen["tempo"] == ()
    assert found.files == len(usable(library, Query(only=only)))


def test_bars_say_what_they_are(columns: SetColumns) -> None:
    said = {one.name: one for one in columns.quantities}
    assert said["tempo"].words([4, 5]) == "84 to 108"
    assert said["tempo"].words([0, 1]) == "below 60"
    assert said["length"].words([12, 13]) == "16 min or more"
    assert said["key"].words([6, 18]) == "C major, A minor"
    assert said["key"].words([5, 6, 7]) == "3 keys"
    assert said["pedal"].words([0]) == "none"
    assert said["metre"].bars[0].words == "4/4"
    assert said["metre"].bars[-2].words == "others"


def test_a_file_stands_in_one_bar_of_each(library: Library, columns: SetColumns) -> None:
    row = usable(library, Query())[0]
    bars = columns.bars_of(row.id)
    for one in columns.quantities:
        assert row.id in library.ids(Query(only=(one.condition([bars[one.name]]),)))
    aside = next(row for row in library.pages(Query()) if row.verdict.startswith("set aside"))
    assert columns.bars_of(aside.id) == {}


def test_an_empty_library_has_empty_pictures(tmp_path: Path) -> None:
    LibraryWriter(tmp_path).close()
    with Library(tmp_path) as library:
        found = count_bars(library, read_columns(library), Query())
    assert found.files == 0
    assert all(counts.sum() == 0 for counts in found.whole.values())
