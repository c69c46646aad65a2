"""Where the figures of the quality benchmarks are kept: ``build/quality.json``, each benchmark under its name."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "build" / "quality.json"
SHARED = ROOT.parent / "shared"
"""Where the music of these benchmarks lies unless it is named."""


def keep(name: str, figures: dict[str, Any]) -> None:
    """Add the figures of a benchmark to those of the others."""
    known = json.loads(OUT.read_text()) if OUT.is_file() else {}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({**known, name: figures}, indent=1) + "\n")
