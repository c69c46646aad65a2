"""A whole score in a few pixels, for cards and previews."""

import numpy as np
from PySide6.QtGui import QImage

from musicgen_app.core.score import Score
from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.coordinates import PITCHES, Viewport
from musicgen_app.ui.piano_roll.note_index import NoteIndex
from musicgen_app.ui.piano_roll.note_painting import PLAIN, note_rects, paint_notes
from musicgen_app.ui.piano_roll.raster import NoteRects, paint_rows, stretch_rows

_FEWEST_PITCHES = 24  # a piece of three pitches shall not be three thick bars
_LOWEST_ROW = 2.0


def whole_view(score: Score, index: NoteIndex, width: int, height: int, pad: int) -> Viewport:
    """The view that holds all of a score, ``pad`` pixels from the edges; for an empty score any."""
    room, tall = max(1, width - 2 * pad), max(1, height - 2 * pad)
    low = int(index.pitch.min()) if len(index) else 60
    high = int(index.pitch.max()) if len(index) else 60
    short = max(0, _FEWEST_PITCHES - (high - low + 1))
    low, high = low - short // 2, high + (short + 1) // 2
    row_height = tall / (high - low + 1)
    ticks_per_pixel = max(score.end, 4 * score.ticks_per_beat) / room
    return Viewport(
        left=-pad * ticks_per_pixel,
        top=PITCHES - 1 - high - pad / row_height,
        ticks_per_pixel=ticks_per_pixel,
        row_height=row_height,
        width=max(1, width),
        height=max(1, height),
    )


def paint_miniature(canvas: Canvas, index: NoteIndex) -> None:
    """Paint all notes; rows lower than two pixels are put together, so that no note vanishes."""
    view = canvas.view
    if view.row_height >= _LOWEST_ROW:
        paint_notes(canvas, index)
        return
    if len(index) == 0:
        return
    seen = np.arange(len(index), dtype=np.intp)
    rects = note_rects(canvas, index, seen, PLAIN.kinds(seen))
    rows = max(1, int(view.height / _LOWEST_ROW))
    row = np.clip((rects.row - view.top) * view.row_height / _LOWEST_ROW, 0, rows - 1).astype(np.int64)
    painted = paint_rows(NoteRects(rects.left, rects.right, row, rects.value), view.width, rows)
    edges = np.rint(np.arange(rows + 1) * _LOWEST_ROW).astype(np.int64)
    pixels = stretch_rows(painted, edges, view.height, 0, canvas.colours.palette)
    image = QImage(pixels.data, view.width, view.height, 4 * view.width, QImage.Format.Format_ARGB32_Premultiplied)
    canvas.painter.drawImage(0, 0, image)
