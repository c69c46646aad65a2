"""The score being edited and its history."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from musicgen_app.core import edits
from musicgen_app.core.score import Score, make_notes
from musicgen_app.ui.score_editor import ScoreEditor


def piece(*pitches: int) -> Score:
    return Score(notes=make_notes([(480 * i, 240, pitch, 64) for i, pitch in enumerate(pitches)]))


def only(*indices: int) -> np.ndarray:
    return np.array(indices, dtype=np.intp)


@pytest.fixture
def editor(qtbot: QtBot) -> ScoreEditor:
    editor = ScoreEditor()
    editor.set_score(piece(60, 62, 64))
    return editor


def test_a_new_document_has_nothing_to_undo_or_save(editor: ScoreEditor) -> None:
    editor.edit("Delete", edits.delete(editor.score, only(0)))
    editor.set_score(piece(50))
    assert not editor.undo_stack.canUndo()
    assert not editor.unsaved
    assert len(editor.selected) == 0


def test_undo_and_redo_swap_whole_scores_with_their_selection(editor: ScoreEditor) -> None:
    before = editor.score
    editor.select(only(2, 0))
    edited = edits.transpose(before, editor.selected, 2)
    editor.edit("Transpose", edited)
    assert editor.score is edited.score
    assert editor.undo_stack.undoText() == "Transpose"
    editor.undo_stack.undo()
    assert editor.score is before
    assert editor.selected.tolist() == [0, 2]
    editor.undo_stack.redo()
    assert editor.score is edited.score
    assert editor.selected.tolist() == edited.selected.tolist()


def test_an_edit_that_changes_nothing_is_no_step_but_selects(editor: ScoreEditor) -> None:
    editor.edit("Transpose", edits.transpose(editor.score, only(1), 0))
    assert not editor.undo_stack.canUndo()
    assert editor.selected.tolist() == [1]


def test_a_whole_score_can_be_an_edit(editor: ScoreEditor) -> None:
    editor.select(only(1))
    editor.edit("Generate", piece(40, 41))
    assert editor.score == piece(40, 41)
    assert len(editor.selected) == 0


def test_presses_of_one_key_in_a_row_are_one_step(editor: ScoreEditor) -> None:
    before = editor.score
    editor.select(only(0))
    for _ in range(5):
        editor.edit("Move up", edits.transpose(editor.score, editor.selected, 1), merge="pitch")
    assert editor.undo_stack.count() == 1
    editor.select(only(1))
    editor.edit("Move up", edits.transpose(editor.score, editor.selected, 1), merge="pitch")
    assert editor.undo_stack.count() == 2
    editor.edit("Move right", edits.move(editor.score, editor.selected, 1), merge="time")
    assert editor.undo_stack.count() == 3
    for _ in range(3):
        editor.undo_stack.undo()
    assert editor.score is before


def test_unsaved_follows_the_history_also_past_a_save(editor: ScoreEditor, qtbot: QtBot) -> None:
    told: list[bool] = []
    editor.unsaved_changed.connect(told.append)
    editor.edit("Delete", edits.delete(editor.score, only(0)))
    editor.mark_saved()
    editor.undo_stack.undo()
    assert editor.unsaved
    editor.undo_stack.redo()
    assert not editor.unsaved
    assert told == [True, False, True, False]


def test_a_streamed_score_is_shown_but_becomes_a_step_only_with_an_edit(editor: ScoreEditor) -> None:
    before = editor.score
    told: list[bool] = []
    editor.streaming_changed.connect(told.append)
    for count in range(1, 4):
        editor.show_streamed(piece(*range(count)))
        assert len(editor.score.notes) == count
        assert editor.streaming
        assert not editor.undo_stack.canUndo()
    editor.edit("Generate", editor.score)
    assert not editor.streaming
    assert told == [True, False]
    editor.undo_stack.undo()
    assert editor.score is before


def test_a_streamed_score_that_nobody_takes_goes_away(editor: ScoreEditor) -> None:
    before = editor.score
    editor.show_streamed(piece(1))
    editor.end_streaming()
    assert editor.score is before
    editor.end_streaming()
    assert editor.score is before


def test_the_selection_is_told_once_and_cannot_be_written_to(editor: ScoreEditor) -> None:
    told: list[int] = []
    editor.selection_changed.connect(lambda: told.append(1))
    editor.select(only(2, 1, 1))
    editor.select(only(1, 2))
    assert told == [1]
    with pytest.raises(ValueError, match="read-only"):
        editor.selected[0] = 0


def test_a_huge_score_keeps_fewer_steps(editor: ScoreEditor) -> None:
    notes = np.tile(make_notes([(0, 1, 60, 64)]), 1_000_000)
    editor.set_score(Score(notes=notes))
    assert 20 <= editor.undo_stack.undoLimit() < 100
