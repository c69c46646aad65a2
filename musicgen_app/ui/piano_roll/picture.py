"""Draws a whole score into a PNG or SVG file, line below line like a page of music; needs no screen."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from musicgen_app.core.errors import UsageError
from musicgen_app.core.files import write_atomically
from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter, TempoMap
from musicgen_app.ui.piano_roll.canvas import Canvas
from musicgen_app.ui.piano_roll.colours import RollColours, roll_colours
from musicgen_app.ui.piano_roll.coordinates import PITCHES, Viewport
from musicgen_app.ui.piano_roll.grid_painting import bar_lines, paint_lines, paint_rows
from musicgen_app.ui.piano_roll.note_index import NoteIndex
from musicgen_app.ui.piano_roll.note_names import clock, pitch_name
from musicgen_app.ui.piano_roll.note_painting import paint_notes
from musicgen_app.ui.theme import Theme, tabular_font

WIDTH = 1600
"""Of a picture, in logical pixels."""

_MARGIN, _HEADER, _BARS, _GAP, _NAMES = 48, 76, 20, 28, 40
_ROW = 6.0
_FEWEST_PITCHES = 24
_TALLEST = 1.45  # times the width: about a page, as long as the bars do not become too narrow
_SCALE = 2.0
_MOST_PIXELS = 80_000_000


@dataclass(frozen=True, slots=True)
class Page:
    """How a score is broken into lines.

    Attributes:
        edges: First tick of each line, and the tick after the last.
        low: Lowest pitch shown.
        high: Highest pitch shown.
        width: Logical pixels.
    """

    edges: tuple[int, ...]
    low: int
    high: int
    width: int

    @property
    def span(self) -> int:
        """Ticks in the longest line."""
        return max(end - start for start, end in pairwise(self.edges))

    @property
    def line_height(self) -> int:
        """Of the notes alone, in logical pixels."""
        return round((self.high - self.low + 1) * _ROW)

    @property
    def height(self) -> int:
        """Of the whole picture, in logical pixels."""
        return _page_height(self.line_height, len(self.edges) - 1)


def page_of(score: Score, width: int = WIDTH) -> Page:
    """Break a score into lines of equally many bars, as many lines as make a page of sensible shape."""
    index = NoteIndex(score)
    low = max(0, int(index.pitch.min()) - 2) if len(index) else 48
    high = min(PITCHES - 1, int(index.pitch.max()) + 2) if len(index) else 72
    missing = max(0, _FEWEST_PITCHES - (high - low + 1))
    low, high = max(0, low - missing // 2), min(PITCHES - 1, high + (missing + 1) // 2)
    return Page(_line_edges(score, round((high - low + 1) * _ROW), width), low, high, width)


def _line_edges(score: Score, line_height: int, width: int) -> tuple[int, ...]:
    """Where lines begin, always with a bar, and where the last one ends."""
    meter = Meter(score)
    onsets = meter.bar_onsets(0, max(score.end, 1))
    end = meter.bar_onset(meter.position(int(onsets[-1])).bar + 1)
    lengths = np.diff(np.append(onsets, end))
    most_lines = 1
    while _page_height(line_height, most_lines + 1) <= _TALLEST * width:
        most_lines += 1
    # Counted in bars of the usual length, as a change of metre makes others.
    usual = int(np.median(lengths))
    bars = max(4, -(-end // (usual * most_lines)))
    bars += -bars % (4 if bars > 8 else 2)
    edges = [0]
    while edges[-1] + bars * usual < end:
        last = int(np.searchsorted(onsets, edges[-1] + bars * usual, side="right")) - 1
        following = int(onsets[last]) if onsets[last] > edges[-1] else int(onsets[last] + lengths[last])
        edges.append(following)
    return (*edges, end) if edges[-1] < end else tuple(edges)


def _page_height(line_height: int, lines: int) -> int:
    return _MARGIN + _HEADER + lines * (line_height + _BARS) + (lines - 1) * _GAP + _MARGIN


def save_picture(score: Score, path: Path, dark: bool = False, width: int = WIDTH, title: str = "") -> None:
    """Draw a score; the suffix says whether as PNG (at twice the size, for sharp print) or as SVG.

    Works with or without a window and without a screen.

    Args:
        score: The score.
        path: Where to; ends in .png or .svg.
        dark: Light notes on dark.
        width: Logical pixels; the height follows from the score.
        title: Shown above; the file's name where empty.

    Raises:
        UsageError: The path has another suffix.
        FileWriteError: The file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in (".png", ".svg"):
        raise UsageError(f"{path.name} is neither a PNG nor an SVG.", "Choose a name that ends in .png or .svg.")
    # The application must live as long as something is painted.
    app = QGuiApplication.instance() or QGuiApplication(["musicgen", "-platform", "offscreen"])
    theme = Theme(app)
    theme.set_mode("dark" if dark else "light")
    drawing = _Drawing(score, page_of(score, width), roll_colours(theme), title or path.stem)
    write_atomically(path, drawing.svg() if suffix == ".svg" else drawing.png())
    theme.deleteLater()


