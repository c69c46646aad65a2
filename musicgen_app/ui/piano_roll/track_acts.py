"""What can be done to the tracks of the score in the roll, each as one step that can be undone."""

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QWidget

from musicgen_app.core.edit_tracks import add_track, move_to_track, remove_track, rename_track, set_channel, set_program
from musicgen_app.core.instruments import DRUMS, PROGRAM_NAMES, instrument_name
from musicgen_app.core.score import Track
from musicgen_app.ui.piano_roll.state import RollState
from musicgen_app.ui.piano_roll.track_list import TrackList, track_title

_PERCUSSION = 9


class TrackActs(QObject):
    """Does what the list of tracks asks for.

    Args:
        state: The roll.
        tracks: Its list.
    """

    def __init__(self, state: RollState, tracks: TrackList) -> None:
        super().__init__(tracks)
        self._state = state
        self._owner: QWidget = tracks
        tracks.act_asked.connect(self.do)

    def do(self, what: str, number: int) -> None:
        """Do "rename", "sound", "take", "remove" to a track, or "add" one."""
        if self._state.editor.streaming:
            return
        acts = {"rename": self._rename, "sound": self._sound, "take": self._take, "remove": self._remove}
        if what == "add":
            self._add()
        elif 0 <= number < len(self._state.score.tracks):
            acts[what](number)

    def _add(self) -> None:
        """A track on the first channel that is free, with the sound of the piano."""
        state = self._state
        used = {track.channel for track in state.score.tracks}
        free = [channel for channel in range(16) if channel not in used and channel != _PERCUSSION]
        state.editor.change("Add track", add_track(state.score, Track(channel=free[0] if free else 0)))
        state.set_tracks(state.tracks.with_edited(len(state.score.tracks) - 1))

    def _rename(self, number: int) -> None:
        track = self._state.score.tracks[number]
        title = track_title(track, number)
        name, agreed = QInputDialog.getText(self._owner, "Rename the track", "Name:", text=title)
        if agreed and name.strip() != title:
            self._state.editor.change("Rename track", rename_track(self._state.score, number, name.strip()))

    def _sound(self, number: int) -> None:
        score = self._state.score
        names = [*PROGRAM_NAMES, DRUMS]
        now = names.index(instrument_name(score.tracks[number]))
        name, agreed = QInputDialog.getItem(self._owner, "Sound of the track", "General MIDI sound:", names, now, False)
        if not agreed or name == names[now]:
            return
        if name == DRUMS:
            score = set_channel(score, number, _PERCUSSION)
        else:
            if score.tracks[number].is_percussion:
                score = set_channel(score, number, 0)
            score = set_program(score, number, names.index(name))
        self._state.editor.change("Change sound", score)

    def _take(self, number: int) -> None:
        editor = self._state.editor
        if len(editor.selected):
            edited = move_to_track(editor.score, editor.selected, number)
            editor.edit("Move to track", edited)

    def _remove(self, number: int) -> None:
        """Take out a track; the last one only loses what stands in it."""
        state = self._state
        edited = remove_track(state.score, number)
        if not edited.tracks:
            edited = replace(edited, tracks=(Track(),))
        choice = state.tracks.without(number)
        state.editor.edit("Remove track", edited)
        state.set_tracks(choice)
