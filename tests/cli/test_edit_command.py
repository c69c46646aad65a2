"""``musicgen edit``: commands one after the other on a MIDI file."""

import json
from pathlib import Path
from typing import Any

import pytest

from musicgen_app.cli.edit import parted
from musicgen_app.cli.main import main
from musicgen_app.core.command_table import COMMANDS
from musicgen_app.core.score import Score, Track, make_notes
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi


@pytest.fixture
def song(tmp_path: Path) -> Path:
    rows = [(10, 100, 60, 64, 0), (490, 100, 62, 64, 1), (1930, 100, 64, 64, 0), (3850, 100, 65, 64, 0)]
    path = tmp_path / "song.mid"
    write_midi(Score(make_notes(rows), tracks=(Track("right"), Track("left", channel=1))), path)
    return path


def edited(song: Path, *words: object) -> list[tuple[int, ...]]:
    out = song.with_name("out.mid")
    assert main(["edit", str(song), "--out", str(out), *map(str, words)]) == 0
    return [tuple(row) for row in read_midi(out).score.notes.tolist()]


def refused(song: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["edit", str(song), "--out", str(song.with_name("no.mid")), *words]) == 2
    assert not song.with_name("no.mid").exists()
    return capsys.readouterr().err


def test_commands_are_done_in_their_order(song: Path) -> None:
    rows = edited(song, "quantise", "--grid", "1/4", "transpose", "--semitones", -2, "set-velocity", "--velocity=9")
    assert rows == [(0, 100, 58, 9, 0), (480, 100, 60, 9, 1), (1920, 100, 62, 9, 0), (3840, 100, 63, 9, 0)]


def test_only_the_notes_of_some_bars_and_tracks_are_changed(song: Path) -> None:
    assert [row[2] for row in edited(song, "--bars", "2-3", "transpose")] == [60, 62, 76, 77]
    assert [row[2] for row in edited(song, "--bars", "1", "--tracks", "2", "transpose")] == [60, 74, 64, 65]
    assert [row[2] for row in edited(song, "--tracks=1", "transpose", "--semitones", 1)] == [61, 62, 65, 66]


def test_a_step_acts_on_what_the_one_before_left_chosen(song: Path) -> None:
    rows = edited(song, "--bars", "1", "move", "--steps", 1, "--grid", "2/1", "transpose", "--semitones", 1)
    assert [(row[0], row[2]) for row in rows] == [(1930, 64), (3850, 61), (3850, 65), (4330, 63)]


def test_flags_are_said_with_and_without_no(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, wanted in ((["--no-pedal"], False), (["--pedal"], True), ([], True)):
        edited(song, "reverse", *words, "--json")
        steps: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["steps"]
        assert steps[0]["parameters"] == {"pedal": wanted}


def test_json_tells_what_changed(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited(song, "--json", "fixed-length", "--length", "1/8t", "split", "mean-tempo", "--bpm", "90")
    told = json.loads(capsys.readouterr().out)
    assert told["notes"] == 8
    assert [step["command"] for step in told["steps"]] == ["fixed-length", "split", "mean-tempo"]
    assert told["steps"][0]["parameters"] == {"length": "1/12"}
    assert [step["changed"] for step in told["steps"]] == [4, 8, 0]
    assert [step["tempo_changed"] for step in told["steps"]] == [False, False, True]


def test_people_get_a_line_for_each_step(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited(song, "--bars", "1", "transpose")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Transpose: 2 of 2 notes changed, 4 now"
    assert lines[1].endswith("out.mid")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Nothing says what to change."),
        (["quantize"], "There is no command quantize.\n  Did you mean quantise?"),
        (["zzzz"], "There is no command zzzz.\n  musicgen edit --help lists all."),
        (["transpose", "--cents", "3"], "transpose has no option --cents.\n  Its options: --semitones."),
        (["delete", "--all"], "delete has no option --all.\n  Its options: none."),
        (["transpose", "--semitones"], "--semitones of transpose needs a value.\n  Expected a whole number"),
        (["transpose", "--semitones", "200"], "200 is no value of --semitones (transpose)."),
        (["quantise", "--grid", "x"], "x is no value of --grid (quantise)."),
        (["--tracks", "3", "transpose"], "There is no track 3."),
        (["move-to-track", "--track", "9"], "There is no track 9."),
    ],
)
def test_wrong_use_ends_in_a_sentence(
    song: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert said in refused(song, capsys, *words)


def test_bars_that_are_none_are_refused(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for bars in ("0", "5-2", "x", "1-x"):
        with pytest.raises(SystemExit):
            main(["edit", str(song), "--out", "x.mid", "--bars", bars, "transpose"])
        assert "are no bars; write 5 or 5-8" in capsys.readouterr().err


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["edit", "--help"])
    text = capsys.readouterr().out
    assert all(f"\n  {one.id}" in text for one in COMMANDS)
    assert "[--ends]" in text
    assert "[--no-pedal]" in text


def test_other_commands_are_not_parted() -> None:
    assert parted(["inspect", "a.mid", "b.mid"]) == (["inspect", "a.mid", "b.mid"], [])
    assert parted(["edit", "-h"]) == (["edit", "-h"], [])
