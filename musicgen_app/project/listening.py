"""Blind listening tests of a project: which of two runs was preferred in each round, kept so that rounds add up."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from musicgen_app.core.errors import ProjectError
from musicgen_app.core.preference import Tally, wilson
from musicgen_app.project.store import Fields, read_json, write_json

LISTENING = "listening"
"""Folder of the project in which they lie, a file for each pair of runs."""
VERSION = 1
FIRST, SECOND, SAME = "A", "B", "same"
ANSWERS = (FIRST, SECOND, SAME)
"""What can be answered: the music that was heard as A, that heard as B, or no difference."""
_SURE = 0.05


@dataclass(frozen=True, slots=True)
class Round:
    """One round that was answered.

    Attributes:
        number: It counts on over all sessions of a pair, from 1, and decides which music is heard.
        first: Number of the run that was heard as A.
        answer: One of ``ANSWERS``.
    """

    number: int
    first: int
    answer: str


@dataclass(frozen=True, slots=True)
class Session:
    """Rounds that were heard one after the other.

    Attributes:
        id: Its name; one that is kept again takes the place of the one before.
        begun: When, as ISO 8601.
        runs: Both runs, the lower number first.
        music: What made the music of each (the digest of its model or output): only like is added to like.
        planned: Rounds that were planned.
        rounds: Those that were answered.
    """

    id: str
    begun: str
    runs: tuple[int, int]
    music: tuple[str, str]
    planned: int
    rounds: tuple[Round, ...] = ()

    @property
    def stopped(self) -> bool:
        """Whether it was stopped before all rounds were answered."""
        return len(self.rounds) < self.planned

    def tally(self) -> Tally:
        """Rounds in which each of the two runs was preferred, and ties."""
        first = sum(_preferred(one, self.runs) == self.runs[0] for one in self.rounds)
        ties = sum(one.answer == SAME for one in self.rounds)
        return Tally(first, len(self.rounds) - first - ties, ties)


def read_sessions(project: Path, runs: tuple[int, int]) -> tuple[Session, ...]:
    """The sessions of a pair of runs, oldest first; what is damaged counts as not there.

    Args:
        project: The project's folder.
        runs: The lower number first.
    """
    path = _file(project, runs)
    try:
        found: list[object] = Fields(read_json(path), path.name).take("sessions", list, []) if path.is_file() else []
        return tuple(_session(Fields(one, path.name)) for one in found if isinstance(one, Mapping))
    except ProjectError:
        return ()


def keep_session(project: Path, session: Session) -> tuple[Session, ...]:
    """Add a session to those of its pair, and return all of them.

    Raises:
        ProjectError: It cannot be written.
    """
    others = (one for one in read_sessions(project, session.runs) if one.id != session.id)
    sessions = (*others, session)
    contents = {"version": VERSION, "runs": list(session.runs), "sessions": [asdict(one) for one in sessions]}
    write_json(_file(project, session.runs), contents)
    return sessions


def whole_tally(sessions: tuple[Session, ...], music: tuple[str, str]) -> Tally:
    """What all sessions with the same music come to."""
    return sum((one.tally() for one in sessions if one.music == music), Tally(0, 0))


def next_round(sessions: tuple[Session, ...]) -> int:
    """The number of the first round that was not heard yet."""
    return 1 + max((one.number for session in sessions for one in session.rounds), default=0)


def tally_words(tally: Tally, names: tuple[str, str]) -> str:
    """A tally in plain sentences: who was preferred how often, and whether that may be chance.

    Args:
        tally: Of two runs.
        names: What to call them.
    """
    ties = "" if not tally.ties else f" In {_rounds(tally.ties)} you heard no difference."
    if tally.decided == 0:
        return f"No round was decided.{ties}"
    if tally.first == tally.second:
        return f"You preferred each in {tally.first} of {tally.decided} decided rounds.{ties}"
    most, name = (tally.first, names[0]) if tally.first > tally.second else (tally.second, names[1])
    low, high = wilson(most, tally.decided)
    chance = "that may be chance" if tally.p_value > _SURE else "chance alone seldom does that"
    decided = f"{tally.decided} decided {'round' if tally.decided == 1 else 'rounds'}"
    return (
        f"You preferred {name} in {most} of {decided}; {chance} "
        f"(95 % interval {low * 100:.0f} to {high * 100:.0f} %, p = {tally.p_value:.2g}).{ties}"
    )


def _preferred(one: Round, runs: tuple[int, int]) -> int | None:
    """The run that was preferred; None where no difference was heard."""
    if one.answer == SAME:
        return None
    second = runs[1] if one.first == runs[0] else runs[0]
    return one.first if one.answer == FIRST else second


def _rounds(count: int) -> str:
    return f"{count} {'round' if count == 1 else 'rounds'}"


def _file(project: Path, runs: tuple[int, int]) -> Path:
    return project / LISTENING / f"{runs[0]:04d}-{runs[1]:04d}.json"


def _session(given: Fields) -> Session:
    runs, music = given.take("runs", list, []), given.texts("music")
    rounds: list[object] = given.take("rounds", list, [])
    if len(runs) != 2 or len(music) != 2:
        raise ProjectError("A listening test is damaged.", "Put back a copy of the file.")
    return Session(
        id=given.take("id", str, ""),
        begun=given.take("begun", str, ""),
        runs=(int(runs[0]), int(runs[1])),
        music=(music[0], music[1]),
        planned=given.take("planned", int, 0),
        rounds=tuple(_round(Fields(one, LISTENING)) for one in rounds if isinstance(one, Mapping)),
    )


def _round(given: Fields) -> Round:
    found = Round(given.take("number", int, 0), given.take("first", int, 0), given.take("answer", str, ""))
    if found.answer not in ANSWERS:
        raise ProjectError("A listening test is damaged.", "Put back a copy of the file.")
    return found
