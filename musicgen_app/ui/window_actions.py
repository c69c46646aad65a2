"""Ties the actions of the table to the parts of the window."""

from functools import partial
from pathlib import Path

import shiboken6
from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QActionGroup, QDesktopServices, QUndoStack
from PySide6.QtWidgets import QMenu

from musicgen_app.ui.about import AboutDialog, TextDialog, guide_file, guide_text
from musicgen_app.ui.action_table import ACTIONS
from musicgen_app.ui.controls import IconButton
from musicgen_app.ui.history_window import HistoryWindow
from musicgen_app.ui.keys_dialog import KeysDialog
from musicgen_app.ui.main_window import DATASET, GENERATION, TRAINING, MainWindow
from musicgen_app.ui.palette import Palette
from musicgen_app.ui.panes import ThreePanes
from musicgen_app.ui.practice_actions import PracticeActions
from musicgen_app.ui.preferences import Preferences
from musicgen_app.ui.roll_action_table import EDIT_ACTIONS
from musicgen_app.ui.runs_pages import QUEUE
from musicgen_app.ui.sound_desk import SoundDesk

_ROLL_VIEW = ("zoom_in", "zoom_out", "zoom_fit", "loop_selection", "clear_loop")
_EMPTY_TOO = (
    "paste",
    "insert_note",
    "tool_select",
    "tool_draw",
    "tool_erase",
    "toggle_draw",
    "clear_loop",
    "set_tempo",
    "set_metre",
    "set_key",
    "set_marker",
)
"""What the roll can do while it is empty."""

_NEEDS_NOTES = ("export_midi", "export_audio", "export_picture")


