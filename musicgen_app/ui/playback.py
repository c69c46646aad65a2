"""Decides what the transport plays: the music in the roll, or a piece that is only being listened to."""

from PySide6.QtCore import QObject

from musicgen_app.core.score import Score
from musicgen_app.ui.player import Player
from musicgen_app.ui.score_editor import ScoreEditor


class Playback(QObject):
    """Keeps the player on the roll's music while that is shown, and gives it back after a piece of the data set."""

    def __init__(self, player: Player, editor: ScoreEditor, parent: QObject) -> None:
        super().__init__(parent)
        self._player = player
        self._editor = editor
        self._listening = False
        editor.score_changed.connect(self._on_score)

    @property
    def listening(self) -> bool:
        """Whether a piece of the data set is in the player, not the roll's music."""
        return self._listening

    def listen_to(self, score: Score) -> None:
        """Play a piece from its start."""
        self._listening = True
        self._player.stop()
        self._player.set_score(score)
        self._player.seek(0)
        self._player.play()

    def back_to_roll(self) -> None:
        """Put the roll's music into the player again."""
        if self._listening:
            self._listening = False
            self._player.stop()
            self._player.set_score(self._editor.score)
            self._player.seek(0)

    def _on_score(self, score: Score) -> None:
        if not self._listening:
            self._player.set_score(score)
