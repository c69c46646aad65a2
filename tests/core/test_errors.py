import pickle

import pytest

from musicgen_app.core import errors
from musicgen_app.core.errors import Cancelled, MidiReadError, MusicgenError

FAMILY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, MusicgenError)]


def test_an_error_says_what_happened_and_what_to_do() -> None:
    error = MidiReadError("song.mid is empty.", "Choose another file.")
    assert (error.message, error.hint) == ("song.mid is empty.", "Choose another file.")
    assert str(error) == "song.mid is empty. Choose another file."


def test_an_error_without_a_hint_is_its_message() -> None:
    assert str(MusicgenError("song.mid is empty.")) == "song.mid is empty."


@pytest.mark.parametrize("kind", FAMILY)
def test_all_of_the_family_are_caught_as_one_and_copied_whole(kind: type[MusicgenError]) -> None:
    with pytest.raises(MusicgenError):
        raise kind("What.", "How.")
    copy = pickle.loads(pickle.dumps(kind("What.", "How.")))
    assert (type(copy), copy.message, copy.hint) == (kind, "What.", "How.")


def test_being_cancelled_is_no_error_of_the_family() -> None:
    assert not issubclass(Cancelled, MusicgenError)
