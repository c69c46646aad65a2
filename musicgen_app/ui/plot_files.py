"""Writes a loss plot into a PNG, SVG or CSV file; needs no screen."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from musicgen_app.core.errors import UsageError
from musicgen_app.core.files import write_atomically
from musicgen_app.project.plot_drawing import LossDrawing
from musicgen_app.project.plot_svg import PlotLook, plot_svg
from musicgen_app.project.plot_table import plot_table
from musicgen_app.ui.theme import Palette

SUFFIXES = (".png", ".svg", ".csv")
_SIZE = (1200, 700)
_SCALE = 2


def look_of(palette: Palette) -> PlotLook:
    """A theme's colours for a picture."""
    return PlotLook(palette.surface, palette.text, palette.secondary, palette.hairline, palette.series)


def check_suffix(path: Path) -> str:
    """What kind of file is to be written.

    Raises:
        UsageError: None that a plot can be written as.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{path.name} is no PNG, SVG or CSV.", "Choose a name that ends in .png, .svg or .csv.")
    return suffix


def save_plot(drawing: LossDrawing, path: Path, palette: Palette, size: tuple[int, int] = _SIZE) -> None:
    """Write what is seen: as a picture (PNG at twice the size, for sharp print; SVG), or as a table (CSV).

    Args:
        drawing: What is seen.
        path: Where to; its suffix says which.
        palette: Colours of a picture.
        size: Of a picture, in logical pixels.

    Raises:
        UsageError: The path has another suffix.
        FileWriteError: The file cannot be written.
    """
    suffix = check_suffix(path)
    if suffix == ".csv":
        write_atomically(path, plot_table(drawing).encode())
        return
    text = plot_svg(drawing, look_of(palette), size)
    write_atomically(path, text.encode() if suffix == ".svg" else svg_as_png(text, size, _SCALE))


def svg_as_png(text: str, size: tuple[int, int], scale: float) -> bytes:
    """An SVG picture in pixels; works with or without a window.

    Args:
        text: The SVG.
        size: Logical pixels.
        scale: Pixels a logical pixel.
    """
    # The application must live as long as something is painted.
    app = QGuiApplication.instance() or QGuiApplication(["musicgen", "-platform", "offscreen"])
    image = QImage(round(size[0] * scale), round(size[1] * scale), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(text.encode())).render(painter)
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    del app
    return bytes(content.data())
