"""The colours of the program, dark and light, and everything Qt is told about them."""

import gc
import math
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from musicgen_app import environment
from musicgen_app.ui.stylesheet import build_stylesheet

MODES = ("system", "dark", "light")
FONT_POINTS = 10
SECTION_POINTS = 11
SECONDARY_POINTS = 9


@dataclass(frozen=True, slots=True)
class Palette:
    """All colours of one theme, as ``#rrggbb``.

    Attributes:
        window: Behind everything.
        surface: Panels, tables, text fields.
        raised: Buttons, hovered rows.
        selected: Chosen rows.
        hairline: Lines between things.
        field_border: Outline of a control that can be changed; 3 to 1 against the surface.
        text: Words to read.
        secondary: Words beside them.
        disabled: Words and icons that cannot be used now.
        accent: The one strong colour: primary buttons, focus, links, selection.
        accent_hover: The accent under the mouse.
        on_accent: Words on the accent.
        good: Fine.
        warn: Look here.
        bad: Wrong.
        roll_white: Rows of white keys in the piano roll.
        roll_black: Rows of black keys in the piano roll.
        roll_bar: Bar lines.
        roll_beat: Beat lines.
        playhead: The playhead.
        copied: Notes that stand in the training pieces too.
        key_white: White keys of the keyboard column.
        key_black: Black keys of the keyboard column.
        key_text: Names on white keys.
        series: Colours of several curves in one plot, told apart by the colour-blind too.
    """

    window: str
    surface: str
    raised: str
    selected: str
    hairline: str
    field_border: str
    text: str
    secondary: str
    disabled: str
    accent: str
    accent_hover: str
    on_accent: str
    good: str
    warn: str
    bad: str
    roll_white: str
    roll_black: str
    roll_bar: str
    roll_beat: str
    playhead: str
    copied: str
    key_white: str
    key_black: str
    key_text: str
    series: tuple[str, ...]


DARK = Palette(
    window="#1d1e23",
    surface="#25272d",
    raised="#2e3138",
    selected="#2c364a",
    hairline="#383b44",
    field_border="#4a4e5a",
    text="#e7e8eb",
    secondary="#a0a4b0",
    disabled="#6b6f7b",
    accent="#6ea8fe",
    accent_hover="#8bbaff",
    on_accent="#10131a",
    good="#5cc98b",
    warn="#e9b44c",
    bad="#f0717a",
    roll_white="#202228",
    roll_black="#1b1c21",
    roll_bar="#4a4e59",
    roll_beat="#2c2f36",
    playhead="#ff7a66",
    copied="#c9a0ff",
    key_white="#d6d8de",
    key_black="#2a2c33",
    key_text="#4a4e59",
    series=("#6ea8fe", "#e9b44c", "#5cc98b", "#c9a0ff", "#f28b6c", "#6fd3e0", "#e58ac0", "#b9bd5c"),
)

LIGHT = Palette(
    window="#f5f5f7",
    surface="#ffffff",
    raised="#eceef2",
    selected="#e4edfd",
    hairline="#d8dae0",
    field_border="#bfc3cd",
    text="#1c1e23",
    secondary="#5c6170",
    disabled="#9498a4",
    accent="#2560cc",
    accent_hover="#1d51b3",
    on_accent="#ffffff",
    good="#17784a",
    warn="#8a5a0f",
    bad="#bf3340",
    roll_white="#ffffff",
    roll_black="#f0f1f4",
    roll_bar="#b9bdc8",
    roll_beat="#e3e5ea",
    playhead="#e4573f",
    copied="#7a45c4",
    key_white="#ffffff",
    key_black="#4a4e59",
    key_text="#5c6170",
    series=("#2560cc", "#b0700a", "#17784a", "#7a45c4", "#c2502d", "#0f7f8c", "#b23a86", "#6b6f1a"),
)


