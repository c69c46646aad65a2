"""Paints notes: a few with rounded corners and names, many as one picture from numpy."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPen

from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import BEHIND_OPACITY, GHOST_OPACITY, faded
from musicgen_app.ui.piano_roll.coordinates import PITCHES
from musicgen_app.ui.piano_roll.note_index import NoteIndex
from musicgen_app.ui.piano_roll.note_names import pitch_name
from musicgen_app.ui.piano_roll.note_tiles import NoteTiles, Style, draw_note
from musicgen_app.ui.piano_roll.raster import DIMMED, LEVELS, NORMAL, SELECTED, NoteRects, paint_rows, stretch_rows

MOST_ROUNDED = 700
"""Above so many visible notes they are painted by numpy; measured, see tests/benchmarks/bench_roll.py."""

_NONE = np.empty(0, np.intp)
_ROUNDED_ROW = 6.0
_NAMED_ROW = 13.0
_NAMED_WIDTH = 26.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Which notes stand out, as indices, ascending.

    Attributes:
        selected: Brighter, with an outline.
        dimmed: Ghosts of themselves while a drag shows where they will be.
    """

    selected: NDArray[np.intp] = field(default_factory=lambda: _NONE)
    dimmed: NDArray[np.intp] = field(default_factory=lambda: _NONE)

    def kinds(self, notes: NDArray[np.intp]) -> NDArray[np.int64]:
        """`NORMAL`, `SELECTED` or `DIMMED` for each of these notes."""
        out = np.full(len(notes), NORMAL, dtype=np.int64)
        out[among(notes, self.selected)] = SELECTED
        out[among(notes, self.dimmed)] = DIMMED
        return out


PLAIN = Standing()


