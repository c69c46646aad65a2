"""A row of the seeds' experiment table: its cells word for word, and what can be read in them."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

SEED_COLUMNS = (
    "test_id",
    "learning_rate",
    "batch_size",
    "epochs",
    "sequence_length",
    "weight_decay",
    "optimizer",
    "dropout",
    "random pick",
    "loss",
    "score",
    "runtime(min.)",
    "comments",
    "Problems",
)
"""The columns of the table this program grew from come first, so that the tables can be laid side by side."""

WHOLE_NUMBERS = ("batch_size", "epochs", "sequence_length", "random pick")
DECIMALS = ("learning_rate", "weight_decay", "dropout", "loss", "score", "runtime(min.)")
MISSING = ("", "-")
ARCHITECTURES = MappingProxyType(
    {
        "base": "Base",
        "reduced": "Reduced",
        "complex1": "Complex 1",
        "complex2": "Complex 2",
        "bidi": "Bidirectional",
        "article": "Article",
    }
)
"""The seeds' networks, and what they are called in words."""

# The first that fits counts: "base model reduced size" is the reduced one.
_SAYS_ARCHITECTURE = (
    ("bidi", re.compile(r"\bbi-?directional\b|\bbidi\b")),
    ("reduced", re.compile(r"\breduced\b")),
    ("complex1", re.compile(r"\bcomplex(?: model)? ?1\b")),
    ("complex2", re.compile(r"\bcomplex(?: model)? ?2\b")),
    ("article", re.compile(r"\barticle\b")),
    ("base", re.compile(r"\bbase\b")),
)
_ROWS_OF_ARCHITECTURE = (
    ("base", ((1, 28), (37, 44), (53, 62))),
    ("bidi", ((29, 36), (45, 52))),
    ("reduced", ((63, 66),)),
    ("complex1", ((67, 69),)),
    ("complex2", ((70, 79),)),
)
"""What the rows of the seeds were, for those whose comment does not say it."""

_SAYS_DATASET = (
    re.compile(r"\b(\w+) ?data ?set\b"),
    re.compile(r"^(?!.*\bmodel\b)(\w+) (?:restored|added)$"),
)
_PICK = re.compile(r"random pick( from)?\s*\d*", re.IGNORECASE)
_WHOLE = re.compile(r"[+]?\d{1,15}(?:\.0*)?")


def _no_cells() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True)
class SeedRow:
    """One experiment of a table.

    Attributes:
        cells: What stands under ``SEED_COLUMNS``, word for word.
        extra: What stands under other headings, word for word.
        parent: The test whose model this row used again with another random pick; empty where it has its own.
    """

    cells: tuple[str, ...]
    extra: Mapping[str, str] = field(default_factory=_no_cells)
    parent: str = ""

    def cell(self, column: str) -> str:
        """What stands under a heading, word for word."""
        return self.cells[SEED_COLUMNS.index(column)]

    def words(self, column: str) -> str:
        """What stands under a heading, without blanks around it; empty where it is missing."""
        text = self.cell(column).strip()
        return "" if text in MISSING else text

    def number(self, column: str) -> float | None:
        """The number under a heading; None where it is missing or cannot be read."""
        return whole_number(self.cell(column)) if column in WHOLE_NUMBERS else decimal(self.cell(column))

    def whole(self, column: str) -> int | None:
        """The whole number under a heading; None where it is missing or cannot be read."""
        return whole_number(self.cell(column))

    @property
    def test(self) -> str:
        """The test's id as files are named after it: ``7`` also where the table says ``7.0``."""
        return name_of_test(self.cell("test_id"))

    @cached_property
    def unreadable(self) -> tuple[str, ...]:
        """Headings under which a number should stand and something else does."""
        return tuple(
            column for column in (*WHOLE_NUMBERS, *DECIMALS) if self.words(column) and self.number(column) is None
        )

    @cached_property
    def architecture(self) -> str:
        """One of ``ARCHITECTURES``: as the comment says, else as the row's number does; empty where neither does."""
        comment = self.cell("comments").lower()
        for name, pattern in _SAYS_ARCHITECTURE:
            if pattern.search(comment):
                return name
        number = whole_number(self.cell("test_id"))
        for name, ranges in _ROWS_OF_ARCHITECTURE:
            if number is not None and any(low <= number <= high for low, high in ranges):
                return name
        return ""

    @cached_property
    def dataset(self) -> str:
        """The data set that the comment names; empty where it names none."""
        for part in self.cell("comments").lower().split("/"):
            for pattern in _SAYS_DATASET:
                found = pattern.search(part.strip())
                if found and not any(said.search(found.group(1)) for _, said in _SAYS_ARCHITECTURE):
                    return found.group(1)
        return ""

    @cached_property
    def settings(self) -> Mapping[str, object]:
        """The settings as a run of ours calls them, JSON values; those that are missing are left out."""
        found: dict[str, object] = {
            "learning_rate": self.number("learning_rate"),
            "batch": self.whole("batch_size"),
            "epochs": self.whole("epochs"),
            "window": self.whole("sequence_length"),
            "dropout": self.number("dropout"),
            "lr_time_decay": self.number("weight_decay"),
            "optimizer": self.words("optimizer") or None,
            "random_pick": self.whole("random pick"),
        }
        return MappingProxyType({name: value for name, value in found.items() if value is not None})

    @cached_property
    def training(self) -> tuple[str, ...]:
        """What tells one training from another: all but the random pick, what came of it, and the row's name.

        Rows with equal ones used one model. Empty where the row does not say how the training ended.
        """
        if not (self.words("loss") and self.words("runtime(min.)")):
            return ()
        apart = ("test_id", "random pick", "score", "comments", "Problems")
        comment = _PICK.sub("", self.cell("comments")).strip().lower()
        return (*(self.words(column) for column in SEED_COLUMNS if column not in apart), comment)


def decimal(text: str) -> float | None:
    """The number in a cell; None where there is none. A comma may stand for the point."""
    text = text.strip()
    if "," in text and "." not in text:
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def whole_number(text: str) -> int | None:
    """The whole number in a cell, from 0 on; None where there is none."""
    text = text.strip()
    return int(text.split(".")[0]) if _WHOLE.fullmatch(text) and text.isascii() else None


def name_of_test(text: str) -> str:
    """A test's id as files are named after it."""
    number = whole_number(text)
    return text.strip() if number is None else str(number)
