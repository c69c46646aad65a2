"""Unsaved edits survive the death of the program at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.asides import CONTROL_DTYPE, Aside, Marker
from musicgen_app.core.score import NOTE_DTYPE, KeySignature, Score, TimeSignature, Track, make_notes
from musicgen_app.project import autosave
from musicgen_app.project.autosave import Autosave, pending
from musicgen_app.project.document import Project

EDITOR = """
import sys
import numpy as np
from pathlib import Path
from musicgen_app.core.score import NOTE_DTYPE, Score
from musicgen_app.project.autosave import Autosave

keeper = Autosave(Path(sys.argv[1]))
size = int(sys.argv[2])
notes = np.zeros(size, NOTE_DTYPE)
notes["onset"] = np.arange(size)
notes["velocity"] = 64
edit = 0
while True:
    edit += 1
    notes["duration"] = edit
    print("before", edit, flush=True)
    keeper.note_edit(Score(notes=notes))
    print("after", edit, flush=True)
"""


def score(duration: int, notes: int = 3) -> Score:
    return Score(notes=make_notes([(480 * index, duration, 60, 64) for index in range(notes)]))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "a.musicgen")


def test_without_edits_there_is_nothing_to_recover(project: Project) -> None:
    assert pending(project) is None


def test_the_last_edit_is_offered_as_soon_as_it_is_made(project: Project) -> None:
    keeper = Autosave(project.folder, now=lambda: datetime(2026, 1, 2, tzinfo=UTC))
    for duration in (1, 2, 3):
        keeper.note_edit(score(duration))
        found = pending(project)
        assert found is not None
        assert found.score == score(duration)
        assert found.take is None
        assert found.made == "2026-01-02T00:00:00+00:00"
    keeper.close()


def test_everything_of_a_score_comes_back(project: Project) -> None:
    whole = Score(
        notes=make_notes([(0, 5, 60, 64, 1)]),
        pedals=np.array([(3, 0, 127)], dtype=[("onset", "<i8"), ("track", "<u2"), ("value", "u1")]),
        tempos=np.array([(0, 400_000), (96, 600_000)], dtype=[("onset", "<i8"), ("microseconds_per_beat", "<i4")]),
        time_signatures=(TimeSignature(0, 3, 4),),
        key_signatures=(KeySignature(0, -3, True),),
        tracks=(Track("Rechte", 1, 2), Track()),
        ticks_per_beat=96,
        markers=(Marker(7, "Höhe"),),
        controls=np.array([(3, 1, 0xB0, 7, 100)], dtype=CONTROL_DTYPE),
        asides=(Aside(0, 5, bytes(range(256)), 1), Aside(9, 0xF0, b"\x43\xf7")),
    )
    keeper = Autosave(project.folder)
    keeper.note_edit(whole)
    keeper.close()
    found = pending(project)
    assert found is not None
    assert found.score == whole


def test_a_copy_of_an_earlier_version_has_no_controls_and_is_read_all_the_same(project: Project) -> None:
    keeper = Autosave(project.folder)
    keeper.note_edit(score(1))
    keeper.close()
    path = project.folder / "recovery" / "score.npz"
    with np.load(path) as kept:
        arrays = {name: kept[name] for name in kept if name != "controls"}
    facts = json.loads(arrays["facts"].tobytes())
    del facts["markers"], facts["asides"]
    arrays["facts"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    np.savez(path, **arrays)
    found = pending(project)
    assert found is not None
    assert found.score == score(1)


def test_edits_of_a_take_are_offered_for_that_take(project: Project) -> None:
    take = project.add_take(score(1), {})
    project.current_take = take.id
    keeper = Autosave(project.folder)
    keeper.note_edit(score(1), take.id)
    assert pending(project) is None, "the same as what was saved"
    keeper.note_edit(score(2), take.id)
    keeper.close()
    found = pending(project)
    assert found is not None
    assert found.take == take.id


def test_saving_and_clearing_leaves_nothing_to_recover(project: Project) -> None:
    keeper = Autosave(project.folder)
    keeper.note_edit(score(1))
    keeper.clear()
    keeper.close()
    assert pending(project) is None
    assert list((project.folder / "recovery").iterdir()) == []


def test_edits_after_clearing_are_kept_again(project: Project) -> None:
    keeper = Autosave(project.folder)
    keeper.note_edit(score(1))
    keeper.clear()
    keeper.note_edit(score(2))
    keeper.close()
    found = pending(project)
    assert found is not None
    assert found.score == score(2)


def test_a_large_score_is_written_in_the_background_and_the_newest_wins(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autosave, "AT_ONCE_NOTES", 2)
    keeper = Autosave(project.folder)
    for duration in range(1, 50):
        keeper.note_edit(score(duration))
    keeper.note_edit(score(99, notes=2))
    keeper.note_edit(score(50))
    keeper.close()
    found = pending(project)
    assert found is not None
    assert found.score == score(50)


def test_closing_without_edits_is_fine(project: Project) -> None:
    keeper = Autosave(project.folder)
    keeper.close()
    keeper.note_edit(score(1))
    keeper.close()
    keeper.close()


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 torn", b"no archive at all"])
def test_a_damaged_copy_is_not_offered(project: Project, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    (project.folder / "recovery").mkdir()
    (project.folder / "recovery" / "score.npz").write_bytes(damage)
    assert pending(project) is None
    assert "cannot be read" in caplog.text


def test_a_torn_copy_is_not_offered_wherever_it_is_torn(project: Project) -> None:
    keeper = Autosave(project.folder)
    keeper.note_edit(score(1))
    keeper.close()
    path = project.folder / "recovery" / "score.npz"
    content = path.read_bytes()
    for length in range(0, len(content) - 1, 37):
        path.write_bytes(content[:length])
        assert pending(project) is None
    flipped = bytearray(content)
    flipped[len(content) // 3] ^= 0xFF
    path.write_bytes(bytes(flipped))
    found = pending(project)
    assert found is None or found.score == score(1)


def test_arrays_of_another_kind_are_not_offered(project: Project) -> None:
    keeper = Autosave(project.folder)
    keeper.note_edit(score(1))
    keeper.close()
    path = project.folder / "recovery" / "score.npz"
    with np.load(path) as arrays:
        columns = dict(arrays)
    for name, wrong in (("notes", np.arange(3)), ("facts", np.frombuffer(b'{"version": 2}', np.uint8))):
        with path.open("wb") as file:
            np.savez(file, **{**columns, name: wrong})
        assert pending(project) is None


def test_a_huge_copy_is_not_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = Autosave(project.folder)
    keeper.note_edit(score(1))
    keeper.close()
    monkeypatch.setattr(autosave, "_MOST_BYTES", 10)
    assert pending(project) is None


def test_a_damaged_saved_score_does_not_hide_the_edits(project: Project) -> None:
    project.save(score(1))
    project.score_path.write_bytes(b"no music")
    keeper = Autosave(project.folder)
    keeper.note_edit(score(2))
    keeper.close()
    assert pending(project) is not None


def test_a_disk_that_refuses_is_told_once_and_the_edit_goes_on(project: Project) -> None:
    (project.folder / "recovery").write_text("in the way")
    told: list[str] = []
    keeper = Autosave(project.folder, failed=lambda error: told.append(error.message))
    keeper.note_edit(score(1))
    keeper.note_edit(score(2))
    keeper.close()
    assert len(told) == 1
    assert "can no longer be kept" in told[0]


def test_a_million_notes_do_not_hold_up_the_editor(project: Project) -> None:
    notes = np.zeros(1_000_000, NOTE_DTYPE)
    notes["duration"], notes["velocity"] = 1, 64
    large = Score(notes=notes)
    keeper = Autosave(project.folder)
    keeper.note_edit(large)
    keeper.close()
    found = pending(project)
    assert found is not None
    assert found.score == large


def kill_while_editing(project: Project, notes: int, wait_lines: int) -> tuple[int, int]:
    """Kill an editor at some moment; the last edit it had finished, and the state that is offered."""
    child = subprocess.Popen(
        [sys.executable, "-c", EDITOR, str(project.folder), str(notes)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    said = [child.stdout.readline() for _ in range(wait_lines)]
    os.kill(child.pid, signal.SIGKILL)
    said += child.stdout.readlines()
    child.stdout.close()
    child.wait()
    finished = max(int(line.split()[1]) for line in said if line.startswith("after") and line.endswith("\n"))
    found = pending(project)
    assert found is not None
    assert len(found.score.notes) == notes
    return finished, int(found.score.notes["duration"][0])


@pytest.mark.parametrize("lines", [2, 75, 400])
def test_a_killed_program_offers_its_last_finished_edit(project: Project, lines: int) -> None:
    finished, offered = kill_while_editing(project, 500, lines)
    assert offered in (finished, finished + 1)


@pytest.mark.slow
def test_twenty_killed_programs_offer_their_last_finished_edits(tmp_path: Path) -> None:
    chance = random.Random(20)
    for kill in range(20):
        project = Project.create(tmp_path / f"{kill}.musicgen")
        finished, offered = kill_while_editing(project, chance.choice([1, 500, 15_000]), chance.randrange(2, 900))
        assert offered in (finished, finished + 1)
