"""Finds in the notation library's own form of a score (MEI) what its MIDI leaves out, and writes velocities into it."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from musicgen_app.notation.dynamics import Dynamics, Hairpin, Mark, marks_in

_NS = "{http://www.music-encoding.org/ns/mei}"
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_ORNAMENTS = ("trill", "mordent", "turn", "ornam")
_ACCENTED = {"acc": 12, "marc": 20}
_LOUDEST = 127
_TO_END = re.compile(r"(?:(\d+)m\+)?([\d.]+)$")


@dataclass(slots=True)
class Timed:
    """When things begin, in quarter notes, and the last note ends; what is repeated counts where it stands first."""

    notes: dict[str, float] = field(default_factory=dict)
    bars: dict[str, float] = field(default_factory=dict)
    end: float = 0.0

    @classmethod
    def of(cls, timemap: Sequence[Mapping[str, Any]]) -> "Timed":
        """Read the library's table of moments."""
        timed = cls()
        for moment in timemap:
            at = float(moment["qstamp"])
            if moment.get("off"):
                timed.end = max(timed.end, at)
            for identity in (*moment.get("on", ()), *moment.get("restsOn", ())):
                timed.notes.setdefault(identity, at)
            if "measureOn" in moment:
                timed.bars.setdefault(moment["measureOn"], at)
        return timed


@dataclass(frozen=True, slots=True)
class Played:
    """A score with velocities.

    Attributes:
        text: The MEI with velocities in it.
        dynamics: Number of levels, accents and hairpins.
        ornaments: Number of ornaments that are not played out.
        tempo: Whether a tempo in numbers is given anywhere.
    """

    text: str
    dynamics: int
    ornaments: int
    tempo: bool


def with_velocities(text: str, timed: Timed) -> Played:
    """Give every note of a score the velocity its dynamics ask for.

    Args:
        text: MEI as the library writes it.
        timed: When its notes and bars begin.
    """
    ET.register_namespace("", _NS[1:-1])
    root = ET.fromstring(text)
    signs = [sign for bar in _Bars(root, timed) for sign in bar.signs()]
    marks = [sign for sign in signs if isinstance(sign, Mark)]
    pins = [sign for sign in signs if isinstance(sign, Hairpin)]
    dynamics = Dynamics(marks, pins, _groups(root))
    for staff in root.iter(f"{_NS}staff"):
        _set_velocities(staff, dynamics, timed)
    kinds = Counter(element.tag.removeprefix(_NS) for element in root.iter())
    tempo = any(name in element.attrib for element in root.iter() for name in ("midi.bpm", "mm", "midi.mspb"))
    return Played(ET.tostring(root, encoding="unicode"), len(signs), sum(kinds[name] for name in _ORNAMENTS), tempo)


def _set_velocities(staff: ET.Element, dynamics: Dynamics, timed: Timed) -> None:
    number = _whole(staff.get("n"), 1)
    for parent in staff.iter():
        chord = parent.tag == f"{_NS}chord"
        louder = _accent(parent) if chord else 0
        notes = {note: timed.notes.get(note.get(_ID, "")) for note in parent.findall(f"{_NS}note")}
        # The library spreads arpeggios; what is written at a chord is meant for all of its notes.
        first = min((onset for onset in notes.values() if onset is not None), default=None)
        for note, own in notes.items():
            onset = first if chord else own
            if onset is not None:
                velocity = dynamics.velocity(number, onset) + max(louder, _accent(note))
                note.set("vel", str(min(velocity, _LOUDEST)))


def _accent(element: ET.Element) -> int:
    """How much louder its articulation makes a note or chord."""
    words = [*element.get("artic", "").split()]
    for sign in element.findall(f"{_NS}artic"):
        words += sign.get("artic", "").split()
    return max((_ACCENTED.get(word, 0) for word in words), default=0)


