import pytest

from musicgen_app.core.score import Track
from tests.midi.raw import control, meta, note, program, read

C = note(60)


def name(text: str) -> bytes:
    return meta(0, 3, text.encode())


def port(number: int) -> bytes:
    return meta(0, 0x21, bytes([number]))


def test_each_channel_of_a_track_is_a_track_of_the_score() -> None:
    score = read(name("Song") + note(60, channel=3) + note(36, channel=9) + note(62, channel=3)).score
    assert score.tracks == (Track("Song", 0, 3), Track("Song", 0, 9))
    assert score.notes["track"].tolist() == [0, 1, 0]
    assert score.tracks[1].is_percussion


def test_a_track_of_tempo_only_is_none_of_the_score() -> None:
    assert read(name("Conductor") + meta(0, 0x51, b"\x07\xa1\x20"), name("Piano") + C).score.tracks == (Track("Piano"),)


def test_a_file_without_anything_has_one_empty_track() -> None:
    assert read(b"").score.tracks == (Track(),)


def test_tracks_with_a_program_or_a_pedal_but_no_notes_are_kept() -> None:
    score = read(program(0, 40), control(0, 64, 127, channel=2), program(0, 1) + C).score
    assert score.tracks == (Track("", 40, 0), Track("", 0, 2), Track("", 1, 0))


def test_a_track_of_other_controllers_only_is_not_kept() -> None:
    assert read(control(0, 7, 100, channel=5) + C).score.tracks == (Track(),)


def test_the_program_is_the_one_in_force_at_the_first_note() -> None:
    reading = read(program(0, 5) + program(0, 6) + C)
    assert reading.score.tracks[0].program == 6
    assert reading.findings == ()


def test_a_program_at_the_tick_of_the_first_note_counts() -> None:
    assert read(note(60, 96) + program(0, 7, channel=1), program(0, 3) + C).score.tracks[2].program == 3


def test_later_changes_are_counted() -> None:
    reading = read(program(0, 5) + C + program(0, 5) + program(0, 8) + C)
    assert reading.score.tracks[0].program == 5
    assert reading.findings == (
        "An instrument changes within a track; the first one plays throughout, and saving keeps the change.",
    )
    many = read(program(0, 5) + C + program(0, 8) + C + program(0, 9))
    assert many.findings == (
        "Instruments change 2 times within their tracks; the first one of each plays throughout, and saving keeps the "
        "changes.",
    )


def test_a_program_that_comes_after_the_first_note_is_better_than_none() -> None:
    reading = read(C + program(5, 8) + C)
    assert reading.score.tracks[0].program == 8
    assert reading.findings == ()


def test_programs_set_in_the_first_track_reach_the_others_on_their_channels() -> None:
    setup = program(0, 33, channel=1) + program(0, 48, channel=2) + program(0, 9, channel=7)
    score = read(setup, note(40, channel=1), program(0, 50, channel=2) + note(60, channel=2)).score
    assert score.tracks == (Track("", 48, 2), Track("", 9, 7), Track("", 33, 1), Track("", 50, 2))


def test_programs_do_not_reach_another_port_or_another_pattern() -> None:
    assert read(port(1) + program(0, 33), port(0) + C).score.tracks == (Track("", 33), Track())
    assert read(program(0, 33), C, file_format=2).score.tracks == (Track("", 33), Track())


@pytest.mark.parametrize(
    ("content", "read_as"),
    [
        ("Flügel 🎹".encode(), "Flügel 🎹"),
        (b"Fl\xfcgel", "Flügel"),
        (b" Piano \x00\x00", "Piano"),
        (b"two\nlines\x07", "two lines"),
        (b"", ""),
    ],
)
def test_names_are_read_in_either_encoding_and_stand_on_one_line(content: bytes, read_as: str) -> None:
    assert read(meta(0, 3, content) + C).score.tracks[0].name == read_as


def test_the_first_name_counts_and_the_instrument_stands_in_for_none() -> None:
    assert read(name("One") + name("Two") + C).score.tracks[0].name == "One"
    assert read(meta(0, 4, b"Cello") + name("") + C).score.tracks[0].name == "Cello"
