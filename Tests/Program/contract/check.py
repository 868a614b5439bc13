#!/usr/bin/env python3
"""Checks a built `send-schedule` against the contract, from outside.

    python3 Tests/Program/contract/check.py [--seconds 20] [--seed 1] [--only NAME] [PROGRAM]

Random gateways around clock changes are imported, and what the program answers is compared with an
implementation of its own (`rule.py`). Each disagreement is printed with its seed; the exit code is 1 if
there was one. A seed always makes the same case: `--only NAME --seed N --cases 1` repeats it.
"""

import argparse
import random
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import formats
import queues
import refusals
import words
from program import add_program_argument, existing
from runner import Disagreement, Program

CHECKS = {
    "preview": queues.check_preview,
    "claims": queues.check_claims,
    "bundle": formats.check_bundle,
    "answers": formats.check_answers,
    "csv": formats.check_csv,
    "windows": words.check_windows,
    "bad-windows": words.check_bad_windows,
    "refusals": refusals.check_bad_bundle,
    "bad-csv": refusals.check_bad_csv,
}


def main():
    parser = argparse.ArgumentParser(description="Checks a built send-schedule against the contract.")
    add_program_argument(parser)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1, help="the first seed; later cases count up from it")
    parser.add_argument("--cases", type=int, help="stop after so many seeds")
    parser.add_argument("--only", choices=list(CHECKS), action="append")
    options = parser.parse_args()
    program = Program(existing(options.program))
    started = time.monotonic()
    failed = cases = 0
    seed = options.seed
    while time.monotonic() - started < options.seconds and (options.cases is None or seed < options.seed + options.cases):
        for name in options.only or CHECKS:
            database = program.new_database()
            try:
                CHECKS[name](program, database, random.Random(f"{name} {seed}"))
            except Disagreement as disagreement:
                failed += 1
                print(f"\n{name}, seed {seed}: {disagreement}", flush=True)
                print("  after: " + "\n         ".join(program.log[-8:]))
            except Exception:
                failed += 1
                print(f"\n{name}, seed {seed}:\n{traceback.format_exc()}", flush=True)
            program.remove(database)
            cases += 1
        seed += 1
    print(f"{cases} cases (seeds {options.seed} to {seed - 1}), {program.runs} commands, {failed} disagreements")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
