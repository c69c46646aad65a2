"""``python -m musicgen_app`` is the command ``musicgen``."""

import sys

from musicgen_app.cli.main import main

sys.exit(main())
