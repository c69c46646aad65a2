"""The sound doctor, SoundFonts, ports' options and lost outputs, as a person meets them in the window."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from musicgen_app.audio import soundfont
from musicgen_app.audio.outputs import CHOOSE_SOUNDFONT, PIANO
from musicgen_app.audio.port_voice import PortOptions
from musicgen_app.core.errors import AudioError
from musicgen_app.ui import sound_desk, sound_doctor
from musicgen_app.ui.audio_dialog import AudioDialog
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.keyboards import Keyboards
from musicgen_app.ui.messages import Messages
from musicgen_app.ui.player import Player
from musicgen_app.ui.port_fields import PortFields
from musicgen_app.ui.preferences import Preferences
from musicgen_app.ui.settings import Settings
from musicgen_app.ui.sound_desk import SoundDesk
from musicgen_app.ui.sound_doctor import SoundDoctor
from musicgen_app.ui.theme import Theme
from tests.audio.music import piece
from tests.audio.sf2 import tiny_soundfont
from tests.audio.test_diagnosis import BARE, GOOD
from tests.audio.test_ports import Receiver, balance, receiver
from tests.servers import PulseSink, jack_server, pulse_sink
from tests.ui.test_player import FakeSystem, once, playing

__all__ = ["jack_server", "pulse_sink", "receiver"]

LONG = piece((0, 60_000, 60, 80))


@pytest.fixture
def theme(qtbot: QtBot) -> Theme:
    theme = Theme()
    theme.set_mode("dark")
    return theme


@pytest.fixture
def system() -> FakeSystem:
    return FakeSystem()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def player(qtbot: QtBot, system: FakeSystem) -> Iterator[Player]:
    player = Player(opener=system.open, list_devices=lambda: ("Speakers",), list_ports=lambda: system.ports)
    player.set_score(LONG)
    yield player
    player.close()


@pytest.fixture
def messages(theme: Theme, qtbot: QtBot) -> Messages:
    messages = Messages(Icons(theme))
    qtbot.addWidget(messages)
    return messages


@pytest.fixture
def desk(
    theme: Theme, settings: Settings, player: Player, messages: Messages, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SoundDesk]:
    monkeypatch.setattr(sound_doctor, "survey", lambda *_arguments: GOOD)
    desk = SoundDesk(theme, Icons(theme), settings, player, messages, messages)
    yield desk
    if desk._doctor is not None:
        desk._doctor.close()
    desk.shutdown()


def press_action(messages: Messages, qtbot: QtBot) -> None:
    messages.show()
    (button,) = (banner.action for banner in messages._banners[:1])
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_next_best_output_is_offered_and_one_click_plays_on(
    desk: SoundDesk, player: Player, system: FakeSystem, messages: Messages, settings: Settings, qtbot: QtBot
) -> None:
    output = playing(player, system, qtbot)
    output.problem = "The sound device does not answer any more."
    with qtbot.waitSignal(player.output_lost):
        player._switch.look()
    (message,) = messages.shown
    assert message.title == "The sound device does not answer any more."
    assert message.sentence == "The music has stopped. Piano on Speakers can play instead."
    assert player.state == "paused"
    press_action(messages, qtbot)
    once(qtbot, lambda: player.output_open)
    assert (player.output, player.state, messages.shown) == ("piano:Speakers", "playing", ())
    assert settings.output == ""


def test_where_only_the_same_output_is_left_it_can_be_tried_again(
    desk: SoundDesk, player: Player, system: FakeSystem, messages: Messages, qtbot: QtBot
) -> None:
    system.broken.update((PIANO, "piano:Speakers", "port:Stage piano"))
    player.play()
    once(qtbot, lambda: any(message.action == "Try again" for message in messages.shown))
    system.broken.clear()
    press_action(messages, qtbot)
    once(qtbot, lambda: player.output_open)
    assert player.state == "playing"


def test_a_try_that_succeeds_takes_the_offer_back(
    desk: SoundDesk, player: Player, system: FakeSystem, messages: Messages, qtbot: QtBot
) -> None:
    system.broken.update((PIANO, "piano:Speakers", "port:Stage piano"))
    player.play()
    once(qtbot, lambda: any(message.action == "Try again" for message in messages.shown))
    system.broken.clear()
    player.play()
    once(qtbot, lambda: player.output_open)
    assert not any(message.action == "Try again" for message in messages.shown)


def test_where_nothing_can_sound_the_doctor_is_offered(
    theme: Theme, settings: Settings, messages: Messages, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_doctor, "survey", lambda *_arguments: BARE)
    system = FakeSystem()
    system.broken.add(PIANO)
    player = Player(opener=system.open, list_devices=lambda: (), list_ports=lambda: ())
    desk = SoundDesk(theme, Icons(theme), settings, player, messages, messages)
    player.set_score(LONG)
    player.play()
    once(qtbot, lambda: bool(messages.shown))
    assert messages.shown[0].action == "Sound doctor"
    press_action(messages, qtbot)
    doctor = desk._doctor
    assert doctor is not None
    once(qtbot, lambda: doctor.verdict.text() == "Nothing here can sound.")
    doctor.close()
    desk.shutdown()
    player.close()


def test_a_bad_saved_choice_does_not_mute_the_start(
    desk: SoundDesk, player: Player, system: FakeSystem, messages: Messages, settings: Settings, qtbot: QtBot
) -> None:
    settings.output = "piano:Old headphones"
    system.broken.add("piano:Old headphones")
    desk.restore()
    player.play()
    once(qtbot, lambda: player.output_open)
    assert (player.output, player.state) == (PIANO, "playing")
    assert messages.shown[0].title == "piano:Old headphones is gone. The built-in piano plays instead."
    assert settings.output == "piano:Old headphones"


def test_a_port_that_is_back_is_told_or_offered(
    desk: SoundDesk, player: Player, system: FakeSystem, messages: Messages, qtbot: QtBot
) -> None:
    told: list[str] = []
    desk.told.connect(told.append)
    desk.choose("port:Stage piano")
    playing(player, system, qtbot)
    system.ports = ()
    with qtbot.waitSignal(player.output_lost):
        player._switch.look()
    system.ports = ("Stage piano",)
    player._switch.look()
    once(qtbot, lambda: player.output_open)
    assert told == ["Stage piano is back and plays again"]
    assert messages.shown == ()
    system.ports = ()
    with qtbot.waitSignal(player.output_lost):
        player._switch.look()
    player.choose_output(PIANO)
    system.ports = ("Stage piano",)
    player._switch.look()
    assert messages.shown[0].title == "Stage piano is back."
    press_action(messages, qtbot)
    assert player.output == "port:Stage piano"


def test_what_was_chosen_at_earlier_times_comes_back(
    desk: SoundDesk, player: Player, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "Grand.sf2").touch()
    settings.add_soundfont(tmp_path / "gone.sf2")
    settings.add_soundfont(tmp_path / "Grand.sf2")
    settings.set_port_options("Stage piano", PortOptions(-40, 3, False))
    settings.output = "port:Stage piano"
    desk.restore()
    assert player.output == "port:Stage piano"
    assert player.port_options("Stage piano") == PortOptions(-40, 3, False)
    assert settings.soundfonts == (tmp_path / "Grand.sf2",)


def type_name(path: Path) -> None:
    """Type a path into the file dialog that is about to open, and press Return."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QFileDialog) or not dialog.isVisible():
            QTimer.singleShot(20, look)
            return
        name = dialog.findChild(QLineEdit, "fileNameEdit")
        name.setText(str(path))
        QTest.keyClick(name, Qt.Key.Key_Return)

    QTimer.singleShot(0, look)


