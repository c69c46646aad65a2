"""The piano roll: keys, ruler, notes, lanes, tools and read-out in one widget."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QScrollBar, QSplitter, QVBoxLayout, QWidget

from musicgen_app.ui.controls import Hairline
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.keymap import Keymap
from musicgen_app.ui.piano_roll.commands import RollCommands
from musicgen_app.ui.piano_roll.copy_strip import CopyStrip
from musicgen_app.ui.piano_roll.corner import Corner
from musicgen_app.ui.piano_roll.keyboard import WIDTH, Keyboard
from musicgen_app.ui.piano_roll.keys import RollKeys
from musicgen_app.ui.piano_roll.lanes import Lanes
from musicgen_app.ui.piano_roll.menu import note_menu
from musicgen_app.ui.piano_roll.note_cursor import NoteCursor
from musicgen_app.ui.piano_roll.pedal_lane import PedalLane
from musicgen_app.ui.piano_roll.read_out import ReadOut
from musicgen_app.ui.piano_roll.ruler import Ruler
from musicgen_app.ui.piano_roll.scrolling import bind_scroll_bars
from musicgen_app.ui.piano_roll.selecting import Selecting
from musicgen_app.ui.piano_roll.sign_strip import SignStrip
from musicgen_app.ui.piano_roll.signs import KEY, MARKER, METRE
from musicgen_app.ui.piano_roll.speech import say, spoken_selection
from musicgen_app.ui.piano_roll.state import RollPlayer, RollState
from musicgen_app.ui.piano_roll.tempo_lane import TempoLane
from musicgen_app.ui.piano_roll.tool_strip import ToolStrip
from musicgen_app.ui.piano_roll.track_acts import TrackActs
from musicgen_app.ui.piano_roll.track_list import TrackList
from musicgen_app.ui.piano_roll.velocity_lane import VelocityLane
from musicgen_app.ui.piano_roll.view import RollView
from musicgen_app.ui.score_editor import ScoreEditor
from musicgen_app.ui.theme import Theme

PLAYING = "playing"
"""The player's state in which its notes sound."""

VELOCITY, PEDAL, TEMPO = "velocity", "pedal", "tempo"
"""Names of the lanes."""

_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
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
        tracks_toggled: Whether the list of tracks is shown.
    """

    loop_changed = Signal(object)
    follow_changed = Signal(bool)
    tracks_toggled = Signal(bool)

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
        self.tempos = TempoLane(self.state, theme)
        self.signs = SignStrip(self.state, theme)
        self.tracks = TrackList(self.state, theme, icons)
        TrackActs(self.state, self.tracks)
        self.tools = ToolStrip(self.state, icons)
        self.read_out = ReadOut(self.state)
        self._icons = icons
        self._theme = theme
        self._heard = True
        self._first_keys: dict[Qt.Key, Callable[[], None]] = {}
        self.editing = RollCommands(self.state, self)
        self._commands = self.editing.table() | NoteCursor(self.state, self.say).table()
        self._commands |= Selecting(self.state, self).table()
        self._commands |= {
            "tracks": lambda: self.show_tracks(not self.tracks_shown),
            "set_tempo": lambda: self.tempos.ask(self.state.playhead),
            "set_metre": lambda: self.signs.ask(METRE, self.state.playhead),
            "set_key": lambda: self.signs.ask(KEY, self.state.playhead),
            "set_marker": lambda: self.signs.ask(MARKER, self.state.playhead),
        }
        self.set_keys(Keymap().all_keys())
        self.setFocusProxy(self.view)
        beside = (self.keyboard, self.ruler, self.signs, self.copies, self.velocities, self.pedals, self.tempos)
        for part in beside:
            part.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            part.setFocusProxy(self.view)
        self._lay_out()
        self.tools.wanted.connect(self._run)
        self.view.told.connect(self.read_out.tell)
        self.view.menu_wanted.connect(self._open_menu)
        self.state.loop_changed.connect(self._on_loop)
        self.state.follow_changed.connect(self.follow_changed)
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

    @property
    def tracks_shown(self) -> bool:
        """Whether the list of tracks is there."""
        return not self.tracks.isHidden()

    def show_tracks(self, shown: bool) -> None:
        """Show or hide the list of tracks."""
        self.tracks.setVisible(shown)
        self._line.setVisible(shown)
        self.tools.show_tracks(shown)
        self.tracks_toggled.emit(shown)

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

    def set_first_keys(self, keys: Mapping[Qt.Key, Callable[[], None]]) -> None:
        """Let single keys do something else for a while than what the table says."""
        self._first_keys = dict(keys)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        first = self._first_keys.get(Qt.Key(event.key()))
        if first is not None and event.modifiers() in _PLAIN and not self.state.busy:
            first()
            return
        command = self._by_key.command(Qt.Key(event.key()), event.modifiers())
        if command is None:
            event.ignore()
        elif not self.state.busy:
            self._commands[command]()

    def _lay_out(self) -> None:
        across, down = QScrollBar(Qt.Orientation.Horizontal), QScrollBar(Qt.Orientation.Vertical)
        bind_scroll_bars(self.state, across, down)
        self._panes = QSplitter(Qt.Orientation.Vertical)
        self._panes.setObjectName("roll_lanes")
        self._panes.setChildrenCollapsible(False)
        self._panes.setHandleWidth(3)
        self._panes.addWidget(self._notes_pane(down))
        self._panes.setStretchFactor(0, 1)
        self.lanes = Lanes(self._panes, self._theme, _BAR)
        self.lanes.add(VELOCITY, "Velocity", self.velocities, shown=True)
        self.lanes.add(PEDAL, "Pedal", self.pedals, shown=True)
        self.lanes.add(TEMPO, "Tempo", self.tempos, shown=False)
        below = QHBoxLayout()
        below.setContentsMargins(WIDTH, 0, _BAR, 0)
        below.addWidget(across)
        music = QVBoxLayout()
        music.setSpacing(0)
        music.addWidget(self._panes, 1)
        music.addLayout(below)
        beside = QHBoxLayout()
        beside.setSpacing(0)
        self._line = Hairline(vertical=True)
        beside.addWidget(self.tracks)
        beside.addWidget(self._line)
        beside.addLayout(music, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.tools)
        outer.addWidget(Hairline())
        outer.addLayout(beside, 1)
        outer.addWidget(Hairline())
        outer.addWidget(self.read_out)
        self.show_tracks(False)

    def _notes_pane(self, down: QScrollBar) -> QWidget:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.setColumnMinimumWidth(0, WIDTH)
        grid.setColumnMinimumWidth(2, _BAR)
        for row, strip in enumerate((self.ruler, self.signs, self.copies)):
            grid.addWidget(Corner(self._theme, ""), row, 0)
            grid.addWidget(strip, row, 1)
        grid.addWidget(self.keyboard, 3, 0)
        grid.addWidget(self.view, 3, 1)
        grid.addWidget(down, 3, 2)
        pane = QWidget()
        pane.setLayout(grid)
        return pane

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
