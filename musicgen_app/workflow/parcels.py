"""Files on their way to the nodes of a cluster, in batches, and what a node does with one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from musicgen_app.dataset.sources import Credit, Source
from musicgen_app.midi.reader import MAX_FILE_BYTES
from musicgen_app.workflow.node_folder import node_folder
from musicgen_app.workflow.reading import Credited, Look, T
from musicgen_app.workflow.versions import check_versions

_BATCH_FILES, _BATCH_BYTES = 16, 1 << 20


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file on its way; without content it is looked at where it is."""

    source: Source
    credit: Credit
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that are sent together, and how many bytes they have."""

    parcels: tuple[Parcel, ...]
    size: int

    def emptied(self) -> "Batch":
        """The batch without the contents of its files."""
        return Batch(tuple(Parcel(one.source, one.credit, None) for one in self.parcels), self.size)


def read_batch(look: Look[T], batch: Batch, wanted: tuple[str, ...]) -> list[tuple[T] | None]:
    """Look at the files of a batch on a node; None stands for one that was not sent.

    Raises:
        ClusterError: The node has other versions of what reads files.
    """
    check_versions(wanted)
    with node_folder() as folder:
        return [_looked(look, parcel, folder) for parcel in batch.parcels]


def _looked(look: Look[T], parcel: Parcel, folder: Path) -> tuple[T] | None:
    if parcel.content is None:
        return None
    file = folder / parcel.source.path.name
    file.write_bytes(parcel.content)
    try:
        return (look(file, parcel.source, parcel.credit),)
    finally:
        file.unlink()


def batches_of(files: Iterable[Credited]) -> Iterator[Batch]:
    """Files in batches of about the same size, each read when it is asked for."""
    parcels: list[Parcel] = []
    size = 0
    for source, credit in files:
        content = _content(source.path)
        parcels.append(Parcel(source, credit, content))
        size += len(content or b"")
        if len(parcels) >= _BATCH_FILES or size >= _BATCH_BYTES:
            yield Batch(tuple(parcels), size)
            parcels, size = [], 0
    if parcels:
        yield Batch(tuple(parcels), size)


def _content(path: Path) -> bytes | None:
    """What is in a file; None where it cannot be opened or is too large, which is told where it is looked at."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_FILE_BYTES:
            return None
        return path.read_bytes()
    except OSError:
        return None
