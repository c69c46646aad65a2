from itertools import count
from pathlib import Path

import numpy as np
import pytest

from musicgen_app.core.errors import DatasetError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, silent
from musicgen_app.core.score import PEDAL_DTYPE, TEMPO_DTYPE, KeySignature, Score, TimeSignature, make_notes
from musicgen_app.core.timing import TempoMap
from musicgen_app.dataset.store import Piece, write_dataset
from musicgen_app.generation.checkpoint import write_checkpoint
from musicgen_app.generation.generator import NotesReport, SampleConfig
from musicgen_app.generation.ready import KeptModel
from musicgen_app.midi.writer import midi_bytes, write_midi
from musicgen_app.tokens.notes import metrical_codec, seconds_codec
from musicgen_app.workflow.generate import GenerateConfig, Take, excerpt, generate
from musicgen_app.workflow.wire import from_line, to_line
from tests.generation.networks import musical_checkpoint

CODEC = metrical_codec()
PROMPT = Score(notes=make_notes([(480 * i, 240, 60 + i, 64) for i in range(8)]))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "model.safetensors"
    write_checkpoint(path, musical_checkpoint(title="Nocturnes"))
    return path


def piece(title: str, notes: int, first_pitch: int = 40) -> tuple[Piece, np.ndarray]:
    """A melody in quarters, each note higher than the one before, the pedal pressed with the third note."""
    score = Score(
        notes=make_notes([(480 * i + 960, 240, first_pitch + i, 64) for i in range(notes)]),
        pedals=np.array([(1920, 0, 127), (2160, 0, 0)], PEDAL_DTYPE),
    )
    rows = CODEC.encode(score)
    return Piece(title, f"{title}.mid", "train", 0, len(rows), notes, 0), rows


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    write_dataset(folder, CODEC, [piece("First", 20), piece("Second", 50)])
    return folder


def made(config: GenerateConfig) -> tuple[Take, ...]:
    return generate(config, silent, CancelToken())


def test_takes_hold_what_was_asked_for_and_say_how_they_were_made(model: Path) -> None:
    takes = made(GenerateConfig(model, SampleConfig(notes=40, seed=6, count=2)))
    assert [take.seed for take in takes] == [6, 7]
    for take in takes:
        assert (take.notes, take.prompt_notes, len(take.score.notes)) == (40, 0, 40)
        assert (take.model, take.prompt, take.ending) == ("Nocturnes", "", "length")
        assert take.seconds == TempoMap(take.score).second(take.score.end)
        assert take.notes_per_second > 0
        assert take.seconds_taken > 0


def test_a_take_of_many_can_be_made_again_alone(model: Path) -> None:
    many = made(GenerateConfig(model, SampleConfig(notes=50, seed=6, count=5)))
    (again,) = made(GenerateConfig(model, SampleConfig(notes=50, seed=many[3].seed)))
    assert again.score == many[3].score


def test_a_model_without_a_title_is_called_like_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "0003" / "model.safetensors"
    path.parent.mkdir()
    write_checkpoint(path, musical_checkpoint(title=""))
    (take,) = made(GenerateConfig(path, SampleConfig(notes=3)))
    assert take.model == "0003"


@pytest.mark.parametrize("codec", [CODEC, seconds_codec()], ids=["metrical", "seconds"])
def test_a_given_score_is_continued(tmp_path: Path, codec: type) -> None:
    path = tmp_path / "model.safetensors"
    write_checkpoint(path, musical_checkpoint(codec))
    (take,) = made(GenerateConfig(path, SampleConfig(notes=20), prompt=PROMPT))
    assert np.array_equal(take.score.notes[:8]["pitch"], PROMPT.notes["pitch"])
    assert (take.notes, take.prompt_notes, len(take.score.notes)) == (20, 8, 28)


