"""What project.json says: checked when it is read, whole when it is written."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from musicgen_app import environment
from musicgen_app.core.errors import ProjectError, UsageError
from musicgen_app.dataset.parts import ALL, PIANO, Parts
from musicgen_app.project.store import Fields, Migration, migrated, read_json, write_json

PROJECT_FILE = "project.json"
PROJECT_VERSION = 1
_FORMAT = "musicgen project"
_BUNDLED = "bundled:"
_MIGRATIONS: Mapping[int, Migration] = MappingProxyType({})
"""What makes the next version of an older one; version 1 is the first."""


@dataclass(frozen=True, slots=True)
class PrepareSettings:
    """How the music of a project becomes a data set.

    Attributes:
        validation: Share of the music kept aside to measure on, 0 to 0.5.
        pedal: "rows" to learn the sustain pedal, "none" to leave it out.
        grid: "metrical" (1/24 of a quarter note), "seconds" (10 ms) or "auto" to let the files decide.
        seed: Which pieces are kept aside follows from it.
        codec: "notes", or "seed" for words without times; pedal and grid mean nothing to the second.
        first_part: Whether words are read from the first part of a file only.
        programs: Which tracks are learned from, as ``Parts.text``; words are read from all.

    Raises:
        ProjectError: A value is out of range.
    """

    validation: float = 0.1
    pedal: str = "rows"
    grid: str = "auto"
    seed: int = 0
    codec: str = "notes"
    first_part: bool = False
    programs: str = PIANO.text

    def __post_init__(self) -> None:
        fitting = 0 <= self.validation <= 0.5 and 0 <= self.seed < 2**63
        fitting &= self.codec == "seed" or (self.codec == "notes" and not self.first_part)
        if not fitting or self.pedal not in ("rows", "none") or self.grid not in ("auto", "metrical", "seconds"):
            raise ProjectError(
                "The settings for the data set are out of range.", "Choose them anew in the Dataset tab."
            )
        try:
            Parts.of(self.programs)
        except UsageError as error:
            raise ProjectError(error.message, "Choose the instruments anew in the Dataset tab.") from error

    @property
    def heard(self) -> str:
        """Which tracks of a file count, as ``Parts.text``."""
        return ALL.text if self.codec == "seed" else self.programs


@dataclass(frozen=True, slots=True)
class Contents:
    """What project.json says."""

    title: str
    created: str
    sources: tuple[str, ...] = ()
    prepare: PrepareSettings = field(default_factory=PrepareSettings)
    dataset: str = "dataset"
    current_take: int | None = None
    notes: str = ""


def read_contents(folder: Path) -> Contents:
    """Read what a project's folder says.

    Raises:
        ProjectError: It is no project, damaged beyond use, or of a newer version.
    """
    if not folder.is_dir():
        raise ProjectError(f"{folder.name} is not there.", "Choose another project, or create a new one.")
    if not (folder / PROJECT_FILE).exists():
        raise ProjectError(f"{folder.name} is not a project.", f"Choose a folder that holds {PROJECT_FILE}.")
    found = read_json(folder / PROJECT_FILE)
    if found.get("format") != _FORMAT:
        raise ProjectError(f"{folder.name} is not a project of this program.", "Choose another folder.")
    return _checked(migrated(found, PROJECT_VERSION, _MIGRATIONS, PROJECT_FILE))


def write_contents(folder: Path, contents: Contents) -> None:
    """Write what a project's folder says.

    Raises:
        ProjectError: It could not be written.
    """
    write_json(
        folder / PROJECT_FILE,
        {
            "format": _FORMAT,
            "version": PROJECT_VERSION,
            "title": contents.title,
            "created": contents.created,
            "sources": list(contents.sources),
            "prepare": {
                "validation": contents.prepare.validation,
                "pedal": contents.prepare.pedal,
                "grid": contents.prepare.grid,
                "seed": contents.prepare.seed,
                "codec": contents.prepare.codec,
                "first_part": contents.prepare.first_part,
                "programs": contents.prepare.programs,
            },
            "dataset": contents.dataset,
            "current_take": contents.current_take,
            "notes": contents.notes,
        },
    )


def path_text(folder: Path, path: Path) -> str:
    """A path as it stands in the file: relative inside the project, by name inside the program, else whole."""
    path = path.absolute()
    with contextlib.suppress(ValueError):
        return path.relative_to(folder).as_posix()
    with contextlib.suppress(ValueError):
        return _BUNDLED + path.relative_to(environment.bundled("data").absolute()).as_posix()
    return str(path)


def path_of(folder: Path, text: str) -> Path:
    """The path that ``path_text`` wrote down."""
    if text.startswith(_BUNDLED):
        return environment.bundled("data", *Path(text.removeprefix(_BUNDLED)).parts)
    return folder / text


def _checked(found: Mapping[str, object]) -> Contents:
    """What project.json says, every value checked."""
    fields = Fields(found, PROJECT_FILE)
    prepare = fields.section("prepare")
    return Contents(
        title=fields.take("title", str, ""),
        created=fields.take("created", str, ""),
        sources=fields.texts("sources"),
        prepare=PrepareSettings(
            validation=prepare.take("validation", float, 0.1),
            pedal=prepare.take("pedal", str, "rows"),
            grid=prepare.take("grid", str, "auto"),
            seed=prepare.take("seed", int, 0),
            codec=prepare.take("codec", str, "notes"),
            first_part=prepare.take("first_part", bool, False),
            programs=prepare.take("programs", str, PIANO.text),
        ),
        dataset=fields.take("dataset", str, "dataset"),
        current_take=fields.optional("current_take", int),
        notes=fields.take("notes", str, ""),
    )
