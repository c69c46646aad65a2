"""Shards: appended to, cut where the index knows of no more, read through a map."""

from pathlib import Path

import pytest

from musicgen_app.core.errors import LibraryError
from musicgen_app.dataset.shards import Place, Shards, ShardWriter, cut_shards, shard_path


def written(library: Path, number: int, end: int, *records: bytes) -> list[Place]:
    writer = ShardWriter(library, number, end)
    places = [writer.append(record) for record in records]
    writer.flush()
    writer.close()
    return places


def test_records_come_back(tmp_path: Path) -> None:
    places = written(tmp_path, 3, 0, b"one", b"three")
    shards = Shards(tmp_path)
    assert [bytes(shards.record(place)) for place in places] == [b"one", b"three"]
    assert places == [Place(3, 0, 3), Place(3, 3, 5)]


def test_a_map_follows_a_shard_that_grows(tmp_path: Path) -> None:
    shards = Shards(tmp_path)
    (first,) = written(tmp_path, 0, 0, b"first")
    assert bytes(shards.record(first)) == b"first"
    (second,) = written(tmp_path, 0, 5, b"second")
    assert bytes(shards.record(second)) == b"second"
    assert bytes(shards.record(first)) == b"first"


def test_who_appends_cuts_off_what_nobody_knows_of(tmp_path: Path) -> None:
    written(tmp_path, 0, 0, b"known", b"half a rec")
    written(tmp_path, 0, 5, b"next")
    assert shard_path(tmp_path, 0).read_bytes() == b"knownnext"


def test_cutting_takes_unknown_bytes_and_unknown_shards_away(tmp_path: Path) -> None:
    written(tmp_path, 0, 0, b"known and more")
    written(tmp_path, 1, 0, b"nobody's")
    written(tmp_path, 2, 0, b"short")
    assert cut_shards(tmp_path, {0: 5, 2: 9, 7: 1}) == {2, 7}
    assert shard_path(tmp_path, 0).read_bytes() == b"known"
    assert not shard_path(tmp_path, 1).exists()


@pytest.mark.parametrize("place", [Place(0, 2, 9), Place(1, 0, 1)])
def test_what_is_not_there_is_said(tmp_path: Path, place: Place) -> None:
    written(tmp_path, 0, 0, b"known")
    with pytest.raises(LibraryError, match=r"shard of the library"):
        Shards(tmp_path).record(place)


def test_a_shard_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    shard_path(tmp_path, 0).mkdir(parents=True)
    with pytest.raises(LibraryError, match="cannot be written"):
        ShardWriter(tmp_path, 0, 0)
