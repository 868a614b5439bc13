#!/usr/bin/env python3
"""Two editors on one database: what one saves the other shows within a second, and nobody's work is lost.

    two_editors.py [PROGRAM]

Needs nothing but Python. Ends with 1 if something is not as it should be.
"""

import argparse
import json
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from program import add_program_argument, call, existing  # noqa: E402
from pty_screen import Session  # noqa: E402

PHONE = "+15550100100"
SOON = 1.0


class Gateway:
    """A database with one phone and its schedule."""

    def __init__(self, program, folder):
        self.program, self.database = program, str(Path(folder) / "gateway.sqlite")
        self.run("schedules", "add", "Office", "mon-fri 09:00-17:00", "--time-zone", "UTC")
        self.run("phones", "add", PHONE, "--schedule", "Office", "--rate", "6")

    def run(self, *arguments):
        result = call(self.program, arguments, self.database)
        result.check_returncode()
        return result.stdout.decode()

    def editor(self):
        editor = Session(
            [self.program, "edit", PHONE, "--database", self.database], columns=100, rows=30)
        editor.wait("Office")
        editor.wait("saved$")
        return editor

    def windows(self):
        """Hours as day -> [(start, end)]."""
        schedule = json.loads(self.run("schedules", "show", "Office", "--json"))
        days = {}
        for window in schedule["windows"]:
            days.setdefault(window["day_of_week"], []).append((window["start_minute"], window["end_minute"]))
        return days

    def revisions(self):
        return [json.loads(line) for line in self.run("schedules", "history", "Office", "--json").splitlines()]


def expect(is_true, what):
    if not is_true:
        raise AssertionError(what)


def paint(editor, words):
    """Changes hours on the `:` line."""
    editor.send(f":{words}\r")
    editor.wait(r"\* unsaved")


def save(editor):
    editor.send("s")
    editor.wait("Saved:? ")
    editor.wait("saved$")


def a_save_is_seen_by_the_other(gateway):
    with gateway.editor() as first, gateway.editor() as second:
        paint(first, "allow sat 10-14")
        save(first)
        second.wait("saved a change: Sat 10:00-14:00 added", seconds=SOON + 0.5)
        expect(second.sees("saved$"), "what came in counts as unsaved")


def unsaved_work_is_merged(gateway):
    with gateway.editor() as first, gateway.editor() as second:
        paint(second, "allow sun 08-09")
        paint(first, "deny fri")
        save(first)
        second.wait("merged with your unsaved work", seconds=SOON + 0.5)
        save(second)
        first.wait("saved a change: Sun 08:00-09:00 added", seconds=SOON + 0.5)
        days = gateway.windows()
        expect(days.get(0) == [(480, 540)] and 5 not in days and 1 in days, f"merged to {days}")


def saving_at_once_loses_neither(gateway):
    gateway.run("schedules", "set", "Office", "mon 09:00-17:00")
    first_revision = len(gateway.revisions())
    with gateway.editor() as first, gateway.editor() as second:
        for hour in range(5):
            paint(first, f"allow sun {hour:02d}:00-{hour:02d}:07")
            paint(second, f"allow sat {hour:02d}:00-{hour:02d}:07")
            # Neither can have seen the other's save when its own begins.
            first.send("s")
            second.send("s")
            for editor in (first, second):
                settle(editor)
    days = gateway.windows()
    expected = [(hour * 60, hour * 60 + 7) for hour in range(5)]
    expect(days.get(0) == expected, f"Sunday is {days.get(0)}")
    expect(days.get(6) == expected, f"Saturday is {days.get(6)}")
    expect_only_additions(gateway.revisions(), first_revision)


def expect_only_additions(revisions, first):
    """Nobody took anything back, so a revision without an earlier minute was made without seeing it."""
    revisions = sorted(revisions, key=lambda revision: revision["revision"])
    numbers = [revision["revision"] for revision in revisions]
    expect(numbers == list(range(1, len(numbers) + 1)), f"revisions {numbers}")
    for before, after in zip(revisions[first - 1 :], revisions[first:]):
        gone = minutes(before["schedule"]) - minutes(after["schedule"])
        expect(not gone, f"revision {after['revision']} takes back {len(gone)} min that its author never saw")


def settle(editor):
    """Saves until nothing is unsaved: who was overtaken has been merged and saves again."""
    end = time.monotonic() + 20
    editor.drain(0.6, longest=5)
    while editor.sees(r"\* unsaved"):
        expect(time.monotonic() < end, f"it stays unsaved:\n{editor.grid.text()}")
        editor.send("s")
        editor.drain(0.6, longest=5)


def minutes(schedule):
    return {
        window["day_of_week"] * 1440 + minute
        for window in schedule["windows"]
        for minute in range(window["start_minute"], window["end_minute"])
    }


def a_rate_changed_by_both_is_asked(gateway):
    with gateway.editor() as first, gateway.editor() as second:
        paint(second, "rate 20")
        paint(first, "rate 30")
        save(first)
        second.wait("Rate: mine 20 a minute, theirs 30 a minute", seconds=SOON + 0.5)
        second.send("m")
        second.wait_without("theirs 30")
        save(second)
        rate = json.loads(gateway.run("phones", "show", PHONE, "--json"))["messages_per_minute"]
        expect(rate == 20, f"mine was chosen, and {rate} is saved")


def a_deleted_schedule_takes_no_work_with_it(gateway):
    with gateway.editor() as editor:
        paint(editor, "allow sat 20-21")
        gateway.run("schedules", "remove", "Office", "--yes")
        editor.wait("Schedule: mine", seconds=SOON + 0.5)
        editor.send("m")
        editor.wait(r"\* unsaved")
        editor.send("s")
        editor.wait("Name of the new schedule|Saved:? ")
        if editor.sees("Name of the new schedule"):
            editor.send("\r")
        editor.wait("Saved:? ")
    days = gateway.windows()
    expect((1200, 1260) in days.get(6, []), f"what was painted is not in {days}")


def a_command_is_seen_too(gateway):
    with gateway.editor() as editor:
        gateway.run("phones", "set", PHONE, "--rate", "7")
        editor.wait("7 a minute", seconds=SOON + 0.5)
        gateway.run("queue", "add", PHONE, "--to", "+15550100999", "--text", "It waits")
        editor.wait("It waits", seconds=SOON + 0.5)
        gateway.run("schedules", "set", "Office", "--inactive")
        editor.wait("hours ignored", seconds=SOON + 0.5)


CASES = [
    a_save_is_seen_by_the_other, unsaved_work_is_merged, saving_at_once_loses_neither,
    a_rate_changed_by_both_is_asked, a_deleted_schedule_takes_no_work_with_it, a_command_is_seen_too,
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_program_argument(parser)
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="two-") as folder:
        gateway = Gateway(existing(options.program), folder)
        for case in CASES:
            started = time.monotonic()
            try:
                case(gateway)
                verdict = "ok"
            except Exception:
                failed += 1
                verdict = "FAILED\n" + traceback.format_exc()
            print(f"{case.__name__.replace('_', ' ')}: {verdict} ({time.monotonic() - started:.1f} s)", flush=True)
        found = gateway.run("check")
        if found != "ok\n":
            failed += 1
            print(f"check: {found}")
    print(f"{len(CASES) + 1 - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
