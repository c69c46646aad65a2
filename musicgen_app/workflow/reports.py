"""What the verbs of training and evaluation report and return, for those above the workflow."""

from musicgen_app.ml.reports import (
    BatchReport,
    EpochReport,
    Evaluation,
    SkippedFile,
    TrainResult,
    TrainStarted,
)

__all__ = ["BatchReport", "EpochReport", "Evaluation", "SkippedFile", "TrainResult", "TrainStarted"]
