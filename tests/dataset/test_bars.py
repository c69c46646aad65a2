"""Places in the pieces of a data set have the bar numbers of the files they come from."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.core.score import Score, TimeSignature
from musicgen_app.core.timing import Meter
from musicgen_app.dataset.bars import Bars, bars_of, first_bar
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.midi.writer import write_midi
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from tests.dataset.music import melody

WALTZ = (TimeSignature(0, 3, 4), TimeSignature(24 * 30, 6, 8))


def delayed(score: Score, ticks: int) -> Score:
    notes = score.notes.copy()
    notes["onset"] = notes["onset"] - notes["onset"][0] + ticks
    return score.with_notes(notes)


def prepared(folder: Path, *scores: Score, **settings: object) -> Dataset:
    (folder / "music").mkdir()
    for number, score in enumerate(scores):
        write_midi(score, folder / "music" / f"{number}.mid")
    prepare(PrepareConfig((folder / "music",), folder / "set", **settings), silent, CancelToken())  # type: ignore[arg-type]
    return open_dataset(folder / "set")


def test_time_signatures_stand_on_the_grid_of_the_rows() -> None:
    score = replace(melody(1, ticks_per_beat=480), time_signatures=(TimeSignature(0, 3, 4), TimeSignature(1440, 2, 4)))
    assert bars_of(score, 5) == Bars(((0, 3, 4), (72, 2, 4)), 5)
    assert bars_of(Score(), 1) == Bars()


def test_a_score_without_notes_begins_with_the_first_bar() -> None:
    assert first_bar(Score()) == 1


def test_a_piece_keeps_its_metre_and_the_bar_it_begins_with(tmp_path: Path) -> None:
    late = delayed(replace(melody(1, 200), time_signatures=WALTZ), 7 * 72 + 24)
    dataset = prepared(tmp_path, late, melody(2, 200), melody(3, 40))
    piece, plain, _ = dataset.pieces
    assert dataset.has_bars
    assert (piece.first_bar, plain.first_bar) == (8, 1)
    assert piece.metre == ((0, 3, 4), (24 * 30 - 7 * 72, 6, 8))
    assert plain.metre == ()
    score = dataset.score(piece)
    file, rows = Meter(late), Meter(score)
    scale = score.ticks_per_beat // late.ticks_per_beat
    for onset in late.notes["onset"].tolist():
        bar = rows.position((onset - 7 * 72) * scale).bar + piece.first_bar - 1
        assert bar == file.position(onset).bar


def test_the_second_part_of_a_work_that_is_cut_goes_on_counting(tmp_path: Path) -> None:
    whole = delayed(replace(melody(1, 400), time_signatures=WALTZ[:1]), 2 * 72)
    dataset = prepared(tmp_path, whole, validation=0.2)
    learned, held = dataset.pieces
    assert learned.first_bar == 3
    first_held = int(whole.notes["onset"][learned.notes])
    assert held.first_bar == Meter(whole).position(first_held).bar - (
        Meter(dataset.score(held)).position(int(dataset.score(held).notes["onset"][0])).bar - 1
    )
    assert held.metre == learned.metre == ((0, 3, 4),)


def test_music_without_a_beat_has_no_bars(tmp_path: Path) -> None:
    score = replace(melody(1, 200), time_signatures=WALTZ)
    dataset = prepared(tmp_path, score, melody(2), grid="seconds")
    assert not dataset.has_bars
    assert {(piece.metre, piece.first_bar) for piece in dataset.pieces} == {((), 1)}
    assert np.array_equal(dataset.score(dataset.pieces[0]).time_signatures, ())
