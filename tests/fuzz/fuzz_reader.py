"""Looks for files that the MIDI reader reads badly, led by what each new file reaches in it (atheris, libFuzzer).

Atheris is no dependency. To run this, from the root of the checkout, in an environment of its own:

    python3 -m venv build/fuzz && build/fuzz/bin/pip install atheris numpy
    PYTHONPATH=. build/fuzz/bin/python -m tests.fuzz.fuzz_reader build/fuzz-files -max_total_time=600

The folder keeps what was found; each time the small files of tests/midi are put there. Anything but the reader's own
error, 5 s for a file, or 300 MB at once ends it; it is kept in the folder as ``crash-``, ``timeout-`` or ``oom-``.
More arguments go to libFuzzer as they are.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["musicgen_app.midi", "musicgen_app.core"]):
    from musicgen_app.core.errors import MidiReadError
    from musicgen_app.midi.reader import read_midi_bytes

from tests.midi.small_files import small_files

LIMITS = ("-timeout=5", "-malloc_limit_mb=300", "-rss_limit_mb=2000", "-max_len=20000")
"""The whole process may take more than a file: the fuzzer's own memory grows with what it has seen."""


def read_one(content: bytes) -> None:
    """Read a file; whatever is raised here is a fault of the reader."""
    try:
        reading = read_midi_bytes(content, "fuzzed.mid")
    except MidiReadError as error:
        sentences: tuple[str, ...] = (error.message,)
    else:
        sentences = reading.findings
        if not sentences and not len(reading.score.notes):
            raise AssertionError("There are no notes, and nothing is said about it.")
    if not all(sentence.endswith(".") and "{" not in sentence for sentence in sentences):
        raise AssertionError(f"These are no sentences: {sentences}")


def main(arguments: list[str]) -> None:
    folder = next((Path(argument) for argument in arguments if not argument.startswith("-")), None)
    if folder is None:
        sys.exit("Name a folder for the files that are found.")
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(small_files()):
        (folder / f"small-{number}.mid").write_bytes(content)
    atheris.Setup([sys.argv[0], *LIMITS, f"-artifact_prefix={folder}/", *arguments], read_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
