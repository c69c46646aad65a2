"""Says what a file is instead, when it is not MIDI."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive (or a compressed score such as .mxl)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"ID3", "an MP3 recording"),
    (b"\xff\xfb", "an MP3 recording"),
    (b"\xff\xf3", "an MP3 recording"),
    (b"\xff\xf2", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
    (b"fLaC", "a FLAC recording"),
    (b"FORM", "an AIFF or IFF file"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"CAKEWALK", "a Cakewalk project"),
    (b"SCORE", "a score of a notation program"),
    (b"vti_encoding", "a leftover of a web server (FrontPage settings)"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
    (b"MUS\x1a", "a MUS song of a game"),
    (b"\xf0", "a system exclusive dump for a synthesizer (.syx)"),
)
_CONTAINERS = {b"WAVE": "a WAV recording", b"AVI ": "an AVI film", b"sfbk": "a SoundFont"}
_TAGS: tuple[tuple[bytes, str], ...] = (
    (b"<score-partwise", "a MusicXML score"),
    (b"<score-timewise", "a MusicXML score"),
    (b"<museScore", "a MuseScore score"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<head", "a web page"),
    (b"<title", "a web page"),
    (b"<script", "a web page"),
    (b"<body", "a web page"),
    (b"<asx", "a playlist"),
    (b"x:1", "an ABC tune"),
)
_TEXT = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D}
_START_BYTES = 4096


def describe_lookalike(content: bytes) -> str:
    """Say of a file without MIDI in it what it is instead: "seems to be a web page", "holds nothing but zeros"."""
    if not any(content[:_START_BYTES]):
        return "holds nothing but zeros, as after a failed download or copy"
    kind = _kind(content[:_START_BYTES])
    return f"seems to be {kind}" if kind else "is of a kind that is not known here"


def _kind(start: bytes) -> str:
    """What begins in such a way; empty where nobody knows."""
    if start[:4] == b"RIFF":
        return _CONTAINERS.get(start[8:12], "a RIFF file of another kind")
    for signature, words in _SIGNATURES:
        if start.startswith(signature):
            return words
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for tag, words in _TAGS:
        if tag.lower() in text if tag.startswith(b"<") else text.startswith(tag):
            return words
    if text.startswith((b"<?xml", b"<")):
        return "an XML document"
    if all(byte in _TEXT for byte in start):
        return "a text file"
    return ""
