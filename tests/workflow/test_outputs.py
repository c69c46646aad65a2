"""The outputs of runs: made as their rows say, kept with how they were made, and children that share a model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled, CodecError, ProjectError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.generation.checkpoint import write_checkpoint
from musicgen_app.generation.generator import SampleConfig
from musicgen_app.midi.reader import read_midi
from musicgen_app.project import runs
from musicgen_app.project.document import Project
from musicgen_app.project.run_rows import RunRow, experiment_table, score_of
from musicgen_app.project.runs import RunRecord, read_run
from musicgen_app.project.shared_model import children_of
from musicgen_app.project.story import run_story
from musicgen_app.tokens.seed import Rendering
from musicgen_app.workflow.generate import GenerateConfig, Take, generate
from musicgen_app.workflow.outputs import OutputMade, OutputRequest, make_output, output_at_end, plan_of
from musicgen_app.workflow.wire import from_line, to_line
from tests.generation.networks import musical_checkpoint
from tests.workflow.seed_runs import add_seed_run, word_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return word_project(tmp_path / "words.musicgen")


@pytest.fixture
def run(project: Project) -> Path:
    return add_seed_run(project)


def make(run: Path, **given: Any) -> OutputMade:
    return make_output(OutputRequest(run, **given), silent, CancelToken())


def row(project: Project, number: int) -> RunRow:
    return next(one for one in project.run_rows() if one.id == number)


def onsets(made: OutputMade) -> list[int]:
    return np.unique(read_midi(made.file).score.notes["onset"]).tolist()


def test_an_output_is_made_as_the_seeds_made_theirs(project: Project, run: Path) -> None:
    made = make(run)
    assert (made.run, made.parent, made.file) == (1, 0, run / "1_output.mid")
    assert made.sample == {"notes": 200, "random_pick": 1}
    notes = read_midi(made.file).score.notes
    assert onsets(made) == list(range(0, 200 * 240, 240))
    assert set(notes["duration"].tolist()) <= {240, 480}  # a key that is struck anew is let go before
    assert set(notes["velocity"].tolist()) == {90}
    found = row(project, 1)
    assert (found.output, found.random_pick, found.score) == ("1_output.mid", 1, made.score)
    assert found.cells[5:7] == ("0.25", "rmsprop")
    assert found.cells[8] == "1"
    assert make(run) == made


def test_its_score_counts_words_also_where_two_sound_alike(run: Path) -> None:
    def said(_config: GenerateConfig, *_: object) -> tuple[Take, ...]:
        (take,) = generate(GenerateConfig(run / "model.safetensors", SampleConfig(notes=4)), silent, CancelToken())
        return (type(take)(**{**_fields(take), "words": ("0", "C4", "0", "0")}),)

    made = make_output(OutputRequest(run), silent, CancelToken(), said)
    assert made.score == 0.5
    assert read_run(run).made is not None
    assert score_of(made.file) != made.score
    made.file.write_bytes(made.file.read_bytes() + b"\0")
    assert read_run(run).made is None


def _fields(take: Take) -> dict[str, Any]:
    return {name: getattr(take, name) for name in take.__slots__}


def test_what_is_asked_goes_before_the_last_output_and_that_before_the_plan(project: Project) -> None:
    folder = add_seed_run(project, {"random_pick": 4, "rendering": Rendering(step=1.0).to_json()})
    assert row(project, 1).random_pick == 4
    plan = plan_of(read_run(folder), {})
    assert (plan.sample, plan.rendering) == (SampleConfig(notes=200, random_pick=4), Rendering(step=1.0))
    made = make(folder, sample={"bars": 2, "seed": 7}, rendering=Rendering(step=2.0, length=0.5, velocity=64))
    assert made.sample == {"bars": 2, "seed": 7, "random_pick": 4}
    assert onsets(made) == [0, 960, 1920, 2880]
    plan = plan_of(read_run(folder), {"temperature": 0.8})
    assert plan.sample == SampleConfig(bars=2, seed=7, temperature=0.8)
    assert plan.rendering == Rendering(step=2.0, length=0.5, velocity=64)
    assert row(project, 1).random_pick == 4


def test_the_same_words_sound_as_they_are_to(run: Path) -> None:
    usual = make(run, sample={"notes": 30, "random_pick": 3})
    words = read_midi(usual.file).score.notes
    other = make(run, sample={"notes": 30, "random_pick": 3}, rendering=Rendering(0.25, 0.25, 50).in_octave(5))
    again = read_midi(other.file).score.notes
    assert other.score == usual.score
    assert (again["onset"] * 2).tolist() == words["onset"].tolist()
    assert set(again["duration"].tolist()) == {120}
    assert set(again["velocity"].tolist()) == {50}
    assert set((again["pitch"] - words["pitch"]).tolist()) <= {0, 12}


def test_one_of_ours_has_a_usual_way_too_and_no_words(project: Project, run: Path) -> None:
    write_checkpoint(run / "model.safetensors", musical_checkpoint())
    made = make(run, sample={"notes": 20})
    assert made.sample == {"notes": 20, "top_p": 0.95}
    assert made.score == score_of(made.file)
    assert row(project, 1).random_pick is None
    with pytest.raises(UsageError, match="this one writes notes"):
        make(run, rendering=Rendering())


def test_what_cannot_be_made_is_told_and_leaves_nothing(project: Project, run: Path) -> None:
    with pytest.raises(UsageError, match="no setting 'wildness'"):
        make(run, sample={"wildness": 3})
    with pytest.raises(CodecError, match="rendering"):
        plan_of(RunRecord(1, run, "Run 1", checkpoint=run / "model.safetensors", plan={"rendering": {"a": 1}}), {})
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        make_output(OutputRequest(run, again=True), silent, token)
    (run / "model.safetensors").unlink()
    with pytest.raises(UsageError, match="Run 1 has no model"):
        make(run)
    assert [one.id for one in project.run_rows()] == [1]
    assert read_run(run).output is None


def test_a_child_shares_the_model_and_has_music_of_its_own(project: Project, run: Path) -> None:
    make(run)
    made = make(run, sample={"random_pick": 5, "notes": 40}, again=True, title="Bolder")
    assert (made.run, made.parent, made.file.name) == (2, 1, "2_output.mid")
    child, parent = row(project, 2), row(project, 1)
    assert (child.title, child.parent, child.random_pick, child.score) == ("Bolder", "1", 5, made.score)
    assert (child.loss, child.runtime_min, child.has_model, child.has_state) == (1.25, 2.0, True, False)
    assert child.cells[1:8] == parent.cells[1:8]
    assert child.comments == "model: run 1"
    assert parent.random_pick == 1
    assert not (project.runs_folder / "0002" / "model.safetensors").exists()
    record = read_run(project.runs_folder / "0002")
    assert record.checkpoint == run / "model.safetensors"
    assert "the model of run 1 again, with random pick 5" in run_story(record)[0]
    assert f"(random pick 5) is {made.score:.3f}" in " ".join(run_story(record))
    assert "model of run 1 again" in (project.folder / "notebook.md").read_text()
    runs.label_run(record.folder, "Bolder", "better")
    assert row(project, 2).comments == "model: run 1; better"
    assert "model: run 1; better" in experiment_table(project.run_rows())
    assert [one.id for one in project.runs_with_models()] == [1]


def test_the_child_of_a_child_has_the_same_parent(project: Project, run: Path) -> None:
    make(run, again=True)
    made = make(project.runs_folder / "0002", sample={"seed": 3}, again=True)
    assert (made.run, made.parent) == (3, 1)
    assert children_of(run) == (2, 3)
    assert make(project.runs_folder / "0003").parent == 1


def test_a_run_whose_model_is_needed_is_not_deleted(project: Project, run: Path) -> None:
    make(run, again=True)
    with pytest.raises(ProjectError, match="Run 2 shares the model of run 1"):
        runs.delete_run(run)
    make(run, again=True)
    with pytest.raises(ProjectError, match="Runs 2, 3 share the model of run 1"):
        runs.delete_run(run)
    second = runs.delete_run(project.runs_folder / "0002")
    runs.delete_run(project.runs_folder / "0003")
    runs.delete_run(run)
    orphan = read_run(runs.restore_run(second))
    assert (orphan.checkpoint, orphan.output is not None) == (None, True)
    with pytest.raises(UsageError, match="has no model"):
        plan_of(orphan, {})


def test_a_child_that_cannot_be_written_leaves_no_run(project: Project, run: Path) -> None:
    (run / "losses.csv").unlink()
    with pytest.raises(ProjectError, match="Run 1 could not be read"):
        make(run, again=True)
    assert [one.id for one in project.run_rows()] == [1]


def test_a_training_makes_its_output_only_where_it_was_planned(project: Project, run: Path) -> None:
    assert output_at_end(run, silent, CancelToken()) == ""
    assert read_run(run).output is None
    planned, told = add_seed_run(project, {"random_pick": 2}), []
    assert output_at_end(planned, told.append, CancelToken()) == ""
    assert told == [Progress("Writing its output")]
    assert read_run(planned).output == planned / "2_output.mid"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder, token: token.cancel(), "it was stopped"),
        (lambda folder, token: (folder / "model.safetensors").write_bytes(b"x"), "could not be made"),
    ],
)
def test_an_output_that_could_not_be_made_is_a_sentence(
    project: Project, spoil: Callable[[Path, CancelToken], None], told: str
) -> None:
    folder, token = add_seed_run(project, {"random_pick": 2}), CancelToken()
    spoil(folder, token)
    assert told in output_at_end(folder, silent, token)


def test_how_words_sound_reaches_another_process() -> None:
    config = GenerateConfig(Path("model.safetensors"), SampleConfig(notes=20), rendering=Rendering(step=2.0))
    assert from_line(to_line(config)) == config
