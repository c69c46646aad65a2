"""One step of a training on several machines: ``tf.distribute``'s MultiWorkerMirroredStrategy with a step of our own.

Each worker has the whole network and learns from its share of the joint batch. The gradients are added up over all
workers by a collective; each is already divided by the size of the joint batch, so the sum is the gradient of that
batch, however it was shared. What follows (clipping, the optimizer) is computed by all alike.
"""

import contextlib
import faulthandler
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from musicgen_app.core.errors import UsageError
from musicgen_app.ml.checkpoint import Arrays
from musicgen_app.ml.cluster import Cluster

_TIMEOUT_SECONDS = 600.0
"""So long a worker that lives may keep the others waiting inside a step, the tracing of the first one included. One
that is dead is noticed at once, one that is frozen or cut off after ten seconds: by TensorFlow's heartbeats."""

JOIN_SECONDS = 60
"""So long the workers may need to join once TensorFlow runs on all of them; it takes one or two."""

LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError,
    tf.errors.InternalError,
    tf.errors.UnknownError,
)
"""What a collective raises when somebody is gone."""


class Group:
    """The workers of one training, joined. To be made before TensorFlow has computed anything.

    Attributes:
        cluster: Who they are.
    """

    def __init__(self, cluster: Cluster) -> None:
        """Join the others; returns when all are there. Ends the process where they do not come.

        Raises:
            UsageError: This worker's port is taken.
        """
        self.cluster = cluster
        self._options = tf.distribute.experimental.CommunicationOptions(timeout_seconds=_TIMEOUT_SECONDS)
        resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
            tf.train.ClusterSpec({"worker": list(cluster.workers)}),
            task_type="worker",
            task_id=cluster.worker,
            num_accelerators={"GPU": 0},
            rpc_layer="grpc",
        )
        try:
            with _ending_the_process_after(JOIN_SECONDS):
                self._strategy = tf.distribute.MultiWorkerMirroredStrategy(resolver, self._options)
        except tf.errors.UnknownError as error:
            raise UsageError(
                f"The port {cluster.place[1]} of this machine cannot be used.",
                "Choose another one, in the list of every worker.",
            ) from error
        self._sum = tf.function(self._summed_alone)

    def compiled(self, step: Callable[..., Any], signature: Sequence[tf.TensorSpec]) -> Callable[..., Any]:
        """A step that all workers take together, compiled. Inside it ``summed`` can be called."""
        compiled: Callable[..., Any] = tf.function(
            lambda *values: self._strategy.run(step, args=values), input_signature=signature
        )
        return compiled

    def summed(self, tensors: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """Float32 tensors of fixed shapes, added up over all workers: bit for bit the same on each.

        They travel as one, so that a step has one collective.
        """
        flat = tf.concat([tf.reshape(tensor, [-1]) for tensor in tensors], axis=0)
        context = tf.distribute.get_replica_context()
        whole = context.all_reduce(tf.distribute.ReduceOp.SUM, flat, options=self._options)
        parts = tf.split(whole, [tensor.shape.num_elements() for tensor in tensors])
        return [tf.reshape(part, tensor.shape) for part, tensor in zip(parts, tensors, strict=True)]

    def shared(self, arrays: Arrays | None, shapes: Mapping[str, tuple[int, ...]]) -> Arrays:
        """The chief's arrays, on every worker. All call it at the same time.

        Args:
            arrays: What the chief has; the others have nothing.
            shapes: Of the arrays, by name.
        """
        names = sorted(shapes)
        mine = [tf.zeros(shapes[name]) if arrays is None else tf.constant(arrays[name]) for name in names]
        found = self._sum(mine)
        return {name: np.array(tensor) for name, tensor in zip(names, found, strict=True)}

    def _summed_alone(self, tensors: list[tf.Tensor]) -> Any:
        return self._strategy.run(self.summed, args=(tensors,))


@contextlib.contextmanager
def _ending_the_process_after(seconds: int) -> Iterator[None]:
    """Bound what cannot be interrupted: TensorFlow waits without a limit, and lets no line of Python run meanwhile.

    So nobody can say why the process ends with exit code 1; who calls this has to say it before.
    """
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
