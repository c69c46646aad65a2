"""Questions about music that may be copied, and their answers, as they go to a thread and come back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from musicgen_app.core.progress import CancelToken, Report
from musicgen_app.core.score import Score
from musicgen_app.project.takes import TakeRecord
from musicgen_app.workflow.comparisons import (
    AnyComparison,
    AnyJudgement,
    AnyRun,
    Comparisons,
    Passage,
    judged,
    passage_of,
)
from musicgen_app.workflow.originality import run_words
from musicgen_app.workflow.word_reference import WordCopy

_ELSEWHERE = "Compared with this project's data set; what the model learned from is not here."


@dataclass(frozen=True, slots=True)
class Question:
    """Music to look at.

    Attributes:
        take: The take it is; None for what is in the roll.
        score: The music.
        skipped: Notes at its beginning that are not looked at.
        fingerprint: Of the data set its model learned from; "" where that is not known.
        reference: Where the music lies that it is to be held against; None for that data set.
    """

    take: int | None
    score: Score
    skipped: int
    fingerprint: str
    reference: Path | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found.

    Attributes:
        question: What was asked.
        comparison: With what it was compared.
        learned: Whether that is what its model learned from.
        judgement: What is to be said of it.
    """

    question: Question
    comparison: AnyComparison
    learned: bool
    judgement: AnyJudgement

    @property
    def words(self) -> str:
        """The verdict, with what it was compared with where that is other music."""
        verdict = self.judgement.verdict
        return verdict if self.learned else f"{verdict} {_ELSEWHERE}"

    @property
    def details(self) -> str:
        """What stands behind the verdict, a line each."""
        lines = self.judgement.text().splitlines()[1:]
        if self.question.skipped:
            lines.append(f"Without the {self.question.skipped:,} notes it goes on from.")
        return "\n".join(lines)

    def passage(self, run: AnyRun) -> Passage:
        """What a run was copied from."""
        return passage_of(self.comparison, run, self.question.score)


def look(
    comparisons: Comparisons,
    question: Question,
    places: tuple[Path | None, Path],
    report: Report,
    cancel: CancelToken,
) -> Answer | None:
    """Find the answer to a question; None where there is nothing to compare with."""
    if question.reference is not None:
        comparison, learned = comparisons.reference(question.reference, report, cancel), True
    else:
        found = comparisons.nearest(question.fingerprint, *places, report, cancel)
        if found is None:
            return None
        comparison, learned = found
    return Answer(question, comparison, learned, judged(comparison, question.score, question.skipped))


def told(run: AnyRun) -> str:
    """A run in a few words."""
    return run.words if isinstance(run, WordCopy) else run_words(run)


def corpus_of(record: TakeRecord) -> str:
    """The fingerprint of what the model of a take learned from; "" where it is not known."""
    corpus = record.facts.get("corpus")
    return corpus if isinstance(corpus, str) else ""


def fact_of(answer: Answer) -> Mapping[str, object]:
    """What a project remembers of an answer."""
    judgement = answer.judgement
    return {
        "verdict": answer.words,
        "copied": judgement.copied,
        "longest_run": judgement.copies.longest_run,
        "longest_pitch_run": judgement.copies.longest_pitch_run,
        "against": judgement.fingerprint,
        "details": answer.details,
    }
