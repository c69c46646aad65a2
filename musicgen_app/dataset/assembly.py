"""Puts the pieces of a data set together: each work on its side, or one work cut into two passages."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from musicgen_app.core.analysis import length_sec
from musicgen_app.core.score import Score
from musicgen_app.core.timing import Meter
from musicgen_app.dataset.bars import Bars, bars_of
from musicgen_app.dataset.selection import Selection
from musicgen_app.dataset.sources import Credit
from musicgen_app.dataset.split import from_first_bar, split_passage
from musicgen_app.dataset.staging import Staged, Staging
from musicgen_app.dataset.store import Piece
from musicgen_app.tokens.codec import Rows
from musicgen_app.tokens.notes import NoteCodec

ONE_WORK = (
    "All files are one work, so its last part, from a bar line on, is held back for validation. The validation loss "
    "then says how well this piece goes on, not how well others would."
)
TOO_LITTLE = "There is too little music to hold any back for validation."
NOTHING_WANTED = "Nothing is held back for validation, so nobody can tell when the network starts to learn by heart."


@dataclass(frozen=True, slots=True)
class Material:
    """A usable file.

    Attributes:
        path, name: Where it is, and its path inside the folder that was given.
        credit: Its title, composer and licence.
        seconds: Its length.
        staged: Its rows, on disk.
    """

    path: Path
    name: str
    credit: Credit
    seconds: float
    staged: Staged


@dataclass(frozen=True, slots=True)
class _Passage:
    """A part of a work that is cut: its music, the side it is on, and the bar of the file it begins with."""

    score: Score
    held_back: bool
    first_bar: int

    @property
    def bars(self) -> Bars:
        return bars_of(self.score, self.first_bar)


class Assembly:
    """The pieces a data set will hold, in their order.

    Attributes:
        remarks: Sentences about the split that a person should read.
    """

    def __init__(
        self,
        codec: NoteCodec,
        staging: Staging,
        materials: Mapping[int, Material],
        selection: Selection,
        share: float,
        read: Callable[[int], Score],
    ) -> None:
        """Decide how the music is divided.

        Args:
            codec: What the rows will mean.
            staging: Where rows wait.
            materials: What may be used, by the same index as in ``selection``.
            selection: What is kept, and what is held back.
            share: Part of the notes to hold back.
            read: Reads the music of a file once more, by the same index; asked only where a work is cut.

        Raises:
            MidiReadError: A file that was read before cannot be read any more.
        """
        self._codec = codec
        self._staging = staging
        self._materials = {index: materials[index] for index in selection.families}
        self._selection = selection
        self._passages: dict[int, tuple[_Passage, _Passage]] = {}
        if share > 0 and not selection.held_back:
            self._cut(share, read)
        self.remarks = self._remarked(share)

    def _cut(self, share: float, read: Callable[[int], Score]) -> None:
        for index, material in self._materials.items():
            whole = from_first_bar(read(index))
            passages = split_passage(whole, share)
            if passages is not None:
                learned, held = passages
                cut = int(whole.notes["onset"][len(learned.notes)] - held.notes["onset"][0])
                first = material.staged.bars.first
                later = first + Meter(whole).position(cut).bar - 1
                self._passages[index] = _Passage(learned, False, first), _Passage(held, True, later)

    def _remarked(self, share: float) -> tuple[str, ...]:
        if share == 0:
            return (NOTHING_WANTED,)
        if self._selection.held_back:
            return ()
        return (ONE_WORK,) if self._passages else (TOO_LITTLE,)

    def __len__(self) -> int:
        return len(self._materials)

    def pieces(self) -> Iterator[tuple[int, Piece, Rows]]:
        """The index of each file, a piece of it and its rows; two pieces of a file that is cut.

        ``first_row``, ``row_count`` and ``notes`` of the pieces are not filled in yet.
        """
        for index, material in self._materials.items():
            family = self._selection.families[index]
            for part in self._passages.get(index, ()):
                piece = self._piece(material, family, part.held_back, length_sec(part.score), part.bars)
                yield index, piece, self._codec.encode(part.score)
            if index not in self._passages:
                laid = material.staged.laid[self._codec.timing]
                held_back = family in self._selection.held_back
                rows = self._staging.rows(self._codec.timing, laid)
                shortened = laid.long_gaps or laid.long_notes
                seconds = length_sec(self._codec.decode(rows)) if shortened else material.seconds
                yield index, self._piece(material, family, held_back, seconds, material.staged.bars), rows

    def _piece(self, material: Material, family: int, held_back: bool, seconds: float, bars: Bars) -> Piece:
        bars = bars if self._codec.timing == "metrical" else Bars()
        return Piece(
            title=material.credit.title,
            file=material.name,
            split="validation" if held_back else "train",
            first_row=0,
            row_count=0,
            notes=0,
            family=family,
            seconds=round(seconds, 3),
            composer=material.credit.composer,
            licence=material.credit.licence,
            attribution=material.credit.attribution,
            metre=bars.metre,
            first_bar=bars.first,
        )
