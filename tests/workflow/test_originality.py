"""The verb originality: a sentence about a piece, and the figures behind it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import DatasetError, MidiReadError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.core.score import PEDAL_DTYPE, Score
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.generation.human_runs import Usual
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.tokens.notes import seconds_codec
from musicgen_app.workflow.comparisons import Comparisons
from musicgen_app.workflow.originality import (
    Comparison,
    Judgement,
    compare_with,
    originality,
    place_words,
    run_words,
)
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from tests.dataset.music import DRUMS
from tests.generation.tunes import cut, joined, tune, written

STRANGER = "mozart-k545-mvt1.mid"


@pytest.fixture(scope="module")
def others(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled corpus without the piece by Mozart."""
    out = tmp_path_factory.mktemp("set") / "others"
    files = tuple(path for path in sorted((root / "data" / "corpus").glob("*.mid")) if path.name != STRANGER)
    prepare(PrepareConfig(files, out), silent, CancelToken())
    return out


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return written(tmp_path / "tunes", *(tune(seed) for seed in range(1, 7)), held=1)


def known(dataset: Dataset) -> Comparison:
    return compare_with(dataset.folder, silent, CancelToken())


def test_a_piece_by_another_composer_is_within_what_composers_share(root: Path, others: Path) -> None:
    found = originality(root / "data" / "corpus" / STRANGER, others, silent, CancelToken())
    assert found.usual is not None
    assert not found.copied
    assert found.copies.longest_run <= found.usual.high
    assert found.copies.longest_pitch_run <= found.usual.pitch_high
    assert found.verdict == (
        f"Longest run {found.copies.longest_run} notes, within what composers share (up to {found.usual.high})."
    )


def test_a_training_piece_in_another_key_and_tempo_is_copied_as_a_whole(root: Path, others: Path, tmp_path) -> None:
    score = read_midi(root / "data" / "corpus" / "bethena.mid").score
    notes = cut(score, 0, len(score.notes), 3, 2.0)
    write_midi(score.with_notes(notes), tmp_path / "copy.mid")
    found = originality(tmp_path / "copy.mid", others, silent, CancelToken())
    assert found.copied
    assert found.verdict.startswith(f"All {found.copies.notes:,} notes are copied from Bethena, bar 1; composers share")
    piece = next(piece for piece in open_dataset(others).pieces if piece.title == "Bethena")
    assert found.copies.longest_run == piece.notes


def test_the_summary_has_its_keys(dataset: Dataset) -> None:
    take = joined(cut(tune(30), 0, 60), cut(tune(2), 50, 90))
    found = known(dataset).judge(take).summary()
    usual = found["human"]
    assert (found["notes"], found["longest_run"], found["longest_pitch_run"]) == (100, 40, 40)
    bar = int(tune(2).notes["onset"][50]) // 1920 + 1
    assert found["source"] == {"piece": "Piece 1", "bar": bar}
    assert found["shares"] == {"8": 0.4, "12": 0.4, "20": 0.4}
    assert set(usual) == {"low", "high"}
    assert 0 < usual["low"] <= usual["high"] < 40
    assert found["copied"]
    assert found["verdict"] == (
        f"40 notes in a row are copied from Piece 1, bar {bar}; composers share up to {usual['high']}."
    )
    assert found["runs"] == [
        {"notes": 40, "bar": take.notes["onset"][60] // 1920 + 1, "piece": "Piece 1", "source_bar": bar,
         "same_rhythm": True}
    ]  # fmt: skip


def test_an_even_rhythm_hides_nothing(dataset: Dataset) -> None:
    flat = cut(tune(2), 50, 120)
    flat["onset"] = np.arange(70) * 240
    found = known(dataset).judge(joined(cut(tune(30), 0, 60), flat))
    assert found.copied
    assert found.decisive == found.copies.longest_pitches
    assert "70 notes in a row have the pitches of Piece 1, bar " in found.verdict
    assert run_words(found.copies.runs[0]).endswith(", in another rhythm")


def test_a_copy_with_its_rhythm_is_told_as_one_even_where_its_pitches_go_on(dataset: Dataset) -> None:
    copy = cut(tune(2), 50, 110)
    copy["onset"][40:] = copy["onset"][40] + np.arange(20) * 1000
    found = known(dataset).judge(Score(copy))
    assert found.copies.longest_pitch_run == 60
    assert 40 <= found.copies.longest_run < 60
    assert found.decisive == found.copies.longest


def test_words_for_what_cannot_be_judged(dataset: Dataset, tmp_path: Path) -> None:
    nothing = known(dataset).judge(Score())
    assert nothing.verdict == "No two notes of it stand in the training pieces."
    assert nothing.summary()["source"] is None
    lonely = known(written(tmp_path / "one", tune(1))).judge(Score(cut(tune(1), 20, 60)))
    assert lonely.usual is None
    assert not lonely.copied
    assert lonely.verdict.startswith("Longest run 40 notes, from Piece 0, bar ")
    assert lonely.verdict.endswith("; no other work shows what composers share.")
    assert lonely.summary()["human"] is None
    assert "Composers" not in lonely.text()


def test_the_text_lists_the_runs(dataset: Dataset) -> None:
    found = known(dataset).judge(joined(cut(tune(30), 0, 60), cut(tune(2), 50, 90)))
    verdict, shares, run, composers = found.text().splitlines()
    assert verdict == found.verdict
    assert (
        shares == "Of 100 notes: 40.0% in runs of 8 or more, 40.0% in runs of 12 or more, 40.0% in runs of 20 or more."
    )
    assert run.startswith("Bar ")
    assert "40 notes of Piece 1, bar " in run
    assert composers == "Composers: excerpts of 100 notes from 6 works."


