"""Results in words, as the command line prints them for people."""

from collections.abc import Sequence

from musicgen_app.cli.console import duration_text
from musicgen_app.dataset.baselines import FOURGRAM
from musicgen_app.workflow.likeness import Likeness
from musicgen_app.workflow.reports import Evaluation, TrainResult


def train_text(result: TrainResult) -> str:
    """A training's end in a sentence or two."""
    held_out = "" if result.validation is None else f", validation {result.validation:.3f}"
    fourgram = (result.baselines or {}).get(FOURGRAM)
    counting = "" if fourgram is None else f"; a 4-gram needs {fourgram:.3f}"
    if fourgram is not None and not result.verdict:
        counting = f", which beats a 4-gram ({fourgram:.3f})"
    started = "" if result.start is None else f", starting from the model {result.start['title']}"
    lines = [
        f"{result.epochs} epochs in {duration_text(result.seconds)}{started}. "
        f"The best model is from epoch {result.best_epoch}: "
        f"training {result.train:.3f}{held_out} nats per note{counting}.",
        result.verdict,
        str(result.checkpoint),
    ]
    return "\n".join(line for line in lines if line)


def evaluation_text(found: Evaluation) -> str:
    """An evaluation in lines: the figure and its parts, how sure it is, and what it is to be compared with."""
    parts = ", ".join(f"{name} {value:.3f}" for name, value in found.parts.items())
    lines = [f"{found.nats_per_note:.3f} nats per note ({parts})"]
    if found.interval is not None:
        low, high = found.interval
        lines.append(f"95 % interval over pieces: {low:.3f} to {high:.3f}")
    if found.accuracy:
        parts = ", ".join(f"{name} {share:.1%}" for name, share in found.accuracy.items() if name != "note")
        lines.append(f"foretold right: {found.accuracy['note']:.1%} of the notes ({parts})")
    known = {name: value for name, value in found.baselines.items() if value is not None}
    lines.append(f"without a network: {', '.join(f'{name} {value:.3f}' for name, value in known.items())}")
    lines.append(found.verdict)
    lines.append(f"{found.pieces:,} pieces, {found.notes:,} notes, grid: {found.grid}")
    lines += [f"left out: {skipped.file}: {skipped.error}" for skipped in found.skipped]
    return "\n".join(line for line in lines if line)


def likeness_text(found: Likeness) -> str:
    """Takes in lines, the pieces they stand beside in one, and what the histograms of both have in common."""
    lines = [
        f"{name}: {one.notes:,} notes, pitch-class entropy {one.pitch_class_entropy:.2f} bits, "
        f"polyphony {one.polyphony:.2f}, {one.notes_per_second:.1f} notes/s"
        for name, one in found.takes
    ]
    known = [one for _, one in found.held_out]
    entropy, together = span_text([p.pitch_class_entropy for p in known]), span_text([p.polyphony for p in known])
    kind = "held-out" if found.training_overlap else "training"
    pieces = f"1 {kind} piece" if len(known) == 1 else f"{len(known):,} {kind} pieces"
    density = span_text([piece.notes_per_second for piece in known])
    lines.append(f"{pieces}: pitch-class entropy {entropy} bits, polyphony {together}, {density} notes/s")
    for name, area in found.takes_overlap.items():
        beside = f" (training pieces {found.training_overlap[name]:.3f})" if found.training_overlap else ""
        lines.append(f"overlap of {name.replace('_', ' ')}: {area:.3f}{beside}")
    lines += [f"left out: {skipped.file}: {skipped.error}" for skipped in found.skipped]
    return "\n".join(lines)


def span_text(values: Sequence[float]) -> str:
    """The lowest and the highest of some numbers, or the one there is."""
    low, high = f"{min(values):.2f}", f"{max(values):.2f}"
    return low if low == high else f"{low} to {high}"
