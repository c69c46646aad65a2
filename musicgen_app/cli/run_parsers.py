"""What the commands about the runs of a project, their queue and its notebook take."""

from pathlib import Path

from musicgen_app.cli import compare_verbs, notebook, output_verbs, queue_verbs, run_verbs, sampling
from musicgen_app.cli.options import (
    Commands,
    cluster_option,
    new_command,
    numbers,
    positive,
    project_option,
    whole,
)


def _runs(commands: Commands) -> None:
    text = "Experiments of a project: take a table in, write one, list, judge, draw, and queue them."
    parts = commands.add_parser("runs", help=text, description=text).add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    command = new_command(
        parts, "import", "Take tests.csv with its logs and outputs into a project.", run_verbs.import_runs
    )
    command.add_argument("folder", type=Path, metavar="FOLDER", help="they are found wherever they lie below it")
    project_option(command, "folder of the project; made where it does not exist", "folder", made=True)
    command.add_argument("--no-judge", action="store_true", help="leave it at that: hold the outputs against nothing")
    command = new_command(parts, "export", "Write the runs of a project as a table.", run_verbs.export_runs)
    project_option(command, "folder of the project")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.csv", help="for example tests.csv")
    command = new_command(
        parts, "judge", "Say what of each output is copied, and where it repeats itself.", run_verbs.judge_runs
    )
    project_option(command, "folder of the project", "against")
    command.add_argument(
        "--against",
        type=Path,
        metavar="REFERENCE",
        help="a note file, a folder of MIDI files, or a prepared data set; else what each run learned from",
    )
    command = new_command(parts, "list", "List the runs of a project.", run_verbs.list_runs)
    project_option(command, "folder of the project")
    _outputs(parts)
    command = new_command(parts, "takes", "List what a run sounded like on the way.", run_verbs.list_takes)
    command.add_argument("run", type=int, metavar="RUN", help="number of the run")
    project_option(command, "folder of the project")
    _queue(parts)
    _sweep(parts)
    _plot(parts)
    _compare(parts)
    _listen(parts)


def _outputs(parts: Commands) -> None:
    text = "Make music with the model of a run and keep it as its output, in place of another."
    command = new_command(parts, "output", text, output_verbs.output)
    command.add_argument("run", type=whole, metavar="RUN", help="its number")
    project_option(command, "folder of the project")
    sampling.add_sampling(command)
    text = "Make music with the model of a run as a new run that shares the model."
    command = new_command(parts, "again", text, output_verbs.again)
    command.add_argument("run", type=whole, metavar="RUN", help="the number of the run that has the model")
    project_option(command, "folder of the project")
    sampling.add_sampling(command)
    command.add_argument("--title", default="", metavar="TEXT", help="what to call the new run")


def _queue(parts: Commands) -> None:
    command = new_command(
        parts, "queue", "Runs that wait: add, order, run, steer and list them (without an option).", queue_verbs.queue
    )
    project_option(command, "folder of the project")
    command.add_argument("--run", action="store_true", help="run what waits; go on where it was interrupted")
    cluster_option(command)
    one = command.add_mutually_exclusive_group()
    one.add_argument("--list", action="store_true", help="list the queue (usual)")
    one.add_argument("--add", nargs="+", metavar="NAME=VALUE", help="add a run with these settings")
    one.add_argument("--repeat", nargs="+", type=int, metavar="RUN", help="add runs once more, with their settings")
    one.add_argument("--move", nargs=2, type=int, metavar=("ID", "PLACE"), help="put an entry at a place, from 1")
    one.add_argument("--cancel", dest="cancel_entry", type=int, metavar="ID", help="do not run it, or end it")
    one.add_argument("--remove", type=int, metavar="ID", help="take it off the list; its run stays")
    one.add_argument("--retry", type=int, metavar="ID", help="let a failed or cancelled one wait again")
    one.add_argument("--clear", action="store_true", help="take off the list all that are over")
    one.add_argument("--end-epoch", action="store_true", help="end the training after this epoch, and keep its model")
    one.add_argument("--pause", action="store_true", help="let the running queue wait")
    one.add_argument("--go-on", action="store_true", help="end the pause")
    one.add_argument("--stop", action="store_true", help="end the running queue; --run resumes it")


