"""A process that reads one file of notation and leaves: ``python -m musicgen_app.notation.child``.

The library is native code that reads text from anywhere. If such a text kills it, or makes it eat the memory or go
round in circles, this process dies and the program says so. One JSON object comes in, one goes out.
"""

import contextlib
import json
import sys
from typing import Any

from musicgen_app.notation.mei import Timed, with_velocities

_MOST_MEMORY = 3 * 2**30
_FORMATS = {"MusicXML": "xml", "Humdrum": "humdrum", "ABC": "abc"}


def main() -> int:
    """Read a request, answer it."""
    _bound_memory()
    request = json.loads(sys.stdin.buffer.read())
    sys.stdout.write("\n" + json.dumps(play(request["kind"], request["text"])) + "\n")
    return 0


def play(kind: str, text: str) -> dict[str, Any]:
    """A score as MIDI, with velocities by its dynamics, and what was seen on the way.

    Args:
        kind: "MusicXML", "Humdrum" or "ABC".
        text: The score.
    """
    import verovio

    toolkit = verovio.toolkit()
    toolkit.setOptions({"inputFrom": _FORMATS[kind], "xmlIdSeed": 1})
    if not toolkit.loadData(text):
        return {"midi": ""}
    timed = Timed.of(toolkit.renderToTimemap({"includeMeasures": True, "includeRests": True}))
    played = with_velocities(toolkit.getMEI(), timed)
    toolkit.setOptions({"inputFrom": "mei"})
    if not toolkit.loadData(played.text):
        return {"midi": ""}
    return {
        "midi": toolkit.renderToMIDI(),
        "end": timed.end,
        "dynamics": played.dynamics,
        "ornaments": played.ornaments,
        "tempo": played.tempo,
    }


def _bound_memory() -> None:
    # Windows has no such limit; there the time alone is bounded.
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


if __name__ == "__main__":
    sys.exit(main())
