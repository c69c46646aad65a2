"""What each command of ``musicgen`` does: reads its options, calls the workflow, prints what comes back."""

import argparse
import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from musicgen_app import environment
from musicgen_app.cli import recipe_verbs
from musicgen_app.cli.console import ProgressLine, duration_text, print_json, print_text
from musicgen_app.cli.sampling import rendering_of
from musicgen_app.cli.words import evaluation_text, likeness_text, train_text
from musicgen_app.core.errors import UsageError
from musicgen_app.core.files import make_folder
from musicgen_app.core.progress import CancelToken
from musicgen_app.core.score import Score
from musicgen_app.dataset.recipe import NO_RECIPE, read_recipe
from musicgen_app.generation.generator import SampleConfig
from musicgen_app.generation.windowed_presets import WINDOWED_PRESETS
from musicgen_app.ml.cluster import Cluster, cluster_of
from musicgen_app.workflow.control import TrainControl
from musicgen_app.workflow.reading import Readers
from musicgen_app.workflow.reports import BatchReport, EpochReport, TrainStarted

Verb = Callable[[argparse.Namespace], int]


def new_control() -> CancelToken:
    """What Ctrl+C acts on."""
    return TrainControl()


def prepare(given: argparse.Namespace) -> int:
    """Turn folders into a data set, or make one again."""
    from musicgen_app.workflow import prepare as verb

    if given.rebuild is not None:
        with _readers(given.cluster) as readers:
            return recipe_verbs.rebuild(given, readers)
    config = verb.PrepareConfig(
        sources=tuple(given.folders),
        out=given.out,
        validation=given.validation,
        pedal=given.pedal,
        grid=given.grid,
        seed=given.seed,
        codec=given.codec,
        first_part=given.first_part,
        recipe=NO_RECIPE if given.recipe is None else read_recipe(given.recipe),
        programs=given.programs,
    )
    line = ProgressLine()
    with _readers(given.cluster) as readers:
        report = verb.prepare(config, line, given.cancel, readers=readers)
    line.clear()
    if given.json:
        print_json(report)
    else:
        print_text(report.summary())
    return 0


@contextlib.contextmanager
def _readers(cluster: str | None) -> Iterator[Readers]:
    """Whoever reads files: this process, or the cluster at an address."""
    from musicgen_app.workflow.cluster import cluster_at
    from musicgen_app.workflow.reading import read_here

    if cluster is None:
        yield read_here
        return
    with cluster_at(cluster) as joined:
        yield joined.read


def train(given: argparse.Namespace) -> int:
    """Train, or go on training."""
    from musicgen_app.workflow import train as verb

    cluster = cluster_of(given.workers, given.worker)
    if cluster is not None and not cluster.is_chief:
        return _assist(given, cluster)
    request = verb.TrainRequest(
        dataset=given.dataset,
        out=given.out,
        preset=given.preset or "",
        overrides=dict(given.settings),
        epochs=given.epochs,
        minutes=given.minutes,
        seed=given.seed,
        output=_output_of(given),
        resume=given.resume,
        start_from=None if given.start_from is None else _starting_model(given.start_from),
        takes=given.takes or "",
        takes_prompt=given.takes_prompt,
        workers=tuple(given.workers),
    )
    line = ProgressLine()
    if given.resume and not (given.out / "run.json").exists():
        line.line(f"There is no run in {given.out} yet; a new one begins.")
    result = verb.train(request, training_line(line), given.cancel)
    if given.json:
        print_json(result.summary())
    else:
        print_text(train_text(result))
    return 0


def _assist(given: argparse.Namespace, cluster: Cluster) -> int:
    """Take part in a training that another machine keeps."""
    from musicgen_app.workflow import assist as verb

    line = ProgressLine()
    threads = dict(given.settings).get("threads", 0)
    done = verb.assist(verb.AssistRequest(given.dataset, cluster, threads), line, given.cancel)
    line.clear()
    if given.json:
        print_json(done)
    else:
        print_text(f"Worker {done.worker} has done its part: {done.steps:,} steps. The run is kept at {done.chief}.")
    return 0


def _output_of(given: argparse.Namespace) -> dict[str, Any]:
    """How the output of a training is to be made; empty for none. Networks of the seeds make one, as theirs did."""
    from musicgen_app.workflow.outputs import USUAL_PICK

    if given.no_output or (given.preset not in WINDOWED_PRESETS and given.random_pick is None):
        return {}
    return {"random_pick": USUAL_PICK if given.random_pick is None else given.random_pick}


