"""Outputs of a project are held against what they may have been copied from."""

from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled, MidiReadError, NoteFileError, ProjectError, UsageError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.core.score import Score, Track, make_notes
from musicgen_app.dataset.store import open_dataset
from musicgen_app.generation.habits import Loop
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.document import Project
from musicgen_app.project.run_rows import RunRow
from musicgen_app.project.runs import read_run
from musicgen_app.project.verdict import Verdict
from musicgen_app.project.verdict_words import copied_place
from musicgen_app.tokens.note_file import write_json, write_list
from musicgen_app.tokens.seed import SeedCodec, vocabulary
from musicgen_app.workflow.experiments import ImportRequest, import_experiments
from musicgen_app.workflow.judge import JudgeReport, JudgeRequest, judge, judge_own, judge_runs
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from musicgen_app.workflow.reference_library import reference_of_output
from musicgen_app.workflow.references import open_reference
from musicgen_app.workflow.wire import from_line, to_line
from tests.dataset.music import melody, write_midi_file
from tests.midi.raw import DIVISION, midi, note, program
from tests.project.experiments import write_experiments
from tests.project.test_runs import make_run

WORDS = ["C4", "D4", "0.4.7", "F#4", "2.7", "B-3", "A5"] * 6
SONG = [f"{'CDEFGAB'[one % 7]}{3 + one // 7}" for one in np.random.default_rng(5).integers(0, 28, 400).tolist()]


def rendered(words: list[str], path: Path) -> Path:
    codec = SeedCodec(vocabulary(words))
    write_midi(codec.decode(codec.rows_of(words)), path)
    return path


def verdict(output: Path, against: Path) -> Verdict:
    return judge(output, open_reference(against, silent, CancelToken()))


def judged(project: Path, against: Path) -> JudgeReport:
    return judge_runs(JudgeRequest(project, against), silent, CancelToken())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = write_experiments(tmp_path / "experiments")
    rendered(SONG[100:160], folder / "outputs" / "3_output.mid")
    (folder / "outputs" / "2_output.mid").write_bytes(b"MThd and nothing else")
    import_experiments(ImportRequest(folder, tmp_path / "a.musicgen"), silent, CancelToken())
    return tmp_path / "a.musicgen"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    write_list(SONG, tmp_path / "song notes")
    return tmp_path / "song notes"


