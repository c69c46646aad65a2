import numpy as np
import pytest
from numpy.typing import NDArray

from musicgen_app.generation.matrix import Matrix, Products

MOST_FOR_ONE_THREAD = 9216
"""OpenBLAS shares the product of one row with so many numbers, or more, among threads."""

SHAPES = [(1, 2), (24, 96), (40, 33), (128, 64), (257, 131), (512, 2048), (4096, 130)]


def random(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def close(got: NDArray[np.float32], wanted: NDArray[np.float64]) -> bool:
    return bool(np.abs(got - wanted).max() < 1e-5 * max(1.0, np.abs(wanted).max()))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_tiles_hold_the_matrix_and_are_small_enough_for_one_thread(shape: tuple[int, int]) -> None:
    values = random(*shape)
    tiles = Matrix(values).tiles
    down, across, height, width = tiles.shape
    assert height * width < MOST_FOR_ONE_THREAD
    whole = tiles.transpose(0, 2, 1, 3).reshape(down * height, across * width)
    assert np.array_equal(whole[: shape[0], : shape[1]], values)
    assert np.count_nonzero(whole) == np.count_nonzero(values)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("rows", [0, 1, 16, 37])
def test_many_rows_are_multiplied(shape: tuple[int, int], rows: int) -> None:
    values, given = random(*shape), random(rows, shape[0], seed=1)
    got = Matrix(values).product(given)
    assert got.shape == (rows, shape[1])
    assert rows == 0 or close(got, given.astype(np.float64) @ values)


@pytest.mark.parametrize("batch", [1, 3, 16])
def test_sums_are_the_bias_and_all_products(batch: int) -> None:
    one, other, bias = random(300, 131), random(40, 131, seed=1), random(131, seed=2)
    products = Products([Matrix(one), Matrix(other)], bias, batch)
    for seed in (3, 4):
        given = [random(batch, 300, seed=seed), random(batch, 40, seed=seed + 2)]
        for rows, new in zip(products.rows, given, strict=True):
            rows[:] = new
        products.update()
        wanted = bias + given[0].astype(np.float64) @ one + given[1].astype(np.float64) @ other
        assert products.sums.shape == (batch, 131)
        assert close(products.sums, wanted)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("batch", [2, 5, 16])
def test_a_rows_bits_do_not_depend_on_the_batch_nor_on_the_place_in_it(shape: tuple[int, int], batch: int) -> None:
    matrix, bias = Matrix(random(*shape)), random(shape[1], seed=1)
    row = random(shape[0], seed=2)
    alone = Products([matrix], bias, 1)
    alone.rows[0][0] = row
    alone.update()
    together = Products([matrix], bias, batch)
    for place in range(batch):
        together.rows[0][:] = random(batch, shape[0], seed=place) * np.float32(10.0**place)
        together.rows[0][place] = row
        together.update()
        assert np.array_equal(together.sums[place], alone.sums[0])
