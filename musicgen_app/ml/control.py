"""How a running training is steered from outside: paused, told to stop and keep its best, or cancelled."""

import threading

from musicgen_app.core.progress import CancelToken


class TrainControl(CancelToken):
    """A cancel token that can also pause, and ask for an early but orderly end. Safe to use from any thread.

    ``cancel`` leaves the run resumable and raises Cancelled in the work; ``keep`` ends it as if it had been finished,
    with the best checkpoint so far. Both also end a pause. ``keep_after_epoch`` waits for the end of the epoch.
    """

    def __init__(self) -> None:
        super().__init__()
        self._going = threading.Event()
        self._going.set()
        self._keep = threading.Event()
        self._epoch_end = threading.Event()

    def cancel(self) -> None:
        """Ask the work to save its state and stop."""
        super().cancel()
        self._going.set()

    def pause(self) -> None:
        """Ask the work to wait after the current batch. Without effect once it was told to stop."""
        if not (self.cancelled or self.keep_asked):
            self._going.clear()

    def unpause(self) -> None:
        """Let paused work go on."""
        self._going.set()

    def keep(self) -> None:
        """Ask the work to finish now, with what it has."""
        self._keep.set()
        self._going.set()

    def keep_after_epoch(self) -> None:
        """Ask the work to finish with the epoch that goes on."""
        self._epoch_end.set()

    @property
    def paused(self) -> bool:
        """Whether the work was asked to wait."""
        return not self._going.is_set()

    @property
    def keep_asked(self) -> bool:
        """Whether the work was asked to finish now."""
        return self._keep.is_set()

    @property
    def epoch_end_asked(self) -> bool:
        """Whether the work was asked to finish with the epoch that goes on."""
        return self._epoch_end.is_set()

    def wait_while_paused(self) -> None:
        """Return at once, or as soon as the pause ends, by whatever means."""
        self._going.wait()
