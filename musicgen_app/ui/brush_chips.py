"""What is brushed, as small buttons that take it away: "Tempo 96 to 120" and a cross."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from musicgen_app.ui.controls import SecondaryLabel
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.set_pictures import Brush
from musicgen_app.ui.theme import secondary_font

_BEFORE_CROSS = "\N{NO-BREAK SPACE}"
_TO = "\N{EN DASH}"
_GAP = 6
_ICON = 12
_HEIGHT = 22


class BrushChips(QWidget):
    """A line of chips; those without room are counted at its end. It is hidden while nothing is brushed.

    Signals:
        removed: The brush of this quantity is to go (its name).
    """

    removed = Signal(str)

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._chips: list[QPushButton] = []
        self._more = SecondaryLabel(wrap=False)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_GAP)
        self._row.addWidget(self._more)
        self._row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("What is brushed")
        self.show_brushes(())

    @property
    def words(self) -> tuple[str, ...]:
        """What the chips say."""
        return tuple(chip.text().removesuffix(_BEFORE_CROSS) for chip in self._chips)

    def show_brushes(self, brushes: Sequence[Brush]) -> None:
        """Show these."""
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.deleteLater()
        self._chips = [self._chip(brush) for brush in brushes]
        for place, chip in enumerate(self._chips):
            self._row.insertWidget(place, chip)
            chip.show()
        self.setVisible(bool(self._chips))
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        widths = [chip.sizeHint().width() for chip in self._chips]
        return QSize(sum(widths) + _GAP * max(0, len(widths) - 1), _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), 120), _HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _chip(self, brush: Brush) -> QPushButton:
        chip = QPushButton(f"{brush.title} {brush.words.replace(' to ', _TO)}{_BEFORE_CROSS}")
        chip.setProperty("kind", "chip")
        chip.setFont(secondary_font(chip.font()))
        chip.setCursor(Qt.CursorShape.PointingHandCursor)
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # The cross stands behind the words.
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._icons.bind(chip, "x", "secondary")
        chip.setIconSize(QSize(_ICON, _ICON))
        chip.setToolTip(f"Show files whatever their {brush.title.lower()}")
        chip.setAccessibleName(f"Take away: {brush.title} {brush.words}")
        chip.setProperty("quantity", brush.name)
        chip.clicked.connect(self._on_clicked)
        return chip

    def _on_clicked(self) -> None:
        self.removed.emit(str(self.sender().property("quantity")))

    def _fit(self) -> None:
        """Show as many chips as there is room for, and count the others."""
        widths = [chip.sizeHint().width() + _GAP for chip in self._chips]
        shown = len(widths)
        if sum(widths) - _GAP > self.width():
            more = self._more.fontMetrics().horizontalAdvance("and 9 more") + _GAP
            while shown and sum(widths[:shown]) + more > self.width():
                shown -= 1
        for place, chip in enumerate(self._chips):
            chip.setVisible(place < shown)
        hidden = self._chips[shown:]
        self._more.setVisible(bool(hidden))
        self._more.setText(f"and {len(hidden)} more" if shown else f"{len(hidden)} brushed")
        self._more.setToolTip("\n".join(chip.text() for chip in hidden))
