"""What a loss plot shows, without saying how it is painted: the window, exported files and the notebook share it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from musicgen_app.dataset.baselines import BIGRAM, FOURGRAM, UNIGRAM
from musicgen_app.project.curves import Column, Curve, lowest, smoothed
from musicgen_app.project.runs import RunRecord

KINDS = ("validation", "training", "batches")
REFERENCES = "references"
REFERENCE_NAMES: Mapping[str, str] = MappingProxyType({UNIGRAM: "Unigram", BIGRAM: "Bigram", FOURGRAM: "4-gram"})
"""The lines that are drawn, and what they are called; knowing nothing at all costs too much to be of interest."""

_LEAST_SPAN = 1e-3
_LEAST_LOSS = 1e-6
"""On a logarithmic axis nothing stands lower."""


@dataclass(frozen=True, slots=True)
class PlotView:
    """How losses are shown.

    Attributes:
        kinds: What is shown, of ``KINDS`` and ``REFERENCES``.
        log: Whether the losses stand on a logarithmic axis.
        smooth: Epochs of the running mean that is drawn over the faint losses themselves; up to 1 draws them alone.
    """

    kinds: frozenset[str] = frozenset((*KINDS, REFERENCES))
    log: bool = False
    smooth: int = 0

    def scaled(self, losses: Column) -> Column:
        """Where losses stand on the axis; shapes are alike."""
        return np.log10(np.maximum(losses, _LEAST_LOSS)) if self.log else losses

    def scale(self, loss: float) -> float:
        """Where a loss stands on the axis."""
        return math.log10(max(loss, _LEAST_LOSS)) if self.log else loss

    def smooths(self, kind: str) -> bool:
        """Whether curves of a kind are smoothed; batches lie behind the epochs as they are."""
        return self.smooth > 1 and kind != "batches"


@dataclass(slots=True)
class PlottedRun:
    """The curves of a run, which may grow.

    Attributes:
        key: Its number; its colour follows from it.
        title: What it is called.
        curves: By kind, one for each of ``KINDS``.
        shown: Whether it is seen.
    """

    key: int
    title: str
    curves: dict[str, Curve] = field(default_factory=lambda: {kind: Curve() for kind in KINDS})
    shown: bool = True

    @property
    def strong(self) -> str:
        """The kind to watch: training where validation was never measured."""
        return "training" if lowest(self.curves["validation"]) is None else "validation"

    def drawn(self, kind: str, view: PlotView) -> Curve:
        """The points of a kind as they are shown, on no axis yet."""
        return smoothed(self.curves[kind], view.smooth) if view.smooths(kind) else self.curves[kind]


@dataclass(frozen=True, slots=True)
class Extent:
    """A part of the plane: epochs across, losses upwards, these as they stand on the axis."""

    left: float
    right: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LossDrawing:
    """Everything that is seen.

    Attributes:
        runs: The runs, also hidden ones.
        view: How they are shown.
        references: What the music costs without a network, nats per note by name.
        main: The run whose best epoch is marked; None for none.
        extent: The part that is seen; None for everything.
    """

    runs: tuple[PlottedRun, ...]
    view: PlotView = field(default_factory=PlotView)
    references: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    main: int | None = None
    extent: Extent | None = None

    @property
    def seen(self) -> tuple[PlottedRun, ...]:
        """The runs that are not hidden."""
        return tuple(run for run in self.runs if run.shown)

    @property
    def lines(self) -> tuple[tuple[str, float], ...]:
        """The lines to compare with that are shown, lowest first, as (name, loss)."""
        if REFERENCES not in self.view.kinds or not self.runs:
            return ()
        known = [(name, self.references[name]) for name in REFERENCE_NAMES if name in self.references]
        return tuple(sorted(known, key=lambda line: line[1]))

    def best(self) -> tuple[PlottedRun, float, float] | None:
        """The chosen run, its best epoch and the loss there; None where that is not shown."""
        for run in self.seen:
            if run.key == self.main and run.strong in self.view.kinds:
                point = lowest(run.curves[run.strong])
                return None if point is None else (run, *point)
        return None


def plotted(run: RunRecord) -> PlottedRun:
    """The curves of a run as they are on disk."""
    shown = PlottedRun(run.id, run.title)
    shown.curves["training"] = Curve(run.losses.epochs, run.losses.train)
    shown.curves["validation"] = Curve(run.losses.epochs, run.losses.validation)
    return shown


def whole_extent(drawing: LossDrawing) -> Extent:
    """The part that shows everything, with a little room around; an empty plot has one too."""
    view = drawing.view
    extents = [extent for run in drawing.seen if (extent := _extent(run, view)) is not None]
    if not extents:
        return Extent(0, 10, 0, 1)
    left, right = min(e.left for e in extents), max(e.right for e in extents)
    low, high = view.scale(min(e.low for e in extents)), view.scale(max(e.high for e in extents))
    low, high = _with_references(low, high, [view.scale(loss) for _, loss in drawing.lines])
    wide, tall = max(right - left, 1.0), max(high - low, _LEAST_SPAN)
    return Extent(left - 0.02 * wide, right + 0.03 * wide, low - 0.08 * tall, high + 0.06 * tall)


def apart(wanted: Sequence[float], least: float, top: float, bottom: float) -> list[float]:
    """Places with some distance between them and inside a range, as near to the wanted ones as can be.

    Args:
        wanted: Places on the screen's axis, on which more is further down; the lowest comes first.
        least: Distance between two.
        top: The highest place that may be taken.
        bottom: The lowest; given up where there is no room for all.
    """
    placed = []
    limit = bottom
    for place in wanted:
        placed.append(min(place, limit))
        limit = placed[-1] - least
    limit = top
    for index in reversed(range(len(placed))):
        placed[index] = max(placed[index], limit)
        limit = placed[index] + least
    return placed


def _extent(run: PlottedRun, view: PlotView) -> Extent | None:
    """The losses shown of a run, on no axis yet. Batches count until two epochs are over."""
    kinds = [kind for kind in KINDS if kind in view.kinds and len(run.curves[kind])]
    if len(run.curves["training"]) >= 2 and kinds != ["batches"]:
        kinds = [kind for kind in kinds if kind != "batches"] or kinds
    known = [run.curves[kind] for kind in kinds if lowest(run.curves[kind]) is not None]
    if not known:
        return None
    last = [run.curves[kind].x[-1] for kind in KINDS if kind in view.kinds and len(run.curves[kind])]
    return Extent(
        min(float(curve.x[0]) for curve in known),
        float(max(last)),
        min(float(np.nanmin(curve.y)) for curve in known),
        max(float(np.nanmax(curve.y)) for curve in known),
    )


def _with_references(low: float, high: float, lines: Sequence[float]) -> tuple[float, float]:
    """A range that shows the lines to compare with too, as long as that leaves half of it to the curves."""
    most = 2 * (high - low)
    for line in lines:
        wider = min(low, line), max(high, line)
        if wider[1] - wider[0] <= most:
            low, high = wider
    return low, high
