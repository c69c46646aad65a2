from musicgen_app.core.key_names import key_name, key_named
from musicgen_app.core.score import KeySignature


def test_keys_have_their_names() -> None:
    assert [key_name(fifths, False) for fifths in (-7, 0, 7)] == ["C♭ major", "C major", "C♯ major"]
    assert [key_name(fifths, True) for fifths in (-7, 0, 7)] == ["A♭ minor", "A minor", "A♯ minor"]


def test_names_are_read_as_people_write_them() -> None:
    for minor in (False, True):
        for fifths in range(-7, 8):
            assert key_named(key_name(fifths, minor)) == KeySignature(0, fifths, minor)
    written = {"E flat major": -3, "bb": -2, "F#": 6, " c major ": 0}
    assert {text: key.fifths for text in written if (key := key_named(text))} == written
    assert key_named("c sharp minor") == KeySignature(0, 4, True)
    assert [key_named(text) for text in ("", "H minor", "Am", "D♭ minor", "G♯ major")] == [None] * 5
