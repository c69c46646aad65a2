"""Qt's style sheet, made from the colours of a theme."""

from collections.abc import Mapping
from pathlib import Path
from string import Template

from musicgen_app import environment

# Symbols a style sheet can only take from files: name in resources/icons, the colour it gets, its size in pixels.
_GLYPHS = {
    "down": ("chevron-down", "secondary"),
    "up": ("chevron-up", "secondary"),
    "right": ("chevron-right", "secondary"),
    "tick": ("check", "on_accent"),
    "cross": ("x", "secondary"),
}


def recoloured(svg: str, colour: str) -> str:
    """An outline drawing with its lines in this colour."""
    return svg.replace("currentColor", colour)


def build_stylesheet(colours: Mapping[str, str], folder: Path) -> str:
    """The style sheet in these colours; recoloured symbols are kept in the folder.

    Args:
        colours: Name of a palette colour to its ``#rrggbb``.
        folder: Where the symbols are written; without it (a full disk) the sheet works without symbols.
    """
    values = dict(colours)
    for name, (icon, colour) in _GLYPHS.items():
        values[f"glyph_{name}"] = _glyph(icon, colours[colour], folder)
    sheet = environment.bundled("resources", "themes", "sheet.qss").read_text(encoding="utf-8")
    return Template(sheet).substitute(values)


def _glyph(icon: str, colour: str, folder: Path) -> str:
    source = environment.bundled("resources", "icons", f"{icon}.svg")
    target = folder / f"{icon}-{colour[1:]}.svg"
    wanted = recoloured(source.read_text(encoding="utf-8"), colour)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text(encoding="utf-8") != wanted:
            fresh = target.with_suffix(".part")
            fresh.write_text(wanted, encoding="utf-8")
            fresh.replace(target)
    except OSError:
        return "none"
    return f'url("{target.as_posix()}")'
