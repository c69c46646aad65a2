"""What happened in a run, told in words."""

import math

import numpy as np

from musicgen_app.dataset.baselines import BIGRAM, FOURGRAM, UNIGRAM, verdict
from musicgen_app.project.held_out import held_out_words
from musicgen_app.project.runs import RunRecord
from musicgen_app.project.seed_row import SeedRow
from musicgen_app.project.verdict_words import verdict_story

_RISEN_EPOCHS = 3
_LEARNED_BY_HEART = 0.35
"""From this much more loss on held-out pieces than on learned ones, in nats a note, it is worth a word."""


def run_story(run: RunRecord) -> tuple[str, ...]:
    """Sentences about a run: how far it came, which epoch is best, what the curves say, and how it ended."""
    if run.row is not None:
        return tuple(sentence for sentence in _imported(run, run.row) if sentence)
    if run.epochs == 0:
        return tuple(sentence for sentence in (_start(run), _beginning(run)) if sentence)
    found = [] if run.verdict is None else verdict_story(run.verdict, None if run.made is None else run.made.score)
    told = [_start(run), _extent(run), _best(run), *_compared(run), *_curves(run), _ending(run), _output(run)]
    sentences = [*told, *found]
    return tuple(sentence for sentence in sentences if sentence)


def duration_words(seconds: float) -> str:
    """A length of time for people: "45 s", "3 min 20 s", "2 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, rest = divmod(whole, 3600)
    return f"{hours} h {rest // 60} min" if rest >= 60 else f"{hours} h"


def _start(run: RunRecord) -> str:
    if run.parent:
        pick = None if run.made is None else run.made.random_pick
        how = "" if pick is None else f", with random pick {pick}"
        return f"It used the model of run {run.parent} again{how}. What follows tells of that training."
    title = run.start.get("title")
    return f"It started from the model {title}." if title else ""


def _imported(run: RunRecord, row: SeedRow) -> list[str]:
    minutes, loss, score = (row.number(name) for name in ("runtime(min.)", "loss", "score"))
    spent = "" if minutes is None else f", which took {duration_words(60 * minutes)}"
    told = [f"Test {row.test} of an imported table{spent}." if row.test else f"A row of an imported table{spent}."]
    if row.parent:
        told.append(f"It used the model of test {row.parent} again, with another random pick.")
    epoch = run.losses.best_epoch
    if epoch is not None:
        told.append(f"Its log has {_epochs(run.epochs)}, the lowest loss, {run.best:.3f}, in epoch {epoch}.")
    if loss is not None and not (epoch is not None and abs(run.best - loss) <= 1e-3 * max(1.0, loss)):
        told.append(f"The table says a loss of {loss:.3f}.")
    if score is not None:
        told.append(f"Score {score:g}: so many of the notes and chords of its output were distinct.")
    if run.verdict is not None:
        told += verdict_story(run.verdict, score)
    told.append("Nothing was held out, so these losses do not tell learning from learning by heart.")
    told.append(row.words("comments"))
    problems = row.words("Problems")
    return [*told, f"Problems: {problems}." if problems else ""]


def _output(run: RunRecord) -> str:
    if run.made is None or run.made.score is None:
        return ""
    pick = run.made.random_pick
    how = "" if pick is None else f" (random pick {pick})"
    return f"The score of its output{how} is {run.made.score:.3f}: so many of the words were distinct."


def _beginning(run: RunRecord) -> str:
    if run.status == "running":
        return "The first epoch is under way."
    told = f" {run.reason}" if run.status == "failed" and run.reason else ""
    return f"It ended before the first epoch was over.{told}"


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def _extent(run: RunRecord) -> str:
    planned = run.settings.get("epochs")
    done = _epochs(run.epochs)
    if isinstance(planned, int) and planned > run.epochs:
        done = f"{run.epochs} of {planned} epochs"
    spent = duration_words(float(np.nansum(run.losses.seconds)))
    return f"{done} in {spent} so far." if run.status == "running" else f"{done} in {spent}."


def _best(run: RunRecord) -> str:
    epoch = run.losses.best_epoch
    if epoch is None:
        return "No loss was a number."
    train, validation = run.losses.at(epoch)
    if math.isnan(validation):
        return f"The best model is from epoch {epoch}: {train:.3f} nats a note on the pieces it learned from."
    return (
        f"The best model is from epoch {epoch}: {validation:.3f} nats a note on pieces it never saw, "
        f"{train:.3f} on those it learned from."
    )


def _compared(run: RunRecord) -> list[str]:
    """How the best model stands against counting."""
    epoch = run.losses.best_epoch
    validation = math.nan if epoch is None else run.losses.at(epoch)[1]
    fourgram = run.baselines.get(FOURGRAM)
    if fourgram is None or math.isnan(validation):
        return []
    judged = verdict(validation, run.baselines) if run.status != "running" else ""
    fewer = [f"a {name} {run.baselines[name]:.3f}" for name in (BIGRAM, UNIGRAM) if name in run.baselines]
    counting = f"A 4-gram needs {', '.join([f'{fourgram:.3f}', *fewer])}."
    return [*([] if run.held_out is None else [held_out_words(run.held_out)]), counting, judged]


def _curves(run: RunRecord) -> list[str]:
    losses = run.losses
    epoch = losses.best_epoch
    if epoch is None or bool(np.isnan(losses.validation).all()):
        return ["There are no validation pieces, so nothing tells learning from learning by heart."] if epoch else []
    told = []
    since = run.epochs - epoch
    if since >= _RISEN_EPOCHS:
        told.append(f"Validation loss rose for {since} epochs after that.")
    elif since == 0 and run.epochs >= _RISEN_EPOCHS and run.status != "running":
        told.append("Validation loss was still falling: more epochs would help.")
    gap = float(losses.validation[-1] - losses.train[-1])
    if gap > _LEARNED_BY_HEART and since >= _RISEN_EPOCHS:
        told.append(
            f"It is {gap:.2f} above the training loss: the pieces are being learned by heart. "
            "More music, transposition or more dropout would help."
        )
    return told


def _ending(run: RunRecord) -> str:
    if run.status == "failed":
        kept = " The best model so far is kept." if run.checkpoint is not None else ""
        return f"It failed. {run.reason}{kept}".replace("  ", " ")
    if run.status == "stopped":
        return "It was stopped and can be resumed." if run.can_resume else "It was stopped."
    if run.status == "done" and run.reason:
        return f"It ended: {run.reason.rstrip('.')}."
    return ""
