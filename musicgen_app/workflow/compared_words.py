"""A comparison of runs in words: the lines of its tables, for the command line and the window alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from musicgen_app.core.likeness import HISTOGRAMS, Figures
from musicgen_app.project.story import duration_words
from musicgen_app.project.verdict import Verdict
from musicgen_app.project.verdict_words import place_words
from musicgen_app.workflow.compare import ComparedRun, Comparison
from musicgen_app.workflow.compared_figures import Likelihood
from musicgen_app.workflow.likeness import Likeness

LIKELIHOOD = "Likelihood, held out (95 % interval)"

_FIGURES = (
    ("Pitch-class entropy", "pitch_class_entropy", " bits"),
    ("Polyphony", "polyphony", " keys"),
    ("Notes a second", "notes_per_second", ""),
)
_OVERLAPS = {
    "pitch_class": "Overlap of pitch classes",
    "note_length": "Overlap of note lengths",
    "inter_onset": "Overlap of onset gaps",
    "velocity": "Overlap of velocities",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table.

    Attributes:
        name: What it tells.
        values: Of each run, as words; empty where nothing is known.
        beside: The same of people's music; empty where that is not known.
    """

    name: str
    values: tuple[str, ...]
    beside: str = ""

    @property
    def known(self) -> bool:
        """Whether anything stands in it."""
        return any(self.values)


def setting_lines(found: Comparison) -> tuple[Line, ...]:
    """The settings that differ."""
    return tuple(Line(one.name, one.values) for one in found.differences.settings)


def alike_words(found: Comparison) -> str:
    """Which settings are the same, and which are known of one run alone."""
    parts = [
        f"{words}: {_listed(names)}."
        for words, names in (("The same", found.differences.alike), ("Known of one run only", found.differences.single))
        if names
    ]
    return " ".join(parts)


def figure_lines(found: Comparison) -> tuple[Line, ...]:
    """Losses and likelihoods of the runs."""
    rows: tuple[tuple[str, Callable[[ComparedRun], str]], ...] = (
        ("Epochs", lambda run: f"{run.epochs:,}" if run.epochs else ""),
        ("Best epoch", lambda run: "" if run.best_epoch is None else f"{run.best_epoch:,}"),
        ("Training loss there", lambda run: _loss(run.train)),
        ("Validation loss there", lambda run: _loss(run.validation)),
        ("Trained for", lambda run: "" if not run.minutes else duration_words(60 * run.minutes)),
        (
            LIKELIHOOD,
            lambda run: "" if run.likelihood is None else likelihood_words(run.likelihood),
        ),
        ("A 4-gram needs", lambda run: "" if run.likelihood is None else _loss(run.likelihood.fourgram)),
        ("Measured on", lambda run: "" if run.likelihood is None else _measured(run.likelihood)),
        ("Score in its table", lambda run: "" if run.table_score is None else f"{run.table_score:g}"),
    )
    return _lines(rows, found.runs)


def originality_lines(found: Comparison) -> tuple[Line, ...]:
    """What of the music of each run is copied, and how it repeats itself."""
    return _lines((("Longest copied run", _longest), ("Copied from", _places), ("Loops", _loops)), found.runs)


def likeness_lines(found: Comparison) -> tuple[Line, ...]:
    """How near the music of each run comes to people's: means over its takes, and what histograms have in common."""
    known = [found.likeness.get(str(run.number)) for run in found.runs]
    some = next((one for one in known if one is not None), None)
    if some is None:
        return ()
    people = [figures for _, figures in some.held_out]
    lines = [
        Line(title, tuple(_mean(one, name, unit) for one in known), _span(people, name, unit))
        for title, name, unit in _FIGURES
    ]
    for name in HISTOGRAMS:
        values = tuple("" if one is None else f"{one.takes_overlap[name]:.2f}" for one in known)
        beside = f"{some.training_overlap[name]:.2f}" if some.training_overlap else ""
        lines.append(Line(_OVERLAPS[name], values, beside))
    return tuple(lines)


def beside_words(found: Comparison) -> str:
    """What the figures of people's music are of."""
    some = next(iter(found.likeness.values()), None)
    if some is None:
        return ""
    return "Held-out pieces" if some.training_overlap else "Training pieces"


def likelihood_words(found: Likelihood) -> str:
    """A likelihood with its interval."""
    told = f"{found.nats:.3f} nats a {found.unit}"
    if found.interval is None:
        return f"{told} (one piece, no interval)"
    low, high = found.interval
    return f"{told} ({low:.3f} to {high:.3f})"


def problem_lines(found: Comparison) -> tuple[str, ...]:
    """What was not possible, and what to keep in mind, in sentences."""
    problems = [f"{run.title}: {problem}" for run in found.runs for problem in run.problems]
    return (*found.remarks, *problems)


def _lines(rows: Sequence[tuple[str, Callable[[ComparedRun], str]]], runs: Sequence[ComparedRun]) -> tuple[Line, ...]:
    """The lines in which something stands."""
    lines = (Line(name, tuple(words(run) for run in runs)) for name, words in rows)
    return tuple(line for line in lines if line.known)


def _listed(names: Sequence[str]) -> str:
    return ", ".join((names[0], *(name[:1].lower() + name[1:] if name[1:2].islower() else name for name in names[1:])))


def _loss(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _measured(found: Likelihood) -> str:
    pieces = "1 piece" if found.pieces == 1 else f"{found.pieces:,} pieces"
    return f"{pieces}, {found.notes:,} {found.unit}s of {found.dataset}"


def _verdicts(run: ComparedRun) -> list[Verdict]:
    return [take.verdict for take in run.takes if take.verdict is not None]


def _worst(run: ComparedRun) -> Verdict | None:
    """The verdict on the take of which most is copied."""
    return max(_verdicts(run), key=lambda verdict: verdict.copied.longest, default=None)


def _longest(run: ComparedRun) -> str:
    worst = _worst(run)
    if worst is None:
        return ""
    copied = worst.copied
    usual = "" if copied.usual is None else f"; composers share up to {copied.usual:,}"
    return f"{copied.longest:,} of {copied.total:,} {copied.unit}{usual}"


def _places(run: ComparedRun) -> str:
    worst = _worst(run)
    return "" if worst is None else place_words(worst)


def _loops(run: ComparedRun) -> str:
    loops = [verdict.habits.loop for verdict in _verdicts(run)]
    periods = sorted({loop.period for loop in loops if loop is not None})
    if not loops:
        return ""
    return f"of {', '.join(map(str, periods))} tokens" if periods else "none"


def _mean(one: Likeness | None, name: str, unit: str) -> str:
    if one is None:
        return ""
    values = [float(getattr(figures, name)) for _, figures in one.takes]
    return f"{sum(values) / len(values):.2f}{unit}"


def _span(people: Sequence[Figures], name: str, unit: str) -> str:
    values = [float(getattr(figures, name)) for figures in people]
    low, high = f"{min(values):.2f}", f"{max(values):.2f}"
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"
