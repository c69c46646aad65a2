"""Makes a data set again from what its folder says it was made of, and compares the two."""

import time
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import musicgen_app
from musicgen_app.core.errors import RecipeError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.publish import check_place
from musicgen_app.dataset.recipe import RECIPE, Recipe, edit_of, read_contents, recipe_from
from musicgen_app.dataset.sources import Source
from musicgen_app.dataset.stored_text import decoded
from musicgen_app.workflow.prepare import NOT_SETTINGS, PrepareConfig, PreparedReport, prepare_given
from musicgen_app.workflow.reading import Readers, read_here
from musicgen_app.workflow.recipe import MADE, GivenFiles, digest_of

COMPARING = "Comparing files"
State = Literal["same", "changed", "missing", "excluded"]
_AGAIN = "Prepare the data set again; then it says what it was made of."


@dataclass(frozen=True, slots=True)
class RebuildRequest:
    """What to make again.

    Attributes:
        dataset: The data set.
        out: Where the new one goes.
        moved: Where its folders are now, if they are not where they were: the folders themselves, or what holds them.

    Raises:
        UsageError: The new one would take the place of the old one.
    """

    dataset: Path
    out: Path
    moved: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if self.out.resolve() == self.dataset.resolve():
            raise UsageError("The new data set would replace the one it is compared with.", "Choose another folder.")


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What came of it.

    Attributes:
        recorded, fingerprint: Of the data set that was there, and of the new one.
        equal: Whether they are the same.
        files: Each file that was used, by its key: "same", "changed" (other bytes), "missing", or "excluded" (not read
            then, and not now).
        reasons: Why they differ, in sentences; also what has changed without a difference.
        prepared: All that is said of the new one.
    """

    recorded: str
    fingerprint: str
    equal: bool
    files: Mapping[str, str]
    reasons: tuple[str, ...]
    prepared: PreparedReport

    def summary(self) -> str:
        """The result in a few lines."""
        lines = [f"{key}: {state}" for key, state in self.files.items() if state in ("changed", "missing")]
        verdict = "The data sets are equal" if self.equal else "The data sets differ"
        return "\n".join([self.prepared.summary(), *lines, *self.reasons, f"{verdict} ({self.fingerprint[:16]})."])


@dataclass(frozen=True, slots=True)
class _Record:
    """What a data set says it was made of.

    Attributes:
        recipe: What was decided.
        settings: Of ``PrepareConfig``.
        folders: By what they are called in keys.
        files: SHA-256 by key, in their order.
        fingerprint: What came of it.
        program: The version of the program.
    """

    recipe: Recipe
    settings: Mapping[str, Any]
    folders: Mapping[str, Path]
    files: Mapping[str, str]
    fingerprint: str
    program: str


def rebuild(
    request: RebuildRequest,
    report: Report,
    cancel: CancelToken,
    now: Callable[[], float] = time.monotonic,
    readers: Readers = read_here,
) -> RebuildReport:
    """Make a data set again from the same files with the same settings and decisions.

    Files that came to its folders later are left alone. Whoever reads the files, what comes of it is the same.

    Raises:
        Cancelled: Stopped on request.
        RecipeError: The data set does not say what it was made of.
        UsageError: A folder is not where it was, or something else stands at ``request.out``.
        DatasetError: No file can be used, or the data set cannot be written.
    """
    check_place(request.out)
    record = _read_record(request.dataset)
    folders = {label: _found(label, record, request.moved) for label in record.folders}
    sources = {key: _source(key, folders) for key in record.files}
    states: dict[str, State] = {}
    for index, (key, source) in enumerate(sources.items()):
        cancel.check()
        report(Progress(COMPARING, index, len(sources), None, source.path.name))
        states[key] = _state(source.path, record.files[key], edit_of(record.recipe, key).excluded)
    there = [key for key, state in states.items() if state != "missing"]
    given = GivenFiles(tuple(sources[key] for key in there), tuple(there), folders)
    config = PrepareConfig(tuple(folders.values()), request.out, recipe=record.recipe, **record.settings)
    prepared = prepare_given(config, given, report, cancel, now, readers)
    equal = prepared.fingerprint == record.fingerprint
    reasons = _reasons(list(states.values()), record.program, equal)
    return RebuildReport(record.fingerprint, prepared.fingerprint, equal, states, reasons, prepared)


def _state(path: Path, digest: str, excluded: bool) -> State:
    if excluded:
        return "excluded"
    if not path.is_file():
        return "missing"
    return "same" if digest_of(path) == digest else "changed"


def _reasons(states: list[State], program: str, equal: bool) -> tuple[str, ...]:
    said = []
    gone, changed = states.count("missing"), states.count("changed")
    if gone:
        said.append(f"{gone:,} files are gone." if gone > 1 else "1 file is gone.")
    if changed:
        said.append(f"{changed:,} files have changed." if changed > 1 else "1 file has changed.")
    if equal and said:
        said.append("Nothing that is learned has changed by it.")
    elif not equal and program != musicgen_app.__version__:
        said.append(f"It was made by version {program} of the program, this is {musicgen_app.__version__}.")
    elif not equal and not said:
        said.append("All files are as they were; the data set itself was changed, or the program.")
    return tuple(said)


def _found(label: str, record: _Record, moved: tuple[Path, ...]) -> Path:
    """Where a folder is now."""
    name = PurePosixPath(label).name
    for place in moved:
        if (place / name).is_dir():
            return place / name
        if place.is_dir() and (place.name == name or len(record.folders) == 1):
            return place
    if not record.folders[label].is_dir():
        raise UsageError(f"The folder {label} is not where it was.", "Say where it is with --from FOLDER.")
    return record.folders[label]


def _source(key: str, folders: Mapping[str, Path]) -> Source:
    """The file of a key."""
    label = max((one for one in folders if key.startswith(f"{one}/")), key=len, default=None)
    name = "" if label is None else decoded(key.removeprefix(f"{label}/"))
    inside = PurePosixPath(name)
    if label is None or not name or inside.is_absolute() or ".." in inside.parts:
        raise RecipeError(f"{RECIPE} is damaged: {key} lies in none of its folders.", _AGAIN)
    return Source(folders[label] / inside, name)


def _read_record(dataset: Path) -> _Record:
    path = dataset / RECIPE
    if not path.is_file():
        raise RecipeError(f"{dataset.name} does not say what it was made of.", _AGAIN)
    contents = read_contents(path)
    made = contents.get(MADE)
    if not isinstance(made, dict):
        raise RecipeError(f"{RECIPE} in {dataset.name} does not say what it was made of.", _AGAIN)
    texts = {name: _texts(made.get(name)) for name in ("sources", "files")}
    folders = {label: Path(decoded(place)) for label, place in texts["sources"].items()}
    fingerprint, program = made.get("fingerprint"), made.get("program", "")
    settings = made.get("settings")
    if not isinstance(fingerprint, str) or not isinstance(program, str) or not isinstance(settings, dict):
        raise _damaged()
    return _Record(recipe_from(contents, RECIPE), _settings(settings), folders, texts["files"], fingerprint, program)


def _texts(found: object) -> dict[str, str]:
    if not isinstance(found, dict) or not found or not all(isinstance(value, str) for value in found.values()):
        raise _damaged()
    return found


def _settings(found: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of ``PrepareConfig``; those it does not know are passed over."""
    usual = {one.name: one.default for one in fields(PrepareConfig) if one.default is not MISSING}
    settings = {}
    for name in usual.keys() & found.keys() - set(NOT_SETTINGS):
        value = tuple(found[name]) if isinstance(found[name], list) else found[name]
        if type(value) is int and type(usual[name]) is float:
            value = float(value)
        if type(value) is not type(usual[name]):
            raise _damaged()
        settings[name] = value
    return settings


def _damaged() -> RecipeError:
    return RecipeError(f"{RECIPE} is damaged: what it says the data set was made of makes no sense.", _AGAIN)
