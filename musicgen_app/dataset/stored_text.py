"""Names of files as text that can be stored, and back: some systems allow bytes in them that are no characters."""

import re
import unicodedata

_SPELLED = re.compile(r"\\u(dc[89a-f][0-9a-f])")


def clean(text: str) -> str:
    """A text that can be stored: bytes of a file's name that are no characters are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def decoded(text: str) -> str:
    """The name that ``clean`` made a text of."""
    return _SPELLED.sub(lambda found: chr(int(found.group(1), 16)), text)


def sorting_key(text: str) -> str:
    """What titles are sorted by: case and accents do not count, so that *Étude* stands with the other E."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in parts if not unicodedata.combining(letter)).casefold()
