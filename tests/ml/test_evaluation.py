"""Nats per note: what one would get by reading every piece row by row."""

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled
from musicgen_app.core.progress import CancelToken, Progress
from musicgen_app.core.score import Score
from musicgen_app.tokens.context import wide_rows
from musicgen_app.tokens.notes import metrical_codec
from tests.ml.synthetic import piece_of_music, tiny_config

pytestmark = pytest.mark.usefixtures("tensorflow")

_CODEC = metrical_codec()
_PIECES = [_CODEC.encode(piece_of_music(seed, notes)) for seed, notes in ((1, 5), (2, 200), (3, 63), (4, 64), (5, 129))]


def _network():  # type: ignore[no-untyped-def]
    from musicgen_app.ml.network import Network

    return Network(tiny_config().network(_CODEC.fields, _CODEC.position_fields), 1)


def _by_hand(network, rows):  # type: ignore[no-untyped-def]
    stream = wide_rows(_CODEC, np.concatenate([_CODEC.start_row[None], rows]), network.config.shown)
    nats = network(stream[None].astype(np.int32))[0].numpy().astype(np.float64) + _CODEC.log_widths(rows)
    parts = _CODEC.parts(rows)
    return [float(nats[parts == part].sum()) for part in range(len(_CODEC.part_names))]


def test_every_piece_gets_what_reading_it_whole_gives() -> None:
    from musicgen_app.ml.evaluation import Evaluator

    network = _network()
    likelihoods = Evaluator(network, _CODEC, len(_PIECES)).read(_PIECES)
    for rows, likelihood in zip(_PIECES, likelihoods, strict=True):
        assert likelihood.notes == int(_CODEC.is_note(rows).sum())
        np.testing.assert_allclose(likelihood.nats, _by_hand(network, rows), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("lanes", [1, 2, 5])
def test_how_many_pieces_are_read_side_by_side_changes_nothing(lanes: int) -> None:
    from musicgen_app.ml.evaluation import Evaluator, total

    network = _network()
    whole = total(Evaluator(network, _CODEC, len(_PIECES)).read(_PIECES))
    other = total(Evaluator(network, _CODEC, lanes).read(_PIECES))
    assert other.nats_per_note == pytest.approx(whole.nats_per_note, rel=1e-6)


def test_the_parts_add_up_to_the_whole() -> None:
    from musicgen_app.ml.evaluation import Evaluator, total

    likelihood = total(Evaluator(_network(), _CODEC, 2).read(_PIECES))
    parts = likelihood.parts(_CODEC.part_names)
    assert tuple(parts) == _CODEC.part_names
    assert sum(parts.values()) == pytest.approx(likelihood.nats_per_note)
    assert all(value > 0 for value in parts.values())


def test_a_network_that_knows_nothing_pays_the_logarithm_of_every_grid_step() -> None:
    from musicgen_app.ml.evaluation import Evaluator, total

    network = _network()
    network.assign_weights({name: np.zeros_like(array) for name, array in network.weights_as_arrays().items()})
    rows = _PIECES[1]
    likelihood = total(Evaluator(network, _CODEC, 1).read([rows]))
    widths = float(_CODEC.log_widths(rows).sum())
    assert widths > 0, "the piece has coarse classes"
    expected = len(rows) * sum(np.log(field.size) for field in _CODEC.fields) + widths
    assert sum(likelihood.nats) == pytest.approx(expected, rel=1e-5)


def test_a_piece_without_notes_divides_by_one() -> None:
    from musicgen_app.ml.evaluation import Evaluator

    (likelihood,) = Evaluator(_network(), _CODEC, 1).read([_CODEC.encode(Score())])
    assert likelihood.notes == 0
    assert np.isfinite(likelihood.nats_per_note)


def test_reading_tells_how_far_it_is_and_stops_when_asked() -> None:
    from musicgen_app.ml.evaluation import Evaluator

    evaluator = Evaluator(_network(), _CODEC, 1)
    cancel = CancelToken()
    told: list[object] = []

    def report(progress: object) -> None:
        told.append(progress)
        if len(told) == 3:
            cancel.cancel()

    with pytest.raises(Cancelled):
        evaluator.read(_PIECES, report, cancel)
    assert told[2] == Progress("Reading pieces", 2, sum(-(-len(rows) // 64) for rows in _PIECES))


def test_what_is_foretold_right_is_counted_by_part_and_by_whole_notes() -> None:
    from musicgen_app.ml.evaluation import Evaluator, held_out, total

    network = _network()
    network.assign_weights({name: np.zeros_like(array) for name, array in network.weights_as_arrays().items()})
    likelihoods = Evaluator(network, _CODEC, 3).read(_PIECES)
    found = total(likelihoods)
    rows = np.concatenate(_PIECES)
    parts, notes = _CODEC.parts(rows), _CODEC.is_note(rows)
    # All classes are alike to such a network, and the first counts as its guess.
    asked = np.bincount(parts.ravel(), minlength=len(_CODEC.part_names))
    right = np.bincount(parts[rows == 0], minlength=len(_CODEC.part_names))
    assert (found.asked, found.right) == (tuple(asked), tuple(right))
    assert found.whole == int(((rows == 0).all(axis=1) & notes).sum())
    accuracy = found.accuracy(_CODEC.part_names)
    assert accuracy["time"] == right[0] / asked[0]
    assert list(accuracy) == ["note", *(name for name, of in zip(_CODEC.part_names, asked, strict=True) if of)]
    kept = held_out(3, likelihoods, _CODEC)
    assert (kept["epoch"], kept["pieces"], kept["notes"]) == (3, len(_PIECES), found.notes)
    assert kept["interval"][0] <= kept["nats"] <= kept["interval"][1]
    assert held_out(1, likelihoods[:1], _CODEC)["interval"] is None


def test_nothing_to_read_is_no_fault() -> None:
    from musicgen_app.ml.evaluation import Evaluator

    assert Evaluator(_network(), _CODEC, 0).read([]) == ()
