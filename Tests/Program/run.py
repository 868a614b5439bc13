#!/usr/bin/env python3
"""Runs the suites that test the whole program, one after the other, and ends with what each of them said last.

    python3 Tests/Program/run.py [--program .build/debug/send-schedule] [--quick] [SUITE...]

Without names all suites run in their short form; `--quick` leaves out those that kill, damage and fuzz. The exit
status is the number of suites that failed.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from program import BUILT, existing

HERE = Path(__file__).resolve().parent

# The words after the script; PROGRAM stands for the path of the program.
SUITES = {
    "terminal": ["terminal/run.py", "--program", "PROGRAM"],
    "serve": ["serve/run.py", "PROGRAM"],
    "contract": ["contract/check.py", "--seconds", "20", "PROGRAM"],
    "contract-server": ["contract/check.py", "--engine", "postgresql", "--seconds", "10", "PROGRAM"],
    "faults": ["faults/run.py", "--program", "PROGRAM"],
    "holidays": ["contract/holiday_calendars.py", "PROGRAM"],
    "two-editors": ["crash/two_editors.py", "PROGRAM"],
    "kill": ["crash/kill.py", "--kills", "60", "PROGRAM"],
    "kill-imports": ["crash/imports.py", "--kills", "10", "PROGRAM"],
    "power-cut": ["crash/power_cut.py", "--cuts", "60", "PROGRAM"],
    "kill-removals": ["crash/removals.py", "--kills", "6", "PROGRAM"],
    "damage": ["crash/damage.py", "--files", "5", "--births", "5", "PROGRAM"],
    "fuzz-keys": ["fuzz/keys.py", "--seconds", "10", "PROGRAM"],
    "fuzz-arguments": ["fuzz/arguments.py", "--seconds", "10", "PROGRAM"],
    "fuzz-imports": ["fuzz/imports.py", "--seconds", "10", "PROGRAM"],
}
QUICK = ["terminal", "serve", "contract", "contract-server", "two-editors"]


def run(name, program):
    """Runs a suite, showing what it prints; whether it passed, and its last line."""
    script, *words = SUITES[name]
    words = [program if word == "PROGRAM" else word for word in words]
    print(f"== {name}", flush=True)
    process = subprocess.Popen(
        [sys.executable, "-u", str(HERE / script), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    last = "said nothing"
    for line in process.stdout:
        print(line, end="", flush=True)
        last = line.strip() or last
    return process.wait() == 0, last


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=", ".join(SUITES))
    parser.add_argument("--program", default=str(BUILT))
    parser.add_argument("--quick", action="store_true", help="without killing, damaging and fuzzing")
    options = parser.parse_args()
    unknown = [name for name in options.suites if name not in SUITES]
    if unknown:
        parser.error(f"no suite {', '.join(unknown)}; there are {', '.join(SUITES)}")
    program = existing(options.program)
    outcomes = []
    for name in options.suites or (QUICK if options.quick else SUITES):
        started = time.monotonic()
        passed, last = run(name, program)
        outcomes.append((name, passed, last, time.monotonic() - started))
    print("== what each suite said last")
    for name, passed, last, seconds in outcomes:
        print(f"{'passed' if passed else 'FAILED'}  {name:<15} {seconds:4.0f} s  {last}")
    sys.exit(sum(not passed for _, passed, _, _ in outcomes))


if __name__ == "__main__":
    main()
