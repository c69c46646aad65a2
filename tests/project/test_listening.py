"""Blind listening tests kept in a project, and what they come to."""

from pathlib import Path

import pytest

from musicgen_app.core.preference import Tally
from musicgen_app.project.listening import (
    FIRST,
    LISTENING,
    SAME,
    SECOND,
    Round,
    Session,
    keep_session,
    next_round,
    read_sessions,
    tally_words,
    whole_tally,
)

MUSIC = ("one", "other")


def session(name: str, answers: str, music: tuple[str, str] = MUSIC, begin: int = 1) -> Session:
    """Rounds in which run 74 is A where the number is even; ``A``, ``B`` and ``=`` are the answers."""
    said = {"A": FIRST, "B": SECOND, "=": SAME}
    rounds = tuple(
        Round(number, 80 if number % 2 else 74, said[answer]) for number, answer in enumerate(answers, begin)
    )
    return Session(name, "2026-01-02T03:04:05+00:00", (74, 80), music, 10, rounds)


def test_answers_are_counted_for_the_run_that_was_heard() -> None:
    assert session("a", "AB=A").tally() == Tally(1, 2, 1)
    assert session("a", "").tally() == Tally(0, 0)
    assert session("a", "A").stopped
    assert not session("a", "A" * 10).stopped


def test_sessions_are_kept_and_add_up_where_the_music_is_the_same(tmp_path: Path) -> None:
    assert read_sessions(tmp_path, (74, 80)) == ()
    assert next_round(()) == 1
    keep_session(tmp_path, session("a", "AB"))
    keep_session(tmp_path, session("b", "A", begin=3))
    found = keep_session(tmp_path, session("c", "BBB", ("changed", "other"), begin=4))
    assert read_sessions(tmp_path, (74, 80)) == found
    assert whole_tally(found, MUSIC) == Tally(0, 3)
    assert next_round(found) == 7
    again = keep_session(tmp_path, session("a", "=="))
    assert [one.id for one in again] == ["b", "c", "a"]


@pytest.mark.parametrize(
    "content",
    [
        "torn",
        '{"sessions": 3}',
        '{"sessions": [{"runs": [1], "music": ["a", "b"]}]}',
        '{"sessions": [{"runs": [1, 2], "music": ["a", "b"], "rounds": [{"answer": "left"}]}]}',
    ],
)
def test_what_is_damaged_counts_as_not_there(tmp_path: Path, content: str) -> None:
    (tmp_path / LISTENING).mkdir()
    (tmp_path / LISTENING / "0074-0080.json").write_text(content)
    assert read_sessions(tmp_path, (74, 80)) == ()


def test_a_tally_is_told_in_plain_sentences() -> None:
    names = ("run 74", "run 80")
    assert tally_words(Tally(2, 7, 1), names) == (
        "You preferred run 80 in 7 of 9 decided rounds; that may be chance (95 % interval 45 to 94 %, p = 0.18). "
        "In 1 round you heard no difference."
    )
    assert "chance alone seldom does that" in tally_words(Tally(12, 0), names)
    assert tally_words(Tally(1, 0), names).startswith("You preferred run 74 in 1 of 1 decided round;")
    assert tally_words(Tally(2, 2), names) == "You preferred each in 2 of 4 decided rounds."
    assert tally_words(Tally(0, 0, 2), names) == "No round was decided. In 2 rounds you heard no difference."
