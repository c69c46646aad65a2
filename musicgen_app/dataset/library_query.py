"""Questions to a library: which files, in which order, with what a person has decided about some of them."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from musicgen_app.core.errors import UsageError
from musicgen_app.dataset.library_tables import MEASURES, PLAIN_SORTS, SORTS

Kind = Literal["all", "ready", "repaired", "set aside", "waiting", "excluded", "missing"]
"""Which files: those that are there, those of a verdict, those a person has left out, or those that are gone."""

_TEXTS = ("key", "metre", "composer", "title", "verdict")
LEFT_OUT = "SELECT file FROM decided WHERE excluded"
_KINDS = {
    "all": "state < 2",
    "ready": "state = 1 AND {verdict} = 'ready'",
    "repaired": "state = 1 AND {verdict} = 'repaired'",
    "set aside": "state = 1 AND {verdict} LIKE 'set aside%'",
    "waiting": "state = 0",
    "excluded": "state < 2",
    "missing": "state = 2",
}


@dataclass(frozen=True, slots=True)
class Span:
    """Only files whose value in a column lies in a range.

    Attributes:
        column: One of ``library_tables.SORTS``, with numbers, or of ``library_tables.MEASURES``.
        low, high: From the first, up to but not including the second.

    Raises:
        UsageError: There is no such column.
    """

    column: str
    low: float
    high: float

    def __post_init__(self) -> None:
        if self.column not in MEASURES:
            _see(self.column)

    def clause(self, decided: bool) -> tuple[str, list[Any]]:
        """The condition, and its values."""
        column = shown_column(self.column, decided)
        return f"{column} >= ? AND {column} < ?", [self.low, self.high]


@dataclass(frozen=True, slots=True)
class Among:
    """Only files whose value in a column is one of some.

    Attributes:
        column: One of ``library_tables.SORTS``.
        values: What it may be.

    Raises:
        UsageError: There is no such column.
    """

    column: str
    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        _see(self.column)

    def clause(self, decided: bool) -> tuple[str, list[Any]]:
        """The condition, and its values."""
        return f"{shown_column(self.column, decided)} IN ({', '.join('?' for _ in self.values)})", [*self.values]


def condition_of(text: str) -> Span | Among:
    """The condition that a person wrote: ``tempo=96..120``, ``notes=1000..``, or ``key=C major,A minor``.

    Raises:
        UsageError: It is none.
    """
    column, equals, wanted = text.partition("=")
    low, dots, high = wanted.partition("..")
    try:
        if equals and dots:
            return Span(column.strip(), float(low or "-inf"), float(high or "inf"))
        if equals and column.strip() in _TEXTS:
            return Among(column.strip(), tuple(value.strip() for value in wanted.split(",")))
    except ValueError:
        pass
    known = ", ".join(sorted({*SORTS, *MEASURES} - set(_TEXTS) - {"path"}))
    raise UsageError(
        f'"{text}" is no condition.',
        f"Write tempo=96..120 (also {known}), or key=C major,A minor (also {', '.join(_TEXTS[1:])}).",
    )


@dataclass(frozen=True, slots=True)
class Query:
    """Which files, in which order.

    Attributes:
        sort: One of ``library_tables.SORTS`` or ``PLAIN_SORTS``; of equal files the one found first is the lesser.
        descending: The other way round.
        words: Each has to occur in path, title, composer, verdict or findings; case does not matter.
        kind: Which files at all.
        only: Each of these conditions has to hold.

    Raises:
        UsageError: Nothing can be sorted by that.
    """

    sort: str = "path"
    descending: bool = False
    words: tuple[str, ...] = ()
    kind: Kind = "all"
    only: tuple[Span | Among, ...] = ()

    def __post_init__(self) -> None:
        _see(self.sort)
        if self.kind not in get_args(Kind):
            raise UsageError(f'There are no files that are "{self.kind}".', f"Choose {', '.join(get_args(Kind))}.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that decide the order, the last ones among equals."""
        return (*{**SORTS, **PLAIN_SORTS}[self.sort], "id")

    def order(self, decided: bool) -> str:
        """The clause that puts rows in order."""
        way = " DESC" if self.descending else ""
        return ", ".join(f"{shown_column(column, decided)}{way}" for column in self.columns)

    def where(self, decided: bool) -> tuple[str, list[Any]]:
        """The clause that chooses rows, and its values.

        Args:
            decided: Whether there is a table of what a person has decided about some files.
        """
        clauses = [_KINDS[self.kind].format(verdict=shown_column("verdict", decided))]
        if self.kind == "excluded":
            clauses.append(f"files.id IN ({LEFT_OUT})" if decided else "0")
        elif decided and self.kind not in ("all", "missing"):
            clauses.append(f"files.id NOT IN ({LEFT_OUT})")
        values: list[Any] = []
        for condition in self.only:
            clause, bound = condition.clause(decided)
            clauses.append(clause)
            values += bound
        if self.words:
            text = "text" if not decided else "words.text || ' ' || coalesce(told.text, '')"
            joined = "" if not decided else " LEFT JOIN told USING (file)"
            tests = " AND ".join(f"instr({text}, ?) > 0" for _ in self.words)
            clauses.append(f"files.id IN (SELECT words.file FROM words{joined} WHERE {tests})")
        return " AND ".join(clauses), [*values, *(word.casefold() for word in self.words)]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person has decided about a file; an empty text leaves what the file says itself.

    A verdict is that of a file which is no duplicate any more, as its original is left out.
    """

    title: str = ""
    composer: str = ""
    key: str = ""
    excluded: bool = False
    verdict: str = ""


def _see(column: str) -> None:
    known = {**SORTS, **PLAIN_SORTS}
    if column not in known:
        raise UsageError(f'Files cannot be sorted by "{column}".', f"Choose one of {', '.join(known)}.")


def shown_column(name: str, decided: bool) -> str:
    """A column as it is shown: with what a person has decided, where there is something."""
    if name == "side":
        return "coalesce((SELECT side FROM uses WHERE file = files.id), '')"
    if name in MEASURES:
        return MEASURES[name]
    if decided and name in ("title", "composer", "key", "title_key", "composer_key", "verdict"):
        return f"coalesce((SELECT nullif({name}, '') FROM decided WHERE file = files.id), files.{name})"
    return f"files.{name}"