def training_line(line: ProgressLine) -> Callable[[object], None]:
    """A listener that shows a training: batches pass by, epochs stay."""

    def show(report: object) -> None:
        if isinstance(report, TrainStarted):
            line.line(f"{report.parameters:,} parameters, {report.train_notes:,} notes to learn from")
        elif isinstance(report, BatchReport):
            left = "" if report.seconds_left is None else f", about {duration_text(report.seconds_left)} left"
            line.status(
                f"epoch {report.epoch}, batch {report.batch} of {report.batches}, {report.loss:.3f} nats per note, "
                f"{report.notes_per_second:,.0f} notes/s{left}"
            )
        elif isinstance(report, EpochReport):
            held_out = "" if report.validation is None else f", validation {report.validation:.3f}"
            best = ", the best so far" if report.best else ""
            line.line(f"epoch {report.epoch}: training {report.train:.3f}{held_out} nats per note{best}")
        else:
            line(report)

    return show


def generate(given: argparse.Namespace) -> int:
    """Write new music."""
    from musicgen_app.midi.reader import read_midi
    from musicgen_app.midi.writer import write_midi
    from musicgen_app.workflow import generate as verb

    check_suffix(given.out, ".mid", ".midi")
    notes = 200 if given.notes is None and given.seconds is None and given.bars is None else given.notes
    config = verb.GenerateConfig(
        checkpoint=_checkpoint(given.checkpoint),
        sample=SampleConfig(
            notes=notes,
            seconds=given.seconds,
            bars=given.bars,
            temperature=given.temperature,
            top_k=given.top_k,
            top_p=given.top_p,
            random_pick=given.random_pick,
            seed=given.seed,
            count=given.count,
        ),
        prompt=None if given.prompt is None else read_midi(given.prompt).score,
        passage=given.passage,
        rendering=rendering_of(given),
    )
    make_folder(given.out.parent)
    line = ProgressLine()
    takes = verb.generate(config, line, given.cancel)
    line.clear()
    results = []
    for number, take in enumerate(takes, start=1):
        out = given.out if len(takes) == 1 else given.out.with_stem(f"{given.out.stem}-{number}")
        write_midi(take.score, out)
        results.append(
            {
                "file": str(out),
                "notes": len(take.score.notes),
                "seconds": take.seconds,
                "seed": take.seed,
                "notes_per_second": take.notes_per_second,
            }
        )
    if given.json:
        print_json(results[0] if given.count == 1 else results)
    else:
        for result in results:
            print_text(f"{result['file']}: {result['notes']:,} notes, seed {result['seed']}")
    return 0


def evaluate(given: argparse.Namespace) -> int:
    """Measure a model on music it has not seen."""
    from musicgen_app.workflow import evaluate as verb

    line = ProgressLine()
    found = verb.evaluate(_checkpoint(given.checkpoint), given.folder, line, given.cancel, given.against, given.split)
    line.clear()
    for remark in found.remarks:
        line.line(remark)
    if given.json:
        print_json(found.summary())
    else:
        print_text(evaluation_text(found))
    return 0


def likeness(given: argparse.Namespace) -> int:
    """Measure takes beside held-out pieces."""
    from musicgen_app.workflow import likeness as verb

    line = ProgressLine()
    found = verb.likeness(tuple(given.files), given.against, line, given.cancel)
    line.clear()
    if found.remark:
        line.line(found.remark)
    if given.json:
        print_json(found.summary())
        return 0
    print_text(likeness_text(found))
    return 0


def originality(given: argparse.Namespace) -> int:
    """Say whether a piece is copied."""
    from musicgen_app.workflow import originality as verb

    line = ProgressLine()
    found = verb.originality(given.file, given.against, line, given.cancel)
    line.clear()
    if given.json:
        print_json(found.summary())
    else:
        print_text(f"{given.file}: {found.text()}")
    return 0


def render(given: argparse.Namespace) -> int:
    """Play a MIDI file into a sound file."""
    from musicgen_app.audio.render import FORMATS, RenderConfig
    from musicgen_app.midi.reader import read_midi
    from musicgen_app.workflow import export

    check_suffix(given.out, *FORMATS)
    line = ProgressLine()
    score = read_midi(given.file).score
    config = RenderConfig(
        rate=given.rate,
        span=None if given.bars is None else export.bars(score, *given.bars),
        tail=given.tail,
        normalise=given.normalise,
        soundfont=given.soundfont,
    )
    make_folder(given.out.parent)
    if given.stems:
        files = export.export_stems(score, given.out, line, given.cancel, config)
        line.clear()
        if given.json:
            print_json({"files": [str(file) for file in files], "rate": given.rate})
        else:
            print_text("\n".join(map(str, files)))
        return 0
    seconds = export.export_audio(score, given.out, line, given.cancel, config)
    line.clear()
    if given.json:
        print_json({"file": str(given.out), "seconds": seconds, "rate": given.rate})
    else:
        print_text(f"{given.out}: {duration_text(seconds)}")
    return 0


