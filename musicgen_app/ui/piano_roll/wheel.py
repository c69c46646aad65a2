"""What the wheel does over the roll, its ruler and its keys."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QWheelEvent

from musicgen_app.ui.piano_roll.state import RollState

_NOTCH = 120.0
_PIXELS_A_NOTCH = 60.0
_ZOOM_A_NOTCH = 1.2


def wheel(state: RollState, event: QWheelEvent, place: QPointF, over_time: bool = False) -> None:
    """Scroll or zoom.

    The plain wheel scrolls the pitches, with Shift the time; Ctrl zooms the time at the mouse, Ctrl+Shift the pitches.

    Args:
        state: The roll.
        event: The wheel's.
        place: The mouse in the roll's pixels.
        over_time: The mouse is over the ruler or a lane, where there are no pitches: the plain wheel scrolls time.
    """
    held = event.modifiers()
    ctrl = bool(held & Qt.KeyboardModifier.ControlModifier)
    shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
    across, down = _way(event)
    view = state.viewport
    if ctrl:
        factor = _ZOOM_A_NOTCH ** ((down or across) / _NOTCH)
        zoomed = view.zoomed_pitch(factor, place.y()) if shift else view.zoomed_time(factor, place.x())
        state.set_viewport(zoomed)
    elif (shift or over_time) and across == 0:
        state.set_viewport(view.scrolled(across=-down / _NOTCH * _PIXELS_A_NOTCH))
    else:
        state.set_viewport(
            view.scrolled(across=-across / _NOTCH * _PIXELS_A_NOTCH, down=-down / _NOTCH * _PIXELS_A_NOTCH)
        )
    event.accept()


def _way(event: QWheelEvent) -> tuple[float, float]:
    """How far the wheel was turned, in eighths of a degree; touchpads tell pixels too, which are finer."""
    pixels = event.pixelDelta()
    if not pixels.isNull():
        scale = _NOTCH / _PIXELS_A_NOTCH
        return pixels.x() * scale, pixels.y() * scale
    turned = event.angleDelta()
    if event.modifiers() & Qt.KeyboardModifier.AltModifier:
        # Qt swaps the axes while Alt is held.
        return 0.0, float(turned.y() or turned.x())
    return float(turned.x()), float(turned.y())
