"""Velocities by what is written in a score."""

from musicgen_app.notation.dynamics import LEVELS, USUAL, Dynamics, Hairpin, Mark, marks_in

ONE = frozenset({1})
PAIR = {1: frozenset({1, 2}), 2: frozenset({1, 2})}


def level(onset: float, word: str, *staves: int) -> Mark:
    return Mark(onset, frozenset(staves) or ONE, LEVELS[word])


def heard(dynamics: Dynamics, *onsets: float, staff: int = 1) -> list[int]:
    return [dynamics.velocity(staff, onset) for onset in onsets]


def test_a_level_holds_until_the_next_one() -> None:
    dynamics = Dynamics([level(4, "f"), level(1, "p")], [], {})
    assert heard(dynamics, 0, 1, 3.9, 4, 100) == [USUAL, 49, 49, 96, 96]


def test_a_hairpin_leads_to_the_level_at_its_end() -> None:
    dynamics = Dynamics([level(0, "p"), level(4, "f")], [Hairpin(0, 4, ONE, True)], {})
    assert heard(dynamics, 0, 1, 2, 4) == [49, 61, 72, 96]
    late = Dynamics([level(0, "f"), level(5, "p")], [Hairpin(1, 3, ONE, False)], {})
    assert heard(late, 1, 2, 3, 4, 5) == [96, 72, 49, 49, 49]


def test_a_hairpin_without_a_goal_is_one_step() -> None:
    assert heard(Dynamics([], [Hairpin(0, 4, ONE, True)], {}), 0, 2, 4, 50) == [80, 88, 96, 96]
    # What stands at its end leads the other way: it begins anew there.
    against = Dynamics([level(0, "f"), level(4, "p")], [Hairpin(0, 4, ONE, True)], {})
    assert heard(against, 2, 3.5, 4) == [104, 110, 49]


def test_hairpins_follow_each_other_and_stay_in_bounds() -> None:
    swell = Dynamics([level(0, "p")], [Hairpin(0, 2, ONE, True), Hairpin(2, 4, ONE, False)], {})
    assert heard(swell, 0, 1, 2, 3, 4) == [49, 57, 65, 57, 49]
    assert heard(Dynamics([level(0, "ffff")], [Hairpin(0, 2, ONE, True)], {}), 9) == [127]
    assert heard(Dynamics([level(0, "ppppp")], [Hairpin(0, 2, ONE, False)], {}), 9) == [8]
    assert heard(Dynamics([], [Hairpin(1, 1, ONE, True)], {}), 1, 2) == [80, 96]


def test_a_word_reaches_to_the_next_level() -> None:
    cresc = marks_in("cresc.", 0, None, ONE)
    assert cresc == (Hairpin(0, None, ONE, True),)
    assert heard(Dynamics([level(8, "ff")], [cresc[0]], {}), 4, 8) == [96, 112]  # type: ignore[list-item]
    assert heard(Dynamics([], [cresc[0]], {}), 4, 8, 9) == [88, 96, 96]  # type: ignore[list-item]


def test_words_are_understood() -> None:
    assert marks_in("sempre pp", 1, None, ONE) == (level(1, "pp"),)
    assert marks_in("mf dim.", 1, 3, ONE) == (level(1, "mf"), Hairpin(1, 3, ONE, False))
    assert marks_in("SFZ", 1, None, ONE) == (Mark(1, ONE, None, accent=True),)
    assert marks_in("fp", 1, None, ONE) == (Mark(1, ONE, 49, accent=True),)
    assert marks_in("dolce, espressivo", 1, None, ONE) == ()


def test_an_accent_is_for_its_moment() -> None:
    dynamics = Dynamics([level(0, "p"), Mark(2, ONE, None, True), *marks_in("fp", 4, None, ONE)], [], {})  # type: ignore[list-item]
    assert heard(dynamics, 1, 2, 3, 4, 5) == [49, 96, 49, 96, 49]


def test_a_pair_of_staves_shares_what_is_written_between_them() -> None:
    dynamics = Dynamics([level(0, "p", 1), level(4, "f", 2), level(8, "pp", 1), level(8, "ff", 2)], [], PAIR)
    assert heard(dynamics, 0, 4, 8, staff=1) == [49, 96, 34]
    assert heard(dynamics, 0, 4, 8, staff=2) == [49, 96, 112]
    assert heard(Dynamics([level(0, "p", 1)], [], {}), 0, staff=3) == [USUAL]
