"""Data sets of words."""

from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from musicgen_app.dataset.store import Dataset, Piece, write_dataset
from tests.tokens.words import WordCodec, rows_of, word_codec_from


def write_words(folder: Path, train: Sequence[Sequence[int]], held_out: Sequence[Sequence[int]] = ()) -> Dataset:
    """A data set with these pieces, those that are held out first."""
    folder.mkdir(parents=True, exist_ok=True)
    content = []
    for split, pieces in (("validation", held_out), ("train", train)):
        for words in pieces:
            number = len(content)
            piece = Piece(f"Piece {number}", f"{number}.mid", split, 0, 0, 0, number)  # type: ignore[arg-type]
            content.append((piece, rows_of(*words)))
    with patch("musicgen_app.dataset.store.codec_from", word_codec_from):
        return write_dataset(folder, WordCodec(), content)
