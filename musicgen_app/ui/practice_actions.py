"""Ties the actions for those who play along to the parts of the window, and remembers what they set."""

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QActionGroup

from musicgen_app.ui.heard_tracks import selected_span
from musicgen_app.ui.keyboards import AUTOMATIC
from musicgen_app.ui.main_window import MainWindow

_QUANTISES, _REPLACES, _THROUGH = "quantises", "replaces", "through"


class PracticeActions(QObject):
    """Metronome, count-in, the selection alone, keyboard, recording, step input."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._verbs = window.verbs
        self._bars = max(window.settings.count_in, 1)
        self._keyboards = self._verbs.insert_menu("Playback", "Keyboard", "through")
        self._keyboards.aboutToShow.connect(self._fill_keyboards)
        self._restore()
        self._selection()
        self._metronome()
        self._recording()
        self._stepping()

    def _restore(self) -> None:
        window, settings = self._window, self._window.settings
        window.player.practice.set_metronome(settings.metronome, settings.metronome_volume)
        window.player.practice.set_count_in(settings.count_in)
        kept = settings.recording
        window.recording.set_options(_REPLACES in kept, _QUANTISES in kept)
        window.keyboards.set_through(_THROUGH in kept)

    def _selection(self) -> None:
        window, verbs = self._window, self._verbs
        verbs.connect_to("play_selection", self._play_selection)
        verbs["solo_selection"].triggered.connect(window.heard.set_solo)
        window.heard.solo_changed.connect(verbs["solo_selection"].setChecked)

    def _metronome(self) -> None:
        practice, verbs = self._window.player.practice, self._verbs
        verbs["metronome"].triggered.connect(practice.set_metronome)
        verbs["count_in"].triggered.connect(self._on_count_in)
        practice.metronome_changed.connect(self._show_practice)
        practice.count_in_changed.connect(self._show_practice)
        self._show_practice()

    def _recording(self) -> None:
        window, verbs = self._window, self._verbs
        verbs.connect_to("record", window.recording.toggle)
        window.recording.recording_changed.connect(verbs["record"].setChecked)
        for name in ("record_replaces", "record_quantises"):
            verbs[name].triggered.connect(self._on_options)
        verbs["through"].triggered.connect(window.keyboards.set_through)
        window.recording.options_changed.connect(self._show_options)
        window.keyboards.through_changed.connect(self._show_options)
        window.keyboards.chosen_changed.connect(self._on_keyboard)
        self._show_options()

    def _stepping(self) -> None:
        steps, verbs = self._window.steps, self._verbs
        verbs["step_input"].triggered.connect(steps.set_on)
        verbs.connect_to("step_rest", steps.rest)
        verbs.connect_to("step_back", steps.back)
        verbs.connect_to("step_take_back", steps.take_back)
        steps.changed.connect(self._on_steps)
        self._on_steps(steps.on)

    def _play_selection(self) -> None:
        window = self._window
        span = selected_span(window.editor)
        if span is not None:
            window.playback.back_to_roll()
            window.player.play_range(*span)

    def _on_count_in(self, on: bool) -> None:
        self._window.player.practice.set_count_in(self._bars if on else 0)

    def _show_practice(self) -> None:
        practice, settings = self._window.player.practice, self._window.settings
        self._verbs["metronome"].setChecked(practice.metronome)
        self._verbs["count_in"].setChecked(practice.count_in > 0)
        self._bars = practice.count_in or self._bars
        settings.metronome, settings.metronome_volume = practice.metronome, practice.volume
        settings.count_in = practice.count_in

    def _on_options(self) -> None:
        verbs = self._verbs
        self._window.recording.set_options(verbs["record_replaces"].isChecked(), verbs["record_quantises"].isChecked())

    def _show_options(self) -> None:
        desk, through = self._window.recording, self._window.keyboards.performance.through
        shown = {_REPLACES: desk.replaces, _QUANTISES: desk.quantises, _THROUGH: through}
        self._verbs["record_replaces"].setChecked(desk.replaces)
        self._verbs["record_quantises"].setChecked(desk.quantises)
        self._verbs["through"].setChecked(through)
        self._window.settings.recording = frozenset(word for word, on in shown.items() if on)

    def _on_steps(self, on: bool) -> None:
        self._verbs["step_input"].setChecked(on)
        self._verbs.enable(("step_rest", "step_back", "step_take_back"), on)

    def _on_keyboard(self, chosen: str) -> None:
        self._window.settings.keyboard = "" if chosen == AUTOMATIC else chosen

    def _fill_keyboards(self) -> None:
        menu, keyboards = self._keyboards, self._window.keyboards
        keyboards.look()
        menu.clear()
        group = QActionGroup(menu)
        for choice, words in keyboards.choices():
            action = group.addAction(menu.addAction(words))
            action.setCheckable(True)
            action.setChecked(choice == keyboards.chosen)
            action.triggered.connect(partial(keyboards.choose, choice))
