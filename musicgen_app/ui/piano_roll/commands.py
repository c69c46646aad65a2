"""What a piano roll can do on request, by the ids of the table of actions (``ui/roll_action_table``).

`PianoRoll.commands()` returns ``dict[str, Callable[[], None]]``, so that menus, tool buttons and keys can reach the
roll. It answers the keys itself while it has the focus; no single letter ever fires while a text field has it.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtWidgets import QWidget

from musicgen_app.core import edits
from musicgen_app.core.command_table import COMMANDS
from musicgen_app.core.commands import Command as EditCommand
from musicgen_app.core.commands import Value
from musicgen_app.core.edits import Edited, Selected
from musicgen_app.core.score import Score
from musicgen_app.ui.piano_roll.clipboard import copied_score, put_on_clipboard
from musicgen_app.ui.piano_roll.command_dialog import CommandDialog
from musicgen_app.ui.piano_roll.state import DRAW, ERASE, SELECT, RollState
from musicgen_app.ui.roll_action_table import COMMAND_PREFIX

Command = Callable[[], None]

_VELOCITY_STEP = 5


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
        self._given: dict[str, dict[str, Value]] = {}
        self.dialog: CommandDialog | None = None

    def table(self) -> dict[str, Command]:
        """All commands by their ids."""
        edits_of_notes = {f"{COMMAND_PREFIX}{command.id}": partial(self.run, command) for command in COMMANDS}
        return {**self._edit_menu(), **self._tools(), **self._notes(), **self._views(), **edits_of_notes}

    def _edit_menu(self) -> dict[str, Command]:
        stack = self._editor.undo_stack
        return {
            "undo": self._unless_streaming(stack.undo),
            "redo": self._unless_streaming(stack.redo),
            "cut": self.cut,
            "copy": self.copy,
            "paste": self.paste,
            "duplicate": self.duplicate,
            "delete": self.delete,
            "select_all": self.select_all,
            "select_none": self.select_none,
        }

    def _tools(self) -> dict[str, Command]:
        state = self._state
        return {
            "tool_select": lambda: state.set_tool(SELECT),
            "tool_draw": lambda: state.set_tool(DRAW),
            "tool_erase": lambda: state.set_tool(ERASE),
            "toggle_draw": lambda: state.set_tool(SELECT if state.tool == DRAW else DRAW),
        }

    def _notes(self) -> dict[str, Command]:
        return {
            "quantise": self.quantise,
            "transpose_up": lambda: self._transpose("Up a semitone", 1),
            "transpose_down": lambda: self._transpose("Down a semitone", -1),
            "octave_up": lambda: self._transpose("Up an octave", 12),
            "octave_down": lambda: self._transpose("Down an octave", -12),
            "move_left": lambda: self._move(-1),
            "move_right": lambda: self._move(1),
            "fine_left": lambda: self._move_finely(-1),
            "fine_right": lambda: self._move_finely(1),
            "shorter": lambda: self._lengthen(-1),
            "longer": lambda: self._lengthen(1),
            "louder": lambda: self._louder("Louder", _VELOCITY_STEP),
            "softer": lambda: self._louder("Softer", -_VELOCITY_STEP),
        }

    def _views(self) -> dict[str, Command]:
        state = self._state
        return {
            "zoom_fit": state.fit,
            "zoom_in": lambda: self._zoom(1.4),
            "zoom_out": lambda: self._zoom(1 / 1.4),
            "follow": lambda: state.set_follow(not state.follow),
            "loop_selection": self.loop_selection,
            "clear_loop": lambda: state.set_loop(None),
        }

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
        self._editor.edit("Paste", edits.paste(self._editor.score, clip, onset, self._state.tracks.edited))

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
        self._editor.select(self._state.index.everything())

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
            score, chosen if len(chosen) else self._state.index.everything(), self._state.snap.step_grid(score)
        )
        kept = edited.selected if len(chosen) else chosen
        self._editor.edit("Quantise", Edited(edited.score, kept))

    def run(self, command: EditCommand) -> None:
        """Do a command to the selected notes, or to all where none is selected; first ask what it has to be told."""
        chosen = self._editor.selected if len(self._editor.selected) else self._state.index.everything()
        if self._editor.streaming or len(chosen) == 0:
            return
        if not command.parameters:
            self._editor.edit(command.title, command.run(self._editor.score, chosen))
            return
        given = {**self._given.get(command.id, {}), **self._at_hand(command, chosen)}
        self.dialog = CommandDialog(command, self._editor, chosen, given, self._window)
        if self.dialog.exec() == CommandDialog.DialogCode.Accepted:
            self._given[command.id] = self.dialog.values()
        self.dialog.deleteLater()

    def _at_hand(self, command: EditCommand, chosen: Selected) -> dict[str, Value]:
        """Values that follow from what is seen: they go before those of last time."""
        if command.id == "set-velocity":
            return {"velocity": round(float(self._state.index.velocity[chosen].mean()))}
        return {"tick": self._state.playhead} if command.id == "split-at" else {}

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
