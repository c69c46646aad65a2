from collections import defaultdict, deque

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.midi.pairing import pair_notes
from tests.midi.raw import listed, note, off, on, read

events = st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=60)


def pair_one_by_one(voices: list[int], on_flags: list[bool]) -> tuple[dict[int, int], list[int], int]:
    """The rule, told event by event: partner of each note-on, note-ons that never end, note-offs of nothing."""
    sounding: dict[int, deque[int]] = defaultdict(deque)
    partners: dict[int, int] = {}
    stray = 0
    for position, (voice, is_on) in enumerate(zip(voices, on_flags, strict=True)):
        if is_on:
            sounding[voice].append(position)
        elif sounding[voice]:
            partners[sounding[voice].popleft()] = position
        else:
            stray += 1
    return partners, sorted(position for queue in sounding.values() for position in queue), stray


@given(events)
def test_pairing_all_at_once_is_pairing_one_by_one(rows: list[tuple[int, bool]]) -> None:
    voices, on_flags = [voice for voice, _ in rows], [is_on for _, is_on in rows]
    pairs = pair_notes(np.array(voices, dtype=np.int64), np.array(on_flags, dtype=np.bool_))
    partners, endless, stray = pair_one_by_one(voices, on_flags)
    assert dict(zip(pairs.on.tolist(), pairs.off.tolist(), strict=True)) == partners
    assert sorted(pairs.open.tolist()) == endless
    assert pairs.stray == stray


def test_a_note_struck_again_keeps_its_own_length() -> None:
    assert listed(read(on(0, 60) + on(10, 60) + off(10, 60) + off(10, 60))) == [(0, 20, 60), (10, 20, 60)]


def test_a_note_on_of_no_loudness_ends_a_note() -> None:
    assert listed(read(on(0, 60) + on(48, 60, 0))) == [(0, 48, 60)]


def test_a_note_that_never_ends_lasts_to_the_end_of_its_track() -> None:
    reading = read(on(0, 60) + note(64, 192), note(67, 960))
    assert listed(reading) == [(0, 192, 60), (0, 192, 64), (0, 960, 67)]
    assert reading.findings == ("A note never ends in the file; it lasts to the end of its track.",)


def test_notes_that_never_end_are_counted_and_last_at_least_one_tick() -> None:
    reading = read(on(0, 60) + on(0, 61))
    assert listed(reading) == [(0, 1, 60), (0, 1, 61)]
    assert reading.findings == ("2 notes never end in the file; they last to the end of their track.",)


def test_notes_without_length_last_one_tick() -> None:
    reading = read(note(60, 0))
    assert listed(reading) == [(0, 1, 60)]
    assert reading.findings == ("A note has no length; it lasts one tick.",)
    assert read(note(60, 0) * 2).findings == ("2 notes have no length; they last one tick.",)


def test_ends_of_notes_that_never_began_are_ignored_and_counted() -> None:
    reading = read(off(0, 60) + note(60))
    assert listed(reading) == [(0, 96, 60)]
    assert reading.findings == ("The end of a note that never began is ignored.",)
    assert read(off(0, 60) + off(0, 61)).findings[0] == "2 ends of notes that never began are ignored."


def test_notes_of_other_channels_and_tracks_end_only_their_own() -> None:
    first = on(0, 60, channel=0) + on(0, 60, channel=1) + off(10, 60, channel=1) + off(10, 60, channel=0)
    assert listed(read(first, note(60, 50))) == [(0, 20, 60), (0, 10, 60), (0, 50, 60)]


def test_many_tracks_are_paired_as_few_are() -> None:
    tracks = [note(60, index + 1) + on(0, 60) + on(1, 60) + off(1, 60) + off(1, 60) for index in range(40)]
    together = read(*tracks)
    assert len(together.score.tracks) == 40
    for index, track in enumerate(tracks):
        alone = read(track).score.notes
        here = together.score.notes[together.score.notes["track"] == index]
        assert here["duration"].tolist() == alone["duration"].tolist()
