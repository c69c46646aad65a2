"""The index of a library: any order, any filter, page by page, and what becomes of a damaged one."""

import sqlite3
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from musicgen_app.core.errors import DamagedLibraryError, LibraryError, UsageError
from musicgen_app.dataset.library import Library, packed_counts, unpacked_counts
from musicgen_app.dataset.library_query import Among, Decision, Query, Span, condition_of
from musicgen_app.dataset.library_tables import FACTS, INDEX, KNOWN, MISSING, PLAIN_SORTS, SORTS, connect
from musicgen_app.dataset.library_writer import Found, LibraryWriter, Stamp
from musicgen_app.dataset.stored_text import sorting_key

FILES = 300


def facts(rng: np.random.Generator, number: int) -> dict[str, Any]:
    """Facts with many equal values, so that orders have ties."""
    texts = dict.fromkeys(("error", "licence", "signs"), "")
    texts |= {"title": f"Étude {rng.integers(9)}", "composer": str(rng.choice(["", "Chopin", "Satie"]))}
    texts |= {"title_key": sorting_key(texts["title"]), "composer_key": sorting_key(texts["composer"])}
    texts |= {"metre": str(rng.choice(["", "3/4", "4/4"])), "key": str(rng.choice(["", "C major", "A minor"]))}
    texts |= {"verdict": str(rng.choice(["ready", "repaired", "set aside: drums only"])), "findings": '["Odd."]'}
    numbers = {name: int(rng.integers(20)) for name in FACTS if name not in texts}
    hashes = {"sha256": number.to_bytes(32, "big"), "fingerprint": int(rng.integers(200)).to_bytes(16, "big")}
    return {**numbers, **texts, **hashes, "seconds": float(rng.random()), "tempo": float(rng.integers(60, 70))}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    rng = np.random.default_rng(0)
    writer = LibraryWriter(folder)
    source = writer.source(folder)
    for below in ("", "b", "a/c"):
        writer.add(source, below, [Stamp(f"{number:03d}.mid", number % 7, 0) for number in range(FILES // 3)])
    waiting = writer.next_waiting(0, FILES)
    found = [
        Found(number, f"{below}/{name}", facts(rng, number), packed_counts([number] * 277))
        for number, _, below, name, _ in waiting
    ]
    writer.keep(found)
    writer.mark(MISSING, [5, 6])
    writer.finish()
    writer.close()
    return folder


@pytest.fixture
def library(folder: Path) -> Any:
    with Library(folder) as library:
        yield library


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", [*SORTS, *PLAIN_SORTS])
def test_every_order_is_that_of_its_values(library: Library, sort: str, descending: bool) -> None:
    rows = library.rows(library.ids(Query(sort, descending)).tolist())
    keys = [tuple(getattr(row, column) for column in Query(sort).columns) for row in rows]
    assert keys == sorted(keys, reverse=descending)
    assert len(keys) == FILES - 2


@pytest.mark.parametrize("words", [(), ("chopin",), ("ÉTUDE 3", "ready"), ("a/c",), ("nowhere",)])
@pytest.mark.parametrize("sort", ["notes", "path", "composer"])
def test_pages_hold_what_the_whole_order_holds(library: Library, sort: str, words: tuple[str, ...]) -> None:
    for descending in (False, True):
        query = Query(sort, descending, words)
        paged = []
        page = library.page(query, 7)
        while page:
            paged += [row.id for row in page]
            page = library.page(query, 7, page[-1])
        assert paged == library.ids(query).tolist()
        assert len(paged) == library.count(query)


def test_conditions_choose_what_their_columns_hold(library: Library) -> None:
    query = Query("notes", only=(Span("tempo", 62, 66), Among("key", ("C major", "A minor"))), words=("étude",))
    found = library.rows(library.ids(query).tolist())
    wanted = [row for row in library.pages(Query("notes", words=("étude",))) if 62 <= row.tempo < 66 and row.key]
    assert [row.id for row in found] == [row.id for row in wanted]
    assert 0 < len(found) < library.count(Query())
    with pytest.raises(UsageError):
        Span("id; DROP TABLE files", 0, 1)


def test_accents_and_case_do_not_part_titles() -> None:
    assert sorted(["Waltz", "Étude", "elegie", "Ballade"], key=sorting_key) == ["Ballade", "elegie", "Étude", "Waltz"]


def test_conditions_are_written_as_people_say_them() -> None:
    assert condition_of("tempo=96..120") == Span("tempo", 96, 120)
    assert condition_of("pedal_rate=..5") == Span("pedal_rate", float("-inf"), 5)
    assert condition_of("key=C major, A minor") == Among("key", ("C major", "A minor"))
    for text in ("tempo", "tempo=", "tempo=fast..", "sha256=1..2", "path=a"):
        with pytest.raises(UsageError):
            condition_of(text)


def test_what_a_person_decides_counts_in_orders_filters_and_kinds(folder: Path) -> None:
    with Library(folder) as library:
        plain = library.ids(Query("title")).tolist()
        first, last, other = plain[0], plain[-1], plain[7]
        library.decide(
            {
                first: Decision(title="Ωmega"),
                last: Decision(composer="Aaron"),
                other: Decision("", "", "", True),
            }
        )
        assert library.ids(Query("title")).tolist() == [*plain[1:], first]
        assert library.ids(Query("composer", descending=True, words=("aaron",))).tolist() == [last]
        assert library.ids(Query(words=("ωMEGA",))).tolist() == [first]
        assert library.ids(Query(kind="excluded")).tolist() == [other]
        kinds = ("ready", "repaired", "set aside")
        assert sum(library.count(Query(kind=kind)) for kind in kinds) == library.count(Query()) - 1
        wanted = [row for row in library.pages(Query()) if not row.verdict.startswith("set aside") and row.id != other]
        assert library.sums() == (
            len(wanted),
            sum(row.notes for row in wanted),
            pytest.approx(sum(row.seconds for row in wanted)),
        )
    with Library(folder) as library:
        assert library.ids(Query("title")).tolist() == plain
        assert library.count(Query(kind="excluded")) == 0
        row = library.rows([first])[0]
        assert library.find(row.file) == first
        assert library.find(row.file.with_name("nobody.mid")) is None


def test_words_are_found_in_verdicts_titles_paths_and_findings(library: Library) -> None:
    rows = list(library.pages(Query(words=("drums", "étude", "odd", "b/"))))
    assert rows
    assert all(row.verdict == "set aside: drums only" and row.folder == "b" for row in rows)


def test_orders_use_their_indices(folder: Path) -> None:
    connection = sqlite3.connect(folder / INDEX)
    for sort in SORTS:
        query = Query(sort)
        asked = (
            f"EXPLAIN QUERY PLAN SELECT files.id FROM files WHERE {query.where(False)[0]} ORDER BY {query.order(False)}"
        )
        plan = " ".join(row[3] for row in connection.execute(asked))
        assert f"by_{sort}" in plan
        assert "TEMP B-TREE" not in plan
    connection.close()


def test_missing_files_are_apart(library: Library) -> None:
    rows = library.page(Query(kind="missing"), 10)
    assert [row.id for row in rows] == [5, 6]
    assert {row.words for row in rows} == {"missing"}
    assert library.totals()["missing"] == 2


def test_counts_add_up(library: Library) -> None:
    expected = sum(number for number in range(1, FILES + 1) if number not in (5, 6))
    assert {name: set(array.tolist()) for name, array in library.counts().items()} == {
        "pitches": {expected},
        "velocities": {expected},
        "durations": {expected},
    }


def test_equal_music_is_counted(library: Library) -> None:
    rows = list(library.pages(Query()))
    assert library.totals()["same_music"] == len(rows) - len({row.fingerprint for row in rows})


def test_rows_without_notes_say_so(library: Library) -> None:
    with pytest.raises(LibraryError, match="keeps no notes"):
        library.score(library.page(Query(), 1)[0])


def test_counts_of_nothing_are_zero() -> None:
    assert packed_counts(()) == b""
    assert unpacked_counts(b"").tolist() == [0] * 277


def test_an_order_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="sorted by"):
        Query("colour")


def test_a_folder_without_a_library_is_said(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="holds no library"):
        Library(tmp_path)


def test_a_damaged_index_ends_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / INDEX).write_bytes(b"no index at all, " * 500)
    with pytest.raises(DamagedLibraryError, match="is damaged"):
        Library(tmp_path)


def test_several_may_open_a_new_library_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    barrier = threading.Barrier(6)

    def open_it() -> None:
        barrier.wait()
        try:
            connect(tmp_path).close()
        except LibraryError as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    Library(tmp_path).close()


def test_an_index_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    LibraryWriter(tmp_path).close()
    connection = sqlite3.connect(tmp_path / INDEX)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(LibraryError, match="newer version"):
        Library(tmp_path)


def test_what_was_not_committed_is_gone(tmp_path: Path) -> None:
    writer = LibraryWriter(tmp_path)
    source = writer.source(tmp_path)
    writer.add(source, "", [Stamp("a.mid", 1, 1)])
    writer.commit()
    writer.add(source, "", [Stamp("b.mid", 1, 1)])
    writer.close()
    writer = LibraryWriter(tmp_path)
    assert set(writer.seen(source, "")) == {"a.mid"}
    writer.mark(KNOWN, [1])
    writer.close()


def test_a_folder_inside_another_is_refused(tmp_path: Path) -> None:
    (tmp_path / "all" / "some").mkdir(parents=True)
    writer = LibraryWriter(tmp_path / "library")
    number = writer.source(tmp_path / "all" / "some")
    assert writer.source(tmp_path / "all" / "some") == number
    with pytest.raises(UsageError, match="lies inside"):
        writer.source(tmp_path / "all")
    writer.close()
