"""What ``musicgen runs compare``, ``listen`` and ``tally`` do: runs side by side, and blind listening tests."""

import argparse
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musicgen_app.cli.console import ProgressLine, print_json, print_text
from musicgen_app.cli.run_verbs import text_table
from musicgen_app.core.errors import FileWriteError
from musicgen_app.core.files import make_folder

if TYPE_CHECKING:
    from musicgen_app.workflow.compare import Comparison
    from musicgen_app.workflow.compared_words import Line

_SEEDS = 2**31


def compare(given: argparse.Namespace) -> int:
    """Lay runs side by side."""
    from musicgen_app.workflow import compare as verb

    request = verb.CompareRequest(given.project, tuple(given.runs), given.takes, given.notes, given.seed)
    line = ProgressLine()
    found = verb.compare(request, line, given.cancel)
    copied = () if given.out is None else _copied(found, given.out)
    line.clear()
    if given.json:
        print_json(comparison_object(found))
    else:
        print_text("\n".join((comparison_text(found), *map(str, copied))))
    return 0


def listen(given: argparse.Namespace) -> int:
    """Write a blind listening test into a folder."""
    from musicgen_app.workflow.blind_files import ANSWERS_FILE, write_test
    from musicgen_app.workflow.listen import ListenRequest, make_test

    seed = secrets.randbelow(_SEEDS) if given.seed is None else given.seed
    request = ListenRequest(given.project, tuple(given.runs), seed, given.rounds, given.seconds)
    line = ProgressLine()
    test = make_test(request, line, given.cancel)
    make_folder(given.out)
    files = write_test(test, given.out)
    line.clear()
    if given.json:
        print_json({"folder": given.out, "files": files, "rounds": len(test.rounds), "seconds": test.seconds})
    else:
        rounds = "1 round" if len(test.rounds) == 1 else f"{len(test.rounds)} rounds"
        print_text(
            f"{given.out}: {rounds} of two takes, {test.seconds:.0f} s each. Write A, B or same into {ANSWERS_FILE}; "
            f"then: musicgen runs tally {given.out}"
        )
    return 0


def tally(given: argparse.Namespace) -> int:
    """Count the answers of a blind listening test, and keep them where a project is named."""
    from musicgen_app.core.preference import wilson
    from musicgen_app.project.document import Project
    from musicgen_app.workflow.blind_files import ANSWERS_FILE, read_answers
    from musicgen_app.workflow.listen import keep_answers, told

    session, names = read_answers(given.folder, given.answers or given.folder / ANSWERS_FILE)
    if given.project is None:
        heard = told(session, names, session.tally(), 1)
    else:
        heard = keep_answers(Project.open(given.project).folder, session, names)
    if given.json:
        counts = ("first", "second", "ties", "decided", "p_value")
        shown = {
            name: {**{count: getattr(one, count) for count in counts}, "interval": wilson(one.first, one.decided)}
            for name, one in (("session", heard.tally), ("total", heard.total))
        }
        print_json({"runs": session.runs, "names": names, "sessions": heard.sessions, **shown, "text": heard.words})
    else:
        print_text(heard.words)
    return 0


def comparison_text(found: "Comparison") -> str:
    """A comparison for people: tables of what differs and what came of it, then what to keep in mind."""
    from musicgen_app.workflow import compared_words as words

    names = [f"{run.number} {run.title}" for run in found.runs]
    beside = words.beside_words(found)
    parts = [
        _part("Settings that differ", names, words.setting_lines(found)),
        words.alike_words(found),
        _part("Figures", names, words.figure_lines(found)),
        _part("Originality", names, words.originality_lines(found)),
        _part("Likeness", names, words.likeness_lines(found), beside),
        "\n".join(words.problem_lines(found)),
        "\n".join(f"{run.title}: {take.file}" for run in found.runs for take in run.takes),
    ]
    return "\n\n".join(part for part in parts if part)


def comparison_object(found: "Comparison") -> dict[str, Any]:
    """A comparison as JSON values."""
    return {
        "runs": found.runs,
        "settings": [
            {"name": one.name, "values": dict(zip((str(run.number) for run in found.runs), one.values, strict=True))}
            for one in found.differences.settings
        ],
        "alike": found.differences.alike,
        "single": found.differences.single,
        "likeness": {number: one.summary() for number, one in found.likeness.items()},
        "remarks": found.remarks,
    }


def _part(title: str, names: Sequence[str], lines: Sequence["Line"], beside: str = "") -> str:
    if not lines:
        return ""
    headings = ((title, ""), *((name, "") for name in names), (beside, ""))
    return text_table(headings, [[line.name, *line.values, line.beside] for line in lines])


def _copied(found: "Comparison", out: Path) -> tuple[Path, ...]:
    """Copies of the takes, named after their runs."""
    make_folder(out)
    copies = []
    for run in found.runs:
        for number, take in enumerate(run.takes, 1):
            copies.append(out / f"run-{run.number}-take-{number}.mid")
            try:
                shutil.copyfile(take.file, copies[-1])
            except OSError as error:
                raise FileWriteError(f"{copies[-1].name} could not be written: {error.strerror}.") from error
    return tuple(copies)
