"""Starts TensorFlow quietly and on the asked number of threads. Importing this module imports nothing heavy."""

import contextlib
import logging
import math
import os
import time
import warnings
from collections.abc import Iterator

_ROWS, _UNITS = 1024, 512
_TURNS = 8
_WORTH = 0.9
"""Casting back and forth takes time too: bfloat16 has to need less than this share of the time of float32."""

_log = logging.getLogger(__name__)


def silence_tensorflow() -> None:
    """Choose Keras' backend and quieten TensorFlow's log; only works before TensorFlow is first imported."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def start_tensorflow(threads: int = 0) -> None:
    """Import TensorFlow (5 to 14 seconds the first time) and settle how it computes.

    Args:
        threads: Processor threads to compute on; 0 takes all. Without effect once TensorFlow has computed something.
    """
    silence_tensorflow()
    with warnings.catch_warnings(), error_stream_closed():
        # TensorFlow and what it brings along warn about each other's old ways of speaking.
        warnings.simplefilter("ignore")
        import keras
        import tensorflow as tf
    keras.config.set_floatx("float32")
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads or os.cpu_count() or 1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        _log.info("TensorFlow runs already; it keeps its number of threads.")


def bfloat16_is_quicker() -> bool:
    """Whether this processor multiplies quicker in bfloat16: measured on a product of a training's size, in turns."""
    import tensorflow as tf

    wide, tall = tf.ones((_ROWS, _UNITS)), tf.ones((_UNITS, 4 * _UNITS))
    factors = {kind: (tf.cast(wide, kind), tf.cast(tall, kind)) for kind in (tf.float32, tf.bfloat16)}
    best = dict.fromkeys(factors, math.inf)
    for _ in range(_TURNS):
        for kind, (left, right) in factors.items():
            began = time.perf_counter()
            tf.matmul(left, right).numpy()
            best[kind] = min(best[kind], time.perf_counter() - began)
    return best[tf.bfloat16] < _WORTH * best[tf.float32]


@contextlib.contextmanager
def error_stream_closed() -> Iterator[None]:
    """Keep what C++ libraries greet the world with while they are loaded from the error stream.

    Their own settings do not silence it. What goes wrong in that time arrives as an exception.
    """
    kept = os.dup(2)
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
