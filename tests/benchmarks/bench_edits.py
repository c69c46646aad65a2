"""How long each command of the table takes to edit 10,000 notes of a piece of 100,000."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from musicgen_app.core import edit_signs, selections
from musicgen_app.core.command_table import COMMANDS, Command
from musicgen_app.core.score import PEDAL_DTYPE, KeySignature, Score
from tests.benchmarks.bench_roll import milliseconds, piece

NOTES, CHOSEN = 100_000, 10_000
RUNS = 7


def music() -> Score:
    """Two tracks, a pedal that moves every beat, and a key that changes."""
    score = piece(NOTES)
    notes = score.notes.copy()
    notes["track"] = np.arange(NOTES) % 2
    onset = np.arange(0, score.end, 480)
    pedals = np.zeros(len(onset), PEDAL_DTYPE)
    pedals["onset"], pedals["value"] = onset, np.where(np.arange(len(onset)) % 2, 0, 127)
    score = replace(score, notes=notes, pedals=pedals, tracks=score.tracks * 2)
    return edit_signs.set_key_signature(score, KeySignature(score.end // 2, -3, True))


def run() -> dict[str, float]:
    """Milliseconds of each command and of each way to choose; ``edit_function_10000_ms`` is the slowest command's."""
    score = music()
    chosen = np.sort(np.random.default_rng(1).choice(NOTES, CHOSEN, replace=False)).astype(np.intp)

    def act(one: Command) -> Callable[[], object]:
        return lambda: one.run(score, chosen)

    figures = {f"edit_function_ms_{one.id}": milliseconds(act(one), RUNS) for one in COMMANDS}
    slowest = max(figures.values())
    figures["select_ms_similar"] = milliseconds(
        lambda: selections.similar(score, chosen, pitch=0, duration=20, velocity=10), RUNS
    )
    return {"edit_function_10000_ms": slowest, **figures}
