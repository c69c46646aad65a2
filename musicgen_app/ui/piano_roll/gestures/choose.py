"""Which gesture a press begins, by tool, button and what is under the mouse."""

from PySide6.QtCore import Qt

from musicgen_app.ui.piano_roll.gestures.draw import DrawNote
from musicgen_app.ui.piano_roll.gestures.erase import EraseNotes
from musicgen_app.ui.piano_roll.gestures.gesture import Gesture
from musicgen_app.ui.piano_roll.gestures.move import MoveNotes
from musicgen_app.ui.piano_roll.gestures.pan import Pan
from musicgen_app.ui.piano_roll.gestures.resize import ResizeNotes
from musicgen_app.ui.piano_roll.gestures.rubber_band import RubberBand
from musicgen_app.ui.piano_roll.pointing import BODY, Hit, Pointer, hit_at
from musicgen_app.ui.piano_roll.state import DRAW, ERASE, SELECT, RollState


def begin(state: RollState, pointer: Pointer, button: Qt.MouseButton) -> Gesture | None:
    """The gesture of a press; None where nothing happens (a right click of the select tool opens the menu)."""
    if button == Qt.MouseButton.MiddleButton:
        return Pan(state, pointer)
    if state.editor.streaming:
        return None
    hit = hit_at(state, pointer)
    if button == Qt.MouseButton.RightButton:
        return None if state.tool == SELECT else EraseNotes(state, pointer)
    if button != Qt.MouseButton.LeftButton:
        return None
    if state.tool == ERASE:
        return EraseNotes(state, pointer)
    if hit is not None:
        return _on_note(state, pointer, hit)
    return DrawNote(state, pointer) if state.tool == DRAW else RubberBand(state, pointer)


def _on_note(state: RollState, pointer: Pointer, hit: Hit) -> Gesture:
    if hit.part == BODY or pointer.ctrl:
        return MoveNotes(state, pointer, hit)
    return ResizeNotes(state, pointer, hit)


def hover_cursor(state: RollState, hit: Hit | None) -> Qt.CursorShape | None:
    """Shape of the mouse over a place; None for the picture of the tool."""
    if state.tool == ERASE or (state.tool == DRAW and hit is None):
        return None
    if hit is None:
        return Qt.CursorShape.ArrowCursor
    return Qt.CursorShape.OpenHandCursor if hit.part == BODY else Qt.CursorShape.SizeHorCursor
