#!/usr/bin/env python3
"""Checks a built `send-schedule` against the contract, from outside.

    python3 Tests/Program/contract/check.py [--seconds 20] [--seed 1] [--only NAME] [--engine postgresql] [PROGRAM]

Stories tell what an administrator or a gateway does, and look at what the program answers. Random gateways around
clock changes are imported, and forecasts and claims compared with a second implementation of the rule (`rule.py`), which
is written from the contract alone. Each disagreement is printed with its seed; the exit code is 1 if
there was one. A seed always makes the same case: `--only NAME --seed N --cases 1` repeats it.
"""

import argparse
import random
import sys
import time
import traceback
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import calendars
import formats
import gateways
import hostile
import imports
import phones
import postgresql
import queues
import reference
import refusals
import schedules
import usage
import words
import zones
from program import add_program_argument, existing
from runner import Disagreement, Program

# Random cases: one of each for every seed.
GENERATED = {
    "reference": reference.check_reference,
    "zones": zones.check_zones,
    "preview": queues.check_preview,
    "claims": queues.check_claims,
    "forecast-is-claims": queues.check_forecast_is_claims,
    "bundle": formats.check_bundle,
    "answers": formats.check_answers,
    "csv": formats.check_csv,
    "calendar": calendars.check_calendar,
    "windows": words.check_windows,
    "bad-windows": words.check_bad_windows,
    "refusals": refusals.check_bad_bundle,
    "bad-csv": refusals.check_bad_csv,
}
# Stories that are told once.
STORIES = {
    name.removeprefix("check_").replace("_", "-"): check
    for module in (phones, schedules, gateways, imports, usage, hostile)
    for name, check in vars(module).items() if name.startswith("check_")
}
CHECKS = STORIES | GENERATED

def main():
    parser = argparse.ArgumentParser(description="Checks a built send-schedule against the contract.")
    add_program_argument(parser)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1, help="the first seed; later cases count up from it")
    parser.add_argument("--cases", type=int, help="stop after so many seeds")
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--only", choices=list(CHECKS), action="append")
    options = parser.parse_args()
    try:
        with postgresql.Cluster() if options.engine == "postgresql" else nullcontext() as cluster:
            return check(Program(existing(options.program), cluster), options)
    except postgresql.Unavailable as reason:
        print(f"skipped: {reason}")
        return 0


def check(program, options):
    """Tells each story, then generates cases until the time is over; the exit status."""
    started = time.monotonic()
    cases = failed = 0
    seed = options.seed
    for name in options.only or STORIES:
        if name in STORIES:
            cases += 1
            failed += not passes(program, name, seed)
    chosen = [name for name in options.only or GENERATED if name in GENERATED]
    while chosen and (seed == options.seed or time.monotonic() - started < options.seconds):
        if options.cases is not None and seed >= options.seed + options.cases:
            break
        for name in chosen:
            cases += 1
            failed += not passes(program, name, seed)
        seed += 1
    print(f"{options.engine}: {cases} cases (seeds from {options.seed}), {program.runs} commands, "
          f"{failed} disagreements")
    return 1 if failed else 0


def passes(program, name, seed):
    """Whether one check finds no disagreement; prints those that it finds."""
    database = program.new_database()
    try:
        CHECKS[name](program, database, random.Random(f"{name} {seed}"))
        return True
    except Disagreement as disagreement:
        print(f"\n{name}, seed {seed}: {disagreement}", flush=True)
        print("  after: " + "\n         ".join(line[:300] for line in program.log[-8:]))
    except Exception:
        print(f"\n{name}, seed {seed}:\n{traceback.format_exc()}", flush=True)
    finally:
        program.remove(database)
    return False


if __name__ == "__main__":
    sys.exit(main())
