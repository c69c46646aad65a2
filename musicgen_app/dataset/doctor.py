"""A verdict on every file: what can be used, what was repaired, what is set aside and why, and what would help."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from musicgen_app.core.analysis import piano_notes
from musicgen_app.core.errors import MidiReadError, MusicgenError
from musicgen_app.core.score import Score
from musicgen_app.dataset import signs
from musicgen_app.dataset.parts import PIANO, Parts, left_out_words, names_of, pick
from musicgen_app.dataset.signs import Sign, signs_of

Health = Literal["ready", "repaired", "set aside"]

FEWEST_NOTES = 16
"""Below this a file says nothing about music."""

SIGNS = signs.SIGNS
"""Names of what may be unusual about usable music, and what would help."""

NO_PIANO, NONE_CHOSEN = "no piano", "none of the programs chosen"
"""How the reason begins why a file is set aside that has music for other instruments only."""

_ASIDE = "set aside: "
_DOWNLOAD = "Download or copy it again: what was saved is not the file itself."
_EXPORT = "Open it in the program that made it, and export it as MIDI (.mid)."
HELP: Mapping[str, str] = MappingProxyType(
    {
        "not MIDI (it seems to be a web page": _DOWNLOAD,
        "not MIDI (it seems to be a leftover": "Leave it out: the music itself lies in another folder of that server.",
        "not MIDI (it holds nothing but zeros": _DOWNLOAD,
        "not MIDI (it seems to be a ZIP": "Unpack it, and add what is inside.",
        "not MIDI (it seems to be a RAR": "Unpack it, and add what is inside.",
        "not MIDI (it seems to be a 7-Zip": "Unpack it, and add what is inside.",
        "not MIDI (it seems to be a gzip": "Unpack it, and add what is inside.",
        "not MIDI (it seems to be a Cakewalk": _EXPORT,
        "not MIDI (it seems to be a score": _EXPORT,
        "not MIDI (it seems to be a MuseScore": _EXPORT,
        "not MIDI (it seems to be a MusicXML": "Name it .musicxml: notation is read too.",
        "not MIDI (it seems to be an ABC": "Name it .abc: notation is read too.",
        "not MIDI": "Choose a file that was saved or exported as MIDI (.mid).",
        "empty": "Download or copy it again: nothing of it has arrived.",
        "damaged": "Download or copy it again: no note is left in what is there.",
        "no notes": "Leave it out: it holds settings or words, but no music.",
        "drums only": "Choose a file with a piano in it. Channel 10 means drums, whatever is written there.",
        NO_PIANO: "Choose its instruments to use it: Instruments in the window, --programs in commands.",
        NONE_CHOSEN: "Choose its instruments too, or all but drums.",
        "too short": "Choose longer pieces, or join short ones into one file.",
        "it has the same notes as": "Nothing needs to be done: its music is in the data set once.",
        "the seed read only the first part": "Let all parts be read: take the tick away from First part only.",
    }
)
"""What would help, by how the reason begins; the longest beginning counts."""

_NO_TRACK_LEFT = re.compile(r"none is there|breaks? off|(?:is|are) damaged|ends? in the middle|not MIDI; skipped")
"""What the reader says of files whose music was lost, and of none that never had any."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the doctor says of one file.

    Attributes:
        health: "ready", "repaired" (usable, with findings) or "set aside".
        reason: Why it is set aside; empty otherwise.
        findings: What the reader repaired or left out, and what is to be remarked, in sentences.
        signs: What is unusual about its music, names out of ``SIGNS``; their sentences are among the findings.
    """

    health: Health
    reason: str = ""
    findings: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether the file goes into a data set."""
        return self.health != "set aside"

    @property
    def words(self) -> str:
        """The verdict in a few words."""
        return f"{_ASIDE}{self.reason}" if self.reason else self.health

    @property
    def help(self) -> str:
        """What would help a file that is set aside; empty where nobody knows."""
        return help_for(self.words)

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

    def showing(self, sign: Sign) -> "Diagnosis":
        """The same file with what is unusual about its music and what would help; it is no fault either."""
        return replace(self.noted(f"{sign.sentence} {SIGNS[sign.name]}"), signs=(*self.signs, sign.name))


def help_for(verdict: str) -> str:
    """What would help a file with such a verdict; empty where it needs none, or nobody knows."""
    reason = verdict.removeprefix(_ASIDE)
    beginnings = [beginning for beginning in HELP if verdict != reason and reason.startswith(beginning)]
    return HELP[max(beginnings, key=len)] if beginnings else ""


def examine(score: Score, findings: tuple[str, ...]) -> Diagnosis:
    """The verdict on a file that could be read.

    Args:
        score: What was read.
        findings: What the reader had to say about it.
    """
    found = Diagnosis("repaired" if findings else "ready", findings=findings)
    notes = len(piano_notes(score))
    if len(score.notes) == 0:
        lost = next((sentence for sentence in findings if _NO_TRACK_LEFT.search(sentence)), "")
        return found.set_aside(f"damaged ({lost[:1].lower()}{lost[1:-1]})" if lost else "no notes")
    if notes == 0:
        return found.set_aside("drums only")
    if notes < FEWEST_NOTES:
        return found.set_aside(f"too short ({notes} {'note' if notes == 1 else 'notes'}, {FEWEST_NOTES} are needed)")
    return found


def judge(
    score: Score, findings: tuple[str, ...], parts: Parts = PIANO, tempo_named: bool = True
) -> tuple[Score, Diagnosis]:
    """The music of a file that is meant, and the verdict on that; all of it where the file is set aside.

    Args:
        score: What was read.
        findings: What the reader had to say about it.
        parts: Which tracks are meant.
        tempo_named: Whether the file says how fast it is.
    """
    whole = examine(score, findings)
    if not whole.usable:
        return score, whole
    picked = pick(score, parts)
    if not len(picked.score.notes):
        names = names_of(picked.left_out)
        return score, whole.set_aside(f"{NONE_CHOSEN if parts.programs else NO_PIANO} ({names})")
    found = examine(picked.score, findings)
    if picked.left_out:
        found = found.noted(left_out_words(picked.left_out))
    return picked.score if found.usable else score, remark(found, picked.score, tempo_named)


def remark(diagnosis: Diagnosis, score: Score, tempo_named: bool = True) -> Diagnosis:
    """The verdict with what is unusual about music that can be used; of other music nothing is said.

    Args:
        diagnosis: The verdict on the score.
        score: What was read.
        tempo_named: Whether the file says how fast it is.
    """
    for sign in signs_of(score, tempo_named) if diagnosis.usable else ():
        diagnosis = diagnosis.showing(sign)
    return diagnosis


def unreadable(error: MusicgenError) -> Diagnosis:
    """The verdict on a file that could not be read."""
    kind = error.kind if isinstance(error, MidiReadError) else ""
    return Diagnosis("set aside", kind or f"cannot be read. {error.message}")
