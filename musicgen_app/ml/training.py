"""The training loop: batches, epochs, validation, states on disk, and every way to end.

What it computes follows from the config, the data set and the counters of the last state alone, so a run that was
interrupted anywhere goes on as if it had not been.
"""

import math
import time
from collections.abc import Callable
from dataclasses import replace

import tensorflow as tf

from musicgen_app.core.errors import Cancelled, FileWriteError, TrainingError
from musicgen_app.core.progress import Progress, Report
from musicgen_app.ml.checkpoint import Counters, StateFolder, TrainingState
from musicgen_app.ml.control import TrainControl
from musicgen_app.ml.evaluation import Likelihood, held_out, total
from musicgen_app.ml.hearing import moment_of
from musicgen_app.ml.job import Job
from musicgen_app.ml.models import Figures, Models
from musicgen_app.ml.pace import Pace
from musicgen_app.ml.reports import BatchReport, EpochReport, TrainResult, TrainStarted
from musicgen_app.ml.schedule import Budget
from musicgen_app.ml.team import LOST, Lesson
from musicgen_app.ml.trainee import trainee_of
from musicgen_app.ml.tuning import starting_weights

_REPORT_SECONDS = 0.1
_SAVE_SHARE = 10
"""At the end of an epoch that is not the best one, a state is only saved when the last one is so many times as long
ago as it took to write."""


def train(
    job: Job,
    report: Report,
    control: TrainControl,
    now: Callable[[], float] = time.monotonic,
    began: float | None = None,
) -> TrainResult:
    """Train from the newest state of the run, or from the beginning where there is none.

    The caller holds the run's lock.

    Args:
        job: What to train.
        report: Told of every epoch, and of batches about ten times a second.
        control: Asked between batches.
        now: The clock, in seconds.
        began: When the time budget began to run; None for now.

    Raises:
        Cancelled: Stopped on request; the state is on disk.
        TrainingError: It could not go on; the last good state and checkpoint are kept.
    """
    try:
        return _Loop(job, report, control, Pace(now, began)).run()
    except (tf.errors.ResourceExhaustedError, MemoryError) as error:
        raise TrainingError(
            "There was not enough memory to train this network.", "Choose a smaller batch, window or preset."
        ) from error
    except FileWriteError as error:
        raise TrainingError(f"{error.message} Training stopped; the last saved state is kept.", error.hint) from error


