"""The n-gram: distributions that sum to 1, the same as a plain count, and never at a loss for something unseen."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.dataset.baselines import context_of
from musicgen_app.dataset.ngrams import BACK, Place, Text, probabilities
from musicgen_app.tokens.classes import ClassTable
from musicgen_app.tokens.codec import Rows
from musicgen_app.tokens.notes import NoteCodec

SMALL = NoteCodec(time=ClassTable(((3, 1),)), duration=ClassTable(((4, 1),)))
FIELDS = range(len(SMALL.fields))


def rows_of(seed: int, length: int, choices: int = 4) -> Rows:
    """Rows of few classes each, so that contexts come again."""
    rng = np.random.default_rng(seed)
    columns = [rng.integers(0, min(choices, field.size), length) for field in SMALL.fields]
    return np.column_stack(columns).astype(np.int16)


def with_every_class(history: Rows, field: int) -> list[Rows]:
    """The same rows as often as the field has classes, each time with another class in the last row."""
    pieces = []
    for choice in range(SMALL.fields[field].size):
        rows = history.copy()
        rows[-1, field] = choice
        pieces.append(rows)
    return pieces


@pytest.mark.parametrize("field", FIELDS)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 60), st.integers(1, 5))
def test_probabilities_of_all_classes_sum_to_one(field: int, seed: int, length: int, known: int, choices: int) -> None:
    history = rows_of(seed, length, choices=7)
    asked = Text(SMALL, with_every_class(history, field))
    learned = Text(SMALL, [rows_of(seed + 1, known, choices), rows_of(seed + 2, 2, choices)])
    for context in ((), context_of(SMALL, field)):
        found = probabilities(learned, asked, field, context)[length - 1 :: length]
        assert len(found) == SMALL.fields[field].size
        assert found.min() > 0
        assert found.sum() == pytest.approx(1, abs=1e-12)


def plain_probability(learned: list[Rows], asked: Rows, field: int, context: tuple[Place, ...]) -> float:
    """Modified Kneser-Ney for the last row, as the paper says it, one dictionary a length of context."""
    size = SMALL.fields[field].size
    start = [SMALL.start_row.tolist()] * BACK

    def seen_from(rows: list[list[int]], at: int, places: tuple[Place, ...]) -> tuple[int, ...]:
        return tuple(rows[at - back][one] for one, back in places)

    pairs: Counter[tuple[tuple[int, ...], int]] = Counter()
    for piece in learned:
        rows = start + piece.tolist()
        for at in range(BACK, len(rows)):
            pairs[seen_from(rows, at, context), rows[at][field]] += 1
    by_length = [pairs]
    for _ in context:
        shorter: Counter[tuple[tuple[int, ...], int]] = Counter()
        for key, target in by_length[0]:
            shorter[key[:-1], target] += 1
        by_length.insert(0, shorter)
    rows = start + asked.tolist()
    key, wanted = seen_from(rows, len(rows) - 1, context), rows[-1][field]
    found = 1 / size
    for length, counts in enumerate(by_length):
        n = [sum(count == times for count in counts.values()) for times in (1, 2, 3, 4)]
        rate = n[0] / (n[0] + 2 * n[1]) if n[0] else 0.5
        discounts = [c - (c + 1) * rate * n[c] / max(1, n[c - 1]) for c in (1, 2, 3)]
        discounts = [min(max(one, 0.1), 0.95 * c) for c, one in enumerate(discounts, 1)]
        after = {target: count for (before, target), count in counts.items() if before == key[:length]}
        total = sum(after.values())
        if not total:
            continue
        if length == 0:
            found = (after.get(wanted, 0) + len(after) * found) / (total + len(after))
            continue
        taken = {target: discounts[min(count, 3) - 1] for target, count in after.items()}
        found = (after.get(wanted, 0) - taken.get(wanted, 0) + sum(taken.values()) * found) / total
    return found


@pytest.mark.parametrize("field", FIELDS)
def test_it_says_what_counting_by_hand_says(field: int) -> None:
    learned = [rows_of(1, 80, 3), rows_of(2, 1, 3), rows_of(3, 120, 2)]
    asked = [rows_of(seed, 1 + seed % 5, 4) for seed in range(40)]
    lasts = np.cumsum([len(rows) for rows in asked]) - 1
    for context in ((), context_of(SMALL, field)[:1], context_of(SMALL, field)):
        found = probabilities(Text(SMALL, learned), Text(SMALL, asked), field, context)[lasts]
        assert found == pytest.approx([plain_probability(learned, rows, field, context) for rows in asked])


def test_a_row_is_seen_from_its_own_piece_alone() -> None:
    text = Text(SMALL, [rows_of(1, 2), rows_of(2, 1)])
    columns = {back: text.column((1, back)).tolist() for back in range(BACK + 1)}
    first, second, third = rows_of(1, 2)[0, 1], rows_of(1, 2)[1, 1], rows_of(2, 1)[0, 1]
    end = SMALL.start_row[1]
    assert columns == {
        0: [first, second, third],
        1: [end, first, end],
        2: [end, end, end],
        3: [end, end, end],
    }


def test_what_always_follows_is_all_but_certain() -> None:
    cycle = np.zeros((400, 4), np.int16)
    cycle[:, 1] = np.arange(400) % 5
    learned, asked = Text(SMALL, [cycle]), Text(SMALL, [cycle[:50]])
    frequent = probabilities(learned, asked, 1, ())
    assert frequent.max() < 0.25
    assert probabilities(learned, asked, 1, context_of(SMALL, 1))[BACK:].min() > 0.9


def test_nothing_is_impossible() -> None:
    learned = Text(SMALL, [np.zeros((50, 4), np.int16)])
    strange = np.array([[3, 90, 4, 20], [3, 91, 4, 21]], np.int16)
    for field in FIELDS:
        found = probabilities(learned, Text(SMALL, [strange]), field, context_of(SMALL, field))
        assert found.min() > 0
        assert found.max() < 0.2


def test_an_empty_question_has_an_empty_answer() -> None:
    assert len(probabilities(Text(SMALL, [rows_of(1, 9)]), Text(SMALL, []), 1, ((1, 1),))) == 0


def test_contexts_are_places_that_are_known_before_the_field() -> None:
    by_field: defaultdict[int, set[int]] = defaultdict(set)
    for field in FIELDS:
        for known, back in context_of(SMALL, field):
            assert 0 <= back <= BACK
            assert back or known < field
            by_field[field].add(back)
    assert all(backs & {1, 2, 3} for backs in by_field.values())
    assert {1, 2, 3} <= by_field[0] & by_field[1] & by_field[3]
