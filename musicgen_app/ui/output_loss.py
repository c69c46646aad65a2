"""What is known when an output plays no more."""

from dataclasses import dataclass

from musicgen_app.audio.outputs import OutputChoice


@dataclass(frozen=True, slots=True)
class Loss:
    """An output that plays no more.

    Attributes:
        output: What it was.
        sentence: What happened.
        next_best: What could play instead, the same one tried anew perhaps; None where nothing sounds by itself.
        playing: Whether music was stopped by it.
    """

    output: OutputChoice
    sentence: str
    next_best: OutputChoice | None
    playing: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What there was to play on after a failure.

    Attributes:
        sentence: What happened.
        best: The next best output; None where nothing sounds by itself.
        is_lost: Whether it is only to be offered: what failed had played, or nothing is left to be tried.
    """

    sentence: str
    best: OutputChoice | None
    is_lost: bool
