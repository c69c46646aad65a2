import pytest

from musicgen_app.dataset.licences import distinct, licence_carried_on, licence_of_mixture


@pytest.mark.parametrize(
    ("licences", "whole"),
    [
        ([], "unknown"),
        (["Public Domain"], "Public Domain"),
        (["Public Domain", "CC BY 4.0"], "CC BY 4.0"),
        (["CC0 1.0", "CC-BY-4.0"], "CC-BY-4.0"),
        (["CC BY 4.0", "CC BY-SA 3.0 DE", "Public Domain"], "CC BY-SA 3.0 DE"),
        (["CC BY-SA 3.0 DE", "CC BY-NC 4.0"], "CC BY-NC 4.0"),
        (["CC BY-SA 3.0 DE", "CC BY-SA 4.0"], "CC BY-SA 3.0 DE and CC BY-SA 4.0"),
        (["CC BY 4.0", ""], "unknown"),
        (["Public Domain", "ask my aunt"], "ask my aunt"),
    ],
)
def test_the_strictest_licence_holds_for_the_whole(licences: list[str], whole: str) -> None:
    assert licence_of_mixture(licences) == whole
    assert licence_of_mixture(reversed(licences)) == whole


@pytest.mark.parametrize(
    ("base", "own", "whole"),
    [
        ("CC BY-SA 4.0", "Public Domain", "CC BY-SA 4.0"),
        ("CC BY-SA 4.0", "CC BY-SA 4.0", "CC BY-SA 4.0"),
        ("CC BY-SA 4.0", "unknown", "CC BY-SA 4.0 and unknown"),
        ("CC BY-SA 4.0", "CC BY-NC 4.0", "CC BY-NC 4.0 and CC BY-SA 4.0"),
        ("CC BY-SA 4.0 and unknown", "CC BY 4.0", "CC BY-SA 4.0 and unknown"),
        ("Public Domain", "CC BY 4.0", "CC BY 4.0"),
        ("", "CC BY 4.0", "unknown"),
    ],
)
def test_what_the_licence_of_a_finished_work_asks_for_is_carried_on(base: str, own: str, whole: str) -> None:
    assert licence_carried_on(base, own) == whole


def test_everybody_is_named_once_in_order() -> None:
    assert distinct(["b", " a", "", "b"]) == ("b", "a")
