"""A reader of scans that dies without a word where it meets a file whose name says so."""

import os
import sys
from typing import Any

from musicgen_app.workflow import scan_child
from musicgen_app.workflow.file_profile import hash_of


def _hash(path: Any) -> str:
    if "deadly" in path.name:
        os._exit(9)
    return hash_of(path)


if __name__ == "__main__":
    scan_child.hash_of = _hash
    sys.exit(scan_child.main())
