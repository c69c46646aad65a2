"""What was found out about a run, as the cells of its row: its output, and how it foretells held-out pieces."""

from musicgen_app.dataset.baselines import BIGRAM, FOURGRAM, UNIGRAM
from musicgen_app.project.held_out import NOTE
from musicgen_app.project.runs import RunRecord
from musicgen_app.project.verdict import Verdict
from musicgen_app.project.verdict_words import place_words


def found_in(verdict: Verdict | None) -> dict[str, object]:
    """What a verdict says in the row of a run."""
    if verdict is None:
        figures = ("counted_score", "longest_copy", "copied_share", "loop_period", "longest_stuck")
        return {**dict.fromkeys(figures), "copied_from": ""}
    loop = verdict.habits.loop
    return {
        "counted_score": verdict.habits.score,
        "longest_copy": verdict.copied.longest,
        "copied_share": verdict.copied.share,
        "loop_period": None if loop is None else loop.period,
        "longest_stuck": verdict.habits.stuck,
        "copied_from": place_words(verdict),
    }


def foretold_by(run: RunRecord) -> dict[str, object]:
    """What held-out pieces say of a run, beside its validation loss."""
    held = run.held_out
    low, high = held.interval if held is not None and held.interval is not None else (None, None)
    return {
        "accuracy": None if held is None else held.accuracy.get(NOTE),
        "held_low": low,
        "held_high": high,
        "unigram": run.baselines.get(UNIGRAM),
        "bigram": run.baselines.get(BIGRAM),
        "fourgram": run.baselines.get(FOURGRAM),
    }
