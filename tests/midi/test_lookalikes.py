import pytest

from musicgen_app.core.errors import MidiReadError
from musicgen_app.midi.lookalikes import describe_lookalike
from musicgen_app.midi.reader import read_midi_bytes


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bytes(900), "holds nothing but zeros, as after a failed download or copy"),
        (b"PK\x03\x04rest", "seems to be a ZIP archive (or a compressed score such as .mxl)"),
        (b"ID3\x04", "seems to be an MP3 recording"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "seems to be a WAV recording"),
        (b"RIFF\x24\0\0\0XXXX", "seems to be a RIFF file of another kind"),
        (b"<!DOCTYPE html><html>", "seems to be a web page"),
        (b"\xef\xbb\xbf\n  <HTML>", "seems to be a web page"),
        (b'<?xml version="1.0"?>\n<score-partwise version="3.1">', "seems to be a MusicXML score"),
        (b'<?xml version="1.0"?><museScore version="3">', "seems to be a MuseScore score"),
        (b'<?xml version="1.0"?><svg/>', "seems to be an XML document"),
        (b"X:1\nT:Tune\n", "seems to be an ABC tune"),
        (b"vti_encoding:SR|utf8-nl", "seems to be a leftover of a web server (FrontPage settings)"),
        (b"just words\n", "seems to be a text file"),
        (b"\x00\x01\x02\xfe", "is of a kind that is not known here"),
        (b"\xf0\x7e\x7f\x09\x01\xf7", "seems to be a system exclusive dump for a synthesizer (.syx)"),
    ],
)
def test_a_file_of_another_kind_is_named(content: bytes, words: str) -> None:
    assert describe_lookalike(content) == words


def test_the_error_names_the_file_what_it_is_and_what_to_do() -> None:
    with pytest.raises(MidiReadError) as caught:
        read_midi_bytes(b"<html>404", "song.mid")
    assert caught.value.message == "song.mid is not a MIDI file; it seems to be a web page."
    assert caught.value.hint == "Choose a file that was saved or exported as MIDI (.mid)."


def test_a_page_that_speaks_of_midi_headers_is_still_a_page() -> None:
    with pytest.raises(MidiReadError, match="a web page"):
        read_midi_bytes(b"<html>A MIDI file begins with MThd.</html>")


def test_an_empty_file_is_called_empty() -> None:
    with pytest.raises(MidiReadError, match=r"^This file is empty\."):
        read_midi_bytes(b"")
