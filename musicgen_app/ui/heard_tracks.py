"""What is heard of the roll's music: not the muted tracks, the soloed ones alone, or the selected notes alone."""

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from musicgen_app.ui.piano_roll.state import RollState
from musicgen_app.ui.playback import Playback
from musicgen_app.ui.practice import Practice
from musicgen_app.ui.score_editor import ScoreEditor


class HeardTracks(QObject):
    """Carries what was chosen in the list of tracks, and the selection, to the player, while the roll's music is in it.

    A piece that is only listened to sounds whole.

    Args:
        state: The roll, with its choice of tracks.
        editor: The music and its selection.
        playback: Tells whether something else is in the player.
        practice: What is told.

    Signals:
        solo_changed: Whether the selected notes are heard alone.
    """

    solo_changed = Signal(bool)

    def __init__(self, state: RollState, editor: ScoreEditor, playback: Playback, practice: Practice) -> None:
        super().__init__(playback)
        self._state = state
        self._editor = editor
        self._playback = playback
        self._practice = practice
        self._solo = False
        state.tracks_changed.connect(self._apply_tracks)
        # Comes after each change of the score too, when the player has the new one.
        editor.selection_changed.connect(self._apply_selection)
        editor.score_opened.connect(self._on_opened)
        playback.listening_changed.connect(self._on_listening)

    @property
    def solo(self) -> bool:
        """Whether the selected notes are heard alone."""
        return self._solo

    def set_solo(self, solo: bool) -> None:
        """Hear the selected notes alone, whichever they are then; all where none is selected."""
        if solo != self._solo:
            self._solo = solo
            self._apply_selection()
            self.solo_changed.emit(solo)

    @Slot()
    def _apply_tracks(self) -> None:
        own = not self._playback.listening
        self._practice.set_muted(self._state.tracks.muted if own else ())
        self._practice.set_soloed(self._state.tracks.soloed if own else ())

    @Slot()
    def _apply_selection(self) -> None:
        chosen = self._editor.selected
        alone = self._solo and len(chosen) > 0 and not self._playback.listening
        self._practice.solo_notes(chosen.tolist() if alone else None)

    @Slot()
    def _on_listening(self) -> None:
        self._apply_tracks()
        self._apply_selection()

    @Slot()
    def _on_opened(self) -> None:
        self.set_solo(False)


def selected_span(editor: ScoreEditor) -> tuple[int, int] | None:
    """From the first selected note's beginning to the last one's end, in ticks; None where nothing is selected."""
    chosen = editor.score.notes[editor.selected]
    if len(chosen) == 0:
        return None
    return int(chosen["onset"].min()), int(np.max(chosen["onset"].astype(np.int64) + chosen["duration"]))
