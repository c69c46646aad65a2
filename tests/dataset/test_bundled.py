"""The corpus and the data set that come with the program."""

import json
from pathlib import Path

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.dataset.sources import read_credits
from musicgen_app.dataset.store import fingerprint_of, open_dataset
from musicgen_app.workflow.prepare import PrepareConfig, prepare


def test_the_bundled_data_set_is_the_one_prepared_from_the_bundled_corpus(root: Path, tmp_path: Path) -> None:
    bundled = open_dataset(root / "data" / "dataset")
    made = prepare(PrepareConfig((root / "data" / "corpus",), tmp_path / "made"), silent, CancelToken())
    assert made.fingerprint == bundled.fingerprint == fingerprint_of(bundled)
    for name in ("dataset.json", "rows.npy"):
        assert (tmp_path / "made" / name).read_bytes() == (root / "data" / "dataset" / name).read_bytes()


def test_every_bundled_file_has_its_licence(root: Path) -> None:
    folder = root / "data" / "corpus"
    credits = read_credits(folder)
    assert set(credits) == {path.name for path in folder.glob("*.mid")}
    assert len(credits) == 14
    assert {credit.licence for credit in credits.values()} == {"Public Domain", "CC BY-SA 3.0 DE"}
    for credit in credits.values():
        assert all((credit.title, credit.composer, credit.attribution, credit.source))


def test_the_whole_is_share_alike_and_names_its_authors(root: Path) -> None:
    dataset = open_dataset(root / "data" / "dataset")
    assert dataset.licence == "CC BY-SA 3.0 DE"
    assert any("Bernd Krueger" in line and "CC BY-SA 3.0 DE" in line for line in dataset.attribution)
    assert 0 < dataset.note_count("validation") < dataset.note_count("train")


def test_the_table_of_licences_agrees_with_where_the_files_come_from(root: Path, shared: Path) -> None:
    for name, credit in read_credits(root / "data" / "corpus").items():
        source = shared / "corpus" / "registry_npm_jam" / name
        provenance = json.loads(source.with_suffix(".json").read_text(encoding="utf-8"))["provenance"]
        licence = {"Public-Domain": "Public Domain", "CC-BY-SA-3.0-DE": "CC BY-SA 3.0 DE"}
        assert credit.licence == licence[provenance["arrangement_license"]]
        assert provenance["source_site"].endswith(credit.source)
        assert provenance["arrangement_creator"].startswith(credit.attribution.split(",")[0])
        assert (root / "data" / "corpus" / name).read_bytes() == source.read_bytes()
