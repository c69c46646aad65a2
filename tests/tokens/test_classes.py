import numpy as np
import pytest

from musicgen_app.core.errors import CodecError
from musicgen_app.tokens.classes import METRICAL_CLASSES, SECONDS_CLASSES, ClassTable
from tests.tokens.plain_quantise import METRICAL_VALUES, SECONDS_VALUES


def test_the_tables_hold_the_lengths_they_promise() -> None:
    assert METRICAL_CLASSES.values.tolist() == METRICAL_VALUES
    assert SECONDS_CLASSES.values.tolist() == SECONDS_VALUES
    assert (METRICAL_CLASSES.exact, METRICAL_CLASSES.longest, len(METRICAL_CLASSES)) == (96, 1536, 161)


@pytest.mark.parametrize("table", [METRICAL_CLASSES, SECONDS_CLASSES])
def test_every_length_belongs_to_one_class_and_widths_add_up(table: ClassTable) -> None:
    assert np.exp(table.log_widths).sum() == pytest.approx(table.longest + 1)
    assert (table.log_widths[: table.exact] == 0).all()
    assert (np.diff(table.nearest(np.arange(table.longest + 1))) >= 0).all()


@pytest.mark.parametrize("table", [METRICAL_CLASSES, SECONDS_CLASSES])
def test_the_length_of_a_class_belongs_to_it(table: ClassTable) -> None:
    assert table.nearest(table.values).tolist() == list(range(len(table)))


def test_the_nearest_class_is_the_shorter_of_two() -> None:
    table = ClassTable(((4, 1), (12, 4)))
    assert table.values[table.nearest(np.arange(15))].tolist() == [0, 1, 2, 3, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12]
    assert table.around(7) == (8, 4)
    assert table.around(100) == (12, 12)
    assert table.around(-1) == (0, 0)


def test_tables_are_equal_when_their_segments_are() -> None:
    assert ClassTable(((4, 1),)) == ClassTable(((4, 1),))
    assert ClassTable(((4, 1),)) != ClassTable(((5, 1),))
    assert len({ClassTable(((4, 1),)), ClassTable(((4, 1),))}) == 1


@pytest.mark.parametrize("segments", [(), ((4, 2),), ((4, 1), (4, 1)), ((4, 1), (7, 2)), ((50_000, 1),)])
def test_segments_that_make_no_table_are_refused(segments: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(CodecError):
        ClassTable(segments)
