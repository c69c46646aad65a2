"""Licences of pieces, and the one that holds for a mixture of them."""

from collections.abc import Iterable, Sequence

PUBLIC_DOMAIN = "Public Domain"
UNKNOWN = "unknown"


def licence_of_mixture(licences: Iterable[str]) -> str:
    """The licence to put on a work made from all of these.

    The strictest decides: a piece whose licence nobody knows makes the whole unknown, a non-commercial or share-alike
    licence passes on to the whole, then attribution, then the public domain. Several of the strictest kind are all
    named. Nothing at all is unknown.
    """
    names = {name.strip() or UNKNOWN for name in licences}
    if not names:
        return UNKNOWN
    strictness = {name: _strictness(name) for name in names}
    strictest = max(strictness.values())
    return " and ".join(sorted(name for name in names if strictness[name] == strictest))


def distinct(attributions: Sequence[str]) -> tuple[str, ...]:
    """The attributions that are not empty, each once, in order of first appearance."""
    return tuple(dict.fromkeys(line.strip() for line in attributions if line.strip()))


def _strictness(name: str) -> int:
    words = name.upper().replace("-", " ").split()
    if "PUBLIC" in words or "CC0" in words or "PD" in words:
        return 0
    if "NC" in words or "ND" in words:
        return 3
    if "SA" in words:
        return 2
    if "BY" in words:
        return 1
    return 4