def test_what_comes_first_can_be_left_out(dataset: Dataset) -> None:
    take = joined(cut(tune(2), 0, 64), cut(tune(30), 0, 60))
    assert known(dataset).judge(take).copied
    assert not known(dataset).judge(take, skipped=64).copied


def test_a_passage_is_the_music_a_run_was_copied_from(dataset: Dataset) -> None:
    comparison = known(dataset)
    assert comparison.fingerprint == dataset.fingerprint
    (run,) = comparison.judge(Score(cut(tune(2), 50, 90, 4))).copies.runs
    passage = comparison.passage(run)
    assert passage.notes["onset"][0] == 0
    assert passage.notes["pitch"].tolist() == tune(2).notes["pitch"][50:90].tolist()


def test_a_passage_has_its_pedal(tmp_path: Path) -> None:
    score = tune(1)
    onsets = [int(score.notes["onset"][note]) for note in (10, 60, 150)]
    pedals = np.array([(onset, 0, value) for onset, value in zip(onsets, (127, 0, 127), strict=True)], PEDAL_DTYPE)
    comparison = known(written(tmp_path / "set", replace(score, pedals=pedals), tune(2)))
    (run,) = comparison.judge(Score(cut(score, 40, 90))).copies.runs
    assert comparison.passage(run).pedals["value"].tolist() == [0]


def test_without_bars_a_place_is_a_time(tmp_path: Path) -> None:
    dataset = written(tmp_path / "set", tune(1), tune(2, 700), codec=seconds_codec())
    found = known(dataset).judge(Score(cut(tune(2, 700), 500, 560)))
    run = found.copies.runs[0]
    second = int(run.source.second)
    assert second > 60
    assert place_words(run.source) == f"Piece 1, at {second // 60}:{second % 60:02d}"
    assert found.summary()["source"] == {"piece": "Piece 1", "bar": None}


def test_a_range_of_nothing_is_exceeded_by_anything(dataset: Dataset) -> None:
    found = known(dataset).judge(Score(cut(tune(2), 50, 90)))
    assert Judgement(found.copies, Usual(50, 0, 0, 0, 0), 3, "").copied


def test_what_goes_on_is_told(dataset: Dataset) -> None:
    told: list[object] = []
    compare_with(dataset.folder, told.append, CancelToken())
    assert told == [Progress("Reading the training pieces", item="tunes")]


class Nearest:
    """Asks for the nearest music and counts how often pieces are read for it."""

    def __init__(self, project: Path | None, bundled: Path) -> None:
        self.project, self.bundled = project, bundled
        self.comparisons = Comparisons()
        self.read = 0

    def __call__(self, fingerprint: str) -> tuple[str, bool] | None:
        found = self.comparisons.nearest(fingerprint, self.project, self.bundled, self.count, CancelToken())
        return None if found is None else (found[0].fingerprint, found[1])

    def count(self, _report: object) -> None:
        self.read += 1


def test_the_music_a_model_learned_from_is_taken_wherever_it_is(dataset: Dataset, tmp_path: Path) -> None:
    bundled = written(tmp_path / "bundled", tune(8), tune(9))
    nearest = Nearest(dataset.folder, bundled.folder)
    assert nearest(dataset.fingerprint) == (dataset.fingerprint, True)
    assert nearest(bundled.fingerprint) == (bundled.fingerprint, True)
    assert nearest("of another") == nearest("") == (dataset.fingerprint, False)
    assert nearest.read == 2, "what is known is not read again"


def test_only_the_last_data_sets_stay_known(dataset: Dataset, tmp_path: Path) -> None:
    bundled = written(tmp_path / "bundled", tune(8), tune(9))
    nearest = Nearest(dataset.folder, bundled.folder)
    nearest(dataset.fingerprint)
    nearest(bundled.fingerprint)
    nearest(dataset.fingerprint)
    nearest.project = written(tmp_path / "new", tune(10)).folder
    nearest("")
    assert nearest.read == 3
    nearest.project = dataset.folder
    nearest(dataset.fingerprint)
    assert nearest.read == 3
    nearest(bundled.fingerprint)
    assert nearest.read == 4


def test_bundled_music_is_no_measure_for_other_models(dataset: Dataset, tmp_path: Path) -> None:
    for project in (None, tmp_path / "nowhere"):
        assert Nearest(project, dataset.folder)("of another") is None
        assert Nearest(project, tmp_path / "nowhere")(dataset.fingerprint) is None


def test_a_data_set_can_be_replaced_while_it_is_known(dataset: Dataset) -> None:
    comparison = known(dataset)
    (run,) = comparison.judge(Score(cut(tune(2), 50, 90))).copies.runs
    for path in dataset.folder.iterdir():
        path.unlink()
    assert len(comparison.passage(run).notes) == 40


def test_files_that_cannot_be_compared_are_told(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "broken.mid").write_bytes(b"no music")
    write_midi(replace(tune(1), tracks=DRUMS), tmp_path / "drums.mid")
    write_midi(tune(1), tmp_path / "fine.mid")
    with pytest.raises(MidiReadError, match=r"broken\.mid"):
        originality(tmp_path / "broken.mid", dataset.folder, silent, CancelToken())
    with pytest.raises(UsageError, match=r"drums\.mid has no notes"):
        originality(tmp_path / "drums.mid", dataset.folder, silent, CancelToken())
    with pytest.raises(DatasetError, match="nowhere holds no prepared data set"):
        originality(tmp_path / "fine.mid", tmp_path / "nowhere", silent, CancelToken())
