from pytestqt.qtbot import QtBot

from musicgen_app.audio.hearing import Hearing
from musicgen_app.core.score import Score, Track, make_notes
from musicgen_app.ui.player import Player
from tests.audio.music import offs, ons
from tests.ui.test_player import FakeSystem, player, playing, system

__all__ = ["player", "system"]

DUET = Score(
    notes=make_notes([(0, 480, 60, 80, 0), (0, 480, 64, 80, 1), (480, 480, 67, 80, 1)]),
    tracks=(Track(), Track(channel=1)),
)
BEAT = 24_000


def clicks(player: Player, system: FakeSystem, qtbot: QtBot, frames: int) -> list[int]:
    output = playing(player, system, qtbot)
    output.advance(frames)
    return [event.message[2] for event in output.events if event.message[0] == 0xF9]


def test_the_metronome_taps_as_loud_as_it_is_set(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.set_score(DUET)
    with qtbot.waitSignal(player.practice.metronome_changed):
        player.practice.set_metronome(True, 1.0)
    player.practice.set_metronome(True)
    assert (player.practice.metronome, player.practice.volume) == (True, 1.0)
    assert clicks(player, system, qtbot, BEAT + 10) == [127, 127]


def test_a_metronome_that_is_off_or_turned_down_is_silent(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.practice.set_metronome(False, 0.9)
    player.practice.set_metronome(True, 0.0)
    assert clicks(player, system, qtbot, BEAT) == []


def test_bars_are_counted_before_playing(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.set_score(DUET)
    with qtbot.waitSignal(player.practice.count_in_changed):
        player.practice.set_count_in(1)
    assert len(clicks(player, system, qtbot, 4 * BEAT + 100)) == 4
    assert [pitch for _, pitch in ons(system.last.events)] == [60, 64]
    player.practice.set_count_in(99)
    assert player.practice.count_in == 8


def test_muting_takes_effect_while_it_plays(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.set_score(DUET)
    output = playing(player, system, qtbot)
    with qtbot.waitSignal(player.practice.hearing_changed):
        player.practice.set_muted([1])
    output.advance(2 * BEAT)
    assert offs(output.events)[0] == (0, 64)
    assert 67 not in [pitch for _, pitch in ons(output.events)]
    player.practice.set_muted([])
    player.practice.set_muted([])
    assert player.practice.hearing == Hearing()


def test_a_soloed_track_and_chosen_notes_sound_alone(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.set_score(DUET)
    player.practice.set_soloed([1])
    player.practice.solo_notes([2])
    output = playing(player, system, qtbot)
    output.advance(2 * BEAT)
    assert [pitch for _, pitch in ons(output.events)] == [67]
    player.set_score(DUET)
    assert player.practice.hearing == Hearing(soloed=frozenset({1}))


def test_a_part_is_played_and_then_it_stops(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.set_score(DUET)
    player.play_range(100, 100)
    assert not player.playing
    player.play_range(480, 490)
    qtbot.waitUntil(lambda: bool(system.opened) and not player._switch.opening, timeout=10_000)
    system.last.advance(BEAT)
    assert [pitch for _, pitch in ons(system.last.events)] == [67]
    assert player.state == "stopped"


def test_the_hand_on_the_ruler_hears_what_it_passes(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.set_score(DUET)
    player.scrub(-5)
    qtbot.waitUntil(lambda: bool(system.opened) and not player._switch.opening, timeout=10_000)
    player.scrub(500)
    assert player.position == 500
    player.end_scrub()
    system.last.advance(10)
    assert {pitch for _, pitch in ons(system.last.events)} == {60, 64, 67}
    assert {pitch for _, pitch in offs(system.last.events)} == {60, 64, 67}
