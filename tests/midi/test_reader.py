import os
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import Cancelled, MidiReadError
from musicgen_app.core.progress import CancelToken, Progress
from musicgen_app.core.score import Score
from musicgen_app.midi import reader
from musicgen_app.midi.findings import Findings, name_tracks
from musicgen_app.midi.reader import read_midi, read_midi_bytes
from tests.midi.raw import control, listed, midi, note, read


def refusal(path: Path) -> MidiReadError:
    with pytest.raises(MidiReadError) as caught:
        read_midi(path)
    return caught.value


class TestPaths:
    def test_a_file_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "song.mid").write_bytes(midi(note(60)))
        assert listed(read_midi(tmp_path / "song.mid")) == [(0, 96, 60)]

    def test_a_folder_is_called_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "songs.mid").mkdir()
        assert refusal(tmp_path / "songs.mid").message == "songs.mid is a folder."

    @pytest.mark.parametrize("name", ["none.mid", "bad\0name.mid"])
    def test_a_missing_file_is_called_missing(self, tmp_path: Path, name: str) -> None:
        assert refusal(tmp_path / name).message.endswith("does not exist.")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="This system has no named pipes.")
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.mid")
        assert refusal(tmp_path / "pipe.mid").message == "pipe.mid is not a file."

    def test_a_name_too_long_for_the_disk_is_a_sentence(self, tmp_path: Path) -> None:
        assert "cannot be opened: File name too long." in refusal(tmp_path / ("x" * 300 + ".mid")).message

    def test_a_file_that_cannot_be_opened_is_a_sentence(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_path: Path) -> bytes:
            raise OSError

        (tmp_path / "song.mid").write_bytes(b"")
        monkeypatch.setattr(Path, "read_bytes", refuse)
        assert refusal(tmp_path / "song.mid").message == "song.mid cannot be opened: the disk gave no reason."

    def test_a_huge_file_is_not_even_opened(self, tmp_path: Path) -> None:
        with (tmp_path / "huge.mid").open("wb") as file:
            file.truncate(reader.MAX_FILE_BYTES + 1)
        assert refusal(tmp_path / "huge.mid").message == "huge.mid is larger than 64 MB, the most that can be read."

    def test_huge_content_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reader, "MAX_FILE_BYTES", 10)
        with pytest.raises(MidiReadError, match="can be read"):
            read_midi_bytes(midi(note(60)))


class TestPedals:
    def test_every_value_is_kept_with_its_track(self) -> None:
        events = control(0, 64, 127, 1) + control(5, 64, 40, 1) + control(0, 64, 0, 1) + note(60, channel=0)
        score = read(events).score
        assert score.pedals.tolist() == [(0, 1, 127), (5, 1, 40), (5, 1, 0)]

    def test_other_controllers_are_not_pedals(self) -> None:
        assert len(read(control(0, 66, 127) + control(0, 1, 64) + note(60)).score.pedals) == 0


class TestFindings:
    def test_tracks_are_named_by_number_but_not_too_many(self) -> None:
        assert name_tracks([3]) == "track 3"
        assert name_tracks([1, 3]) == "tracks 1 and 3"
        assert name_tracks([1, 2, 3, 9]) == "tracks 1, 2, 3 and 9"
        assert name_tracks([1, 2, 3, 4, 5]) == "tracks 1, 2, 3 and 2 more"

    def test_none_is_no_finding_and_large_numbers_are_readable(self) -> None:
        findings = Findings()
        findings.add("Nothing.", 0)
        findings.add("One.", 1_204, many="{count} of them.")
        assert findings.sentences(Score()) == ("1,204 of them.",)


def test_columns_of_a_reading_are_read_only() -> None:
    notes = read(note(60)).score.notes
    with pytest.raises(ValueError, match="read-only"):
        notes["pitch"] = np.uint8(1)


def test_reading_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path) -> None:
    path = tmp_path / "long.mid"
    path.write_bytes(midi(b"".join(note(60) for _ in range(40_000))))
    told: list[Progress] = []
    read_midi(path, told.append)  # type: ignore[arg-type]
    parts = [report.done / report.total for report in told if report.stage == "Reading"]
    assert len(parts) > 2
    assert parts == sorted(parts)
    assert parts[-1] > 0.9
    assert told[-1].stage == "Putting the notes in order"
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        read_midi(path, cancel=token)