def test_a_soundfont_is_chosen_by_file_dialog_and_remembered(
    desk: SoundDesk, player: Player, settings: Settings, tmp_path: Path, qtbot: QtBot
) -> None:
    if soundfont.missing():
        pytest.skip("FluidSynth or pyfluidsynth is not installed.")
    path = tmp_path / "Tiny.sf2"
    path.write_bytes(tiny_soundfont())
    type_name(path)
    desk.choose(CHOOSE_SOUNDFONT.id)
    once(qtbot, lambda: player.output == f"soundfont:{path}")
    assert settings.soundfonts == (path,)
    assert settings.output == f"soundfont:{path}"
    assert "SoundFont: Tiny" in [choice.name for choice in desk.outputs()]
    assert desk.outputs()[-1] == CHOOSE_SOUNDFONT


def test_a_broken_soundfont_is_told_and_nothing_changes(
    desk: SoundDesk,
    player: Player,
    settings: Settings,
    messages: Messages,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(path: Path) -> None:
        raise AudioError(f"{path.name} is no SoundFont, or it is damaged.")

    monkeypatch.setattr(sound_desk, "probe", refuse)
    (tmp_path / "bad.sf2").write_bytes(b"RIFF")
    type_name(tmp_path / "bad.sf2")
    desk.ask_soundfont()
    once(qtbot, lambda: bool(messages.shown))
    assert messages.shown[0].title == "bad.sf2 is no SoundFont, or it is damaged."
    assert (player.output, settings.soundfonts) == (PIANO, ())


@pytest.fixture
def doctor(desk: SoundDesk, qtbot: QtBot) -> SoundDoctor:
    desk.show_doctor()
    doctor = desk._doctor
    assert doctor is not None
    once(qtbot, lambda: doctor.diagnosis is not None)
    return doctor


def test_the_doctor_shows_what_is_there_and_another_output_is_one_click_away(
    doctor: SoundDoctor, player: Player, settings: Settings, qtbot: QtBot
) -> None:
    assert doctor.verdict.text() == "Sound works: Built-in piano."
    assert doctor.facts.value("Sample rate") == "48,000 a second"
    assert "Midi Through Port-0 (silent by itself)" in doctor.facts.value("MIDI ports")
    uses = {
        button.accessibleName(): button for button in doctor.findChildren(QPushButton) if button.text() == "Use this"
    }
    qtbot.mouseClick(uses["Use Stage piano"], Qt.MouseButton.LeftButton)
    assert (player.output, settings.output) == ("port:Stage piano", "port:Stage piano")
    once(qtbot, lambda: doctor.facts.value("Plays on") == "Stage piano")
    assert doctor.facts.value("Why") == "You have chosen it."


def test_the_doctors_test_sound_moves_the_level(
    doctor: SoundDoctor, player: Player, system: FakeSystem, qtbot: QtBot
) -> None:
    qtbot.mouseClick(doctor.test, Qt.MouseButton.LeftButton)
    once(qtbot, lambda: player.output_open)
    system.last.level = 0.5
    once(qtbot, lambda: "makes sound" in doctor.heard.text())
    assert doctor.meter.shown_db > -10
    player.choose_output("port:Stage piano")
    qtbot.mouseClick(doctor.test, Qt.MouseButton.LeftButton)
    assert doctor.heard.text() == "Sent. The instrument sounds by itself."


def test_the_doctors_report_is_copied(doctor: SoundDoctor, qtbot: QtBot) -> None:
    qtbot.mouseClick(doctor.copy, Qt.MouseButton.LeftButton)
    text = QApplication.clipboard().text()
    assert text.startswith("Sound doctor of MusicGen Composer ")
    assert "Sound works: Built-in piano." in text
    assert "- Stage piano" in text


def test_the_doctor_looks_again_and_goes_when_it_is_closed(desk: SoundDesk, doctor: SoundDoctor, qtbot: QtBot) -> None:
    doctor.look()
    doctor.look()
    once(qtbot, lambda: doctor.job is None and doctor.again.isEnabled())
    desk.show_doctor()
    assert desk._doctor is doctor
    qtbot.mouseClick(doctor.leave, Qt.MouseButton.LeftButton)
    once(qtbot, lambda: desk._doctor is None)
    assert not shiboken6.isValid(doctor)


def test_escape_while_the_doctor_looks_waits_for_the_look(desk: SoundDesk, doctor: SoundDoctor, qtbot: QtBot) -> None:
    doctor.look()
    job = doctor.job
    assert job is not None
    qtbot.keyClick(doctor, Qt.Key.Key_Escape)
    assert not doctor.isVisible()
    once(qtbot, lambda: desk._doctor is None)
    assert not shiboken6.isValid(job)


def test_a_test_that_nothing_can_play_says_so(
    doctor: SoundDoctor, system: FakeSystem, player: Player, qtbot: QtBot
) -> None:
    system.broken.update((PIANO, "piano:Speakers", "port:Stage piano"))
    qtbot.mouseClick(doctor.test, Qt.MouseButton.LeftButton)
    once(qtbot, lambda: doctor.heard.text() == "Nothing was played. piano is gone.")


def test_the_options_of_a_port_are_set_in_the_preferences_and_remembered(
    theme: Theme, settings: Settings, player: Player, system: FakeSystem, qtbot: QtBot
) -> None:
    keyboards = Keyboards(player, lister=lambda: (), parent=player)
    dialog = Preferences(theme, Icons(theme), settings, player, keyboards)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.port.isVisible()
    player.choose_output("port:Stage piano")
    assert dialog.port.isVisible()
    assert not dialog.volume.isVisible()
    dialog.port.offset.setValue(-35)
    dialog.port.channel.setCurrentIndex(4)
    dialog.port.channel.activated.emit(4)
    dialog.port.clicks.setFocus()
    qtbot.keyClick(dialog.port.clicks, Qt.Key.Key_Space)
    expected = PortOptions(-35, 3, False)
    assert player.port_options("Stage piano") == settings.port_options["Stage piano"] == expected
    qtbot.mouseClick(dialog.port.panic, Qt.MouseButton.LeftButton)
    once(qtbot, lambda: bool(system.opened))


def test_nonsense_about_ports_is_forgotten(settings: Settings) -> None:
    for nonsense in ("{", "[1]", '{"A": [9999, null, true]}', '{"A": 3}'):
        settings._store.setValue("ports", nonsense)
        assert settings.port_options == {}


def test_the_fields_of_a_port_show_what_they_are_given_and_say_nothing(theme: Theme, qtbot: QtBot) -> None:
    fields = PortFields(Icons(theme))
    qtbot.addWidget(fields)
    with qtbot.assertNotEmitted(fields.changed):
        fields.show_options(PortOptions(20, 9, False))
    assert fields.value() == PortOptions(20, 9, False)


def test_an_export_can_be_played_by_a_soundfont(theme: Theme, qtbot: QtBot) -> None:
    grand = Path("/music/Grand.sf2")
    dialog = AudioDialog(0, 1, (Path("/music/Small.sf2"), grand), grand)
    qtbot.addWidget(dialog)
    assert dialog.chosen_soundfont == grand
    dialog.instrument.setCurrentIndex(0)
    assert dialog.chosen_soundfont is None


# The real servers.


@pytest.fixture
def real_player(qtbot: QtBot) -> Iterator[Player]:
    player = Player()
    player.set_score(LONG)
    yield player
    player.close()


def heard(player: Player, qtbot: QtBot) -> None:
    player.play()
    qtbot.waitUntil(lambda: player.playing and player.position > 300, timeout=30_000)


def once_lost(player: Player, qtbot: QtBot, do: Callable[[], None]) -> object:
    with qtbot.waitSignal(player.output_lost, timeout=30_000) as lost:
        do()
    return lost.args[0]


def test_a_sound_server_that_ends_in_play_stops_the_music_and_one_that_is_there_again_plays_on(
    pulse_sink: PulseSink, real_player: Player, qtbot: QtBot
) -> None:
    heard(real_player, qtbot)

    def end() -> None:
        pulse_sink.process.terminate()
        pulse_sink.process.wait()

    loss = once_lost(real_player, qtbot, end)
    assert loss.sentence == "The sound device does not answer any more."
    assert loss.playing
    assert loss.next_best is None
    assert real_player.state == "paused"
    place = real_player.position
    pulse_sink.start_again()
    real_player.play()
    qtbot.waitUntil(lambda: real_player.output_open and real_player.position > place + 100, timeout=30_000)


def test_a_real_port_that_vanishes_in_play_and_comes_back_is_opened_again(
    receiver: Receiver, real_player: Player, qtbot: QtBot
) -> None:
    real_player.choose_output(f"port:{receiver.name}")
    heard(real_player, qtbot)
    loss = once_lost(real_player, qtbot, receiver.close)
    assert loss.sentence == f"The MIDI port {receiver.name} is gone."
    assert real_player.state == "paused"
    with qtbot.waitSignal(real_player.output_returned, timeout=30_000):
        again = Receiver()
    qtbot.waitUntil(lambda: real_player.output_open, timeout=30_000)
    real_player.set_score(piece(*[(at, 90, 60 + at // 100 % 12, 80) for at in range(0, 30_000, 100)]))
    real_player.play()
    qtbot.waitUntil(lambda: real_player.playing, timeout=10_000)
    qtbot.wait(500)
    real_player.stop()
    qtbot.wait(300)
    again.wait_for(12)
    assert any(message[0] == 0x90 for _, message in again.messages)
    assert not any(balance(again.messages).values())
    receiver._input = again._input  # which the fixture closes
