import os
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from musicgen_app.generation.stepper import Stepper
from musicgen_app.tokens.codec import Field
from musicgen_app.tokens.context import NO_PITCH
from musicgen_app.tokens.notes import metrical_codec, seconds_codec
from tests.generation.networks import (
    FIELDS,
    again_and_again,
    plain_logits,
    played_rows,
    random_checkpoint,
    random_rows,
    shown_checkpoint,
)

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


@pytest.mark.parametrize("units", [24, 192, 256, 512])
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


WALK = """
import hashlib
from musicgen_app.generation.stepper import Stepper
from tests.generation.networks import FIELDS, random_checkpoint, random_rows, shown_checkpoint, played_rows
rows = random_rows(FIELDS, 40)
stepper = Stepper(random_checkpoint(units=512))
stepper.resume([stepper.read(rows)] * 2)
told = hashlib.sha256()
for row in rows:
    hidden = stepper.feed(row[None].repeat(2, axis=0))
    told.update(hidden.tobytes())
    for field in range(len(FIELDS)):
        told.update(stepper.logits(hidden, field, row[None].repeat(2, axis=0)).tobytes())
print(told.hexdigest())
"""


def test_the_number_of_threads_changes_no_bit() -> None:
    """With one processor there is nothing to share, and the test holds nothing."""
    digests = set()
    for threads in ("1", "2", "4"):
        env = os.environ | {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        done = subprocess.run([sys.executable, "-c", WALK], env=env, capture_output=True, text=True, check=True)
        digests.add(done.stdout)
    assert len(digests) == 1


def test_reading_a_prompt_remembers_what_stepping_through_it_does() -> None:
    rows = random_rows(FIELDS, 300)
    stepper = Stepper(random_checkpoint())
    read = stepper.read(rows)
    for row in rows:
        stepper.feed(row[None])
    assert np.abs(read.layers - stepper.state(0).layers).max() < 1e-5


def test_reading_nothing_remembers_nothing() -> None:
    assert not Stepper(random_checkpoint()).read(random_rows(FIELDS, 0)).layers.any()


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


@pytest.mark.parametrize("recent", [0, 1, 5])
@pytest.mark.parametrize("timing", ["metrical", "seconds"])
def test_a_network_is_shown_where_rows_stand_and_what_was_struck(recent: int, timing: str) -> None:
    codec = metrical_codec() if timing == "metrical" else seconds_codec()
    checkpoint = shown_checkpoint(codec, recent=recent, repeats=recent != 1)
    rows = again_and_again(checkpoint, 60)
    stepper = Stepper(checkpoint)
    for step, expected in enumerate(plain_logits(checkpoint, rows)):
        for got, wanted in zip(stepped(stepper, rows[step][None], rows[step + 1][None]), expected, strict=True):
            assert np.abs(got[0] - wanted).max() < 1e-4
    read, state = stepper.read(rows[:-1]), stepper.state(0)
    assert np.abs(read.layers - state.layers).max() < 1e-5
    assert (read.clock, read.recent.tolist()) == (state.clock, state.recent.tolist())
    if read.repeats is not None and state.repeats is not None:
        following = (rows[-1].tolist(), 3, 60, False)
        assert read.repeats.copy().add(*following) == state.repeats.copy().add(*following)


def test_shown_networks_give_each_row_the_same_bits_in_any_batch() -> None:
    checkpoint = shown_checkpoint(recent=5, repeats=True)
    pieces = np.stack([again_and_again(checkpoint, 12, seed) for seed in range(5)])
    together, alone = Stepper(checkpoint), Stepper(checkpoint)
    together.start(5)
    many = [[x.copy() for x in stepped(together, pieces[:, i], pieces[:, i + 1])] for i in range(11)]
    alone.resume([alone.state(0)])
    for step in range(11):
        one = stepped(alone, pieces[3:4, step], pieces[3:4, step + 1])
        assert all(np.array_equal(single[0], field[3]) for single, field in zip(one, many[step], strict=True))


def test_a_prompt_that_begins_late_stands_where_it_stood() -> None:
    checkpoint = shown_checkpoint(recent=2)
    rows = played_rows(checkpoint, 20)
    stepper = Stepper(checkpoint)
    assert stepper.read(rows, 7).clock == 7 + stepper.read(rows).clock
    nothing = stepper.read(rows[:0], 7)
    assert (nothing.clock, nothing.recent.tolist()) == (7, [NO_PITCH] * 2)


def test_a_network_that_is_shown_no_repeats_goes_on_from_what_it_remembers() -> None:
    checkpoint = shown_checkpoint(recent=3)
    rows = played_rows(checkpoint, 12)
    stepper, other = Stepper(checkpoint), Stepper(checkpoint)
    stepper.resume([stepper.read(rows[:8])])
    stepper.feed(rows[8:9])
    other.resume([stepper.state(0)])
    for row in rows[9:, np.newaxis]:
        assert np.array_equal(stepper.feed(row), other.feed(row))


def test_a_piece_that_repeats_itself_leaves_another_beside_it_alone() -> None:
    checkpoint = shown_checkpoint(repeats=True)
    rows = played_rows(checkpoint, 12)
    again = np.concatenate([rows, rows[1:]])
    stepper, alone = Stepper(checkpoint), Stepper(checkpoint)
    stepper.resume([stepper.read(again[:-1]), stepper.read(rows[:2])])
    hidden = stepper.feed(np.stack([again[-1], rows[2]]))
    alone.resume([alone.read(rows[:2])])
    other = alone.feed(rows[2:3])
    for field in range(rows.shape[1]):
        both = stepper.logits(hidden, field, rows[3:5])
        assert np.array_equal(both[1], alone.logits(other, field, rows[4:5])[0])
