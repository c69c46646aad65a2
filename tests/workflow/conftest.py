"""What tests of the verbs share: a small data set and a request that trains on it in seconds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from musicgen_app.dataset.store import Dataset
from musicgen_app.workflow.train import TrainRequest
from tests.ml.synthetic import TINY, write_synthetic


@pytest.fixture(scope="session")
def small_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_synthetic(tmp_path_factory.mktemp("dataset"))


@pytest.fixture
def request_for(small_dataset: Dataset) -> Callable[..., TrainRequest]:
    """Make a request to train into a folder; keywords that a request lacks become overrides of the preset."""

    def make(out: Path, **values: Any) -> TrainRequest:
        own = {name: values.pop(name) for name in ("epochs", "minutes", "seed", "resume", "title") if name in values}
        return TrainRequest(small_dataset.folder, out, overrides={**TINY, "patience": 0, **values}, **own)

    return make
