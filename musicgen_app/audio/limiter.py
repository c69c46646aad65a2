"""A gentle limiter: keeps the sum of many strings below full scale without a sound of its own."""

import numpy as np
from numpy.typing import NDArray

HOP = 128
LATENCY = 2 * HOP
"""Frames by which the output is later than the input."""
CEILING = 0.89
_RECOVERY = 0.02
"""Part of the way back to full level that is made in each hop: half of it in about 90 ms."""
_RAMP = (np.arange(HOP) / HOP).astype(np.float32)


class Limiter:
    """Turns loud moments down, beginning before they come; the same input gives the same output however it is cut.

    Time is divided into hops of `HOP` frames. Each hop has a level low enough for its own peak. The gain runs in
    straight lines between the hops' borders, and stands at each border as low as both neighbours ask; so a hop can be
    put out once its successor is known.
    """

    def __init__(self) -> None:
        self._level = 1.0
        self._input: NDArray[np.float32] = np.zeros((2, 0), np.float32)
        self._ready: NDArray[np.float32] = np.zeros((2, LATENCY), np.float32)

    def limit(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take in a block of shape (2, frames) and return as many frames, `LATENCY` later."""
        self._input = np.concatenate([self._input, block], axis=1)
        hops = self._input.shape[1] // HOP
        ready = self._ready
        if hops > 1:
            done = (hops - 1) * HOP
            ready = np.concatenate([ready, self._input[:, :done] * self._gains(hops)], axis=1)
            self._input = self._input[:, done:]
        frames = block.shape[1]
        self._ready = ready[:, frames:]
        return ready[:, :frames]

    def _gains(self, hops: int) -> NDArray[np.float32]:
        """The gain of every frame of all complete hops but the last, which only says what is coming."""
        peaks = np.abs(self._input[:, : hops * HOP]).reshape(2, hops, HOP).max(axis=(0, 2))
        if self._level == 1.0 and float(peaks.max()) <= CEILING:
            return np.ones((hops - 1) * HOP, np.float32)
        allowed = np.minimum(1.0, CEILING / np.maximum(peaks, CEILING)).tolist()
        levels = [self._level]
        for most in allowed:
            recovered = levels[-1] + _RECOVERY * (1.0 - levels[-1])
            levels.append(min(most, recovered if recovered < 0.9999 else 1.0))
        borders = np.array([*map(min, levels[:-1], levels[1:])], np.float32)
        self._level = levels[-2]
        return (borders[:-1, None] + np.diff(borders)[:, None] * _RAMP).ravel()
