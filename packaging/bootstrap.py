"""Set up and run MusicGen Composer from a checkout: ``python packaging/bootstrap.py run``.

Needs Python 3.11 or 3.12 and nothing else. Makes ``.venv`` from the lock file (hashes checked), installs the system
libraries that are missing where it may, then does what it was asked for. Running it again costs a second.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
SUFFIX = ".exe" if os.name == "nt" else ""

# What Qt and ALSA need on Linux: shared library -> Debian or Ubuntu packages that bring it, newest name first.
LIBRARIES = {
    "libEGL.so.1": ["libegl1"],
    "libGL.so.1": ["libgl1"],
    "libdbus-1.so.3": ["libdbus-1-3"],
    "libfontconfig.so.1": ["libfontconfig1"],
    "libglib-2.0.so.0": ["libglib2.0-0t64", "libglib2.0-0"],
    "libxkbcommon.so.0": ["libxkbcommon0"],
    "libxkbcommon-x11.so.0": ["libxkbcommon-x11-0"],
    "libX11-xcb.so.1": ["libx11-xcb1"],
    "libxcb-cursor.so.0": ["libxcb-cursor0"],
    "libxcb-icccm.so.4": ["libxcb-icccm4"],
    "libxcb-image.so.0": ["libxcb-image0"],
    "libxcb-keysyms.so.1": ["libxcb-keysyms1"],
    "libxcb-randr.so.0": ["libxcb-randr0"],
    "libxcb-render-util.so.0": ["libxcb-render-util0"],
    "libxcb-shape.so.0": ["libxcb-shape0"],
    "libxcb-shm.so.0": ["libxcb-shm0"],
    "libxcb-sync.so.1": ["libxcb-sync1"],
    "libxcb-xfixes.so.0": ["libxcb-xfixes0"],
    "libxcb-xkb.so.1": ["libxcb-xkb1"],
    "libasound.so.2": ["libasound2t64", "libasound2"],
}
# What only the tests need: FluidSynth, which is optional; a screen, a sound server, a MIDI server.
TEST_LIBRARIES = {"libfluidsynth.so.3": ["libfluidsynth3"]}
TEST_TOOLS = {
    "Xvfb": "xvfb",
    "xauth": "xauth",
    "pulseaudio": "pulseaudio",
    "parec": "pulseaudio-utils",
    "jackd": "jackd2",
    "jack_wait": "jackd2",
}


def say(text: str) -> None:
    print(f"musicgen: {text}", file=sys.stderr, flush=True)


def stop(text: str, code: int = 1) -> None:
    say(text)
    raise SystemExit(code)


def check_python() -> None:
    if not (3, 11) <= sys.version_info[:2] <= (3, 12):
        found = ".".join(map(str, sys.version_info[:2]))
        stop(f"Python 3.11 or 3.12 is needed, this is {found}. Start it again with one of these, e.g. python3.12.", 2)


def package_exists(name: str) -> bool:
    shown = subprocess.run(["apt-cache", "show", "--no-all-versions", name], capture_output=True, check=False)
    return shown.returncode == 0 and bool(shown.stdout)


def library_missing(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return True
    return False


def missing_packages(for_tests: bool) -> list[list[str]]:
    """Alternatives of packages to install, one list for each thing that is missing."""
    missing = [packages for library, packages in LIBRARIES.items() if library_missing(library)]
    if not any(Path(folder).is_dir() for folder in ("/usr/share/fonts/truetype", "/usr/share/fonts/opentype")):
        missing.append(["fonts-dejavu-core"])
    # A Debian Python comes without ensurepip until its own package is installed.
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        missing.append([f"python{version}-venv", "python3-venv"])
    if for_tests:
        missing += [packages for library, packages in TEST_LIBRARIES.items() if library_missing(library)]
        missing += [[package] for tool, package in TEST_TOOLS.items() if shutil.which(tool) is None]
    return missing


def install_system_packages(for_tests: bool) -> None:
    if not sys.platform.startswith("linux"):
        return
    missing = missing_packages(for_tests)
    if not missing:
        return
    if shutil.which("apt-get") is None:
        stop(f"These are missing; install what your system calls them: {', '.join(m[0] for m in missing)}.")
    root = os.geteuid() == 0
    may_ask = sys.stdin.isatty() and shutil.which("sudo") is not None
    quiet_sudo = not root and shutil.which("sudo") is not None
    quiet_sudo = quiet_sudo and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    if not (root or quiet_sudo or may_ask):
        names = " ".join(sorted({alternatives[-1] for alternatives in missing}))
        stop(f"System packages are missing. Run this once, then start again:\n  sudo apt-get install -y {names}")
    prefix = [] if root else ["sudo"]
    if not all(package_exists(name) for alternatives in missing for name in alternatives[-1:]):
        subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False)
    names = sorted({next((n for n in alternatives if package_exists(n)), alternatives[-1]) for alternatives in missing})
    say(f"installing system packages: {' '.join(names)}")
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    for attempt in ("first", "after an update"):
        done = subprocess.run([*prefix, *command, *names], stdout=subprocess.DEVNULL, check=False)
        if done.returncode == 0:
            return
        if attempt == "first":
            subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False)
    stop(f"The system packages could not be installed. Try it by hand:\n  sudo apt-get install -y {' '.join(names)}")


def run(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], cwd=ROOT, check=False)
    if done.returncode != 0:
        raise SystemExit(done.returncode)


def wanted(for_tests: bool) -> tuple[Path, str]:
    """The lock file to install from, and the mark that says it was."""
    name = "requirements-dev.lock" if for_tests else "requirements.lock"
    lock = ROOT / "packaging" / name
    return lock, name + " " + hashlib.sha256(lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()).hexdigest()


def set_up(for_tests: bool) -> None:
    """Make ``.venv`` hold exactly what the lock file says, and the project itself."""
    check_python()
    install_system_packages(for_tests)
    lock, mark = wanted(for_tests)
    stamp = VENV / "installed-from"
    # What the tests need contains what the program needs.
    enough = {mark, wanted(for_tests=True)[1]}
    if stamp.is_file() and stamp.read_text() in enough and works():
        return
    if not (BIN / f"python{SUFFIX}").exists():
        say("making .venv")
        run(sys.executable, "-m", "venv", VENV)
    say("installing the locked packages (about 3 GB on disk; some minutes the first time)")
    start = time.monotonic()
    pip = [BIN / f"python{SUFFIX}", "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input"]
    # The lock names every package. With its own resolver pip looks for the newest "coverage[toml]" beside the locked
    # "coverage", and refuses it: the lock would rot on the day of that release.
    run(*pip, "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", lock)
    run(*pip, "--no-deps", "--no-build-isolation", "-e", ROOT)
    stamp.write_text(mark)
    say(f"installed in {time.monotonic() - start:.0f} s")


def works() -> bool:
    """Whether the environment still stands where it was made (a moved checkout breaks its scripts)."""
    command = [str(BIN / f"python{SUFFIX}"), "-c", "import musicgen_app, sys; print(musicgen_app.__file__)"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return False
    return found.returncode == 0 and Path(found.stdout.strip()).is_relative_to(ROOT)


def has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def do_run(arguments: list[str]) -> None:
    set_up(for_tests=False)
    if has_display() or arguments:
        run(BIN / f"musicgen{SUFFIX}", *arguments)
        return
    say("there is no display here, so the same main job runs without a window: musicgen demo --out build/demo")
    run(BIN / f"musicgen{SUFFIX}", "demo", "--out", ROOT / "build" / "demo")


# Coverage of these is held at every branch; the rest is shown, not enforced.
FULLY_COVERED = ",".join(
    f"musicgen_app/{place}" for place in ("core/*", "midi/*", "tokens/*", "generation/*", "audio/transport.py")
)


def do_gates(_: list[str]) -> None:
    set_up(for_tests=True)
    run(BIN / f"ruff{SUFFIX}", "check", ".")
    run(BIN / f"ruff{SUFFIX}", "format", "--check", ".")
    run(BIN / f"mypy{SUFFIX}")
    run(BIN / f"lint-imports{SUFFIX}")


def do_test(arguments: list[str]) -> None:
    do_gates([])
    pytest = [BIN / f"pytest{SUFFIX}", "--cov", "--cov-report="]
    run(*pytest, "-m", "not slow", *arguments)
    if not arguments:
        coverage = [BIN / f"coverage{SUFFIX}", "report", f"--include={FULLY_COVERED}", "--fail-under=100"]
        run(*coverage, "--precision=2")


def do_test_all(arguments: list[str]) -> None:
    do_gates([])
    run(BIN / f"pytest{SUFFIX}", *arguments)


def do_bench(arguments: list[str]) -> None:
    set_up(for_tests=True)
    run(BIN / f"python{SUFFIX}", "-m", "tests.benchmarks", *arguments)


def do_bench_quality(arguments: list[str]) -> None:
    set_up(for_tests=True)
    run(BIN / f"python{SUFFIX}", "-m", "tests.benchmarks.quality", *arguments)


COMMANDS = {
    "setup": lambda _: set_up(for_tests=False),
    "run": do_run,
    "gates": do_gates,
    "test": do_test,
    "test-all": do_test_all,
    "bench": do_bench,
    "bench-quality": do_bench_quality,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to what is run")
    given = parser.parse_args()
    COMMANDS[given.command](given.arguments)


if __name__ == "__main__":
    main()
