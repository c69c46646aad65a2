"""The steering wheel of a training, for those above the workflow."""

from musicgen_app.ml.control import TrainControl

__all__ = ["TrainControl"]
