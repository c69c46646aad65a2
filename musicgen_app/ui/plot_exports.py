"""The loss plot as a file: asks for its name and writes what is seen."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from musicgen_app.core.errors import MusicgenError
from musicgen_app.ui.loss_plot import LossPlot
from musicgen_app.ui.plot_files import save_plot
from musicgen_app.ui.save_dialog import ask_for_file
from musicgen_app.ui.settings import Settings
from musicgen_app.ui.theme import Theme

_FILTERS = {".png": "PNG (*.png)", ".svg": "SVG (*.svg)", ".csv": "Table (*.csv)"}


class PlotExports(QObject):
    """Writes the plot as it is seen: its runs, its axes, its part and its theme.

    Args:
        plot: The plot.
        theme: Colours of pictures.
        settings: Remember the folder.
        window: Over which to ask.

    Signals:
        failed: It could not be written (a MusicgenError).
        told: It was written, in a few words.
    """

    failed = Signal(object)
    told = Signal(str)

    def __init__(self, plot: LossPlot, theme: Theme, settings: Settings, window: QWidget) -> None:
        super().__init__(window)
        self._plot = plot
        self._theme = theme
        self._settings = settings
        self._window = window
        plot.legend.export_asked.connect(self.ask)

    @Slot()
    def ask(self) -> None:
        """Ask for a name and write the plot there."""
        if not self._plot.drawing().seen:
            self.told.emit("There is no run on the plot yet; tick one in the table of the Training tab")
            return
        path = ask_for_file(self._window, self._settings, "Export loss plot", "Losses", _FILTERS)
        if path is not None:
            self.export_to(path)

    def export_to(self, path: Path) -> None:
        """Write what is seen into a PNG, SVG or CSV file."""
        try:
            save_plot(self._plot.drawing(), path, self._theme.palette)
        except MusicgenError as error:
            self.failed.emit(error)
            return
        self.told.emit(f"Exported {path.name}")
