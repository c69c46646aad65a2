"""What is to be trained. Free of TensorFlow."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from musicgen_app.dataset.store import Dataset
from musicgen_app.ml.hearing import Hearer
from musicgen_app.ml.runfolder import RunFolder
from musicgen_app.ml.tuning import Start
from musicgen_app.ml.windowed_config import AnyTrainConfig

if TYPE_CHECKING:
    from musicgen_app.ml.team import Team


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be trained, on what, and where to.

    Attributes:
        config: The settings.
        dataset: The music.
        run: The folder that takes everything.
        title: Name of the model.
        replan: Whether the epochs or minutes are other ones than when the run began.
        start: The model whose weights it begins with, of which the run's folder holds a copy; None for fresh ones.
        hearer: Hears the network on the way; None where nobody does.
        team: The workers on other machines, whose chief this process is; None where it trains alone.
    """

    config: AnyTrainConfig
    dataset: Dataset
    run: RunFolder
    title: str = ""
    replan: bool = False
    start: Start | None = None
    hearer: Hearer | None = None
    team: "Team | None" = None
