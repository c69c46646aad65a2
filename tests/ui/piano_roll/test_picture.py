"""Pictures of whole scores."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from musicgen_app.core.errors import UsageError
from musicgen_app.core.score import NOTE_DTYPE, Score, TimeSignature, make_notes
from musicgen_app.ui.piano_roll.picture import page_of, save_picture
from tests.ui.piano_roll.conftest import piece

LONG = piece(*((number * 240, 240, 40 + number % 40, 30 + number % 90) for number in range(600)))


@pytest.mark.parametrize("dark", [True, False])
def test_a_png_has_notes_and_the_colours_of_its_theme(qtbot: QtBot, tmp_path: Path, dark: bool) -> None:
    path = tmp_path / "piece.png"
    save_picture(LONG, path, dark=dark, title="A piece")
    image = QImage(str(path))
    assert image.width() == 3200
    corner = image.pixelColor(3, 3).lightness()
    assert corner < 60 if dark else corner > 200
    small = image.scaled(320, image.height() // 10)
    assert len({small.pixel(x, y) for x in range(small.width()) for y in range(small.height())}) > 20


def test_an_svg_is_made_of_shapes_and_carries_its_title(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "piece.svg"
    save_picture(LONG, path, title="Étude & <Variations>")
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    text = " ".join(part for part in root.itertext())
    assert "Étude & <Variations>" in text
    assert "600 notes" in text
    names = [element.tag.split("}")[1] for element in root.iter()]
    assert "image" not in names
    assert sum(name in ("path", "rect", "polygon", "polyline") for name in names) > 600


def test_the_file_name_is_the_title_where_none_is_given(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "nocturne.svg"
    save_picture(LONG, path)
    assert "nocturne" in path.read_text(encoding="utf-8")


def test_another_suffix_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"piece.gif is neither a PNG nor an SVG. Choose a name"):
        save_picture(LONG, tmp_path / "piece.gif")
    assert not list(tmp_path.iterdir())


def test_lines_begin_with_bars_and_hold_the_whole_piece() -> None:
    page = page_of(LONG)
    assert page.edges[0] == 0
    assert all(edge % 1920 == 0 for edge in page.edges)
    assert page.edges[-1] >= LONG.end
    assert page.height <= 1.6 * page.width


def test_lines_are_evenly_filled_through_a_change_of_metre() -> None:
    signatures = (TimeSignature(0, 4, 4), TimeSignature(60 * 1920, 1, 8))
    score = Score(notes=make_notes([(120 * 1920, 100, 60, 64)]), time_signatures=signatures)
    page = page_of(score)
    lengths = np.diff(page.edges)
    assert lengths.max() < 1.3 * np.median(lengths)


@pytest.mark.parametrize("score", [Score(), piece((0, 1, 60, 64)), piece((10**6, 10**6, 0, 1), (0, 1, 127, 127))])
def test_any_score_makes_a_page(qtbot: QtBot, tmp_path: Path, score: Score) -> None:
    save_picture(score, tmp_path / "piece.png")
    image = QImage(str(tmp_path / "piece.png"))
    assert image.height() >= 300
    assert image.width() * image.height() <= 80_000_000


def test_a_huge_score_makes_a_page_too(qtbot: QtBot, tmp_path: Path) -> None:
    notes = np.zeros(200_000, NOTE_DTYPE)
    notes["onset"], notes["duration"], notes["velocity"] = np.arange(200_000) * 60, 100, 64
    notes["pitch"] = 21 + np.arange(200_000) % 88
    save_picture(Score(notes=notes), tmp_path / "piece.png")
    assert QImage(str(tmp_path / "piece.png")).width() == 3200


def test_it_works_without_a_screen_or_a_running_program(tmp_path: Path, root: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from musicgen_app.core.score import Score, make_notes;"
        "from musicgen_app.ui.piano_roll.picture import save_picture;"
        "score = Score(notes=make_notes([(0, 480, 60, 64)]));"
        "[save_picture(score, Path(sys.argv[1]) / name) for name in ('a.png', 'b.svg', 'c.png')]"
    )
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], env=env, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.glob("?.???")} == {"a.png", "b.svg", "c.png"}
