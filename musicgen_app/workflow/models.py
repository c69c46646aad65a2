"""The models a person can generate with: the runs of a project, and those that come with the program."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from musicgen_app.core.errors import CheckpointError
from musicgen_app.generation.checkpoint import CheckpointHeader, read_header
from musicgen_app.generation.windowed import WindowedConfig
from musicgen_app.project.runs import RunRecord
from musicgen_app.tokens.seed import NAME as WORDS


@dataclass(frozen=True, slots=True)
class Model:
    """A checkpoint that can be used.

    Attributes:
        path: Its file.
        title: Its name, as the project or the checkpoint calls it.
        bundled: Whether it comes with the program.
        header: What it says about itself.
    """

    path: Path
    title: str
    bundled: bool
    header: CheckpointHeader

    @property
    def writes_words(self) -> bool:
        """Whether it writes the words of the seeds, which say nothing of time or loudness."""
        return self.header.codec.get("codec") == WORDS

    @property
    def windowed(self) -> bool:
        """Whether it is a network of the seeds, which reads a window of words before each."""
        return isinstance(self.header.network, WindowedConfig)

    @property
    def pieces(self) -> int:
        """How many pieces it learned from; 0 where it does not say."""
        return _whole(self.header.corpus.get("pieces"))

    @property
    def fingerprint(self) -> str:
        """Of the data set it learned from; "" where it does not say."""
        value = self.header.corpus.get("fingerprint")
        return value if isinstance(value, str) else ""

    @property
    def notes(self) -> int:
        """How many notes it learned from; 0 where it does not say."""
        return _whole(self.header.corpus.get("notes"))

    @property
    def epochs(self) -> int:
        """The epoch its weights are from; 0 where it does not say."""
        return _whole(self.header.training.get("best_epoch"))

    @property
    def validation(self) -> float | None:
        """Nats a note on pieces it did not learn from; None where that was not measured."""
        value = self.header.training.get("validation")
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def list_models(runs: Iterable[RunRecord], folder: Path) -> tuple[Model, ...]:
    """Models of a project's runs, newest first, then those in a folder by name. What cannot be used is left out.

    Args:
        runs: The runs, oldest first.
        folder: The folder of bundled models; it need not exist.
    """
    models = []
    for run in reversed(tuple(runs)):
        if run.checkpoint is not None:
            models.append(_model(run.checkpoint, run.title, bundled=False))
    for path in sorted(folder.glob("*.safetensors")):
        models.append(_model(path, "", bundled=True))
    return tuple(model for model in models if model is not None)


def open_model(path: Path, title: str = "", bundled: bool = False) -> Model:
    """A model by its file; without a title it is called as it calls itself.

    Raises:
        CheckpointError: It cannot be used.
    """
    header = read_header(path)
    return Model(path, title or header.title or path.stem, bundled, header)


def _model(path: Path, title: str, bundled: bool) -> Model | None:
    try:
        return open_model(path, title, bundled)
    except CheckpointError:
        return None


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
