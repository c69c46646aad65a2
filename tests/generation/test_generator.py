from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from musicgen_app.core.errors import UsageError
from musicgen_app.core.score import Score, make_notes
from musicgen_app.generation.checkpoint import Checkpoint
from musicgen_app.generation.generator import (
    MOST_SILENT_ROWS,
    SEEDS,
    Continuation,
    SampleConfig,
    continue_openings,
)
from musicgen_app.generation.opening import Opening
from musicgen_app.generation.stepper import Stepper
from musicgen_app.tokens.notes import END_CLASS, PEDAL_DOWN_CLASS, PEDAL_UP_CLASS, metrical_codec, seconds_codec
from tests.generation.networks import musical_checkpoint

CODEC = metrical_codec()
PROMPT = Score(notes=make_notes([(480 * i, 240, 60 + i, 64) for i in range(8)]))


def made(
    sample: SampleConfig, openings: Sequence[Opening] | None = None, checkpoint: Checkpoint | None = None
) -> tuple[Continuation, ...]:
    """Finished takes."""
    stepper = Stepper(checkpoint if checkpoint is not None else musical_checkpoint())
    openings = openings if openings is not None else [Opening(CODEC)] * sample.count
    return list(continue_openings(stepper, openings, sample))[-1]


def biased(field: str, **values: float) -> Checkpoint:
    """A network that wants certain classes of a field, whatever it has heard."""
    checkpoint = musical_checkpoint()
    for name, value in values.items():
        checkpoint.weights[f"head.{field}.bias"][int(name[1:])] += value
    return checkpoint


@pytest.mark.parametrize("wanted", [1, 7, 200])
def test_so_many_notes_as_asked_for_are_in_the_score(wanted: int) -> None:
    for take in made(SampleConfig(notes=wanted, count=3, seed=1)):
        assert len(take.score().notes) == wanted
        assert (take.ending, take.share) == ("length", 1)


def test_notes_behind_a_prompt_are_counted_without_it() -> None:
    (take,) = made(SampleConfig(notes=30), [Opening(CODEC, PROMPT)])
    assert len(take.score().notes) == 38


def test_a_key_struck_twice_at_one_moment_counts_once() -> None:
    checkpoint = biased("time", c0=50)
    checkpoint.weights["head.pitch.bias"][60:63] += 50
    (take,) = made(SampleConfig(notes=3, seed=4), checkpoint=checkpoint)
    assert take.notes > 3
    assert take.score().notes["pitch"].tolist() == [60, 61, 62]


def test_a_score_is_not_looked_at_before_it_can_be_long_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    score = Continuation.score

    def counting(take: Continuation) -> Score:
        looked.append(take.notes)
        return score(take)

    monkeypatch.setattr(Continuation, "score", counting)
    checkpoint = biased("time", c0=50)
    checkpoint.weights["head.pitch.bias"][40:100] += 50
    (take,) = made(SampleConfig(notes=30, seed=4), checkpoint=checkpoint)
    assert looked[0] == 30
    assert looked[-1] == take.notes
    assert len(looked) < (take.notes - 30) / 2


@pytest.mark.parametrize("codec", [CODEC, seconds_codec()], ids=["metrical", "seconds"])
def test_a_length_in_seconds_ends_there(codec: type) -> None:
    for take in made(SampleConfig(seconds=5, count=3), [Opening(codec)] * 3, musical_checkpoint(codec)):
        score = take.score()
        assert take.ending == "length"
        assert 4 < score.notes["onset"][-1] / score.ticks_per_beat / 2 < 5
        assert len(score.notes) > 8


def test_a_length_in_bars_ends_at_a_bar_line() -> None:
    (take,) = made(SampleConfig(bars=4), [Opening(CODEC, PROMPT)])
    new = take.score().notes[8:]
    assert 5 * 1920 < new["onset"][-1] < 6 * 1920


def test_the_same_seed_makes_the_same_rows() -> None:
    one, other = made(SampleConfig(notes=60, seed=9)), made(SampleConfig(notes=60, seed=9))
    assert np.array_equal(one[0].rows, other[0].rows)


def test_another_seed_makes_other_rows() -> None:
    one, other = made(SampleConfig(notes=60, seed=9)), made(SampleConfig(notes=60, seed=10))
    assert not np.array_equal(one[0].rows, other[0].rows)


