"""A verdict on every file: what can be used, what had to be repaired, what is set aside and why."""

from dataclasses import dataclass, replace
from typing import Literal

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.errors import MusicgenError
from musicgen_app.core.score import Score

Health = Literal["ready", "repaired", "set aside"]

FEWEST_NOTES = 16
"""Below this a file says nothing about music."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the doctor says of one file.

    Attributes:
        health: "ready", "repaired" (usable, with findings) or "set aside".
        reason: Why it is set aside; empty otherwise.
        findings: What the reader repaired or left out, in sentences.
    """

    health: Health
    reason: str = ""
    findings: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether the file goes into a data set."""
        return self.health != "set aside"

    @property
    def words(self) -> str:
        """The verdict in a few words."""
        return f"set aside: {self.reason}" if self.reason else self.health

    def set_aside(self, reason: str) -> "Diagnosis":
        """The same file, found to be of no use after all."""
        return replace(self, health="set aside", reason=reason)

    def with_finding(self, finding: str) -> "Diagnosis":
        """The same file with one more finding."""
        health: Health = "repaired" if self.usable else "set aside"
        return replace(self, health=health, findings=(*self.findings, finding))

    def noted(self, remark: str) -> "Diagnosis":
        """The same file with something said of it that is no fault."""
        return replace(self, findings=(*self.findings, remark))


def examine(score: Score, findings: tuple[str, ...]) -> Diagnosis:
    """The verdict on a file that could be read.

    Args:
        score: What was read.
        findings: What the reader had to say about it.
    """
    found = Diagnosis("repaired" if findings else "ready", findings=findings)
    notes = len(piano_notes(score))
    if len(score.notes) == 0:
        return found.set_aside("no notes")
    if notes == 0:
        return found.set_aside("drums only")
    if notes < FEWEST_NOTES:
        return found.set_aside(f"too short ({notes} {'note' if notes == 1 else 'notes'}, {FEWEST_NOTES} are needed)")
    return found


def unreadable(error: MusicgenError) -> Diagnosis:
    """The verdict on a file that could not be read."""
    return Diagnosis("set aside", f"cannot be read. {error.message}")