def among(notes: NDArray[np.intp], some: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether each of these notes is one of some others; both ascending."""
    if len(some) == 0 or len(notes) == 0:
        return np.zeros(len(notes), dtype=bool)
    first, last = int(notes[0]), int(notes[-1])
    start, stop = np.searchsorted(some, [first, last + 1])
    marked = np.zeros(last - first + 1, dtype=bool)
    marked[some[start:stop] - first] = True
    return marked.take(notes - first)


def paint_notes(canvas: Canvas, index: NoteIndex, standing: Standing = PLAIN, font: QFont | None = None) -> int:
    """Paint the visible notes; with a font also their names where there is room. Returns how many there are."""
    view = canvas.view
    _paint_behind(canvas, index)
    seen = index.inside(view.left, view.right, view.lowest, view.highest)
    if len(seen) == 0:
        return 0
    rects = note_rects(canvas, index, seen, standing.kinds(seen))
    if len(seen) > MOST_ROUNDED and not canvas.outlines:
        _paint_many(canvas, rects, canvas.colours.palette)
    else:
        _paint_few(canvas, rects, index.pitch[seen], font)
    return len(seen)


def note_rects(canvas: Canvas, index: NoteIndex, notes: NDArray[np.intp], kinds: NDArray[np.int64]) -> NoteRects:
    """Where notes are painted; those wide enough end a pixel early, so that repeated ones stay apart."""
    view = canvas.view
    low, high = -16 * canvas.ratio, view.width + 16 * canvas.ratio
    left = np.rint(np.clip(view.xs(index.of(index.onset, notes)), low, high)).astype(np.int64)
    right = np.rint(np.clip(view.xs(index.of(index.end, notes)), low, high)).astype(np.int64)
    right -= np.where(right - left > 3 * canvas.hair, canvas.hair, 0)
    level = (index.of(index.velocity, notes) // np.uint8(128 // LEVELS)).astype(np.int64)
    return NoteRects(
        left, np.maximum(right, left + canvas.hair), PITCHES - 1 - index.of(index.pitch, notes), level + kinds * LEVELS
    )


def row_gap(canvas: Canvas) -> int:
    """Pixels left free below a note."""
    return canvas.hair if canvas.view.row_height >= 4 * canvas.ratio else 0


def _paint_behind(canvas: Canvas, index: NoteIndex) -> None:
    """Paint the notes of other tracks faintly, each track in its colour."""
    view = canvas.view
    seen = index.behind(view.left, view.right, view.lowest, view.highest)
    if len(seen) == 0:
        return
    tracks = index.track[seen].astype(np.int64) % len(canvas.colours.tracks)
    rects = note_rects(canvas, index, seen, np.zeros(len(seen), np.int64))
    rects = NoteRects(rects.left, rects.right, rects.row, tracks)
    if not canvas.outlines:
        _paint_many(canvas, rects, canvas.colours.track_palette)
        return
    tops = view.row_edges(rects.row)
    heights = np.maximum(view.row_edges(rects.row + 1) - tops - row_gap(canvas), 1)
    for place, track in enumerate(tracks.tolist()):
        box = (int(rects.left[place]), int(tops[place]), int((rects.right - rects.left)[place]), int(heights[place]))
        canvas.painter.fillRect(QRect(*box), faded(canvas.colours.tracks[track], BEHIND_OPACITY))


def _paint_many(canvas: Canvas, rects: NoteRects, palette: NDArray[np.uint32]) -> None:
    view = canvas.view
    top, bottom = PITCHES - 1 - view.highest, PITCHES - 1 - view.lowest
    moved = NoteRects(rects.left, rects.right, rects.row - top, rects.value)
    painted = paint_rows(moved, view.width, bottom - top + 1)
    edges = view.row_edges(np.arange(top, bottom + 2))
    pixels = stretch_rows(painted, edges, view.height, row_gap(canvas), palette)
    image = QImage(pixels.data, view.width, view.height, 4 * view.width, QImage.Format.Format_ARGB32_Premultiplied)
    canvas.painter.drawImage(0, 0, image)


def _paint_few(canvas: Canvas, rects: NoteRects, pitches: NDArray[np.int64], font: QFont | None) -> None:
    painter, view = canvas.painter, canvas.view
    tops = view.row_edges(rects.row)
    heights = np.maximum(view.row_edges(rects.row + 1) - tops - row_gap(canvas), 1)
    columns = zip(
        rects.left.tolist(), tops.tolist(), (rects.right - rects.left).tolist(), heights.tolist(), strict=True
    )
    boxes = [QRect(*column) for column in columns]
    values = rects.value.tolist()
    painter.save()
    if view.row_height >= _ROUNDED_ROW * canvas.ratio:
        _paint_rounded(canvas, boxes, values)
    else:
        _paint_flat(canvas, boxes, values)
    if font is not None and view.row_height >= _NAMED_ROW * canvas.ratio:
        _paint_names(canvas, boxes, pitches.tolist(), values, font)
    painter.restore()


def _paint_rounded(canvas: Canvas, boxes: list[QRect], values: list[int]) -> None:
    """Paint notes in their order, but the selected last, so that their outlines are whole."""
    painter = canvas.painter
    radius = min(3.0 * canvas.ratio, canvas.view.row_height / 4)
    tiles = NoteTiles(painter, radius)
    styles = {value: _style(canvas, value) for value in set(values)}
    for place in sorted(range(len(boxes)), key=lambda place: values[place] // LEVELS == SELECTED):
        box, value = boxes[place], values[place]
        if value // LEVELS == DIMMED:
            _draw_ghost(painter, box, radius, styles[value])
        elif canvas.outlines:
            draw_note(painter, box, radius, styles[value])
        else:
            tiles.stamp(box, value, styles.__getitem__)


def _paint_flat(canvas: Canvas, boxes: list[QRect], values: list[int]) -> None:
    """Paint notes of low rows, those of one colour together."""
    painter = canvas.painter
    painter.setPen(Qt.PenStyle.NoPen)
    for value in sorted(set(values)):
        style = _style(canvas, value)
        painter.setBrush(style.rim if style.framed else style.body)
        painter.drawRects([box for box, own in zip(boxes, values, strict=True) if own == value])


def _style(canvas: Canvas, value: int) -> Style:
    colours = canvas.colours
    kind, level = divmod(value, LEVELS)
    if kind == SELECTED:
        return Style(colours.chosen[level], colours.outline, 1.5 * canvas.hair, framed=True)
    if kind == DIMMED:
        colour = colours.notes[level]
        return Style(faded(colour, GHOST_OPACITY / 2), faded(colour, 2 * GHOST_OPACITY), float(canvas.hair))
    return Style(colours.notes[level], colours.edges[level], float(canvas.hair))


def _draw_ghost(painter: QPainter, box: QRect, radius: float, style: Style) -> None:
    body, rim, line, _ = style
    pen = QPen(rim, line, Qt.PenStyle.CustomDashLine)
    pen.setDashPattern([3, 3])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.setBrush(body)
    inset = line / 2
    corner = min(radius, box.width() / 4)
    painter.drawRoundedRect(QRectF(box).adjusted(inset, inset, -inset, -inset), corner, corner)
    painter.restore()


def _paint_names(canvas: Canvas, boxes: list[QRect], pitches: list[int], values: list[int], font: QFont) -> None:
    painter, colours = canvas.painter, canvas.colours
    size = min(11.0, canvas.view.row_height / canvas.ratio - 4)
    painter.setFont(canvas.font(font, size, QFont.Weight.DemiBold))
    narrowest = _NAMED_WIDTH * canvas.ratio
    for box, pitch, value in zip(boxes, pitches, values, strict=True):
        kind, level = divmod(value, LEVELS)
        if box.width() < narrowest or kind == DIMMED:
            continue
        painter.setPen(colours.inks[level])
        left = max(box.left(), 0) + canvas.px(5)
        if left + narrowest > box.right():
            continue
        room = QRect(left, box.top(), box.right() - left, box.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, pitch_name(pitch))


def paint_playhead(canvas: Canvas, tick: float) -> None:
    """Draw the playhead from top to bottom."""
    x = canvas.view.x(tick)
    if -8 <= x <= canvas.view.width + 8:
        canvas.painter.fillRect(round(x), 0, canvas.hair, canvas.view.height, canvas.colours.playhead)


def paint_cap(canvas: Canvas, tick: float) -> None:
    """Draw the playhead's handle, a small triangle that stands on the lower edge."""
    x, bottom, size = round(canvas.view.x(tick)), canvas.view.height, canvas.px(5)
    painter = canvas.painter
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(canvas.colours.playhead)
    middle = x + canvas.hair / 2
    corners = [(-size, -2 * size), (size, -2 * size), (size, -size), (0, 0), (-size, -size)]
    painter.drawPolygon([QPointF(middle + across, bottom + down) for across, down in corners])
    painter.restore()
