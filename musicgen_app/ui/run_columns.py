"""What the table of runs can show of a run: its columns, their words and what they are sorted by."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from musicgen_app.project.run_rows import RunRow
from musicgen_app.project.seed_row import ARCHITECTURES
from musicgen_app.project.story import duration_words

NOTHING = "\N{EN DASH}"
STATES = {
    "running": ("Training", "loader", "accent"),
    "paused": ("Paused", "pause", "warn"),
    "done": ("Done", "circle-check", "good"),
    "stopped": ("Stopped", "circle-stop", "warn"),
    "failed": ("Failed", "circle-alert", "bad"),
    "imported": ("Imported", "file-text", "secondary"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Its name in the program and in the settings.
        title: Its heading.
        width: In pixels.
        words: What it shows of a run.
        key: What it is sorted by; None comes last, whichever way.
        number: Whether it stands at the right.
        tooltip: What it is, where the heading is too short to say it.
    """

    name: str
    title: str
    width: int
    words: Callable[[RunRow], str]
    key: Callable[[RunRow], Any]
    number: bool = False
    tooltip: str = ""


def network_words(row: RunRow) -> str:
    """What to call a run's network."""
    return ARCHITECTURES.get(row.architecture, row.architecture.capitalize()) or NOTHING


def _epochs(row: RunRow) -> str:
    done, planned = row.epochs_done, row.epochs
    if row.imported and not done:
        return NOTHING if planned is None else f"{planned}"
    return f"{done} / {planned}" if planned and planned != done else f"{done}"


def _time(row: RunRow) -> str:
    return NOTHING if row.runtime_min is None else duration_words(60 * row.runtime_min)


def _interval(row: RunRow) -> str:
    low, high = row.held_low, row.held_high
    return NOTHING if low is None or high is None else f"{low:.3f}{NOTHING}{high:.3f}"


def _text(name: str, title: str, width: int, tooltip: str = "") -> Column:
    def words(row: RunRow) -> str:
        value = str(getattr(row, name))
        return " ".join(value.split()) if value else ""

    def key(row: RunRow) -> str | None:
        return getattr(row, name).casefold() or None

    return Column(name, title, width, words, key, tooltip=tooltip)


def _number(name: str, title: str, width: int, form: str, tooltip: str = "") -> Column:
    def words(row: RunRow) -> str:
        value = getattr(row, name)
        return NOTHING if value is None else f"{value:{form}}"

    def key(row: RunRow) -> Any:
        return getattr(row, name)

    return Column(name, title, width, words, key, number=True, tooltip=tooltip)


COLUMNS: tuple[Column, ...] = (
    Column("tick", "", 36, lambda row: "", lambda row: row.id, tooltip="On the plot"),
    Column("title", "Run", 112, lambda row: row.title, lambda row: row.title.casefold()),
    Column("status", "State", 116, lambda row: STATES[row.status][0], lambda row: STATES[row.status][0]),
    Column("network", "Network", 100, network_words, lambda row: network_words(row).casefold()),
    Column("epochs", "Epochs", 84, _epochs, lambda row: row.epochs_done or row.epochs, number=True),
    _number("validation", "Validation", 88, ".3f", "Loss on pieces that are not learned from, nats a note"),
    _number("accuracy", "Foretold", 88, ".1%", "Held-out notes of which the first guess is right in every field"),
    Column(
        "interval",
        "Interval",
        118,
        _interval,
        lambda row: row.held_low,
        number=True,
        tooltip="What other such pieces would probably cost (95 %), nats a note",
    ),
    _number("unigram", "Unigram", 84, ".3f", "What the held-out pieces cost by frequencies alone, nats a note"),
    _number("bigram", "Bigram", 78, ".3f", "What they cost told the note before, nats a note"),
    _number("fourgram", "4-gram", 78, ".3f", "What they cost told the three notes before, nats a note"),
    _number("loss", "Training", 80, ".3f", "Loss on the pieces that are learned from, nats a note"),
    _number("best_epoch", "Best epoch", 96, "d"),
    Column("time", "Time", 112, _time, lambda row: row.runtime_min, number=True),
    _number("score", "Score", 66, ".3f", "Distinct notes and chords of the output, as a share of all"),
    _number("counted_score", "Counted score", 118, ".3f", "The score as counted in the output itself"),
    _number("longest_copy", "Longest copy", 108, "d", "Tokens or notes of the output in one run from the reference"),
    _number("copied_share", "Copied", 76, ".0%", "Part of the output in runs of 8 or more from the reference"),
    _number("loop_period", "Loop", 62, "d", "Tokens in a round of the loop the output is caught in"),
    _number("longest_stuck", "Stuck", 66, "d", "The longest row of one token in the output"),
    _number("sequence_length", "Window", 76, "d", "Notes the network looks back on"),
    _number("random_pick", "Pick", 60, "d", "Random pick: chosen at random among so many of the most probable"),
    _number("dropout", "Dropout", 78, "g"),
    _number("learning_rate", "Learning rate", 112, "g"),
    _number("batch_size", "Batch", 66, "d"),
    _number(
        "lr_time_decay", "LR time decay (seed)", 150, "g", "The seeds' weight_decay: the rate divided by 1 + d step"
    ),
    _number("weight_decay", "Weight decay", 110, "g"),
    _text("optimizer", "Optimizer", 88),
    _text("dataset", "Data set", 86, "The data set that the comment names"),
    _text("parent", "Model of", 80, "The test or run whose model was used again"),
    _text("test_id", "Test", 70),
    _text("copied_from", "Copied from", 220, "Where the longest run of the output stands in the reference"),
    _text("comments", "Comments", 390),
    _text("problems", "Problems", 170),
    _text("notes", "Notes", 200),
)
NAMES = tuple(column.name for column in COLUMNS)
TICK, TITLE, STATE = 0, 1, 2
HELD_OUT = ("accuracy", "interval", "unigram", "bigram", "fourgram")
"""What held-out pieces say beside the validation loss; shown where a person chooses it."""
USUAL = tuple(name for name in NAMES if name not in HELD_OUT)[:9]
"""Shown of a project's own runs."""
JUDGED = ("counted_score", "longest_copy", "copied_share", "loop_period", "longest_stuck", "copied_from")
"""Shown beside the others where outputs were judged."""
_SELDOM = ("validation", "best_epoch", "weight_decay", "test_id", "notes", *HELD_OUT, *JUDGED)
USUAL_IMPORTED = tuple(name for name in NAMES if name not in _SELDOM)
"""Shown where there are imported rows alone; with own runs beside them their validation loss too."""


def usual_columns(own: bool, imported: bool, judged: bool = False, further: Collection[str] = ()) -> tuple[str, ...]:
    """The columns to show while a person has chosen none; ``further`` ones because there is something in them."""
    if not imported and not judged and not further:
        return USUAL
    shown = {*(USUAL_IMPORTED if imported else USUAL), *(JUDGED if judged else ()), *(("validation",) if own else ())}
    shown |= set(further)
    return tuple(name for name in NAMES if name in shown)


def searched_text(row: RunRow) -> str:
    """All words of a run, to search in. Quick: a filter asks for those of ten thousand runs at once."""
    further = "\n".join(cell for _, cell in row.extra) if row.extra else ""
    named = f"{row.title}\n{row.status}\n{row.architecture}\n{ARCHITECTURES.get(row.architecture, '')}\n{row.dataset}"
    return f"{named}\n{row.notes}\n{row.copied_from}\n{further}\n{chr(10).join(row.cells)}".casefold()
