"""What ``musicgen sound`` does: the sound doctor's report."""

import argparse
from dataclasses import asdict
from pathlib import Path

from musicgen_app.cli.console import print_json, print_text


def sound(given: argparse.Namespace) -> int:
    """Say what can sound here, what would play and why; 1 where nothing can."""
    from musicgen_app.audio.diagnosis import InUse, diagnose, survey, would_play

    wanted = ""
    soundfonts: tuple[Path, ...] = ()
    try:
        from musicgen_app.ui.settings import Settings

        settings = Settings()
        wanted, soundfonts = settings.output, settings.soundfonts
    except ImportError:
        pass  # no libraries for a window here: then nobody has chosen anything in one
    machine = survey(soundfonts)
    found = diagnose(machine, InUse(would_play(wanted, machine), wanted))
    if given.json:
        print_json({**asdict(found), "facts": dict(found.facts), "machine": asdict(machine)})
    else:
        print_text(found.text())
    return 0 if found.can_sound else 1