class WindowActions(QObject):
    """What each action does, and when it can be asked for."""

    def __init__(self, window: MainWindow, log: Path | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._log = log
        self._verbs = window.verbs
        self._history: HistoryWindow | None = None
        self._recent = self._verbs.insert_menu("File", "Open recent", "open")
        self._outputs = self._verbs.insert_menu("Playback", "Output", "test_sound")
        self._recent.aboutToShow.connect(self._fill_recent)
        self._outputs.aboutToShow.connect(self._fill_outputs)
        self._file()
        self._edit()
        self._view()
        self._queue()
        self._playback()
        PracticeActions(window)
        self._help()
        window.keymap.changed.connect(self._on_keys)
        self._show_keys()
        self._show_theme()
        self._show_panes()
        self._update()

    def _file(self) -> None:
        window, verbs = self._window, self._verbs
        verbs.connect_to("new", window.desk.ask_new)
        verbs.connect_to("open", window.desk.ask_open)
        verbs.connect_to("save", window.desk.save)
        verbs.connect_to("save_as", window.desk.ask_save_as)
        verbs.connect_to("open_midi", self._open_midi)
        verbs.connect_to("inspect_file", self._inspect_file)
        verbs.connect_to("collections", window.collecting.ask)
        verbs.connect_to("export_midi", window.exports.ask_midi)
        verbs.connect_to("export_audio", window.exports.ask_audio)
        verbs.connect_to("export_picture", window.exports.ask_picture)
        verbs.connect_to("import_runs", window.experiments.ask_import)
        verbs.connect_to("export_runs", window.experiments.ask_export)
        verbs.connect_to("export_plot", window.plot_exports.ask)
        verbs.connect_to("judge_runs", window.experiments.ask_judge)
        verbs.connect_to("preferences", self.show_preferences)
        verbs.connect_to("quit", window.close)
        window.desk.opened.connect(self._set_threads)

    def _edit(self) -> None:
        window, verbs = self._window, self._verbs
        verbs.connect_to("undo", lambda: self._steps().undo())
        verbs.connect_to("redo", lambda: self._steps().redo())
        for stack in (window.editor.undo_stack, window.dataset.editor.undo_stack):
            stack.undoTextChanged.connect(self._update)
            stack.redoTextChanged.connect(self._update)
            stack.canUndoChanged.connect(self._update)
            stack.canRedoChanged.connect(self._update)
        commands = window.generation.roll.commands()
        for spec in EDIT_ACTIONS:
            if spec.scope == "roll":
                verbs.connect_to(spec.id, commands[spec.id])
        for name in _ROLL_VIEW:
            verbs.connect_to(name, commands[name])
        window.editor.selection_changed.connect(self._update)
        window.editor.score_changed.connect(self._update)
        window.editor.streaming_changed.connect(self._update)

    def _view(self) -> None:
        window, verbs = self._window, self._verbs
        for name, index in (("tab_dataset", DATASET), ("tab_training", TRAINING), ("tab_generation", GENERATION)):
            verbs.connect_to(name, partial(window.show_tab, index))
        verbs.connect_to("notebook", window.notebook.show)
        verbs.connect_to("history", self.show_history)
        verbs.connect_to("compare_runs", window.compare_ticked)
        window.tab_changed.connect(self._on_tab)
        verbs["left_panel"].triggered.connect(self._on_left)
        verbs["right_panel"].triggered.connect(self._on_right)
        verbs["full_screen"].triggered.connect(self._on_full_screen)
        for mode in ("system", "dark", "light"):
            verbs[f"theme_{mode}"].triggered.connect(self._on_theme)
        window.theme.changed.connect(self._show_theme)
        roll = window.generation.roll
        roll.set_follow(window.settings.follow)
        roll.state.follow_changed.connect(self._on_follow)
        verbs["tracks"].triggered.connect(roll.show_tracks)
        roll.tracks_toggled.connect(verbs["tracks"].setChecked)
        for name in roll.lanes.names:
            roll.lanes.show(name, name in window.settings.lanes)
            verbs[f"lane_{name}"].setChecked(roll.lanes.shown(name))
            verbs[f"lane_{name}"].triggered.connect(self._on_lane)
        verbs["follow"].setChecked(roll.follow)
        verbs["follow"].triggered.connect(roll.set_follow)

    def _queue(self) -> None:
        verbs, training = self._verbs, self._window.training
        verbs.connect_to("queue_runs", self._queue_runs)
        verbs.connect_to("queue_settings", training.filler.add_settings)
        verbs.connect_to("queue_sweep", training.filler.ask_sweep)
        verbs.connect_to("queue_show", self._show_queue)
        verbs.connect_to("queue_go", training.queue.go)
        verbs.connect_to("queue_epoch", training.queue.end_epoch)
        verbs.connect_to("queue_stop", training.queue.stop)
        training.queue.changed.connect(self._update_queue)
        self._update_queue()

    def _queue_runs(self) -> None:
        self._window.show_tab(TRAINING)
        self._window.training.filler.add_runs()

    def _show_queue(self) -> None:
        self._window.show_tab(TRAINING)
        self._window.training.view.pages.show_page(QUEUE, focus=True)

    def _update_queue(self) -> None:
        queue = self._window.training.queue
        self._verbs.enable(("queue_go",), queue.runs or queue.waiting > 0)
        self._verbs.enable(("queue_epoch", "queue_stop"), queue.runs)

    def _playback(self) -> None:
        window, verbs = self._window, self._verbs
        window.sound.restore()
        window.player.volume_changed.connect(self._on_volume)
        window.transport.output_chosen.connect(window.sound.choose)
        verbs.connect_to("play", self._play)
        verbs.connect_to("stop", window.player.stop)
        verbs["loop"].triggered.connect(window.player.set_looping)
        window.player.loop_changed.connect(self._on_loop)
        verbs.connect_to("to_start", self._to_start)
        verbs.connect_to("to_end", self._to_end)
        verbs.connect_to("panic", window.player.panic)
        verbs.connect_to("test_sound", window.player.test_sound)

    def _help(self) -> None:
        self._verbs.connect_to("keys", self.show_keys)
        self._verbs.connect_to("palette", self.show_palette)
        self._verbs.connect_to("guide", self._open_guide)
        self._verbs.connect_to("sound_doctor", self._window.sound.show_doctor)
        self._verbs.connect_to("log", self._open_log)
        self._verbs.connect_to("about", self.show_about)

    def show_preferences(self) -> None:
        """Show the preferences."""
        window = self._window
        dialog = Preferences(window.theme, window.icons, window.settings, window.player, window.keyboards, window)
        dialog.theme_chosen.connect(self._choose_theme)
        dialog.output_chosen.connect(window.sound.choose)
        dialog.threads_chosen.connect(self._set_threads)
        dialog.exec()
        dialog.deleteLater()

    def _set_threads(self) -> None:
        self._window.training.panel.form.set_threads(self._window.settings.threads)

    def show_keys(self) -> None:
        """Show the sheet of keys."""
        dialog = KeysDialog(self._window.keymap, self._window)
        dialog.exec()
        dialog.deleteLater()

    def show_history(self) -> None:
        """Show the history beside the window."""
        if self._history is None:
            self._history = HistoryWindow(self._window.editor.undo_stack, self._window)
        self._history.show()
        self._history.raise_()

    def show_palette(self) -> None:
        """Show all actions by name; the chosen one is done."""
        palette = Palette(self._verbs, self._window)
        palette.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        palette.open_over(self._window)

    def show_about(self) -> None:
        """Show version and licences."""
        dialog = AboutDialog(self._window)
        dialog.exec()
        dialog.deleteLater()

    def _inspect_file(self) -> None:
        self._window.show_tab(DATASET)
        self._window.dataset.ask_inspect()

    def _open_midi(self) -> None:
        self._window.show_tab(GENERATION)
        self._window.exports.ask_open_midi()

    def _play(self) -> None:
        window = self._window
        if window.tab == DATASET and window.dataset.play_chosen():
            return
        window.player.toggle()

    def _to_start(self) -> None:
        self._window.player.seek(0)

    def _to_end(self) -> None:
        self._window.player.seek(self._window.player.score.end)

    def _on_loop(self, loop: tuple[int, int] | None) -> None:
        self._verbs["loop"].setChecked(loop is not None)

    def _fill_recent(self) -> None:
        self._recent.clear()
        folders = self._window.settings.recent
        for folder in folders:
            action = self._recent.addAction(folder.name)
            action.setToolTip(str(folder))
            action.setData(folder)
            action.triggered.connect(partial(self._window.desk.open, folder))
        if not folders:
            self._recent.addAction("Nothing yet").setEnabled(False)
        else:
            self._recent.addSeparator()
            self._recent.addAction("Clear the list").triggered.connect(self._window.settings.clear_recent)

    def _fill_outputs(self) -> None:
        fill_outputs(self._outputs, self._window.sound, self._window.player.output)

    def _on_volume(self, volume: float) -> None:
        self._window.settings.volume = volume

    def _on_theme(self) -> None:
        for mode in ("system", "dark", "light"):
            if self._verbs[f"theme_{mode}"].isChecked():
                self._choose_theme(mode)

    def _choose_theme(self, mode: str) -> None:
        self._window.settings.theme_mode = mode
        self._window.theme.set_mode(mode)
        self._show_theme()

    def _show_theme(self) -> None:
        self._verbs[f"theme_{self._window.theme.mode}"].setChecked(True)
        self._window.exports.dark = self._window.theme.dark

    def _on_keys(self) -> None:
        self._window.settings.keys = self._window.keymap.text()
        self._show_keys()

    def _show_keys(self) -> None:
        """The roll answers the keys in force, and tooltips tell them."""
        keymap = self._window.keymap
        self._window.generation.roll.set_keys(keymap.all_keys())
        names = {spec.id for spec in ACTIONS}
        for button in self._window.findChildren(IconButton):
            if button.objectName() in names:
                button.set_key(next(iter(keymap.keys(button.objectName())), ""))

    def _on_follow(self, follow: bool) -> None:
        self._window.settings.follow = follow
        self._verbs["follow"].setChecked(follow)

    def _on_lane(self) -> None:
        lanes = self._window.generation.roll.lanes
        for name in lanes.names:
            lanes.show(name, self._verbs[f"lane_{name}"].isChecked())
        self._window.settings.lanes = tuple(name for name in lanes.names if lanes.shown(name))

    def _on_left(self, shown: bool) -> None:
        for panes in self._panes():
            panes.show_left(shown)

    def _on_right(self, shown: bool) -> None:
        for panes in self._panes():
            panes.show_right(shown)

    def _on_full_screen(self, full: bool) -> None:
        if full:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def _on_tab(self, _index: int) -> None:
        self._show_panes()
        self._update()

    def _show_panes(self) -> None:
        panes = self._panes()
        self._verbs.enable(("left_panel", "right_panel"), bool(panes))
        if panes:
            self._verbs["left_panel"].setChecked(panes[0].left_shown)
            self._verbs["right_panel"].setChecked(panes[0].right_shown)

    def _panes(self) -> list[ThreePanes]:
        tab = (self._window.dataset, self._window.training, self._window.generation)[self._window.tab]
        return tab.findChildren(ThreePanes)

    def _steps(self) -> QUndoStack:
        """The history of what is shown: of the data set in its tab, of the music elsewhere."""
        window = self._window
        return window.dataset.editor.undo_stack if window.tab == DATASET else window.editor.undo_stack

    def _update(self) -> None:
        """Make usable what can be used now."""
        window, verbs, editor = self._window, self._verbs, self._window.editor
        if not shiboken6.isValid(editor.undo_stack) or not shiboken6.isValid(window.dataset.editor.undo_stack):
            return  # the window is being taken apart, and the history tells that it is empty now
        stack, undoable = self._steps(), window.tab == DATASET or (window.tab == GENERATION and not editor.streaming)
        roll = window.tab == GENERATION
        free = roll and not editor.streaming
        notes = len(editor.score.notes) > 0
        verbs.enable((spec.id for spec in ACTIONS if spec.scope == "roll"), free and notes)
        verbs.enable(_EMPTY_TOO, free)
        verbs.enable((spec.id for spec in ACTIONS if spec.selected), free and len(editor.selected) > 0)
        verbs.enable(("zoom_in", "zoom_out", "zoom_fit", "follow"), roll)
        verbs.enable(_NEEDS_NOTES, notes and not editor.streaming)
        verbs.enable(("undo",), undoable and stack.canUndo())
        verbs.enable(("redo",), undoable and stack.canRedo())
        verbs["undo"].setText(f"Undo {stack.undoText().lower()}".strip())
        verbs["redo"].setText(f"Redo {stack.redoText().lower()}".strip())

    def _open_guide(self) -> None:
        guide = guide_file()
        dialog = TextDialog("User guide", guide_text(), guide.parent if guide is not None else None, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _open_log(self) -> None:
        if self._log is None or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log.parent))):
            self._window.status.tell(f"The log is at {self._log}" if self._log is not None else "There is no log")


def fill_outputs(menu: QMenu, desk: SoundDesk, chosen: str) -> None:
    """Put the outputs that are there now into a menu."""
    menu.clear()
    group = QActionGroup(menu)
    for output in desk.outputs():
        action = menu.addAction(output.name)
        action.setCheckable(True)
        action.setChecked(output.id == chosen)
        action.triggered.connect(partial(desk.choose, output.id))
        group.addAction(action)
