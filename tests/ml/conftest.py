"""What tests of machine learning share: one small data set, one start of TensorFlow."""

from pathlib import Path

import pytest

from musicgen_app.dataset.store import Dataset
from musicgen_app.ml.backend import start_tensorflow
from tests.ml.synthetic import write_synthetic


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_synthetic(tmp_path_factory.mktemp("dataset"))


@pytest.fixture(scope="session")
def _started() -> None:
    start_tensorflow()


@pytest.fixture
def tensorflow(_started: None) -> Path | None:
    """Ask for this where TensorFlow is needed."""
    return None
