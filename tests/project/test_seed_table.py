"""Tables of experiments are read whatever wrote them, and come back cell by cell."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.errors import ProjectError
from musicgen_app.project import seed_table
from musicgen_app.project.seed_row import SEED_COLUMNS, SeedRow
from musicgen_app.project.seed_table import read_table, table_text
from tests.project.experiments import HEADER, row

cells = st.text(st.one_of(st.sampled_from(',;"\r\n\t -=é\N{GREEK SMALL LETTER OMEGA}'), st.characters(codec="utf-8")))
tables = st.lists(st.lists(cells, min_size=14, max_size=14), max_size=5)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@given(tables)
def test_what_is_written_is_read_cell_by_cell(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    path = write(tmp_path_factory.mktemp("t") / "tests.csv", table_text(SEED_COLUMNS, rows))
    assert [list(read.cells) for read in read_table(path).rows] == rows


@given(tables, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_a_spreadsheet_writes_is_read_cell_by_cell(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], end: str, encoding: str
) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([SEED_COLUMNS, *rows])
    path = write(tmp_path_factory.mktemp("t") / "tests.csv", out.getvalue(), encoding)
    assert [list(read.cells) for read in read_table(path).rows] == rows


def test_columns_may_stand_in_any_order_and_others_are_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "hall,epochs,test_id,loss,dropout\nred,5,7,0.5,0.1,late\n")
    table = read_table(path)
    (read,) = table.rows
    assert (read.test, read.whole("epochs"), read.number("loss")) == ("7", 5, 0.5)
    assert dict(read.extra) == {"hall": "red", "column 6": "late"}
    assert "a.csv has no column “score”." in table.findings
    assert "a.csv, row 2: 6 cells under 5 headings." in table.findings


def test_a_heading_that_is_there_twice_loses_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "test_id,loss,epochs,dropout,loss,hall,hall\n1,2,3,0,4,a,b\n")
    assert dict(read_table(path).rows[0].extra) == {"loss 2": "4", "hall": "a", "hall 2": "b"}


def test_semicolons_and_decimal_commas_are_understood(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"{HEADER.replace(',', ';')}\n3;0,001;64;5;10;0;adam;0,3;-;1,5;;2;base;\n")
    (read,) = read_table(path).rows
    assert (read.number("loss"), read.number("learning_rate"), read.unreadable) == (1.5, 0.001, ())


def test_another_encoding_is_read_and_told(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.csv", f"{HEADER}\n1,,,,,,,,,,,,für,\n", "cp1252"))
    assert table.rows[0].cell("comments") == "für"
    assert "Windows-1252" in table.findings[0]


def test_text_that_is_not_quite_csv_is_read_and_told(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.csv", f'{HEADER}\n1,,,,,,,,,,,,"a"b,\n2,,,,,,,,,,,,c,\n'))
    assert [read.test for read in table.rows] == ["1", "2"]
    assert "not quite CSV" in table.findings[0]


@pytest.mark.parametrize("text", ["", "\n", "epoch,loss\n1,2\n", "test_id,a,b,c,d\n", '"' + "x" * 2_000_000])
def test_what_is_no_table_is_told_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(ProjectError, match=r"odd\.csv"):
        read_table(write(tmp_path / "odd.csv", text))


def test_a_table_that_is_far_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.csv", f"{HEADER}\n1,\n2,\n3,\n")
    monkeypatch.setattr(seed_table, "MOST_ROWS", 2)
    assert len(read_table(path).rows) == 2
    monkeypatch.setattr(seed_table, "LARGEST_TABLE_BYTES", 10)
    with pytest.raises(ProjectError, match="larger than"):
        read_table(path)
    with pytest.raises(ProjectError, match="cannot be read"):
        read_table(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("comment", "test", "architecture"),
    [
        ("random pick 3 / bidirectional added / chopin restored", "5", "bidi"),
        ("base model reduced size", "1", "reduced"),
        ("complex model 1", "1", "complex1"),
        ("complex model 2 / chopin restored", "1", "complex2"),
        ("network of the article", "1", "article"),
        ("base model restored", "74", "base"),
        ("random pick 3", "28", "base"),
        ("", "29.0", "bidi"),
        ("", "64", "reduced"),
        ("", "80", ""),
        ("a basement", "x", ""),
    ],
)
def test_the_architecture_stands_in_the_comment_or_follows_from_the_row(
    comment: str, test: str, architecture: str
) -> None:
    assert row(test_id=test, comments=comment).architecture == architecture


@pytest.mark.parametrize(
    ("comment", "dataset"),
    [
        ("random pick 5 / source dataset testing", "source"),
        ("base model restored / chopin restored", "chopin"),
        ("base model restored", ""),
        ("bidirectional added", ""),
        ("jazz data set", "jazz"),
        ("", ""),
    ],
)
def test_the_data_set_is_the_one_the_comment_names(comment: str, dataset: str) -> None:
    assert row(comments=comment).dataset == dataset


def test_cells_are_read_as_numbers_where_they_are_some() -> None:
    read = row(test_id="7.0", learning_rate="1e-3", epochs="400", pick="-", loss=" ", dropout="x", batch_size="2.5")
    assert (read.test, read.number("learning_rate"), read.whole("epochs")) == ("7", 0.001, 400)
    assert (read.whole("random pick"), read.number("loss")) == (None, None)
    assert read.unreadable == ("batch_size", "dropout")
    assert row(loss="nan", score="1_0", epochs="-3").unreadable == ("epochs", "loss", "score")
    assert dict(read.settings) == {"learning_rate": 0.001, "epochs": 400}


def test_rows_of_one_training_differ_in_the_random_pick_alone() -> None:
    first = row(test_id="1", loss="0.5", minutes="3", pick="1", comments="random pick 1 / base", score="0.1")
    again = row(test_id="2", loss="0.5", minutes="3", pick="5", comments="random pick from 5 / base", score="0.4")
    other = row(test_id="3", loss="0.5", minutes="3", pick="5", comments="random pick 5 / reduced")
    assert first.training == again.training
    assert first.training != other.training
    assert row(loss="-", minutes="3").training == ()


def test_a_row_of_the_seeds_is_read_as_it_stands(shared: Path) -> None:
    table = read_table(shared / "seed" / "music_gen" / "tests.csv")
    assert (len(table.rows), table.findings) == (79, ())
    assert isinstance(table.rows[0], SeedRow)
    architectures = [read.architecture for read in table.rows]
    counts = {name: architectures.count(name) for name in sorted(set(architectures))}
    assert counts == {"base": 46, "bidi": 16, "complex1": 3, "complex2": 10, "reduced": 4}
    assert [read.dataset for read in table.rows][23:29] == ["", "source", "source", "source", "source", "chopin"]
