"""Lets a copy and what it was copied from be heard in turn, each from the place where the other was."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from musicgen_app.ui.copy_line import CopyLine
from musicgen_app.ui.copy_watch import CopyWatch
from musicgen_app.ui.playback import Playback
from musicgen_app.ui.player import Player
from musicgen_app.workflow.comparisons import Passage


class CopyHearing(QObject):
    """Switches the player between the music in the roll and the passage it was copied from.

    Args:
        watch: Knows what is copied.
        line: Asks.
        playback: What is in the player.
        player: What sounds.
        parent: Qt's owner.
    """

    def __init__(self, watch: CopyWatch, line: CopyLine, playback: Playback, player: Player, parent: QObject) -> None:
        super().__init__(parent)
        self._watch = watch
        self._playback = playback
        self._player = player
        self._passage: Passage | None = None
        line.copy_asked.connect(self.hear_copy)
        line.source_asked.connect(self.hear_source)

    @Slot(object)
    def play(self, passage: Passage) -> None:
        """Play what something was copied from, from its beginning."""
        self._passage = passage
        self._playback.listen_once(passage.score)

    @Slot()
    def hear_source(self) -> None:
        """Play the source of the copy: where the copy is being heard, from the same note on."""
        passage = self._watch.passage()
        if passage is None:
            return
        heard = self._player.playing and not self._playback.listening
        at = _nearest(passage.copied, self._player.position) if heard else 0
        self.play(passage)
        if at:
            self._player.seek(int(passage.moments[at]))

    @Slot()
    def hear_copy(self) -> None:
        """Play the copy: where its source is being heard, from the same note on."""
        passage = self._watch.passage()
        if passage is None:
            return
        heard = self._passage if self._playback.listening and self._player.playing else None
        at = _nearest(heard.moments, self._player.position) if heard is not None else 0
        # What a mark was clicked for may be another run than the longest.
        copied = heard.copied if heard is not None else passage.copied
        self._playback.back_to_roll()
        self._player.seek(int(copied[at]))
        self._player.play()


def _nearest(moments: NDArray[np.int64], tick: int) -> int:
    """The number of the moment next to a tick; moments of two hands need not rise."""
    return int(np.abs(moments - tick).argmin())
