import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from musicgen_app.audio.engine import Engine
from musicgen_app.audio.outputs import PIANO
from musicgen_app.audio.port_voice import PortOptions
from musicgen_app.audio.remote import DEAD, SoundProcess
from musicgen_app.audio.transport import Event
from musicgen_app.core.errors import AudioError
from musicgen_app.core.score import Score
from musicgen_app.ui import output_switch
from musicgen_app.ui.output_loss import Loss
from musicgen_app.ui.player import Player
from tests.audio.music import offs, ons, piece

TWO_NOTES = piece((0, 100, 60, 80), (200, 300, 64, 90))


class FakeOutput:
    """An output that plays only when a test says so."""

    @property
    def latency(self) -> int:
        return self.options.latency

    def set_port_options(self, options: PortOptions) -> None:
        self.options = options

    def __init__(self, engine: Engine, name: str, process: SoundProcess) -> None:
        self.engine = engine
        self.process = process
        self.options = PortOptions()
        self.name = name
        self.volume = 1.0
        self.level = 0.0
        self.problem = ""
        self.closed = False
        self.events: list[Event] = []

    def advance(self, frames: int) -> list[Event]:
        events = self.engine.advance(frames)
        self.events += events
        return events

    def close(self) -> None:
        self.closed = True
        self.events += [Event(0, message) for message in self.engine.transport.hand_over()]


