"""What intervals say of pitches.

The same melodic step counts alike wherever it begins, so it is learned once and not once in every key. On the corpus
this was worth more than anything else that was tried (docs/benchmarks.md).
"""

from typing import Any

import tensorflow as tf

from musicgen_app.generation.checkpoint import INTERVALS, PITCHES, WIDEST_INTERVAL


def told_by_intervals(intervals: tf.Tensor, recent: tf.Tensor, size: int) -> tf.Tensor:
    """Logits of pitches from logits of the intervals to the last pitches.

    Args:
        intervals: Shape (rows, recent, ``INTERVALS``): how likely the next pitch is so many semitones from each.
        recent: Shape (rows, recent): those pitches; below 0 for none, which tells nothing.
        size: Classes of the field of pitches; those from 128 on are no pitches.

    Returns:
        Shape (rows, size): the sum over the last pitches.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def moved(intervals: tf.Tensor) -> Any:
        known = recent[..., tf.newaxis] >= 0
        places = tf.range(size) - recent[..., tf.newaxis] + WIDEST_INTERVAL
        inside = known & (places >= 0) & (places < INTERVALS) & (tf.range(size) < PITCHES)
        told = tf.gather(intervals, tf.clip_by_value(places, 0, INTERVALS - 1), batch_dims=2)

        def gradient(pull: tf.Tensor) -> tf.Tensor:
            # The way back is a gather too, where TensorFlow's own would scatter, in no certain order.
            pitches = tf.range(INTERVALS) + recent[..., tf.newaxis] - WIDEST_INTERVAL
            inside = known & (pitches >= 0) & (pitches < PITCHES)
            shape = (intervals.shape[0], intervals.shape[1], size)
            pulls = tf.broadcast_to(pull[:, tf.newaxis], shape)
            return tf.where(inside, tf.gather(pulls, tf.clip_by_value(pitches, 0, size - 1), batch_dims=2), 0.0)

        return tf.reduce_sum(tf.where(inside, told, 0.0), axis=1), gradient

    found: tf.Tensor = moved(intervals)
    return found
