"""A project with two small trained runs and an imported one, for tests of comparisons."""

from pathlib import Path

from musicgen_app.core.progress import CancelToken, silent
from musicgen_app.generation.checkpoint import write_checkpoint
from musicgen_app.project.document import Project
from musicgen_app.project.runs import MODEL_FILE
from musicgen_app.workflow.experiments import ImportRequest, import_experiments
from tests.generation.networks import musical_checkpoint
from tests.ml.synthetic import write_synthetic
from tests.project.experiments import write_experiments
from tests.ui.training_parts import add_run


def compared_project(folder: Path) -> Project:
    """Runs 1 to 4 are imported (1 and 2 with an output), 5 and 6 have models; its data set holds pieces back."""
    project = Project.create(folder / "compared.musicgen")
    write_synthetic(project.dataset_folder)
    import_experiments(ImportRequest(write_experiments(folder / "seeds"), project.folder), silent, CancelToken())
    for seed, config in ((1, {}), (2, {"learning_rate": 0.01, "dropout": 0.4})):
        run = add_run(project, 5, 4 - seed / 10, **config)
        write_checkpoint(run / MODEL_FILE, musical_checkpoint(seed=seed, title=f"Model {seed}"))
    return project
