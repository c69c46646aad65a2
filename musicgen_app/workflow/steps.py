"""How far work of several steps is, when each step reports for itself."""

from collections.abc import Callable

from musicgen_app.core.progress import Progress, Report


class Steps:
    """Tells how far work of several steps is, and how long the rest will take at this pace."""

    def __init__(self, report: Report, total: int, now: Callable[[], float]) -> None:
        self._report, self._total, self._now = report, total, now
        self._began = now()
        self._done = -1
        self._stage = ""

    def begin(self, stage: str) -> None:
        """The next step."""
        self._done += 1
        self._stage = stage
        self._tell(0.0, "")

    def __call__(self, report: object) -> None:
        """What the step itself reports."""
        if isinstance(report, Progress):
            self._tell(min(1.0, report.done / report.total) if report.total else 0.0, report.stage)

    def _tell(self, part: float, item: str) -> None:
        done = self._done + part
        left = (self._now() - self._began) * (self._total - done) / done if done > 0 else None
        self._report(Progress(self._stage, round(100 * done), 100 * self._total, left, item))
