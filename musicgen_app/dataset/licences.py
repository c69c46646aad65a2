"""Licences of pieces, and the one that holds for a mixture of them."""

from collections.abc import Iterable, Sequence

PUBLIC_DOMAIN = "Public Domain"
UNKNOWN = "unknown"
_JOINED = " and "


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
    return _JOINED.join(sorted(name for name in names if strictness[name] == strictest))


def licence_carried_on(base: str, own: str) -> str:
    """The licence of a work that was made from other pieces out of a finished one.

    What the finished one asks for stays named, also beside a licence that is stricter or that nobody knows.

    Args:
        base: The licence of the finished work, as ``licence_of_mixture`` gives it; may be empty.
        own: That of the pieces.
    """
    bases = [name.strip() or UNKNOWN for name in base.split(_JOINED)]
    strictest = licence_of_mixture([*bases, *own.split(_JOINED)]).split(_JOINED)
    return _JOINED.join(sorted({*strictest, *(name for name in bases if _strictness(name) > 0)}))


def forbids_selling(licence: str) -> bool:
    """Whether a licence allows no commercial use, or no changed copies: something to be told before it binds."""
    return any(_strictness(name) == 3 for name in licence.split(_JOINED))


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
