"""The listening timeline in the window: marks on the curve, the strip below it, and what is heard."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from musicgen_app.audio.render import sound_of
from musicgen_app.core.score import Score, make_notes
from musicgen_app.core.timing import TempoMap
from musicgen_app.midi.reader import read_midi
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.document import Project
from musicgen_app.project.timeline import Timeline, TimelineTake, read_timeline, take_file, write_timeline
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.main_window import GENERATION, TRAINING, MainWindow
from musicgen_app.ui.take_marks import take_words
from musicgen_app.ui.theme import Theme
from musicgen_app.ui.training_tab import TrainingTab
from tests.ml.synthetic import write_synthetic
from tests.servers import CAPTURE_RATE, PulseSink, lags_sec, pulse_sink
from tests.ui.training_parts import add_run
from tests.windows import NewWindow, new_window, settings

__all__ = ["new_window", "pulse_sink", "settings"]

LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier
LOSSES = (5.0, 4.0, 4.5, 4.25)
LONG = 240_000


def music(pitch: int) -> Score:
    """Forty notes of one pitch, twenty seconds."""
    return Score(notes=make_notes([(480 * beat, 240, pitch, 80) for beat in range(40)]))


def take(epoch: int, batch: int = 0) -> TimelineTake:
    """A take of a run with ``LOSSES``; an epoch has ten batches."""
    done = epoch - 1 if batch else epoch
    validation = None if batch else LOSSES[epoch - 1]
    return TimelineTake(
        epoch, batch, done + batch / 10, 10 * done + batch, 60.0 * epoch, 4.4, validation, 7, 40, 20.0, 0.5
    )


def add_takes(run: Path, *takes: TimelineTake) -> None:
    """Put takes into a run's folder; each has a pitch of its own."""
    (run / "timeline").mkdir(exist_ok=True)
    for one in takes:
        write_midi(music(60 + one.epoch), take_file(run, one))
    write_timeline(run, Timeline(takes))


class Heard:
    """What the window would be asked."""

    def __init__(self, tab: TrainingTab) -> None:
        self.scores: list[Score] = []
        self.hushed = 0
        self.opened: list[Path] = []
        self.errors: list[object] = []
        tab.timeline.listen_asked.connect(self._on_listen)
        tab.timeline.hush_asked.connect(self._on_hush)
        tab.output_asked.connect(self.opened.append)
        tab.failed.connect(self.errors.append)
        self._tab = tab

    def _on_listen(self, score: Score) -> None:
        self.scores.append(score)
        self._tab.timeline.show_heard(score)

    def _on_hush(self) -> None:
        self.hushed += 1
        self._tab.timeline.show_heard(None)

    @property
    def pitches(self) -> list[int]:
        """The pitch of each take that was played."""
        return [int(score.notes["pitch"][0]) for score in self.scores]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "a.musicgen")


@pytest.fixture
def run(project: Project) -> Path:
    """A run of four epochs with takes of all but the third."""
    folder = add_run(project, *LOSSES)
    add_takes(folder, take(1), take(2), take(4))
    return folder


@pytest.fixture
def tab(qtbot: QtBot, tmp_path: Path, project: Project, run: Path) -> TrainingTab:
    theme = Theme()
    tab = TrainingTab(theme, Icons(theme), bundled=tmp_path / "models")
    qtbot.addWidget(tab, before_close_func=lambda widget: widget.shutdown())
    tab.resize(1400, 760)
    tab.show()
    tab.set_project(project)
    qtbot.waitUntil(lambda: tab.view.strip.isVisible())
    tab.view.plot.draw_now()
    return tab


@pytest.fixture
def heard(tab: TrainingTab) -> Heard:
    return Heard(tab)


def click_plot(tab: TrainingTab | MainWindow, where: QPointF) -> None:
    """Click at a place of the plot's scene."""
    training = tab.training if isinstance(tab, MainWindow) else tab
    plot = training.view.plot.plot
    QTest.mouseClick(plot.viewport(), LEFT, NO_KEYS, plot.mapFromScene(where))


def on_the_curve(tab: TrainingTab, epoch: float, loss: float) -> QPointF:
    """A place in the plot's scene."""
    return tab.view.plot.plot.getViewBox().mapViewToScene(QPointF(epoch, loss))


def test_takes_stand_on_the_curve_and_in_the_strip(tab: TrainingTab) -> None:
    points = {(point.pos().x(), point.pos().y()) for point in tab.view.marks.item.points()}
    assert points == {(1.0, 5.0), (2.0, 4.0), (4.0, 4.25)}
    strip = tab.view.strip
    assert (strip.slider.maximum(), strip.slider.value()) == (2, 2)
    assert strip.words.text() == "Epoch 4 \N{MIDDLE DOT} 4.25 nats a note \N{MIDDLE DOT} 20 s"
    assert "arrow keys" in strip.slider.toolTip()
    assert take_words(take(3, 4)) == "Epoch 2.4 \N{MIDDLE DOT} 4.40 nats a note \N{MIDDLE DOT} 20 s"
    for control in (strip.slider, strip.play, strip.open):
        assert control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    item = tab.view.marks.item
    assert item.opts["tip"](1.0, 5.0, take(1)) == take_words(take(1))


