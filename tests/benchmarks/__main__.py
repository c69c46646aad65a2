"""Runs every benchmark here and writes all figures, under flat names, to ``build/bench.json``.

Usage: python -m tests.benchmarks [NAME ...]   (for example: midi training)
Each module ``bench_NAME`` has ``run() -> dict[str, float]``. It runs in a process of its own, so that no benchmark
inherits the threads or the warm caches of the one before.
"""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUT = HERE.parent.parent / "build" / "bench.json"
CALL = "import importlib, json, sys; print('\\n' + json.dumps(importlib.import_module(sys.argv[1]).run()))"


def main(names: list[str]) -> int:
    found = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    unknown = [name for name in names if name not in found]
    if unknown:
        print(f"No such benchmark: {', '.join(unknown)}. There are: {', '.join(found)}.", file=sys.stderr)
        return 2
    figures: dict[str, float] = json.loads(OUT.read_text()) if names and OUT.is_file() else {}
    failed = []
    for name in names or found:
        print(f"== {name}", flush=True)
        command = [sys.executable, "-c", CALL, f"tests.benchmarks.bench_{name}"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=HERE.parent.parent, check=False)
        if done.returncode != 0:
            failed.append(name)
            continue
        *table, last = done.stdout.rstrip().splitlines()
        print("\n".join(table))
        part = json.loads(last)
        figures.update(part)
        for key, value in part.items():
            print(f"   {key:<60} {value:>14,.4g}")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n")
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
