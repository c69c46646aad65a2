"""What a project's collection comes to: counts, and what its data set knows of each file. No Qt here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from musicgen_app.core.errors import MusicgenError
from musicgen_app.dataset.sources import Credit, read_credits
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.ui.file_table import FileRow, Known
from musicgen_app.workflow.inspect import FileFacts


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared data set, as the table and the counts need it.

    Attributes:
        sides: Name of a file inside its source to "train", "validation" or "test".
        vocabulary: How many values a note can take, in words.
        summary: The data set in a sentence.
        remarks: Sentences a person should read.
    """

    sides: Mapping[str, str]
    vocabulary: str
    summary: str
    remarks: tuple[str, ...] = ()


def prepared_in(folder: Path) -> Prepared | None:
    """What stands in a data set's folder; None where nothing usable does."""
    try:
        return described(open_dataset(folder))
    except MusicgenError:
        return None


def described(dataset: Dataset) -> Prepared:
    """A data set in words."""
    sides = {piece.file: str(piece.split) for piece in dataset.pieces}
    fields = dataset.codec.fields
    columns = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
    vocabulary = f"{sum(field.size for field in fields):,} values in {columns}"
    learnt, kept = dataset.note_count("train"), dataset.note_count("validation")
    pieces = len({piece.file for piece in dataset.pieces})
    tests = f", {dataset.note_count('test'):,} for tests" if dataset.pieces_of("test") else ""
    summary = f"Prepared: {pieces:,} pieces, {learnt:,} {dataset.unit}s to learn from, {kept:,} kept aside{tests}."
    return Prepared(sides, vocabulary, summary, dataset.remarks)


class Collector:
    """Makes table rows of facts: adds titles, composers, licences and the side in the data set."""

    def __init__(self, sources: tuple[Path, ...], prepared: Prepared | None) -> None:
        self._sources = sources
        self._sides = prepared.sides if prepared is not None else {}
        self._credits: dict[Path, Mapping[str, Credit]] = {}

    def row(self, facts: FileFacts) -> FileRow:
        """The row of one file."""
        path = Path(facts.file)
        if path.parent not in self._credits:
            self._credits[path.parent] = read_credits(path.parent)
        credit = self._credits[path.parent].get(path.name, Credit())
        return FileRow(facts, Known(credit.title, credit.composer, credit.licence, self._side(path)))

    def _side(self, path: Path) -> str:
        for source in self._sources:
            if source in path.parents:
                return self._sides.get(path.relative_to(source).as_posix(), "")
        return self._sides.get(path.name, "")


def updated(rows: Iterable[FileRow], final: Iterable[FileFacts], collector: Collector) -> list[FileRow]:
    """The rows with the verdicts a preparation came to; it knows of doubles, which a single look cannot."""
    verdicts = {facts.file: facts for facts in final}
    fresh = []
    for row in rows:
        facts = verdicts.get(row.facts.file)
        known = row.facts if facts is None else replace(row.facts, verdict=facts.verdict, findings=facts.findings)
        fresh.append(collector.row(known))
    return fresh