def test_a_click_on_a_mark_plays_its_take(tab: TrainingTab, heard: Heard) -> None:
    click_plot(tab, tab.view.marks.place(take(2)))
    assert heard.pitches == [62]
    assert tab.timeline.heard == take(2)
    assert tab.view.strip.slider.value() == 1
    assert tab.view.strip.play.accessibleName() == "Stop"
    sizes = {point.data().epoch: point.size() for point in tab.view.marks.item.points()}
    assert sizes[2] > sizes[1] == sizes[4]


def test_a_click_on_the_curve_plays_the_nearest_and_one_beside_it_nothing(tab: TrainingTab, heard: Heard) -> None:
    click_plot(tab, on_the_curve(tab, 3.2, 4.45))
    assert heard.pitches == [64]
    click_plot(tab, on_the_curve(tab, 1.4, 4.35))  # the training curve
    assert heard.pitches == [64, 61]
    click_plot(tab, on_the_curve(tab, 3.0, 4.95))
    assert heard.pitches == [64, 61]
    QTest.mouseClick(
        tab.view.plot.plot.viewport(),
        Qt.MouseButton.RightButton,
        NO_KEYS,
        tab.view.plot.plot.mapFromScene(tab.view.marks.place(take(2))),
    )
    assert heard.pitches == [64, 61]


def test_the_mouse_shows_where_a_click_is_heard(tab: TrainingTab) -> None:
    plot = tab.view.plot.plot
    tab.view.marks._on_mouse(tab.view.marks.place(take(2)))
    assert plot.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    tab.view.marks._on_mouse(QPointF(-5, -5))
    assert plot.viewport().cursor().shape() == Qt.CursorShape.ArrowCursor


def test_the_keys_walk_through_training(qtbot: QtBot, tab: TrainingTab, heard: Heard) -> None:
    strip = tab.view.strip
    QTest.keyClick(strip.slider, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: tab.view.marks._current == take(2))
    assert heard.scores == [], "nothing plays that was not asked for"
    assert strip.words.text().startswith("Epoch 2")
    QTest.keyClick(strip.play, Qt.Key.Key_Space)
    assert heard.pitches == [62]
    QTest.keyClick(strip.slider, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: heard.pitches == [62, 61])
    assert tab.timeline.heard == take(1)
    QTest.keyClick(strip.play, Qt.Key.Key_Space)
    assert heard.hushed == 1
    assert tab.timeline.heard is None
    assert strip.play.accessibleName() == "Play this take"


def test_new_takes_arrive_and_the_slider_stays_where_it_was_put(tab: TrainingTab, run: Path, heard: Heard) -> None:
    strip = tab.view.strip
    extra = take(4, 5)
    tab.timeline.add(run.parent / "0009", extra)
    assert len(tab.timeline.takes) == 3
    click_plot(tab, tab.view.marks.place(take(1)))
    tab.timeline.add(run, take(4, 5))
    assert [one.step for one in tab.timeline.takes] == [10, 20, 35], "what was heard later is done again"
    assert strip.current == take(1)
    assert tab.timeline.heard == take(1)
    assert strip.slider.maximum() == 2


def test_before_it_is_put_anywhere_the_slider_follows_the_newest(tab: TrainingTab, run: Path) -> None:
    newest = TimelineTake(5, 0, 5.0, 50, 300.0, 4.0, 4.1, 7, 40, 20.0, 0.5)
    tab.timeline.add(run, newest)
    assert tab.view.strip.current == newest


def test_a_take_is_opened_in_the_roll(tab: TrainingTab, run: Path, heard: Heard) -> None:
    click_plot(tab, tab.view.marks.place(take(1)))
    QTest.mouseClick(tab.view.strip.open, LEFT)
    assert heard.opened == [run / "timeline" / "epoch-0001.mid"]


def test_a_take_that_is_gone_is_told(tab: TrainingTab, run: Path, heard: Heard) -> None:
    take_file(run, take(2)).unlink()
    click_plot(tab, tab.view.marks.place(take(2)))
    assert len(heard.errors) == 1
    assert heard.scores == []


def test_runs_without_takes_have_no_strip(qtbot: QtBot, tab: TrainingTab, project: Project) -> None:
    add_run(project, 3.0, 2.0)
    tab.shelf.reload()
    tab.shelf.show(2)
    assert not tab.view.strip.isVisible()
    assert tab.view.marks.drawn == ()
    click_plot(tab, on_the_curve(tab, 1.5, 2.5))
    tab.shelf.show(1)
    assert tab.view.strip.isVisible()
    tab.view.plot.show_run(1, False)
    tab.view.plot.draw_now()
    assert tab.view.marks.drawn == ()


