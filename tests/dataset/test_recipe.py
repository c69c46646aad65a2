import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen_app.core.errors import RecipeError, UsageError
from musicgen_app.dataset.recipe import (
    AS_IT_IS,
    NO_RECIPE,
    FileEdit,
    Recipe,
    edit_of,
    key_of,
    labels_of,
    read_recipe,
    recipe_from,
    recipe_json,
    with_edit,
    write_recipe,
)
from musicgen_app.workflow.wire import from_line, to_line

edits = st.builds(
    FileEdit,
    excluded=st.booleans(),
    title=st.sampled_from(["", "Étude", "夜想曲"]),
    key=st.sampled_from(["", "E flat major", "c# minor"]),
    tracks=st.none() | st.lists(st.integers(0, 9), min_size=1).map(tuple),
    quantise=st.booleans(),
    side=st.sampled_from(["", "train", "validation", "test"]),
)
recipes = st.dictionaries(st.text(max_size=9).map(lambda text: f"music/{text}"), edits).map(Recipe)


@given(recipes)
def test_a_recipe_comes_back_from_json_and_through_the_wire(recipe: Recipe) -> None:
    said = {key: edit for key, edit in recipe.edits.items() if edit != AS_IT_IS}
    assert recipe_from(json.loads(json.dumps(recipe_json(recipe))), "recipe.json") == Recipe(said)
    assert from_line(to_line(recipe)) == recipe
    assert hash(Recipe(dict(reversed(recipe.edits.items())))) == hash(recipe)


def test_an_edit_leaves_the_recipe_it_was_made_of_alone(tmp_path: Path) -> None:
    first = with_edit(NO_RECIPE, ["a/1.mid", "a/2.mid"], excluded=True)
    second = with_edit(first, ["a/2.mid"], excluded=False, key="E flat major", tracks=(2, 0, 2))
    assert NO_RECIPE.edits == {}
    assert first.edits == {"a/1.mid": FileEdit(excluded=True), "a/2.mid": FileEdit(excluded=True)}
    assert edit_of(second, "a/2.mid") == FileEdit(key="E♭ major", tracks=(0, 2))
    assert edit_of(second, "a/3.mid") == AS_IT_IS
    assert with_edit(second, ["a/2.mid"], key="", tracks=None).edits == {"a/1.mid": FileEdit(excluded=True)}
    assert with_edit(second, ["a/1.mid"], excluded=True) is second
    with pytest.raises(TypeError):
        first.edits["a/1.mid"] = AS_IT_IS  # type: ignore[index]
    write_recipe(tmp_path / "recipe.json", second)
    assert read_recipe(tmp_path / "recipe.json") == second


def test_keys_are_those_of_the_folder_wherever_it_lies() -> None:
    bach, liszt = Path("/home/a/music/bach"), Path("/home/a/music/liszt")
    assert labels_of([bach]) == {bach: "bach"}
    assert labels_of([bach, liszt]) == {bach: "bach", liszt: "liszt"}
    old, new = Path("/old/midi"), Path("/new/midi")
    assert labels_of([old, new, liszt]) == {old: "old/midi", new: "new/midi", liszt: "liszt"}
    # No label may be the beginning of another, or two files could have one key.
    assert set(labels_of([old, new, Path("/x/old")]).values()) == {"old/midi", "new/midi", "x/old"}
    assert labels_of([Path("/")]) == {Path("/"): "/"}
    assert key_of("bach", "suites/1.mid") == "bach/suites/1.mid"
    assert key_of("bach", "\udce9.mid") == "bach/\\udce9.mid"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (None, "cannot be read"),
        ("{", "not valid JSON"),
        ("[]", "is no recipe"),
        ('{"format": "musicgen recipe", "version": 2}', "newer version"),
        ('{"format": "musicgen recipe", "version": 1}', "no edits"),
        ('{"format": "musicgen recipe", "version": 1, "edits": {"a/1.mid": 3}}', "a/1.mid"),
        ('{"format": "musicgen recipe", "version": 1, "edits": {"a/1.mid": {"trim": 1}}}', "“trim”"),
        ('{"format": "musicgen recipe", "version": 1, "edits": {"a/1.mid": {"tracks": [true]}}}', "“tracks”"),
        ('{"format": "musicgen recipe", "version": 1, "edits": {"a/1.mid": {"key": "H"}}}', "is no key"),
    ],
)
def test_a_damaged_file_is_answered_with_a_sentence(tmp_path: Path, written: str | None, said: str) -> None:
    path = tmp_path / "recipe.json"
    if written is not None:
        path.write_text(written, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    assert said in str(caught.value)


def test_fields_of_others_are_kept_out(tmp_path: Path) -> None:
    contents = {"edits": {"a/1.mid": {"trim": True, "colour": "red"}, "a/2.mid": {"colour": "blue"}}, "more": 1}
    assert recipe_from(contents, "recipe.json") == Recipe({"a/1.mid": FileEdit(trim=True)})


@pytest.mark.parametrize(
    "wrong", [{"side": "left"}, {"key": "H"}, {"tracks": ()}, {"tracks": (-1,)}, {"title": "a\nb"}]
)
def test_values_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        with_edit(NO_RECIPE, ["a/1.mid"], **wrong)
