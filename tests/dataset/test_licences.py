import pytest

from musicgen_app.dataset.licences import distinct, licence_of_mixture


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


def test_everybody_is_named_once_in_order() -> None:
    assert distinct(["b", " a", "", "b"]) == ("b", "a")
