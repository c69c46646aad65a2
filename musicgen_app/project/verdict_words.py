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
    """Where the longest run of an output stands; empty where there is none (see ``copied_place``)."""
    return copied_place(verdict.copied, verdict.against)


def copied_place(copied: Copied, against: str) -> str:
    """Where a run stands: ``Étude op. 25 no. 12, tokens 428 to 627 of 938``; empty where there is none.

    Where the reference is a list, the place in it is told too, counted from 0 as the experiments count their windows.
    """
    if copied.longest == 0:
        return ""
    if copied.unit == NOTES:
        return f"{copied.piece}, {f'note {copied.place}' if copied.bar is None else f'bar {copied.bar:,}'}"
    if not copied.piece:
        return f"place {copied.place} of {copied.list_name or against}"
    if copied.within is None:
        return f"{copied.piece}, place {copied.place}"
    listed = f" (place {copied.place} of {copied.list_name})" if copied.list_name else ""
    return f"{copied.piece}, {_tokens(copied)}{listed}"


def is_copy(copied: Copied) -> bool:
    """Whether a run is longer than what people have in common by chance."""
    return copied.longest >= _COPY if copied.usual is None else copied.longest > copied.usual


def _tokens(copied: Copied) -> str:
    """Which tokens of its piece a run has, counted from 1."""
    first = (copied.within or 0) + 1
    if copied.goes_on:
        return f"from token {first:,} on into {copied.goes_on}"
    of = f" of {copied.piece_tokens:,}" if copied.piece_tokens else ""
    last = first + copied.longest - 1
    return f"token {first:,}{of}" if last == first else f"tokens {first:,} to {last:,}{of}"


def _copied(verdict: Verdict) -> str:
    copied, place = verdict.copied, place_words(verdict)
    unit = copied.unit
    if not place:
        return f"Nothing of its output stands in {verdict.against}."
    longest = "1 token" if copied.longest == 1 and unit == TOKENS else f"{copied.longest:,} {unit}"
    if not is_copy(copied):
        within = "" if copied.usual is None else f", within what composers share (up to {copied.usual:,})"
        return f"The longest run of its output that stands in {verdict.against} too has {longest}{within}: {place}."
    how = "are copied in one piece from" if unit == TOKENS or copied.same_rhythm else "have the pitches of"
    if copied.longest == copied.total:
        return f"All {longest} of its output {how} {place}."
    shared = copied.share
    rest = f" In all {shared:.0%} of it stands there." if shared > copied.longest / copied.total + 0.005 else ""
    return f"{copied.longest:,} of the {copied.total:,} {unit} of its output {how} {place}.{rest}"


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
