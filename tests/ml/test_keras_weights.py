"""Weights that Keras wrote in its old layout are read; whatever else such a file may hold is refused in a sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from musicgen_app.core.errors import CheckpointError
from musicgen_app.generation.checkpoint import Weights
from musicgen_app.generation.windowed import Layer, WindowedConfig, named_layers
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.ml.keras_weights import read_keras_weights
from tests.generation.networks import random_weights
from tests.ml.test_windowed_network import small

CONFIG = WindowedConfig(7, 4, (Layer("lstm", 6), Layer("norm"), Layer("dropout"), Layer("relu", 5)))
_THEIRS = {"recurrent": "recurrent_kernel", "mean": "moving_mean", "variance": "moving_variance"}
_ATTENTION = {"query": "Wt", "key": "Wx", "bias": "bh", "score": "Wa", "offset": "ba"}


def as_tensorflow_wrote(path: Path, config: WindowedConfig, weights: Weights, inside: bool = False) -> Path:
    """A file in the layout of ``save_weights`` (or, inside, of ``save``) of TensorFlow 2.10."""
    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if inside else file
        names = []
        for number, (layer, name, _) in enumerate(named_layers(config)):
            group = root.create_group(f"{layer.kind}_{number}")
            names.append(group.name.rpartition("/")[2].encode())
            parts = {n: w for n, w in weights.items() if name and n.startswith(f"{name}.")}
            if layer.kind == "bilstm":
                parts = {n: w for n, w in weights.items() if n.startswith(("forward.", "backward."))}
            listed = []
            for own, values in parts.items():
                way, _, part = own.rpartition(".")
                cell = f"{way}_lstm/lstm_cell_{number}" if layer.kind == "bilstm" else "lstm_cell"
                path_inside = f"layer_{number}/{cell}/{_THEIRS.get(part, part)}:0"
                if layer.kind == "attention":
                    path_inside = f"layer_{number}/seq_self_attention_1_Add_{_ATTENTION[part]}:0"
                group[path_inside] = values
                listed.append(path_inside.encode())
            group.attrs["weight_names"] = listed
        root.attrs["layer_names"] = names
        root.attrs["backend"] = b"tensorflow"
    return path


@pytest.mark.parametrize("inside", [False, True], ids=["weights", "model"])
@pytest.mark.parametrize("preset", WINDOWED_PRESETS)
def test_the_networks_of_the_seeds_are_read(tmp_path: Path, preset: str, inside: bool) -> None:
    config = small(preset)
    weights = random_weights(config)
    found = read_keras_weights(as_tensorflow_wrote(tmp_path / "w.hdf5", config, weights, inside), config)
    assert found.keys() == weights.keys()
    assert all(np.array_equal(found[name], weights[name]) for name in weights)


@pytest.mark.usefixtures("tensorflow")
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_what_stock_layers_save_in_the_old_layout_is_read(tmp_path: Path) -> None:
    import keras
    from keras.src.legacy.saving import legacy_h5_format

    from musicgen_app.ml.windowed_network import WindowedNetwork

    config = small("seed-base")
    layers: list[Any] = [keras.Input((config.window, 1))]
    lstms = [layer.units for layer in config.layers if layer.kind == "lstm"]
    layers += [keras.layers.LSTM(units, return_sequences=n < 2) for n, units in enumerate(lstms)]
    layers += [keras.layers.BatchNormalization(), keras.layers.Dropout(0.3)]
    layers += [keras.layers.Dense(config.layers[5].units), keras.layers.Activation("relu")]
    layers += [keras.layers.BatchNormalization(), keras.layers.Dropout(0.3), keras.layers.Dense(config.vocabulary)]
    model = keras.Sequential(layers)
    for variable in model.variables:
        variable.assign(np.abs(np.random.default_rng(1).normal(0, 0.5, variable.shape)))
    with h5py.File(tmp_path / "w.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    network = WindowedNetwork(config)
    network.assign_weights(read_keras_weights(tmp_path / "w.h5", config))
    tokens = np.arange(2 * config.window).reshape(2, -1).astype(np.int32) % config.vocabulary
    theirs = model(tokens[..., None].astype(np.float32) / config.vocabulary, training=False)
    np.testing.assert_allclose(network.logits(keras.ops.convert_to_tensor(tokens)).numpy(), theirs.numpy(), atol=1e-5)


_KERNEL = "layer_0/lstm_cell/kernel:0"


def _swapped(make: Callable[[h5py.Group], None]) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        group = file["lstm_0"]
        del group[_KERNEL]
        make(group)

    return change


def _virtual(group: h5py.Group) -> None:
    layout = h5py.VirtualLayout((1, 24), np.float32)
    layout[:] = h5py.VirtualSource("other.h5", "x", (1, 24))
    group.create_virtual_dataset(_KERNEL, layout)


def _external(group: h5py.Group) -> None:
    group.create_dataset(_KERNEL, (1, 24), np.float32, external=[("/etc/hostname", 0, h5py.h5f.UNLIMITED)])


def _soft(group: h5py.Group) -> None:
    group[_KERNEL] = h5py.SoftLink("/lstm_0/layer_0/lstm_cell/bias:0")


def _outside(group: h5py.Group) -> None:
    group[_KERNEL] = h5py.ExternalLink("other.h5", "/x")


def _packed(group: h5py.Group) -> None:
    group.create_dataset(_KERNEL, data=np.zeros((1, 24), np.float32), compression="gzip")


def _double(group: h5py.Group) -> None:
    group.create_dataset(_KERNEL, data=np.zeros((1, 24)))


def _not_finite(group: h5py.Group) -> None:
    group.create_dataset(_KERNEL, data=np.full((1, 24), np.nan, np.float32))


def _wider(group: h5py.Group) -> None:
    group.create_dataset(_KERNEL, (1, 2**40), np.float32, chunks=(1, 1024))


def _a_group(group: h5py.Group) -> None:
    group.create_group(_KERNEL)


def _attribute(place: str, name: str, value: Any) -> Callable[[h5py.File], None]:
    def change(file: h5py.File) -> None:
        file[place].attrs[name] = value

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_swapped(_virtual), "not read"),
        (_swapped(_external), "not read"),
        (_swapped(_soft), "own place"),
        (_swapped(_outside), "own place"),
        (_swapped(_packed), "not read"),
        (_swapped(_double), "32-bit"),
        (_swapped(_not_finite), "finite"),
        (_swapped(_wider), "another shape"),
        (_swapped(_a_group), "another shape"),
        (_swapped(lambda group: None), "own place"),
        (_attribute("/", "layer_names", [b"lstm_0"]), "1 layers with weights, and the network 4"),
        (_attribute("/", "layer_names", [b"x"] * 201), "too long"),
        (_attribute("/", "layer_names", [b"x" * 301]), "something else than names"),
        (_attribute("/", "layer_names", [1, 2]), "something else than names"),
        (_attribute("/lstm_0", "weight_names", [_KERNEL.encode()]), "lacks lstm0.recurrent"),
        (_attribute("/lstm_0", "weight_names", [_KERNEL.encode()] * 2), "not at this place"),
        (_attribute("/lstm_0", "weight_names", [b"layer_0/gamma:0"]), "no weight of a layer of the kind lstm"),
        (lambda file: file.attrs.__delitem__("layer_names"), "no list of layer names"),
        (lambda file: file.__setitem__("model_weights", h5py.SoftLink("/")), "own place"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(tmp_path: Path, change: Callable[[h5py.File], None], told: str) -> None:
    path = as_tensorflow_wrote(tmp_path / "w.h5", CONFIG, random_weights(CONFIG))
    with h5py.File(path, "r+") as file:
        change(file)
    with pytest.raises(CheckpointError, match=told):
        read_keras_weights(path, CONFIG)


def test_a_damaged_and_a_foreign_file_end_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = as_tensorflow_wrote(tmp_path / "w.h5", CONFIG, random_weights(CONFIG))
    content = path.read_bytes()
    for kept in (9, 100, 1000, len(content) // 2):
        path.write_bytes(content[:kept])
        with pytest.raises(CheckpointError, match="damaged"):
            read_keras_weights(path, CONFIG)
    path.write_bytes(b"PK\x03\x04 and so on")
    with pytest.raises(CheckpointError, match="no HDF5 file"):
        read_keras_weights(path, CONFIG)
    with pytest.raises(CheckpointError, match="There is no file"):
        read_keras_weights(tmp_path / "none.h5", CONFIG)
    path.write_bytes(content)
    monkeypatch.setattr("musicgen_app.ml.keras_weights._MOST_BYTES", 10)
    with pytest.raises(CheckpointError, match="larger than any"):
        read_keras_weights(path, CONFIG)
