"""The left side of the Training tab: the form, and below it the buttons that fit what goes on."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from musicgen_app.project.runs import RunRecord
from musicgen_app.ui.controls import GRID, PRIMARY_HEIGHT, PrimaryButton, QuietButton, set_kind
from musicgen_app.ui.icons import Icons
from musicgen_app.ui.panels import SidePanel
from musicgen_app.ui.training_form import TrainingForm
from musicgen_app.ui.training_session import IDLE, PAUSED, PREPARING, STOPPING, TRAINING

_TRAIN = "Train a new model on the data set"
_QUEUE = "Train with these settings later, in the queue; 200 notes are written afterwards (Ctrl+Alt+F)"
_KEEP = ("Stop and keep", "End the training now, with the best model so far")
_KEEP_QUEUE = ("After this epoch", "End this run with its epoch, keep its model and go on with the next")
_STOP, _STOP_TIP = "Stop for now", "Stop now; the run can be resumed at any time"
_STOP_QUEUE = "Stop queue"
_STOP_QUEUE_TIP = "Stop the queue now; it can be continued at any time, and loses nothing"


class TrainingPanel(SidePanel):
    """The form with Train; while a training goes on Pause, Stop and keep, and Stop in their place.

    Signals:
        train_asked, queue_asked, resume_asked, pause_asked, keep_asked, stop_asked: A button was pressed.
    """

    train_asked = Signal()
    queue_asked = Signal()
    resume_asked = Signal()
    pause_asked = Signal()
    keep_asked = Signal()
    stop_asked = Signal()

    def __init__(self, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.form = TrainingForm(icons)
        self.train = PrimaryButton("Train", _TRAIN)
        self.queue = QuietButton("Add to queue", _QUEUE, icons, "list-plus")
        self.queue_more = QuietButton("Add to queue", _QUEUE, icons, "list-plus")
        self.resume = QuietButton("", "", icons, "play")
        # Its place is kept free: Train would be cut for a moment where it comes while another tab is shown.
        policy = self.resume.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.resume.setSizePolicy(policy)
        self.pause = QuietButton("Pause", "Let the training wait; the processor is free meanwhile", icons, "pause")
        self.keep = QuietButton("Stop and keep", "End the training now, with the best model so far", icons, "check")
        self.stop = QuietButton(_STOP, _STOP_TIP, icons, "circle-stop")
        set_kind(self.stop, "quiet")
        self._buttons = QStackedWidget()
        self._buttons.addWidget(self._idle_buttons())
        self._buttons.addWidget(self._running_buttons())
        self.add(self.form)
        self.foot.addWidget(self._buttons)
        self.train.clicked.connect(self.train_asked)
        for button in (self.queue, self.queue_more):
            button.clicked.connect(self.queue_asked)
        self.form.changed.connect(self._show_train)
        self.resume.clicked.connect(self.resume_asked)
        self.pause.clicked.connect(self.pause_asked)
        self.keep.clicked.connect(self.keep_asked)
        self.stop.clicked.connect(self.stop_asked)
        self._may_train, self._has_dataset, self._usual_tip = False, False, _TRAIN
        self.show_state(IDLE, False)
        self.show_resumable(None)

    def show_state(self, state: str, has_dataset: bool, queue: bool = False) -> None:
        """Offer what is possible now.

        Args:
            state: What the training, or the queue, is at.
            has_dataset: Whether there is music to learn from.
            queue: Whether it is the queue that runs.
        """
        idle = state == IDLE
        self._buttons.setCurrentIndex(0 if idle else 1)
        self._has_dataset = has_dataset
        self._may_train = idle and has_dataset
        self._usual_tip = _TRAIN if has_dataset else "Prepare a data set first, in the Dataset tab"
        self._show_train()
        self.pause.setText("Go on" if state == PAUSED else "Pause")
        self.pause.set_icon_name("play" if state == PAUSED else "pause")
        self.pause.setEnabled(state in (TRAINING, PAUSED))
        self.keep.setEnabled(state in (TRAINING, PAUSED))
        keep = _KEEP_QUEUE if queue else _KEEP
        self.keep.setText("Stopping" if state == STOPPING else keep[0])
        self.keep.setToolTip(keep[1])
        self.stop.setText(_STOP_QUEUE if queue else _STOP)
        self.stop.setToolTip(_STOP_QUEUE_TIP if queue else _STOP_TIP)
        self.stop.setEnabled(state in (PREPARING, TRAINING, PAUSED))

    def _show_train(self) -> None:
        obstacle = self.form.obstacle
        self.train.setEnabled(self._may_train and not obstacle)
        self.train.setToolTip(obstacle or self._usual_tip)
        for button in (self.queue, self.queue_more):
            button.setEnabled(self._has_dataset and not obstacle)
            button.setToolTip(obstacle or (_QUEUE if self._has_dataset else self._usual_tip))

    def show_resumable(self, run: RunRecord | None) -> None:
        """Offer to go on with a run, or none."""
        self.resume.setVisible(run is not None)
        if run is not None and run.can_resume:
            self.resume.setText(f"Resume {run.title}")
            self.resume.setToolTip("Go on where this run stopped, with the settings it began with")
        elif run is not None:
            self.resume.setText(f"Train {run.title} further")
            self.resume.setToolTip("Go on from its last epoch, for as many epochs more as are chosen above")

    def _idle_buttons(self) -> QWidget:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GRID)
        rows.addStretch(1)
        rows.addWidget(self.resume)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        self.queue.setMinimumHeight(PRIMARY_HEIGHT)
        row.addWidget(self.train, 1)
        row.addWidget(self.queue)
        rows.addLayout(row)
        return page

    def _running_buttons(self) -> QWidget:
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(GRID)
        rows.addStretch(1)
        above = QHBoxLayout()
        above.setSpacing(GRID)
        above.addWidget(self.stop, 1)
        above.addWidget(self.queue_more)
        rows.addLayout(above)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        for button in (self.pause, self.keep):
            button.setMinimumHeight(PRIMARY_HEIGHT)
            row.addWidget(button, 1)
        rows.addLayout(row)
        return page
