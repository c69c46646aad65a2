"""Edits of what stands above the notes: time signatures, key signatures and markers.

There is at most one of a kind at a tick: putting one there replaces the other.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from musicgen_app.core.asides import Marker
from musicgen_app.core.score import KeySignature, Score, TimeSignature

_Sign = TypeVar("_Sign", TimeSignature, KeySignature, Marker)


def set_time_signature(score: Score, signature: TimeSignature) -> Score:
    """Let a metre hold from its tick on."""
    return replace(score, time_signatures=(*_elsewhere(score.time_signatures, signature.onset), signature))


def remove_time_signature(score: Score, tick: int) -> Score:
    """Take out the time signature at a tick; the metre before it holds on."""
    return replace(score, time_signatures=_elsewhere(score.time_signatures, tick))


def set_key_signature(score: Score, signature: KeySignature) -> Score:
    """Let a key hold from its tick on."""
    return replace(score, key_signatures=(*_elsewhere(score.key_signatures, signature.onset), signature))


def remove_key_signature(score: Score, tick: int) -> Score:
    """Take out the key signature at a tick; the key before it holds on."""
    return replace(score, key_signatures=_elsewhere(score.key_signatures, tick))


def set_marker(score: Score, marker: Marker) -> Score:
    """Name a place."""
    return replace(score, markers=(*_elsewhere(score.markers, marker.onset), marker))


def remove_marker(score: Score, tick: int) -> Score:
    """Take out what markers stand at a tick."""
    return replace(score, markers=_elsewhere(score.markers, tick))


def _elsewhere(signs: Iterable[_Sign], tick: int) -> tuple[_Sign, ...]:
    return tuple(sign for sign in signs if sign.onset != tick)
