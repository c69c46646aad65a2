"""From an address to a folder that can be prepared, over a server of our own."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from musicgen_app.cli.main import main
from musicgen_app.core.errors import CollectionError, UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset import collections
from musicgen_app.dataset.collections import COLLECTIONS, Collection, collection_named
from musicgen_app.dataset.download import Clock, Limits
from musicgen_app.dataset.sources import read_credits
from musicgen_app.dataset.store import open_dataset
from musicgen_app.environment import bundled
from musicgen_app.workflow.collect import CollectConfig, Collected, CollectStarted, Means, Standing, collect, standing
from musicgen_app.workflow.wire import from_line, to_line
from tests.web import Site, Watch, serving

PIECES = sorted(bundled("data", "corpus").glob("*.mid"))[:3]


def archive_of(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


ARCHIVE = archive_of({f"set/{path.name}": path.read_bytes() for path in PIECES} | {"set/README.md": b"Music."})
SUM = hashlib.sha256(ARCHIVE).hexdigest()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "*")
    with serving(Site(ARCHIVE)) as site:
        yield site


@pytest.fixture
def known(site: Site, monkeypatch: pytest.MonkeyPatch) -> Collection:
    """A collection of the table that lies on the server and may not be sold."""
    one = Collection(
        "ours", "Our set", "Music.", "CC BY-NC 4.0", "Us", "https://us.org", site.address, len(ARCHIVE), SUM
    )
    monkeypatch.setattr(collections, "COLLECTIONS", (one,))
    return one


def fetched(config: CollectConfig) -> Collected:
    watch = Watch()
    return collect(config, silent, CancelToken(), Means(limits=Limits(tries=2), clock=Clock(watch.now, watch.sleep)))


def test_an_address_becomes_a_folder(site: Site, tmp_path: Path) -> None:
    found = fetched(CollectConfig(site.address, tmp_path / "in/out"))
    assert (found.music, found.host, found.sha256, found.title) == (3, "127.0.0.1", SUM, "music.zip")
    assert found.checked.startswith("No checksum is known for it: it is as long as the server said")
    out = tmp_path / "in/out"
    assert {path.name for path in out.iterdir()} == {"set", "collection.json"}
    assert (out / "set" / PIECES[0].name).read_bytes() == PIECES[0].read_bytes()
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_a_known_collection_is_checked_and_its_terms_written_down(
    known: Collection, site: Site, tmp_path: Path
) -> None:
    found = fetched(CollectConfig("Ours", tmp_path / "out", accept_licence=True))
    assert found.checked == "Its checksum is the one expected."
    credit = read_credits(tmp_path / "out/set")[PIECES[0].name]
    assert (credit.licence, credit.attribution, credit.source) == ("CC BY-NC 4.0", "Us", "https://us.org")
    receipt = json.loads((tmp_path / "out/collection.json").read_text())
    assert (receipt["name"], receipt["sha256"], receipt["address"]) == ("ours", SUM, site.address)
    again = fetched(CollectConfig("ours", tmp_path / "out", accept_licence=True))
    assert (again.fetched, again.music, len(site.asked)) == (False, 3, 1)


def test_a_licence_that_forbids_selling_is_told_before_anything_is_fetched(
    known: Collection, site: Site, tmp_path: Path
) -> None:
    told: list[object] = []
    with pytest.raises(UsageError, match="may not be sold"):
        collect(CollectConfig("ours", tmp_path / "out"), told.append, CancelToken())
    assert told == [CollectStarted(known)]
    assert (site.asked, list(tmp_path.iterdir())) == ([], [])


def test_a_broken_transfer_is_gone_on_with_by_the_next_start(known: Collection, site: Site, tmp_path: Path) -> None:
    config = CollectConfig("ours", tmp_path / "out", accept_licence=True)
    site.breaks = [3000, 0, 0]
    with pytest.raises(CollectionError, match="failed"):
        fetched(config)
    assert not (tmp_path / "out").exists()
    fetched(config)
    assert site.asked[-1] == "bytes=3000-"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (archive_of({"../x.mid": b"x"}), "unsafe"),
        (archive_of({"readme.txt": b"x"}), "no music"),
        (b"<html>Sign in</html>", "no archive"),
    ],
    ids=("outside", "no music", "a page"),
)
def test_what_is_no_collection_leaves_nothing_in_its_place(
    site: Site, tmp_path: Path, content: bytes, message: str
) -> None:
    site.content = content
    with pytest.raises(CollectionError, match=message):
        fetched(CollectConfig(site.address, tmp_path / "out"))
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out.unpacking*"))


def test_a_wrong_checksum_leaves_nothing(site: Site, tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="not the one expected"):
        fetched(CollectConfig(site.address, tmp_path / "out", sha256="0" * 64))
    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_is_here_already_is_taken(known: Collection, site: Site, tmp_path: Path) -> None:
    (tmp_path / "by-hand.zip").write_bytes(ARCHIVE)
    config = CollectConfig("ours", tmp_path / "out", accept_licence=True, archive=tmp_path / "by-hand.zip")
    found = fetched(config)
    assert (found.music, found.checked, found.host, site.asked) == (3, "Its checksum is the one expected.", "", [])
    assert (tmp_path / "by-hand.zip").exists()
    (tmp_path / "by-hand.zip").write_bytes(ARCHIVE[:-1])
    with pytest.raises(CollectionError, match=r"by-hand\.zip is not the file expected"):
        fetched(CollectConfig("ours", tmp_path / "new", accept_licence=True, archive=tmp_path / "by-hand.zip"))


def test_what_is_there_is_told_before_anything_is_fetched(known: Collection, site: Site, tmp_path: Path) -> None:
    config = CollectConfig("ours", tmp_path / "out", accept_licence=True)
    assert standing(config) == Standing(None, 0)
    site.breaks = [3000, 0, 0]
    with pytest.raises(CollectionError, match="failed"):
        fetched(config)
    assert standing(config) == Standing(None, 3000)
    assert standing(CollectConfig(f"{site.address}?new", tmp_path / "out")).kept == 0
    found = fetched(config)
    assert standing(config) == Standing(replace(found, fetched=False), 0)
    for wrong in (
        CollectConfig("ours", tmp_path / "new"),
        CollectConfig("ours", tmp_path),
        CollectConfig("ours", tmp_path / "new", accept_licence=True, archive=tmp_path / "gone.zip"),
    ):
        with pytest.raises(UsageError):
            standing(wrong)


def test_another_folder_is_not_touched(site: Site, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    for out in (tmp_path / "out", tmp_path / "out/mine.txt"):
        with pytest.raises(UsageError, match=r"holds other files|is a file"):
            fetched(CollectConfig(site.address, out))
    assert site.asked == []


def test_the_table_is_sound() -> None:
    for one in COLLECTIONS:
        assert all((one.licence, one.attribution, one.about)), one.name
        assert one.home.startswith("https://"), one.name
        assert one.address.startswith("https://") or one.note, one.name
        assert one.sha256 == "" or len(one.sha256) == 64, one.name
    assert {one.name for one in COLLECTIONS if one.asks_for_consent} == {"maestro", "asap"}
    with pytest.raises(UsageError, match="no collection"):
        collection_named("lakh")


def test_what_it_tells_travels_to_the_window(known: Collection, site: Site, tmp_path: Path) -> None:
    config = CollectConfig("ours", tmp_path / "out", accept_licence=True)
    found = fetched(config)
    for value in (config, CollectStarted(known), found):
        assert from_line(to_line(value)) == value


def test_the_command_goes_the_whole_way_to_a_data_set(
    known: Collection, site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert main(["collect", "ours", "--out", out]) == 2
    assert "--accept-licence" in capsys.readouterr().err
    assert main(["collect", "ours", "--out", out, "--accept-licence", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["music"] == 3
    assert "Our set: licence CC BY-NC 4.0. To name: Us" in told.err
    assert main(["collect", "ours", "--out", out, "--accept-licence"]) == 0
    assert "nothing was fetched" in capsys.readouterr().out
    assert main(["prepare", out, "--out", str(tmp_path / "set")]) == 0
    dataset = open_dataset(tmp_path / "set")
    assert (dataset.licence, dataset.attribution) == ("CC BY-NC 4.0", ("Us",))


def test_the_command_lists_and_refuses(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["collections"]) == 0
    assert "maestro: MAESTRO" in capsys.readouterr().out
    assert main(["collections", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "chopin-first-editions"
    out = str(tmp_path / "out")
    for words in (["nothing"], ["giantmidi"], ["ftp://x.org/a.zip"], [site.address, "--sha256", "12"]):
        assert main(["collect", *words, "--out", out]) == 2
    site.redirects = {"/music.zip": f"http://localhost:{site.port}/file"}
    site.content = b"no archive"
    capsys.readouterr()
    assert main(["collect", site.address, "--out", out]) == 1
    told = capsys.readouterr().err
    assert "127.0.0.1 sends us on to localhost." in told
    assert "no archive" in told
