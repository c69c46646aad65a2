"""Notation read through the library; skipped where the extra is not installed."""

import contextlib
import random
import zipfile
from pathlib import Path

import pytest

from musicgen_app.cli.main import main
from musicgen_app.core.errors import NotationReadError
from musicgen_app.core.score import KeySignature, Score, TimeSignature
from musicgen_app.notation import reader
from musicgen_app.notation.reader import Notation, can_read_notation, read_notation
from tests.notation.scores import ABC, HUMDRUM, QUARTERS, XML, direction, music_xml, note

needs_library = pytest.mark.skipif(not can_read_notation(), reason='the extra "notation" (verovio) is not installed')


def written(folder: Path, name: str, text: str) -> Notation:
    (folder / name).write_text(text)
    return read_notation(folder / name)


def rows(score: Score) -> list[tuple[int, ...]]:
    return [
        (onset / score.ticks_per_beat, duration / score.ticks_per_beat, pitch, velocity)
        for onset, duration, pitch, velocity, _ in score.notes.tolist()
    ]


@needs_library
def test_humdrum_is_read_with_its_repeat_dynamics_and_pedal(tmp_path: Path) -> None:
    found = written(tmp_path, "a.krn", HUMDRUM)
    score = found.reading.score
    once = [
        *[(0, 1, 48, 49), (0, 1, 60, 49), (1, 1, 50, 49), (1, 0.5, 62, 49), (1.5, 0.5, 64, 61)],
        *[(2, 1, 52, 72), (2, 1, 65, 72), (3, 3, 53, 96), (3, 1, 67, 96), (4, 1, 69, 96), (5, 1, 70, 96)],
    ]
    last = [(12, 3, 53, 96), (12, 1, 67, 96), (13, 1, 69, 88), (14, 1, 70, 80)]
    assert rows(score) == [*once, *[(onset + 6, *rest) for onset, *rest in once], *last]
    assert score.time_signatures == (TimeSignature(0, 3, 4),)
    assert score.key_signatures == (KeySignature(0, -1, minor=True),)
    assert score.tempos["microseconds_per_beat"].tolist() == [666_667]
    beat = score.ticks_per_beat
    assert [(onset / beat, value) for onset, _, value in score.pedals.tolist()] == [(12, 127), (14, 0)]
    assert found.remarks == ("1 ornament is not played out (trills, turns, mordents); the main notes are.",)
    assert found.reading.findings == ()
    assert sorted(found.reading.written.notes.tolist()) == sorted(score.notes.tolist())


