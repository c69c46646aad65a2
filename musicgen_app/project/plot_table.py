"""The losses on a plot as a table for other programs: a line for each point that is seen."""

import csv
import io
import math

from musicgen_app.project.plot_drawing import KINDS, LossDrawing

HEADINGS = ("run", "title", "curve", "epoch", "loss", "smoothed")


def plot_table(drawing: LossDrawing) -> str:
    """CSV text; ``run`` is empty in the lines of references, ``smoothed`` where nothing is."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADINGS)
    view, extent = drawing.view, drawing.extent
    for run in drawing.seen:
        for kind in (kind for kind in KINDS if kind in view.kinds):
            raw, drawn = run.curves[kind], run.drawn(kind, view)
            for epoch, loss, mean in zip(raw.x.tolist(), raw.y.tolist(), drawn.y.tolist(), strict=True):
                if math.isfinite(loss) and (extent is None or extent.left <= epoch <= extent.right):
                    smooth = f"{mean:.6g}" if view.smooths(kind) else ""
                    writer.writerow((run.key, run.title, kind, f"{epoch:.6g}", f"{loss:.6g}", smooth))
    for name, loss in drawing.lines:
        writer.writerow(("", "", name, "", f"{loss:.6g}", ""))
    return out.getvalue()
