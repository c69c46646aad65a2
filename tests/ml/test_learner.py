"""One compiled step: it learns, it is traced once, and it goes on exactly from what was saved."""

import numpy as np
import pytest

from musicgen_app.ml.config import TrainConfig
from musicgen_app.tokens.codec import Field
from tests.ml.synthetic import tiny_config

pytestmark = pytest.mark.usefixtures("tensorflow")

_FIELDS = (Field("time", 7), Field("pitch", 20))


def _learner(config: TrainConfig):  # type: ignore[no-untyped-def]
    from musicgen_app.ml.learner import Learner

    return Learner(config.network(_FIELDS), config)


def _batches(config: TrainConfig, count: int):  # type: ignore[no-untyped-def]
    from musicgen_app.ml.network import one_batch_of_classes

    return [one_batch_of_classes(config.network(_FIELDS), config.batch, config.window + 1, n) for n in range(count)]


def test_a_batch_seen_often_is_learned_by_heart() -> None:
    config = tiny_config(dropout=0.0, units=32, batch=2, window=16)
    learner, (rows,) = _learner(config), _batches(config, 1)
    nats = [learner.step(rows, step, 0.02)[0] for step in range(120)]
    assert nats[0] / 32 == pytest.approx(np.log(7) + np.log(20), abs=0.05), "a fresh network knows nothing"
    assert nats[-1] < 0.1 * nats[0]


def test_the_step_is_traced_once() -> None:
    config = tiny_config()
    learner = _learner(config)
    for step, rows in enumerate(_batches(config, 4)):
        learner.step(rows.astype(np.int16), step, 0.001 * (step + 1))
    assert learner._step.experimental_get_tracing_count() == 1


def test_a_restored_learner_goes_on_exactly() -> None:
    from musicgen_app.ml.learner import array_shapes

    config = tiny_config(dropout=0.3)
    batches = _batches(config, 6)
    whole = _learner(config)
    told = [whole.step(rows, step, 0.01) for step, rows in enumerate(batches[:3])]
    saved = whole.arrays()
    told += [whole.step(rows, step, 0.01) for step, rows in enumerate(batches[3:], 3)]
    assert {name: array.shape for name, array in saved.items()} == array_shapes(config.network(_FIELDS))
    resumed = _learner(config)
    resumed.restore(saved)
    again = [resumed.step(rows, step, 0.01) for step, rows in enumerate(batches[3:], 3)]
    np.testing.assert_allclose(again, told[3:], rtol=1e-6)
    after, after_again = whole.arrays(), resumed.arrays()
    for name, array in after.items():
        np.testing.assert_allclose(after_again[name], array, rtol=1e-5, atol=1e-7)


def test_saved_arrays_do_not_change_with_the_next_step() -> None:
    config = tiny_config()
    learner, (rows,) = _learner(config), _batches(config, 1)
    saved = learner.arrays()
    kept = {name: array.copy() for name, array in saved.items()}
    learner.step(rows, 0, 0.01)
    for name, array in saved.items():
        np.testing.assert_array_equal(array, kept[name])


def test_a_gradient_is_clipped_to_its_longest_norm() -> None:
    from musicgen_app.ml.learner import weights_of

    config = tiny_config(clip=0.01, weight_decay=0.0, dropout=0.0)
    learner, (rows,) = _learner(config), _batches(config, 1)
    _, norm = learner.step(rows, 0, 1e-6)
    first = [array for name, array in learner.arrays().items() if name.startswith("first.")]
    # After one step the averages are a tenth of the clipped gradient.
    assert norm > 0.01
    assert 10 * np.sqrt(sum(float(np.sum(array**2)) for array in first)) == pytest.approx(0.01, rel=1e-3)
    assert set(weights_of(learner.arrays())) == set(learner.network.named_variables())


def test_only_matrices_decay() -> None:
    from musicgen_app.ml.learner import weights_of

    after = []
    for decay in (0.0, 1.0):
        config = tiny_config(weight_decay=decay, dropout=0.0)
        learner, (rows,) = _learner(config), _batches(config, 1)
        ones = {name: np.ones_like(array) for name, array in weights_of(learner.arrays()).items()}
        learner.network.assign_weights(ones)
        learner.step(rows, 0, 0.05)
        after.append(weights_of(learner.arrays()))
    for name in after[0]:
        expected = 0.05 if name.endswith(("kernel", "recurrent")) else 0.0
        np.testing.assert_allclose(after[0][name] - after[1][name], expected, atol=1e-6, err_msg=name)


def test_smoothing_keeps_the_network_from_certainty_and_out_of_the_figures() -> None:
    sure = {}
    for smoothing in (0.0, 0.2):
        config = tiny_config(dropout=0.0, units=32, batch=2, window=16, smoothing=smoothing)
        learner, (rows,) = _learner(config), _batches(config, 1)
        nats = [learner.step(rows, step, 0.02)[0] / 32 for step in range(120)]
        assert nats[0] == pytest.approx(np.log(7) + np.log(20), abs=0.05), "told without what smoothing adds"
        sure[smoothing] = nats[-1]
    # The best such a network can do is to give the right class of n the share 0.8 + 0.2 / n.
    least = -np.log(0.8 + 0.2 / 7) - np.log(0.8 + 0.2 / 20)
    assert sure[0.0] < 0.5 * least < least * 0.9 < sure[0.2]


def test_what_is_kept_is_the_average_of_the_last_weights() -> None:
    from musicgen_app.ml.learner import weights_of

    config = tiny_config(dropout=0.0)
    learner, (rows,) = _learner(config), _batches(config, 1)
    expected = weights_of(learner.arrays(), "average")
    for step in range(20):
        learner.step(rows, step, 0.01)
        if step < 8 or step % 8 == 0:
            share = 9 / (10 + step // 8)
            now = weights_of(learner.arrays())
            expected = {name: mean + share * (now[name] - mean) for name, mean in expected.items()}
    for name, mean in learner.averaged.weights_as_arrays().items():
        np.testing.assert_allclose(mean, expected[name], rtol=1e-4, atol=1e-6, err_msg=name)


def test_the_average_never_reaches_back_further_than_some_epochs() -> None:
    config = tiny_config(dropout=0.0)
    learner, (rows,) = _learner(config), _batches(config, 1)
    before = learner.arrays()
    learner.step(rows, 8 * 100_000, 0.01)
    after = learner.arrays()
    for name in learner.network.named_variables():
        moved = after[f"average.{name}"] - before[f"average.{name}"]
        step = after[f"weights.{name}"] - before[f"average.{name}"]
        np.testing.assert_allclose(moved, step / 60, rtol=1e-3, atol=1e-7, err_msg=name)
