"""The whole window, driven as a person would."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPointF, Qt, QThread, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QListView,
    QMenuBar,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QTableView,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from musicgen_app import environment
from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.score import Score, make_notes
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.document import Project
from musicgen_app.project.queue import QueueEntry
from musicgen_app.project.queue_file import QueueFile
from musicgen_app.ui import main_window, project_desk
from musicgen_app.ui.about import AboutDialog
from musicgen_app.ui.audio_dialog import AudioDialog
from musicgen_app.ui.keymap import Keymap
from musicgen_app.ui.keys_dialog import KeysDialog
from musicgen_app.ui.main_window import DATASET, GENERATION, TRAINING, MainWindow
from musicgen_app.ui.palette import Palette
from musicgen_app.ui.preferences import Preferences
from musicgen_app.ui.runs_pages import QUEUE
from musicgen_app.ui.settings import Settings
from musicgen_app.workflow.comparisons import Passage
from tests.project.experiments import write_experiments
from tests.windows import NewWindow, new_window, settings

__all__ = ["new_window", "settings"]

WAIT = 60_000
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def piece(*pitches: int) -> Score:
    return Score(notes=make_notes([(480 * i, 240, pitch, 64) for i, pitch in enumerate(pitches)]))


@pytest.fixture
def window(new_window: NewWindow, tmp_path: Path) -> MainWindow:
    window = new_window()
    window.start(Project.create(tmp_path / "Songs.musicgen").folder)
    return window


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    def give(index: int) -> list[str]:
        asked: list[str] = []

        def ask(_parent: QWidget, title: str, _sentence: str, _choices: tuple[str, ...], unanswered: int = -1) -> int:
            asked.append(title)
            return index

        monkeypatch.setattr(main_window, "ask", ask)
        monkeypatch.setattr(project_desk, "ask", ask)
        return asked

    return give


def run_dialog(monkeypatch: pytest.MonkeyPatch, kind: type[QDialog]) -> list[QDialog]:
    """Let dialogs of a kind open without waiting, and note them."""
    opened: list[QDialog] = []

    def exec_(dialog: QDialog) -> int:
        dialog.show()
        opened.append(dialog)
        return 0

    monkeypatch.setattr(kind, "exec", exec_)
    monkeypatch.setattr(kind, "deleteLater", lambda _dialog: None)
    return opened


def drop(window: MainWindow, *paths: Path) -> None:
    content = QMimeData()
    content.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    left = Qt.MouseButton.LeftButton
    window.dropEvent(
        QDropEvent(QPointF(400, 300), Qt.DropAction.CopyAction, content, left, Qt.KeyboardModifier.NoModifier)
    )


def test_tabs_are_changed_by_click_and_by_key(window: MainWindow, qtbot: QtBot) -> None:
    assert window.tab == DATASET
    qtbot.mouseClick(window.segments.button(GENERATION), Qt.MouseButton.LeftButton)
    assert window.tab == GENERATION
    assert window.generation.isVisible()
    QTest.keyClick(window, Qt.Key.Key_2, CONTROL)
    assert window.tab == TRAINING
    assert window.segments.button(TRAINING).isChecked()
    window.segments.button(TRAINING).setFocus()
    QTest.keyClick(window, Qt.Key.Key_3, CONTROL)
    assert window.segments.button(GENERATION).hasFocus()


def test_the_name_of_the_output_is_read_in_the_smallest_window(window: MainWindow) -> None:
    window.resize(1024, 700)
    QApplication.processEvents()
    outputs = window.transport.outputs
    option = QStyleOptionComboBox()
    outputs.initStyleOption(option)
    field = outputs.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, outputs
    )
    assert outputs.fontMetrics().horizontalAdvance("Built-in piano") <= field.width()


def test_what_can_be_set_for_music_says_what_it_means(window: MainWindow) -> None:
    form = window.generation.form
    assert form.length.toolTip()
    assert form.unit.toolTip()


def test_the_title_names_the_project_and_marks_unsaved_edits(window: MainWindow) -> None:
    assert window.windowTitle() == "Songs - MusicGen Composer"
    window.editor.edit("Draw", piece(60))
    assert window.windowTitle() == "Songs * - MusicGen Composer"
    assert window.header.project.text() == "Songs *"
    QTest.keyClick(window, Qt.Key.Key_S, CONTROL)
    assert window.windowTitle() == "Songs - MusicGen Composer"
    assert window.status.note.text() == "Songs is saved"


def test_nothing_is_cut_in_the_smallest_window(window: MainWindow) -> None:
    window.resize(100, 100)
    assert (window.width(), window.height()) == (1024, 700)
    for index in (DATASET, TRAINING, GENERATION):
        window.show_tab(index)
        QApplication.processEvents()
        assert window.minimumSizeHint().width() <= 1024
        assert window.minimumSizeHint().height() <= 700


def test_undo_and_redo_name_their_step_and_work_on_the_generation_tab_only(window: MainWindow) -> None:
    window.editor.edit("Draw", piece(60))
    assert not window.verbs["undo"].isEnabled()
    window.show_tab(GENERATION)
    assert window.verbs["undo"].text() == "Undo draw"
    QTest.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert len(window.editor.score.notes) == 0
    assert window.verbs["redo"].text() == "Redo draw"
    QTest.keyClick(window, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert len(window.editor.score.notes) == 1


def test_the_edit_menu_acts_on_the_selection(window: MainWindow) -> None:
    window.show_tab(GENERATION)
    assert not window.verbs["select_all"].isEnabled()
    window.editor.set_score(piece(60, 62))
    assert not window.verbs["transpose_up"].isEnabled()
    window.verbs["select_all"].trigger()
    window.verbs["transpose_up"].trigger()
    window.verbs["octave_down"].trigger()
    assert window.editor.score.notes["pitch"].tolist() == [49, 51]
    window.verbs["delete"].trigger()
    assert len(window.editor.score.notes) == 0


def test_keys_of_the_roll_are_answered_by_the_roll(window: MainWindow, qtbot: QtBot) -> None:
    window.show_tab(GENERATION)
    window.editor.set_score(piece(60, 62))
    window.generation.roll.setFocus()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_A, CONTROL)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Up)
    assert window.editor.score.notes["pitch"].tolist() == [61, 63]
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Z, CONTROL)
    assert window.editor.score.notes["pitch"].tolist() == [60, 62]


def test_a_midi_file_is_opened_into_the_roll_and_exported_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_midi(piece(60, 64, 67), tmp_path / "chord.mid")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "chord.mid"), ""))
    QTest.keyClick(window, Qt.Key.Key_O, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: len(window.editor.score.notes) == 3)
    assert window.tab == GENERATION
    assert window.desk.unsaved
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "again"), "MIDI (*.mid)"))
    QTest.keyClick(window, Qt.Key.Key_E, CONTROL)
    qtbot.waitUntil(lambda: window.status.note.text() == "Exported again.mid")
    assert read_midi(tmp_path / "again.mid").score.notes["pitch"].tolist() == [60, 64, 67]


@pytest.mark.parametrize(("name", "used"), [("song.wav", ""), ("song", "FLAC (*.flac)")])
def test_sound_is_exported_in_the_background(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, used: str
) -> None:
    window.editor.set_score(piece(60))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), used))
    monkeypatch.setattr(AudioDialog, "exec", lambda _: QDialog.DialogCode.Accepted)
    window.verbs["export_audio"].trigger()
    assert len(window.status.jobs) == 1
    qtbot.waitUntil(lambda: window.status.note.text().startswith("Exported"), timeout=WAIT)
    assert next(tmp_path.glob("song.*")).stat().st_size > 1000


def test_the_selection_is_exported_as_the_dialog_says(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.editor.set_score(piece(60, 64, 67))
    window.editor.select(np.array([1]))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "part.wav"), ""))

    def choose(dialog: AudioDialog) -> QDialog.DialogCode:
        assert dialog.part.itemText(1) == "Selection (1 note)"
        assert not dialog.stems.isEnabled()
        dialog.part.setCurrentIndex(1)
        dialog.rate.setCurrentIndex(0)
        dialog.tail.setValue(0.5)
        dialog.normalise.setChecked(True)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(AudioDialog, "exec", choose)
    window.verbs["export_audio"].trigger()
    qtbot.waitUntil(lambda: window.status.note.text().startswith("Exported"), timeout=WAIT)
    facts = soundfile.info(tmp_path / "part.wav")
    note = window.editor.score.notes[1]
    assert facts.samplerate == 44_100
    assert facts.duration == pytest.approx(note["duration"] / 480 * 0.5 + 0.5, abs=0.15)


def test_an_export_that_is_thought_better_of_writes_nothing(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.editor.set_score(piece(60))
    monkeypatch.setattr(AudioDialog, "exec", lambda _: QDialog.DialogCode.Rejected)
    window.verbs["export_audio"].trigger()
    assert not window.exports.busy


@pytest.mark.parametrize("name", ["roll.png", "roll.svg"])
def test_a_picture_of_the_roll_is_exported(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    window.editor.set_score(piece(60))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), ""))
    window.verbs["export_picture"].trigger()
    assert (tmp_path / name).stat().st_size > 500


def test_an_empty_roll_cannot_be_exported(window: MainWindow) -> None:
    assert not window.verbs["export_midi"].isEnabled()
    window.editor.set_score(piece(60))
    assert window.verbs["export_midi"].isEnabled()


def test_a_midi_file_without_notes_is_told_and_nothing_changes(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    write_midi(Score(), tmp_path / "silence.mid")
    window.editor.set_score(piece(60))
    window.open_path(tmp_path / "silence.mid")
    qtbot.waitUntil(lambda: len(window.messages.shown) == 1)
    assert window.messages.shown[0].title == "silence.mid has no notes."
    assert len(window.editor.score.notes) == 1


def test_dropping_does_what_the_place_suggests(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    write_midi(piece(60, 64), tmp_path / "two.mid")
    window.show_tab(TRAINING)
    drop(window, tmp_path / "two.mid")
    assert window.tab == DATASET
    assert window.desk.project is not None
    assert window.desk.project.sources == (tmp_path / "two.mid",)
    window.show_tab(GENERATION)
    drop(window, tmp_path / "two.mid")
    qtbot.waitUntil(lambda: len(window.editor.score.notes) == 2)
    window.editor.mark_saved()
    drop(window, Project.create(tmp_path / "Other.musicgen").folder)
    assert window.desk.title == "Other"


def test_themes_are_switched_live_and_remembered(window: MainWindow, settings: Settings) -> None:
    for mode in ("light", "dark", "system"):
        window.verbs[f"theme_{mode}"].trigger()
        assert window.theme.mode == settings.theme_mode == mode
    window.verbs["theme_light"].trigger()
    assert QApplication.instance().palette().window().color() == window.theme.colour("window")


def test_panels_can_be_folded_on_each_tab(window: MainWindow) -> None:
    for index, tab in ((DATASET, window.dataset), (TRAINING, window.training), (GENERATION, window.generation)):
        window.show_tab(index)
        assert window.verbs["left_panel"].isChecked()
        window.verbs["left_panel"].trigger()
        window.verbs["right_panel"].trigger()
        assert not tab.panes.left_shown
        assert not tab.panes.right_shown
        window.verbs["left_panel"].trigger()
        assert tab.panes.left_shown


def test_shape_and_folds_come_back_with_the_next_window(new_window: NewWindow) -> None:
    first = new_window()
    first.resize(1250, 810)
    first.dataset.panes.show_right(False)
    first.close()
    second = new_window()
    assert (second.width(), second.height()) == (1250, 810)
    assert not second.dataset.panes.right_shown


def test_f1_and_question_mark_show_the_keys(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = run_dialog(monkeypatch, KeysDialog)
    window.setFocus()
    QTest.keyClick(window, Qt.Key.Key_F1)
    QTest.keyClick(window, Qt.Key.Key_Question)
    assert len(opened) == 2


def test_about_and_guide_tell_what_this_is(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = run_dialog(monkeypatch, AboutDialog)
    window.verbs["about"].trigger()
    assert "Lucide" in opened[0].licences.toPlainText()
    before = set(QApplication.topLevelWidgets())
    window.verbs["guide"].trigger()
    fresh = [widget for widget in QApplication.topLevelWidgets() if widget not in before and widget.isVisible()]
    assert [widget.windowTitle() for widget in fresh if isinstance(widget, QDialog)] == ["User guide"]


def test_preferences_take_effect_at_once(
    window: MainWindow, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = run_dialog(monkeypatch, Preferences)
    QTest.keyClick(window, Qt.Key.Key_Comma, CONTROL)
    dialog = opened[0]
    assert isinstance(dialog, Preferences)
    dialog.theme_choice.setCurrentIndex(2)
    dialog.theme_choice.activated.emit(2)
    assert not window.theme.dark
    dialog.threads.setValue(1)
    assert settings.threads == 1
    assert window.training.panel.form.box("threads").value() == 1
    dialog.volume.set_value(30)
    assert settings.volume == pytest.approx(0.3)
    assert dialog.output_choice.count() >= 1


def test_recent_projects_are_offered(window: MainWindow, tmp_path: Path) -> None:
    window.desk.open(Project.create(tmp_path / "Other.musicgen").folder)
    menu = window.verbs.menu("File/Open recent")
    menu.aboutToShow.emit()
    names = [action.text() for action in menu.actions()]
    assert names[:2] == ["Other.musicgen", "Songs.musicgen"]
    menu.actions()[1].trigger()
    assert window.desk.title == "Songs"


def test_the_sound_doctor_opens_from_the_help_menu_and_goes_with_the_window(window: MainWindow, qtbot: QtBot) -> None:
    window.verbs["sound_doctor"].trigger()
    doctor = window.sound._doctor
    assert doctor is not None
    qtbot.waitUntil(lambda: doctor.diagnosis is not None, timeout=WAIT)
    assert doctor.facts.value("Plays on") == "Built-in piano"
    window.verbs["sound_doctor"].trigger()
    assert window.sound._doctor is doctor
    window.sound.shutdown()
    qtbot.waitUntil(lambda: window.sound._doctor is None, timeout=WAIT)


def test_outputs_are_offered_in_the_playback_menu(window: MainWindow) -> None:
    menu = window.verbs.menu("Playback/Output")
    menu.aboutToShow.emit()
    assert menu.actions()
    menu.actions()[0].trigger()


def test_errors_are_shown_and_the_program_goes_on(window: MainWindow) -> None:
    window.training.failed.emit(MusicgenError("The disk is full.", "Free some space."))
    assert window.messages.shown[0].title == "The disk is full."
    assert window.messages.isVisible()


def test_closing_with_unsaved_edits_asks(window: MainWindow, answer: Callable[[int], list[str]]) -> None:
    window.editor.edit("Draw", piece(60))
    asked = answer(2)
    assert not window.close()
    assert asked == ["Save the changes to Songs?"]
    assert window.isVisible()
    answer(0)
    assert window.close()
    saved = Project.open(window.desk.project.folder).score()
    assert saved is not None
    assert len(saved.notes) == 1


def test_closing_leaves_no_thread_behind(new_window: NewWindow, qtbot: QtBot) -> None:
    window = new_window()
    window.start(None)
    assert window.desk.title == "Demo"
    window.close()
    assert not window.isVisible()
    assert not [thread for thread in window.findChildren(QThread) if thread.isRunning()]
    assert not window.busy


def test_the_demo_is_ready_for_train_and_generate(new_window: NewWindow, qtbot: QtBot) -> None:
    window = new_window()
    window.start(None)
    qtbot.waitUntil(lambda: not window.dataset.scanning, timeout=WAIT)
    assert window.dataset.files.table.rowCount() == len(list(environment.bundled("data", "corpus").glob("*.mid")))
    assert window.training.panel.train.isEnabled()
    assert window.generation.form.button.isEnabled()


def test_a_piece_of_the_data_set_is_heard_and_the_roll_gets_the_player_back(
    new_window: NewWindow, qtbot: QtBot
) -> None:
    window = new_window()
    window.start(None)
    qtbot.waitUntil(lambda: not window.dataset.scanning, timeout=WAIT)
    window.dataset.files.view.selectRow(0)
    qtbot.waitUntil(lambda: window.dataset.inspector.score is not None)
    QTest.keyClick(window, Qt.Key.Key_Space)
    assert window.playback.listening
    window.show_tab(GENERATION)
    assert not window.playback.listening


def test_a_passage_is_heard_once_and_the_roll_stays_where_it_was(window: MainWindow, qtbot: QtBot) -> None:
    window.show_tab(GENERATION)
    window.editor.set_score(piece(60, 62, 64, 65))
    window.player.seek(960)
    moments = np.array([0], np.int64)
    window.generation.listen_asked.emit(Passage(piece(72, 74), moments, moments))
    assert window.playback.listening
    assert window.player.playing
    assert len(window.player.score.notes) == 2
    window.player.pause()
    qtbot.waitUntil(lambda: not window.playback.listening, timeout=WAIT)
    assert window.player.score == window.editor.score
    assert window.generation.roll.state.playhead == window.player.position == 960
    window.player.play()
    window.player.pause()
    assert not window.playback.listening


@pytest.mark.slow
def test_closing_while_training_asks_then_stops_it_and_leaves_nothing(
    new_window: NewWindow, qtbot: QtBot, answer: Callable[[int], list[str]]
) -> None:
    window = new_window()
    window.start(None)
    window.show_tab(TRAINING)
    qtbot.mouseClick(window.training.panel.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.status.jobs != () and "Epoch" in window.status.jobs[0].words, timeout=WAIT)
    asked = answer(1)
    assert not window.close()
    assert asked == ["Stop the training?"]
    assert window.training.busy
    answer(0)
    began = time.monotonic()
    assert window.close()
    assert time.monotonic() - began < 3
    assert not window.training.busy
    assert not [child for child in psutil.Process().children() if child.name().startswith("python")]
    assert window.desk.project is not None
    assert window.desk.project.runs()[-1].can_resume


def nameless(window: MainWindow) -> list[str]:
    """Controls on the screen that neither words nor a name tell apart."""
    found = []
    for kind in (QAbstractButton, QComboBox, QAbstractSpinBox, QSlider, QLineEdit, QTableView, QListView):
        for control in window.findChildren(kind):
            text = control.text() if isinstance(control, QAbstractButton) else ""
            inside = isinstance(control.parentWidget(), QAbstractSpinBox | QComboBox | QLineEdit | QMenuBar)
            if control.isVisible() and not (text or control.accessibleName() or inside):
                found.append(f"{type(control).__name__} {control.toolTip()} in {type(control.parentWidget()).__name__}")
    return found


def test_an_interrupted_queue_is_offered_and_continued_by_a_button(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.create(tmp_path / "Queued.musicgen")
    entries = tuple(QueueEntry(preset="small", epochs=1) for _ in range(7))
    file = QueueFile(project.folder)
    file.change(lambda queue: queue.added(entries).changed(1, state="running", run=1))
    window.desk.open(project.folder)
    (message,) = window.messages.shown
    assert message.title == "The queue was interrupted: 7 runs wait."
    started: list[bool] = []
    monkeypatch.setattr(window.training.queue, "start", lambda: started.append(True))
    button = next(found for found in window.messages.findChildren(QAbstractButton) if found.text() == "Continue")
    button.click()
    assert (started, window.tab, window.training.view.pages.page) == ([True], TRAINING, QUEUE)
    assert window.messages.shown == ()
    window.desk.open(project.folder)
    assert [shown.title for shown in window.messages.shown] == [message.title], "at the next start it is offered again"
    window.training.queue.change(lambda queue: queue.cancelled(1))
    for number in range(2, 8):
        window.training.queue.change(lambda queue, number=number: queue.removed(number))
    assert window.messages.shown == (), "with nothing left to do the offer is taken back"


def test_the_queue_is_shown_and_filled_by_keys(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_4, CONTROL)
    assert (window.tab, window.training.view.pages.page) == (TRAINING, QUEUE)
    assert not window.verbs["queue_go"].isEnabled()
    assert not window.verbs["queue_stop"].isEnabled()
    window.verbs["queue_sweep"].trigger()
    assert "no data set" in window.messages.shown[0].title


def test_every_control_has_a_name_for_those_who_cannot_see_it(window: MainWindow) -> None:
    for index in (DATASET, TRAINING, GENERATION):
        window.show_tab(index)
        assert not nameless(window), "\n".join(nameless(window))


def test_every_icon_button_says_what_it_does(window: MainWindow) -> None:
    silent = [
        type(button.parentWidget()).__name__
        for button in window.findChildren(QToolButton)
        if not button.toolTip() and not isinstance(button.parentWidget(), QLineEdit | QMenuBar)
    ]
    assert silent == []


def test_experiments_are_imported_by_the_menu_and_an_output_is_heard_in_the_roll(
    qtbot: QtBot, new_window: NewWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_experiments(tmp_path / "experiments")
    window = new_window()
    window.start(Project.create(tmp_path / "a.musicgen").folder)
    window.show_tab(TRAINING)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    window.verbs["import_runs"].trigger()
    assert window.busy
    qtbot.waitUntil(lambda: len(window.training.shelf.runs) == 4, timeout=WAIT)
    assert "Imported 4 rows" in window.messages.shown[0].title
    table = window.training.view.table
    table.choose(2)
    table.asked.emit("output", 2)
    qtbot.waitUntil(lambda: len(window.editor.score.notes) == 8, timeout=WAIT)
    assert window.tab == GENERATION
    table.set_columns(("score",))
    table.columns_changed.emit(table.columns)
    assert window.settings.run_columns == ("score",)
    window.training.view.plot.legend.log_toggled.emit(True)
    window.training.view.plot.legend.smooth_chosen.emit(9)
    assert (window.settings.plot_log, window.settings.plot_smooth) == (True, 9)
    window.editor.mark_saved()


def test_a_changed_key_reaches_the_roll_the_tooltips_and_the_next_start(window: MainWindow, settings: Settings) -> None:
    window.keymap.add("quantise", "F4")
    window.keymap.add("play", "F2")
    assert window.generation.roll.findChild(QToolButton, "quantise").toolTip().endswith("(F4)")
    assert window.transport.play.toolTip() == "Play (F2)"
    window.editor.set_score(Score(notes=make_notes([(3, 240, 60, 64)])))
    window.show_tab(GENERATION)
    window.generation.roll.view.setFocus()
    QTest.keyClick(window.generation.roll.view, Qt.Key.Key_F4)
    assert int(window.editor.score.notes["onset"][0]) == 0
    assert Keymap(settings.keys).keys("play") == ("F2", "Space")


def test_the_palette_opens_by_its_key_and_finds_an_action_of_the_roll(window: MainWindow, qtbot: QtBot) -> None:
    window.editor.set_score(piece(60, 64))
    window.show_tab(GENERATION)
    QTest.keyClick(window, Qt.Key.Key_P, CONTROL | SHIFT)
    palette = window.findChild(Palette)
    qtbot.waitUntil(palette.isVisible)
    qtbot.keyClicks(palette.search, "select all")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert len(window.editor.selected) == 2
