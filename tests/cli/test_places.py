"""What a command is told to read must be there: if not, that is wrong use, whichever command it is."""

from pathlib import Path

import pytest

from musicgen_app.cli.main import WRONG_USE, main

COMMANDS = (
    "inspect NONE",
    "tokens NONE",
    "prepare NONE --out OUT",
    "prepare HERE NONE --out OUT",
    "train NONE --out OUT",
    "train HERE --from NONE --out OUT",
    "generate NONE --out OUT.mid",
    "generate HERE --prompt NONE --out OUT.mid",
    "generate HERE --passage NONE --out OUT.mid",
    "evaluate NONE HERE",
    "evaluate HERE NONE",
    "evaluate HERE HERE --against NONE",
    "originality NONE --against HERE",
    "originality HERE --against NONE",
    "likeness HERE NONE --against HERE",
    "likeness HERE --against NONE",
    "render NONE --out OUT.wav",
    "picture NONE --out OUT.png",
    "models import NONE --preset seed-base --codec-from HERE --out OUT.safetensors",
    "models import HERE --preset seed-base --codec-from NONE --out OUT.safetensors",
    "runs import NONE --project OUT",
    "runs export --project NONE --out OUT.csv",
    "runs judge --project NONE --against HERE",
    "runs judge --project HERE --against NONE",
    "runs list --project NONE",
    "runs plot --project NONE --out OUT.png",
    "runs queue --project NONE",
    "runs sweep epochs=1 --project NONE",
    "notebook --project NONE",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_not_there_is_wrong_use(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.mid").write_bytes(b"")
    words = command.replace("NONE", "none.mid").replace("HERE", "here.mid").replace("OUT", "out").split()
    assert main(words) == WRONG_USE
    told = capsys.readouterr()
    assert "none.mid is not there" in told.err or "none.mid does not exist" in told.out
    assert [path.name for path in tmp_path.iterdir()] == ["here.mid"]


def test_a_name_that_no_file_can_have_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "x" * 5000, "--out", "a.wav"]) == WRONG_USE
    assert "is not there" in capsys.readouterr().err
