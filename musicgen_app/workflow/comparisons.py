"""Finds the music to hold a piece against, and what a copied run of it sounds like where it comes from."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.errors import DatasetError
from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.core.score import Score
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.generation.originality import CopiedRun
from musicgen_app.tokens.seed import SeedCodec
from musicgen_app.workflow.originality import Comparison, Judgement, compare_dataset
from musicgen_app.workflow.references import NoteReference, open_reference, words_of_dataset
from musicgen_app.workflow.word_reference import WordCopy, WordJudgement, WordReference

_KEPT = 2

AnyComparison = Comparison | WordReference
AnyJudgement = Judgement | WordJudgement
AnyRun = CopiedRun | WordCopy


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """What a run was copied from, laid beside the copy.

    Attributes:
        score: The source, as a score of its own that begins with it.
        moments: Shape (notes or tokens,): the tick of each in the source.
        copied: Shape (notes or tokens,): the tick of each in the copy.
    """

    score: Score
    moments: NDArray[np.int64]
    copied: NDArray[np.int64]


class Comparisons:
    """Opens what music is held against; what was needed last stays known. For one thread at a time."""

    def __init__(self) -> None:
        self._known: dict[str, AnyComparison] = {}

    def nearest(
        self, fingerprint: str, project: Path | None, bundled: Path, report: Report, cancel: CancelToken
    ) -> tuple[AnyComparison, bool] | None:
        """The music a model learned from, if it is there, else that of the project.

        Args:
            fingerprint: Of the data set the model learned from; "" where that is not known.
            project: The project's data set; it need not be there.
            bundled: The data set that comes with the program. It is only held against what was learned from it.
            report: Told when pieces are read.
            cancel: Looked at between pieces.

        Returns:
            The comparison, and whether it is with what the model learned from; None where there is no music.

        Raises:
            Cancelled: Stopped on request.
        """
        own, other = _opened(project), _opened(bundled)
        learned = [dataset for dataset in (own, other) if dataset is not None and dataset.fingerprint == fingerprint]
        dataset = learned[0] if learned else own
        if dataset is None:
            return None
        known = self._known.get(dataset.fingerprint)
        if known is None:
            words = isinstance(dataset.codec, SeedCodec)
            known = (words_of_dataset if words else compare_dataset)(dataset, report, cancel)
        return self._keep(dataset.fingerprint, known), bool(learned)

    def reference(self, path: Path, report: Report, cancel: CancelToken) -> AnyComparison:
        """The music at a place: a list of words, MIDI files, or a data set.

        Raises:
            MusicgenError: There is none, or it cannot be read.
            Cancelled: Stopped on request.
        """
        known = self._known.get(str(path))
        if known is None:
            found = open_reference(path, report, cancel)
            known = found.comparison if isinstance(found, NoteReference) else found
        return self._keep(str(path), known)

    def _keep(self, key: str, comparison: AnyComparison) -> AnyComparison:
        self._known.pop(key, None)
        self._known = dict([*self._known.items(), (key, comparison)][-_KEPT:])
        return comparison


def judged(comparison: AnyComparison, score: Score, skipped: int) -> AnyJudgement:
    """Say what is to be said of a piece, without some piano notes at its beginning."""
    if isinstance(comparison, WordReference):
        return comparison.compare(score, skipped)
    return comparison.judge(score, skipped)


def passage_of(comparison: AnyComparison, run: AnyRun, music: Score) -> Passage:
    """What a run of some music was copied from."""
    if isinstance(comparison, WordReference) and isinstance(run, WordCopy):
        score, moments = comparison.passage(run)
        return Passage(score, moments, run.moments)
    if isinstance(comparison, Comparison) and isinstance(run, CopiedRun):
        score = comparison.passage(run)
        copied = piano_notes(music)["onset"][run.first : run.first + run.notes]
        return Passage(score, score.notes["onset"].astype(np.int64), copied.astype(np.int64))
    raise TypeError("A run of another comparison.")


def _opened(folder: Path | None) -> Dataset | None:
    """A data set; None where there is none that can be used."""
    try:
        return None if folder is None else open_dataset(folder)
    except DatasetError:
        return None
