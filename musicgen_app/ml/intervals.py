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
    # Each row is laid out with room on both sides for intervals that lead beyond the pitches.
    wide = size + INTERVALS
    rows = tf.range(intervals.shape[0])[:, tf.newaxis, tf.newaxis] * wide
    known = recent[..., tf.newaxis] >= 0
    places = tf.reshape(tf.where(known, rows + recent[..., tf.newaxis] + tf.range(INTERVALS), -1), [-1])
    pitches = tf.constant([[1.0] * PITCHES + [0.0] * (size - PITCHES)])

    @tf.custom_gradient  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def moved(intervals: tf.Tensor) -> Any:
        told = tf.math.unsorted_segment_sum(tf.reshape(intervals, [-1]), places, intervals.shape[0] * wide)
        inside = tf.reshape(told, (-1, wide))[:, WIDEST_INTERVAL : WIDEST_INTERVAL + size]

        def gradient(pull: tf.Tensor) -> tf.Tensor:
            padded = tf.pad(pull * pitches, [[0, 0], [WIDEST_INTERVAL, WIDEST_INTERVAL + 1]])
            # Intervals to no pitch take the zero behind the last.
            lined = tf.concat([tf.reshape(padded, [-1]), [0.0]], axis=0)
            pulls = tf.gather(lined, tf.where(places < 0, lined.shape[0] - 1, places))
            return tf.reshape(pulls, intervals.shape)

        return inside * pitches, gradient

    found: tf.Tensor = moved(intervals)
    return found
