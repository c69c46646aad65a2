"""Verdicts on outputs in sentences."""

from musicgen_app.generation.originality import RUN_SIZES
from musicgen_app.project.verdict import NOTES, TOKENS, Copied, Verdict

_COPY = RUN_SIZES[-1]
"""Tokens in a row that nobody hits by chance."""
_STUCK = 8
_SCORES_DIFFER = 0.0051
"""Tables round their scores to two or three digits."""


def verdict_story(verdict: Verdict, table_score: float | None = None) -> tuple[str, ...]:
    """Sentences about an output: what is copied, where it repeats itself, and how varied it is.

    Args:
        verdict: What was found out.
        table_score: The score a table says it has; None where none does.
    """
    told = (_copied(verdict), *_repeated(verdict), _score(verdict, table_score))
    return tuple(sentence for sentence in told if sentence)


def place_words(verdict: Verdict) -> str:
    """Where the longest run of an output stands: ``place 10177 of notes_chopin_train``; empty where there is none."""
    copied = verdict.copied
    if copied.longest == 0:
        return ""
    if copied.unit == NOTES:
        return f"{copied.piece}, {f'note {copied.place}' if copied.bar is None else f'bar {copied.bar:,}'}"
    place = f"place {copied.place}"
    return f"{copied.piece}, {place}" if copied.piece else f"{place} of {verdict.against}"


def _copied(verdict: Verdict) -> str:
    copied, place = verdict.copied, place_words(verdict)
    unit = copied.unit
    if not place:
        return f"Nothing of its output stands in {verdict.against}."
    longest = "1 token" if copied.longest == 1 and unit == TOKENS else f"{copied.longest:,} {unit}"
    if not _is_copy(copied):
        within = "" if copied.usual is None else f", within what composers share (up to {copied.usual:,})"
        return f"The longest run of its output that stands in {verdict.against} too has {longest}{within}: {place}."
    how = "are copied in one piece from" if unit == TOKENS or copied.same_rhythm else "have the pitches of"
    if copied.longest == copied.total:
        return f"All {longest} of its output {how} {place}."
    shared = copied.share
    rest = f" In all {shared:.0%} of it stands there." if shared > copied.longest / copied.total + 0.005 else ""
    return f"{copied.longest:,} of the {copied.total:,} {unit} of its output {how} {place}.{rest}"


def _is_copy(copied: Copied) -> bool:
    return copied.longest >= _COPY if copied.usual is None else copied.longest > copied.usual


def _repeated(verdict: Verdict) -> list[str]:
    loop, stuck = verdict.habits.loop, verdict.habits.stuck
    told = []
    if loop is not None and loop.period > 1:
        end = " to the end" if loop.at_end else ""
        told.append(f"It goes round in a loop of {loop.period} tokens, for {loop.tokens:,} tokens{end}.")
    if stuck >= _STUCK:
        told.append(f"One token stands {stuck:,} times in a row.")
    return told


def _score(verdict: Verdict, table_score: float | None) -> str:
    score = verdict.habits.score
    if table_score is None:
        return f"{score:.1%} of its tokens are distinct."
    if abs(score - table_score) <= _SCORES_DIFFER:
        return ""
    return f"Counted in the output itself the score is {score:.3f}: words that sound alike are one there."
