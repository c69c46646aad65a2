import json
from dataclasses import asdict
from pathlib import Path

import pytest

from musicgen_app.core.errors import Cancelled
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.core.score import Score
from musicgen_app.tokens.note_file import write_list
from musicgen_app.workflow.inspect import FileFacts, facts_of, inspect_files, score_of
from musicgen_app.workflow.wire import from_line, to_line
from tests.dataset.music import melody, write_midi_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    write_midi_file(folder / "good-one.mid", melody(1))
    write_midi_file(folder / "short.mid", melody(2, 6, chords=False))
    write_midi_file(folder / "drums.mid", melody(3), channel=9)
    write_midi_file(folder / "silent.mid", Score())
    (folder / "broken.mid").write_bytes(b"This is a letter, not music.")
    return folder


def by_name(facts: tuple[FileFacts, ...]) -> dict[str, FileFacts]:
    return {Path(one.file).name: one for one in facts}


def test_every_file_gets_notes_or_a_sentence(folder: Path) -> None:
    facts = by_name(inspect_files([folder], silent, CancelToken()))
    good = facts["good-one.mid"]
    assert (good.ok, good.notes, good.tracks, good.error) == (True, 160, 1, "")
    assert good.seconds == pytest.approx(melody(1).end / 48)
    assert (good.title, good.verdict, good.usable) == ("Good One", "ready", True)
    broken = facts["broken.mid"]
    assert not broken.ok
    assert "broken.mid" in broken.error
    assert broken.verdict.startswith("set aside: not MIDI (it ")
    assert facts["short.mid"].verdict == "set aside: too short (6 notes, 16 are needed)"
    assert facts["drums.mid"].verdict == "set aside: drums only"
    assert facts["silent.mid"].ok
    assert facts["silent.mid"].verdict == "set aside: no notes"
    assert [one.usable for one in facts.values()].count(True) == 1


def test_histograms_count_the_piano_notes(folder: Path) -> None:
    facts = by_name(inspect_files([folder], silent, CancelToken()))
    good, drums = facts["good-one.mid"], facts["drums.mid"]
    assert sum(good.pitches) == sum(good.velocities) == sum(good.durations) == good.notes
    assert (len(good.pitches), len(good.velocities), len(good.durations)) == (128, 128, 21)
    assert good.polyphony >= 2
    assert drums.pitches == drums.velocities == drums.durations == ()
    assert drums.notes == 160


def test_a_file_that_is_not_there_gets_its_sentence(tmp_path: Path) -> None:
    (facts,) = inspect_files([tmp_path / "gone.mid"], silent, CancelToken())
    assert not facts.ok
    assert "gone.mid" in facts.error


def test_facts_are_reported_as_they_come_between_progress(folder: Path) -> None:
    reports: list[object] = []
    clock = iter(range(0, 1000, 2))
    facts = inspect_files([folder], reports.append, CancelToken(), now=lambda: next(clock))
    assert [report for report in reports if isinstance(report, FileFacts)] == list(facts)
    progress = [report for report in reports if isinstance(report, Progress)]
    assert [one.done for one in progress] == [0, 1, 2, 3, 4, 5]
    assert {(one.stage, one.total) for one in progress} == {("Reading files", 5)}
    assert progress[0].seconds_left is None
    assert progress[0].item == "broken.mid"
    assert progress[2].seconds_left == pytest.approx(6, rel=0.9)
    assert progress[-1].seconds_left == 0


def test_inspecting_stops_on_request(folder: Path) -> None:
    cancel = CancelToken()

    def stop_after_the_first(report: object) -> None:
        if isinstance(report, FileFacts):
            cancel.cancel()

    with pytest.raises(Cancelled):
        inspect_files([folder], stop_after_the_first, cancel)


def test_titles_come_from_the_table_beside_the_files(folder: Path) -> None:
    table = {"pieces": [{"file": "good-one.mid", "title": "The Good One"}]}
    (folder / "LICENCES.json").write_text(json.dumps(table), encoding="utf-8")
    facts = by_name(inspect_files([folder / "good-one.mid"], silent, CancelToken()))
    assert facts["good-one.mid"].title == "The Good One"


def test_facts_travel_to_other_processes(folder: Path) -> None:
    for facts in inspect_files([folder], silent, CancelToken()):
        assert from_line(to_line(facts)) == facts
        json.dumps(asdict(facts), allow_nan=False)


def test_every_odd_file_of_the_shared_collection_gives_notes_or_a_sentence(shared: Path) -> None:
    odd = sorted((shared / "midi_odd").iterdir())[:3]
    for facts in inspect_files([folder for folder in odd if folder.is_dir()], silent, CancelToken()):
        assert facts.ok or facts.error
        assert facts.usable or facts.verdict.startswith("set aside: ")


def test_a_note_file_is_shown_as_it_sounds(tmp_path: Path) -> None:
    write_list(["C4", "0.4.7"] * 40, tmp_path / "notes")
    facts = facts_of(tmp_path / "notes")
    assert (facts.ok, facts.notes, facts.usable) == (True, 160, True)
    assert "seed words" in facts.findings[0]
    assert len(score_of(tmp_path / "notes").notes) == 160
    (tmp_path / "odd").write_bytes(b"\x80no list")
    assert not facts_of(tmp_path / "odd").ok
