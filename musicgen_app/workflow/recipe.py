"""What a recipe does while files are prepared, and the record of it that a data set keeps."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import musicgen_app
from musicgen_app.core.detected_grid import detected_grid, quantised
from musicgen_app.core.edit_tracks import only_tracks
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.core.score import Score
from musicgen_app.core.silence import trimmed
from musicgen_app.dataset.doctor import Diagnosis, examine, remark
from musicgen_app.dataset.library_sources import Wanted, wanted_of
from musicgen_app.dataset.parts import Parts
from musicgen_app.dataset.recipe import RECIPE, FileEdit, Recipe, edit_of, key_of, labels_of, recipe_json
from musicgen_app.dataset.sources import MUSIC_SUFFIXES, Credit, Source, find_sources
from musicgen_app.dataset.stored_text import clean
from musicgen_app.workflow.inspect import FileFacts
from musicgen_app.workflow.music import read_music, read_piano
from musicgen_app.workflow.reading import Credited, credits_of

NOTING = "Noting what was used"
EXCLUDED = Diagnosis("set aside", "excluded by you")
MADE = "made"
"""Where the file of a recipe in a data set says what was used."""

_SHORTEST_SILENCE_SEC = 0.05
_NAMED = 3


@dataclass(frozen=True, slots=True)
class GivenFiles:
    """The files of a collection.

    Attributes:
        sources: In their order.
        keys: The key of each, by which a recipe names it.
        folders: The folders they lie in, by what these are called in keys.
    """

    sources: tuple[Source, ...]
    keys: tuple[str, ...]
    folders: Mapping[str, Path]

    def decided(self, recipe: Recipe) -> tuple[Source, ...]:
        """Each file with what was decided about it."""
        pairs = zip(self.sources, self.keys, strict=True)
        return tuple(replace(source, edit=edit_of(recipe, key)) for source, key in pairs)


def given_files(places: Iterable[Path], suffixes: tuple[str, ...] = MUSIC_SUFFIXES) -> GivenFiles:
    """All files with music in these folders and below, and the files named themselves.

    Raises:
        UsageError: A folder or file is not there.
    """
    places = tuple(places)
    sources = find_sources(places, suffixes)
    above = [one.path.parents[len(PurePosixPath(one.name).parts) - 1] for one in sources]
    wanted = wanted_of(places)
    homes = {folder: _home(folder.resolve(), wanted) for folder in set(above)}
    labels = labels_of({*wanted, *(home for home, _ in homes.values())})
    keys = []
    for folder, source in zip(above, sources, strict=True):
        home, inside = homes[folder]
        keys.append(key_of(labels[home], f"{inside}{source.name}"))
    return GivenFiles(sources, tuple(keys), {labels[home]: home for home, _ in homes.values()})


def _home(folder: Path, wanted: Wanted) -> tuple[Path, str]:
    """The folder that keys are made of for files found in a folder, as in a library, and the way from there."""
    if folder not in wanted:
        for home in folder.parents:
            if home in wanted and not wanted[home]:
                return home, f"{folder.relative_to(home).as_posix()}/"
    return folder, ""


def renamed(credit: Credit, edit: FileEdit) -> Credit:
    """What is known of a piece, with what was decided about it."""
    return replace(credit, title=edit.title or credit.title, composer=edit.composer or credit.composer, key=edit.key)


def taken(sources: Iterable[Source]) -> Iterator[Credited]:
    """The files that are not excluded, with what is known of them and was decided about them."""
    for source, credit in credits_of(source for source in sources if not source.edit.excluded):
        yield source, renamed(credit, source.edit)


def excluded(source: Source, title: str) -> FileFacts:
    """The facts about a file that is left out without being read."""
    return FileFacts(str(source.path), True, title=title, verdict=EXCLUDED.words)


def read_decided(path: Path, edit: FileEdit, parts: Parts) -> tuple[Score, Diagnosis]:
    """The music of a file as it was decided to be read, and the verdict on that.

    Args:
        path: The file.
        edit: What was decided about it.
        parts: Which tracks are meant where nobody has chosen some.

    Raises:
        MidiReadError: It cannot be read.
    """
    if edit.tracks is None:
        _, score, diagnosis = read_piano(path, parts)
        return edited(score, diagnosis, edit)
    reading, diagnosis = read_music(path)
    score, diagnosis = edited(reading.score, diagnosis, edit)
    return score, remark(diagnosis, score, reading.written.tempo_named)


def edited(score: Score, diagnosis: Diagnosis, edit: FileEdit) -> tuple[Score, Diagnosis]:
    """The music with what was decided about it, and the verdict on that, which says what was done."""
    if not edit.changes_music:
        return score, diagnosis
    done: list[str] = []
    if edit.tracks is not None:
        there = [track for track in edit.tracks if track < len(score.tracks)]
        if not there:
            return score, diagnosis.set_aside("none of the tracks that were chosen is in it")
        score = only_tracks(score, there)
        done.append(f"Only {_tracks_text(there)} read, as you chose.")
    if edit.trim:
        cut = trimmed(score)
        score = cut.score
        done += _trimming(cut.before_sec, cut.after_sec)
    if edit.quantise:
        score, said = _quantised(score)
        done.append(said)
    return score, _looked_at_again(score, diagnosis, done)


def _looked_at_again(score: Score, diagnosis: Diagnosis, done: Sequence[str]) -> Diagnosis:
    again = examine(score, ())
    findings = (*diagnosis.findings, *done)
    if again.usable and not diagnosis.usable:
        diagnosis = replace(diagnosis, health="repaired" if diagnosis.findings else "ready", reason="")
    elif not again.usable:
        diagnosis = diagnosis.set_aside(again.reason)
    return replace(diagnosis, findings=findings)


def _tracks_text(indices: Sequence[int]) -> str:
    numbers = [str(index + 1) for index in indices]
    if len(numbers) == 1:
        return f"track {numbers[0]} is"
    return f"tracks {', '.join(numbers[:-1])} and {numbers[-1]} are"


def _trimming(before_sec: float, after_sec: float) -> Iterator[str]:
    parts = [(before_sec, "before the first note"), (after_sec, "after the last note")]
    told = [f"{seconds:.1f} s {where}" for seconds, where in parts if seconds >= _SHORTEST_SILENCE_SEC]
    if told:
        yield f"Silence taken away: {' and '.join(told)}."


def _quantised(score: Score) -> tuple[Score, str]:
    fit = detected_grid(score)
    if fit is None:
        return score, "Not quantised: its notes follow no grid."
    if fit.most_ticks == 0:
        return score, f"Not quantised: all notes lie on {fit.name} already."
    moved = (
        f"notes moved by {fit.mean_ms:.0f} ms on average, {fit.wide_ms:.0f} ms at most for 95 of 100, "
        f"{fit.most_ms:.0f} ms at most"
    )
    return quantised(score, fit), f"Quantised to {fit.name}: {moved}."


def remarks(given: GivenFiles, recipe: Recipe, torn: Iterable[int]) -> tuple[str, ...]:
    """What a person should know about what became of a recipe.

    Args:
        given: The files.
        recipe: What was decided about them.
        torn: Files that stand on a stricter side than they were put on.
    """
    said = []
    lost = sorted(recipe.edits.keys() - set(given.keys))
    if lost:
        said.append(f"The recipe names {_named(lost)}, not found here.")
    apart = [given.keys[index] for index in torn]
    if apart:
        said.append(
            f"Versions of one work were put on different sides: {_named(apart)} went to the stricter one with the "
            "others, so that nothing leaks (test before validation before training)."
        )
    return tuple(said)


def _named(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - _NAMED:,} more" if len(keys) > _NAMED else ""
    return f"{', '.join(keys[:_NAMED])}{more}"


def write_record(folder: Path, recipe: Recipe, made: Mapping[str, Any], fingerprint: str) -> None:
    """Write into the folder of a data set what it was made of, so that it can be made again.

    Args:
        folder: Where to.
        recipe: What was decided about the files.
        made: What was used (``used``).
        fingerprint: What came of it.

    Raises:
        OSError: It could not be written.
    """
    text = json.dumps({**recipe_json(recipe), MADE: {"fingerprint": fingerprint, **made}}, indent=1, ensure_ascii=False)
    (folder / RECIPE).write_text(text + "\n", encoding="utf-8", newline="\n")


def used(
    given: GivenFiles, recipe: Recipe, settings: Mapping[str, Any], report: Report, cancel: CancelToken
) -> dict[str, Any]:
    """What a data set is made of, as JSON values: settings, folders, and each file with the SHA-256 of its bytes.

    Raises:
        Cancelled: Stopped on request.
    """
    return {
        "program": musicgen_app.__version__,
        "settings": dict(settings),
        "sources": {label: clean(str(place)) for label, place in given.folders.items()},
        "files": dict(zip(given.keys, _digests(given, recipe, report, cancel), strict=True)),
    }


def _digests(given: GivenFiles, recipe: Recipe, report: Report, cancel: CancelToken) -> list[str]:
    """The SHA-256 of each file; empty for those that are excluded or gone.

    Raises:
        Cancelled: Stopped on request.
    """
    found = []
    for index, (source, key) in enumerate(zip(given.sources, given.keys, strict=True)):
        cancel.check()
        report(Progress(NOTING, index, len(given.sources), None, source.path.name))
        found.append("" if edit_of(recipe, key).excluded else digest_of(source.path))
    return found


def digest_of(path: Path) -> str:
    """The SHA-256 of a file; empty where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
