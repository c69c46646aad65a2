"""Tables of experiments for tests: made up, in the form of the seeds' one."""

from pathlib import Path

from musicgen_app.core.score import Score, make_notes
from musicgen_app.midi.writer import write_midi
from musicgen_app.project.seed_row import SEED_COLUMNS, SeedRow

HEADER = ",".join(SEED_COLUMNS)


def row(**cells: str) -> SeedRow:
    """A row with these cells; ``pick``, ``minutes`` and the others stand for their headings."""
    short = {"pick": "random pick", "minutes": "runtime(min.)"}
    named = {short.get(name, name): cell for name, cell in cells.items()}
    return SeedRow(tuple(named.get(column, "") for column in SEED_COLUMNS))


def write_experiments(folder: Path) -> Path:
    """A folder with a table of four rows, two logs and two outputs; row 3 used the model of row 2 again."""
    (folder / "logs").mkdir(parents=True)
    (folder / "outputs").mkdir()
    (folder / "tests.csv").write_text(
        f"{HEADER}\n"
        "1,0.001,64,2,30,0.05,adam,0.3,-,2.5,,1.5,base model,\n"
        "2,0.002,64,3,20,0,adam,0.5,1,1.25,0.5,3,random pick 1 / complex model 2 / waltz restored,\n"
        "3,0.002,64,3,20,0,adam,0.5,3,1.25,0.6,3,random pick 3 / complex model 2 / waltz restored,\n"
        "4,0.001,64,-,30,0,adam,0.3,3,-,-,-,bidirectional added,it broke off\n"
    )
    (folder / "logs" / "1.csv").write_text("epoch,loss\n1,3.5\n2,2.5\n")
    (folder / "logs" / "2.csv").write_text("epoch,loss\n1,3.0\n2,1.25\n3,1.75\n")
    for test in (1, 2):
        score = Score(notes=make_notes([(240 * n, 240, 60 + n % 4, 90) for n in range(8)]))
        write_midi(score, folder / "outputs" / f"{test}_output.mid")
    return folder
