"""The colours of the piano roll, made once for each theme."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from musicgen_app.ui.piano_roll.raster import EDGE, LEVELS, PALETTE_SIZE
from musicgen_app.ui.theme import Theme, contrast, velocity_colour

GHOST_OPACITY = 0.35
BEHIND_OPACITY = 0.3
"""Of the notes of tracks that are not edited."""
_DARK_INK, _LIGHT_INK = QColor("#14161b"), QColor("#ffffff")


@dataclass(frozen=True, slots=True)
class RollColours:
    """Everything the roll is painted with.

    Attributes:
        notes: Body of a note, by level of velocity.
        chosen: Body of a selected note, by level.
        edges: Outline of a note, by level.
        inks: Words on a note, by level.
        palette: What `raster` needs, premultiplied ARGB, shape (PALETTE_SIZE,).
        outline: Around selected notes.
        tracks: Of the tracks; they repeat after the last.
        track_palette: What `raster` needs for notes of other tracks, by the number of the track.
    """

    white_row: QColor
    black_row: QColor
    bar: QColor
    beat: QColor
    step: QColor
    octave: QColor
    text: QColor
    secondary: QColor
    surface: QColor
    window: QColor
    raised: QColor
    hairline: QColor
    accent: QColor
    playhead: QColor
    copied: QColor
    key_white: QColor
    key_black: QColor
    key_text: QColor
    outline: QColor
    notes: tuple[QColor, ...]
    chosen: tuple[QColor, ...]
    edges: tuple[QColor, ...]
    inks: tuple[QColor, ...]
    palette: NDArray[np.uint32]
    tracks: tuple[QColor, ...]
    track_palette: NDArray[np.uint32]


def roll_colours(theme: Theme) -> RollColours:
    """The colours in a theme."""
    named = {
        field: theme.colour(name)
        for field, name in {
            "white_row": "roll_white",
            "black_row": "roll_black",
            "bar": "roll_bar",
            "beat": "roll_beat",
            "text": "text",
            "secondary": "secondary",
            "surface": "surface",
            "window": "window",
            "raised": "raised",
            "hairline": "hairline",
            "accent": "accent",
            "playhead": "playhead",
            "copied": "copied",
            "key_white": "key_white",
            "key_black": "key_black",
            "key_text": "key_text",
        }.items()
    }
    outline = QColor("#ffffff") if theme.dark else QColor("#15171c")
    notes = tuple(velocity_colour(theme, (level * 128 + 64) // LEVELS) for level in range(LEVELS))
    chosen = tuple(blend(colour, QColor("#ffffff"), 0.30 if theme.dark else 0.22) for colour in notes)
    edges = tuple(blend(colour, QColor("#000000"), 0.30) for colour in notes)
    inks = tuple(_ink_on(colour) for colour in notes)
    tracks = tuple(QColor(colour) for colour in theme.palette.series)
    return RollColours(
        **named,
        step=blend(named["white_row"], named["beat"], 0.5),
        octave=blend(named["beat"], named["bar"], 0.4),
        outline=outline,
        notes=notes,
        chosen=chosen,
        edges=edges,
        inks=inks,
        tracks=tracks,
        track_palette=_track_palette(tracks),
        palette=_palette(notes, tuple(blend(colour, outline, 0.55) for colour in notes), edges),
    )


def blend(one: QColor, other: QColor, share: float) -> QColor:
    """A colour between two; 0 is the first."""
    channels = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(a + share * (b - a)) for a, b in channels))


def faded(colour: QColor, opacity: float) -> QColor:
    """The colour, seen through."""
    out = QColor(colour)
    out.setAlphaF(opacity)
    return out


def _ink_on(colour: QColor) -> QColor:
    """Dark or light words, whichever are read more easily."""
    return max((_DARK_INK, _LIGHT_INK), key=lambda ink: contrast(ink.name(), colour.name()))


def _palette(notes: tuple[QColor, ...], selected: tuple[QColor, ...], edges: tuple[QColor, ...]) -> NDArray[np.uint32]:
    palette = np.zeros(PALETTE_SIZE, dtype=np.uint32)
    for level in range(LEVELS):
        bodies = (notes[level], selected[level], faded(notes[level], GHOST_OPACITY))
        rims = (edges[level], selected[level], faded(edges[level], GHOST_OPACITY))
        for kind in range(3):
            palette[1 + kind * LEVELS + level] = _premultiplied(bodies[kind])
            palette[1 + EDGE + kind * LEVELS + level] = _premultiplied(rims[kind])
    return palette


def _track_palette(tracks: tuple[QColor, ...]) -> NDArray[np.uint32]:
    palette = np.zeros(PALETTE_SIZE, dtype=np.uint32)
    for number, colour in enumerate(tracks):
        palette[1 + number] = _premultiplied(faded(colour, BEHIND_OPACITY))
        palette[1 + EDGE + number] = _premultiplied(faded(colour, 1.5 * BEHIND_OPACITY))
    return palette


def _premultiplied(colour: QColor) -> int:
    share = colour.alphaF()
    red, green, blue = (round(channel * share) for channel in (colour.red(), colour.green(), colour.blue()))
    return colour.alpha() << 24 | red << 16 | green << 8 | blue
