"""When which advice is given: a table of thresholds, each with the measurement or the habit it comes from."""

from collections.abc import Callable
from dataclasses import dataclass

from musicgen_app.ml.config import MUCH_MUSIC


@dataclass(frozen=True, slots=True)
class Amounts:
    """What the rules look at.

    Attributes:
        pieces, works: Files that can be used, and different works among them.
        notes: Notes in them.
        learned: Notes that are left to learn from.
        held_works, held_notes: What is held back for validation.
        transposable: Whether notes can be moved to other keys; words cannot.
    """

    pieces: int
    works: int
    notes: int
    learned: int
    held_works: int
    held_notes: int
    transposable: bool = True

    @property
    def held_share(self) -> float:
        """The part of all notes that is held back."""
        return self.held_notes / self.notes if self.notes else 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """One piece of advice; of each subject the first rule that holds is given.

    Attributes:
        subject: "size", "keys", "split".
        holds: When.
        advice: What to do, as a clause that follows others.
        preset: The network it names, where it names one.
        because: Why, in a sentence for whoever wants to know, with where the threshold comes from.
    """

    subject: str
    holds: Callable[[Amounts], bool]
    advice: str
    because: str
    preset: str = ""


ALL_KEYS_FROM = 20_000
TOO_LITTLE_NOTES, FEW_WORKS = 10_000, 8
SMALL_BELOW, MEDIUM_BELOW = 100_000, 1_500_000
FEW_HELD_WORKS, MANY_HELD_NOTES, MANY_HELD_WORKS = 5, 50_000, 25
LARGE_SHARE = 0.2

RULES = (
    Rule("size", lambda it: it.pieces == 0, "add music first", "No file can be used."),
    Rule(
        "size",
        lambda it: it.notes < TOO_LITTLE_NOTES or it.works < FEW_WORKS,
        "enough to try the small model, which will soon know it by heart; add more music",
        f"Below {FEW_WORKS} works or {TOO_LITTLE_NOTES:,} notes a network repeats more than it learns: with 12 pieces "
        "to learn from, the best epoch was the eighth, and the later ones learned by heart.",
        "small",
    ),
    Rule(
        "size",
        lambda it: it.learned < SMALL_BELOW,
        "enough for the small model",
        "With 41,000 notes and three epochs the small model foretold new pieces at 6.99 nats a note, the medium at "
        "7.42 and the large at 7.33, and its epochs are more than twice as quick.",
        "small",
    ),
    Rule(
        "size",
        lambda it: it.learned < MEDIUM_BELOW,
        "enough for the medium model",
        "With 430,000 notes to learn from, the medium model reached 2.40 nats a note in 12 minutes, a 4-gram 6.01. The "
        "large one wants a larger collection and a night.",
        "medium",
    ),
    Rule(
        "size",
        lambda it: True,
        "enough for the large model, and a night or more",
        f"From {MEDIUM_BELOW:,} notes on the medium model has less room than there is to learn. This threshold is a "
        "habit of the field, not a measurement.",
        "large",
    ),
    Rule("keys", lambda it: not it.transposable, "", "Words cannot be transposed."),
    Rule(
        "keys",
        lambda it: it.learned >= MUCH_MUSIC,
        "use transposition",
        f"From {MUCH_MUSIC:,} notes on windows in random keys helped, so a training does that by itself.",
    ),
    Rule(
        "keys",
        lambda it: it.learned >= ALL_KEYS_FROM,
        "use transposition",
        "With 24,500 notes the small model foretold new pieces better in all keys (6.35 against 6.53 nats a note), "
        "with 41,000 no worse (6.03 against 6.05), and learned later by heart. A training does it by itself only from "
        f"{MUCH_MUSIC:,} notes on: tell it (Learn in all keys).",
    ),
    Rule(
        "keys",
        lambda it: it.pieces > 0,
        "leave transposition off",
        f"Below {ALL_KEYS_FROM:,} notes nobody has measured that it helps, and a network only learns to stay in a key "
        "without it.",
    ),
    Rule("split", lambda it: it.works < 2, "", "One work alone is cut into two passages when it is prepared."),
    Rule(
        "split",
        lambda it: it.held_works < FEW_HELD_WORKS and it.works >= 2 * FEW_HELD_WORKS,
        "hold back more, for so few works say little about others",
        f"{FEW_HELD_WORKS} works are the least to be told from chance: with 27 held back the interval of 2.40 nats a "
        "note still reaches from 1.96 to 2.94.",
    ),
    Rule(
        "split",
        lambda it: (
            it.held_works > MANY_HELD_WORKS
            and it.held_notes > (MANY_HELD_NOTES if it.held_share > LARGE_SHARE else 20 * MANY_HELD_NOTES)
        ),
        "hold back less, for there is more than enough to measure on",
        f"{MANY_HELD_NOTES:,} notes of {MANY_HELD_WORKS} works measure well enough, and what is held back is not "
        "learned.",
    ),
)
"""Subject by subject, in the order they are spoken."""


def given(amounts: Amounts) -> tuple[Rule, ...]:
    """The rules that hold, at most one of each subject."""
    found: dict[str, Rule] = {}
    for rule in RULES:
        if rule.subject not in found and rule.holds(amounts):
            found[rule.subject] = rule
    return tuple(found.values())
