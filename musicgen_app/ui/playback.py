"""Decides what the transport plays: the music in the roll, or a piece that is only listened to."""

from PySide6.QtCore import QObject, Signal

from musicgen_app.core.score import Score
from musicgen_app.ui.piano_roll.piano_roll import PianoRoll
from musicgen_app.ui.player import Player
from musicgen_app.ui.score_editor import ScoreEditor

Loop = tuple[int, int] | None


class Playback(QObject):
    """Keeps the player on the roll's music, lends it to pieces of the data set, and takes it back.

    Args:
        player: What sounds.
        editor: The music in the roll.
        roll: Shows playhead and loop, as long as its own music is in the player.
        parent: Qt's owner.

    Signals:
        listening_changed: Whether something else than the roll's music is in the player; told while it is silent.
    """

    listening_changed = Signal(bool)

    def __init__(self, player: Player, editor: ScoreEditor, roll: PianoRoll, parent: QObject) -> None:
        super().__init__(parent)
        self._player = player
        self._editor = editor
        self._roll = roll
        self._listening = False
        self._once = False
        editor.score_changed.connect(self._on_score)
        editor.score_opened.connect(self._on_opened)
        player.position_changed.connect(self._on_position)
        player.state_changed.connect(self._on_state)
        player.loop_changed.connect(self._on_loop)
        roll.loop_changed.connect(self._on_roll_loop)

    @property
    def listening(self) -> bool:
        """Whether a piece of the data set or a take of a run is in the player, not the roll's music."""
        return self._listening

    @property
    def heard(self) -> Score | None:
        """What plays in the place of the roll's music; None where nothing does."""
        return self._player.score if self._listening and self._player.playing else None

    def offer(self, score: Score) -> None:
        """Put a piece into the player; where one is being listened to, this one takes its place at once."""
        going_on = self._listening and self._player.playing
        self._lend(score)
        if going_on:
            self._player.play()

    def listen_to(self, score: Score) -> None:
        """Play a piece from its start."""
        self._lend(score)
        self._player.play()

    def listen_once(self, score: Score) -> None:
        """Play a piece from its start; when it ends, or is stopped, the roll's music is in the player again."""
        self.listen_to(score)
        self._once = True

    def back_to_roll(self) -> None:
        """Put the roll's music into the player again."""
        self._once = False
        if self._listening:
            self._player.stop()
            self._listening = False
            self._roll.set_heard(True)
            self._player.set_loop(0, None)
            self._player.set_score(self._editor.score)
            self.listening_changed.emit(False)
            self._player.seek(self._roll.state.playhead)
            if self._roll.state.loop is not None:
                self._player.set_loop(*self._roll.state.loop)

    def _lend(self, score: Score) -> None:
        self._once = False
        self._player.stop()
        self._listening = True
        self.listening_changed.emit(True)
        self._roll.set_heard(False)
        self._player.set_loop(0, None)
        self._player.set_score(score)
        self._player.seek(0)

    def _on_score(self, score: Score) -> None:
        if not self._listening:
            self._player.set_score(score)

    def _on_opened(self) -> None:
        """Another document: the playhead goes to its start."""
        if not self._listening:
            self._player.stop()
            self._player.seek(0)

    def _on_position(self, tick: int) -> None:
        if not self._listening:
            self._roll.set_playhead(tick)

    def _on_state(self, state: str) -> None:
        self._roll.set_playing(state == "playing" and not self._listening)
        if self._once and state != "playing":
            self.back_to_roll()

    def _on_loop(self, loop: Loop) -> None:
        if not self._listening:
            self._roll.set_loop(loop)

    def _on_roll_loop(self, loop: Loop) -> None:
        if self._listening:
            return
        start, end = loop if loop is not None else (0, None)
        self._player.set_loop(start, end)
