from musicgen_app.generation.checkpoint import weight_shapes
from musicgen_app.generation.presets import DEFAULT_PRESET, PRESETS
from musicgen_app.tokens.notes import metrical_codec

FIELDS = metrical_codec().fields


def test_there_are_three_presets_and_each_knows_its_name() -> None:
    assert list(PRESETS) == ["small", "medium", "large"]
    assert all(name == preset.name for name, preset in PRESETS.items())
    assert DEFAULT_PRESET in PRESETS


def test_presets_grow_in_parameters_and_fall_in_speed() -> None:
    presets = list(PRESETS.values())
    parameters = [preset.parameters(FIELDS) for preset in presets]
    speeds = [preset.notes_per_second for preset in presets]
    assert parameters == sorted(parameters)
    assert speeds == sorted(speeds, reverse=True)


def test_a_preset_becomes_a_network_for_any_fields() -> None:
    for preset in PRESETS.values():
        network = preset.network(FIELDS)
        assert (network.units, network.layers, network.dropout) == (preset.units, preset.layers, preset.dropout)
        assert weight_shapes(network)["input.bias"] == (preset.units,)


def test_the_large_preset_has_two_layers_of_512() -> None:
    assert (PRESETS["large"].layers, PRESETS["large"].units) == (2, 512)