def picture(given: argparse.Namespace) -> int:
    """Draw the roll of a MIDI file."""
    from musicgen_app.midi.reader import read_midi

    check_suffix(given.out, ".png", ".svg")
    score = read_midi(given.file).score
    make_folder(given.out.parent)
    _draw(given.file.stem, score, given.out, given.dark)
    if given.json:
        print_json({"file": str(given.out), "notes": len(score.notes)})
    else:
        print_text(f"{given.out}: {len(score.notes):,} notes")
    return 0


def _draw(title: str, score: Score, out: Path, dark: bool) -> None:
    # A picture needs no screen; Qt would look for one.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from musicgen_app.ui.piano_roll.picture import save_picture

    save_picture(score, out, dark=dark, title=title)


def import_weights(given: argparse.Namespace) -> int:
    """Make a model of the seeds' weights."""
    from musicgen_app.workflow import import_weights as verb

    overrides = {} if given.window is None else {"window": given.window}
    make_folder(given.out.parent)
    header = verb.import_weights(
        verb.ImportRequest(given.weights, given.preset, given.codec_from, given.out, overrides)
    )
    if given.json:
        print_json({"file": given.out, "parameters": header.network.parameters(), "title": header.title})
    else:
        print_text(f"{given.out}: {header.network.parameters():,} parameters")
    return 0


def demo(given: argparse.Namespace) -> int:
    """Go the whole way once, with the bundled corpus."""
    from musicgen_app.midi.writer import write_midi
    from musicgen_app.workflow import export, train
    from musicgen_app.workflow import generate as making
    from musicgen_app.workflow import prepare as preparing

    out: Path = given.out
    make_folder(out)
    line = ProgressLine()
    line.line("1 of 4: preparing the bundled corpus")
    config = preparing.PrepareConfig(
        sources=(environment.bundled("data", "corpus"),), out=out / "dataset", seed=given.seed
    )
    prepared = preparing.prepare(config, line, given.cancel)
    line.line(prepared.summary())
    line.line(f"2 of 4: training for {duration_text(given.minutes * 60)}")
    request = train.TrainRequest(
        dataset=out / "dataset", out=_free(out / "run"), minutes=given.minutes, seed=given.seed
    )
    result = train.train(request, training_line(line), given.cancel)
    line.line(train_text(result))
    line.line("3 of 4: writing new music")
    sample = SampleConfig(notes=300, temperature=0.95, top_p=0.95, seed=given.seed)
    (take,) = making.generate(making.GenerateConfig(checkpoint=result.checkpoint, sample=sample), line, given.cancel)
    files = {suffix: out / f"demo.{suffix}" for suffix in ("mid", "wav", "png")}
    write_midi(take.score, files["mid"])
    line.line("4 of 4: rendering sound and picture")
    export.export_audio(take.score, files["wav"], line, given.cancel)
    _draw("MusicGen Composer: demo", take.score, files["png"], dark=False)
    line.clear()
    if given.json:
        print_json({"midi": files["mid"], "audio": files["wav"], "picture": files["png"], **result.summary()})
    else:
        print_text("\n".join(str(path) for path in files.values()))
    return 0


def _free(folder: Path) -> Path:
    """The folder, or the first numbered one beside it that does not exist: a demo never overwrites a run."""
    number, free = 1, folder
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free


def _checkpoint(path: Path) -> Path:
    """The model's file, where a run's folder was named."""
    return path / "model.safetensors" if path.is_dir() else path


def _starting_model(path: Path) -> Path:
    """The model's file, where the one that comes with the program, or a run's folder was named."""
    return environment.bundled("models", "piano.safetensors") if path == Path("bundled") else _checkpoint(path)


def check_suffix(path: Path, *allowed: str) -> None:
    """Refuse a file name whose ending says nothing we can write.

    Raises:
        UsageError: It ends otherwise.
    """
    if path.suffix.lower() not in allowed:
        raise UsageError(f"{path.name} cannot be written.", f"Choose a name that ends in {' or '.join(allowed)}.")
