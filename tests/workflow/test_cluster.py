"""A cluster of two nodes makes what one machine makes, file for file, also where one of them dies."""

import json
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from musicgen_app.cli.main import main
from musicgen_app.core.errors import Cancelled, ClusterError
from musicgen_app.core.progress import CancelToken, Progress, Report, silent
from musicgen_app.workflow.cluster import cluster_at
from musicgen_app.workflow.prepare import PrepareConfig, prepare
from tests.dataset.music import melody, write_midi_file
from tests.workflow.ray_nodes import TwoNodes, two_nodes


@pytest.fixture(scope="module")
def nodes(root: Path) -> Iterator[TwoNodes]:
    with two_nodes(root) as started:
        yield started


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    for seed in range(60):
        write_midi_file(folder / f"piece-{seed:03}.mid", melody(seed))
    write_midi_file(folder / "another edition.mid", melody(7))
    write_midi_file(folder / "short.mid", melody(61, 5, chords=False))
    (folder / "letter.mid").write_bytes(b"Dear Sir or Madam")
    (folder / "empty.mid").write_bytes(b"")
    credit = {"file": "piece-003.mid", "title": "Third", "composer": "A. Nobody", "licence": "CC0"}
    (folder / "LICENCES.json").write_text(json.dumps({"pieces": [credit]}))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def without_times(reports: list[object]) -> list[object]:
    return [replace(one, seconds_left=None) if isinstance(one, Progress) else one for one in reports]


def test_data_sets_are_the_same_byte_for_byte_and_being_stopped_leaves_nothing(
    nodes: TwoNodes, music: Path, tmp_path: Path
) -> None:
    with cluster_at(nodes.address) as cluster:
        for codec in ("notes", "seed"):
            config = PrepareConfig((music,), tmp_path / f"one {codec}", codec=codec)  # type: ignore[arg-type]
            told: list[object] = []
            alone = prepare(config, told.append, CancelToken())
            told_by_cluster: list[object] = []
            config = replace(config, out=tmp_path / f"two {codec}")
            together = prepare(config, told_by_cluster.append, CancelToken(), readers=cluster.read)
            assert contents(together.folder) == contents(alone.folder)
            assert replace(together, folder=alone.folder) == alone
            assert without_times(told_by_cluster) == without_times(told)
        cancel = CancelToken()
        with pytest.raises(Cancelled):
            prepare(replace(config, out=tmp_path / "three"), stopper(cancel), cancel, readers=cluster.read)
    assert len(list(tmp_path.iterdir())) == 4


def stopper(cancel: CancelToken) -> Report:
    def stop(report: object) -> None:
        if isinstance(report, Progress) and report.done == 5:
            cancel.cancel()

    return stop


def test_the_command_ends_equal_though_a_node_is_killed(
    nodes: TwoNodes, music: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(PrepareConfig((music,), tmp_path / "one"), silent, CancelToken())
    killed: list[str] = []

    def kill(_line: object, report: object) -> None:
        if isinstance(report, Progress) and report.done == 3 and not killed:
            killed.extend(process.name() for process in nodes.second.processes())
            nodes.second.kill()

    monkeypatch.setattr("musicgen_app.cli.console.ProgressLine.__call__", kill)
    command = ["prepare", str(music), "--out", str(tmp_path / "two"), "--json", "--cluster", nodes.address]
    assert main(command) == 0
    assert "raylet" in killed
    assert contents(tmp_path / "two") == contents(tmp_path / "one")
    assert json.loads(capsys.readouterr().out)["files"][0]["title"] == "Another Edition"


def test_where_nobody_answers_a_sentence_says_so(
    tmp_path: Path, music: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "set")
    assert main(["prepare", str(music), "--out", out, "--cluster", "127.0.0.1:1"]) == 1
    assert "No cluster answers at 127.0.0.1:1" in capsys.readouterr().err
    with socket.create_server(("127.0.0.1", 0)) as other:
        answering = threading.Thread(target=greet, args=[other])
        answering.start()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        assert main(["prepare", str(music), "--out", out, "--cluster", address]) == 1
        answering.join()
    assert f"What answers at {address} is no cluster." in capsys.readouterr().err
    assert main(["prepare", str(music), "--out", out, "--cluster", "the big one"]) == 2
    assert 'Write HOST:PORT, or "auto".' in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def greet(server: socket.socket) -> None:
    """Answer one caller as a mail server does."""
    with server.accept()[0] as line:
        line.recv(1024)
        line.sendall(b"220 mail.example.org\r\n")


def test_without_ray_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match=r"pip install .musicgen-app\[cluster\]"), cluster_at("auto"):
        pass
