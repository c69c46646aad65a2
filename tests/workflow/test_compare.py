"""The verb compare: runs side by side, with takes that are made once."""

import shutil
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled, UsageError
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.core.score import Score, make_notes
from musicgen_app.project.document import Project
from musicgen_app.workflow import compare as verb
from musicgen_app.workflow.compare import CompareRequest, Comparison, compare, outline
from musicgen_app.workflow.compared_figures import Likelihood
from musicgen_app.workflow.compared_takes import clip, prompt_from, span_of
from musicgen_app.workflow.compared_words import (
    LIKELIHOOD,
    alike_words,
    beside_words,
    figure_lines,
    likelihood_words,
    likeness_lines,
    originality_lines,
    problem_lines,
    setting_lines,
)
from musicgen_app.workflow.wire import from_line, to_line
from tests.ml.synthetic import write_synthetic
from tests.workflow.compared_runs import compared_project


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = compared_project(tmp_path_factory.mktemp("made")).folder
    compare(CompareRequest(folder, (5, 6), takes=0), silent, CancelToken())
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "p.musicgen"))


def compared(project: Path, *runs: int, **given: int) -> Comparison:
    return compare(CompareRequest(project, runs, **{"notes": 24, **given}), silent, CancelToken())


def test_only_settings_that_differ_are_listed(project: Path) -> None:
    found, records = outline(CompareRequest(project, (5, 6)))
    assert {line.name: line.values for line in setting_lines(found)} == {
        "Learning rate": ("0.003", "0.01"),
        "Dropout": ("0.2", "0.4"),
    }
    assert "Network" in found.differences.alike
    assert "units" in alike_words(found)
    assert [run.id for run in records] == [5, 6]
    assert found.runs[1].validation == pytest.approx(3.8)


def test_imported_rows_stand_beside_trained_runs_with_their_columns(project: Path) -> None:
    found, _ = outline(CompareRequest(project, (1, 2, 5)))
    lines = {line.name: line.values for line in setting_lines(found)}
    assert lines["Network"] == ("Base", "Complex 2", "Small")
    assert lines["Batch"] == ("64", "64", "16") or lines["Batch"][2] == "16"
    assert lines["LR time decay (seed)"] == ("0.05", "0", "")
    assert lines["Comments"][0] == "base model"
    assert "Repeats" in found.differences.single


def test_runs_are_measured_heard_and_judged(project: Path) -> None:
    found = compared(project, 5, 6, 1, takes=2)
    first, second, imported = found.runs
    assert first.likelihood is not None
    assert second.likelihood is not None
    assert first.likelihood.unit == "note"
    assert first.likelihood.interval is not None
    assert first.likelihood.interval[0] < first.likelihood.nats < first.likelihood.interval[1]
    assert [take.seed for take in first.takes] == [0, 1]
    assert [take.prompt for take in first.takes] == [take.prompt for take in second.takes]
    assert first.takes[0].prompt.startswith("Piece ")
    assert first.takes[0].file.parent == project / "runs" / "0005" / "compared"
    assert first.takes[0].verdict is not None
    assert imported.likelihood is None
    (output,) = imported.takes
    assert (output.seed, output.file.name) == (None, "1_output.mid")
    assert imported.problems == ()
    assert set(found.likeness) == {"1", "5", "6"}
    assert {line.name for line in figure_lines(found)} >= {
        LIKELIHOOD,
        "A 4-gram needs",
        "Measured on",
    }
    assert "nats a note (" in {line.name: line.values for line in figure_lines(found)}[LIKELIHOOD][0]
    assert [line.name for line in originality_lines(found)] == ["Longest copied run", "Copied from", "Loops"]
    entropy, *_, velocity = likeness_lines(found)
    assert entropy.values[0].endswith(" bits")
    assert 0 <= float(velocity.values[2]) <= 1
    assert beside_words(found) == "Held-out pieces"
    assert any("imported, without a model to measure" in words for words in problem_lines(found))
    assert from_line(to_line(found)) == found


def test_nothing_is_measured_or_made_twice(project: Path) -> None:
    first = compared(project, 5, 6)
    with (
        patch.object(verb, "likelihood", wraps=verb.likelihood),
        patch("musicgen_app.workflow.compared_figures.evaluate", side_effect=AssertionError),
        patch("musicgen_app.workflow.compared_takes.generate", side_effect=AssertionError),
    ):
        again = compared(project, 6, 5)
    assert again.runs[1].takes[0].file == first.runs[0].takes[0].file
    assert again.runs[1].likelihood == first.runs[0].likelihood
    kept = next((project / "cache" / "likelihoods").iterdir())
    kept.write_text('{"version": 1, "nats": "many"}')
    assert compared(project, 5, 6).runs[0].likelihood == first.runs[0].likelihood
    assert compared(project, 5, 6, notes=25).runs[0].takes[0].file != first.runs[0].takes[0].file