@needs_library
def test_music_xml_is_read_plain_and_compressed(tmp_path: Path) -> None:
    plain = written(tmp_path, "a.musicxml", XML)
    with zipfile.ZipFile(tmp_path / "b.mxl", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("score.xml", XML)
    assert [velocity for *_, velocity in rows(plain.reading.score)] == [49, 49, 65, 80, 96, 108]
    assert rows(read_notation(tmp_path / "b.mxl").reading.score) == rows(plain.reading.score)
    assert plain.reading.score.tracks[0].name == "Piano"
    assert plain.remarks == ()


@needs_library
def test_abc_is_read_and_what_is_not_understood_is_told(tmp_path: Path) -> None:
    found = written(tmp_path, "a.abc", ABC.replace("d e", "!<(!d e") + "\nX:2\nK:C\nCDEF|\n")
    assert [velocity for *_, velocity in rows(found.reading.score)] == [49] * 8 + [96] * 4
    assert found.remarks == ("The file holds 2 tunes; only the first is read.",)
    assert any("Decoration" in finding for finding in found.reading.findings)


@needs_library
def test_what_is_not_written_is_told(tmp_path: Path) -> None:
    rest = "<note><rest/><duration>6</duration></note>"
    found = written(tmp_path, "a.musicxml", music_xml(QUARTERS, rest))
    assert rows(found.reading.score) == [(0, 1, 74, 80), (1, 1, 76, 80), (2, 1, 77, 80)]
    assert [remark.split(";")[0] for remark in found.remarks] == [
        "No dynamics are written",
        "No tempo is given in numbers",
    ]


@needs_library
def test_chords_accents_and_words_have_their_velocities(tmp_path: Path) -> None:
    chord = note("D5", 2, "<notations><articulations><accent/></articulations></notations>") + note("A5", 2).replace(
        "<note>", "<note><chord/>"
    )
    text = music_xml(
        direction("<dynamics><pp/></dynamics>") + chord + direction("<words>cresc.</words>") + note("E5", 4),
        direction("<dynamics><ff/></dynamics>") + QUARTERS,
    )
    assert [velocity for *_, velocity in rows(written(tmp_path, "a.xml", text).reading.score)] == [
        *[46, 46, 34],
        *[112] * 3,
    ]


@needs_library
def test_an_arpeggio_is_spread_and_its_accent_is_for_all_of_it(tmp_path: Path) -> None:
    text = HUMDRUM.replace("4C\t4c\tp", "4C: 4G:\t4c\tp").replace("4D\t8d\t<", "4D: 4A:\t8d\tsfz")
    score = written(tmp_path, "a.krn", text).reading.score
    lower = [row for row in rows(score) if row[0] < 2 and row[2] < 60]
    assert [(int(onset), pitch, velocity) for onset, _, pitch, velocity in lower] == [
        *[(0, 48, 49), (0, 55, 49)],
        *[(1, 50, 96), (1, 57, 96)],
    ]
    assert lower[0][0] < lower[1][0]


@needs_library
def test_the_same_file_gives_the_same_music(tmp_path: Path) -> None:
    first, second = (written(tmp_path, "a.musicxml", XML).reading for _ in range(2))
    assert first == second


@needs_library
def test_no_damage_ends_in_anything_but_a_sentence(tmp_path: Path) -> None:
    rng = random.Random(0)
    for number in range(6):
        name, text = (("a.krn", HUMDRUM), ("a.abc", ABC), ("a.xml", XML))[number % 3]
        broken = bytearray(text.encode())
        for _ in range(6):
            place = rng.randrange(len(broken))
            broken[place : place + rng.choice((0, 1, 20))] = rng.randbytes(rng.choice((0, 1, 3)))
        (tmp_path / name).write_bytes(broken)
        with contextlib.suppress(NotationReadError):
            assert len(read_notation(tmp_path / name).reading.score.notes) < 1000


@needs_library
def test_a_library_that_dies_or_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = reader._CHILD[0]
    monkeypatch.setattr(reader, "_CHILD", (python, "-c", "import os; os.abort()"))
    with pytest.raises(NotationReadError, match="gave up on it"):
        written(tmp_path, "a.krn", HUMDRUM)
    monkeypatch.setattr(reader, "_CHILD", (python, "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(reader, "_TIMEOUT_SEC", 0.2)
    with pytest.raises(NotationReadError, match="takes longer than"):
        written(tmp_path, "a.krn", HUMDRUM)
    monkeypatch.setattr(reader, "_CHILD", (python, "-c", 'print(\'{"midi": ""}\')'))
    monkeypatch.setattr(reader, "_TIMEOUT_SEC", 60.0)
    with pytest.raises(NotationReadError, match="cannot be understood as Humdrum"):
        written(tmp_path, "a.krn", HUMDRUM)


@needs_library
def test_the_commands_take_notation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "set").mkdir()
    bars = [direction(f"<dynamics><{level}/></dynamics>") + QUARTERS for level in ("p", "f", "mf", "pp", "ff", "mp")]
    (tmp_path / "set/a.musicxml").write_text(music_xml(*bars))
    (tmp_path / "set/b.krn").write_text(HUMDRUM)
    (tmp_path / "set/c.krn").write_text("no music")
    assert main(["inspect", str(tmp_path / "set")]) == 0
    told = capsys.readouterr().out
    assert "b.krn: 26 notes, 2 tracks" in told
    assert "not played out" in told
    for codec in ("notes", "seed"):
        assert main(["prepare", str(tmp_path / "set"), "--out", str(tmp_path / codec), "--codec", codec]) == 0
        assert "set aside: cannot be read. c.krn is no Humdrum file" in capsys.readouterr().out


def test_without_the_extra_a_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reader, "can_read_notation", lambda: False)
    (tmp_path / "a.krn").write_text(HUMDRUM)
    assert main(["inspect", str(tmp_path / "a.krn")]) == 1
    assert 'pip install "musicgen-app[notation]"' in capsys.readouterr().out
    assert main(["prepare", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "a.krn cannot be used: cannot be read" in capsys.readouterr().err
