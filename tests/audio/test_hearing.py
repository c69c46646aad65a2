import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.audio.hearing import Hearing
from musicgen_app.audio.timeline import Timeline
from musicgen_app.audio.transport import STOPPED
from musicgen_app.core.score import Score, Track, make_notes
from tests.audio.music import RATE, offs, ons, playing, run, small_scores

MS = 48
TRIO = Score(
    notes=make_notes([(0, 400, 60, 80, 0), (0, 400, 64, 80, 1), (0, 400, 67, 80, 2), (400, 400, 72, 80, 0)]),
    tracks=(Track(), Track(channel=1), Track(channel=2)),
)


def heard(hearing: Hearing) -> list[int]:
    return TRIO.notes["pitch"][hearing.mask(TRIO)].tolist()


def test_everything_is_heard_unless_something_is_said() -> None:
    assert heard(Hearing()) == [60, 64, 67, 72]


def test_a_muted_track_is_not_heard() -> None:
    assert heard(Hearing(muted=frozenset({0}))) == [64, 67]


def test_soloed_tracks_alone_are_heard() -> None:
    assert heard(Hearing(soloed=frozenset({1, 2}))) == [64, 67]
    assert heard(Hearing(soloed=frozenset({1, 2}), muted=frozenset({2}))) == [64]


def test_chosen_notes_alone_are_heard() -> None:
    assert heard(Hearing(only=(1, 3, 99))) == [64, 72]
    assert heard(Hearing(only=(1, 3), muted=frozenset({1}))) == [72]
    assert heard(Hearing(only=())) == []


def test_muting_while_it_sounds_lets_go_and_keeps_the_place_and_the_end() -> None:
    transport = playing(TRIO)
    run(transport, 100)
    transport.load(Timeline(TRIO, Hearing(muted=frozenset({0})).mask(TRIO)))
    assert offs(transport.advance(10)) == [(0, 60)]
    end = Timeline(TRIO).end_second
    events = run(transport, int(end * RATE) - 200)
    assert ons(events) == []
    assert transport.state != STOPPED
    run(transport, 200)
    assert transport.state == STOPPED


@given(small_scores(), st.data())
def test_what_is_heard_is_struck_and_nothing_else(score: Score, data: st.DataObject) -> None:
    tracks = st.frozensets(st.integers(0, 2), max_size=2)
    only = data.draw(st.none() | st.lists(st.integers(0, 14), max_size=8).map(tuple))
    hearing = Hearing(data.draw(tracks), data.draw(tracks), only)
    mask = hearing.mask(score)
    for at, note in enumerate(score.notes):
        track = int(note["track"])
        expected = track not in hearing.muted and (not hearing.soloed or track in hearing.soloed)
        assert mask[at] == (expected and (only is None or at in only))
    timeline = Timeline(score, mask)
    assert timeline.end_tick == Timeline(score).end_tick
    alone = Timeline(score.with_notes(score.notes[mask]))
    assert np.array_equal(timeline._onsets, alone._onsets)