def test_what_cannot_be_compared_is_said_plainly(project: Path) -> None:
    other = write_synthetic(project.parent / "other", pieces=3, validation=0)
    found = compared(project, 5, 4, takes=0)
    assert "No two likelihoods can be compared here." in found.remarks
    assert found.likeness == {}
    (project / "dataset.json").unlink(missing_ok=True)
    opened = Project.open(project)
    opened.dataset_folder = other.folder
    bare = compared(project, 5, 6, takes=1)
    assert "The data set other holds nothing back." in bare.runs[0].problems
    assert beside_words(bare) == "Training pieces"
    opened.dataset_folder = project / "nowhere"
    none = compared(project, 5, 6, 1, takes=1)
    assert "There is no data set to measure it on." in none.runs[0].problems
    assert none.runs[0].takes[0].prompt == ""
    assert none.runs[0].takes[0].verdict is None
    assert none.likeness == {}


def test_likelihoods_of_other_data_sets_or_tokens_are_not_compared(project: Path) -> None:
    found, records = outline(CompareRequest(project, (5, 6)))
    one = Likelihood(4.0, "note", None, 5.0, 1, 100, "a", "aaa")
    assert likelihood_words(one) == "4.000 nats a note (one piece, no interval)"

    def remarks(other: Likelihood) -> tuple[str, ...]:
        runs = [verb.replace(run, likelihood=given) for run, given in zip(found.runs, (one, other), strict=True)]
        return verb._remarks(runs, records)

    assert "of different data sets" in remarks(Likelihood(4.0, "note", None, 5.0, 1, 100, "b", "bbb"))[0]
    assert "of different tokens" in remarks(Likelihood(4.0, "note", None, 5.0, 1, 90, "a", "aaa"))[0]
    assert remarks(one) == ()


def test_it_tells_how_far_it_is_and_can_be_stopped(project: Path) -> None:
    told: list[object] = []
    clock = iter(range(10_000))
    compare(CompareRequest(project, (5, 6), notes=24), told.append, CancelToken(), lambda: float(next(clock)))
    stages = [report for report in told if isinstance(report, Progress)]
    assert stages[0].stage == "Run 5: likelihood"
    assert stages[-1].seconds_left is not None
    assert all(report.done <= report.total for report in stages)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        compare(CompareRequest(project, (5, 6)), silent, cancel)


def test_wrong_requests_are_told(project: Path) -> None:
    with pytest.raises(UsageError, match="2 to 8"):
        CompareRequest(project, (5, 5))
    with pytest.raises(UsageError, match="takes"):
        CompareRequest(project, (5, 6), takes=99)
    with pytest.raises(UsageError, match="seed"):
        CompareRequest(project, (5, 6), seed=-1)
    with pytest.raises(UsageError, match="no run 99"):
        outline(CompareRequest(project, (5, 99)))


def test_a_clip_says_nothing_but_its_sound() -> None:
    score = Score(notes=make_notes([(480 * n, 960, 60 + n, 80) for n in range(10)]), ticks_per_beat=480)
    part = clip(score, 1.2, 1.0)
    assert part.notes["onset"].tolist() == [0, 480]
    assert part.notes["pitch"].tolist() == [63, 64]
    assert part.notes["duration"].tolist() == [960, 480]
    assert span_of(part) == (0.0, pytest.approx(1.0))
    assert (len(part.tracks), len(part.tempos)) == (1, 1)
    for bad in (lambda: clip(score, 99, 1), lambda: clip(Score(), 0, 1), lambda: span_of(Score())):
        with pytest.raises(UsageError):
            bad()


def test_prompts_follow_from_the_seed(project: Path) -> None:
    dataset = Project.open(project).dataset_folder
    opened = verb.open_dataset(dataset)
    one, same, other = (prompt_from(opened, seed) for seed in (3, 3, 4))
    assert one.score == same.score
    assert one.score is not None
    assert len(one.score.notes) == 64
    assert (one.words, one.score) != (other.words, other.score)
    assert np.diff(one.score.notes["onset"]).min() >= 0
