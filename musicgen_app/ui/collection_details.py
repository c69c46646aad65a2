"""What is known of a public collection: what it is, on what terms, whom to name, and where its page is."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from musicgen_app.dataset.collections import Collection
from musicgen_app.notation.reader import INSTALL
from musicgen_app.ui.collection_cards import megabytes
from musicgen_app.ui.controls import CONTROL_HEIGHT, GRID, INSIDE, Heading, IconButton, SecondaryLabel, set_kind
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.panels import FactList

_ELSEWHERE = Collection(
    "",
    "Another archive",
    "A zip or tar archive of MIDI files or notation. Only the music and the texts about it are taken out.",
    note="The program does not know its licence. See what its makers say before you share what you make of it.",
)
_NAME_WIDTH = 72
_NO_NOTATION = "Notation cannot be read yet: the extra [notation] is missing. {}"


class CollectionDetails(QWidget):
    """The facts, all of which can be selected and copied.

    Args:
        icons: Pictures.
        reads_notation: Whether files of notation can be read here.
        parent: Qt's owner.
    """

    def __init__(self, icons: Icons, reads_notation: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icons = icons
        self._reads_notation = reads_notation
        self.title = Heading("")
        self.about = QLabel()
        self.facts = FactList(name_width=_NAME_WIDTH)
        self.home = QLabel()
        self.copy = IconButton(icons, "copy", "Copy the address of its page")
        self.note = SecondaryLabel()
        self.lack = QLabel()
        set_kind(self.lack, "warn")
        for label in (self.about, self.home, self.note, self.lack):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy.clicked.connect(self._on_copy)
        self._lay_out()

    def show_collection(self, one: Collection | None) -> None:
        """Show a collection; None for an archive from elsewhere."""
        shown = one or _ELSEWHERE
        self.title.setText(shown.title)
        self.about.setText(shown.about)
        self._known.setVisible(one is not None)
        self.facts.set_fact("Licence", shown.licence)
        self.facts.set_fact("Archive", _archive_words(shown))
        self.facts.set_fact("To name", shown.attribution, "Whom to name in what is made of it")
        self.home.setText(shown.home)
        self.home.setAccessibleName(f"Its page: {shown.home}")
        self.note.setText(shown.note)
        self.note.setVisible(bool(shown.note))
        self.lack.setText(_NO_NOTATION.format(INSTALL))
        self.lack.setVisible(shown.notation and not self._reads_notation)

    def _lay_out(self) -> None:
        page = QHBoxLayout()
        page.setSpacing(GRID)
        name = SecondaryLabel("Page", wrap=False)
        name.setFixedWidth(_NAME_WIDTH)
        # Their first line stands beside the button, which is higher than a line.
        for label in (name, self.home):
            above = (CONTROL_HEIGHT - label.fontMetrics().height()) // 2
            label.setContentsMargins(0, above, 0, 0)
        page.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
        page.addWidget(self.home, 1, Qt.AlignmentFlag.AlignTop)
        page.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignTop)
        self._known = QFrame()
        known = QVBoxLayout(self._known)
        known.setContentsMargins(0, 0, 0, 0)
        known.setSpacing(1)
        known.addWidget(self.facts)
        known.addLayout(page)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(INSIDE)
        for widget in (self.title, self.about, self._known, self.note, self.lack):
            box.addWidget(widget)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.home.text())


def _archive_words(one: Collection) -> str:
    if not one.address:
        return "Only a browser can fetch it"
    if one.size is None:
        return "Its size is not known beforehand"
    return f"{megabytes(one.size)}, its checksum is compared" if one.sha256 else megabytes(one.size)
