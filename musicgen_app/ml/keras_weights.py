"""Reads the weights out of files that Keras of TensorFlow 2.10 wrote (HDF5), and nothing else of them.

No model is loaded: what a file says of its layers is held against the stack it is to fill, name by name and shape by
shape, before a number is read. Links that lead elsewhere, data outside the file, virtual data and filters (which may be
plugins) are refused.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import h5py
import numpy as np

from musicgen_app.core.errors import CheckpointError
from musicgen_app.generation.checkpoint import Weights
from musicgen_app.generation.windowed import WindowedConfig, named_layers, windowed_shapes

_MOST_BYTES = 2_000_000_000
_MOST_NAMES = 200
_MOST_ATTRIBUTE_BYTES = 1_000_000
_LONGEST_NAME = 300
_INSIDE = "model_weights"
"""The group of the weights in a file that holds a whole model."""
_SIGNATURE = b"\x89HDF\r\n\x1a\n"

_LSTM = {"kernel": "kernel", "recurrent_kernel": "recurrent", "bias": "bias"}
_NORM = {"gamma": "gamma", "beta": "beta", "moving_mean": "mean", "moving_variance": "variance"}
_DENSE = {"kernel": "kernel", "bias": "bias"}
_ATTENTION = {"Wt": "query", "Wx": "key", "bh": "bias", "Wa": "score", "ba": "offset"}
_PARTS = {"lstm": _LSTM, "bilstm": _LSTM, "norm": _NORM, "relu": _DENSE, "dense": _DENSE, "attention": _ATTENTION}
"""How the last word of a weight's name in the file is called here, by kind of layer."""


def read_keras_weights(path: Path, network: WindowedConfig) -> Weights:
    """The weights of a file for a network whose stack the file's layers have.

    Raises:
        CheckpointError: It is missing, of another kind, damaged, or of another network.
    """
    _check_file(path)
    try:
        with h5py.File(path, "r") as file:
            root = _child(path, file, _INSIDE) if _INSIDE in file else file
            return _read(path, root, network)
    except (OSError, KeyError, ValueError, RuntimeError, TypeError) as error:
        raise CheckpointError(f"{path.name} is damaged or no file of Keras' weights ({error}).") from error


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise CheckpointError(f"There is no file {path}.", "Choose a .hdf5, .h5 or .keras file of weights.")
    with path.open("rb") as file:
        start = file.read(len(_SIGNATURE))
    if start != _SIGNATURE:
        _refuse(path, "is no HDF5 file", "Files of Keras 3 (.keras, a ZIP archive) are of another kind.")
    if path.stat().st_size > _MOST_BYTES:
        _refuse(path, "is larger than any file of weights for such a network")


def _read(path: Path, root: Any, network: WindowedConfig) -> Weights:
    expected = windowed_shapes(network)
    layers = [(kind, names) for kind, names in _own_layers(network)]
    found = [(group, names) for group, names in _layers(path, root) if names]
    if len(found) != len(layers):
        _refuse(path, f"has {len(found)} layers with weights, and the network {len(layers)}")
    datasets: dict[str, Any] = {}
    for (kind, prefix), (group, names) in zip(layers, found, strict=True):
        for name in names:
            own = _own_name(path, kind, prefix, name)
            if own not in expected or own in datasets:
                _refuse(path, f"holds {name[:80]}, which the network has not at this place")
            datasets[own] = _dataset(path, group, name, expected[own])
    missing = [name for name in expected if name not in datasets]
    if missing:
        _refuse(path, f"lacks {missing[0]}")
    weights: Weights = {name: np.array(datasets[name], np.float32) for name in expected}
    if not all(np.isfinite(values).all() for values in weights.values()):
        _refuse(path, "holds numbers that are not finite")
    return weights


def _own_layers(network: WindowedConfig) -> Iterator[tuple[str, str]]:
    """Kind and name of each layer with weights; an embedding is none of the seeds'."""
    for layer, name, _ in named_layers(network):
        if name:
            yield layer.kind, name


def _own_name(path: Path, kind: str, prefix: str, name: str) -> str:
    """What a weight of the file is called here.

    Keras names are paths such as ``lstm_1/lstm_cell_1/recurrent_kernel:0``; attention's are
    ``seq_self_attention_Add_Wt:0``.
    """
    last = name.rpartition("/")[2].partition(":")[0]
    last = last.rpartition("_")[2] if kind == "attention" else last
    if last not in _PARTS[kind]:
        _refuse(path, f"holds {name[:80]}, which is no weight of a layer of the kind {kind}")
    if kind == "bilstm":
        prefix = "backward" if "backward" in name else "forward"
    return f"{prefix}.{_PARTS[kind][last]}"


def _layers(path: Path, root: Any) -> Iterator[tuple[Any, list[str]]]:
    """The groups of the layers, in the order of the model, and the names of their weights."""
    for layer in _names(path, root, "layer_names"):
        group = _child(path, root, layer)
        yield group, _names(path, group, "weight_names")


def _names(path: Path, group: Any, attribute: str) -> list[str]:
    """A list of names that hangs at a group.

    Raises:
        CheckpointError: It is not there, or it is no list of reasonable names.
    """
    if attribute not in group.attrs:
        _refuse(path, f"has no list of {attribute.replace('_', ' ')}", "It may be cut into parts, which is not read.")
    described = group.attrs.get_id(attribute)
    count = int(np.prod(described.shape, dtype=np.int64))
    if count == 0:
        return []
    if count > _MOST_NAMES or described.get_storage_size() > _MOST_ATTRIBUTE_BYTES:
        _refuse(path, f"has too long a list of {attribute.replace('_', ' ')}")
    names = []
    for raw in np.atleast_1d(np.asarray(group.attrs[attribute])).tolist():
        name = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
            _refuse(path, f"has something else than names in its list of {attribute.replace('_', ' ')}")
        names.append(name)
    return names


def _dataset(path: Path, group: Any, name: str, shape: tuple[int, ...]) -> Any:
    """A weight in the file, of this shape, its numbers in the file itself and as they are."""
    found = group
    for part in name.split("/"):
        found = _child(path, found, part)
    if not isinstance(found, h5py.Dataset) or found.shape != shape:
        _refuse(path, f"has {name[:80]} in another shape than {shape}")
    plan = found.id.get_create_plist()
    if found.is_virtual or found.external or plan.get_nfilters():
        _refuse(path, f"keeps {name[:80]} in a way that is not read")
    if found.dtype.kind != "f" or found.dtype.itemsize != 4:
        _refuse(path, f"holds {name[:80]} in other numbers than 32-bit ones")
    return found


def _child(path: Path, group: Any, name: str) -> Any:
    """What stands under a name in a group, where it stands there itself."""
    if not isinstance(group, h5py.Group) or not isinstance(group.get(name, getlink=True), h5py.HardLink):
        _refuse(path, f"has {name[:80]} elsewhere than in its own place")
    return group[name]


def _refuse(path: Path, why: str, hint: str = "Choose the preset the weights were trained with.") -> NoReturn:
    raise CheckpointError(f"{path.name} {why}.", hint)
