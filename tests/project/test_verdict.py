"""Verdicts are kept beside the output they are about, and told in sentences."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from musicgen_app.generation.habits import Habits, Loop
from musicgen_app.project.run_index import refresh_index
from musicgen_app.project.run_rows import experiment_table, row_of, run_rows
from musicgen_app.project.runs import read_run, write_imported
from musicgen_app.project.story import run_story
from musicgen_app.project.verdict import VERDICT_FILE, Copied, Verdict, digest_of, read_verdict, write_verdict
from musicgen_app.project.verdict_words import place_words, verdict_story
from tests.project.experiments import row
from tests.project.test_runs import make_run

COPIED = Copied("tokens", 200, 200, 0, "", 10177, None, False, None, {"8": 1.0, "12": 1.0, "20": 1.0})
HABITS = Habits(200, 0.28, Loop(12, 96, 104, at_end=True), 9)
VERDICT = Verdict("7_output.mid", "", "notes", "2026-01-02T03:04:05+00:00", COPIED, HABITS)


def judged_run(folder: Path, verdict: Verdict = VERDICT, **cells: str) -> Path:
    folder.mkdir(parents=True)
    write_imported(folder, row(test_id="7", **cells), "")
    return with_output(folder, verdict)


def with_output(folder: Path, verdict: Verdict = VERDICT) -> Path:
    (folder / "7_output.mid").write_bytes(b"music")
    write_verdict(folder, replace(verdict, digest=digest_of(folder / "7_output.mid")))
    return folder


@pytest.mark.parametrize("loop", [HABITS.loop, None])
def test_a_verdict_is_read_as_it_was_written(tmp_path: Path, loop: Loop | None) -> None:
    copied = replace(COPIED, unit="notes", piece="A Waltz", bar=3, usual=30, same_rhythm=True)
    verdict = replace(VERDICT, copied=copied, habits=replace(HABITS, loop=loop))
    run = read_run(judged_run(tmp_path / "0001", verdict))
    assert run.verdict is not None
    assert replace(run.verdict, digest="") == verdict


def test_another_output_has_no_verdict_yet(tmp_path: Path) -> None:
    folder = judged_run(tmp_path / "0001")
    output = folder / "7_output.mid"
    assert read_verdict(folder, output) is not None
    assert read_verdict(folder, None) is None
    output.write_bytes(b"other music")
    assert read_run(folder).verdict is None
    assert read_verdict(folder, folder / "gone.mid") is None


@pytest.mark.parametrize(
    "damage", [b"{", b"[]", b'{"version": 2}', b'{"version": 1, "copied": 3}', b'{"version": 1, "habits": {"loop": 1}}']
)
def test_a_damaged_verdict_is_none(tmp_path: Path, damage: bytes) -> None:
    folder = judged_run(tmp_path / "0001")
    (folder / VERDICT_FILE).write_bytes(damage)
    assert read_run(folder).verdict is None


def test_a_run_without_a_verdict_has_no_figures(tmp_path: Path) -> None:
    found = row_of(read_run(make_run(tmp_path / "0001")))
    assert (found.longest_copy, found.copied_share, found.loop_period, found.longest_stuck) == (None,) * 4
    assert found.copied_from == ""


def test_its_figures_stand_in_the_row_the_table_and_the_index(tmp_path: Path) -> None:
    folder = judged_run(tmp_path / "runs" / "0001")
    index, _ = refresh_index(tmp_path)
    found = index.rows[0]
    assert (found.longest_copy, found.copied_share, found.loop_period, found.longest_stuck) == (200, 1.0, 12, 9)
    assert (found.counted_score, found.copied_from) == (0.28, "place 10177 of notes")
    assert refresh_index(tmp_path)[0].rows[0] == found
    table = experiment_table(run_rows(tmp_path / "runs"))
    assert table.splitlines()[1].endswith(",0.280,200,1.000,12,9,place 10177 of notes,,,,,,")
    written = json.loads((folder / VERDICT_FILE).read_text())
    (folder / VERDICT_FILE).write_text(json.dumps({**written, "against": "other notes"}))
    assert refresh_index(tmp_path)[0].rows[0].copied_from == "place 10177 of other notes"


def test_the_story_of_a_run_tells_it(tmp_path: Path) -> None:
    told = run_story(read_run(judged_run(tmp_path / "0001", score="0.5")))
    assert "All 200 tokens of its output are copied in one piece from place 10177 of notes." in told
    assert "Counted in the output itself the score is 0.280: words that sound alike are one there." in told
    own = make_run(tmp_path / "0002", "1,5,4,,,,,,60\n", status="finished")
    assert run_story(read_run(with_output(own)))[-1] == "28.0% of its tokens are distinct."


def told(verdict: Verdict = VERDICT, **changes: object) -> str:
    return verdict_story(replace(verdict, copied=replace(COPIED, **changes)), 0.28)[0]


def test_a_copy_is_told_with_its_piece() -> None:
    shares = {"8": 0.86, "12": 0.86, "20": 0.86}
    found = told(longest=172, piece="Etude", place=407, shares=shares)
    assert found == "172 of the 200 tokens of its output are copied in one piece from Etude, place 407."
    more = told(longest=100, piece="Etude", place=407, shares=shares)
    assert more.endswith("from Etude, place 407. In all 86% of it stands there.")


def test_what_is_short_is_no_copy() -> None:
    assert (
        told(longest=3) == "The longest run of its output that stands in notes too has 3 tokens: place 10177 of notes."
    )
    assert " has 1 token: " in told(longest=1)
    assert told(longest=0) == "Nothing of its output stands in notes."


def test_notes_are_measured_by_what_composers_share() -> None:
    known = {"unit": "notes", "piece": "A Waltz", "bar": 3, "usual": 30}
    assert told(longest=40, same_rhythm=True, shares={"8": 0.2}, **known) == (
        "40 of the 200 notes of its output are copied in one piece from A Waltz, bar 3."
    )
    assert told(**known) == "All 200 notes of its output have the pitches of A Waltz, bar 3."
    within = told(longest=25, **known)
    assert within.endswith("too has 25 notes, within what composers share (up to 30): A Waltz, bar 3.")
    assert place_words(replace(VERDICT, copied=replace(COPIED, unit="notes", piece="A Waltz"))) == "A Waltz, note 10177"


def test_loops_and_stuck_tokens_are_told() -> None:
    assert verdict_story(VERDICT, 0.28)[1:] == (
        "It goes round in a loop of 12 tokens, for 96 tokens to the end.",
        "One token stands 9 times in a row.",
    )
    stuck = replace(VERDICT, habits=Habits(200, 0.28, Loop(1, 50, 0, at_end=False), 50))
    assert verdict_story(stuck, 0.28)[1:] == ("One token stands 50 times in a row.",)
    inside = replace(VERDICT, habits=Habits(200, 0.28, Loop(3, 50, 0, at_end=False), 2))
    assert verdict_story(inside, 0.28)[1:] == ("It goes round in a loop of 3 tokens, for 50 tokens.",)
