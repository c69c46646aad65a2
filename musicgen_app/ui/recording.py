"""Records what is played on the keyboard into the roll."""

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.core import edits
from musicgen_app.core.edits import Edited
from musicgen_app.core.recording import Recording, overdub, replace_by
from musicgen_app.core.score import Score
from musicgen_app.ui.keyboards import Keyboards
from musicgen_app.ui.piano_roll.piano_roll import PianoRoll
from musicgen_app.ui.playback import Playback
from musicgen_app.ui.player import Player
from musicgen_app.ui.score_editor import ScoreEditor

_NO_KEYBOARD = "No keyboard to record from. Connect one, or choose it under Playback, Keyboard"


class RecordDesk(QObject):
    """Starts and ends recording. One recording is one step of the history.

    Args:
        keyboards: What is played on.
        player: Plays along, and counts in.
        playback: Puts the roll's music into the player.
        editor: The music.
        roll: Shows what is being played; its edited track is recorded.

    Attributes:
        replaces: Whether what was there gives way; otherwise the new is laid over it.
        quantises: Whether the recorded notes are moved to the grid afterwards.

    Signals:
        recording_changed: Whether it records.
        options_changed: Whether it replaces or quantises.
        told: A sentence about what came of it.
    """

    recording_changed = Signal(bool)
    options_changed = Signal()
    told = Signal(str)

    def __init__(
        self, keyboards: Keyboards, player: Player, playback: Playback, editor: ScoreEditor, roll: PianoRoll
    ) -> None:
        super().__init__(roll)
        self._keyboards = keyboards
        self._performance = keyboards.performance
        self._player = player
        self._playback = playback
        self._editor = editor
        self._roll = roll
        self._turns = 0
        self._laid_over = False
        self.replaces = False
        self.quantises = False
        keyboards.played.connect(self._on_played)
        keyboards.open_changed.connect(self._on_played)
        player.leaving.connect(self._on_leaving)
        player.state_changed.connect(self._on_state)
        player.position_changed.connect(self._on_position)
        player.loop_changed.connect(self._performance.set_loop)
        roll.state.tracks_changed.connect(self._choose_channel)
        editor.score_changed.connect(self._choose_channel)

    @property
    def recording(self) -> bool:
        """Whether it records."""
        return self._performance.recording

    def set_options(self, replaces: bool, quantises: bool) -> None:
        """Say what becomes of what is there, and of the notes afterwards."""
        if (replaces, quantises) != (self.replaces, self.quantises):
            self.replaces, self.quantises = replaces, quantises
            self.options_changed.emit()

    @Slot()
    def toggle(self) -> None:
        """Play and record from the playhead; or end it, and stop."""
        if self.recording:
            self._player.stop()
        else:
            self.begin()
        # A button that was pressed in vain comes up again.
        self.recording_changed.emit(self.recording)

    def begin(self) -> None:
        """Record into the edited track from the playhead on, playing first where nothing plays yet."""
        if self._editor.streaming:
            self.told.emit("Music is being made just now. Record when it is there")
            return
        if not self._keyboards.open:
            self.told.emit(_NO_KEYBOARD)
            return
        player = self._player
        self._playback.back_to_roll()
        start, loop = player.position, player.loop
        if loop is not None and start >= loop[1]:
            start = loop[0]
        self._turns, self._laid_over = 0, False
        player.set_endless(True)
        self._performance.begin(self._roll.state.new_track(), start, loop)
        if not player.playing:
            player.play()
        self.recording_changed.emit(True)

    @Slot()
    def _on_leaving(self) -> None:
        self._end(self._player.engine.now())

    @Slot(str)
    def _on_state(self, state: str) -> None:
        if state != "playing":
            self._end(None)

    def _end(self, at: float | None) -> None:
        recording = self._performance.finish(at)
        if recording is None:
            return
        if at is None:
            self._player.set_endless(False)
        self._roll.state.set_arriving(None)
        if recording.empty:
            self.told.emit("Nothing was played")
            if self._laid_over:
                self._player.set_score(self._editor.score)
        else:
            self._editor.edit("Record", self._edited(recording))
            count = len(recording.notes)
            self.told.emit(f"Recorded {count:,} {'note' if count == 1 else 'notes'}")
        self.recording_changed.emit(False)

    def _edited(self, recording: Recording) -> Edited:
        """The music with what was played."""
        edited = self._laid(recording)
        if self.quantises and len(edited.selected):
            grid = self._roll.state.snap.step_grid(edited.score)
            edited = edits.quantise(edited.score, edited.selected, grid)
        return edited

    def _laid(self, recording: Recording) -> Edited:
        return (replace_by if self.replaces else overdub)(self._editor.score, recording)

    @Slot()
    def _on_played(self) -> None:
        self._roll.keyboard.show_held(self._performance.down)

    @Slot()
    def _on_position(self) -> None:
        if not self.recording:
            return
        turns = self._performance.follow(self._player.engine.now())
        if turns != self._turns:
            self._turns = turns
            self._lay_over()
        recording = self._performance.so_far()
        if recording is not None:
            self._roll.state.set_arriving(recording.notes if len(recording.notes) else None)

    def _lay_over(self) -> None:
        """A loop went round: what was played in it is heard from now on."""
        recording = self._performance.so_far(held=False)
        if recording is not None and not recording.empty:
            self._laid_over = True
            self._player.set_score(self._laid(recording).score)

    @Slot()
    def _choose_channel(self) -> None:
        """What is played sounds as the track that it would be recorded into."""
        self._performance.channel = channel_of(self._editor.score, self._roll.state.new_track())


def channel_of(score: Score, track: int) -> int:
    """The channel of a track; the first one where there is no such track yet."""
    return score.tracks[track].channel if track < len(score.tracks) else 0


def chord_indices(score: Score, onset: int, pitches: frozenset[int], track: int) -> edits.Selected:
    """Which notes are a chord: of these pitches, at one place of one track."""
    notes = score.notes
    here = (notes["onset"] == onset) & (notes["track"] == track) & np.isin(notes["pitch"], list(pitches))
    return np.flatnonzero(here).astype(np.intp)