class _Drawing:
    def __init__(self, score: Score, page: Page, colours: RollColours, title: str) -> None:
        self._score = score
        self._page = page
        self._colours = colours
        self._title = title
        self._index = NoteIndex(score)
        self._meter = Meter(score)
        self._tempo_map = TempoMap(score)
        self._font = tabular_font(QGuiApplication.font())

    def png(self) -> bytes:
        scale = _SCALE
        while self._page.width * self._page.height * scale * scale > _MOST_PIXELS and scale > 0.5:
            scale /= 2
        image = QImage(round(self._page.width * scale), round(self._page.height * scale), QImage.Format.Format_RGB32)
        painter = QPainter(image)
        self._draw(painter, scale, outlines=False)
        painter.end()
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]
        buffer.close()
        return bytes(content.data())

    def svg(self) -> bytes:
        content = QByteArray()
        buffer = QBuffer(content)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(QSize(self._page.width, self._page.height))
        generator.setViewBox(QRect(0, 0, self._page.width, self._page.height))
        generator.setTitle(self._title)
        painter = QPainter(generator)
        self._draw(painter, 1.0, outlines=True)
        painter.end()
        return bytes(content.data())

    def _draw(self, painter: QPainter, ratio: float, outlines: bool) -> None:
        page, colours = self._page, self._colours
        whole = Canvas(painter, Viewport(width=1, height=1), ratio, colours, outlines)
        whole.fill(0, 0, round(page.width * ratio), round(page.height * ratio), colours.surface)
        self._draw_header(whole)
        room = page.width - 2 * _MARGIN - _NAMES
        ticks_per_pixel = page.span / room
        for number, (start, end) in enumerate(pairwise(page.edges)):
            top = _MARGIN + _HEADER + number * (page.line_height + _BARS + _GAP)
            view = Viewport(
                left=start,
                top=PITCHES - 1 - page.high,
                ticks_per_pixel=ticks_per_pixel,
                row_height=_ROW,
                width=max(1, round((end - start) / ticks_per_pixel)),
                height=page.line_height,
            ).scaled(ratio)
            canvas = Canvas(painter, view, ratio, colours, outlines)
            painter.save()
            painter.translate(round((_MARGIN + _NAMES) * ratio), round(top * ratio))
            self._draw_bar_numbers(canvas)
            painter.translate(0, canvas.px(_BARS))
            self._draw_names(canvas)
            painter.setClipRect(QRectF(0, 0, view.width, view.height))
            paint_rows(canvas)
            paint_lines(canvas, self._meter, None)
            paint_notes(canvas, self._index)
            canvas.fill(view.width - canvas.hair, 0, canvas.hair, view.height, colours.bar)
            painter.restore()

    def _draw_header(self, canvas: Canvas) -> None:
        painter, ratio = canvas.painter, canvas.ratio
        left, width = canvas.px(_MARGIN + _NAMES), canvas.px(self._page.width - 2 * _MARGIN - _NAMES)
        painter.setPen(self._colours.text)
        painter.setFont(canvas.font(self._font, 26, QFont.Weight.DemiBold))
        title = QRect(left, canvas.px(_MARGIN - 8), width, canvas.px(36))
        shown = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, width)
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setPen(self._colours.secondary)
        painter.setFont(canvas.font(self._font, 14))
        below = QRect(left, round((_MARGIN + 28) * ratio), width, canvas.px(24))
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, self._facts())

    def _facts(self) -> str:
        score = self._score
        count = len(score.notes)
        signature = self._meter.signature(0)
        return "   ·   ".join(
            [
                f"{count:,} {'note' if count == 1 else 'notes'}",
                clock(self._tempo_map.second(score.end)),
                f"{signature.numerator}/{signature.denominator}",
                f"{self._tempo_map.beats_per_minute(0):.0f} beats a minute",
            ]
        )

    def _draw_bar_numbers(self, canvas: Canvas) -> None:
        painter, view = canvas.painter, canvas.view
        painter.setPen(self._colours.secondary)
        painter.setFont(canvas.font(self._font, 11, QFont.Weight.Medium))
        bars = bar_lines(self._meter, view, 40 * canvas.ratio)
        for bar, tick in zip(bars.numbers.tolist(), bars.onsets.tolist(), strict=True):
            x = round(view.x(tick))
            if 0 <= x < view.width - canvas.px(8):
                room = QRect(x + canvas.px(2), 0, canvas.px(60), canvas.px(_BARS - 3))
                painter.drawText(room, Qt.AlignmentFlag.AlignBottom, str(bar))

    def _draw_names(self, canvas: Canvas) -> None:
        painter, view = canvas.painter, canvas.view
        painter.setPen(self._colours.secondary)
        painter.setFont(canvas.font(self._font, 11))
        for pitch in range(self._page.low, self._page.high + 1):
            if pitch % 12 == 0:
                y = view.row_edge(PITCHES - 1 - pitch)
                room = QRect(-canvas.px(_NAMES), y - canvas.px(6), canvas.px(_NAMES - 8), canvas.px(18))
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(room, right, pitch_name(pitch))
