"""Another sample rate for what is written: a long windowed sinc, so that nothing audible is lost or added."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

_TAPS = 192
"""Input frames that each output frame is made of: 20 kHz passes, 22.05 kHz is 100 dB down."""
_BETA = 10.0
_CHUNK = 2048


class Resampler:
    """Turns blocks of one rate into blocks of another; the same input gives the same output however it is cut.

    Args:
        rate_in: Frames a second of what comes in.
        rate_out: Frames a second of what goes out.
    """

    def __init__(self, rate_in: int, rate_out: int) -> None:
        step = Fraction(rate_in, rate_out)
        self._up, self._down = step.denominator, step.numerator
        offsets = np.arange(_TAPS) - (_TAPS // 2 - 1)
        distance = offsets[None, :] - np.arange(self._up)[:, None] / self._up
        # The filter ends where the lower of both rates can tell no more.
        cutoff = min(1.0, rate_out / rate_in) * 0.955
        window = np.i0(_BETA * np.sqrt(np.maximum(1 - (2 * distance / _TAPS) ** 2, 0))) / np.i0(_BETA)
        weights = cutoff * np.sinc(cutoff * distance) * window
        self._weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
        self._input: NDArray[np.float32] = np.zeros((2, _TAPS // 2 - 1), np.float32)
        self._dropped = -(_TAPS // 2 - 1)
        self._taken = 0
        self._made = 0

    def resample(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take in a block of shape (2, frames) and return what can be told now."""
        self._taken += block.shape[1]
        return self._go_on(block, (self._taken - _TAPS // 2) * self._up // self._down)

    def rest(self) -> NDArray[np.float32]:
        """What is left after the last block: in all, as many seconds go out as came in."""
        end = -(-self._taken * self._up // self._down)
        return self._go_on(np.zeros((2, _TAPS), np.float32), end)

    def _go_on(self, block: NDArray[np.float32], until: int) -> NDArray[np.float32]:
        self._input = np.concatenate([self._input, block], axis=1)
        parts = [np.zeros((2, 0), np.float32)]
        while self._made < until:
            count = min(until - self._made, _CHUNK)
            places = np.arange(self._made, self._made + count) * self._down
            first = places // self._up - (_TAPS // 2 - 1) - self._dropped
            windows = np.lib.stride_tricks.sliding_window_view(self._input, _TAPS, axis=1)[:, first]
            parts.append(np.einsum("cft,ft->cf", windows, self._weights[places % self._up]))
            self._made += count
        unused = self._made * self._down // self._up - (_TAPS // 2 - 1) - self._dropped
        self._input = self._input[:, max(unused, 0) :]
        self._dropped += max(unused, 0)
        return np.concatenate(parts, axis=1)
