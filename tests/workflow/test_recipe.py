"""A recipe decides about single files while they are prepared."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import DatasetError, RecipeError
from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.core.score import PEDAL_DTYPE, KeySignature, Score, Track
from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_keys import LibraryKeys
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.recipe import FileEdit, Recipe, read_recipe
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.midi.writer import write_midi
from musicgen_app.workflow.prepare import PrepareConfig, PreparedReport, prepare
from musicgen_app.workflow.rebuild import RebuildRequest, rebuild
from musicgen_app.workflow.recipe import given_files
from musicgen_app.workflow.scan import ScanRequest, scan
from musicgen_app.workflow.wire import from_line, to_line
from tests.dataset.music import melody, transposed, write_midi_file


@pytest.fixture
def music(tmp_path: Path) -> Path:
    for number in range(6):
        write_midi_file(tmp_path / "music" / f"{number}.mid", melody(number))
    return tmp_path / "music"


def prepared(
    music: Path, edits: Mapping[str, FileEdit] | None = None, **settings: object
) -> tuple[PreparedReport, Dataset]:
    recipe = Recipe({f"music/{name}": edit for name, edit in (edits or {}).items()})
    config = PrepareConfig((music,), music.parent / "set", recipe=recipe, **settings)  # type: ignore[arg-type]
    assert from_line(to_line(config)) == config, "the window has it done by a child process"
    return prepare(config, silent, CancelToken()), open_dataset(music.parent / "set")


def findings(report: PreparedReport, name: str) -> tuple[str, ...]:
    return next(one.findings for one in report.files if Path(one.file).name == name)


def sides(dataset: Dataset) -> dict[str, str]:
    return {piece.file: piece.split for piece in dataset.pieces}


@pytest.mark.parametrize("codec", ["notes", "seed"])
def test_files_are_left_out_and_named_anew(music: Path, codec: str) -> None:
    (music / "1.mid").write_bytes(b"not music, but nobody looks")
    named = FileEdit(title="Invention", composer="J. S. Bach", key="d minor")
    report, dataset = prepared(music, {"1.mid": FileEdit(excluded=True), "2.mid": named}, codec=codec)
    assert [one.verdict for one in report.files][:3] == ["ready", "set aside: excluded by you", "ready"]
    assert "1.mid" not in sides(dataset)
    piece = next(piece for piece in dataset.pieces if piece.file == "2.mid")
    assert (piece.title, piece.composer, piece.key) == ("Invention", "J. S. Bach", "D minor")
    assert dataset.score(piece).key_signatures == (KeySignature(0, -1, True),)
    plain, _ = prepared(music, {"1.mid": FileEdit(excluded=True)}, codec=codec)
    assert plain.fingerprint == report.fingerprint, "names are nothing that is learned"


@pytest.mark.parametrize("codec", ["notes", "seed"])
def test_sides_that_are_chosen_by_hand_count_and_chance_fills_up_the_rest(music: Path, codec: str) -> None:
    _, before = prepared(music, validation=0.3, codec=codec)
    held = sorted(file for file, side in sides(before).items() if side == "validation")
    by_hand = {held[0]: FileEdit(side="train"), "0.mid": FileEdit(side="test")}
    report, dataset = prepared(music, by_hand, validation=0.3, codec=codec)
    found = sides(dataset)
    assert (found[held[0]], found["0.mid"]) == ("train", "test")
    assert "validation" in found.values()
    assert f" held back, {dataset.note_count('test'):,} for tests, " in report.summary()
    assert dataset.note_count("train", "validation") + dataset.note_count("test") == dataset.note_count()
    nothing_more, dataset = prepared(music, {"4.mid": FileEdit(side="validation")}, validation=0.0, codec=codec)
    assert dataset.pieces_of("validation")[0].file == "4.mid"
    assert nothing_more.remarks == ()


def test_a_file_has_the_same_key_in_a_library_however_its_places_are_named(music: Path, tmp_path: Path) -> None:
    inner, other, empty = music / "inner", tmp_path / "other" / "music", tmp_path / "empty" / "other" / "music"
    write_midi_file(inner / "a.mid", melody(0))
    write_midi_file(other / "b.mid", melody(1))
    empty.mkdir(parents=True)
    for places in ((inner, music, other / "b.mid", empty), (empty, other, music, inner / "a.mid")):
        given = given_files(places)
        scan(ScanRequest(tmp_path / "library", places, 1, exact=True), silent, CancelToken())
        with Library(tmp_path / "library") as library:
            keys = LibraryKeys(library)
            rows = library.page(Query(), 99)
            assert sorted(keys.key(row) for row in rows) == sorted(given.keys)
        assert f"{music.parent.name}/music/inner/a.mid" in given.keys
        assert "empty" not in " ".join(given.keys)


def test_a_work_is_never_torn_between_sides(music: Path) -> None:
    write_midi_file(music / "0 higher.mid", transposed(melody(0), 3))
    shutil.copy(music / "1.mid", music / "1 copy.mid")
    by_hand = {
        "0.mid": FileEdit(side="train"),
        "0 higher.mid": FileEdit(side="validation"),
        "1.mid": FileEdit(side="test"),
        "9.mid": FileEdit(trim=True),
    }
    report, dataset = prepared(music, by_hand, validation=0.0)
    found = sides(dataset)
    assert found["0.mid"] == found["0 higher.mid"] == "validation"
    assert found["1 copy.mid"] == "test", "the copy that is kept stands where the other was put"
    assert report.remarks == dataset.remarks
    lost, apart = report.remarks
    assert lost == "The recipe names music/9.mid, not found here."
    assert "music/0.mid went to the stricter one" in apart
    with pytest.raises(DatasetError, match="Nothing is left to learn from"):
        prepared(music, {path.name: FileEdit(side="test") for path in music.glob("*.mid")})


def test_a_piece_that_is_put_on_a_side_is_not_cut(music: Path) -> None:
    only = {f"{number}.mid": FileEdit(excluded=True) for number in range(1, 6)}
    _, cut = prepared(music, {**only, "0.mid": FileEdit(quantise=True)}, validation=0.2)
    assert [piece.split for piece in cut.pieces] == ["train", "validation"]
    _, whole = prepared(music, {**only, "0.mid": FileEdit(side="train")}, validation=0.2)
    assert [piece.split for piece in whole.pieces] == ["train"]


def late(score: Score, ticks: int) -> Score:
    notes = score.notes.copy()
    notes["onset"] += np.random.default_rng(1).integers(0, ticks + 1, len(notes))
    return score.with_notes(notes)


def test_notes_are_put_on_the_grid_they_lie_on_and_the_error_is_told(music: Path) -> None:
    exact = melody(7, ticks_per_beat=480)
    write_midi(late(exact, 40), music / "0.mid")
    edits = {"0.mid": FileEdit(quantise=True), "1.mid": FileEdit(quantise=True)}
    report, dataset = prepared(music, edits, grid="metrical")
    said, already = findings(report, "0.mid")[-1], findings(report, "1.mid")
    assert said.startswith("Quantised to 1/8: notes moved by 2")
    assert said.endswith(" ms at most for 95 of 100, 42 ms at most.")
    assert already == ("Not quantised: all notes lie on 1/8 already.",)
    notes = dataset.score(next(piece for piece in dataset.pieces if piece.file == "0.mid")).notes
    assert notes[["onset", "pitch"]].tolist() == dataset.codec.quantise(exact).notes[["onset", "pitch"]].tolist()


def test_tracks_are_chosen_and_silence_is_trimmed(music: Path) -> None:
    rng = np.random.default_rng(5)
    free = melody(8, 60, ticks_per_beat=480, chords=False).notes.copy()
    free["onset"] = 2000 + np.cumsum(rng.integers(40, 700, len(free)))
    other = melody(9, 80, ticks_per_beat=480, chords=False).notes.copy()
    other["track"] = 1
    last = int((free["onset"] + free["duration"]).max())
    pedals = np.array([(free["onset"][0], 0, 127), (last + 960, 0, 0)], PEDAL_DTYPE)
    tracks = (Track("drums?", channel=9), Track("flute", program=73, channel=1))
    score = Score(np.concatenate([free, other]), pedals, tracks=tracks)
    write_midi(score, music / "0.mid")
    edits = {"0.mid": FileEdit(tracks=(0,), trim=True, quantise=True), "1.mid": FileEdit(tracks=(4,))}
    report, dataset = prepared(music, edits, grid="seconds")
    said = findings(report, "0.mid")
    assert said[:3] == (
        "Only track 1 is read, as you chose.",
        f"Silence taken away: {free['onset'][0] / 960:.1f} s before the first note and 1.0 s after the last note.",
        "Not quantised: its notes follow no grid.",
    )
    assert not any("One hand" in sentence for sentence in said), "that is true of the track that is not read"
    piece = next(piece for piece in dataset.pieces if piece.file == "0.mid")
    assert (piece.notes, dataset.score(piece).notes["onset"][0]) == (60, 0)
    assert report.files[1].verdict == "set aside: none of the tracks that were chosen is in it"


def test_the_verdict_is_that_on_the_tracks_that_were_chosen(music: Path) -> None:
    write_midi_file(music / "0.mid", melody(0), channel=9)
    few = melody(1).notes.copy()
    few["track"][:5] = 1
    write_midi(Score(few, ticks_per_beat=24, tracks=(Track(), Track(channel=1))), music / "1.mid")
    report, _ = prepared(music, {"0.mid": FileEdit(tracks=(0,)), "1.mid": FileEdit(tracks=(1, 0)), "2.mid": FileEdit()})
    assert [one.verdict for one in report.files] == ["ready"] * 6
    assert findings(report, "1.mid") == ("Only tracks 1 and 2 are read, as you chose.",)
    report, _ = prepared(music, {"1.mid": FileEdit(tracks=(1,))})
    assert [one.verdict for one in report.files][:2] == [
        "set aside: drums only",
        "set aside: too short (5 notes, 16 are needed)",
    ]


def test_words_say_what_they_cannot_heed(music: Path) -> None:
    report, _ = prepared(music, {"0.mid": FileEdit(trim=True)}, codec="seed")
    assert report.remarks == (
        "The seed codec reads files as they are: tracks, silence and grid chosen for 1 file are passed over.",
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (None, "does not say what it was made of"),
        ({"made": None}, "does not say what it was made of"),
        ({"files": {"music/0.mid": 7}}, "makes no sense"),
        ({"files": {}}, "makes no sense"),
        ({"files": {"music/../0.mid": ""}}, "lies in none of its folders"),
        ({"files": {"other/0.mid": ""}}, "lies in none of its folders"),
        ({"settings": {"seed": "many"}}, "makes no sense"),
        ({"fingerprint": 5}, "makes no sense"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(music: Path, changes: dict[str, object] | None, said: str) -> None:
    _, dataset = prepared(music)
    path = dataset.folder / "recipe.json"
    contents = json.loads(path.read_text(encoding="utf-8"))
    if changes is None:
        path.unlink()
    else:
        made = {**contents, **changes} if "made" in changes else {**contents, "made": {**contents["made"], **changes}}
        path.write_text(json.dumps(made), encoding="utf-8")
    with pytest.raises(RecipeError, match=said):
        rebuild(RebuildRequest(dataset.folder, music.parent / "again"), silent, CancelToken())


def test_another_program_is_a_reason_to_differ_and_unknown_settings_are_none(music: Path) -> None:
    _, dataset = prepared(music, validation=0.0)
    path = dataset.folder / "recipe.json"
    contents = json.loads(path.read_text(encoding="utf-8"))
    contents["made"] |= {"fingerprint": "0" * 64, "settings": {"validation": 0, "colour": "red"}}
    path.write_text(json.dumps(contents), encoding="utf-8")
    request = RebuildRequest(dataset.folder, music.parent / "again")
    done = rebuild(request, silent, CancelToken())
    assert (done.equal, done.fingerprint) == (False, dataset.fingerprint)
    assert done.reasons == ("All files are as they were; the data set itself was changed, or the program.",)
    contents["made"]["program"] = "0.0.1"
    path.write_text(json.dumps(contents), encoding="utf-8")
    assert "It was made by version 0.0.1 of the program" in rebuild(request, silent, CancelToken()).summary()


def test_a_data_set_keeps_what_it_was_made_of(music: Path) -> None:
    edits = {"1.mid": FileEdit(excluded=True), "2.mid": FileEdit(side="test")}
    report, dataset = prepared(music, edits, seed=4)
    path = dataset.folder / "recipe.json"
    assert read_recipe(path) == Recipe({f"music/{name}": edit for name, edit in edits.items()})
    made = json.loads(path.read_text(encoding="utf-8"))["made"]
    assert made["fingerprint"] == report.fingerprint
    assert made["settings"] == replace(PrepareConfig((music,), music), seed=4).settings
    assert made["sources"] == {"music": str(music)}
    assert list(made["files"]) == [f"music/{number}.mid" for number in range(6)]
    assert [key for key, digest in made["files"].items() if len(digest) != 64] == ["music/1.mid"]
