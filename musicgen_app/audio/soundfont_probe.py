"""Loads a SoundFont and sounds all its programs, in a process that may die of it.

    python -m musicgen_app.audio.soundfont_probe FILE

Exit codes: 0 it plays, 1 it does not; a signal where FluidSynth itself fell over.
"""

import sys
from pathlib import Path

from musicgen_app.audio.soundfont import opened
from musicgen_app.core.errors import AudioError

_PROGRAMS = 128
_PITCHES = (36, 60, 84)
_PERCUSSION = 9
_FRAMES = 256


def main() -> int:
    """Probe the file that is named."""
    try:
        synth = opened(Path(sys.argv[1]))
    except AudioError:
        return 1
    for program in range(_PROGRAMS):
        for channel in (0, _PERCUSSION):
            synth.program_change(channel, program)
            for pitch in _PITCHES:
                synth.noteon(channel, pitch, 100)
        synth.get_samples(_FRAMES)
        synth.all_sounds_off(0)
        synth.all_sounds_off(_PERCUSSION)
    synth.delete()
    return 0


if __name__ == "__main__":
    sys.exit(main())
