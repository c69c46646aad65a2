"""Archives from anywhere: what is taken out of them, and what never is."""

import io
import stat
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from musicgen_app.core.errors import Cancelled, CollectionError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.unpack import Bounds, Unpacked, unpack

MIDI = b"MThd" + bytes(range(200))


def zipped(path: Path, files: dict[str, bytes], **kinds: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = kinds.get(name, stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content)
    return path


def tarred(path: Path, *entries: tarfile.TarInfo, mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for entry in entries:
            archive.addfile(entry, io.BytesIO(MIDI) if entry.isreg() else None)
    return path


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, len(MIDI) if kind == tarfile.REGTYPE else 0
    return info


def opened(archive: Path, bounds: Bounds | None = None) -> Unpacked:
    folder = archive.with_name("out")
    folder.mkdir(exist_ok=True)
    return unpack(archive, folder, silent, CancelToken(), bounds)


def below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_music_and_the_words_about_it_come_out(tmp_path: Path) -> None:
    files = {
        "set/a/x.mid": MIDI,
        "set/b.MIDI": MIDI,
        "set/c.krn": b"**kern",
        "set/LICENSE": b"free",
        "set/run.exe": b"x",
    }
    found = opened(zipped(tmp_path / "a.zip", files))
    assert found.music == (PurePosixPath("set/a/x.mid"), PurePosixPath("set/b.MIDI"), PurePosixPath("set/c.krn"))
    assert (found.others, found.size) == (1, 2 * len(MIDI) + 10)
    assert found.passed_over == ("1 file was left in the archive: it is neither music nor a text about it.",)
    assert below(tmp_path / "out") == ["set/LICENSE", "set/a/x.mid", "set/b.MIDI", "set/c.krn"]
    assert (tmp_path / "out/set/a/x.mid").read_bytes() == MIDI


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_all_kinds_of_tar_are_unpacked(tmp_path: Path, mode: str) -> None:
    found = opened(tarred(tmp_path / "a.tar", entry("set", tarfile.DIRTYPE), entry("set/x.mid"), mode=mode))
    assert found.music == (PurePosixPath("set/x.mid"),)


OUTSIDE = ("../x.mid", "a/../../x.mid", "/x.mid", "\\x.mid", "..\\x.mid", "C:\\x.mid", "c:x.mid", "a/..")


@pytest.mark.parametrize("name", OUTSIDE)
def test_an_archive_that_reaches_outside_is_refused(tmp_path: Path, name: str) -> None:
    for archive in (zipped(tmp_path / "a.zip", {"ok.mid": MIDI, name: MIDI}), tarred(tmp_path / "a.tar", entry(name))):
        with pytest.raises(CollectionError, match=r"unsafe: it wants to write to .* outside its folder"):
            opened(archive)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar", "a.zip", "out"]


def test_links_and_devices_are_passed_over(tmp_path: Path) -> None:
    link = zipped(tmp_path / "a.zip", {"x.mid": b"/etc/passwd", "y.mid": MIDI}, **{"x.mid": stat.S_IFLNK | 0o777})
    assert opened(link).passed_over == ("1 file was left in the archive: it is a link or a device.",)
    kinds = [(tarfile.SYMTYPE, "/etc"), (tarfile.LNKTYPE, "y.mid"), (tarfile.FIFOTYPE, ""), (tarfile.CHRTYPE, "")]
    entries = [entry(f"{number}.mid", kind, target) for number, (kind, target) in enumerate(kinds)]
    found = opened(tarred(tmp_path / "a.tar", *entries))
    assert found.passed_over == ("4 files were left in the archive: they are links or devices.",)
    assert below(tmp_path / "out") == ["y.mid"]


def test_a_link_is_no_way_out_for_what_follows(tmp_path: Path) -> None:
    archive = tarred(tmp_path / "a.tar", entry("way", tarfile.SYMTYPE, str(tmp_path)), entry("way/x.mid"))
    assert opened(archive).music == (PurePosixPath("way/x.mid"),)
    assert below(tmp_path) == ["a.tar", "out/way/x.mid"]


def test_a_zip_bomb_is_stopped(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "a.zip", {f"{number}.mid": bytes(100_000) for number in range(20)})
    bounds = Bounds(ratio=100, ratio_from=1_000_000)
    with pytest.raises(CollectionError, match="unpacks to more than 1 MB"):
        opened(bomb, bounds)
    assert sum((tmp_path / "out" / name).stat().st_size for name in below(tmp_path / "out")) <= 1_000_000


def test_a_file_larger_than_it_says_is_stopped(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"x.mid": bytes(200_000)})
    content = archive.read_bytes()
    size, lie = (200_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert content.count(size) == 2
    archive.write_bytes(content.replace(size, lie))
    with pytest.raises(CollectionError):
        opened(archive)
    assert sum((tmp_path / "out" / name).stat().st_size for name in below(tmp_path / "out")) <= 10


def test_too_many_and_too_large_files(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"x.mid": MIDI, "y.mid": bytes(1000), "z.mid": MIDI})
    found = opened(archive, Bounds(file_bytes=500))
    assert found.passed_over == ("1 file was left in the archive: it is too large for a piece of music.",)
    with pytest.raises(CollectionError, match="more than 2 files"):
        opened(zipped(tmp_path / "b.zip", {"a.mid": MIDI, "b.mid": MIDI, "c.mid": MIDI}), Bounds(members=2))
    with pytest.raises(CollectionError, match="unpacks to more than"):
        opened(zipped(tmp_path / "c.zip", {"d.mid": MIDI, "e.mid": MIDI}), Bounds(all_bytes=300))


def test_names_that_some_system_cannot_have_are_changed(tmp_path: Path) -> None:
    names = {'Who? "me".mid': MIDI, "con.mid": MIDI, "lpt1.mid": MIDI, f"{'x' * 300}.mid": MIDI, "dir. /x.mid": MIDI}
    found = opened(zipped(tmp_path / "a.zip", names))
    assert [str(place) for place in found.music] == [
        "Who_ _me_.mid",
        "_con.mid",
        "_lpt1.mid",
        f"{'x' * 116}.mid",
        "dir/x.mid",
    ]


def test_two_names_of_one_file_are_taken_once(tmp_path: Path) -> None:
    found = opened(zipped(tmp_path / "a.zip", {"x.mid": MIDI, "X.MID": MIDI, "./x.mid": MIDI}))
    assert found.music == (PurePosixPath("x.mid"),)
    assert found.passed_over == ("2 files were left in the archive: they have the names of others.",)


def test_damage_is_told(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "a.zip", {"x.mid": bytes(range(256)) * 40}).read_bytes()
    (tmp_path / "a.zip").write_bytes(whole[:60] + b"????" + whole[64:])
    with pytest.raises(CollectionError, match=r"a\.zip is damaged"):
        opened(tmp_path / "a.zip")
    for mode in ("w:gz", "w:bz2", "w:xz"):
        archive = tarred(tmp_path / "b.tar", *(entry(f"{number}.mid") for number in range(100)), mode=mode)
        archive.write_bytes(archive.read_bytes()[:-30])
        with pytest.raises(CollectionError, match=r"is damaged|is no archive"):
            unpack(archive, tmp_path_of(tmp_path, mode), silent, CancelToken())


def tmp_path_of(tmp_path: Path, mode: str) -> Path:
    folder = tmp_path / mode.replace(":", "-")
    folder.mkdir()
    return folder


def test_a_locked_zip_and_what_is_no_archive_are_told(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"x.mid": MIDI})
    content = bytearray(archive.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    archive.write_bytes(content)
    with pytest.raises(CollectionError, match="cannot be unpacked"):
        opened(archive)
    (tmp_path / "b.zip").write_bytes(b"<html>Not found</html>")
    with pytest.raises(CollectionError, match=r"b\.zip is no archive"):
        opened(tmp_path / "b.zip")


def test_unpacking_can_be_stopped(tmp_path: Path) -> None:
    cancel = CancelToken()
    archive = zipped(tmp_path / "a.zip", {"x.mid": MIDI, "y.mid": MIDI})
    with pytest.raises(Cancelled):
        unpack(archive, tmp_path_of(tmp_path, "out"), lambda _: cancel.cancel(), cancel)
    assert below(tmp_path / "out") == ["x.mid"]
