"""What was found out about the output of a run: what of it is copied, and its habits. Kept in the run's folder."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from musicgen_app.core.errors import ProjectError
from musicgen_app.generation.habits import Habits, Loop
from musicgen_app.generation.originality import RUN_SIZES
from musicgen_app.project.store import Fields, read_json, write_json

VERDICT_FILE = "verdict.json"
VERDICT_VERSION = 1
TOKENS, NOTES = "tokens", "notes"


@dataclass(frozen=True, slots=True)
class Copied:
    """What of an output stands in a reference too.

    Attributes:
        unit: ``TOKENS`` of the seeds, compared as they sound, or ``NOTES``, compared in any key and tempo.
        total: So many were looked at.
        longest: In the longest run; 0 where there is none.
        first: The one of the output that run begins with, counted from 0.
        piece: The piece of the reference it stands in; empty where the reference does not know its pieces.
        place: Its first token or note there, counted from 0.
        bar: The bar of that; None where there are no bars.
        same_rhythm: Whether the rhythm is that of the reference too; tokens have none, so it is False there.
        usual: So many notes in a row do composers share at most; None where that was not measured.
        shares: Part of all that stands in runs of so many or more, by the number as text.
        list_name: The list of tokens the place is counted in; empty where it is counted in the piece.
        within: Its first token in the piece, counted from 0; None where that is not known.
        piece_tokens: Tokens of the piece; 0 where that is not known.
        goes_on: The piece the run goes on into; empty where it ends in the one it begins in.
    """

    unit: str
    total: int
    longest: int
    first: int
    piece: str
    place: int
    bar: int | None
    same_rhythm: bool
    usual: int | None
    shares: Mapping[str, float]
    list_name: str = ""
    within: int | None = None
    piece_tokens: int = 0
    goes_on: str = ""

    @property
    def share(self) -> float:
        """Part of all that stands in runs that are worth counting."""
        return self.shares[str(RUN_SIZES[0])]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about one output.

    Attributes:
        output: The name of its file.
        digest: SHA-256 of its content; another output has no verdict yet.
        against: What it was held against, by name.
        judged: When, as ISO 8601.
        copied: What of it is copied.
        habits: Its score, counted in the file itself, and where it repeats itself.
        where: The place of what it was held against: inside the project, or anywhere; empty where that is not known.
    """

    output: str
    digest: str
    against: str
    judged: str
    copied: Copied
    habits: Habits
    where: str = ""


def digest_of(output: Path) -> str:
    """The digest of an output; empty where it cannot be read."""
    try:
        return hashlib.sha256(output.read_bytes()).hexdigest()
    except OSError:
        return ""


def write_verdict(folder: Path, verdict: Verdict) -> None:
    """Keep a verdict in the folder of its run.

    Raises:
        ProjectError: It could not be written.
    """
    write_json(folder / VERDICT_FILE, {"version": VERDICT_VERSION, **asdict(verdict)})


def read_verdict(folder: Path, output: Path | None) -> Verdict | None:
    """The verdict on the output of a run; None where there is none, or where it is about another output."""
    path = folder / VERDICT_FILE
    if output is None or not path.is_file():
        return None
    try:
        verdict = _verdict(read_json(path))
    except ProjectError:
        return None
    return verdict if verdict is not None and verdict.digest == digest_of(output) else None


def _verdict(contents: dict[str, object]) -> Verdict | None:
    if contents.get("version") != VERDICT_VERSION:
        return None
    given = Fields(contents, VERDICT_FILE)
    copied, habits = given.section("copied"), given.section("habits")
    shares = copied.section("shares")
    return Verdict(
        output=given.take("output", str, ""),
        digest=given.take("digest", str, ""),
        against=given.take("against", str, ""),
        judged=given.take("judged", str, ""),
        copied=Copied(
            unit=copied.take("unit", str, TOKENS),
            total=copied.take("total", int, 0),
            longest=copied.take("longest", int, 0),
            first=copied.take("first", int, 0),
            piece=copied.take("piece", str, ""),
            place=copied.take("place", int, 0),
            bar=copied.optional("bar", int),
            same_rhythm=copied.take("same_rhythm", bool, False),
            usual=copied.optional("usual", int),
            shares={str(size): shares.take(str(size), float, 0.0) for size in RUN_SIZES},
            list_name=copied.take("list_name", str, ""),
            within=copied.optional("within", int),
            piece_tokens=copied.take("piece_tokens", int, 0),
            goes_on=copied.take("goes_on", str, ""),
        ),
        where=given.take("where", str, ""),
        habits=Habits(
            tokens=habits.take("tokens", int, 0),
            score=habits.take("score", float, 0.0),
            loop=_loop(habits),
            stuck=habits.take("stuck", int, 0),
        ),
    )


def _loop(habits: Fields) -> Loop | None:
    loop = habits.optional("loop", dict)
    if loop is None:
        return None
    given = Fields(loop, VERDICT_FILE)
    period, tokens, first = (given.take(name, int, 0) for name in ("period", "tokens", "first"))
    return Loop(period, tokens, first, given.take("at_end", bool, False))
