"""Thousands of random edits, undone and redone in any order: nothing is lost, nothing piles up."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from musicgen_app import environment
from musicgen_app.core import edit_pedal, edit_signs, edit_tempo, edit_tracks, edits
from musicgen_app.core.asides import Marker
from musicgen_app.core.command_table import COMMANDS
from musicgen_app.core.edits import Edited
from musicgen_app.core.errors import UsageError
from musicgen_app.core.score import KeySignature, Score, TimeSignature, Track, make_notes
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.autosave import Autosave, pending
from musicgen_app.project.document import Project
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.piano_roll.piano_roll import PianoRoll
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.theme import Theme

DEEPEST = 60
"""Steps that can be undone at one time; far below what the history keeps."""
MOST_GROWTH_MB = 15

Random = np.random.Generator


def test_random_edits_and_undo_lead_back_to_the_beginning(qtbot: QtBot, tmp_path: Path) -> None:
    walk(qtbot, tmp_path, steps=300)


@pytest.mark.slow
def test_ten_thousand_random_edits_and_undo_lead_back_to_the_beginning(qtbot: QtBot, tmp_path: Path) -> None:
    before, after = walk(qtbot, tmp_path, steps=10_000)
    assert after - before < MOST_GROWTH_MB, (before, after)


def walk(qtbot: QtBot, folder: Path, steps: int) -> tuple[float, float]:
    """Edit, undo and redo at random while the roll looks on; megabytes used after a fifth of the way and at the end."""
    start = read_midi(environment.bundled("data", "corpus", "clair-de-lune.mid")).score
    project = Project.create(folder / "Walk.musicgen")
    keeper, editor, theme = Autosave(project.folder), ScoreEditor(), Theme(glyphs=folder)
    roll = PianoRoll(theme, Icons(theme), editor)
    qtbot.addWidget(roll)
    roll.resize(900, 600)
    editor.set_score(start)
    editor.undo_stack.indexChanged.connect(lambda: keeper.note_edit(editor.score))
    rng = np.random.default_rng(5)
    shown = [start]
    used = [0.0]
    for step in range(steps):
        one_step(editor, shown, rng)
        assert editor.score == shown[editor.undo_stack.index()], step
        if step % 50 == 0:
            qtbot.wait(1)  # what is thrown away goes when the program comes to rest
        if step == steps // 5:
            used[0] = megabytes()
        if step % (steps // 3) == 0 and editor.undo_stack.index():
            found = pending(project)
            assert found is not None
            assert found.score == editor.score
            roll.grab()
    used.append(megabytes())
    file = folder / "middle.mid"
    write_midi(editor.score, file)
    assert len(read_midi(file).score.notes) == len(editor.score.notes)
    while editor.undo_stack.canUndo():
        editor.undo_stack.undo()
    assert editor.score == start
    assert not editor.unsaved
    write_midi(editor.score, file)
    assert np.array_equal(read_midi(file).score.notes, start.notes)
    keeper.close()
    return used[0], used[1]


def one_step(editor: ScoreEditor, shown: list[Score], rng: Random) -> None:
    """An edit, or a step back or forth in the history; what is shown at each place of it is noted."""
    stack, lot = editor.undo_stack, rng.random()
    deep = stack.index() >= DEEPEST or len(editor.score.notes) > 3 * len(shown[0].notes)
    if stack.canUndo() and (deep or lot < 0.35):
        for _ in range(int(rng.integers(1, 20 if deep else 4))):
            stack.undo()
        return
    if stack.canRedo() and lot < 0.5:
        stack.redo()
        return
    at = stack.index()
    choose(editor, rng)
    try:
        name, edited = change(editor, rng)
    except UsageError:
        return
    editor.edit(name, edited)
    if stack.index() > at:
        del shown[stack.index() :]
        shown.append(editor.score)


def choose(editor: ScoreEditor, rng: Random) -> None:
    """Select nothing, a passage, or some notes here and there."""
    count, way = len(editor.score.notes), rng.integers(3)
    if way == 0 or count == 0:
        editor.select(np.empty(0, np.intp))
    elif way == 1:
        first = int(rng.integers(count))
        editor.select(np.arange(first, min(first + int(rng.integers(1, 200)), count)))
    else:
        editor.select(rng.choice(count, max(1, count // 20), replace=False))


def change(editor: ScoreEditor, rng: Random) -> tuple[str, Edited | Score]:
    """A command of the table, or what lanes, signs, tracks and tools do."""
    score = editor.score
    chosen = editor.selected if len(editor.selected) else np.arange(len(score.notes), dtype=np.intp)
    if rng.random() < 0.6:
        command = COMMANDS[int(rng.integers(len(COMMANDS)))]
        return command.title, command.run(score, chosen)
    acts = BY_HAND
    act = acts[int(rng.integers(len(acts)))]
    return act.__name__, act(score, chosen, rng)


def tick(score: Score, rng: Random) -> int:
    return int(rng.integers(0, max(score.end, 1) + 1))


def draw(score: Score, _chosen: np.ndarray, rng: Random) -> Edited:
    pitch = int(rng.integers(21, 109))
    return edits.insert(score, make_notes([(tick(score, rng), 240, pitch, 80, int(rng.integers(len(score.tracks))))]))


def paste(score: Score, chosen: np.ndarray, rng: Random) -> Edited:
    return edits.paste(score, edits.copy(score, chosen[:50]), tick(score, rng))


def drag(score: Score, chosen: np.ndarray, rng: Random) -> Edited:
    return edits.move(score, chosen, int(rng.integers(-960, 960)), int(rng.integers(-13, 13)))


def loudness(score: Score, chosen: np.ndarray, rng: Random) -> Edited:
    return edits.set_velocity(score, chosen, rng.integers(1, 128, len(chosen)))


def pedal(score: Score, _chosen: np.ndarray, rng: Random) -> Score:
    track = int(rng.integers(len(score.tracks)))
    value = 127 if rng.random() < 0.7 else 0
    return edit_pedal.draw_pedal(score, track, tick(score, rng), tick(score, rng), value)


def tempo(score: Score, _chosen: np.ndarray, rng: Random) -> Score:
    first, last = sorted((tick(score, rng), tick(score, rng)))
    return edit_tempo.ramp_tempo(score, first, last, float(rng.integers(40, 90)), float(rng.integers(90, 200)), 480)


def sign(score: Score, _chosen: np.ndarray, rng: Random) -> Score:
    at = tick(score, rng)
    kinds: tuple[Callable[[], Score], ...] = (
        lambda: edit_signs.set_marker(score, Marker(at, f"Place {at}")),
        lambda: edit_signs.set_key_signature(score, KeySignature(at, int(rng.integers(-7, 8)))),
        lambda: edit_signs.set_time_signature(score, TimeSignature(at, int(rng.integers(2, 9)), 4)),
        lambda: edit_signs.remove_marker(score, score.markers[0].onset if score.markers else 0),
    )
    return kinds[int(rng.integers(len(kinds)))]()


def track(score: Score, chosen: np.ndarray, rng: Random) -> Score | Edited:
    number = int(rng.integers(len(score.tracks)))
    way = rng.integers(4)
    if way == 0 and len(score.tracks) < 12:
        return edit_tracks.add_track(score, Track(f"Part {len(score.tracks)}", int(rng.integers(128)), number))
    if way == 1 and len(score.tracks) > 1:
        return edit_tracks.remove_track(score, number)
    if way == 2:
        return edit_tracks.move_to_track(score, chosen, number)
    return edit_tracks.rename_track(score, number, f"Name {rng.integers(1000)}")


BY_HAND: tuple[Callable[[Score, np.ndarray, Random], Edited | Score], ...] = (
    draw,
    paste,
    drag,
    loudness,
    pedal,
    tempo,
    sign,
    track,
)


def megabytes() -> float:
    """Memory of this process; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
