"""The last step of a scan: which files of a library are the same music, and which are editions of one work."""

import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path

from musicgen_app.core.progress import CancelToken, Progress, Report
from musicgen_app.dataset.families import HASHES, Sketch
from musicgen_app.dataset.kinship import Kin, Kinship, Pieces, kin_of, kinship
from musicgen_app.dataset.library_kin import KinTable, Member, Related
from musicgen_app.dataset.staging import digest_of, grid_of
from musicgen_app.tokens.notes import metrical_codec, seconds_codec

COMPARING = "Comparing files"
MOST_TURNS_TOGETHER = 1 << 27
"""All turns of 100,000 files and more; of larger collections a part of all turns is compared, the same one of each."""
_TELL_EVERY = 500


def relate(folder: Path, report: Report, cancel: CancelToken, now: Callable[[], float] = time.monotonic) -> int:
    """Compare all files of a library that can be used, where any has come, gone or changed since.

    Files with the notes of another one are set aside as duplicates; when that one goes missing, one of them takes its
    place. Whoever calls this is the only one who writes into the library.

    Args:
        folder: The library.
        report: Listener.
        cancel: Asked between files; what was known before stays.
        now: Clock in seconds.

    Returns:
        How many files were compared; 0 where nothing had changed.

    Raises:
        Cancelled: Stopped on request.
        LibraryError: The library cannot be read or written.
    """
    with KinTable(folder) as table:
        if not table.stale():
            return 0
        watch = _Watch(report, cancel, now)
        members = table.members()
        below = HASHES * MOST_TURNS_TOGETHER // max(MOST_TURNS_TOGETHER, table.turn_count())
        digests = _digests(table, members, cancel)
        turns = list(watch.files(table.turns(members, below), len(members)))
        pieces = Pieces(digests, [one.fingerprint for one in members], turns, below)
        found = kinship(pieces, watch.parts)
        table.write(*_rows(members, found, turns))
    return len(members)


class _Watch:
    """Tells how far the comparison is: reading is its first half, sorting the second."""

    def __init__(self, report: Report, cancel: CancelToken, now: Callable[[], float]) -> None:
        self._report = report
        self._cancel = cancel
        self._now = now
        self._began = now()
        self._total = 0

    def files(self, turns: Iterator[Sketch], total: int) -> Iterator[Sketch]:
        """Hand the turns of files on."""
        self._total = 2 * total
        for done, one in enumerate(turns):
            if done % _TELL_EVERY == 0:
                self._tell(done)
            yield one

    def parts(self, done: int, parts: int) -> None:
        """So many of all parts have been sorted."""
        self._tell(self._total // 2 + self._total // 2 * done // parts)

    def _tell(self, done: int) -> None:
        self._cancel.check()
        left = (self._now() - self._began) / done * (self._total - done) if done else None
        self._report(Progress(COMPARING, done, self._total, left))


def _digests(table: KinTable, members: Sequence[Member], cancel: CancelToken) -> list[Hashable]:
    """Equal for files of the same notes: as ``prepare`` would write them where it may be so, else by their bytes."""
    with_beat = sum(one.notes for one in members if one.beat)
    codec = metrical_codec() if grid_of(with_beat, sum(one.notes for one in members)) == "metrical" else seconds_codec()
    different = {(one.fingerprint, one.sha256) for one in members if one.fingerprint}
    often = Counter(print_ for print_, _ in different)
    known: dict[bytes, Hashable] = {}
    for one in members:
        if one.sha256 in known:
            continue
        cancel.check()
        score = table.score(one) if often[one.fingerprint] > 1 else None
        known[one.sha256] = one.sha256 if score is None else digest_of(score, codec)
    return [known[one.sha256] for one in members]


def _rows(
    members: Sequence[Member], found: Kinship, turns: Sequence[Sketch]
) -> tuple[Iterator[Related], list[tuple[int, str]]]:
    """What is to be written: a relation for each file, and the duplicates with the name of their original."""
    heads: dict[int, int] = {}
    for one, family in zip(members, found.families.tolist(), strict=True):
        heads.setdefault(family, one.id)
    everyone = zip(members, kin_of(found, turns), found.families.tolist(), strict=True)
    rows = (_row(one, kin, members[kin.original], heads[family]) for one, kin, family in everyone)
    twins = enumerate(found.twins.tolist())
    return rows, [(members[index].id, members[twin].path) for index, twin in twins if twin != index]


def _row(one: Member, kin: Kin, other: Member, family: int) -> Related:
    shift = one.lowest - other.lowest if kin.kind == "transposed" else 0
    return Related(one.id, other.id, kin.kind, kin.similarity, shift, family)
