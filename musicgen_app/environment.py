"""Where things are on this machine: bundled files, the user's own folders, the log."""

import logging
import logging.handlers
from pathlib import Path

import platformdirs

_APP = "MusicGen Composer"


def bundled(*parts: str) -> Path:
    """A file or folder that ships with the program (``resources``, ``models`` or ``data`` first)."""
    inside_wheel = Path(__file__).parent / "bundled"
    root = inside_wheel if inside_wheel.is_dir() else Path(__file__).parent.parent
    return root.joinpath(*parts)


def user_data_dir() -> Path:
    """The folder for what the program keeps for the user (the demo project, recovery); made if missing."""
    return platformdirs.user_data_path(_APP, appauthor=False, ensure_exists=True)


def user_cache_dir() -> Path:
    """The folder for what may be deleted at any time; made if missing."""
    return platformdirs.user_cache_path(_APP, appauthor=False, ensure_exists=True)


def user_config_dir() -> Path:
    """The folder for preferences; made if missing."""
    return platformdirs.user_config_path(_APP, appauthor=False, ensure_exists=True)


def documents_dir() -> Path:
    """Where a person would look for their own files first."""
    return platformdirs.user_documents_path()


def start_log(level: int = logging.INFO) -> Path:
    """Write the program's log to a rotating file and return its path."""
    path = platformdirs.user_log_path(_APP, appauthor=False, ensure_exists=True) / "musicgen.log"
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger("musicgen_app")
    root.addHandler(handler)
    root.setLevel(level)
    return path
