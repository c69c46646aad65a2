import itertools
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from musicgen_app.ui.icons import Icons
from musicgen_app.ui.level_meter import FLOOR_DB, LevelMeter
from musicgen_app.ui.player import Player
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.transport_bar import TransportBar, clock_text
from tests.audio.music import piece
from tests.ui.test_player import FakeSystem, once


@pytest.fixture
def theme(qtbot: QtBot) -> Theme:
    theme = Theme()
    theme.set_mode("dark")
    return theme


@pytest.fixture
def system() -> FakeSystem:
    return FakeSystem()


@pytest.fixture
def player(qtbot: QtBot, system: FakeSystem) -> Iterator[Player]:
    player = Player(opener=system.open, list_devices=lambda: ("Speakers",), list_ports=lambda: system.ports)
    player.set_score(piece(*[(at * 500, 400, 60, 80) for at in range(20)]))
    yield player
    player.close()


@pytest.fixture
def bar(theme: Theme, player: Player, qtbot: QtBot) -> TransportBar:
    bar = TransportBar(theme, Icons(theme), player)
    qtbot.addWidget(bar)
    bar.show()
    return bar


def click(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_time_is_shown_in_minutes_seconds_and_tenths() -> None:
    assert [clock_text(seconds) for seconds in (0, 7.49, 67.99, 6000, -1)] == [
        "00:00.0",
        "00:07.4",
        "01:07.9",
        "100:00.0",
        "00:00.0",
    ]


def test_the_place_is_shown_as_bars_and_as_time(bar: TransportBar, player: Player) -> None:
    player.seek(2 * 1920 + 480 + 7)
    assert (bar.place.text(), bar.time.text(), bar.length.text()) == ("3:2:007", "00:04.3", "/ 00:09.9")
    assert bar.tempo.text() == "125 bpm"


def test_another_score_has_its_own_bars(bar: TransportBar, player: Player) -> None:
    player.seek(960)
    player.set_score(piece((0, 100, 60, 80), beats_per_minute=60))
    assert (bar.place.text(), bar.time.text(), bar.tempo.text()) == ("1:3:000", "00:02.0", "60 bpm")


def test_the_play_button_plays_and_then_offers_to_pause(
    bar: TransportBar, player: Player, system: FakeSystem, qtbot: QtBot
) -> None:
    assert bar.play.toolTip() == "Play (Space)"
    click(qtbot, bar.play)
    once(qtbot, lambda: bool(system.opened) and not player._switch.opening)
    system.last.advance(100)
    once(qtbot, lambda: bar.play.toolTip() == "Pause (Space)")
    click(qtbot, bar.play)
    system.last.advance(100)
    once(qtbot, lambda: bar.play.toolTip() == "Play (Space)")


def test_stop_and_start_lead_back(bar: TransportBar, player: Player, qtbot: QtBot) -> None:
    player.seek(960)
    click(qtbot, bar.start)
    assert player.position == 0
    player.seek(960)
    click(qtbot, bar.stop)
    once(qtbot, lambda: player.position == 0)


def test_the_loop_button_and_the_player_agree(bar: TransportBar, player: Player, qtbot: QtBot) -> None:
    click(qtbot, bar.loop)
    assert player.loop == (0, 11520)
    player.set_loop(0, None)
    assert not bar.loop.isChecked()


def test_speed_is_set_in_per_cent_and_shown_in_beats(bar: TransportBar, player: Player) -> None:
    bar.speed.setValue(50)
    assert player.speed == 0.5
    player.set_speed(2)
    assert bar.speed.value() == 200
    assert bar.tempo.text() == "250 bpm"


def test_the_list_of_outputs_is_made_when_it_is_opened(bar: TransportBar, player: Player, qtbot: QtBot) -> None:
    assert bar.outputs.count() == 1
    bar.outputs.showPopup()
    bar.outputs.hidePopup()
    texts = [bar.outputs.itemText(index) for index in range(bar.outputs.count())]
    texts = [text for text in texts if "SoundFont" not in text]
    assert texts == ["Built-in piano", "Piano on Speakers", "Stage piano"]
    with qtbot.waitSignal(bar.output_chosen) as chosen:
        index = bar.outputs.findData("port:Stage piano")
        bar.outputs.setCurrentIndex(index)
        bar.outputs.activated.emit(index)
    assert chosen.args == ["port:Stage piano"]
    assert player.output == "port:Stage piano"
    assert not bar.volume.isEnabled()


def test_a_saved_output_is_shown_by_name_before_it_is_looked_for(bar: TransportBar, player: Player) -> None:
    for output, name in (("port:Old synth", "Old synth"), ("piano:USB", "Piano on USB"), ("", "Built-in piano")):
        player.choose_output(output)
        assert bar.outputs.currentText() == name


def test_the_test_sound_is_a_click_away(bar: TransportBar, player: Player, system: FakeSystem, qtbot: QtBot) -> None:
    click(qtbot, bar.test)
    once(qtbot, lambda: bool(system.opened))


def test_every_hanging_note_is_a_click_away_from_silence(bar: TransportBar, player: Player, qtbot: QtBot) -> None:
    player._transport.strike(60, 90)
    click(qtbot, bar.panic)
    assert bar.panic.toolTip() == "All notes off (Ctrl+.)"
    assert player._transport._keys.account()[:2] == [[], []]


def test_volume_and_mute(bar: TransportBar, player: Player, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.volume_chosen) as chosen:
        bar.volume.setValue(40)
    assert chosen.args == [0.4]
    assert player.volume == 0.4
    click(qtbot, bar.mute)
    assert player.volume == 0
    assert bar.mute.toolTip() == "Unmute"
    click(qtbot, bar.mute)
    assert bar.volume.value() == 40


def test_nothing_is_cut_in_the_narrowest_window(bar: TransportBar, player: Player) -> None:
    bar.resize(1000, bar.height())
    player.seek(100_000)
    widgets = [
        bar.loop,
        bar.metronome,
        bar.panic,
        bar.place,
        bar.time,
        bar.length,
        bar.speed,
        bar.tempo,
        bar.outputs,
        bar.test,
        bar.mute,
    ]
    widgets += [bar.volume, bar.level]
    assert not bar.length.isVisible()
    for left, right in itertools.pairwise(widget for widget in widgets if widget.isVisible()):
        assert left.geometry().right() < right.geometry().left()
    assert bar.level.geometry().right() <= bar.width()


def test_the_level_rises_at_once_and_falls_evenly(theme: Theme, qtbot: QtBot) -> None:
    clock = [0.0]
    meter = LevelMeter(theme, now=lambda: clock[0])
    qtbot.addWidget(meter)
    meter.show()
    meter.show_level(1.0)
    assert meter.shown_db == 0
    clock[0] = 0.5
    meter.show_level(0.0)
    assert meter.shown_db == -18
    meter.grab()
    clock[0] = 10
    meter.show_level(0.0)
    assert meter.shown_db == FLOOR_DB
    meter.grab()