class Theme(QObject):
    """The theme in use; widgets read it when they paint and listen to ``changed``.

    Args:
        parent: Qt's owner.
        glyphs: Folder for the few recoloured symbols a style sheet can only take from files; the user's
            cache folder where None.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None, glyphs: Path | None = None) -> None:
        super().__init__(parent)
        self._mode = "system"
        self._app: QApplication | None = None
        self._glyphs = glyphs
        self._ramps: dict[bool, tuple[QColor, ...]] = {}
        self._dark = self._wanted_dark()
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_system)

    @property
    def palette(self) -> Palette:
        """The colours in use."""
        return DARK if self._dark else LIGHT

    @property
    def dark(self) -> bool:
        """Whether the dark theme is in use."""
        return self._dark

    @property
    def mode(self) -> str:
        """What was chosen: ``system``, ``dark`` or ``light``."""
        return self._mode

    def set_mode(self, mode: str) -> None:
        """Choose ``system``, ``dark`` or ``light``; anything else counts as ``system``."""
        self._mode = mode if mode in MODES else "system"
        self._refresh()

    def colour(self, name: str) -> QColor:
        """A colour of the palette by its name.

        Raises:
            AttributeError: The palette has no such colour.
        """
        return QColor(str(getattr(self.palette, name)))

    def series_colour(self, index: int) -> QColor:
        """The colour of the curve with this number; they repeat after the last."""
        return QColor(self.palette.series[index % len(self.palette.series)])

    def velocity_colour(self, velocity: int) -> QColor:
        """The colour of a note, brighter the louder it is (velocity 0 to 127)."""
        ramp = self._ramps.get(self._dark)
        if ramp is None:
            ramp = self._ramps[self._dark] = _velocity_ramp(self._dark)
        return ramp[min(max(velocity, 0), 127)]

    def stylesheet(self) -> str:
        """Qt's style sheet for the whole program in these colours."""
        colours = {f.name: str(getattr(self.palette, f.name)) for f in fields(Palette) if f.name != "series"}
        folder = self._glyphs if self._glyphs is not None else environment.user_cache_dir() / "glyphs"
        return build_stylesheet(colours, folder)

    def apply_to(self, app: QApplication) -> None:
        """Dress the program, now and at each change."""
        self._app = app
        app.setStyle("Fusion")
        font = QFont(app.font())
        font.setPointSize(FONT_POINTS)
        app.setFont(font)
        self._dress()

    def qt_palette(self) -> QPalette:
        """The colours as Qt's own palette, for what the style sheet does not reach."""
        qt = QPalette()
        roles = QPalette.ColorRole
        wanted = {
            roles.Window: "window",
            roles.WindowText: "text",
            roles.Base: "surface",
            roles.AlternateBase: "raised",
            roles.Text: "text",
            roles.Button: "raised",
            roles.ButtonText: "text",
            roles.BrightText: "bad",
            roles.ToolTipBase: "raised",
            roles.ToolTipText: "text",
            roles.Highlight: "accent",
            roles.HighlightedText: "on_accent",
            roles.Link: "accent",
            roles.LinkVisited: "accent",
            roles.PlaceholderText: "secondary",
            roles.Mid: "hairline",
            roles.Dark: "hairline",
            roles.Light: "raised",
        }
        for role, name in wanted.items():
            qt.setColor(role, self.colour(name))
        for role in (roles.WindowText, roles.Text, roles.ButtonText):
            qt.setColor(QPalette.ColorGroup.Disabled, role, self.colour("disabled"))
        return qt

    def _wanted_dark(self) -> bool:
        if self._mode != "system":
            return self._mode == "dark"
        return QGuiApplication.styleHints().colorScheme() != Qt.ColorScheme.Light

    def _follow_system(self) -> None:
        if self._mode == "system":
            self._refresh()

    def _refresh(self) -> None:
        dark = self._wanted_dark()
        if dark == self._dark:
            return
        self._dark = dark
        self._dress()
        self.changed.emit()

    def _dress(self) -> None:
        if self._app is None:
            return
        # Qt goes through a list of all widgets here. Python's collector, woken by an event handler on the way, would
        # destroy forgotten ones that are still in that list, and Qt would fall over them.
        collecting = gc.isenabled()
        gc.disable()
        try:
            self._app.setPalette(self.qt_palette())
            self._app.setStyleSheet(self.stylesheet())
        finally:
            if collecting:
                gc.enable()


def velocity_colour(theme: Theme, velocity: int) -> QColor:
    """The colour of a note of this velocity in this theme."""
    return theme.velocity_colour(velocity)


def secondary_font(base: QFont) -> QFont:
    """The font of words beside the main ones."""
    font = QFont(base)
    font.setPointSize(SECONDARY_POINTS)
    return font


def tabular_font(base: QFont, points: int | None = None) -> QFont:
    """A font whose figures all have one width, so that counting numbers do not dance."""
    font = QFont(base)
    if points is not None:
        font.setPointSize(points)
    if hasattr(QFont, "Tag"):
        font.setFeature(QFont.Tag("tnum"), 1)
    return font


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two ``#rrggbb`` colours as WCAG defines it, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# Stops of the velocity colours in OKLCH: how loud (0..1), lightness, chroma, hue in degrees. Lightness is a
# straight line in velocity, so equal steps of loudness look equal, and the order is plain without hue.
_DARK_STOPS = (
    (0.0, 0.48, 0.060, 195.0),
    (0.45, 0.642, 0.105, 160.0),
    (0.75, 0.75, 0.135, 112.0),
    (1.0, 0.84, 0.15, 78.0),
)
_LIGHT_STOPS = (
    (0.0, 0.42, 0.060, 200.0),
    (0.45, 0.564, 0.105, 160.0),
    (0.75, 0.66, 0.135, 112.0),
    (1.0, 0.74, 0.155, 72.0),
)


def _velocity_ramp(dark: bool) -> tuple[QColor, ...]:
    stops = _DARK_STOPS if dark else _LIGHT_STOPS
    return tuple(_between(stops, velocity / 127) for velocity in range(128))


def _between(stops: tuple[tuple[float, float, float, float], ...], loudness: float) -> QColor:
    for low, high in pairwise(stops):
        if loudness <= high[0]:
            share = (loudness - low[0]) / (high[0] - low[0])
            lightness, chroma, hue = (a + share * (b - a) for a, b in zip(low[1:], high[1:], strict=True))
            return _from_oklch(lightness, chroma, hue)
    return _from_oklch(*stops[-1][1:])


def _from_oklch(lightness: float, chroma: float, hue: float) -> QColor:
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    gamma = [12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in (max(0.0, v) for v in linear)]
    return QColor(*(round(255 * min(1.0, c)) for c in gamma))
