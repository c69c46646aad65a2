"""The lab notebook is plain Markdown that a person and a training may both write."""

from datetime import datetime
from pathlib import Path

import pytest

from musicgen_app.project import notebook
from musicgen_app.project.document import Project
from musicgen_app.project.notebook import Entry, entries, merged, new_entry, with_entry, with_run_notes
from musicgen_app.project.runs import label_run, read_run
from musicgen_app.workflow.notebook import add_note, note_end, run_notes
from tests.ui.training_parts import add_run

NOW = datetime(2026, 3, 4, 5, 6)
TEXT = "# Lab notebook\n\n## One\n\nfirst\n\n## Two\n\nsecond\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "a.musicgen")


def test_entries_begin_with_headings_outside_of_code() -> None:
    before, found = entries("intro\n## A [Run 3](run:3)\n![p](notebook/p.png)\n```\n## no\n```\n## B\n")
    assert before == "intro\n"
    assert [entry.heading for entry in found] == ["A [Run 3](run:3)", "B"]
    assert (found[0].run, found[0].pictures, found[1].run) == (3, ("notebook/p.png",), None)
    assert entries("none") == ("none", ())


def test_an_entry_is_added_at_the_end() -> None:
    first = with_entry("", new_entry("Try more dropout", "It overfits.", NOW))
    assert first == "# Lab notebook\n\n## 2026-03-04 05:06 Try more dropout\n\nIt overfits.\n"
    assert with_entry(first, Entry("B", "\n")).endswith("It overfits.\n\n## B\n")


def test_what_two_have_written_is_brought_together() -> None:
    mine = TEXT.replace("first", "first, corrected")
    theirs = with_entry(TEXT, Entry("Three", "\nthird\n"))
    both = merged(TEXT, mine, theirs)
    assert both == with_entry(mine, Entry("Three", "\nthird\n"))
    assert merged(TEXT, TEXT, theirs) == theirs
    assert merged(TEXT, mine, TEXT) == mine
    assert merged(TEXT, mine, TEXT.replace("second", "other")) == mine.replace("second", "other")
    deleted = "# Lab notebook\n\n## Two\n\nsecond\n"
    assert merged(TEXT, deleted, theirs) == with_entry(deleted, Entry("Three", "\nthird\n"))


def test_the_end_of_a_run_is_written_with_its_curve(project: Project) -> None:
    folder = add_run(project, 5, 4, 4.5)
    note_end(folder, NOW)
    text = notebook.read_notebook(project.folder)
    entry = entries(text)[1][0]
    assert entry.heading == "2026-03-04 05:06 [Run 1](run:1)"
    assert "Small network, 123,456 parameters, batch" in entry.text
    assert "The best model is from epoch 2" in entry.text
    assert (project.folder / entry.pictures[0]).read_text().startswith("<svg")
    note_end(folder, NOW)
    pictures = [entry.pictures[0] for entry in entries(notebook.read_notebook(project.folder))[1]]
    assert len(set(pictures)) == 2


def test_what_is_not_worth_a_word_or_in_no_project_writes_nothing(project: Project, tmp_path: Path) -> None:
    note_end(add_run(project, status="stopped"), NOW)
    outside = tmp_path / "runs" / "0001"
    outside.mkdir(parents=True)
    note_end(outside, NOW)
    assert notebook.read_notebook(project.folder) == ""
    note_end(add_run(project, status="failed"), NOW)
    assert "It ended before the first epoch" in notebook.read_notebook(project.folder)


def test_a_notebook_that_cannot_be_written_stops_no_training(project: Project) -> None:
    (project.folder / notebook.NOTEBOOK_FILE).mkdir()
    note_end(add_run(project, 5), NOW)


def test_notes_on_a_run_are_read_below_its_last_entry(project: Project) -> None:
    folder = add_run(project, 5, 4)
    note_end(folder, NOW)
    label_run(folder, "", "Sounds stiff.\nTry again.")
    text = notebook.read_notebook(project.folder)
    shown = with_run_notes(text, run_notes(project.folder, text))
    assert shown.rstrip().endswith("> **Notes on the run**\n>\n> Sounds stiff.\n> Try again.")
    assert read_run(folder).notes == "Sounds stiff.\nTry again."


def test_a_note_is_added_with_its_title(project: Project) -> None:
    assert add_note(project.folder, "Plan\nMore music.", NOW).heading == "2026-03-04 05:06 Plan"
    assert add_note(project.folder, "One line.", NOW).text == "\nOne line.\n"
    assert len(entries(notebook.read_notebook(project.folder))[1]) == 2


def test_links_and_pictures_are_exchanged_for_readers_elsewhere() -> None:
    text = "## [Run 3](run:3)\n![x](notebook/p.png) [site](https://example.org)\n"
    assert notebook.without_run_links(text).startswith("## Run 3\n")
    assert notebook.pictures_of(text) == ("notebook/p.png",)
    assert "![x](q/p.png)" in notebook.with_pictures(text, {"notebook/p.png": "q/p.png"})
