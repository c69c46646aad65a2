"""Words that stand beside the music are kept, within bounds."""

from musicgen_app.midi.texts import MAX_TEXT_BYTES, MAX_TEXTS
from tests.midi.raw import meta, note, read

C = note(60)


def test_texts_keep_their_kind_and_order_and_syllables_become_one_text() -> None:
    syllables = [b"Hal", b"le", b"lu", b"ja "]
    content = meta(0, 2, "© Bach".encode()) + meta(0, 1, b"By\x00hand") + b"".join(meta(0, 5, one) for one in syllables)
    written = read(meta(0, 3, b"Choir") + content + meta(0, 6, b"A") + meta(0, 7, b"\xe4") + C).written
    assert written.texts == (
        ("copyright", "© Bach"),
        ("text", "By hand"),
        ("lyrics", "Halleluja"),
        ("marker", "A"),
        ("cue", "ä"),
    )


def test_the_file_says_its_format_and_the_names_of_all_its_tracks() -> None:
    written = read(meta(0, 3, b" Sonata "), meta(0, 3, b"Right") + C, C).written
    assert (written.file_format, written.names) == (1, ("Sonata", "Right", ""))
    assert written.texts == ()


def test_empty_texts_are_left_out_and_many_or_long_ones_are_bounded() -> None:
    assert read(meta(0, 1, b"  ") + meta(0, 1, b"") + C).written.texts == ()
    many = read(meta(0, 1, b"x") * (MAX_TEXTS + 5) + C).written.texts
    assert len(many) == MAX_TEXTS
    ((_, long),) = read(meta(0, 1, b"y" * 3 * MAX_TEXT_BYTES) + C).written.texts
    assert len(long) == MAX_TEXT_BYTES
    ((_, lyrics),) = read(meta(0, 5, b"z" * MAX_TEXT_BYTES) * 9 + C).written.texts
    assert len(lyrics) == 20_000
