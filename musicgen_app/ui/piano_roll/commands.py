"""What a piano roll can do on request, by name.

`PianoRoll.commands()` returns ``dict[str, Callable[[], None]]`` with the identifiers below, so that menus, tool
buttons and shortcuts of the window can reach the roll. The roll itself answers the keys in brackets while it has the
focus; no single letter ever fires while a text field has it.

Edit menu: ``edit.undo`` ``edit.redo`` ``edit.cut`` ``edit.copy`` ``edit.paste`` (at the playhead) ``edit.duplicate``
``edit.delete`` (Del, Backspace) ``edit.select_all`` ``edit.select_none`` (Esc).

Tools: ``roll.tool_select`` (1) ``roll.tool_draw`` (2) ``roll.tool_erase`` (3) ``roll.toggle_draw`` (B).

Notes: ``roll.quantise`` (Q) ``roll.transpose_up`` (Up) ``roll.transpose_down`` (Down) ``roll.octave_up`` (Shift+Up)
``roll.octave_down`` (Shift+Down) ``roll.move_left`` (Left) ``roll.move_right`` (Right) ``roll.fine_left`` (Alt+Left)
``roll.fine_right`` (Alt+Right) ``roll.shorter`` (Shift+Left) ``roll.longer`` (Shift+Right) ``roll.louder`` (Ctrl+Up)
``roll.softer`` (Ctrl+Down) ``roll.set_velocity`` (V: opens a small dialog).

View: ``roll.fit`` (F: the selection, or everything) ``roll.zoom_in`` (+) ``roll.zoom_out`` (-)
``roll.follow`` (toggles).

Playback: ``roll.loop_selection`` (the loop goes round the selected notes), ``roll.clear_loop``.
"""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QWidget

from musicgen_app.core import edits
from musicgen_app.core.edits import Edited, Selected
from musicgen_app.core.score import Score
from musicgen_app.ui.piano_roll.clipboard import copied_score, put_on_clipboard
from musicgen_app.ui.piano_roll.state import DRAW, ERASE, SELECT, RollState

Command = Callable[[], None]

COMMAND_IDS: tuple[str, ...] = (
    "edit.undo",
    "edit.redo",
    "edit.cut",
    "edit.copy",
    "edit.paste",
    "edit.duplicate",
    "edit.delete",
    "edit.select_all",
    "edit.select_none",
    "roll.tool_select",
    "roll.tool_draw",
    "roll.tool_erase",
    "roll.toggle_draw",
    "roll.quantise",
    "roll.transpose_up",
    "roll.transpose_down",
    "roll.octave_up",
    "roll.octave_down",
    "roll.move_left",
    "roll.move_right",
    "roll.fine_left",
    "roll.fine_right",
    "roll.shorter",
    "roll.longer",
    "roll.louder",
    "roll.softer",
    "roll.set_velocity",
    "roll.fit",
    "roll.zoom_in",
    "roll.zoom_out",
    "roll.follow",
    "roll.loop_selection",
    "roll.clear_loop",
)
"""Every identifier that `PianoRoll.commands()` answers."""

_KEYS = Qt.Key
_NO, _SHIFT, _CTRL, _ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
_BY_KEY: dict[tuple[Qt.Key, Qt.KeyboardModifier], str] = {
    (_KEYS.Key_Delete, _NO): "edit.delete",
    (_KEYS.Key_Backspace, _NO): "edit.delete",
    (_KEYS.Key_Escape, _NO): "edit.select_none",
    (_KEYS.Key_Z, _CTRL): "edit.undo",
    (_KEYS.Key_Z, _CTRL | _SHIFT): "edit.redo",
    (_KEYS.Key_Y, _CTRL): "edit.redo",
    (_KEYS.Key_X, _CTRL): "edit.cut",
    (_KEYS.Key_C, _CTRL): "edit.copy",
    (_KEYS.Key_V, _CTRL): "edit.paste",
    (_KEYS.Key_D, _CTRL): "edit.duplicate",
    (_KEYS.Key_A, _CTRL): "edit.select_all",
    (_KEYS.Key_1, _NO): "roll.tool_select",
    (_KEYS.Key_2, _NO): "roll.tool_draw",
    (_KEYS.Key_3, _NO): "roll.tool_erase",
    (_KEYS.Key_B, _NO): "roll.toggle_draw",
    (_KEYS.Key_Q, _NO): "roll.quantise",
    (_KEYS.Key_V, _NO): "roll.set_velocity",
    (_KEYS.Key_F, _NO): "roll.fit",
    (_KEYS.Key_Plus, _NO): "roll.zoom_in",
    (_KEYS.Key_Plus, _SHIFT): "roll.zoom_in",
    (_KEYS.Key_Minus, _NO): "roll.zoom_out",
    (_KEYS.Key_Up, _NO): "roll.transpose_up",
    (_KEYS.Key_Down, _NO): "roll.transpose_down",
    (_KEYS.Key_Up, _SHIFT): "roll.octave_up",
    (_KEYS.Key_Down, _SHIFT): "roll.octave_down",
    (_KEYS.Key_Left, _NO): "roll.move_left",
    (_KEYS.Key_Right, _NO): "roll.move_right",
    (_KEYS.Key_Left, _ALT): "roll.fine_left",
    (_KEYS.Key_Right, _ALT): "roll.fine_right",
    (_KEYS.Key_Left, _SHIFT): "roll.shorter",
    (_KEYS.Key_Right, _SHIFT): "roll.longer",
    (_KEYS.Key_Up, _CTRL): "roll.louder",
    (_KEYS.Key_Down, _CTRL): "roll.softer",
}
_VELOCITY_STEP = 5


