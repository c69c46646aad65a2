"""A blind listening test as files: numbered music, a sheet for the answers, and a key that says what was what."""

import base64
import csv
import io
import json
from dataclasses import replace
from pathlib import Path

from musicgen_app.core.errors import UsageError
from musicgen_app.midi.writer import midi_bytes
from musicgen_app.project.listening import ANSWERS, Round, Session
from musicgen_app.project.store import Fields, read_json, write_file, write_json
from musicgen_app.workflow.listen import BlindTest

KEY_FILE = "key.json"
ANSWERS_FILE = "answers.csv"


def write_test(test: BlindTest, out: Path) -> tuple[Path, ...]:
    """Write a test as numbered MIDI files, with a sheet for the answers and a key that is not to be read before.

    Raises:
        UsageError: There is a test in the folder already.
        ProjectError: It cannot be written.
    """
    if (out / KEY_FILE).exists():
        raise UsageError(f"{out.name} holds a listening test already.", "Choose another folder.")
    files, width = [], len(str(len(test.rounds)))
    for place, one in enumerate(test.rounds, 1):
        for letter, score in zip(ANSWERS[:2], one.music, strict=True):
            files.append(out / f"{place:0{width}d}-{letter}.mid")
            write_file(files[-1], midi_bytes(score))
    sheet = "round,answer\n" + "".join(f"{place},\n" for place in range(1, len(test.rounds) + 1))
    write_file(out / ANSWERS_FILE, sheet.encode())
    order = [[one.number, one.first] for one in test.rounds]
    hidden = {**_plain(test.session), "names": list(test.names), "order": order}
    # Not to keep a secret, but to keep an eye that falls on the file from reading it.
    sealed = base64.b64encode(json.dumps(hidden).encode()).decode("ascii")
    write_json(out / KEY_FILE, {"version": 1, "rounds": len(test.rounds), "sealed": sealed})
    return tuple(files)


def read_answers(folder: Path, answers: Path) -> tuple[Session, tuple[str, str]]:
    """A test that was written into a folder, with the answers on a sheet, and the names of both runs.

    Rounds that are left empty were not heard.

    Raises:
        ProjectError: The key is not there, or damaged.
        UsageError: An answer is none of A, B and same, or of a round that is not there.
    """
    try:
        sealed = Fields(read_json(folder / KEY_FILE), KEY_FILE).take("sealed", str, "")
        hidden = json.loads(base64.b64decode(sealed))
        order = [(int(number), int(first)) for number, first in hidden["order"]]
        session = Session(
            id=str(hidden["id"]),
            begun=str(hidden["begun"]),
            runs=(int(hidden["runs"][0]), int(hidden["runs"][1])),
            music=(str(hidden["music"][0]), str(hidden["music"][1])),
            planned=len(order),
        )
        names = (str(hidden["names"][0]), str(hidden["names"][1]))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise UsageError(f"{KEY_FILE} in {folder.name} is damaged.", "Make the test again.") from error
    rounds = tuple(Round(*order[place], answer) for place, answer in _sheet(answers, len(order)))
    return replace(session, rounds=rounds), names


def _plain(session: Session) -> dict[str, object]:
    return {"id": session.id, "begun": session.begun, "runs": list(session.runs), "music": list(session.music)}


def _sheet(answers: Path, rounds: int) -> list[tuple[int, str]]:
    """Place of each round that was answered, from 0, and the answer."""
    try:
        text = answers.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise UsageError(f"{answers.name} cannot be read.", "Fill in the sheet of the test.") from error
    found: dict[int, str] = {}
    known = {answer.lower(): answer for answer in ANSWERS} | {"t": ANSWERS[2], "tie": ANSWERS[2], "=": ANSWERS[2]}
    for cells in csv.reader(io.StringIO(text)):
        number, said = (cells[0].strip(), cells[1].strip().lower()) if len(cells) > 1 else ("", "")
        if number == "round" or not said:
            continue
        if not number.isdecimal() or not 1 <= int(number) <= rounds or said not in known:
            raise UsageError(f"{','.join(cells)!r} is no answer.", "Write 1,A or 1,B or 1,same, a line for each round.")
        found[int(number) - 1] = known[said]
    return sorted(found.items())
