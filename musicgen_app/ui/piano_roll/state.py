"""What all parts of one piano roll share: the view, the tool, the grid, the playhead, the loop."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np
from PySide6.QtCore import QObject, Signal, SignalInstance

from musicgen_app.core.score import Notes, Score, Track
from musicgen_app.core.timing import Meter, TempoMap
from musicgen_app.ui.piano_roll.coordinates import Viewport
from musicgen_app.ui.piano_roll.note_index import NoteIndex
from musicgen_app.ui.piano_roll.scale_choice import ScaleChoice
from musicgen_app.ui.piano_roll.snap import Snap
from musicgen_app.ui.piano_roll.track_choice import TrackChoice
from musicgen_app.ui.score_editor import ScoreEditor

SELECT, DRAW, ERASE = "select", "draw", "erase"
TOOLS = (SELECT, DRAW, ERASE)
_EMPTY_VIEW = (48, 84)  # pitches shown where there are no notes: three octaves round middle C


class RollPlayer(Protocol):
    """What the roll asks of whatever makes the sound, and what it listens to."""

    position_changed: SignalInstance
    state_changed: SignalInstance
    loop_changed: SignalInstance

    def preview_note(self, pitch: int, velocity: int, channel: int = 0) -> None:
        """Sound one note now, briefly, with the sound of a channel."""

    def seek(self, tick: int) -> None:
        """Put the playhead at a tick."""

    def scrub(self, tick: int) -> None:
        """Put the playhead at a tick and sound what is down there."""

    def end_scrub(self) -> None:
        """Let go of what `scrub` sounds."""

    def set_loop(self, start: int, end: int | None) -> None:
        """Repeat a span of ticks; an end of None repeats nothing."""


class RollState(QObject):
    """The state of one roll; every part reads it and listens to its signals.

    Signals:
        viewport_changed: Another part of the score is seen, or it was resized.
        notes_changed: The score or what stands out in it changed.
        tool_changed: Another tool.
        snap_changed: Another grid.
        follow_changed: Whether the view follows the playhead.
        playhead_moved: From this tick to that one.
        loop_changed: Another loop, or none.
        scale_changed: Another scale is shown, or it holds notes now.
        tracks_changed: Other tracks are edited, seen or heard.
        focus_changed: Whether keys go to the notes.
        arriving_changed: Notes that are being played on a keyboard came, or went.
        hovered: What is under the mouse, a `Hover` or None.
    """

    viewport_changed = Signal()
    notes_changed = Signal()
    tool_changed = Signal(str)
    snap_changed = Signal()
    follow_changed = Signal(bool)
    playhead_moved = Signal(int, int)
    loop_changed = Signal()
    scale_changed = Signal()
    tracks_changed = Signal()
    focus_changed = Signal()
    arriving_changed = Signal()
    hovered = Signal(object)

    def __init__(self, editor: ScoreEditor, player: RollPlayer | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.player = player
        self.viewport = Viewport()
        self.tool = SELECT
        self.snap = Snap()
        self.follow = True
        self.playhead = 0
        self.loop: tuple[int, int] | None = None
        self.tracks = TrackChoice()
        self.scale = ScaleChoice()
        self.last_duration: int | None = None
        self.last_velocity = 80
        self.arriving: NoteIndex | None = None
        self.busy = False
        self.give_up: Callable[[], None] | None = None
        self.focused = False
        self._fit_when_sized = True
        self._listed = editor.score.tracks
        self._read(editor.score)
        editor.score_changed.connect(self._on_score)
        editor.score_opened.connect(self._on_opened)
        editor.selection_changed.connect(self.notes_changed)

    @property
    def score(self) -> Score:
        """The score shown."""
        return self.editor.score

    def set_viewport(self, viewport: Viewport) -> None:
        """Look at another part of the score, within its limits."""
        limited = viewport.limited(self.extent, self.score.ticks_per_beat)
        if limited != self.viewport:
            self.viewport = limited
            self.viewport_changed.emit()

    def resize(self, width: int, height: int) -> None:
        """The roll has another size; the first one fits the score."""
        view = self.viewport
        self.viewport = Viewport(view.left, view.top, view.ticks_per_pixel, view.row_height, width, height)
        if self._fit_when_sized and width > 50:
            self._fit_when_sized = False
            self.fit()
        self.viewport = self.viewport.limited(self.extent, self.score.ticks_per_beat)
        self.viewport_changed.emit()

    @property
    def end(self) -> int:
        """The tick at which the last note has ended; 0 where there is none."""
        return self._end

    @property
    def extent(self) -> int:
        """The last tick that matters: of the notes, or of the playhead beyond them."""
        return max(self._end, self.playhead)

    def fit(self) -> None:
        """Show the selected notes, or everything where fewer than two are selected."""
        chosen = self.editor.selected
        self._fit_to(chosen if len(chosen) > 1 else np.arange(len(self.index), dtype=np.intp))

    def set_tool(self, tool: str) -> None:
        """Choose `SELECT`, `DRAW` or `ERASE`."""
        if tool != self.tool:
            self.tool = tool
            self.tool_changed.emit(tool)

    def set_snap(self, snap: Snap) -> None:
        """Choose the grid."""
        if snap != self.snap:
            self.snap = snap
            self.snap_changed.emit()

    def set_follow(self, follow: bool) -> None:
        """Let the view follow the playhead, or not."""
        if follow != self.follow:
            self.follow = follow
            self.follow_changed.emit(follow)

    def set_playhead(self, tick: int) -> None:
        """Show the playhead elsewhere; the view turns the page where it follows and nothing is being dragged.

        Someone who looks elsewhere while the music plays is left alone until the playhead comes by or jumps.
        """
        old, self.playhead = self.playhead, max(0, tick)
        if old == self.playhead:
            return
        view = self.viewport
        jumped = abs(self.playhead - old) > self.score.ticks_per_beat
        if self.follow and not self.busy and (jumped or 0 <= view.x(old) <= view.width):
            x = view.x(self.playhead)
            if x > view.width * 0.95 or x < 0:
                self.set_viewport(view.scrolled(across=x - view.width * 0.08))
        self.playhead_moved.emit(old, self.playhead)

    def seek(self, tick: int) -> None:
        """Put the playhead somewhere, for the ear too."""
        tick = max(0, tick)
        if self.player is not None:
            self.player.seek(tick)
        self.set_playhead(tick)

    def scrub(self, tick: float) -> None:
        """Move the playhead and hear what is down there, off the grid."""
        at = max(0, round(tick))
        if self.player is not None:
            self.player.scrub(at)
        self.set_playhead(at)

    def end_scrub(self) -> None:
        """Fall silent after `scrub`."""
        if self.player is not None:
            self.player.end_scrub()

    def set_arriving(self, notes: Notes | None) -> None:
        """Show notes that are being played just now, shape (notes,), NOTE_DTYPE, or none."""
        if notes is not None or self.arriving is not None:
            tracks = self.score.tracks or (Track(),)
            most = 0 if notes is None else int(notes["track"].max())
            tracks += (Track(),) * (most + 1 - len(tracks))
            self.arriving = None if notes is None else NoteIndex(replace(self.score, notes=notes, tracks=tracks))
            self.arriving_changed.emit()

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """Repeat a span of ticks, or none."""
        if loop != self.loop:
            self.loop = loop
            if self.player is not None:
                self.player.set_loop(*(loop or (0, None)))
            self.loop_changed.emit()

    def set_scale(self, scale: ScaleChoice) -> None:
        """Show another scale, or let it hold notes."""
        if scale != self.scale:
            self.scale = scale
            self.scale_changed.emit()

    def set_tracks(self, tracks: TrackChoice) -> None:
        """Edit, see or hear other tracks. Notes that cannot be touched any more are not selected any more."""
        tracks = tracks.within(len(self.score.tracks))
        if tracks == self.tracks:
            return
        self.tracks = tracks
        self._read(self.score)
        self.editor.select(np.intersect1d(self.editor.selected, self.index.everything()))
        self.tracks_changed.emit()
        self.notes_changed.emit()

    def begin_drag(self, give_up: Callable[[], None]) -> None:
        """A drag begins beside the notes: keys wait until it ends, and Esc gives it up."""
        self.busy, self.give_up = True, give_up

    def end_drag(self, give_up: Callable[[], None]) -> None:
        """The drag that is given up so has ended; another one goes on."""
        if self.give_up == give_up:
            self.busy, self.give_up = False, None

    def new_track(self) -> int:
        """The track that new notes go to: the one edited, else the first seen that is no percussion."""
        if self.tracks.edited is not None:
            return self.tracks.edited
        seen = [
            number
            for number, track in enumerate(self.score.tracks)
            if not track.is_percussion and number not in self.tracks.hidden
        ]
        return seen[0] if seen else 0

    def set_focused(self, focused: bool) -> None:
        """Show whether keys go to the notes."""
        self.focused = focused
        self.focus_changed.emit()

    def sound(self, pitch: int, velocity: int) -> None:
        """Let one note be heard."""
        if self.player is not None:
            track = self.new_track()
            tracks = self.score.tracks
            self.player.preview_note(pitch, velocity, tracks[track].channel if track < len(tracks) else 0)

    def snapped(self, tick: float, free: bool = False) -> int:
        """The nearest grid line; only rounded where there is no grid or it is turned off."""
        grid = None if free else self.snap.grid(self.score)
        at = max(0, round(tick))
        return at if grid is None else int(grid.nearest(at))

    def cell(self, tick: float, free: bool = False) -> int:
        """The beginning of the grid cell a tick lies in."""
        grid = None if free else self.snap.grid(self.score)
        at = max(0, int(tick))
        return at if grid is None else int(grid.floor(at))

    def new_duration(self) -> int:
        """Length of a note that is drawn with a click: the last one used, else a step of the grid."""
        if self.last_duration is not None:
            return self.last_duration
        return max(1, int(self.snap.step_grid(self.score).step))

    def welcome(self) -> None:
        """Another piece stands in the roll: show all of it, all its tracks, without a loop."""
        self.last_duration = None
        self.set_tracks(TrackChoice())
        self.set_loop(None)
        self.fit()

    def _on_opened(self) -> None:
        self.playhead = 0
        self._fit_when_sized = self.viewport.width <= 50
        self.welcome()
        self.notes_changed.emit()

    def _on_score(self, score: Score) -> None:
        self._read(score)
        if self.editor.streaming:
            self._keep_stream_in_view()
        else:
            self.set_viewport(self.viewport)
        self.notes_changed.emit()

    def _read(self, score: Score) -> None:
        tracks = self.tracks.carried(self._listed, score.tracks).within(len(score.tracks))
        self._listed = score.tracks
        changed, self.tracks = tracks != self.tracks, tracks
        self.index = NoteIndex(score, tracks.own(score), tracks.others(score))
        if changed:
            self.tracks_changed.emit()
        self.meter = Meter(score)
        self.tempo_map = TempoMap(score)
        self._end = int(self.index.end.max()) if len(self.index) else 0

    def _keep_stream_in_view(self) -> None:
        """Zoom out step by step, so that a piece that grows is always seen from its beginning."""
        if len(self.index) == 0:
            return
        view = self.viewport
        low, high = int(self.index.pitch.min()), int(self.index.pitch.max())
        if self._end > view.right or low < view.lowest or high > view.highest:
            self.set_viewport(view.fitted(0, max(self._end * 8 // 5, 16 * self.score.ticks_per_beat), low, high))

    def _fit_to(self, notes: np.ndarray) -> None:
        view = self.viewport
        if len(notes) == 0:
            self.set_viewport(view.fitted(0, 16 * self.score.ticks_per_beat, *_EMPTY_VIEW))
            return
        index = self.index
        start, stop = int(index.onset[notes].min()), int(index.end[notes].max())
        if len(notes) == len(index):
            start, stop = 0, max(stop, 4 * self.score.ticks_per_beat)
        low, high = int(index.pitch[notes].min()), int(index.pitch[notes].max())
        self.set_viewport(view.fitted(start, stop, low, high))