def _sweep(parts: Commands) -> None:
    command = new_command(parts, "sweep", "Add all combinations of some settings to the queue.", queue_verbs.sweep)
    command.add_argument(
        "settings",
        nargs="+",
        metavar="NAME=VALUES",
        help="a list (units=128,256), a range (dropout=0.1:0.5:0.1), or by factors (learning_rate=0.0001:0.1:*10)",
    )
    project_option(command, "folder of the project")
    command.add_argument("--epochs", type=int, default=None, metavar="N", help="the same as epochs=N")
    command.add_argument("--minutes", type=positive, default=None, metavar="M", help="the same as minutes=M")
    command.add_argument("--notes", type=int, default=None, metavar="N", help="write so many after each (default 200)")
    command.add_argument("--most", type=int, default=100, metavar="N", help="refuse more runs (default 100)")
    command.add_argument("--dry-run", action="store_true", help="check and count them, add nothing")


def _plot(commands: Commands) -> None:
    command = new_command(
        commands, "plot", "Draw the losses of runs as a picture, or write them as a table.", run_verbs.plot_runs
    )
    project_option(command, "folder of the project")
    command.add_argument("--runs", type=numbers, default=(), metavar="1,2,74", help="their numbers (default: all)")
    command.add_argument("--out", type=Path, required=True, metavar="FILE.png|svg|csv")
    command.add_argument("--log", action="store_true", help="on a logarithmic axis")
    command.add_argument("--smooth", type=whole, default=0, metavar="N", help="running mean of N epochs")
    command.add_argument("--dark", action="store_true", help="in the colours of the dark theme")


def _compare(parts: Commands) -> None:
    command = new_command(
        parts, "compare", "Lay runs side by side, with takes from the same prompt.", compare_verbs.compare
    )
    command.add_argument("runs", nargs="+", type=whole, metavar="RUN", help="their numbers, two or more")
    project_option(command, "folder of the project")
    command.add_argument(
        "--takes", type=whole, default=1, metavar="N", help="takes of each run (default 1; 0 for none)"
    )
    command.add_argument("--notes", type=whole, default=200, metavar="N", help="length of each take (default 200)")
    command.add_argument("--seed", type=whole, default=0, metavar="S", help="of the first take (default 0)")
    command.add_argument("--out", type=Path, default=None, metavar="FOLDER", help="copy the takes there")


def _listen(parts: Commands) -> None:
    command = new_command(
        parts,
        "listen",
        "Write a blind listening test of two runs: numbered MIDI files and a key.",
        compare_verbs.listen,
    )
    command.add_argument("runs", nargs=2, type=whole, metavar="RUN", help="their numbers")
    project_option(command, "folder of the project")
    command.add_argument("--rounds", type=whole, default=10, metavar="N", help="pairs to be heard (default 10)")
    command.add_argument("--seconds", type=positive, default=20.0, metavar="S", help="of each take (default 20)")
    command.add_argument("--seed", type=whole, default=None, metavar="S", help="decides the order (default: chance)")
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    command = new_command(parts, "tally", "Count the answers of a blind listening test.", compare_verbs.tally)
    command.add_argument("folder", type=Path, metavar="FOLDER", help="where the test was written")
    command.add_argument(
        "--answers", type=Path, default=None, metavar="FILE", help="lines like 1,A (default: FOLDER/answers.csv)"
    )
    command.add_argument(
        "--project", type=Path, default=None, metavar="PROJECT", help="keep them there, and write into its notebook"
    )


def _notebook(commands: Commands) -> None:
    command = new_command(
        commands,
        "notebook",
        "Print the lab notebook of a project, add to it, or write it into a file.",
        notebook.notebook,
    )
    project_option(command, "folder of the project")
    command.add_argument("--add", metavar="TEXT", help="add an entry; of several lines the first is its title")
    command.add_argument("--out", type=Path, metavar="FILE.md|html|pdf", help="write it, with its pictures")


def add(commands: Commands) -> None:
    """Add these commands."""
    for one in (_runs, _notebook):
        one(commands)
