"""What a library knows of the data set that was made of its files."""

from pathlib import Path

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.library import Library
from musicgen_app.dataset.library_query import Query
from musicgen_app.dataset.recipe import FileEdit, Recipe
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from musicgen_app.workflow.scan import ScanRequest, scan
from musicgen_app.workflow.uses import UsesRequest, note_uses
from tests.dataset.music import melody, write_midi_file


def sides(library: Path) -> dict[str, str]:
    with Library(library) as opened:
        return {row.name: row.side for row in opened.pages(Query())}


def test_sides_and_reasons_outlive_a_second_look(tmp_path: Path) -> None:
    music, library, out = tmp_path / "music", tmp_path / "library", tmp_path / "set"
    for number in range(4):
        write_midi_file(music / f"{number}.mid", melody(number, notes=60))
    (music / "letter.mid").write_bytes(b"Dear Sir")
    scan(ScanRequest(library, (music,)), silent, CancelToken())
    recipe = Recipe({"music/3.mid": FileEdit(excluded=True)})
    made = prepare(PrepareConfig((music,), out, 0.3, recipe=recipe), silent, CancelToken())
    reasons = {one.file: one.verdict for one in made.files if not one.usable}
    uses = note_uses(UsesRequest(out, library, reasons), silent, CancelToken())
    assert uses.summary.startswith("Prepared: 3 pieces")
    assert uses.recipe == recipe
    first = sides(library)
    assert {first[f"{number}.mid"] for number in range(3)} == {"train", "validation"}
    assert (first["3.mid"], first["letter.mid"]) == ("set aside: excluded by you", "")
    scan(ScanRequest(library), silent, CancelToken())
    note_uses(UsesRequest(out, library), silent, CancelToken())
    assert sides(library) == first
    note_uses(UsesRequest(out, library, {}), silent, CancelToken())
    assert sides(library)["3.mid"] == ""
