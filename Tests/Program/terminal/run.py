#!/usr/bin/env python3
"""Runs the tests of the whole program in real terminals; needs tmux.

    python3 Tests/Program/terminal/run.py [--program .build/debug/send-schedule] [NAME...]
"""

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cases  # noqa: E402

if __name__ == "__main__":
    if not shutil.which("tmux"):
        sys.exit("tmux is needed to run these tests")
    cases.main(__file__, __doc__)
