"""One line of the table of files: what the library knows of a file, and what a person has decided about it. No Qt."""

from dataclasses import dataclass
from pathlib import Path

from musicgen_app.dataset.library import LibraryRow
from musicgen_app.dataset.library_tables import MISSING, WAITING
from musicgen_app.dataset.recipe import AS_IT_IS, FileEdit
from musicgen_app.workflow.inspect import FileFacts

SIDES = {"train": "Training", "validation": "Validation", "test": "Test"}
"""What a data set uses a file for, in words."""
ICONS = {
    "good": "circle-check",
    "warn": "triangle-alert",
    "bad": "circle-x",
    "out": "minus",
    "wait": "hourglass",
    "gone": "circle-alert",
}
"""Icons of the verdicts."""
COLOURS = {"good": "good", "warn": "warn", "bad": "bad", "out": "secondary", "wait": "secondary", "gone": "warn"}
"""Their colours."""
_UNREADABLE = "set aside: cannot be read"
"""How a verdict begins whose reason is a whole sentence."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a file beyond the file itself.

    Attributes:
        title, composer, key, licence: As far as they are known.
        use: What the prepared data set uses it for: "train", "validation", "test", why it is not in it, or nothing.
        state: One of the states of ``library_tables``; None for a file that is in no library.
        edit: What a person has decided.
        number: Its number in the library; -1 where it is in none.
    """

    title: str = ""
    composer: str = ""
    key: str = ""
    licence: str = ""
    use: str = ""
    state: int | None = None
    edit: FileEdit = AS_IT_IS
    number: int = -1


@dataclass(frozen=True, slots=True)
class FileRow:
    """One line of the table; ``kin`` says which files are the same music or work, in sentences."""

    facts: FileFacts
    known: Known = Known()
    kin: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: LibraryRow, edit: FileEdit, verdict: str = "") -> "FileRow":
        """The line of a file of the library; ``verdict`` takes the place of that of a duplicate."""
        facts = FileFacts(
            file=str(row.file),
            ok=not row.error,
            notes=row.notes,
            tracks=row.tracks,
            seconds=row.seconds,
            findings=row.findings,
            error=row.error,
            title=row.title,
            verdict=verdict or row.verdict,
            polyphony=row.polyphony,
            signs=tuple(row.signs.split()),
        )
        title, composer, key = edit.title, edit.composer or row.composer, edit.key or row.key
        return cls(facts, Known(title, composer, key, row.licence, row.side, row.state, edit, row.id))

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.facts.file)

    @property
    def title(self) -> str:
        """The piece's title, or the file's name where it has none."""
        return self.known.title or self.facts.title or self.path.stem

    @property
    def verdict(self) -> str:
        """One of ``ICONS``."""
        if self.known.state == MISSING:
            return "gone"
        if self.known.edit.excluded:
            return "out"
        if self.known.state == WAITING and not self.facts.verdict:
            return "wait"
        if not self.facts.usable:
            return "bad"
        return "good" if self.facts.verdict == "ready" else "warn"

    @property
    def words(self) -> str:
        """The verdict in words."""
        told = {"gone": "Missing", "out": "Excluded by you", "wait": "Waiting to be read"}.get(self.verdict)
        if told is not None:
            return told
        if self.facts.verdict.startswith(_UNREADABLE):
            return "Unreadable"
        return self.facts.verdict[:1].upper() + self.facts.verdict[1:]

    @property
    def short_words(self) -> str:
        """The verdict where there is little room: of a file that is set aside only why."""
        if self.verdict in ("gone", "wait"):
            return {"gone": "Missing", "wait": "Waiting"}[self.verdict]
        if self.verdict == "out":
            return "Excluded"
        reason = self.facts.verdict.removeprefix("set aside: ").split(" (")[0]
        return self.words if self.facts.verdict.startswith(_UNREADABLE) else reason[:1].upper() + reason[1:]

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that is to be said of it, and what would help."""
        told = [self.facts.error] if self.facts.error else []
        if self.known.state == MISSING:
            told.append(f"It is not in {self.path.parent} any more. Put it back and rescan, or leave it out.")
        if self.known.use and self.known.use not in SIDES:
            told.append(f"The prepared data set does not use it: {self.known.use}.")
        if self.facts.help and not self.facts.error:  # an error says itself what to do
            told.append(self.facts.help)
        return (*told, *self.kin, *self.facts.findings)

    @property
    def side(self) -> str:
        """What the data set uses the file for, in words."""
        if self.known.use:
            return SIDES.get(self.known.use, "Not used")
        return ""


def length_words(seconds: float) -> str:
    """A length as minutes and seconds, or hours where it is long."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
    return f"{whole // 60}:{whole % 60:02}"