def test_of_a_crowd_only_some_have_marks(tab: TrainingTab, run: Path, heard: Heard) -> None:
    crowd = [
        TimelineTake(4, batch, 3 + batch / 1000, 3000 + batch, 60.0, 4.4, None, 7, 40, 20.0, 0.5)
        for batch in range(1, 1000)
    ]
    for one in crowd[:3]:
        tab.timeline.add(run, one)
    tab.timeline._show(tuple(crowd))
    assert 5 < len(tab.view.marks.drawn) < 60
    tab.timeline.play(crowd[500])
    assert crowd[500] in tab.view.marks.drawn


@pytest.mark.parametrize(("width", "title", "words"), [(1400, True, True), (1024, False, False)])
def test_the_strip_says_what_there_is_room_for(tab: TrainingTab, width: int, title: bool, words: bool) -> None:
    tab.resize(width, 600)
    QApplication.processEvents()
    strip = tab.view.strip
    assert strip._title.isVisible() == title
    assert ("nats" in strip.words.text()) == words
    assert strip.open.accessibleName() == "Open in the roll"
    for control in (strip.play, strip.slider, strip.words, strip.open):
        assert control.width() >= min(control.sizeHint().width(), 80)
        assert strip.rect().contains(control.geometry())


def test_the_form_asks_how_often(tab: TrainingTab) -> None:
    choice = tab.panel.form._takes
    assert tab.panel.form.takes == "auto"
    assert "3 %" in choice.toolTip()
    assert choice.accessibleName() == "Takes to hear"
    assert [choice.itemData(place) for place in range(choice.count())] == ["auto", "epoch", "2", "10", "off"]


@pytest.fixture
def window(new_window: NewWindow, tmp_path: Path, pulse_sink: PulseSink) -> MainWindow:
    project = Project.create(tmp_path / "Listen.musicgen")
    write_synthetic(project.dataset_folder, notes=100)
    window = new_window()
    window.start(project.folder)
    window.show_tab(TRAINING)
    return window


@pytest.mark.timeout(900)
def test_a_click_on_the_curve_of_a_real_training_is_heard(
    window: MainWindow, qtbot: QtBot, pulse_sink: PulseSink
) -> None:
    tab = window.training
    for name, value in (("epochs", 3), ("batch", 4), ("window", 24)):
        tab.panel.form.box(name).setValue(value)
    tab.panel.form._takes.setCurrentIndex(1)
    seen: list[int] = []
    tab.session.take_made.connect(lambda _run, made: seen.append(len(tab.timeline.takes)))
    qtbot.mouseClick(tab.panel.train, LEFT)
    qtbot.waitUntil(lambda: tab.session.state == "idle" and bool(seen), timeout=LONG)
    assert seen == [1, 2, 3], "they appear while training goes on"
    folder = window.desk.project.runs_folder / "0001"
    assert tab.timeline.takes == read_timeline(folder).takes
    tab.view.plot.draw_now()
    assert len(tab.view.marks.drawn) == 3

    in_roll = music(50)
    window.editor.edit("Draw", in_roll)
    chosen = max(tab.timeline.takes, key=lambda one: one.notes)
    score = read_midi(take_file(folder, chosen)).score
    until_sec = 6.0
    with pulse_sink.recording() as recording:
        click_plot(window, tab.view.marks.place(chosen))
        qtbot.waitUntil(lambda: tab.timeline.heard == chosen, timeout=10_000)
        assert window.player.score == score
        qtbot.waitUntil(lambda: window.player.position >= TempoMap(score).tick(until_sec), timeout=60_000)
        qtbot.mouseClick(tab.view.strip.play, LEFT)
        qtbot.waitUntil(lambda: tab.timeline.heard is None, timeout=5_000)
        qtbot.wait(300)
    expected = np.concatenate(list(sound_of(score)), axis=1).sum(axis=0)[: int((until_sec + 0.5) * CAPTURE_RATE)]
    onsets = TempoMap(score).seconds(np.unique(score.notes["onset"]))
    lags = lags_sec(recording.wave, expected, onsets[onsets < until_sec - 1])
    assert np.ptp(lags) < 0.005

    assert window.player.score == in_roll, "what is in the roll is in the player again"
    assert window.editor.score == in_roll
    qtbot.mouseClick(tab.view.strip.open, LEFT)
    qtbot.waitUntil(lambda: window.tab == GENERATION and window.editor.score != in_roll, timeout=10_000)
    assert len(window.editor.score.notes) == chosen.notes
    window.editor.undo_stack.undo()
    assert window.editor.score == in_roll