class FakeSystem:
    """A machine with outputs that can be pulled out."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.ports: tuple[str, ...] = ("Stage piano",)
        self.opened: list[FakeOutput] = []

    def open(self, engine: Engine, process: SoundProcess, output: str) -> FakeOutput:
        if output in self.broken:
            raise AudioError(f"{output} is gone.")
        self.opened.append(FakeOutput(engine, output, process))
        return self.opened[-1]

    @property
    def last(self) -> FakeOutput:
        return self.opened[-1]


@pytest.fixture
def system() -> FakeSystem:
    return FakeSystem()


@pytest.fixture
def player(qtbot: QtBot, system: FakeSystem) -> Iterator[Player]:
    player = Player(opener=system.open, list_devices=lambda: ("Speakers",), list_ports=lambda: system.ports)
    player.set_score(TWO_NOTES)
    yield player
    player.close()


def once(qtbot: QtBot, true: Callable[[], bool]) -> None:
    qtbot.waitUntil(true, timeout=10_000)


def playing(player: Player, system: FakeSystem, qtbot: QtBot) -> FakeOutput:
    player.play()
    once(qtbot, lambda: bool(system.opened) and not player._switch.opening)
    system.last.advance(1)
    return system.last


def test_playing_opens_the_output_and_sounds_the_score(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    states: list[str] = []
    player.state_changed.connect(states.append)
    output = playing(player, system, qtbot)
    output.advance(48_000)
    assert ons(output.events) == [(0, 60), (9599, 64)]
    once(qtbot, lambda: player.state == "stopped" and states == ["playing", "stopped"])


def test_nothing_is_opened_before_it_is_needed(player: Player, system: FakeSystem) -> None:
    player.seek(100)
    player.set_loop(0, 400)
    player.set_speed(2)
    player.choose_output("port:Stage piano")
    assert system.opened == []
    assert (player.position, player.loop, player.speed, player.output) == (100, (0, 400), 2, "port:Stage piano")


def test_toggle_plays_and_pauses(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.toggle()
    once(qtbot, lambda: bool(system.opened) and not player._switch.opening)
    system.last.advance(4800)
    assert player.playing
    player.toggle()
    system.last.advance(1)
    assert player.state == "paused"
    assert offs(system.last.events)[-1][1] == 60


def test_the_position_is_told_while_it_plays(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    output = playing(player, system, qtbot)
    with qtbot.waitSignal(player.position_changed, timeout=5000) as told:
        output.advance(4799)
    assert 0 < told.args[0] <= 100


def test_seeking_shows_the_new_place_at_once_and_only_once(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    output = playing(player, system, qtbot)
    told: list[int] = []
    player.position_changed.connect(told.append)
    player.seek(250)
    assert told == [250]
    assert player.position == 250
    output.advance(100)
    once(qtbot, lambda: time.monotonic() > player._hold_until)
    assert min(told) >= 250


def test_stop_returns_to_where_it_began(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.seek(100)
    output = playing(player, system, qtbot)
    output.advance(4800)
    player.stop()
    output.advance(1)
    assert player.state == "stopped"
    once(qtbot, lambda: player.position == 100)


def test_looping_without_a_marked_part_repeats_the_whole_bars(player: Player) -> None:
    loops: list[object] = []
    player.loop_changed.connect(loops.append)
    player.set_looping(True)
    player.set_looping(False)
    player.set_loop(100, 300)
    player.set_loop(0, None)
    player.set_looping(True)
    player.set_loop(300, 200)
    assert loops == [(0, 1920), None, (100, 300), None, (100, 300), None]


def test_a_loop_behind_the_end_of_another_score_is_forgotten(player: Player) -> None:
    player.set_loop(5000, 6000)
    player.set_loop(0, None)
    player.set_looping(True)
    assert player.loop == (0, 1920)


def test_a_new_score_keeps_playing(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    output = playing(player, system, qtbot)
    player.set_score(piece((0, 100, 60, 80), (100, 100, 72, 80)))
    output.advance(9600)
    assert [pitch for _, pitch in ons(output.events)] == [60, 72]


def test_a_large_score_is_prepared_when_it_is_played(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    large = piece(*[(at, 50, 60 + at % 7, 80) for at in range(6000)])
    player.set_score(large)
    player.seek(5990)
    assert len(player._transport.timeline) < 10
    output = playing(player, system, qtbot)
    output.advance(4800)
    assert len(ons(output.events)) == 10


def test_a_growing_score_is_waited_for(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.set_score(piece((0, 100, 60, 80)))
    player.set_growing(True)
    output = playing(player, system, qtbot)
    output.advance(48_000)
    assert player.playing
    player.set_score(piece((0, 100, 60, 80), (150, 100, 72, 80)))
    player.set_growing(False)
    player.set_growing(False)
    output.advance(48_000)
    assert [pitch for _, pitch in ons(output.events)] == [60, 72]
    assert not player.playing


def test_a_previewed_key_is_struck_and_let_go(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.preview_note(67, 100)
    once(qtbot, lambda: bool(system.opened) and not player._switch.opening)
    system.last.advance(10)
    assert [pitch for _, pitch in ons(system.last.events)] == [67]

    def let_go() -> bool:
        system.last.advance(10)
        return [pitch for _, pitch in offs(system.last.events)] == [67]

    once(qtbot, let_go)


def test_a_chord_asked_for_while_the_output_opens_is_heard_whole(
    player: Player, system: FakeSystem, qtbot: QtBot
) -> None:
    player.test_sound()
    player.preview_note(40)
    for _ in range(3):
        player._on_frame()
    once(qtbot, lambda: bool(system.opened) and not player._switch.opening)
    once(qtbot, lambda: player._planned == [])
    system.last.advance(10)
    assert {pitch for _, pitch in ons(system.last.events)} == {40, 60, 64, 67, 72}


def test_the_test_sound_is_a_whole_chord(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.test_sound()
    once(qtbot, lambda: bool(system.opened) and not player._switch.opening)

    def rung_out() -> bool:
        system.last.advance(100)
        return len(offs(system.last.events)) == 4

    once(qtbot, rung_out)
    assert [pitch for _, pitch in ons(system.last.events)] == [60, 64, 67, 72]


def test_panic_silences_everything(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.test_sound()
    output = playing(player, system, qtbot)
    player.panic()
    told = [event.message for event in output.advance(10)]
    assert bytes((0xBF, 120, 0)) in told
    assert player._planned == []


def test_outputs_are_listed_with_the_piano_first(player: Player) -> None:
    ids = [choice.id for choice in player.outputs() if not choice.id.startswith("soundfont:")]
    assert ids == [PIANO, "piano:Speakers", "port:Stage piano"]


def test_another_output_takes_over_while_it_plays(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    first = playing(player, system, qtbot)
    player.choose_output("port:Stage piano")
    once(qtbot, lambda: len(system.opened) == 2 and not player._switch.opening)
    assert first.closed
    assert offs(first.events) == [(0, 60)]
    system.last.advance(12_000)
    assert [pitch for _, pitch in ons(system.last.events)] == [64]
    assert not player.has_volume


def test_a_choice_made_while_another_opens_counts(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.play()
    player.choose_output("port:Stage piano")
    once(qtbot, lambda: bool(system.opened) and system.last.name == "port:Stage piano")


def test_an_output_that_is_gone_is_replaced_by_the_piano(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    system.broken.add("port:Stage piano")
    player.choose_output("port:Stage piano")
    with qtbot.waitSignal(player.output_failed, timeout=5000) as told:
        player.play()
    assert told.args == ["port:Stage piano is gone. The built-in piano plays instead."]
    once(qtbot, lambda: bool(system.opened) and not player._switch.opening)
    system.last.advance(10)
    assert player.playing
    assert player.output == PIANO


def test_without_any_output_playing_pauses_with_a_sentence(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    system.broken.update((PIANO, "piano:Speakers", "port:Stage piano"))
    with qtbot.waitSignal(player.output_lost, timeout=5000) as lost:
        player.play()
    assert lost.args[0].sentence == "piano is gone."
    assert lost.args[0].next_best.id == PIANO
    assert player.output == PIANO
    assert lost.args[0].playing
    assert player.state == "paused"
    system.broken.clear()
    player.play()
    once(qtbot, lambda: bool(system.opened))


def test_where_the_usual_device_fails_the_next_best_plays(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    system.broken.add(PIANO)
    with qtbot.waitSignal(player.output_failed, timeout=5000) as told:
        player.play()
    assert told.args == ["piano is gone. Piano on Speakers plays instead."]
    once(qtbot, lambda: bool(system.opened) and not player._switch.opening)
    assert player.output == "piano:Speakers"


def lose(player: Player, qtbot: QtBot) -> Loss:
    with qtbot.waitSignal(player.output_lost, timeout=5000) as told:
        player._switch.look()
    return told.args[0]


def test_an_output_that_dies_while_it_plays_stops_the_music_and_the_next_best_is_offered(
    player: Player, system: FakeSystem, qtbot: QtBot
) -> None:
    output = playing(player, system, qtbot)
    output.problem = "The sound device does not answer any more."
    loss = lose(player, qtbot)
    assert loss.sentence == "The sound device does not answer any more."
    assert loss.playing
    assert loss.next_best is not None
    assert loss.next_best.id == "piano:Speakers"
    assert output.closed
    assert player.state == "paused"
    assert (player.output, len(system.opened), player.output_open) == (PIANO, 1, False)
    player.choose_output(loss.next_best.id)
    player.play()
    once(qtbot, lambda: len(system.opened) == 2 and player.output_open)


def test_where_only_the_sound_process_died_the_same_output_is_offered_again(
    player: Player, system: FakeSystem, qtbot: QtBot
) -> None:
    playing(player, system, qtbot).problem = DEAD
    loss = lose(player, qtbot)
    assert loss.next_best == loss.output
    player.play()
    once(qtbot, lambda: len(system.opened) == 2 and player.output_open)
    assert player.output == PIANO


def test_a_port_that_is_pulled_out_stops_the_music_and_is_opened_again_when_it_is_back(
    player: Player, system: FakeSystem, qtbot: QtBot
) -> None:
    player.choose_output("port:Stage piano")
    output = playing(player, system, qtbot)
    player.outputs()
    system.ports = ()
    with qtbot.waitSignal(player.outputs_changed, timeout=5000):
        loss = lose(player, qtbot)
    assert loss.sentence == "The MIDI port Stage piano is gone."
    assert output.closed
    assert player.state == "paused"
    player._switch.look()
    system.ports = ("Stage piano",)
    with qtbot.waitSignal(player.output_returned, timeout=5000) as back:
        player._switch.look()
    assert back.args[0].name == "Stage piano"
    once(qtbot, lambda: len(system.opened) == 2 and player.output_open)
    player._switch.look()
    assert (player.state, len(system.opened)) == ("paused", 2)


def test_a_port_that_comes_back_does_not_push_aside_what_was_chosen_meanwhile(
    player: Player, system: FakeSystem, qtbot: QtBot
) -> None:
    system.ports = ()
    system.broken.add("port:Stage piano")
    player.choose_output("port:Stage piano")
    player.play()
    once(qtbot, lambda: player.output_open)
    assert player.output == PIANO
    system.ports = ("Stage piano",)
    with qtbot.waitSignal(player.output_returned, timeout=5000):
        player._switch.look()
    assert (player.output, len(system.opened)) == (PIANO, 1)
    with qtbot.assertNotEmitted(player.output_returned):
        player._switch.look()


def test_what_is_chosen_while_the_next_best_is_looked_for_counts(
    player: Player, system: FakeSystem, qtbot: QtBot
) -> None:
    output = playing(player, system, qtbot)
    output.problem = "The sound device does not answer any more."
    with qtbot.assertNotEmitted(player.output_lost):
        player._switch.look()
        player.choose_output("port:Stage piano")
        once(qtbot, lambda: player.output_open)
    assert system.last.name == "port:Stage piano"


def test_the_options_of_a_port_reach_what_is_open_and_what_will_be(
    player: Player, system: FakeSystem, qtbot: QtBot
) -> None:
    later = PortOptions(offset_ms=-30, channel=2)
    player.set_port_options("Stage piano", PortOptions(channel=1))
    player.choose_output("port:Stage piano")
    output = playing(player, system, qtbot)
    assert output.process.port_options == PortOptions(channel=1)
    player.set_port_options("Stage piano", later)
    player.set_port_options("Another", PortOptions())
    assert output.options == later
    assert player.port_options("Stage piano") == later


def test_panic_reaches_a_port_that_is_not_open_yet(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.choose_output("port:Stage piano")
    player.panic()
    once(qtbot, lambda: bool(system.opened) and not player._switch.opening)
    assert [0xB0 | 15, 120, 0] in [[*event.message] for event in system.last.advance(10)]


def test_soundfonts_are_offered_where_fluidsynth_is(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    player.set_soundfonts((Path("/music/Grand.sf2"),))
    for missing, there in (("no FluidSynth", False), ("", True)):
        monkeypatch.setattr(output_switch.soundfont, "missing", lambda missing=missing: missing)
        assert ("soundfont:/music/Grand.sf2" in [choice.id for choice in player.outputs()]) is there


def test_looking_finds_nothing_where_nothing_changed(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    playing(player, system, qtbot)
    player.outputs()
    with qtbot.assertNotEmitted(player.outputs_changed), qtbot.assertNotEmitted(player.output_failed):
        player._switch.look()


def test_the_volume_reaches_what_is_open_and_what_will_be(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.set_volume(0.5)
    output = playing(player, system, qtbot)
    assert output.volume == 0.25
    player.set_volume(2)
    assert output.volume == 1.0
    assert player.volume == 1.0


def test_an_output_that_fails_while_everything_closes_is_not_replaced(qtbot: QtBot, system: FakeSystem) -> None:
    system.broken.update((PIANO, "piano:Speakers"))
    player = Player(opener=system.open, list_devices=lambda: (), list_ports=lambda: ())
    player.play()
    with qtbot.assertNotEmitted(player.output_failed, wait=50):
        player.close()
    assert system.opened == []


def test_another_choice_while_one_fails_needs_no_sentence(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    system.broken.add("port:Stage piano")
    player.choose_output("port:Stage piano")
    with qtbot.assertNotEmitted(player.output_failed):
        player.play()
        player.choose_output("piano:Speakers")
        once(qtbot, lambda: bool(system.opened))
    assert system.last.name == "piano:Speakers"


def test_looking_while_an_output_opens_waits(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.play()
    player._switch.look()
    once(qtbot, lambda: bool(system.opened) and not player._switch.opening)


def test_closing_while_an_output_opens_is_quiet(qtbot: QtBot, system: FakeSystem) -> None:
    player = Player(opener=system.open, list_devices=lambda: (), list_ports=lambda: ())
    player.play()
    player.close()
    assert system.last.closed
    qtbot.wait(50)
    assert len(system.opened) == 1


def test_warming_up_decodes_the_recordings_once(player: Player, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    loaded: list[int] = []
    monkeypatch.setattr(player._switch._process, "load", lambda: loaded.append(1))
    player.warm_up()
    player.warm_up()
    once(qtbot, lambda: loaded == [1])


def test_recordings_that_cannot_be_decoded_are_told(
    player: Player, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def broken() -> None:
        raise AudioError("The piano recording cannot be read.")

    monkeypatch.setattr(player._switch._process, "load", broken)
    with qtbot.waitSignal(player.output_failed, timeout=5000):
        player.warm_up()


def test_closing_waits_for_the_warming_up(qtbot: QtBot, system: FakeSystem) -> None:
    player = Player(opener=system.open, list_devices=lambda: (), list_ports=lambda: ())
    player.warm_up()
    player.close()
    assert not player._switch._process.alive


def test_the_right_kind_of_output_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[str, str]] = []
    monkeypatch.setattr(
        output_switch, "RemoteOutput", lambda _engine, _process, kind, name: opened.append((kind, name))
    )
    for output in ("piano", "piano:Speakers: left", "port:A:B 1"):
        output_switch.open_output(Engine(), SoundProcess(), output)
    assert opened == [("piano", ""), ("piano", "Speakers: left"), ("port", "A:B 1")]


def test_an_empty_score_plays_to_its_end_at_once(player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    player.set_score(Score())
    output = playing(player, system, qtbot)
    output.advance(10)
    assert player.state == "stopped"
    assert player.score == Score()
