"""Loops, stuck tokens and the share of distinct ones."""

import numpy as np
import pytest

from musicgen_app.generation.habits import LEAST_LOOP, Habits, Loop, habits, longest_loop


def of(text: str) -> Habits:
    return habits(np.array([ord(letter) for letter in text], dtype=np.int64))


def loop(text: str, least: int = 6) -> Loop | None:
    return longest_loop(np.array([ord(letter) for letter in text], dtype=np.int64), least)


def test_the_score_is_distinct_tokens_by_all() -> None:
    assert of("abcabd").score == pytest.approx(4 / 6)
    assert of("a") == Habits(1, 1.0, None, 1)


def test_nothing_has_no_habits() -> None:
    assert of("") == Habits(0, 0.0, None, 0)


def test_a_token_is_stuck_where_it_follows_itself() -> None:
    assert of("abbbcb").stuck == 3
    assert of("abab").stuck == 1


def test_a_loop_is_told_by_its_shortest_period_and_its_length() -> None:
    assert loop("xyabcabcabcabz") == Loop(3, 11, 2, at_end=False)
    assert loop("xyabcabcabcab") == Loop(3, 11, 2, at_end=True)
    assert loop("aaaaaaaa") == Loop(1, 8, 0, at_end=True)


def test_of_two_loops_the_longer_counts() -> None:
    assert loop("abababab" + "xyzxyzxyzxyz") == Loop(3, 12, 8, at_end=True)


def test_a_loop_has_two_rounds_and_enough_tokens() -> None:
    assert loop("abcdefabcde") is None
    assert loop("abcdefabcdef") == Loop(6, 12, 0, at_end=True)
    assert loop("ababa") is None
    assert of("ab" * (LEAST_LOOP // 2)).loop == Loop(2, LEAST_LOOP, 0, at_end=True)
    assert of("ab" * (LEAST_LOOP // 2 - 1)).loop is None


def test_what_stands_apart_is_no_loop_however_alike() -> None:
    rng = np.random.default_rng(1)
    tokens = rng.integers(0, 4, 300)
    found = longest_loop(tokens, 8)
    slow = max(
        (
            (length, -period, -first)
            for period in range(1, 151)
            for first in range(300)
            if (length := _stretch(tokens.tolist(), first, period)) >= max(8, 2 * period)
        ),
    )
    assert found is not None
    assert (found.tokens, -found.period, -found.first) == slow


def _stretch(tokens: list[int], first: int, period: int) -> int:
    end = first + period
    while end < len(tokens) and tokens[end] == tokens[end - period]:
        end += 1
    return end - first
