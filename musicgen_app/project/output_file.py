"""What is known of the output of a run beside its notes: how it was made, and its score in words."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from musicgen_app.core.errors import ProjectError
from musicgen_app.project.store import Fields, read_json, write_file, write_json

OUTPUT_FILE = "output.json"
OUTPUT_SUFFIX = "_output.mid"
OUTPUT_VERSION = 1


def _nothing() -> Mapping[str, object]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class OutputFacts:
    """How an output was made.

    Attributes:
        sample: Settings of ``SampleConfig``, JSON values.
        rendering: How its words became notes, JSON values; empty where the model wrote notes, or as the model says.
        score: Distinct words as a share of all, as the seeds count; None where it was written in notes.
    """

    sample: Mapping[str, object] = field(default_factory=_nothing)
    rendering: Mapping[str, object] = field(default_factory=_nothing)
    score: float | None = None

    @property
    def random_pick(self) -> int | None:
        """Among how many of the likeliest words was chosen, all alike; None where that was not asked for."""
        pick = self.sample.get("random_pick")
        return pick if isinstance(pick, int) and pick > 0 else None


def output_path(folder: Path) -> Path:
    """Where the output of a run of this program lies."""
    number = int(folder.name) if folder.name.isdecimal() else folder.name
    return folder / f"{number}{OUTPUT_SUFFIX}"


def write_output(folder: Path, content: bytes, facts: OutputFacts) -> Path:
    """Write the output of a run, and how it was made; another one that lay there is replaced.

    Args:
        folder: The run's folder.
        content: The MIDI file.
        facts: How it was made.

    Raises:
        ProjectError: It could not be written.
    """
    path = output_path(folder)
    # The facts first: they count only for the output with this digest, and an output never stands without them.
    described = {"sample": dict(facts.sample), "rendering": dict(facts.rendering), "score": facts.score}
    digest = hashlib.sha256(content).hexdigest()
    write_json(folder / OUTPUT_FILE, {"version": OUTPUT_VERSION, "digest": digest, **described})
    write_file(path, content)
    return path


def read_output_facts(folder: Path, output: Path | None) -> OutputFacts | None:
    """How the output of a run was made; None where that is not known, or known of another output."""
    path = folder / OUTPUT_FILE
    if output is None or not path.is_file():
        return None
    try:
        found = Fields(read_json(path), OUTPUT_FILE)
        digest, score = found.take("digest", str, ""), found.optional("score", float)
        sample: dict[str, object] = found.take("sample", dict, {})
        rendering: dict[str, object] = found.take("rendering", dict, {})
        same = digest == hashlib.sha256(output.read_bytes()).hexdigest()
    except (ProjectError, OSError):
        return None
    return OutputFacts(MappingProxyType(sample), MappingProxyType(rendering), score) if same else None
