"""Files of notation as text, under limits."""

import zipfile
from pathlib import Path

import pytest

from musicgen_app.core.errors import NotationReadError
from musicgen_app.notation import container
from musicgen_app.notation.container import is_notation, open_notation
from tests.notation.scores import ABC, HUMDRUM, QUARTERS, XML, music_xml

CONTAINER = '<container><rootfiles><rootfile full-path="scores/b.xml"/></rootfiles></container>'


def mxl(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "score.mxl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_the_three_notations_are_known_by_their_names(tmp_path: Path) -> None:
    for name, text, kind in (("a.KRN", HUMDRUM, "Humdrum"), ("a.abc", ABC, "ABC"), ("a.musicxml", XML, "MusicXML")):
        (tmp_path / name).write_text(text)
        assert is_notation(tmp_path / name)
        assert open_notation(tmp_path / name).kind == kind
    assert not is_notation(Path("a.mid"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig", "latin-1"])
def test_text_is_read_in_whatever_encoding(tmp_path: Path, encoding: str) -> None:
    text = XML.replace("Piano", "Flügel").replace("UTF-8", encoding)
    (tmp_path / "a.xml").write_bytes(text.encode(encoding))
    found = open_notation(tmp_path / "a.xml").text
    assert "Flügel" in found
    assert "encoding" not in found


def test_text_of_an_unheard_of_encoding_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(XML.replace("Piano", "Flügel").replace("UTF-8", "klingon").encode("latin-1"))
    assert "Flügel" in open_notation(tmp_path / "a.xml").text


def test_a_compressed_score_is_the_one_it_names(tmp_path: Path) -> None:
    other = XML.replace("Piano", "Other")
    path = mxl(tmp_path, {"a.xml": other, "scores/b.xml": XML, "META-INF/container.xml": CONTAINER})
    assert "Piano" in open_notation(path).text
    assert "Other" in open_notation(mxl(tmp_path, {"META-INF/x.xml": "", "a.musicxml": other})).text
    astray = CONTAINER.replace("scores/b.xml", "../../etc/passwd")
    assert "Piano" in open_notation(mxl(tmp_path, {"META-INF/container.xml": astray, "c.xml": XML})).text


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MAX_TEXT_BYTES", 2**20)
    with pytest.raises(NotationReadError, match="more than 1 MB"):
        open_notation(mxl(tmp_path, {"a.xml": XML + " " * 2**21}))
    (tmp_path / "a.krn").write_text(HUMDRUM + "!" * 2**21)
    with pytest.raises(NotationReadError, match="more than 1 MB"):
        open_notation(tmp_path / "a.krn")
    with pytest.raises(NotationReadError, match="1,001 files"):
        open_notation(mxl(tmp_path, {f"{number}.xml": "" for number in range(1001)}))


def test_entities_are_refused(tmp_path: Path) -> None:
    for entity in ('<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY a "&b;&b;">'):
        head = f"<!DOCTYPE score-partwise [{entity}]>"
        (tmp_path / "a.musicxml").write_text(music_xml(QUARTERS, head=head))
        with pytest.raises(NotationReadError, match="entities"):
            open_notation(tmp_path / "a.musicxml")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.krn", b"hello", "is no Humdrum file"),
        ("a.abc", b"hello", "is no ABC file"),
        ("a.xml", b"<html/>", "is no MusicXML file"),
        ("a.musicxml", b"<score-timewise>", "bar by bar"),
        ("a.mxl", b"PK\x03\x04 and so on", "is damaged"),
        ("a.krn", b"", "is no Humdrum file"),
    ],
)
def test_what_is_no_score_is_told(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NotationReadError, match=message):
        open_notation(tmp_path / name)


def test_a_file_without_a_score_or_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotationReadError, match="no score in"):
        open_notation(mxl(tmp_path, {"readme.txt": ""}))
    with pytest.raises(NotationReadError, match="cannot be opened"):
        open_notation(tmp_path / "none.krn")
