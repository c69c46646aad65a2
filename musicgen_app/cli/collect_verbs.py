"""What ``musicgen collections`` and ``musicgen collect`` do: list public collections, and fetch one."""

import argparse
import textwrap

from musicgen_app.cli.console import ProgressLine, print_json, print_text
from musicgen_app.dataset.collections import COLLECTIONS, Collection
from musicgen_app.dataset.web import Redirected

_WIDTH = 100


def collections(given: argparse.Namespace) -> int:
    """List the collections."""
    if given.json:
        print_json(COLLECTIONS)
    else:
        print_text("\n\n".join(_listed(one) for one in COLLECTIONS))
    return 0


def _listed(one: Collection) -> str:
    size = "of unknown size" if one.size is None else f"{one.size / 1e6:,.0f} MB"
    terms = " It may not be sold; --accept-licence is needed." if one.asks_for_consent else ""
    by_hand = "" if one.address else " Then name the file with --archive."
    told = (
        one.about,
        f"Licence: {one.licence}.{terms} Archive: {size}.",
        f"To name: {one.attribution}",
        f"{one.note}{by_hand}",
    )
    lines = [
        f"{one.name}: {one.title}",
        *(
            line
            for text in told
            if text
            for line in textwrap.wrap(text, _WIDTH, break_on_hyphens=False, break_long_words=False)
        ),
    ]
    return "\n  ".join([*lines, one.home])


def collect(given: argparse.Namespace) -> int:
    """Fetch one."""
    from musicgen_app.workflow import collect as verb

    line = ProgressLine()
    config = verb.CollectConfig(given.what, given.out, given.accept_licence, given.sha256, given.archive)

    def show(report: object) -> None:
        if isinstance(report, verb.CollectStarted):
            line.line(_terms(report.collection))
        elif isinstance(report, Redirected):
            line.line(f"{report.asked} sends us on to {report.answering}.")
        else:
            line(report)

    collected = verb.collect(config, show, given.cancel)
    line.clear()
    if given.json:
        print_json(collected)
        return 0
    said = "" if collected.fetched else " It was there already; nothing was fetched."
    files = "1 file" if collected.music == 1 else f"{collected.music:,} files"
    print_text(f"{collected.folder}: {files} with music.{said}")
    for told in (collected.checked, *collected.passed_over):
        print_text(f"  {told}")
    print_text(f"  To learn from them: musicgen prepare {collected.folder} --out DATASET")
    return 0


def _terms(one: Collection) -> str:
    if not one.licence:
        return f"{one.title}: its licence is not known to this program; see what its makers say."
    return f"{one.title}: licence {one.licence}. To name: {one.attribution}"
