import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from musicgen_app.generation.sampling import choose, drawn, probabilities, random_pick

Logits = NDArray[np.float64]

logits = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=20), elements=st.floats(-20, 20, width=32)
)
temperatures = st.floats(0.05, 5)


def anything(values: Logits) -> NDArray[np.bool_]:
    return np.ones(values.shape, dtype=bool)


def shaped(values: Logits, temperature: float = 1, top_k: int = 0, top_p: float = 1) -> NDArray[np.float64]:
    return probabilities(values, anything(values), temperature, top_k, top_p)


@given(logits, temperatures, st.integers(0, 25), st.floats(0.01, 1))
def test_probabilities_add_up_to_one(values: Logits, temperature: float, top_k: int, top_p: float) -> None:
    shares = shaped(values, temperature, top_k, top_p)
    assert (shares >= 0).all()
    assert np.allclose(shares.sum(axis=1), 1)


@given(logits)
def test_temperature_one_is_the_softmax(values: Logits) -> None:
    exact = np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)
    assert np.allclose(shaped(values), exact)


@given(logits)
def test_temperature_zero_takes_the_likeliest(values: Logits) -> None:
    shares = shaped(values, temperature=0)
    assert np.array_equal(shares.argmax(axis=1), values.argmax(axis=1))
    assert np.array_equal(np.sort(shares, axis=1)[:, -1], np.ones(len(values)))
    assert (shares > 0).sum() == len(values)


@given(logits)
def test_a_low_temperature_comes_near_the_likeliest(values: Logits) -> None:
    shares = shaped(values, temperature=0.01)
    leading = np.sort(values, axis=1)
    clear = (leading[:, -1] - leading[:, -2] > 0.1) if values.shape[1] > 1 else np.ones(len(values), bool)
    assert (shares.max(axis=1)[clear] > 0.99).all()


@given(logits, st.integers(1, 19))
def test_top_k_keeps_k_and_those_as_likely_as_the_last(values: Logits, top_k: int) -> None:
    kept = shaped(values, top_k=top_k) > 0
    for row in range(len(values)):
        last = np.sort(values[row])[-min(top_k, values.shape[1])]
        assert np.array_equal(kept[row], values[row] >= last)


@given(logits, st.floats(0.01, 0.99))
def test_top_p_keeps_the_fewest_classes_whose_share_reaches_p(values: Logits, top_p: float) -> None:
    before, after = shaped(values), shaped(values, top_p=top_p)
    for row in range(len(values)):
        kept = after[row] > 0
        mass, least = before[row][kept].sum(), before[row][kept].min()
        assert mass >= top_p - 1e-9
        assert before[row][before[row] > least].sum() < top_p + 1e-9
        assert np.array_equal(kept, before[row] >= least)


def test_equally_likely_classes_stay_or_go_together() -> None:
    values = np.array([[1.0, 0.0, 1.0, 1.0, 1.0]])
    assert np.flatnonzero(shaped(values, top_k=3)[0]).tolist() == [0, 2, 3, 4]
    assert np.flatnonzero(shaped(values, top_p=0.4)[0]).tolist() == [0, 2, 3, 4]


@given(logits, st.integers(0, 19), st.floats(0.01, 1), st.data())
def test_what_is_not_allowed_has_no_probability(values: Logits, top_k: int, top_p: float, data: st.DataObject) -> None:
    allowed = data.draw(hnp.arrays(bool, values.shape))
    allowed[:, 0] |= ~allowed.any(axis=1)
    for temperature in (0, 1):
        assert not probabilities(values, allowed, temperature, top_k, top_p)[~allowed].any()


@given(logits, st.integers(0, 25), st.floats(0.01, 1))
def test_rows_are_treated_alone(values: Logits, top_k: int, top_p: float) -> None:
    together = shaped(values, 0.9, top_k, top_p)
    for row in range(len(values)):
        assert np.array_equal(shaped(values[row : row + 1], 0.9, top_k, top_p)[0], together[row])


@given(logits, st.integers(0, 19), st.floats(0, 1, exclude_max=True))
def test_a_class_without_probability_is_never_chosen(values: Logits, top_k: int, draw: float) -> None:
    shares = shaped(values, top_k=top_k)
    chosen = choose(shares, np.full(len(values), draw))
    assert (shares[np.arange(len(values)), chosen] > 0).all()


def test_draws_at_the_edges_choose_classes_that_have_a_share() -> None:
    shares = np.array([[0.0, 0.5, 0.5, 0.0]] * 2)
    assert choose(shares, np.array([0.0, np.nextafter(1.0, 0.0)])).tolist() == [1, 2]
    assert choose(np.array([[0.5, 0.0, 0.5, 0.0]]), np.array([1.0])).tolist() == [2]


def test_choices_follow_the_probabilities() -> None:
    shares = np.tile([0.1, 0.6, 0.3], (20_000, 1))
    chosen = choose(shares, np.random.default_rng(0).random(20_000))
    assert np.allclose(np.bincount(chosen) / 20_000, [0.1, 0.6, 0.3], atol=0.01)


def test_a_random_pick_is_uniform_among_the_likeliest_that_are_allowed() -> None:
    logits = np.array([[3.0, 1.0, 2.0, 5.0], [1.0, 1.0, 1.0, -np.inf]])
    allowed = np.array([[True, True, True, False], [True, True, True, True]])
    assert random_pick(logits, allowed, 2).tolist() == [[0.5, 0, 0.5, 0], [0.5, 0.5, 0, 0]]
    assert random_pick(logits, allowed, 1).tolist() == [[1, 0, 0, 0], [1, 0, 0, 0]]
    third = 1 / 3
    assert random_pick(logits, allowed, 9).tolist() == [[third, third, third, 0], [third, third, third, 0]]


@given(logits, st.floats(0, 5), st.integers(0, 25), st.floats(0.01, 1), st.integers(0, 2**31))
def test_drawing_is_choosing_from_the_probabilities_in_any_batch(
    values: Logits, temperature: float, top_k: int, top_p: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    allowed = rng.random(values.shape) < 0.7
    allowed[:, 0] = True
    draws, limits = rng.random(len(values)), (temperature, top_k, top_p)
    together = drawn(values, allowed, limits, draws)
    rows = [drawn(values[i : i + 1], allowed[i : i + 1], limits, draws[i : i + 1])[0] for i in range(len(values))]
    assert together.tolist() == rows
    shares = probabilities(values, allowed, temperature, top_k, top_p)
    assert (shares[np.arange(len(values)), together] > 0).all()
    assert np.mean(together == choose(shares, draws)) > 0.9 or len(values) < 10


def test_one_row_alone_is_drawn_from_the_same_share() -> None:
    row, allowed = np.array([[3.0, 1.0, 0.0]]), np.ones((1, 3), np.bool_)
    for draw in (0.0, 0.5, 0.99):
        assert drawn(row, allowed, (1.0, 0, 0.5), np.array([draw])).tolist() == [0]
    assert drawn(row, allowed, (1.0, 0, 1.0), np.array([0.99])).tolist() == [2]
