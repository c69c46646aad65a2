"""A project is a folder of plain files that opens again as it was, or says in a sentence why not."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from musicgen_app import environment
from musicgen_app.core.errors import MidiReadError, ProjectError, RecipeError
from musicgen_app.core.score import Score, make_notes
from musicgen_app.dataset.recipe import NO_RECIPE, with_edit
from musicgen_app.project.document import PrepareSettings, Project
from musicgen_app.project.runs import delete_run

SCORE = Score(notes=make_notes([(0, 480, 60, 80), (480, 480, 64, 90)]))
OTHER = Score(notes=make_notes([(0, 240, 67, 70)]))


def clock() -> datetime:
    return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "Etude.musicgen", now=clock)


def change(project: Project, **changes: object) -> None:
    path = project.folder / "project.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_new_project_is_named_after_its_folder_and_opens_again(project: Project) -> None:
    again = Project.open(project.folder)
    assert again.title == "Etude"
    assert again.created == "2026-01-02T03:04:05+00:00"
    assert again.takes == again.sources == again.findings == again.runs() == ()
    assert again.score() is None
    assert not again.has_dataset


def test_a_new_project_can_be_given_a_title(tmp_path: Path) -> None:
    assert Project.create(tmp_path / "a.musicgen", "My pieces").title == "My pieces"


def test_settings_are_on_disk_as_soon_as_they_are_changed(project: Project, tmp_path: Path) -> None:
    project.title = "Übung"
    project.notes = "Slow ones first."
    project.sources = (tmp_path / "midi", tmp_path / "midi", project.folder / "scores")
    settings = PrepareSettings(
        validation=0.2, pedal="none", grid="seconds", seed=7, codec="seed", first_part=True, programs="41,42"
    )
    with pytest.raises(ProjectError, match="no choice of instruments"):
        PrepareSettings(programs="violin")
    assert (settings.heard, replace(settings, codec="notes", first_part=False).heard) == ("all", "41,42")
    project.prepare = settings
    project.dataset_folder = tmp_path / "elsewhere"
    again = Project.open(project.folder)
    assert again.title == "Übung"
    assert again.notes == "Slow ones first."
    assert again.sources == (tmp_path / "midi", project.folder / "scores")
    assert again.prepare == settings
    assert again.dataset_folder == tmp_path / "elsewhere"


def test_what_lies_in_the_project_or_in_the_program_is_stored_so_that_both_may_move(project: Project) -> None:
    project.sources = (environment.bundled("data", "corpus"), project.folder / "more")
    stored = json.loads((project.folder / "project.json").read_text())
    assert stored["sources"] == ["bundled:corpus", "more"]
    assert project.sources[0] == environment.bundled("data", "corpus")
    moved = project.folder.rename(project.folder.with_name("moved.musicgen"))
    assert Project.open(moved).sources[1] == moved / "more"


def test_a_recipe_is_kept_and_goes_along_with_a_copy(project: Project, tmp_path: Path) -> None:
    assert project.recipe == NO_RECIPE
    project.recipe = with_edit(NO_RECIPE, ["music/a.mid"], excluded=True)
    copy = project.save_as(tmp_path / "Copy.musicgen")
    assert Project.open(project.folder).recipe == copy.recipe == project.recipe
    (copy.folder / "recipe.json").write_text("{")
    with pytest.raises(RecipeError, match="damaged"):
        _ = Project.open(copy.folder).recipe


def test_a_data_set_counts_once_it_is_there(project: Project) -> None:
    project.dataset_folder.mkdir()
    (project.dataset_folder / "dataset.json").write_text("{}")
    assert project.has_dataset


def test_the_score_being_edited_comes_back_after_saving(project: Project) -> None:
    project.save(SCORE)
    assert project.score_path == project.folder / "scores" / "current.mid"
    assert Project.open(project.folder).score() == SCORE


def test_saving_without_a_score_leaves_the_saved_one_alone(project: Project) -> None:
    project.save(SCORE)
    project.save()
    assert project.score() == SCORE


def test_takes_are_kept_with_their_facts_and_their_music(project: Project) -> None:
    first = project.add_take(SCORE, {"seed": 7})
    second = project.add_take(OTHER, {"seed": 8}, title="Better")
    again = Project.open(project.folder)
    assert [(take.id, take.title, dict(take.facts)) for take in again.takes] == [
        (1, "Take 1", {"seed": 7}),
        (2, "Better", {"seed": 8}),
    ]
    assert again.takes[0].made == "2026-01-02T03:04:05+00:00"
    assert again.take_score(first.id) == SCORE
    assert again.take_score(second.id) == OTHER


def test_a_removed_take_can_come_back_and_its_number_is_not_used_again(project: Project) -> None:
    take = project.add_take(SCORE, {})
    project.remove_take(take.id)
    assert project.takes == ()
    assert [gone.id for gone in project.removed_takes] == [take.id]
    assert project.add_take(OTHER, {}).id == take.id + 1
    project.restore_take(take.id)
    assert [kept.id for kept in Project.open(project.folder).takes] == [1, 2]


def test_a_take_can_be_starred(project: Project) -> None:
    take = project.add_take(SCORE, {})
    project.star_take(take.id)
    (kept,) = Project.open(project.folder).takes
    assert kept.starred
    project.star_take(take.id, False)
    assert not project.takes[0].starred


def test_what_is_found_out_about_a_take_later_is_kept_with_the_rest(project: Project) -> None:
    take = project.add_take(SCORE, {"seed": 3})
    project.note_take(take.id, originality={"verdict": "New."})
    (kept,) = Project.open(project.folder).takes
    assert kept.facts == {"seed": 3, "originality": {"verdict": "New."}}
    with pytest.raises(ProjectError):
        project.note_take(99, seed=4)


def test_a_take_can_be_the_score_that_is_edited(project: Project) -> None:
    take = project.add_take(SCORE, {})
    project.current_take = take.id
    project.save(OTHER)
    again = Project.open(project.folder)
    assert again.current_take == take.id
    assert again.score() == again.take_score(take.id) == OTHER
    again.remove_take(take.id)
    assert again.current_take is None


def test_unknown_takes_are_refused_in_a_sentence(project: Project) -> None:
    for wrong in (
        lambda: project.take_score(9),
        lambda: project.remove_take(9),
        lambda: setattr(project, "current_take", 9),
    ):
        with pytest.raises(ProjectError, match="no take 9"):
            wrong()


def test_a_take_whose_file_is_gone_or_damaged_is_told(project: Project) -> None:
    take = project.add_take(SCORE, {})
    path = project.folder / "scores" / take.file
    path.write_bytes(b"not music")
    with pytest.raises(MidiReadError):
        project.take_score(take.id)
    path.unlink()
    with pytest.raises(ProjectError, match="is gone"):
        project.take_score(take.id)


def test_a_copy_under_another_name_holds_everything_and_the_original_stays(project: Project, tmp_path: Path) -> None:
    project.save(SCORE)
    project.add_take(SCORE, {})
    (project.folder / "cache").mkdir()
    (project.folder / "recovery").mkdir()
    copy = project.save_as(tmp_path / "Deep" / "Copy.musicgen", OTHER)
    assert copy.title == "Copy"
    assert copy.score() == OTHER
    assert [take.id for take in Project.open(copy.folder).takes] == [1]
    assert not (copy.folder / "cache").exists()
    assert not (copy.folder / "recovery").exists()
    assert project.score() == SCORE
    assert sorted(path.name for path in copy.folder.parent.iterdir()) == ["Copy.musicgen"]


def test_a_title_of_ones_own_survives_the_copy(project: Project, tmp_path: Path) -> None:
    project.title = "Mine"
    (tmp_path / "b").mkdir()
    assert project.save_as(tmp_path / "b").title == "Mine"


def test_a_copy_never_overwrites_anything(project: Project, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear")
    with pytest.raises(ProjectError, match="exists already"):
        project.save_as(tmp_path / "full")
    with pytest.raises(ProjectError, match="inside itself"):
        project.save_as(project.folder / "copy")
    with pytest.raises(ProjectError, match="exists already"):
        Project.create(tmp_path / "full")


def test_a_file_that_a_training_replaces_meanwhile_does_not_spoil_the_copy(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = project.new_run_folder() / "state"
    state.mkdir()
    (state / "1").write_text("")
    copy = shutil.copy2

    def vanish(source: str, target: str) -> None:
        if source.endswith("/1"):
            Path(source).unlink()
        copy(source, target)

    monkeypatch.setattr(shutil, "copy2", vanish)
    assert len(project.save_as(tmp_path / "copy").runs()) == 1


def test_a_copy_that_cannot_be_made_leaves_nothing_behind(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match="could not be saved"):
        project.save_as(tmp_path / "file" / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Etude.musicgen", "file"]


def test_a_project_cannot_be_made_where_no_folder_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match="could not be made"):
        Project.create(tmp_path / "file" / "p")


class TestDamage:
    def test_a_missing_folder(self, tmp_path: Path) -> None:
        with pytest.raises(ProjectError, match="not there"):
            Project.open(tmp_path / "gone.musicgen")

    def test_a_folder_that_is_no_project(self, tmp_path: Path) -> None:
        with pytest.raises(ProjectError, match="is not a project"):
            Project.open(tmp_path)

    @pytest.mark.parametrize("text", ["", "{", '{"format": "musicgen pro', "\x00\x01", "[" * 100_000])
    def test_json_that_is_torn(self, project: Project, text: str) -> None:
        (project.folder / "project.json").write_text(text)
        with pytest.raises(ProjectError, match="damaged"):
            Project.open(project.folder)

    def test_bytes_that_are_no_text(self, project: Project) -> None:
        (project.folder / "project.json").write_bytes(b"\xff\xfe\xfa")
        with pytest.raises(ProjectError, match="damaged"):
            Project.open(project.folder)

    def test_json_that_is_no_object(self, project: Project) -> None:
        (project.folder / "project.json").write_text("[1, 2]")
        with pytest.raises(ProjectError, match="does not hold"):
            Project.open(project.folder)

    def test_a_folder_where_the_file_should_be(self, project: Project) -> None:
        (project.folder / "project.json").unlink()
        (project.folder / "project.json").mkdir()
        with pytest.raises(ProjectError, match="cannot be read"):
            Project.open(project.folder)

    def test_another_programs_file(self, project: Project) -> None:
        change(project, format="something else")
        with pytest.raises(ProjectError, match="not a project of this program"):
            Project.open(project.folder)

    @pytest.mark.parametrize(
        "changes",
        [
            {"title": 3},
            {"sources": "a"},
            {"sources": [1]},
            {"prepare": []},
            {"prepare": {"validation": "much"}},
            {"prepare": {"seed": True}},
            {"current_take": "two"},
            {"dataset": None},
        ],
    )
    def test_values_of_the_wrong_kind(self, project: Project, changes: dict[str, object]) -> None:
        change(project, **changes)
        with pytest.raises(ProjectError, match="damaged"):
            Project.open(project.folder)

    @pytest.mark.parametrize(
        "prepare",
        [{"validation": 2}, {"pedal": "x"}, {"grid": "x"}, {"seed": -1}, {"codec": "x"}, {"first_part": True}],
    )
    def test_settings_out_of_range(self, project: Project, prepare: dict[str, object]) -> None:
        change(project, prepare=prepare)
        with pytest.raises(ProjectError, match="out of range"):
            Project.open(project.folder)

    def test_a_newer_version_is_refused(self, project: Project) -> None:
        change(project, version=2)
        with pytest.raises(ProjectError, match="newer version") as caught:
            Project.open(project.folder)
        assert "Update" in caught.value.hint

    @pytest.mark.parametrize("version", [None, "1", True, 0, -4])
    def test_a_version_that_never_was(self, project: Project, version: object) -> None:
        change(project, version=version)
        with pytest.raises(ProjectError):
            Project.open(project.folder)

    @pytest.mark.parametrize(
        "text",
        [
            "{",
            '{"version": 1, "takes": 3}',
            '{"version": 1, "takes": [3]}',
            '{"version": 1, "takes": [{"id": 1}]}',
            '{"version": 1, "takes": [{"id": 1, "file": "../../secret"}]}',
            '{"version": "x", "takes": [{"id": "one", "file": "take-0001.mid"}]}',
        ],
    )
    def test_a_damaged_list_of_takes_loses_no_music(self, project: Project, text: str) -> None:
        project.add_take(SCORE, {})
        project.add_take(OTHER, {})
        (project.folder / "takes.json").write_text(text)
        again = Project.open(project.folder)
        assert [again.take_score(take.id) for take in again.takes] == [SCORE, OTHER]
        assert "damaged" in again.findings[0]
        assert (project.folder / "takes.damaged.json").read_text() == text
        again.star_take(1)
        assert Project.open(project.folder).findings == ()

    def test_a_list_of_takes_of_a_newer_version_is_refused(self, project: Project) -> None:
        (project.folder / "takes.json").write_text('{"version": 2, "takes": []}')
        with pytest.raises(ProjectError, match="newer version"):
            Project.open(project.folder)

    def test_takes_without_a_list_are_found(self, project: Project) -> None:
        project.add_take(SCORE, {})
        (project.folder / "takes.json").unlink()
        assert [take.id for take in Project.open(project.folder).takes] == [1]

    def test_a_take_written_just_before_the_program_died_is_found(self, project: Project) -> None:
        project.add_take(SCORE, {})
        (project.folder / "scores" / "take-0002.mid").write_bytes(
            (project.folder / "scores" / "take-0001.mid").read_bytes()
        )
        again = Project.open(project.folder)
        assert [take.id for take in again.takes] == [1, 2]

    def test_a_stray_file_never_gives_its_number_to_a_new_take(self, project: Project) -> None:
        (project.folder / "scores").mkdir()
        (project.folder / "scores" / "take-0001.mid").write_bytes(b"stray")
        assert project.add_take(SCORE, {}).id == 2

    def test_a_current_take_that_is_gone_falls_back_to_the_own_score(self, project: Project) -> None:
        change(project, current_take=12)
        assert Project.open(project.folder).current_take is None


def test_a_run_that_was_deleted_leaves_the_disk_when_the_project_is_opened_again(project: Project) -> None:
    folder = project.new_run_folder()
    trashed = delete_run(folder)
    assert trashed.is_dir()
    Project.open(project.folder)
    assert not trashed.exists()
