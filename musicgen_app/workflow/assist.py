"""Take part in a training that another machine keeps: the twin of ``workflow.train`` on all workers but the first."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from musicgen_app.core.errors import Cancelled, TrainingError, UsageError
from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.store import open_dataset
from musicgen_app.ml.backend import start_tensorflow
from musicgen_app.ml.cluster import CHIEF, Cluster
from musicgen_app.ml.config import LIMITS
from musicgen_app.ml.links import Link, LinkError, reach_chief
from musicgen_app.workflow.train import in_common

if TYPE_CHECKING:
    from musicgen_app.ml.team import Assisted


@dataclass(frozen=True, slots=True)
class AssistRequest:
    """What to take part in.

    Attributes:
        dataset: Folder of the same data set that the chief has.
        cluster: All workers, and which of them this one is.
        threads: Processor threads to compute on; 0 takes all. Everything else the chief says.
    """

    dataset: Path
    cluster: Cluster
    threads: int = 0


def assist(request: AssistRequest, report: Report, cancel: CancelToken) -> "Assisted":
    """Wait for the chief and learn what it says until the training ends. Writes nothing.

    Raises:
        Cancelled: A stop was asked for, here or at the chief.
        UsageError: A setting is out of range, or this worker's port is taken.
        DatasetError: The data set cannot be used.
        TrainingError: The chief did not come, refused this worker, is gone, or could not go on.
    """
    limit = LIMITS["threads"]
    if not isinstance(request.threads, int) or not limit.low <= request.threads <= limit.high:
        raise UsageError(f"{limit.title} is {request.threads!r}; expected {limit.low} to {limit.high}.")
    dataset = open_dataset(request.dataset)
    cluster = request.cluster
    with reach_chief(cluster, in_common(dataset), report, cancel) as link:
        _await(link, "start", cluster, cancel)
        report(Progress("Starting TensorFlow"))
        start_tensorflow(request.threads)
        link.send({"order": "ready"})
        _await(link, "join", cluster, cancel)
        from musicgen_app.ml import distributed, team

        return team.assist(link, distributed.Group(cluster), dataset, report, cancel)


def _await(link: Link, order: str, cluster: Cluster, cancel: CancelToken) -> None:
    """Wait for an order of the chief.

    Raises:
        Cancelled: A stop was asked for, here or there.
        TrainingError: Another order came, or none.
    """
    chief = cluster.named(CHIEF).capitalize()
    try:
        given = link.receive(cancel=cancel)
    except LinkError as error:
        raise TrainingError(f"{chief} left before the training began.") from error
    if given.get("how") == "stopped":
        raise Cancelled
    if given.get("order") != order:
        raise TrainingError(f"{chief} did not begin. {given.get('why', '')}".strip())
