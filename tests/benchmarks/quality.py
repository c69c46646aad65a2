"""Runs the quality benchmarks one after the other and keeps their figures in ``build/quality.json``.

Usage: python -m tests.benchmarks.quality [NAME ...] (corpus, frames, tuning, seed). They train for about two
hours and three quarters in all, and look for their music in ../shared; one whose music is not there is passed over with
a sentence.
"""

import subprocess
import sys

from tests.benchmarks.kept import ROOT

NAMES = ("corpus", "frames", "tuning", "seed")


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"No such benchmark: {', '.join(unknown)}. There are: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    failed = []
    for name in names or NAMES:
        print(f"== {name}", flush=True)
        # A process of its own, so that none inherits the memory of the one before.
        done = subprocess.run([sys.executable, "-m", f"tests.benchmarks.quality_{name}"], cwd=ROOT, check=False)
        if done.returncode != 0:
            failed.append(name)
    if failed:
        print(f"Not measured: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
