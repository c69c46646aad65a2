"""The downloader, against a server of our own."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from musicgen_app.core.errors import Cancelled, CollectionError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.dataset.download import (
    DOWNLOADING,
    Clock,
    Download,
    Fetched,
    Limits,
    Wanted,
)
from musicgen_app.dataset.web import Redirected, check_address
from tests.web import Site, Watch, serving

CONTENT = random.Random(0).randbytes(300_000)
SUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "*")
    with serving(Site(CONTENT)) as site:
        yield site


def fetch(site: Site, folder: Path, watch: Watch | None = None, **wanted: object) -> Fetched:
    watch = watch or Watch()
    return Download(
        Wanted(site.address, **wanted),  # type: ignore[arg-type]
        folder / "part",
        silent,
        CancelToken(),
        Limits(timeout_sec=5),
        Clock(watch.now, watch.sleep),
    ).run()


def test_a_file_comes_over_with_its_checksum(site: Site, tmp_path: Path) -> None:
    fetched = fetch(site, tmp_path, size=len(CONTENT), sha256=SUM.upper())
    assert fetched.path.read_bytes() == CONTENT
    assert (fetched.size, fetched.sha256, fetched.host, fetched.measured) == (300_000, SUM, "127.0.0.1", True)


def test_a_broken_transfer_goes_on_where_it_broke(site: Site, tmp_path: Path) -> None:
    site.breaks = [100_000, 50_000]
    assert fetch(site, tmp_path).path.read_bytes() == CONTENT
    assert site.asked == ["", "bytes=100000-", "bytes=150000-"]


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"etag": 'W/"1"', "modified": "Mon, 01 Jan 2024 00:00:00 GMT"}, ["", "bytes=100000-"]),
        ({"etag": 'W/"1"'}, ["", ""]),
        ({"etag": ""}, ["", ""]),
        ({"ranges": False}, ["", "bytes=100000-"]),
    ],
    ids=("weak mark with a date", "weak mark", "no mark", "no ranges"),
)
def test_parts_are_joined_only_where_they_surely_belong_together(
    site: Site, tmp_path: Path, changes: dict[str, object], asked: list[str]
) -> None:
    for name, value in changes.items():
        setattr(site, name, value)
    site.breaks = [100_000]
    assert fetch(site, tmp_path).path.read_bytes() == CONTENT
    assert site.asked == asked


def test_a_part_that_was_not_asked_for_is_thrown_away(site: Site, tmp_path: Path) -> None:
    site.breaks, site.lies_about_range = [100_000], True
    assert fetch(site, tmp_path).path.read_bytes() == CONTENT
    assert site.asked == ["", "bytes=100000-", ""]


def test_a_later_start_goes_on_too(site: Site, tmp_path: Path) -> None:
    site.breaks = [100_000, *[0] * 6]
    with pytest.raises(CollectionError, match=r"127\.0\.0\.1 failed: the connection broke off"):
        fetch(site, tmp_path)
    assert fetch(site, tmp_path).kept == 100_000
    assert site.asked[-1] == "bytes=100000-"
    assert (tmp_path / "part").read_bytes() == CONTENT


def test_what_is_there_whole_is_not_fetched_again(site: Site, tmp_path: Path) -> None:
    fetch(site, tmp_path)
    assert fetch(site, tmp_path).sha256 == SUM
    assert site.asked == [""]


def test_a_file_that_changed_meanwhile_is_fetched_anew(site: Site, tmp_path: Path) -> None:
    site.breaks = [100_000, *[0] * 6]
    with pytest.raises(CollectionError):
        fetch(site, tmp_path)
    site.content, site.etag = CONTENT[::-1], '"2"'
    assert fetch(site, tmp_path).path.read_bytes() == CONTENT[::-1]


def test_a_part_of_another_file_is_not_gone_on_with(site: Site, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"x" * 10)
    for trail in ("", "[]", '{"address": "https://else.where/x", "mark": "1", "total": 10, "host": ""}'):
        (tmp_path / "part.json").write_text(trail)
        assert fetch(site, tmp_path).path.read_bytes() == CONTENT
        (tmp_path / "part").write_bytes(b"x" * 10)


def test_a_longer_part_than_the_file_is_thrown_away(site: Site, tmp_path: Path) -> None:
    fetch(site, tmp_path)
    with (tmp_path / "part").open("ab") as part:
        part.write(b"more")
    assert fetch(site, tmp_path).path.read_bytes() == CONTENT
    assert site.asked == ["", "bytes=300004-", ""]


def test_a_wrong_checksum_is_told_and_the_file_deleted(site: Site, tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="not the one expected") as told:
        fetch(site, tmp_path, sha256="0" * 64)
    assert told.value.hint.startswith(f"Its checksum is {SUM}, expected 00")
    assert list(tmp_path.iterdir()) == []


def test_another_length_than_the_known_one_is_refused_before_anything_is_fetched(site: Site, tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"offers 300,000 bytes; expected 5\."):
        fetch(site, tmp_path, size=5)
    assert list(tmp_path.iterdir()) == []


def test_a_busy_server_is_asked_again_and_its_wish_respected(site: Site, tmp_path: Path) -> None:
    site.refusals = [(503, {}), (429, {"Retry-After": "20"}), (500, {})]
    watch = Watch()
    fetch(site, tmp_path, watch)
    assert watch.time == pytest.approx(1 + 20 + 4)


def test_a_server_that_has_nothing_is_not_asked_again(site: Site, tmp_path: Path) -> None:
    site.refusals = [(404, {})]
    with pytest.raises(CollectionError, match="does not give the file: 404 Not Found"):
        fetch(site, tmp_path)
    assert len(site.asked) == 1


def test_a_dead_server_is_given_up_after_some_tries(tmp_path: Path, site: Site) -> None:
    dead = Site(CONTENT)
    with serving(dead):
        pass
    watch = Watch()
    with pytest.raises(CollectionError, match="refused") as told:
        fetch(dead, tmp_path, watch)
    assert "goes on from there" in told.value.hint
    assert watch.time == pytest.approx(1 + 2 + 4 + 8 + 16)


def test_a_file_of_unstated_length_comes_over(site: Site, tmp_path: Path) -> None:
    site.length = False
    site.breaks = [100_000]
    fetched = fetch(site, tmp_path)
    assert (fetched.path.read_bytes(), fetched.measured) == (CONTENT, False)


def test_too_large_a_file_is_not_fetched(site: Site, tmp_path: Path) -> None:
    for site.length in (True, False):
        with pytest.raises(CollectionError, match=r"larger than 0\.0 GB"):
            Download(Wanted(site.address), tmp_path / "part", silent, CancelToken(), Limits(most_bytes=200_000)).run()


def test_a_redirect_to_another_host_is_followed_and_told(site: Site, tmp_path: Path) -> None:
    site.redirects = {"/old": f"http://localhost:{site.port}/new", "/new": f"http://127.0.0.1:{site.port}/music.zip"}
    site.breaks = [100_000]
    told: list[object] = []
    wanted = Wanted(f"http://127.0.0.1:{site.port}/old")
    watch = Watch()
    clock = Clock(watch.now, watch.sleep)
    Download(wanted, tmp_path / "part", told.append, CancelToken(), clock=clock).run()
    assert (tmp_path / "part").read_bytes() == CONTENT
    hops = [one for one in told if isinstance(one, Redirected)]
    assert hops == [Redirected("127.0.0.1", "localhost"), Redirected("localhost", "127.0.0.1")]


@pytest.mark.parametrize("target", ["http://example.org/music.zip", "file:///etc/passwd", "ftp://example.org/x"])
def test_a_redirect_to_an_unsafe_place_is_refused(site: Site, tmp_path: Path, target: str) -> None:
    site.redirects = {"/music.zip": target}
    with pytest.raises(CollectionError, match=r"no https address|not allowed"):
        fetch(site, tmp_path)


def test_redirects_without_end_are_refused(site: Site, tmp_path: Path) -> None:
    site.redirects = {"/music.zip": "/music.zip"}
    with pytest.raises(CollectionError, match="302"):
        fetch(site, tmp_path)


def test_progress_tells_how_far_it_is_and_how_long_it_takes(site: Site, tmp_path: Path) -> None:
    told: list[object] = []
    times = iter(range(1000))
    clock = Clock(lambda: float(next(times)))
    Download(Wanted(site.address), tmp_path / "part", told.append, CancelToken(), clock=clock).run()
    far = [one for one in told if isinstance(one, Progress) and one.stage == DOWNLOADING]
    assert far[-1] == Progress(DOWNLOADING, 300, 300, 0.0)
    assert all(one.total == 300 and one.seconds_left is not None for one in far)


def test_stopping_keeps_what_has_come(site: Site, tmp_path: Path) -> None:
    cancel = CancelToken()
    times = iter(range(1000))

    def listen(_report: object) -> None:
        cancel.cancel()

    clock = Clock(lambda: float(next(times)))
    with pytest.raises(Cancelled):
        Download(Wanted(site.address), tmp_path / "part", listen, cancel, clock=clock).run()
    assert 0 < (tmp_path / "part").stat().st_size < 300_000
    assert fetch(site, tmp_path).kept > 0


def test_stopping_ends_the_waiting_too(site: Site, tmp_path: Path) -> None:
    site.refusals = [(503, {"Retry-After": "3600"})]
    cancel, watch = CancelToken(), Watch()
    with pytest.raises(Cancelled):
        Download(
            Wanted(site.address),
            tmp_path / "part",
            lambda _: cancel.cancel(),
            cancel,
            clock=Clock(watch.now, watch.sleep),
        ).run()
    assert watch.time < 1


@pytest.mark.parametrize(
    "address", ["", "music.zip", "ftp://x.org/a.zip", "file:///a.zip", "https://", "https://me:secret@x.org/a.zip"]
)
def test_what_is_no_web_address_is_wrong_use(address: str) -> None:
    with pytest.raises(UsageError):
        check_address(address, checked=True)


def test_an_open_address_needs_a_checksum() -> None:
    with pytest.raises(UsageError, match="could be changed on the way"):
        check_address("http://x.org/a.zip", checked=False)
    check_address("http://x.org/a.zip", checked=True)
    check_address("https://x.org/a.zip", checked=False)
