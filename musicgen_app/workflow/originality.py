"""The verb originality: whether a piece is new, or copied from the music a model learned from."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.errors import UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score
from musicgen_app.dataset.store import Dataset, open_dataset
from musicgen_app.generation.human_runs import HumanRuns, Usual, human_runs
from musicgen_app.generation.opening import moved_back
from musicgen_app.generation.originality import RUN_SIZES, CopiedRun, Copies, CopyFinder, Source
from musicgen_app.midi.reader import read_midi

_READING = "Reading the training pieces"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of a piece.

    Attributes:
        copies: What of it is copied.
        usual: What is usual among the works of the data set, in excerpts of about its length; None where there are
            no two works.
        works: From so many works these excerpts are.
        fingerprint: Of the data set.
    """

    copies: Copies
    usual: Usual | None
    works: int
    fingerprint: str

    @property
    def copied(self) -> bool:
        """Whether more of it is copied than composers have in common."""
        return self._rhythm_copied or self._pitches_copied

    @property
    def decisive(self) -> CopiedRun | None:
        """The run the verdict is about: the longest, or that of pitches alone where it says much more."""
        copies = self.copies
        if self._pitches_copied and not (self._rhythm_copied and 2 * copies.longest_run >= copies.longest_pitch_run):
            return copies.longest_pitches
        return copies.longest or copies.longest_pitches

    @property
    def _rhythm_copied(self) -> bool:
        return self.usual is not None and self.copies.longest_run > self.usual.high

    @property
    def _pitches_copied(self) -> bool:
        return self.usual is not None and self.copies.longest_pitch_run > self.usual.pitch_high

    @property
    def verdict(self) -> str:
        """One plain sentence."""
        run, usual = self.decisive, self.usual
        if run is None:
            return "No two notes of it stand in the training pieces."
        place = place_words(run.source)
        if usual is None:
            return f"Longest run {run.notes:,} notes, from {place}; no other work shows what composers share."
        if not self.copied:
            return f"Longest run {run.notes:,} notes, within what composers share (up to {usual.high:,})."
        notes = f"All {run.notes:,} notes" if run.notes == self.copies.notes else f"{run.notes:,} notes in a row"
        if run.same_rhythm:
            return f"{notes} are copied from {place}; composers share up to {usual.high:,}."
        return f"{notes} have the pitches of {place}; composers share up to {usual.pitch_high:,}."

    def summary(self) -> dict[str, Any]:
        """JSON values."""
        run, usual = self.decisive, self.usual
        return {
            "notes": self.copies.notes,
            "longest_run": self.copies.longest_run,
            "longest_pitch_run": self.copies.longest_pitch_run,
            "source": None if run is None else {"piece": run.source.title, "bar": run.source.bar},
            "shares": {str(size): share for size, share in self.copies.shares.items()},
            "human": None if usual is None else {"low": usual.low, "high": usual.high},
            "verdict": self.verdict,
            "copied": self.copied,
            "human_pitch": None if usual is None else {"low": usual.pitch_low, "high": usual.pitch_high},
            "runs": [_run_summary(one) for one in self.copies.runs],
        }

    def text(self) -> str:
        """The verdict and what stands behind it, a line each."""
        sizes = [f"{self.copies.shares[size]:.1%} in runs of {size} or more" for size in RUN_SIZES]
        lines = [self.verdict, f"Of {self.copies.notes:,} notes: {', '.join(sizes)}."]
        lines += [f"Bar {run.bar}: {run_words(run)}" for run in self.copies.runs]
        if self.usual is not None:
            lines.append(f"Composers: excerpts of {self.usual.notes:,} notes from {self.works:,} works.")
        return "\n".join(lines)


class Comparison:
    """A data set whose passages are known, to hold pieces against."""

    def __init__(self, finder: CopyFinder, human: HumanRuns) -> None:
        self._finder = finder
        self._human = human

    @property
    def fingerprint(self) -> str:
        """The data set's."""
        return self._finder.dataset.fingerprint

    def judge(self, score: Score, skipped: int = 0) -> Judgement:
        """Say what is to be said of a piece, without some piano notes at its beginning."""
        copies = self._finder.check(score, skipped)
        return Judgement(copies, self._human.at(copies.notes), self._human.works, self.fingerprint)

    def passage(self, run: CopiedRun) -> Score:
        """The notes a run was copied from, as a score of their own that begins with them."""
        dataset = self._finder.dataset
        whole = dataset.score(dataset.pieces[run.source.piece])
        notes = whole.notes[run.source.note : run.source.note + run.notes]
        onset, last = int(notes["onset"][0]), int(notes["onset"][-1])
        pedals = whole.pedals[whole.pedals["onset"] <= last]
        return moved_back(replace(whole, notes=notes, pedals=pedals), onset)


def compare_with(folder: Path, report: Report, cancel: CancelToken) -> Comparison:
    """Learn the passages of a data set's training pieces; about a second for a million notes.

    Raises:
        Cancelled: Stopped on request.
        DatasetError: It cannot be used.
    """
    return compare_dataset(open_dataset(folder), report, cancel)


def compare_dataset(dataset: Dataset, report: Report, cancel: CancelToken) -> Comparison:
    """The same for a data set that is open.

    Raises:
        Cancelled: Stopped on request.
    """
    report(Progress(_READING, item=dataset.folder.name))
    # The rows are copied: a file that stays mapped could not be replaced on every system.
    finder = CopyFinder(replace(dataset, all_rows=np.array(dataset.all_rows)), cancel)
    return Comparison(finder, human_runs(finder, cancel))


def originality(file: Path, dataset: Path, report: Report, cancel: CancelToken) -> Judgement:
    """Hold a MIDI file against the training pieces of a data set.

    Raises:
        Cancelled: Stopped on request.
        MidiReadError: Nothing can be read from the file.
        UsageError: It has no notes of a piano.
        DatasetError: The data set cannot be used.
    """
    score = read_midi(file).score
    if len(piano_notes(score)) == 0:
        raise UsageError(f"{file.name} has no notes to compare.", "Choose a file with piano notes; drums do not count.")
    return compare_with(dataset, report, cancel).judge(score)


def place_words(source: Source) -> str:
    """Where a run comes from: a piece and its bar, or the time where there are no bars."""
    if source.bar is not None:
        return f"{source.title}, bar {source.bar:,}"
    return f"{source.title}, at {int(source.second) // 60}:{int(source.second) % 60:02d}"


def run_words(run: CopiedRun) -> str:
    """A run in a few words."""
    rhythm = "" if run.same_rhythm else ", in another rhythm"
    return f"{run.notes:,} notes of {place_words(run.source)}{rhythm}"


def _run_summary(run: CopiedRun) -> dict[str, Any]:
    return {
        "notes": run.notes,
        "bar": run.bar,
        "piece": run.source.title,
        "source_bar": run.source.bar,
        "same_rhythm": run.same_rhythm,
    }
