"""Asks which public collection, or which archive from elsewhere, is to be fetched, and on what terms."""

from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from musicgen_app.core.errors import UsageError
from musicgen_app.dataset.collections import Collection
from musicgen_app.notation.reader import can_read_notation
from musicgen_app.ui.collection_cards import ELSEWHERE, CollectionCards, megabytes
from musicgen_app.ui.collection_details import CollectionDetails
from musicgen_app.ui.controls import (
    BETWEEN,
    GRID,
    INSIDE,
    Hairline,
    PrimaryButton,
    QuietButton,
    SecondaryLabel,
    set_kind,
)
from musicgen_app.ui.forms import FormRow
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.place_field import PlaceField
from musicgen_app.workflow.collect import CollectConfig, Standing, standing

_SIZE = (940, 560)
_CARDS_WIDTH = 336
_ARCHIVES = "Archives (*.zip *.tar *.tar.gz *.tgz *.tar.bz2 *.tar.xz);;All files (*)"
_TERMS = "The licence {}: what is made of it may not be sold, and carries this licence on."
_UNNAMED = "collection"


class CollectionsDialog(QDialog):
    """Shows what there is; ``config`` holds what to fetch once it is accepted.

    Args:
        known: The collections.
        base: Folder in which a collection gets a folder of its own.
        icons: Pictures.
        parent: Qt's owner.
    """

    def __init__(self, known: tuple[Collection, ...], base: Path, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Public collections")
        self.resize(*_SIZE)
        self.config: CollectConfig | None = None
        self._known = {one.name: one for one in known}
        self._base = base
        self._own_folder = False
        self.cards = CollectionCards(known)
        self.details = CollectionDetails(icons, can_read_notation())
        self.terms = QLabel()
        self.terms.setWordWrap(True)
        self.consent = QCheckBox("I accept this licence")
        self.address = QLineEdit()
        self.address.setPlaceholderText("https://")
        self.checksum = QLineEdit()
        self.checksum.setPlaceholderText("SHA-256, where its makers give one")
        self.archive = PlaceField("Downloaded archive", self._ask_archive)
        self.archive.line.setPlaceholderText("The file that you fetched from its page")
        self.folder = PlaceField("Folder for its music", self._ask_folder)
        self.told = SecondaryLabel()
        self.fetch = PrimaryButton("Fetch", "Download it in the background and add its folder to the sources")
        self.fetch.setDefault(True)
        self.cancel = QuietButton("Cancel")
        self._lay_out()
        self._connect()
        self._on_chosen()

    def show_config(self, config: CollectConfig) -> None:
        """Begin with what was asked for the last time; consent is asked for anew."""
        if "://" not in config.what:
            if config.what not in self._known:
                return
            self.cards.choose(config.what)
        else:
            self.cards.choose(ELSEWHERE)
            self.address.setText(config.what)
            self.checksum.setText(config.sha256)
        if config.archive is not None:
            self.archive.line.setText(str(config.archive))
        self._own_folder = True
        self.folder.line.setText(str(config.out))

    def _lay_out(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(BETWEEN)
        self.cards.setFixedWidth(_CARDS_WIDTH)
        columns.addWidget(self.cards)
        columns.addWidget(self._right(), 1)
        ends = QHBoxLayout()
        ends.setSpacing(GRID)
        self.told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        ends.addWidget(self.told, 1)
        self.cancel.setMinimumHeight(self.fetch.minimumHeight())
        self.cancel.setAutoDefault(False)
        ends.addWidget(self.cancel)
        ends.addWidget(self.fetch)
        box = QVBoxLayout(self)
        box.setContentsMargins(BETWEEN, BETWEEN, BETWEEN, BETWEEN)
        box.setSpacing(INSIDE)
        box.addLayout(columns, 1)
        box.addWidget(Hairline())
        box.addWidget(FormRow("Folder", self.folder))
        box.addLayout(ends)

    def _right(self) -> QScrollArea:
        """Everything about the chosen one; it scrolls where the window is low."""
        self._consent_box = QFrame()
        self._consent_box.setProperty("kind", "card")
        agreed = QVBoxLayout(self._consent_box)
        agreed.setContentsMargins(INSIDE, GRID, INSIDE, GRID)
        agreed.setSpacing(4)
        agreed.addWidget(self.terms)
        agreed.addWidget(self.consent)
        self._address_row = FormRow("Web address", self.address)
        self._checksum_row = FormRow("Checksum", self.checksum)
        self._archive_row = FormRow("Archive", self.archive)
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(0, 0, GRID, 0)
        rows.setSpacing(BETWEEN)
        rows.addWidget(self.details)
        for widget in (self._consent_box, self._archive_row, self._address_row, self._checksum_row):
            rows.addWidget(widget)
        rows.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        return area

    def _connect(self) -> None:
        self.cards.chosen.connect(self._on_chosen)
        self.consent.toggled.connect(self._show)
        self.address.textChanged.connect(self._on_address)
        for changed in (self.checksum.textChanged, self.archive.changed, self.folder.changed):
            changed.connect(self._show)
        self.folder.typed.connect(self._on_folder_typed)
        self.fetch.clicked.connect(self._on_fetch)
        self.cancel.clicked.connect(self.reject)

    @property
    def _collection(self) -> Collection | None:
        """The chosen collection; None for an archive from elsewhere."""
        return self._known.get(self.cards.name)

    @property
    def _by_hand(self) -> bool:
        """Whether only a browser can fetch the archive."""
        return self._collection is not None and not self._collection.address

    def _on_chosen(self) -> None:
        one = self._collection
        self.details.show_collection(one)
        consent = one is not None and one.asks_for_consent
        self._consent_box.setVisible(consent)
        self.consent.setChecked(False)
        self.terms.setText(_TERMS.format(one.licence) if one is not None else "")
        self.consent.setAccessibleDescription(self.terms.text())
        self._archive_row.setVisible(self._by_hand)
        for row in (self._address_row, self._checksum_row):
            row.setVisible(one is None)
        self._suggest_folder()
        self._show()

    def _on_address(self) -> None:
        self._suggest_folder()
        self._show()

    def _on_folder_typed(self) -> None:
        self._own_folder = True

    def _suggest_folder(self) -> None:
        """Name the folder after what is fetched; a folder that was typed keeps its parent."""
        typed = self.folder.path
        if self._own_folder and typed is not None:
            self._base = typed.parent
        self._own_folder = False
        self.folder.line.setText(str(self._base / self._folder_name()))

    def _folder_name(self) -> str:
        if self._collection is not None:
            return self._collection.name
        name = PurePosixPath(urlsplit(self._web_address()).path).name
        return name.partition(".")[0] or _UNNAMED

    def _web_address(self) -> str:
        text = self.address.text().strip()
        return text if "://" in text or not text else f"https://{text}"

    def _ask_archive(self) -> str:
        return QFileDialog.getOpenFileName(self, "The downloaded archive", "", _ARCHIVES)[0]

    def _ask_folder(self) -> str:
        chosen = QFileDialog.getExistingDirectory(self, "Where the folder of the collection is to be", str(self._base))
        if not chosen:
            return ""
        self._base = Path(chosen)
        self._own_folder = False
        return str(self._base / self._folder_name())

    def _missing(self) -> str:
        """What is still to be done before it can be fetched, in a sentence; empty for nothing."""
        one = self._collection
        if one is None and not self.address.text().strip():
            return "Give the address of an archive."
        if self._by_hand and self.archive.path is None:
            return "Name the archive that you fetched from its page."
        if one is not None and one.asks_for_consent and not self.consent.isChecked():
            return "Accept the licence to fetch it."
        return "Choose a folder for its music." if self.folder.path is None else ""

    def _wanted(self) -> CollectConfig:
        """What the fields say.

        Raises:
            UsageError: The checksum is none.
        """
        one = self._collection
        folder = self.folder.path
        return CollectConfig(
            what=one.name if one is not None else self._web_address(),
            out=self._base if folder is None else self._base / folder,
            accept_licence=self.consent.isChecked(),
            sha256="" if one is not None else self.checksum.text().strip(),
            archive=self.archive.path if self._by_hand else None,
        )

    def _show(self) -> None:
        """Say what is missing, or else what is there already."""
        missing = self._missing()
        self.fetch.setEnabled(not missing)
        if missing:
            self._tell(missing)
            return
        try:
            self._tell(_standing_words(standing(self._wanted())))
        except UsageError:
            # Told when it is asked for: a person may still be typing.
            self._tell("")

    def _tell(self, sentence: str, kind: str = "secondary") -> None:
        set_kind(self.told, kind)
        self.told.setText(sentence)

    def _on_fetch(self) -> None:
        try:
            config = self._wanted()
            standing(config)
        except UsageError as error:
            self._tell(str(error), "bad")
            return
        self.config = config
        self.accept()


def _standing_words(found: Standing) -> str:
    if found.there is not None:
        return f"It is there already, {found.there.music:,} files; Fetch adds it to the sources."
    if found.kept:
        return f"{megabytes(found.kept)} of it are here already; Fetch goes on from there."
    return ""
