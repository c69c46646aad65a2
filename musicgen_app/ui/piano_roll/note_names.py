"""Names of pitches and places, as they are shown."""

from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter

_SHARPS = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
_FLATS = ("C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B")
BLACK_KEYS = frozenset({1, 3, 6, 8, 10})


def is_black(pitch: int) -> bool:
    """Whether a pitch is a black key."""
    return pitch % 12 in BLACK_KEYS


def pitch_name(pitch: int, flats: bool = False) -> str:
    """The name with its octave; 60 is C4."""
    return f"{(_FLATS if flats else _SHARPS)[pitch % 12]}{pitch // 12 - 1}"


def prefers_flats(score: Score, tick: int) -> bool:
    """Whether the key in force at a tick is written with flats."""
    fifths = 0
    for signature in score.key_signatures:
        if signature.onset <= tick:
            fifths = signature.fifths
    return fifths < 0


def place_name(meter: Meter, tick: int) -> str:
    """Bar, beat and the ticks left over: "3:2:240"."""
    at = meter.position(max(0, tick))
    return f"{at.bar}:{at.beat}:{at.tick:03d}"


def clock(seconds: float, decimals: int = 0) -> str:
    """Minutes and seconds: "1:05", with decimals "1:05.2"."""
    units = 10**decimals
    ticks = round(max(0.0, seconds) * units)
    minutes, rest = divmod(ticks, 60 * units)
    whole, part = divmod(rest, units)
    return f"{minutes}:{whole:02d}" + (f".{part:0{decimals}d}" if decimals else "")
