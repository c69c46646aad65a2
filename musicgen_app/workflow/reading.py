"""Reads a row of files: one after the other here, or by whoever else hands over what it found in their order."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from musicgen_app.core.progress import CancelToken
from musicgen_app.dataset.sources import Credit, Source, read_credits, title_of

T = TypeVar("T")

Credited = tuple[Source, Credit]
Look = Callable[[Path, Source, Credit], T]
"""Reads one file: where its bytes lie at the moment, which file it is, and what is known of it."""


class Readers(Protocol):
    """Whoever reads files."""

    def __call__(self, look: Look[T], files: Iterable[Credited], cancel: CancelToken) -> Iterator[T]:
        """What ``look`` finds in each file, in their order.

        Raises:
            Cancelled: Stopped on request.
        """
        ...


def read_here(look: Look[T], files: Iterable[Credited], cancel: CancelToken) -> Iterator[T]:
    """Read one file after the other, each when it is asked for."""
    for source, credit in files:
        cancel.check()
        yield look(source.path, source, credit)


def credits_of(sources: Iterable[Source]) -> Iterator[Credited]:
    """Files with what is known of them; each has a title."""
    known: dict[Path, Mapping[str, Credit]] = {}
    for source in sources:
        folder = source.path.parent
        if folder not in known:
            known[folder] = read_credits(folder)
        credit = known[folder].get(source.path.name, Credit())
        yield source, replace(credit, title=credit.title or title_of(source.path))