@pytest.mark.parametrize("length", [{"notes": 80}, {"seconds": 6.0}], ids=["notes", "seconds"])
def test_a_take_is_the_same_alone_and_among_others(length: dict[str, float]) -> None:
    together = made(SampleConfig(seed=20, count=16, **length))
    assert len({len(take.rows) for take in together}) > 1, "takes leave the batch at different times"
    for number, take in enumerate(together):
        (alone,) = made(SampleConfig(seed=20 + number, **length))
        assert np.array_equal(alone.rows, take.rows)
        assert alone.seed == take.seed


def test_takes_may_begin_from_different_prompts() -> None:
    higher = replace(PROMPT, notes=make_notes([(0, 480, 90, 100)]))
    openings = [Opening(CODEC, PROMPT), Opening(CODEC, higher)]
    both = made(SampleConfig(notes=40, count=2, seed=3), openings)
    for number, opening in enumerate(openings):
        (alone,) = made(SampleConfig(notes=40, seed=3 + number), [opening])
        assert np.array_equal(alone.rows, both[number].rows)


def test_seeds_of_takes_stay_in_range() -> None:
    assert SampleConfig(notes=1, seed=SEEDS - 1, count=2).seed_of(1) == 0


def test_a_network_that_wants_to_end_goes_on_to_the_length_asked_for() -> None:
    (take,) = made(SampleConfig(notes=20), checkpoint=biased("pitch", **{f"c{END_CLASS}": 100}))
    assert len(take.score().notes) == 20


def test_a_network_may_end_if_it_is_let() -> None:
    (take,) = made(SampleConfig(notes=2000, may_end=True), checkpoint=biased("pitch", **{f"c{END_CLASS}": 6}))
    assert take.ending == "end"
    assert len(take.score().notes) < 2000
    assert not CODEC.is_end(take.rows).any()


def test_endless_pedalling_is_broken_by_notes() -> None:
    checkpoint = biased("pitch", **{f"c{PEDAL_DOWN_CLASS}": 100, f"c{PEDAL_UP_CLASS}": 100})
    (take,) = made(SampleConfig(notes=5), checkpoint=checkpoint)
    assert len(take.score().notes) == 5
    assert len(take.rows) == 5 * (MOST_SILENT_ROWS + 1)


def test_a_network_that_never_moves_on_is_stopped() -> None:
    checkpoint = musical_checkpoint()
    checkpoint.weights["head.time.kernel"][:] = 0
    checkpoint.weights["head.time.bias"][0] += 1000
    for length in ({"seconds": 1.0}, {"bars": 1}):
        (take,) = made(SampleConfig(**length), checkpoint=checkpoint)
        assert take.ending == "crowded"
        assert 0 < len(take.rows) < 1000


def test_share_grows_from_nothing_to_all() -> None:
    stepper = Stepper(musical_checkpoint())
    for sample in (SampleConfig(notes=50), SampleConfig(seconds=6)):
        shares = [takes[0].share for takes in continue_openings(stepper, [Opening(CODEC)], sample)]
        assert shares == sorted(shares)
        assert shares[0] < 0.2
        assert shares[-1] == 1


def test_choosing_the_likeliest_needs_no_seed() -> None:
    one, other = (made(SampleConfig(notes=30, temperature=0, seed=seed)) for seed in (1, 2))
    assert np.array_equal(one[0].rows, other[0].rows)


def test_top_k_of_one_is_the_likeliest() -> None:
    (likeliest,) = made(SampleConfig(notes=30, temperature=0))
    (top,) = made(SampleConfig(notes=30, top_k=1, seed=77))
    assert np.array_equal(likeliest.rows, top.rows)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"notes": 5, "bars": 5},
        {"notes": 0},
        {"notes": 20_001},
        {"seconds": 0.0},
        {"seconds": float("nan")},
        {"seconds": 4000.0},
        {"bars": 0},
        {"notes": 5, "temperature": -0.1},
        {"notes": 5, "temperature": 9.0},
        {"notes": 5, "top_k": -1},
        {"notes": 5, "top_p": 0.0},
        {"notes": 5, "top_p": 1.1},
        {"notes": 5, "seed": -1},
        {"notes": 5, "seed": SEEDS},
        {"notes": 5, "count": 0},
        {"notes": 5, "count": 17},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        SampleConfig(**wrong)
