"""A surface to paint music on, in device pixels: what the roll, the miniatures and exported pictures share."""

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QPainter

from musicgen_app.ui.piano_roll.colours import RollColours
from musicgen_app.ui.piano_roll.coordinates import Viewport


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where to paint and what with.

    Everything is painted in whole device pixels, so that lines are sharp at any scale.

    Attributes:
        painter: Its coordinates are device pixels.
        view: The part of the score, in device pixels.
        ratio: Device pixels in a logical one.
        colours: The theme's.
        outlines: Whether shapes must stay shapes, however many there are (an SVG), instead of becoming pixels.
    """

    painter: QPainter
    view: Viewport
    ratio: float
    colours: RollColours
    outlines: bool = False

    @property
    def hair(self) -> int:
        """Thickness of the finest line."""
        return max(1, int(self.ratio))

    def px(self, logical: float) -> int:
        """A length in device pixels."""
        return max(1, round(logical * self.ratio))

    def fill(self, x: int, y: int, width: int, height: int, colour: QColor) -> None:
        """Fill a rectangle."""
        self.painter.fillRect(x, y, width, height, colour)

    def font(self, base: QFont, pixels: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """The font at a height in logical pixels."""
        font = QFont(base)
        font.setPixelSize(max(1, round(pixels * self.ratio)))
        font.setWeight(weight)
        return font