def command_for(key: Qt.Key, modifiers: Qt.KeyboardModifier) -> str | None:
    """The command of a key while the roll has the focus; None where it has none."""
    return _BY_KEY.get((key, modifiers & ~Qt.KeyboardModifier.KeypadModifier))


class RollCommands:
    """Does what the identifiers say, to the selection of a roll.

    Args:
        state: The roll.
        window: Owner of dialogs.
    """

    def __init__(self, state: RollState, window: QWidget) -> None:
        self._state = state
        self._window = window
        self._editor = state.editor

    def table(self) -> dict[str, Command]:
        """All commands by their identifiers."""
        actions = [*self._edit_menu(), *self._tools(), *self._notes(), *self._views()]
        return dict(zip(COMMAND_IDS, actions, strict=True))

    def _edit_menu(self) -> list[Command]:
        stack = self._editor.undo_stack
        return [
            self._unless_streaming(stack.undo),
            self._unless_streaming(stack.redo),
            self.cut,
            self.copy,
            self.paste,
            self.duplicate,
            self.delete,
            self.select_all,
            self.select_none,
        ]

    def _tools(self) -> list[Command]:
        state = self._state
        return [
            lambda: state.set_tool(SELECT),
            lambda: state.set_tool(DRAW),
            lambda: state.set_tool(ERASE),
            lambda: state.set_tool(SELECT if state.tool == DRAW else DRAW),
        ]

    def _notes(self) -> list[Command]:
        return [
            self.quantise,
            lambda: self._transpose("Up a semitone", 1),
            lambda: self._transpose("Down a semitone", -1),
            lambda: self._transpose("Up an octave", 12),
            lambda: self._transpose("Down an octave", -12),
            lambda: self._move(-1),
            lambda: self._move(1),
            lambda: self._move_finely(-1),
            lambda: self._move_finely(1),
            lambda: self._lengthen(-1),
            lambda: self._lengthen(1),
            lambda: self._louder("Louder", _VELOCITY_STEP),
            lambda: self._louder("Softer", -_VELOCITY_STEP),
            self.ask_velocity,
        ]

    def _views(self) -> list[Command]:
        state = self._state
        return [
            state.fit,
            lambda: self._zoom(1.4),
            lambda: self._zoom(1 / 1.4),
            lambda: state.set_follow(not state.follow),
            self.loop_selection,
            lambda: state.set_loop(None),
        ]

    # Clipboard and selection

    def cut(self) -> None:
        """Copy the selected notes and take them out."""
        if self._can_edit():
            self.copy()
            self._editor.edit("Cut", edits.delete(self._editor.score, self._editor.selected))

    def copy(self) -> None:
        """Put the selected notes on the clipboard."""
        if len(self._editor.selected):
            put_on_clipboard(edits.copy(self._editor.score, self._editor.selected))

    def paste(self) -> None:
        """Put the clipboard's notes at the playhead."""
        clip = copied_score()
        if clip is None or len(clip.notes) == 0 or self._editor.streaming:
            return
        onset = self._state.snapped(self._state.playhead)
        self._editor.edit("Paste", edits.paste(self._editor.score, clip, onset))

    def duplicate(self) -> None:
        """Repeat the selected notes right behind themselves, on the grid."""
        if self._can_edit():
            index, chosen = self._state.index, self._editor.selected
            first, last = int(index.onset[chosen].min()), int(index.end[chosen].max())
            grid = self._state.snap.grid(self._editor.score)
            ticks = last - first if grid is None else max(int(grid.ceil(last)) - int(grid.floor(first)), 1)
            self._editor.edit("Duplicate", edits.duplicate(self._editor.score, chosen, ticks))

    def delete(self) -> None:
        """Take the selected notes out."""
        if self._can_edit():
            self._editor.edit("Delete", edits.delete(self._editor.score, self._editor.selected))

    def select_all(self) -> None:
        """Select every note."""
        self._editor.select(edits.everything(self._editor.score))

    def select_none(self) -> None:
        """Select nothing."""
        self._editor.select(np.empty(0, np.intp))

    # Notes

    def quantise(self) -> None:
        """Pull the selected notes, or all where none is selected, to the grid."""
        score, chosen = self._editor.score, self._editor.selected
        if self._editor.streaming or len(score.notes) == 0:
            return
        edited = edits.quantise(
            score, chosen if len(chosen) else edits.everything(score), self._state.snap.step_grid(score)
        )
        kept = edited.selected if len(chosen) else chosen
        self._editor.edit("Quantise", Edited(edited.score, kept))

    def ask_velocity(self) -> None:
        """Ask for one velocity for all selected notes."""
        if not self._can_edit():
            return
        chosen = self._editor.selected
        now = round(float(self._state.index.velocity[chosen].mean()))
        velocity, agreed = QInputDialog.getInt(self._window, "Set velocity", "Velocity, 1 to 127:", now, 1, 127)
        if agreed:
            self._editor.edit("Set velocity", edits.set_velocity(self._editor.score, chosen, velocity))

    def loop_selection(self) -> None:
        """Let the loop go round the selected notes, on the grid."""
        index, chosen = self._state.index, self._editor.selected
        if len(chosen):
            grid = self._state.snap.step_grid(self._editor.score)
            start, stop = grid.floor(index.onset[chosen].min()), grid.ceil(index.end[chosen].max())
            self._state.set_loop((int(start), int(stop)))

    def _transpose(self, name: str, semitones: int) -> None:
        self._change(name, "pitch", lambda score, chosen: edits.transpose(score, chosen, semitones))
        chosen = self._editor.selected
        if 0 < len(chosen) <= 8:
            for note in chosen.tolist():
                self._state.sound(int(self._state.index.pitch[note]), int(self._state.index.velocity[note]))

    def _move(self, steps: int) -> None:
        """Move by the grid: the first selected note goes to the next line, the others keep their distance."""
        if not self._can_edit():
            return
        first = int(self._state.index.onset[self._editor.selected].min())
        grid = self._state.snap.step_grid(self._editor.score)
        ticks = (grid.after(first) if steps > 0 else grid.before(first)) - first
        self._change("Move", "time", lambda score, chosen: edits.move(score, chosen, ticks))

    def _move_finely(self, ticks: int) -> None:
        self._change("Move", "fine", lambda score, chosen: edits.move(score, chosen, ticks))

    def _lengthen(self, steps: int) -> None:
        step = steps * max(1, int(self._state.snap.step_grid(self._editor.score).step))
        self._change("Change length", "length", lambda score, chosen: edits.resize_ends(score, chosen, step))

    def _louder(self, name: str, amount: int) -> None:
        self._change(name, "velocity", lambda score, chosen: edits.shift_velocity(score, chosen, amount))

    def _change(self, name: str, merge: str, change: Callable[[Score, Selected], Edited]) -> None:
        if self._can_edit():
            self._editor.edit(name, change(self._editor.score, self._editor.selected), merge)

    def _can_edit(self) -> bool:
        return len(self._editor.selected) > 0 and not self._editor.streaming

    def _unless_streaming(self, act: Command) -> Command:
        def guarded() -> None:
            if not self._editor.streaming:
                act()

        return guarded

    def _zoom(self, factor: float) -> None:
        """Round the playhead where it is seen, else round the middle."""
        view = self._state.viewport
        x = view.x(self._state.playhead)
        self._state.set_viewport(view.zoomed_time(factor, x if 0 < x < view.width else view.width / 2))