class _Loop:
    """One training from start, or resume, to its end."""

    def __init__(self, job: Job, report: Report, control: TrainControl, pace: Pace) -> None:
        config, dataset = job.config, job.dataset
        self._job, self._report, self._control = job, report, control
        self._pace, self._now = pace, pace.now
        report(Progress("Preparing the network"))
        self._codec = dataset.codec
        team = job.team
        trainee = trainee_of(config, dataset, None if team is None else team.group)
        self._trainee, self._held_out, self._learner = trainee, trainee.held_out, trainee.learner
        self._batches = trainee.windows.batches_per_epoch
        minutes = config.minutes
        self._budget = Budget(self._batches, config.epochs, None if minutes is None else 60 * minutes)
        self._states = StateFolder(job.run.states)
        self._models = Models(job.run, config, dataset, job.title, job.start)
        self._counters = Counters(planned=self._budget.known_steps())
        self._last_report = -math.inf
        self._restore()

    def run(self) -> TrainResult:
        """Train to the end.

        Raises:
            Cancelled: Stopped on request; the state is on disk.
            TrainingError: It could not go on, for example because another worker is gone.
        """
        try:
            self._share()
            return self._to_the_end()
        except LOST as error:
            if self._job.team is None:
                raise
            # Nobody moves a weight before the gradients of all are there: the state is whole.
            if self._counters.step:
                self._save()
            counters = self._counters
            raise self._job.team.loss(error, counters.epoch + 1, counters.batch) from error

    def _to_the_end(self) -> TrainResult:
        counters = self._counters
        self._report(
            TrainStarted(
                run=self._job.run.folder,
                preset=self._job.config.preset,
                parameters=self._trainee.network.parameters(),
                batches=self._batches,
                train_notes=self._job.dataset.note_count("train"),
                validation_notes=self._trainee.counted,
                epochs=self._epochs(),
                first_epoch=counters.epoch + 1,
                first_batch=counters.batch,
            )
        )
        self._report(Progress("Preparing the first step"))
        self._saved_at, self._save_seconds = self._now(), 0.0
        if counters.epoch and not counters.batch:
            self._let_hear()  # it may have been interrupted while it did
        while (reason := self._reason_to_end()) is None:
            if self._epoch_is_over():
                self._end_epoch()
            else:
                self._batch()
                self._let_hear()
                if self._now() - self._saved_at >= self._job.config.save_seconds:
                    self._save()
        if self._counters.best_epoch == 0:
            self._end_epoch()
        self._save()
        return self._result(reason)

    def _reason_to_end(self) -> str | None:
        """Why there is nothing more to do; None while there is. Waits out a pause.

        Raises:
            Cancelled: A stop was asked for; the state is on disk.
        """
        if self._control.paused and not self._control.cancelled:
            self._pace.stop()
            self._save()
            self._report(Progress("Paused"))
            self._control.wait_while_paused()
            self._pace.start()
        if self._control.cancelled:
            if self._counters.step:
                self._save()
            self._control.check()
        counters, patience = self._counters, self._job.config.patience
        if self._control.keep_asked and counters.step:
            return "stopped and kept"
        if counters.batch:
            return None
        if self._control.epoch_end_asked and counters.step:
            return "stopped and kept"
        if patience and counters.worse >= patience:
            return f"no better for {counters.worse} epochs"
        if counters.planned and counters.step >= counters.planned:
            return "all epochs done" if self._budget.seconds is None else "the time is over"
        return None

    def _epoch_is_over(self) -> bool:
        counters = self._counters
        if counters.batch >= self._batches:
            return True
        return counters.batch > 0 and 0 < counters.planned <= counters.step

    def _batch(self) -> None:
        """Learn from the next batch.

        Raises:
            TrainingError: The loss or the gradient is not a number.
        """
        counters, config = self._counters, self._job.config
        rows = self._trainee.windows.batch(counters.epoch, counters.batch)
        rate = config.rate(counters.step, counters.planned)
        if self._job.team is not None:
            self._job.team.learn(Lesson(counters.epoch, counters.batch, counters.step, rate))
        nats, norm = self._learner.step(rows, counters.step, rate)
        if not (math.isfinite(nats) and math.isfinite(norm)):
            raise TrainingError(
                f"The loss is no longer a number (epoch {counters.epoch + 1}, batch {counters.batch + 1}). "
                "The last good checkpoint is kept.",
                "Train again with a smaller learning rate, or from another seed.",
            )
        targets = self._trainee.windows.targets(rows)
        nats += float(self._codec.log_widths(targets).sum())
        notes = int(self._codec.is_note(targets).sum())
        took = self._pace.batch(notes)
        self._counters = replace(
            counters,
            step=counters.step + 1,
            batch=counters.batch + 1,
            nats=counters.nats + nats,
            notes=counters.notes + notes,
            seconds=counters.seconds + took.seconds,
            epoch_seconds=counters.epoch_seconds + took.seconds,
            train_seconds=counters.train_seconds + took.timed,
            train_notes=counters.train_notes + (notes if took.timed else 0),
        )
        if counters.planned == 0 and self._pace.known:
            self._plan()
        self._tell(nats / max(1, notes))

    def _tell(self, loss: float) -> None:
        now, counters = self._now(), self._counters
        if now - self._last_report < _REPORT_SECONDS and counters.batch < self._batches:
            return
        self._last_report = now
        self._report(
            BatchReport(
                epoch=counters.epoch + 1,
                batch=counters.batch,
                batches=self._batches,
                loss=loss,
                notes_per_second=self._pace.notes_per_second,
                seconds_left=self._seconds_left(),
                epochs=self._epochs(),
            )
        )

    def _plan(self) -> None:
        counters = self._counters
        planned = self._budget.plan(counters.step, counters.seconds, self._pace.seconds_per_step(self._batches))
        self._counters = replace(counters, planned=planned)

    def _plan_again(self) -> None:
        """Plan for another number of epochs or minutes than the run began with, by its speed so far."""
        counters = self._counters
        per_step = counters.seconds / max(1, counters.step)
        planned = self._budget.plan(counters.step, counters.seconds, per_step) if counters.step else 0
        self._counters = replace(counters, planned=self._budget.known_steps() or planned, worse=0)

    def _end_epoch(self) -> None:
        """Validate, write the row of losses, the state and, where it is the best, the checkpoint."""
        likelihoods = self._validate()
        likelihood = total(likelihoods) if likelihoods else None
        counters = self._counters
        loss = counters.nats / max(1, counters.notes)
        validation = None if likelihood is None else likelihood.nats_per_note
        measured = loss if validation is None else validation
        if not math.isfinite(measured):
            raise TrainingError(
                "The validation loss is not a number. The last good checkpoint is kept.",
                "Train again with a smaller learning rate.",
            )
        best = validation is None or counters.best_epoch == 0 or measured < counters.best
        epoch = counters.epoch + 1
        took = self._pace.epoch_end()
        seconds = counters.epoch_seconds + took.seconds
        parts = {} if likelihood is None else likelihood.parts(self._codec.part_names)
        speed = self._pace.epoch_notes_per_second()
        counters = replace(
            counters,
            epoch=epoch,
            batch=0,
            nats=0.0,
            notes=0,
            epoch_seconds=0.0,
            seconds=counters.seconds + took.seconds,
        )
        if best:
            counters = replace(counters, best_epoch=epoch, best=measured, best_train=loss, worse=0)
            if likelihoods:
                self._job.run.write_held_out(held_out(epoch, likelihoods, self._codec))
        else:
            counters = replace(counters, worse=counters.worse + 1)
        self._counters = counters
        self._plan_anew()
        cells = [parts.get(name) for name in self._codec.part_names]
        self._job.run.append_losses([epoch, loss, validation, *cells, round(seconds, 3)])
        self._save_epoch(loss, validation)
        self._report(EpochReport(epoch, loss, validation, parts, seconds, speed, best, self._epochs()))
        self._let_hear()
        self._share()

    def _share(self) -> None:
        """Give the other workers the weights of this one: processors of another kind round otherwise."""
        if self._job.team is not None:
            self._job.team.share(self._learner, self._trainee.shapes)

    def _let_hear(self) -> None:
        """Let somebody hear what is measured and kept. That is time spent on the run, and says nothing of its speed."""
        hearer = self._job.hearer
        if hearer is None or self._epoch_is_over():
            return
        began = self._now()
        self._pace.stop()
        moment = moment_of(self._counters, self._batches)
        hearer.hear(moment, lambda: self._models.checkpoint(self._learner.averaged.weights_as_arrays()))
        self._pace.start()
        self._counters = replace(self._counters, seconds=self._counters.seconds + self._now() - began)

    def _validate(self) -> tuple[Likelihood, ...]:
        """How well each validation piece is foretold; nothing without any."""
        if not self._held_out:
            return ()
        try:
            return self._trainee.evaluator.read(self._held_out, cancel=self._control)
        except Cancelled:
            self._save()
            raise

    def _plan_anew(self) -> None:
        """Keep to the time budget where the machine turned out to be faster or slower than at first."""
        counters = self._counters
        if counters.planned == 0 or not self._pace.whole:
            return
        per_step = self._pace.seconds_per_step(self._batches)
        if self._budget.misses(counters.planned, counters.step, counters.seconds, per_step):
            self._plan()

    def _save_epoch(self, loss: float, validation: float | None) -> None:
        """Save checkpoints and state. The best checkpoint comes last: the state can mend it, but not the other way."""
        counters = self._counters
        weights = self._learner.averaged.weights_as_arrays()
        self._models.write_last(weights, self._figures(counters.epoch, loss, validation))
        best = counters.best_epoch == counters.epoch
        if best or self._now() - self._saved_at >= _SAVE_SHARE * self._save_seconds:
            self._save()
        if best:
            self._models.write_best(weights, self._best_figures())

    def _figures(self, epoch: int, train: float, validation: float | None) -> Figures:
        counters = self._counters
        return Figures(
            epoch=epoch,
            train=train,
            validation=validation,
            epochs=counters.epoch,
            best_epoch=counters.best_epoch,
            seconds=round(counters.seconds, 3),
            notes_per_second=round(self._speed(), 1),
        )

    def _best_figures(self) -> Figures:
        counters = self._counters
        return self._figures(counters.best_epoch, counters.best_train, counters.best if self._held_out else None)

    def _save(self) -> None:
        began = self._now()
        self._states.save(TrainingState(self._counters, self._learner.arrays()))
        self._saved_at = self._now()
        self._save_seconds = self._saved_at - began

    def _restore(self) -> None:
        """Go back to the newest state, and bring the table of losses and the checkpoint to the same moment."""
        self._states.sweep()
        state = self._states.newest(self._trainee.shapes)
        if state is not None:
            self._learner.restore(state.arrays)
            self._counters = state.counters
            if self._job.replan:
                self._plan_again()
        elif self._job.start is not None:
            self._learner.begin_with(starting_weights(self._job.run.start_model, self._job.start))
            self._save()
        header = ("epoch", "train", "validation", *self._codec.part_names, "seconds")
        counters = self._counters
        self._job.run.cut_losses(header, counters.epoch)
        if self._job.hearer is not None:
            self._job.hearer.begin(counters.step)
        at_the_best = counters.batch == 0 and counters.best_epoch == counters.epoch > 0
        written = self._models.best()
        if at_the_best and (written is None or written.epoch != counters.best_epoch):
            self._models.write_best(self._learner.averaged.weights_as_arrays(), self._best_figures())

    def _result(self, reason: str) -> TrainResult:
        best = self._models.best() or self._best_figures()
        return TrainResult(
            epochs=self._counters.epoch,
            best_epoch=best.epoch,
            train=best.train,
            validation=best.validation,
            seconds=self._counters.seconds,
            notes_per_second=self._speed(),
            checkpoint=self._job.run.model,
            reason=reason,
            held_out=self._job.run.held_out(best.epoch),
        )

    def _speed(self) -> float:
        counters = self._counters
        return counters.train_notes / counters.train_seconds if counters.train_seconds > 0 else 0.0

    def _epochs(self) -> int:
        return math.ceil(self._counters.planned / self._batches)

    def _seconds_left(self) -> float | None:
        counters = self._counters
        if not self._pace.known or counters.planned == 0:
            return None
        return (counters.planned - counters.step) * self._pace.seconds_per_step(self._batches)
