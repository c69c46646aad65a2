"""Blind listening tests: made, heard, kept, and the same as files."""

import base64
import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from musicgen_app.core.errors import Cancelled, ProjectError, UsageError
from musicgen_app.core.preference import Tally
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.midi.reader import read_midi
from musicgen_app.project.listening import FIRST, SAME, SECOND, Round, Session, read_sessions
from musicgen_app.project.notebook import read_notebook
from musicgen_app.workflow.blind_files import ANSWERS_FILE, KEY_FILE, read_answers, write_test
from musicgen_app.workflow.compared_takes import span_of
from musicgen_app.workflow.listen import BlindTest, ListenRequest, keep_answers, make_test
from musicgen_app.workflow.wire import from_line, to_line
from tests.workflow.compared_runs import compared_project


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compared_project(tmp_path_factory.mktemp("made")).folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "p.musicgen"))


def made_test(project: Path, runs: tuple[int, int] = (6, 5), rounds: int = 4, seed: int = 7) -> BlindTest:
    return make_test(ListenRequest(project, runs, seed, rounds, 4.0), silent, CancelToken())


def answered(test: BlindTest, *answers: str) -> Session:
    rounds = tuple(Round(one.number, one.first, said) for one, said in zip(test.rounds, answers, strict=False))
    return Session(
        test.session.id, test.session.begun, test.session.runs, test.session.music, test.session.planned, rounds
    )


def test_each_round_has_its_own_pair_of_one_length_in_a_seeded_order(project: Path) -> None:
    test = made_test(project)
    assert test.session.runs == (5, 6)
    assert sorted(one.first for one in test.rounds) == [5, 5, 6, 6]
    assert [one.number for one in test.rounds] == [1, 2, 3, 4]
    assert made_test(project).rounds == test.rounds
    orders = {tuple(one.first for one in made_test(project, seed=seed).rounds) for seed in range(6)}
    assert len(orders) > 1
    pitches = {tuple(score.notes["pitch"].tolist()) for one in test.rounds for score in one.music}
    assert len(pitches) == 8
    assert all(span_of(score)[1] <= test.seconds + 0.01 for one in test.rounds for score in one.music)
    assert from_line(to_line(test)) == test
    assert len(list((project / "runs" / "0005" / "compared").glob("seed-1-8-s-*.mid"))) == 1


def test_of_an_imported_run_parts_of_its_output_are_heard(project: Path) -> None:
    test = make_test(ListenRequest(project, (1, 5), 7, 3, 1.0), silent, CancelToken())
    assert test.names == ("Test 1", "Run 5")
    parts = [one.music[0 if one.first == 1 else 1] for one in test.rounds]
    assert len({tuple(part.notes["pitch"].tolist()) for part in parts}) > 1
    long = make_test(ListenRequest(project, (1, 5), 7, 2, 60.0), silent, CancelToken())
    assert long.seconds == pytest.approx(2.0)
    with pytest.raises(UsageError, match="neither a model nor an output"):
        made_test(project, (4, 5))


def test_answers_are_kept_and_told_in_the_notebook_and_add_up(project: Path) -> None:
    test = made_test(project, rounds=3)
    letter = [FIRST if one.first == 5 else SECOND for one in test.rounds]
    heard = keep_answers(project, answered(test, *letter), ("one", "other"), datetime(2026, 1, 2, 3, 4))
    assert heard.tally == heard.total == Tally(3, 0)
    text = read_notebook(project)
    assert "## 2026-01-02 03:04 Blind listening test" in text
    assert "[one](run:5) and [other](run:6)" in text
    assert "You preferred one in 3 of 3 decided rounds" in text
    keep_answers(project, answered(test, *letter), ("one", "other"))
    assert read_notebook(project) == text

    further = made_test(project, rounds=4)
    assert [one.number for one in further.rounds] == [4, 5, 6, 7]
    stopped = keep_answers(project, answered(further, SAME, SAME), ("one", "other"))
    assert (stopped.total, stopped.sessions) == (Tally(3, 0, 2), 2)
    assert stopped.words.startswith("Stopped after 2 of 4 rounds. No round was decided.")
    assert "With the test before: you preferred one in 3 of 3" in stopped.words
    assert len(read_sessions(project, (5, 6))) == 2


def test_a_test_goes_out_as_files_and_its_answers_come_back(project: Path, tmp_path: Path) -> None:
    test = made_test(project)
    out = tmp_path / "blind"
    files = write_test(test, out)
    assert [path.name for path in files] == [f"{place}-{letter}.mid" for place in (1, 2, 3, 4) for letter in "AB"]
    assert read_midi(files[0]).score.notes["pitch"].tolist() == test.rounds[0].music[0].notes["pitch"].tolist()
    assert "Run 5" not in (out / KEY_FILE).read_text()
    assert read_answers(out, out / ANSWERS_FILE)[0].rounds == ()
    (out / ANSWERS_FILE).write_text("round,answer\n1,A\n2,b\n3, T \n4,\n")
    session, names = read_answers(out, out / ANSWERS_FILE)
    assert session == answered(test, FIRST, SECOND, SAME)
    assert names == test.names
    with pytest.raises(UsageError, match="already"):
        write_test(test, out)
    for wrong in ("1,left\n", "9,A\n", "one,A\n"):
        (out / ANSWERS_FILE).write_text(wrong)
        with pytest.raises(UsageError, match="is no answer"):
            read_answers(out, out / ANSWERS_FILE)
    with pytest.raises(UsageError, match="cannot be read"):
        read_answers(out, out / "none.csv")
    (out / KEY_FILE).write_text(json.dumps({"sealed": base64.b64encode(b"{}").decode()}))
    with pytest.raises(UsageError, match="damaged"):
        read_answers(out, out / ANSWERS_FILE)
    with pytest.raises(ProjectError):
        read_answers(tmp_path, out / ANSWERS_FILE)


def test_it_tells_how_far_it_is_and_can_be_stopped(project: Path) -> None:
    told: list[object] = []
    make_test(ListenRequest(project, (5, 6), 1, 2, 2.0), told.append, CancelToken())
    assert [(one.done, one.total) for one in told if isinstance(one, Progress)] == [(0, 2), (1, 2)]
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        make_test(ListenRequest(project, (5, 6), 1), silent, cancel)


@pytest.mark.parametrize(
    "given", [{"runs": (5, 5)}, {"rounds": 0}, {"seconds": 0.0}, {"seed": -1}], ids=lambda given: next(iter(given))
)
def test_wrong_requests_are_told(given: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        ListenRequest(**{"project": Path(), "runs": (5, 6), "seed": 1, **given})  # type: ignore[arg-type]
