"""The piano roll: keys, ruler, notes, lanes, tools and read-out in one widget."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QScrollBar, QSplitter, QVBoxLayout, QWidget

from musicgen_app.ui.controls import Hairline
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.keymap import Keymap
from musicgen_app.ui.piano_roll.commands import RollCommands
from musicgen_app.ui.piano_roll.copy_strip import CopyStrip
from musicgen_app.ui.piano_roll.corner import Corner
from musicgen_app.ui.piano_roll.keyboard import WIDTH, Keyboard
from musicgen_app.ui.piano_roll.keys import RollKeys
from musicgen_app.ui.piano_roll.menu import note_menu
from musicgen_app.ui.piano_roll.note_cursor import NoteCursor
from musicgen_app.ui.piano_roll.pedal_lane import PedalLane
from musicgen_app.ui.piano_roll.read_out import ReadOut
from musicgen_app.ui.piano_roll.ruler import Ruler
from musicgen_app.ui.piano_roll.scrolling import bind_scroll_bars
from musicgen_app.ui.piano_roll.speech import say, spoken_selection
from musicgen_app.ui.piano_roll.state import RollPlayer, RollState
from musicgen_app.ui.piano_roll.tool_strip import ToolStrip
from musicgen_app.ui.piano_roll.velocity_lane import VelocityLane
from musicgen_app.ui.piano_roll.view import RollView
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.theme import Theme

PLAYING = "playing"
"""The player's state in which its notes sound."""

_BAR = 11  # thickness of a scroll bar in the style sheet


class PianoRoll(QWidget):
    """Shows and edits the score of a `ScoreEditor`.

    Args:
        theme: Colours.
        icons: Pictures of the tools.
        editor: The score, its selection and its history.
        player: Sounds notes that are touched, shares the playhead and the loop; None for silence.
        parent: Qt's owner.

    Signals:
        loop_changed: The ruler's loop: (start, end) in ticks, or None.
        follow_changed: Whether the view follows the playhead, when its button was pressed too.
    """

    loop_changed = Signal(object)
    follow_changed = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        editor: ScoreEditor,
        player: RollPlayer | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.state = RollState(editor, player, self)
        self.view = RollView(self.state, theme, icons)
        self.keyboard = Keyboard(self.state, theme)
        self.ruler = Ruler(self.state, theme)
        self.copies = CopyStrip(self.state, theme)
        self.velocities = VelocityLane(self.state, theme)
        self.pedals = PedalLane(self.state, theme)
        self.tools = ToolStrip(self.state, icons)
        self.read_out = ReadOut(self.state)
        self._icons = icons
        self._theme = theme
        self._heard = True
        self._commands = RollCommands(self.state, self).table() | NoteCursor(self.state, self.say).table()
        self.set_keys(Keymap().all_keys())
        self.setFocusProxy(self.view)
        for part in (self.keyboard, self.ruler, self.copies, self.pedals):
            part.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            part.setFocusProxy(self.view)
        self._lay_out()
        self.tools.wanted.connect(self._run)
        self.view.told.connect(self.read_out.tell)
        self.view.menu_wanted.connect(self._open_menu)
        self.state.loop_changed.connect(self._on_loop)
        self.state.follow_changed.connect(self.follow_changed)
        self.state.notes_changed.connect(self._show_pedals)
        self._show_pedals()
        if player is not None:
            player.position_changed.connect(self._on_position)
            player.state_changed.connect(self._on_player)
            player.loop_changed.connect(self._on_player_loop)

    def commands(self) -> dict[str, Callable[[], None]]:
        """What the roll can do, by the identifiers that `commands` lists."""
        return dict(self._commands)

    def set_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Answer these keys, by the ids of the commands; ids of others are passed over."""
        self._keys = {name: own for name, own in keys.items() if name in self._commands}
        self._by_key = RollKeys(self._keys)

    def say(self) -> None:
        """Tell a screen reader what is selected."""
        state = self.state
        say(self.view, spoken_selection(state.score, state.meter, state.editor.selected))

    def set_heard(self, heard: bool) -> None:
        """Say whether what the player plays is the music shown, or something else for a while."""
        self._heard = heard
        self.set_playing(False)

    def set_playhead(self, tick: int) -> None:
        """Show where the music is."""
        self.state.set_playhead(tick)

    def set_playing(self, playing: bool) -> None:
        """Light up the keys that sound while the music plays."""
        self.keyboard.set_playing(playing)

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """Show a loop in the ruler."""
        self.state.set_loop(loop)

    @property
    def follow(self) -> bool:
        """Whether the view follows the playhead."""
        return self.state.follow

    def set_follow(self, follow: bool) -> None:
        """Let the view follow the playhead, or not."""
        self.state.set_follow(follow)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        command = self._by_key.command(Qt.Key(event.key()), event.modifiers())
        if command is None:
            event.ignore()
        elif not self.state.busy:
            self._commands[command]()

    def _lay_out(self) -> None:
        across, down = QScrollBar(Qt.Orientation.Horizontal), QScrollBar(Qt.Orientation.Vertical)
        bind_scroll_bars(self.state, across, down)
        upper = _grid()
        upper.addWidget(Corner(self._theme, ""), 0, 0)
        upper.addWidget(self.ruler, 0, 1)
        upper.addWidget(Corner(self._theme, ""), 1, 0)
        upper.addWidget(self.copies, 1, 1)
        upper.addWidget(self.keyboard, 2, 0)
        upper.addWidget(self.view, 2, 1)
        upper.addWidget(down, 2, 2)
        lower = _grid()
        lower.addWidget(Corner(self._theme, "Velocity"), 0, 0)
        lower.addWidget(self.velocities, 0, 1)
        self._pedal_name = Corner(self._theme, "Pedal")
        lower.addWidget(self._pedal_name, 1, 0)
        lower.addWidget(self.pedals, 1, 1)
        lower.addWidget(across, 2, 1)
        self._panes = QSplitter(Qt.Orientation.Vertical)
        for grid in (upper, lower):
            grid.setColumnMinimumWidth(2, _BAR)
            pane = QWidget()
            pane.setLayout(grid)
            self._panes.addWidget(pane)
        self._panes.setStretchFactor(0, 1)
        self._panes.setChildrenCollapsible(False)
        self._panes.setHandleWidth(3)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        for widget in (self.tools, Hairline(), self._panes, Hairline(), self.read_out):
            outer.addWidget(widget, 1 if widget is self._panes else 0)

    def _run(self, command: str) -> None:
        self._commands[command]()
        self.view.setFocus()

    def _open_menu(self, place: QPoint) -> None:
        menu: QMenu = note_menu(self._commands, self._keys, self._icons, len(self.state.editor.selected) > 0, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def _on_position(self, tick: int) -> None:
        if self._heard:
            self.set_playhead(tick)

    def _on_player(self, state: str) -> None:
        self.set_playing(state == PLAYING and self._heard)

    def _on_player_loop(self, loop: tuple[int, int] | None) -> None:
        if self._heard:
            self.set_loop(loop)

    def _on_loop(self) -> None:
        self.loop_changed.emit(self.state.loop)

    def _show_pedals(self) -> None:
        wanted = len(self.state.score.pedals) > 0
        self.pedals.setVisible(wanted)
        self._pedal_name.setVisible(wanted)


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(0)
    grid.setColumnMinimumWidth(0, WIDTH)
    return grid
