"""What the window says of a queue, in sentences."""

from musicgen_app.project.queue import CANCELLED, DONE, FAILED, PAUSE, RUNNING, STOP, WAITING, Queue
from musicgen_app.project.story import duration_words

QUEUE_STOP = "The run that is being trained is saved, and the queue can be continued at the next start."


def runs_words(count: int) -> str:
    """So many runs."""
    return f"{count:,} {'run' if count == 1 else 'runs'}"


def waiting_words(count: int) -> str:
    """That so many runs wait."""
    return f"{runs_words(count)} {'waits' if count == 1 else 'wait'}"


def summary_words(queue: Queue, runs: bool, elsewhere: bool, seconds: float | None) -> str:
    """How far a queue is.

    Args:
        queue: The queue.
        runs: Whether it is run at the moment.
        elsewhere: Whether another process does so.
        seconds: Estimated time to its end; None where nobody knows.
    """
    waiting, over = queue.count(WAITING, RUNNING), queue.count(DONE, FAILED, CANCELLED)
    about = f"About {duration_words(seconds)}" if seconds else ""
    if runs:
        state = {PAUSE: "Paused. ", STOP: "Stopping. "}.get(queue.order, "")
        where = "Another process runs it. " if elsewhere else ""
        left = f"{about} left." if about and not state else ""
        return f"{state}{where}{over} of {len(queue.entries)} done. {left}".strip()
    if waiting:
        state = "Interrupted. " if queue.count(RUNNING) else ""
        return f"{state}{waiting_words(waiting)}. {f'{about}.' if about else ''}".strip()
    ends = ((DONE, "done"), (FAILED, "failed"), (CANCELLED, "cancelled"))
    told = ", ".join(f"{queue.count(state)} {word}" for state, word in ends if queue.count(state))
    return f"{told}. Nothing waits." if told else ""


def interrupted_words(waiting: int) -> tuple[str, str]:
    """The title and the sentence of the offer to continue a queue."""
    sentence = "The run that was being trained goes on where it was saved; nothing is done twice."
    return f"The queue was interrupted: {waiting_words(waiting)}.", sentence