def test_a_midi_file_is_continued(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "Lullaby.mid"
    write_midi(PROMPT, path)
    (take,) = made(GenerateConfig(model, SampleConfig(notes=20, seed=2), prompt_file=path))
    (same,) = made(GenerateConfig(model, SampleConfig(notes=20, seed=2), prompt=PROMPT))
    assert take.prompt == "Lullaby"
    assert np.array_equal(take.score.notes, same.score.notes)


def test_the_same_seed_gives_the_same_bytes(model: Path, dataset: Path) -> None:
    config = GenerateConfig(model, SampleConfig(notes=60, seed=11, count=3), passage=dataset)
    assert [midi_bytes(take.score) for take in made(config)] == [midi_bytes(take.score) for take in made(config)]


def test_requests_reports_and_takes_travel_to_another_process_and_back(model: Path) -> None:
    heard: list[object] = []
    config = GenerateConfig(model, SampleConfig(notes=10, count=2), prompt=PROMPT)
    takes = generate(config, heard.append, CancelToken(), now=ticking(0.2).__next__)
    for value in (config, takes, *heard):
        assert from_line(to_line(value)) == value


def test_music_without_notes_cannot_be_continued(model: Path) -> None:
    with pytest.raises(UsageError, match="no notes to continue"):
        made(GenerateConfig(model, SampleConfig(notes=1), prompt=Score()))


def test_an_excerpt_begins_with_its_first_bar_and_keeps_its_tempo_and_metre() -> None:
    whole = Score(
        notes=make_notes([(480 * i, 240, 60 + i, 64) for i in range(12)]),
        pedals=np.array([(1440, 0, 127), (2880, 0, 0), (3840, 0, 127)], PEDAL_DTYPE),
        tempos=np.array([(0, 500_000), (1920, 400_000), (3000, 300_000)], TEMPO_DTYPE),
        time_signatures=(TimeSignature(0, 3, 4),),
        key_signatures=(KeySignature(0, 1), KeySignature(2880, 2), KeySignature(2900, 3)),
    )
    part = excerpt(whole, np.array([7, 8]))
    assert part.notes["onset"].tolist() == [480, 960]
    assert part.notes["pitch"].tolist() == [67, 68]
    assert part.pedals["onset"].tolist() == [960]
    assert part.tempos["onset"].tolist() == [0, 120]
    assert part.tempos["microseconds_per_beat"].tolist() == [400_000, 300_000]
    assert part.time_signatures == (TimeSignature(0, 3, 4),)
    assert part.key_signatures == (KeySignature(0, 2), KeySignature(20, 3))


def test_the_prompt_can_be_left_out(model: Path) -> None:
    whole = made(GenerateConfig(model, SampleConfig(notes=20), prompt=PROMPT))[0].score.notes[8:]
    (take,) = made(GenerateConfig(model, SampleConfig(notes=20), prompt=PROMPT, include_prompt=False))
    assert take.prompt_notes == 0
    assert np.array_equal(take.score.notes["pitch"], whole["pitch"])
    assert np.unique(whole["onset"] - take.score.notes["onset"]).tolist() == [1920]


def test_a_random_passage_is_continued(model: Path, dataset: Path) -> None:
    takes = made(GenerateConfig(model, SampleConfig(notes=10, count=8), passage=dataset, passage_notes=12))
    assert {take.prompt for take in takes} == {"First", "Second"}
    for take in takes:
        first = take.score.notes[:12]
        assert take.prompt_notes == 12
        assert np.unique(np.diff(first["pitch"].astype(int))).tolist() == [1]
        assert np.unique(np.diff(first["onset"])).tolist() == [480]
        assert int(first["onset"][0]) == 480 * ((int(first["pitch"][0]) - 40 + 2) % 4), "the place in the bar is kept"


def test_a_passage_keeps_its_pedal(model: Path, dataset: Path) -> None:
    (take,) = made(GenerateConfig(model, SampleConfig(notes=1), passage=dataset, passage_notes=1000))
    assert take.prompt_notes in (20, 50)
    assert take.score.pedals["value"][:2].tolist() == [127, 0]


def test_takes_of_passages_can_be_made_again_alone(model: Path, dataset: Path) -> None:
    many = made(GenerateConfig(model, SampleConfig(notes=10, seed=3, count=4), passage=dataset))
    (again,) = made(GenerateConfig(model, SampleConfig(notes=10, seed=5), passage=dataset))
    assert again.score == many[2].score


def test_a_data_set_without_notes_ends_in_a_sentence(model: Path, tmp_path: Path) -> None:
    empty = CODEC.encode(Score())
    write_dataset(tmp_path, CODEC, [(Piece("Rest", "rest.mid", "train", 0, 1, 0, 0), empty)])
    with pytest.raises(DatasetError, match="no notes"):
        made(GenerateConfig(model, SampleConfig(notes=1), passage=tmp_path))


def test_stopping_keeps_what_is_there(model: Path) -> None:
    cancel = CancelToken()

    def stop_after_some(report: object) -> None:
        if isinstance(report, NotesReport) and report.notes >= 20:
            cancel.cancel()

    (take,) = generate(
        GenerateConfig(model, SampleConfig(notes=5000)), stop_after_some, cancel, now=ticking(0.05).__next__
    )
    assert take.ending == "stopped"
    assert 20 <= len(take.score.notes) < 60


def test_stopping_at_once_gives_takes_without_notes(model: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    (take,) = generate(GenerateConfig(model, SampleConfig(notes=50)), silent, cancel)
    assert len(take.score.notes) <= 1


def ticking(step: float) -> "count[float]":
    """A clock that moves on by a step each time it is read."""
    return count(0.0, step)


def test_notes_are_reported_while_they_are_made(model: Path) -> None:
    heard: list[object] = []
    config = GenerateConfig(model, SampleConfig(notes=60, count=2), prompt=PROMPT)
    takes = generate(config, heard.append, CancelToken(), now=ticking(0.03).__next__)
    notes = [report for report in heard if isinstance(report, NotesReport)]
    assert {report.take for report in notes} == {0, 1}
    for number, take in enumerate(takes):
        mine = [report for report in notes if report.take == number]
        counts = [report.notes for report in mine]
        assert len(counts) > 3
        assert counts == sorted(counts)
        assert all(len(report.score.notes) == report.notes + 8 for report in mine)
        assert mine[-1].score == take.score
    progress = [report for report in heard if isinstance(report, Progress)]
    assert progress[0].stage == "Loading the model"
    assert (progress[-1].done, progress[-1].total) == (120, 120)
    assert progress[-1].seconds_left == 0


def test_the_first_note_is_reported_at_once(model: Path) -> None:
    heard: list[object] = []
    generate(GenerateConfig(model, SampleConfig(notes=60)), heard.append, CancelToken(), now=ticking(0.0).__next__)
    notes = [report.notes for report in heard if isinstance(report, NotesReport)]
    assert notes == [1, 60]


def test_a_model_may_be_kept_for_the_next_request(model: Path) -> None:
    kept = KeptModel()
    config = GenerateConfig(model, SampleConfig(notes=30, count=2))
    first, second = (generate(config, silent, CancelToken(), ready=kept.ready) for _ in range(2))
    assert [take.score for take in first] == [take.score for take in second] == [take.score for take in made(config)]


def test_progress_of_a_length_in_time_is_in_hundredths(model: Path) -> None:
    heard: list[object] = []
    generate(GenerateConfig(model, SampleConfig(bars=4)), heard.append, CancelToken(), now=ticking(0.03).__next__)
    progress = [report for report in heard if isinstance(report, Progress) and report.stage == "Generating"]
    assert progress[0].seconds_left is None
    assert (progress[-1].done, progress[-1].total) == (100, 100)


def test_a_clock_that_stands_still_is_no_fault(model: Path) -> None:
    (take,) = generate(GenerateConfig(model, SampleConfig(notes=3)), silent, CancelToken(), now=lambda: 1.0)
    assert take.notes_per_second == 0


def test_a_request_that_makes_no_sense_is_refused(model: Path, dataset: Path) -> None:
    with pytest.raises(UsageError, match="one thing"):
        GenerateConfig(model, SampleConfig(notes=1), prompt=PROMPT, passage=dataset)
    for notes in (0, 1001):
        with pytest.raises(UsageError, match="expected 1 to 1000"):
            GenerateConfig(model, SampleConfig(notes=1), passage=dataset, passage_notes=notes)
