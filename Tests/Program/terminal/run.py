#!/usr/bin/env python3
"""Runs the tests of the whole program in real terminals; needs tmux.

    python3 Tests/Program/terminal/run.py [--program .build/debug/send-schedule] [NAME...]

NAME is a part of a test's name. The exit status is the number of tests that failed, or 64 if there were none.
"""

import argparse
import importlib
import shutil
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from program import BUILT, existing  # noqa: E402


def tests(names):
    for file in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(file.stem)
        for name, function in vars(module).items():
            if name.startswith("test_") and (not names or any(part in name for part in names)):
                yield name, function


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--program", default=str(BUILT))
    options = parser.parse_args()
    program = existing(options.program)
    if not shutil.which("tmux"):
        sys.exit("tmux is needed to run these tests")
    failed = []
    count = 0
    for name, function in tests(options.names):
        started = time.monotonic()
        count += 1
        try:
            function(program)
            outcome = "passed"
        except Exception:  # pylint: disable=broad-except
            traceback.print_exc()
            outcome = "FAILED"
            failed.append(name)
        print(f"{outcome} {name} ({time.monotonic() - started:.1f} s)", flush=True)
    if failed:
        print("failed: " + ", ".join(failed))
    print(f"{count - len(failed)} passed, {len(failed)} failed")
    # Names that fit no test are a mistake, not a success.
    sys.exit(len(failed) or (0 if count else 64))


if __name__ == "__main__":
    main()
