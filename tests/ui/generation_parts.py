"""What tests of the Generation tab are made of."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from musicgen_app.core.score import Score, make_notes
from musicgen_app.dataset.store import Piece, write_dataset
from musicgen_app.generation.checkpoint import write_checkpoint
from musicgen_app.project.document import Project
from musicgen_app.tokens.notes import metrical_codec
from tests.generation.networks import musical_checkpoint


class SilentPlayer(QObject):
    """Writes down what it is asked for."""

    position_changed = Signal(int)
    state_changed = Signal(str)
    loop_changed = Signal(object)
    loop_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def preview_note(self, pitch: int, velocity: int, channel: int = 0) -> None:
        self.asked.append("note")

    def scrub(self, tick: int) -> None:
        self.asked.append("scrub")

    def end_scrub(self) -> None:
        self.asked.append("end scrub")

    def seek(self, tick: int) -> None:
        self.asked.append(f"seek {tick}")

    def set_loop(self, start: int, end: int | None) -> None:
        self.asked.append("loop")

    def play(self) -> None:
        self.asked.append("play")

    def toggle(self) -> None:
        self.asked.append("toggle")

    def set_growing(self, growing: bool) -> None:
        self.asked.append(f"growing {growing}")


def melody(notes: int, first_pitch: int = 40) -> Score:
    """A scale in quarters."""
    return Score(notes=make_notes([(480 * i, 240, first_pitch + i, 64) for i in range(notes)]))


def add_model(project: Project) -> Path:
    """A run with a small model that makes music at once."""
    path = project.new_run_folder() / "model.safetensors"
    write_checkpoint(path, musical_checkpoint())
    return path


def add_dataset(project: Project) -> None:
    codec = metrical_codec()
    rows = codec.encode(melody(80))
    project.dataset_folder.mkdir(parents=True, exist_ok=True)
    write_dataset(project.dataset_folder, codec, [(Piece("Scale", "scale.mid", "train", 0, len(rows), 80, 0), rows)])
