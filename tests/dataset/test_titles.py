"""Names of files that stand for works are told apart from those that only look like it."""

import pytest

from musicgen_app.dataset.titles import known_title, telling_name


@pytest.mark.parametrize(
    ("stem", "title"),
    [
        ("chet2512", "Étude op. 25 no. 12"),
        ("Chet1001", "Étude op. 10 no. 1"),
        ("chno0902", "Nocturne op. 9 no. 2"),
        ("chpn_op25_e12", "Étude op. 25 no. 12"),
        ("chpn_op10_e01", "Étude op. 10 no. 1"),
        ("chpn-op28-p15", "Prélude op. 28 no. 15"),
        ("chpn_op7_1", "Chopin, op. 7 no. 1"),
        ("chpn_op53", "Chopin, op. 53"),
        ("chpson3a", "Piano sonata no. 3, movement 1"),
        ("chpson3d", "Piano sonata no. 3, movement 4"),
        ("chpson2_3", "Piano sonata no. 2, movement 3"),
        ("chpson2", "Piano sonata no. 2"),
        ("ballade2", "Ballade no. 2"),
        ("Scherzo No. 3", "Scherzo no. 3"),
        ("chmaz0704", "Mazurka op. 7 no. 4"),
    ],
)
def test_usual_names_are_titles(stem: str, title: str) -> None:
    assert known_title(stem) == title


@pytest.mark.parametrize(
    "stem",
    [
        "chet",
        "chet25123",
        "chxx2512",
        "chet0012",
        "chet2500",
        "cheese1234",
        "chpn_op25_q12",
        "take5",
        "song2",
        "no1",
        "74",
    ],
)
def test_others_are_left_alone(stem: str) -> None:
    assert known_title(stem) == ""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Etude No. 1", "Etude No. 1"),
        ("  Chopin   Sonata No. 3 ", "Chopin Sonata No. 3"),
        ("Piano right", ""),
        ("Copyright 1997", ""),
        ("", ""),
    ],
)
def test_a_track_is_a_title_where_it_names_a_form(name: str, told: str) -> None:
    assert telling_name(name) == told
