"""The table of what the roll can do names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_ROW = re.compile(r"^\| (?P<words>.+?) \| (?P<tests>.+) \|$")
_TEST = re.compile(r"`(?P<file>tests/[\w/]+\.py)::(?P<name>test_\w+)`")


def test_every_row_of_the_table_names_a_test_that_exists() -> None:
    text = (ROOT / "docs" / "piano_roll.md").read_text(encoding="utf-8")
    found = [_ROW.match(line) for line in text.splitlines() if line.startswith("| ")]
    rows = [row for row in found if row is not None][1:]
    assert len(rows) >= 30
    for row in rows:
        named = _TEST.findall(row["tests"])
        assert named, row["words"]
        for file, name in named:
            assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), (row["words"], name)
