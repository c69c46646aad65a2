"""General MIDI programs have names."""

from musicgen_app.core.instruments import PROGRAM_NAMES, instrument_name
from musicgen_app.core.score import Track


def test_each_of_the_128_programs_has_a_name_of_its_own() -> None:
    assert len(PROGRAM_NAMES) == len(set(PROGRAM_NAMES)) == 128


def test_an_instrument_is_called_by_its_program_and_drums_by_their_channel() -> None:
    wanted = {0: "Acoustic grand piano", 40: "Violin", 56: "Trumpet", 73: "Flute", 127: "Gunshot"}
    assert {program: instrument_name(Track(program=program)) for program in wanted} == wanted
    assert instrument_name(Track(program=40, channel=9)) == "Drums"
