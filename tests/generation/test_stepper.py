import numpy as np
import pytest
from numpy.typing import NDArray

from musicgen_app.generation.stepper import Stepper
from musicgen_app.tokens.codec import Field
from tests.generation.networks import FIELDS, plain_logits, random_checkpoint, random_rows

ONE_FIELD = (Field("token", 40),)


def stepped(stepper: Stepper, row: NDArray[np.int16], following: NDArray[np.int16]) -> list[NDArray[np.float32]]:
    hidden = stepper.feed(row)
    return [stepper.logits(hidden, field, following[:, :field]) for field in range(row.shape[1])]


@pytest.mark.parametrize("fields", [FIELDS, ONE_FIELD], ids=["four fields", "one field"])
@pytest.mark.parametrize("layers", [1, 3])
def test_the_stepper_computes_the_network_as_it_is_defined(fields: tuple[Field, ...], layers: int) -> None:
    checkpoint = random_checkpoint(fields, layers=layers)
    rows = random_rows(fields, 40)
    stepper = Stepper(checkpoint)
    for step, expected in enumerate(plain_logits(checkpoint, rows)):
        for got, wanted in zip(stepped(stepper, rows[step][None], rows[step + 1][None]), expected, strict=True):
            assert np.abs(got[0] - wanted).max() < 1e-4


@pytest.mark.parametrize("units", [24, 192, 256])
@pytest.mark.parametrize("batch", [2, 3, 7, 16])
def test_a_row_gets_the_same_bits_whatever_the_batch_and_its_place_in_it(units: int, batch: int) -> None:
    checkpoint = random_checkpoint(units=units)
    pieces = np.stack([random_rows(FIELDS, 12, seed) for seed in range(batch)])
    together, alone = Stepper(checkpoint), Stepper(checkpoint)
    together.start(batch)
    many = [[x.copy() for x in stepped(together, pieces[:, i], pieces[:, i + 1])] for i in range(11)]
    for place in range(batch):
        alone.start(1)
        for step in range(11):
            one = stepped(alone, pieces[place : place + 1, step], pieces[place : place + 1, step + 1])
            for single, field in zip(one, many[step], strict=True):
                assert np.array_equal(single[0], field[place])


def test_reading_a_prompt_remembers_what_stepping_through_it_does() -> None:
    rows = random_rows(FIELDS, 300)
    stepper = Stepper(random_checkpoint())
    read = stepper.read(rows)
    for row in rows:
        stepper.feed(row[None])
    assert np.abs(read - stepper.state(0)).max() < 1e-5


def test_reading_nothing_remembers_nothing() -> None:
    assert not Stepper(random_checkpoint()).read(random_rows(FIELDS, 0)).any()


def test_reading_leaves_the_batch_alone() -> None:
    rows = random_rows(FIELDS, 20)
    stepper, other = Stepper(random_checkpoint()), Stepper(random_checkpoint())
    stepper.feed(rows[:1])
    other.feed(rows[:1])
    stepper.read(rows)
    assert np.array_equal(stepper.feed(rows[1:2]), other.feed(rows[1:2]))


def test_pieces_can_leave_the_batch_while_others_go_on() -> None:
    rows = np.stack([random_rows(FIELDS, 6, seed) for seed in range(3)])
    stepper, other = Stepper(random_checkpoint()), Stepper(random_checkpoint())
    stepper.start(3)
    for step in range(3):
        stepper.feed(rows[:, step])
        other.feed(rows[2:, step])
    stepper.resume([stepper.state(0), stepper.state(2)])
    assert stepper.batch == 2
    assert np.array_equal(stepper.feed(rows[[0, 2], 3])[1], other.feed(rows[2:, 3])[0])


def test_starting_anew_forgets() -> None:
    rows = random_rows(FIELDS, 3)
    stepper = Stepper(random_checkpoint())
    first = stepper.feed(rows[:1]).copy()
    stepper.feed(rows[1:2])
    stepper.start(1)
    assert np.array_equal(stepper.feed(rows[:1]), first)
