#!/usr/bin/env python3
"""Imports the calendars that the PyPI package `holidays` writes: ten countries, five years each.

Every public holiday becomes a closed date with its name, no other date does, and a second import of the same file
changes nothing. Without the package it says so and ends with 0.

    python3 Tests/Program/contract/holiday_calendars.py [PROGRAM]
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from program import add_program_argument, call, existing  # noqa: E402

COUNTRIES = ["EE", "DE", "FR", "GB", "US", "JP", "IN", "BR", "SA", "IL"]
YEARS = range(2025, 2030)


def expected(days):
    """The name that each date should carry, as far as a note goes."""
    return {day.isoformat(): name for day, name in days.items()}


def check(program, database, directory, country, holidays):
    days = holidays.country_holidays(country, years=YEARS)
    path = Path(directory) / f"{country}.ics"
    holidays.ical.ICalExporter(days).save_ics(str(path))
    add = call(program, ["schedules", "add", country, "mon-fri 9-17", "--time-zone", "UTC"], database)
    assert add.returncode == 0, add.stderr
    states = []
    for _ in range(2):
        done = call(program, ["schedules", "holidays", country, path], database)
        assert done.returncode == 0, done.stderr
        states.append(call(program, ["schedules", "show", country, "--json"], database).stdout)
    assert states[0] == states[1], f"{country}: a second import changed something"
    exceptions = json.loads(states[0])["exceptions"]
    assert all(exception["windows"] == [] for exception in exceptions)
    found = {exception["date"]: exception["note"] for exception in exceptions}
    wanted = expected(days)
    assert found.keys() == wanted.keys(), f"{country}: {sorted(found.keys() ^ wanted.keys())}"
    for date, name in wanted.items():
        # Two holidays of one date are two events, or one with both names: either way each name is there.
        for part in name.split("; "):
            assert len(found[date]) >= 199 or part.strip() in found[date], f"{country} {date}: {found[date]!r}, not {name!r}"
    return len(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_program_argument(parser)
    program = existing(parser.parse_args().program)
    try:
        import holidays
        import holidays.ical
    except ImportError:
        print("holiday calendars: skipped, Python packages are missing (python3 -m pip install holidays icalendar)")
        return 0
    with tempfile.TemporaryDirectory() as directory:
        database = Path(directory) / "gateway.sqlite"
        counts = [check(program, database, directory, country, holidays) for country in COUNTRIES]
    print(f"holiday calendars: {sum(counts)} dates of {len(counts)} countries, years {YEARS.start} to {YEARS.stop - 1}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