def _groups(root: ET.Element) -> dict[int, frozenset[int]]:
    """The staves that a brace joins to one instrument."""
    found: dict[int, frozenset[int]] = {}
    for group in root.iter(f"{_NS}staffGrp"):
        signs = group.findall(f"{_NS}grpSym")
        if group.get("symbol") == "brace" or any(sign.get("symbol") == "brace" for sign in signs):
            staves = frozenset(_whole(staff.get("n"), 0) for staff in group.findall(f"{_NS}staffDef"))
            found.update(dict.fromkeys(staves, staves))
    return found


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar: where it begins, how long its beat is, and the bars from it on."""

    element: ET.Element
    onset: float
    beat: float
    number: int
    bars: "_Bars"

    def signs(self) -> Iterator[Mark | Hairpin]:
        """The dynamics written in it."""
        for element in self.element:
            kind = element.tag.removeprefix(_NS)
            if kind not in ("dynam", "hairpin", "dir"):
                continue
            onset = self._onset(element)
            if onset is None:
                continue
            end, staves = self._end(element), self._staves(element)
            if kind == "hairpin":
                louder = element.get("form") == "cres"
                yield Hairpin(onset, end, staves, louder)
                continue
            for sign in marks_in("".join(element.itertext()), onset, end, staves):
                # Other words than dynamics may hold a lone "p" or "f"; a "cresc." is meant wherever it stands.
                if kind == "dynam" or isinstance(sign, Hairpin):
                    yield sign

    def _onset(self, element: ET.Element) -> float | None:
        if "tstamp" in element.attrib:
            return self.onset + (_number(element.get("tstamp"), 1.0) - 1) * self.beat
        return self.bars.timed_at(element.get("startid", ""))

    def _end(self, element: ET.Element) -> float | None:
        found = _TO_END.match(element.get("tstamp2", ""))
        if found is None:
            return self.bars.timed_at(element.get("endid", ""))
        bar = self.bars.at(self.number + int(found[1] or 0))
        return None if bar is None else bar.onset + (float(found[2]) - 1) * bar.beat

    def _staves(self, element: ET.Element) -> frozenset[int]:
        named = frozenset(_whole(word, 0) for word in element.get("staff", "").split())
        return named or frozenset(self.bars.staff_of(element.get("startid", "")))


class _Bars:
    """The bars of a score, in the order in which they are written."""

    def __init__(self, root: ET.Element, timed: Timed) -> None:
        self._timed = timed
        self._bars: list[_Bar] = []
        self._first_notes: dict[str, str] = {}
        self._staff: dict[str, int] = {}
        beat = 1.0
        for element in root.iter():
            kind = element.tag.removeprefix(_NS)
            unit = element.get("unit") if kind == "meterSig" else element.get("meter.unit")
            if unit is not None:
                beat = 4 / max(1, _whole(unit, 4))
            elif kind == "measure" and element.get(_ID, "") in timed.bars:
                self._bars.append(_Bar(element, timed.bars[element.get(_ID, "")], beat, len(self._bars), self))
            elif kind == "staff":
                self._learn(element)

    def _learn(self, staff: ET.Element) -> None:
        number = _whole(staff.get("n"), 1)
        for element in staff.iter():
            self._staff[element.get(_ID, "")] = number
            if element.tag == f"{_NS}chord":
                note = element.find(f"{_NS}note")
                self._first_notes[element.get(_ID, "")] = "" if note is None else note.get(_ID, "")

    def __iter__(self) -> Iterator[_Bar]:
        return iter(self._bars)

    def at(self, number: int) -> _Bar | None:
        """The bar of that number, or the last one."""
        return self._bars[min(number, len(self._bars) - 1)] if self._bars else None

    def timed_at(self, reference: str) -> float | None:
        """When a note, rest or chord begins, by a reference to it."""
        identity = reference.removeprefix("#")
        return self._timed.notes.get(self._first_notes.get(identity, identity))

    def staff_of(self, reference: str) -> tuple[int, ...]:
        """The staff it stands in; all of them where that is not known."""
        identity = reference.removeprefix("#")
        return (self._staff[identity],) if identity in self._staff else tuple(set(self._staff.values()))


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isdecimal() else otherwise


def _number(text: str | None, otherwise: float) -> float:
    try:
        return float(text or "")
    except ValueError:
        return otherwise
