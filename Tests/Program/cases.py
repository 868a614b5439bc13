"""Runs the functions `test_…` of the files `test_*.py` beside a script; each gets the path of the program."""

import argparse
import importlib
import sys
import time
import traceback
from pathlib import Path

from program import BUILT, existing


class Skipped(Exception):
    """This machine does not let us do that."""


def expect(is_true, what):
    if not is_true:
        raise AssertionError(what)


def tests(folder, names):
    for file in sorted(folder.glob("test_*.py")):
        module = importlib.import_module(file.stem)
        for name, function in list(vars(module).items()):
            if name.startswith("test_") and (not names or any(part in name for part in names)):
                yield name, function


def run(name, function, program):
    """Runs one test; whether it passed, None if it was skipped."""
    started = time.monotonic()
    try:
        function(program)
        outcome, passed = "passed", True
    except Skipped as reason:
        outcome, passed = f"skipped ({reason})", None
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
        outcome, passed = "FAILED", False
    print(f"{outcome} {name} ({time.monotonic() - started:.1f} s)", flush=True)
    return passed


def main(script, description, pending=()):
    """The exit status is the number of tests that failed, or 64 if there were none.

    Tests that are `pending` ask for what the program does not do yet; they run only by their names.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="parts of the names of tests")
    parser.add_argument("--program", default=str(BUILT))
    options = parser.parse_args()
    folder = Path(script).resolve().parent
    sys.path.insert(0, str(folder))
    program = existing(options.program)
    outcomes = {
        name: run(name, function, program) for name, function in tests(folder, options.names)
        if options.names or name not in pending}
    failed = [name for name, passed in outcomes.items() if passed is False]
    skipped = sum(passed is None for passed in outcomes.values())
    if failed:
        print("failed: " + ", ".join(failed))
    waiting = "" if options.names or not pending else f", {len(pending)} pending"
    print(f"{len(outcomes) - len(failed) - skipped} passed, {len(failed)} failed, {skipped} skipped{waiting}")
    # Names that fit no test are a mistake, not a success.
    sys.exit(len(failed) or (0 if outcomes else 64))