class TestReferences:
    @pytest.mark.parametrize("name", ["notes", "notes.json"])
    def test_a_note_file(self, tmp_path: Path, name: str) -> None:
        (write_json if name.endswith("json") else write_list)(WORDS, tmp_path / name)
        found = verdict(rendered(WORDS[7:37], tmp_path / "out.mid"), tmp_path / name)
        assert (found.copied.longest, found.copied.place, found.copied.piece) == (30, 0, "")
        assert (found.against, found.copied.unit) == (name, "tokens")
        assert found.habits.loop == Loop(7, 30, 0, at_end=True)

    def test_a_folder_of_midi_files_names_the_piece(self, tmp_path: Path) -> None:
        music = tmp_path / "music"
        music.mkdir()
        rendered(WORDS, music / "a waltz.mid")
        rendered(SONG, music / "an etude.mid")
        (music / "torn.mid").write_bytes(b"nothing")
        found = verdict(rendered(SONG[50:100], tmp_path / "out.mid"), music)
        assert (found.copied.longest, found.copied.piece) == (50, "An Etude")

    def test_both_readings_of_a_file_are_known(self, tmp_path: Path) -> None:
        music = tmp_path / "music"
        music.mkdir()
        right = b"".join(note(60 + one) for one in range(20))
        left = b"".join(note(35 + one, length=DIVISION // 2, channel=1) for one in range(20))
        (music / "two.mid").write_bytes(midi(program(0, 0) + right, program(0, 40, 1) + left))
        first = ["C4", "C#4", "D4", "E-4", "E4", "F4", "F#4", "G4", "G#4", "A4"]
        assert verdict(rendered(first, tmp_path / "out.mid"), music).copied.longest == 10

    def test_one_midi_file(self, tmp_path: Path) -> None:
        rendered(SONG, tmp_path / "etude.mid")
        assert verdict(rendered(SONG[:50], tmp_path / "out.mid"), tmp_path / "etude.mid").copied.longest == 50
        (tmp_path / "torn.mid").write_bytes(b"nothing")
        with pytest.raises(MidiReadError):
            open_reference(tmp_path / "torn.mid", silent, CancelToken())

    def test_a_data_set_of_words_is_known_across_its_blocks(self, tmp_path: Path, listed: Path) -> None:
        prepare(PrepareConfig((listed,), tmp_path / "set", codec="seed"), silent, CancelToken())
        found = verdict(rendered(SONG[5:395], tmp_path / "out.mid"), tmp_path / "set")
        assert (found.copied.longest, found.copied.place, found.copied.piece) == (390, 5, "")

    def test_a_data_set_of_notes(self, tmp_path: Path) -> None:
        for number in range(6):
            write_midi_file(tmp_path / "music" / f"piece {number}.mid", melody(number))
        prepare(PrepareConfig((tmp_path / "music",), tmp_path / "set", validation=0.0), silent, CancelToken())
        found = verdict(tmp_path / "music" / "piece 2.mid", tmp_path / "set")
        assert (found.copied.unit, found.copied.piece, found.copied.bar) == ("notes", "Piece 2", 1)
        assert found.copied.longest == found.copied.total
        assert found.copied.same_rhythm
        other = verdict(rendered(["C4", "C9"], tmp_path / "out.mid"), tmp_path / "set")
        assert (other.copied.longest, other.copied.piece, other.copied.bar) == (0, "", None)

    def test_what_is_no_music_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        with pytest.raises(UsageError, match="holds no music"):
            open_reference(tmp_path / "empty", silent, CancelToken())
        (tmp_path / "notes").write_bytes(b"\x80\x04cos\nsystem\n.")
        with pytest.raises(NoteFileError):
            open_reference(tmp_path / "notes", silent, CancelToken())


class TestRuns:
    def test_each_output_is_judged_and_what_is_damaged_is_a_sentence(self, project: Path, listed: Path) -> None:
        found = judged(project, listed)
        assert [(one.run, one.title) for one in found.runs] == [(1, "Test 1"), (2, "Test 2"), (3, "Test 3")]
        assert found.silent == 1
        assert found.problems[0].startswith("Test 2: 2_output.mid ")
        assert found.summary().startswith("2 outputs were held against song notes: 1 with 20 or more in a row from it,")
        third = found.runs[2]
        assert third.verdict is not None
        assert (third.verdict.copied.longest, third.verdict.copied.place, third.table_score) == (60, 100, 0.6)
        assert from_line(to_line(found)) == found

    def test_it_is_kept_and_listed(self, project: Path, listed: Path) -> None:
        judged(project, listed)
        opened = Project.open(project)
        rows: tuple[RunRow, ...] = opened.run_rows()
        assert [row.longest_copy for row in rows] == [rows[0].longest_copy, None, 60, None]
        assert opened.runs()[2].verdict is not None
        assert "place 100 of song notes" in (project / "runs.csv").read_text(encoding="utf-8")

    def test_a_run_of_our_own_has_its_held_out_loss_and_its_baselines(self, tmp_path: Path, listed: Path) -> None:
        own = Project.create(tmp_path / "b.musicgen")
        folder = make_run(own.runs_folder / "0001", "1,5,4,,,,,,60\n", status="finished", baselines={"4gram": 4.5})
        rendered(SONG[:40], folder / "1_output.mid")
        found = judged(own.folder, listed).runs[0]
        assert (found.held_out, dict(found.baselines), found.table_score) == (4.0, {"4gram": 4.5}, None)

    def test_without_a_reference_each_is_held_against_what_it_learned_from(self, tmp_path: Path, listed: Path) -> None:
        own = Project.create(tmp_path / "b.musicgen")
        prepare(PrepareConfig((listed,), own.dataset_folder, codec="seed"), silent, CancelToken())
        fingerprint = open_dataset(own.dataset_folder).fingerprint
        folder = make_run(own.runs_folder / "0001", version=1, status="finished", dataset={"fingerprint": fingerprint})
        rendered(SONG[100:150], folder / "1_output.mid")
        stranger = make_run(own.runs_folder / "0002", version=1, status="finished", dataset={"fingerprint": "another"})
        rendered(SONG[:40], stranger / "2_output.mid")
        make_run(own.runs_folder / "0003", status="finished")
        request = JudgeRequest(own.folder, only_new=True)
        found = judge_runs(request, silent, CancelToken())
        assert [(one.run, one.verdict.copied.longest) for one in found.runs if one.verdict] == [(1, 50)]
        assert (found.against, found.silent) == ("dataset", 2)
        verdict = read_run(folder).verdict
        assert verdict is not None
        assert verdict.where == "dataset"
        assert reference_of_output(folder / "1_output.mid", own.folder) == own.dataset_folder
        assert reference_of_output(listed, own.folder) is None
        assert judge_runs(request, silent, CancelToken()).runs == (), "it is known by now"
        assert judge_own(own.folder, folder, silent, CancelToken()) is not None
        assert judge_own(own.folder, stranger, silent, CancelToken()) is None
        assert judge_own(own.folder, own.runs_folder / "0003", silent, CancelToken()) is None

    def test_drums_alone_cannot_be_judged(self, tmp_path: Path, listed: Path) -> None:
        own = Project.create(tmp_path / "b.musicgen")
        folder = make_run(own.runs_folder / "0001")
        drums = Score(notes=make_notes([(0, 9, 40, 90)]), tracks=(Track("Drums", channel=9),))
        write_midi(drums, folder / "1_output.mid")
        found = judged(own.folder, listed)
        assert found.problems == ("Run 1: 1_output.mid has no notes to judge.",)
        assert found.summary() == "No run has an output that can be judged."

    def test_what_cannot_be_done_is_told(self, tmp_path: Path, project: Path, listed: Path) -> None:
        with pytest.raises(ProjectError):
            judged(tmp_path / "none", listed)
        with pytest.raises(UsageError, match="is not there"):
            judged(project, tmp_path / "none")

    def test_a_stop_keeps_what_was_found(self, project: Path, listed: Path) -> None:
        cancel = CancelToken()

        def stop(report: object) -> None:
            if getattr(report, "item", "") == "Test 2":
                cancel.cancel()

        with pytest.raises(Cancelled):
            judge_runs(JudgeRequest(project, listed), stop, cancel)
        rows = Project.open(project).run_rows()
        assert [row.longest_copy is not None for row in rows] == [True, False, False, False]


def test_the_seeds_outputs_are_found_out(shared: Path, tmp_path: Path) -> None:
    seed = shared / "seed" / "music_gen"
    if not seed.is_dir():
        pytest.skip("The outputs of the seed experiments do not lie beside this checkout.")
    import_experiments(ImportRequest(seed, tmp_path / "a.musicgen"), silent, CancelToken())
    found = judged(tmp_path / "a.musicgen", seed / "data" / "notes_chopin_train")
    copies = {one.test_id: one.verdict.copied for one in found.runs if one.verdict is not None}
    assert len(copies) == 79
    expected = {"74": (200, 10177), "79": (200, 10197), "72": (172, 10157), "62": (143, 10157)}
    assert {test: (copies[test].longest, copies[test].place) for test in expected} == expected
    assert {copies[test].share for test in ("74", "79", "54", "62")} == {1.0}
    habits = {one.test_id: one.verdict.habits for one in found.runs if one.verdict is not None}
    assert habits["59"].loop == Loop(12, 200, 0, at_end=True)
    assert habits["2"].stuck == 200
    assert habits["28"].score == 0.295  # its table says 0.37
    told = "Étude op. 25 no. 12, tokens 428 to 627 of 938 (place 10177 of notes_chopin_train)"
    assert copied_place(copies["74"], "") == told
    pieces = judged(tmp_path / "a.musicgen", seed / "data" / "chopin_midi" / "train").runs[73].verdict
    assert pieces is not None
    assert (pieces.copied.longest, pieces.copied.piece) == (200, "Étude op. 25 no. 12")
