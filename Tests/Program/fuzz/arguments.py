#!/usr/bin/env python3
"""Calls the program with any command lines.

    arguments.py [--seconds N] [--seed S] [PROGRAM]

Windows, times, numbers, odd Unicode, leading dashes, options in the wrong place: each call ends with 0 or one of the
documented sysexits codes, never by a signal, prints no control character but the newline, valid JSON where JSON was
asked for, and leaves a sound database. What is refused changes nothing.

Needs nothing but Python. Ends with 1 if something is not as it should be.
"""

import argparse
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from program import add_program_argument, call, environment, existing  # noqa: E402

CODES = {0, 64, 65, 66, 69, 73, 74, 75, 77}
PHONES = ["+15550100100", "+15550100101", "15550100100", "+1", "0", "no-phone"]
SCHEDULES = ["Office", "Night", "‮eciffO", "", "nothing"]
ZONES = ["UTC", "Europe/Tallinn", "Australia/Lord_Howe", "europe/tallinn", "Nowhere/Land", "", "../../etc/passwd", "EST5EDT"]
TIMES = [
    "2026-03-29T08:00:00+02:00", "2026-03-29T01:30:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z",
    "2026-02-30T00:00:00Z", "2026-03-29", "now", "", "2026-03-29T08:00:00", "-292277022-01-01T00:00:00Z",
    "2026-03-29T24:00:00Z", "2026-12-31T23:59:60Z", "2026-03-29T08:00:00+99:99", "1e309", "٢٠٢٦-٠٣-٢٩T٠٨:٠٠:٠٠Z",
]
NUMBERS = ["0", "1", "7", "60000", "-1", "99999999999999999999", "9223372036854775807", "-9223372036854775808", "1.5",
           "٧", "0x10", "1e3", "", " 3", "+3", "NaN", "2147483648"]
TEXTS = ["hello", "", "\x1b[31mred", "日本語" * 9, "‮txet", "e\u0301", "👩‍👩‍👧", "a" * 5000, "-", "--", "'; DROP TABLE message; --",
         "%s%n", "line\nline", "\t", "\u0085", "\u009b31m", "\ufeff", "'", '"', "\\", "$(id)", "*"]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "monday", "daily", "weekdays", "weekend", "mon-fri", "fri-mon",
        "MON", "mn", "", "mon-", "-fri", "mon-fri-sun"]
CLOCKS = ["9", "09:00", "17:30", "24:00", "00:00", "24:01", "25", "9:7", "-1", "0:60", "23:59", "12:00pm", "", "9.30", "٩"]
MOMENTS = ["thu 10:00", "tomorrow 8", "10:30", "in 2 h", "2026-12-24 10:00", "yesterday", "in 99999999999 d", "in -1 h", "25:00",
           "thu", "2026-03-29 02:30", "29 feb", "in 2", "until released", "9999-12-31 23:59"]
DATES = ["2026-12-24", "24 dec", "24-26 dec", "every 25 dec", "every 29 feb", "--12-25", "31 nov", "24", "dec", "26-24 dec",
         "every", "", "0000-01-01", "9999-12-31", "24 dec 9-12", "24 dec - 3 jan", "٢٤ dec", "2026-12-24/2027-12-24"]
DURATIONS = ["30d", "12h", "5m", "0d", "-1d", "99999999999d", "d", "", "1y", "30 d", "1.5h"]
OPTIONS = {
    "phones add": ["label", "rate", "per-day", "sim", "max-attempts", "retry-delay", "pause-after-failures", "schedule", "id"],
    "phones set": ["label", "rate", "per-day", "sim", "max-attempts", "retry-delay", "pause-after-failures", "schedule",
                   "no-schedule"],
    "phones hold": ["until", "reason"], "phones remove": ["yes"], "schedules remove": ["yes"], "queue prune": ["yes"],
    "schedules add": ["inactive", "id"], "schedules set": ["time-zone", "rename", "active", "inactive"],
    "schedules except": ["note", "remove"],
    "queue list": ["status", "contact", "failed"], "queue add": ["send-at", "exact", "expires", "id", "csv"],
    "queue claim": ["lease", "timeout"], "queue failed": ["reason", "attempt"], "queue sent": ["attempt"],
    "queue reschedule": ["send-at"], "queue extend": ["lease"], "preview": ["summary", "limit"], "import": ["dry-run", "again"],
}
FLAGS = {"json", "exact", "no-schedule", "active", "inactive", "failed", "summary", "csv", "dry-run", "help", "version", "yes",
         "again", "remove"}
ALL_OPTIONS = sorted(FLAGS | {name for names in OPTIONS.values() for name in names} | {"to", "text", "older-than", "no-such"})
ODD = ["--", "-", "-h", "-x", "--=", "--json=yes", "--database", "--database=", "", "@file", "-1"]


class Wrong(Exception):
    """The program did what it must not."""


class Chooser:
    """Makes up command lines."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.pick = self.random.choice

    def windows(self):
        clauses = []
        for _ in range(self.pick([1, 1, 2, 5, 40])):
            times = [f"{self.pick(CLOCKS)}{self.pick(['-', '-', '-', ' - ', '–', '', '--'])}{self.pick(CLOCKS)}"
                     for _ in range(self.pick([0, 1, 1, 2]))]
            clauses.append(f"{self.pick(DAYS)}{self.pick([' ', ' ', '', '  '])}{self.pick([', ', ',', ';']).join(times)}")
        return self.pick(["; ", ";", ", ", "\n", " "]).join(clauses)

    def number(self):
        return self.pick(NUMBERS)

    def option(self, words):
        """An option or flag, mostly one that the command knows."""
        known = OPTIONS.get(" ".join(words[:2]), OPTIONS.get(words[0] if words else "", [])) + ["json", "now"]
        name = self.pick(known if self.random.random() < 0.85 else ALL_OPTIONS)
        if name in FLAGS:
            return [f"--{name}"]
        value = self.value(name)
        return self.pick([[f"--{name}", value], [f"--{name}={value}"]])

    def value(self, name):
        if self.random.random() < 0.1:
            return self.pick(TEXTS + NUMBERS + TIMES)
        return self.pick({
            "rate": NUMBERS, "max-attempts": NUMBERS, "lease": NUMBERS, "limit": NUMBERS, "sim": ["SIM1", "SIM2", "sim3", ""],
            "schedule": SCHEDULES, "time-zone": ZONES, "rename": SCHEDULES + TEXTS, "to": PHONES + ["+15550100999", "12345"],
            "send-at": TIMES + MOMENTS, "now": TIMES, "until": TIMES + MOMENTS, "expires": TIMES + DURATIONS + MOMENTS,
            "per-day": NUMBERS, "retry-delay": NUMBERS + DURATIONS, "pause-after-failures": NUMBERS, "attempt": NUMBERS,
            "timeout": ["0", "1", "x", "-1", ""], "older-than": DURATIONS, "contact": PHONES, "id": ["m1", "m2", *TEXTS],
            "status": ["pending", "sent", "failed", "canceled", "no-status"],
        }.get(name, TEXTS))

    def command(self):
        words = self.pick([self.phones, self.schedules, self.queue, self.queue, self.preview, self.other])()
        for _ in range(self.pick([0, 0, 1, 1, 2, 3])):
            at = self.random.randrange(min(2, len(words)), len(words) + 1)
            words[at:at] = self.option(words)
        if self.random.random() < 0.08:
            words.insert(self.random.randrange(len(words) + 1), self.pick(ODD))
        if self.random.random() < 0.03:
            self.random.shuffle(words)
        # A running editor or a waiting claim would have to be ended.
        return [word.replace("\0", "") for word in words if word not in ("edit", "--wait", "demo")]

    def phones(self):
        action = self.pick(["list", "show", "add", "set", "remove", "hold", "hold", "release", "nonsense"])
        words = ["phones", action] + ([] if action == "list" else [self.pick(PHONES)])
        if action in ("hold", "release") and self.random.random() < 0.3:
            words.append(self.pick(PHONES))
        return words + (["--rate", self.number()] if action in ("add", "set") and self.random.random() < 0.7 else [])

    def schedules(self):
        action = self.pick(["list", "show", "add", "set", "remove", "history", "restore", "add", "set",
                            "except", "except", "holidays"])
        words = ["schedules", action] + ([] if action == "list" else [self.pick(SCHEDULES + TEXTS)])
        if action in ("add", "set"):
            words += [self.windows()]
        if action == "except":
            times = ["closed", "9-12", "09:00-12:00, 13-14", "24-25", "shut", self.windows()]
            words += [self.pick(DATES), self.pick(times)]
        if action == "holidays":
            words.append(self.pick(["/dev/null", "/no/such", "-", ""]))
        if action == "add":
            words += ["--time-zone", self.pick(ZONES[:3] * 3 + ZONES)]
        return words + ([self.number()] if action == "restore" else [])

    def queue(self):
        action = self.pick(["list", "add", "add", "add", "claim", "claim", "sent", "failed", "cancel", "retry", "show", "prune",
                            "extend", "release", "reschedule"])
        words = ["queue", action]
        if action in ("list", "add", "claim"):
            words.append(self.pick(PHONES[:3] * 3 + PHONES))
        elif action == "prune":
            words += ["--older-than", self.pick(DURATIONS)]
        else:
            words += [self.pick(["m1", "m2", *TEXTS]) for _ in range(self.pick([1, 1, 2]))]
        if action == "add":
            words += ["--to", self.pick(["+15550100999", "12345", *PHONES]), "--text", self.pick(TEXTS)]
        return words

    def preview(self):
        return ["preview", self.pick(PHONES[:3] * 3 + PHONES)]

    def other(self):
        return self.pick([["check"], ["export"], ["import", "/dev/null"], ["import", "-"], ["import", "/no/such"],
                          ["backup", "/no/such/folder/file"], ["backup", "/dev/null"], ["help"], ["help", "queue"], [self.pick(TEXTS)]])


class Gateway:
    """A database that the command lines may do anything to."""

    def __init__(self, program, folder):
        self.program, self.path = program, str(Path(folder) / "gateway.sqlite")
        self.environment = environment(HOME=str(folder), SEND_SCHEDULE_DATABASE=self.path)
        self.reset()

    def reset(self):
        for suffix in ("", "-wal", "-shm"):
            Path(self.path + suffix).unlink(missing_ok=True)
        for words in (["schedules", "add", "Office", "mon-fri 9-17", "--time-zone", "Europe/Tallinn"],
                      ["schedules", "add", "Night", "daily 22:00-06:00", "--time-zone", "Australia/Lord_Howe"],
                      ["phones", "add", "+15550100100", "--schedule", "Office"], ["phones", "add", "+15550100101"],
                      ["queue", "add", "+15550100100", "--to", "+15550100999", "--text", "one", "--id", "m1"],
                      ["queue", "add", "+15550100101", "--to", "+15550100999", "--text", "two", "--id", "m2"]):
            result = self.run(words)
            if result.returncode != 0:
                raise Wrong(f"{words}: {result.stderr.decode()}")
        self.state = self.export()

    def run(self, words):
        return call(self.program, words, env=self.environment, cwd=os.path.dirname(self.path))

    def export(self):
        return self.run(["export"]).stdout


def try_one(gateway, words):
    before = gateway.state
    result = gateway.run(words)
    if result.returncode not in CODES:
        raise Wrong(f"exit {result.returncode}: {result.stderr.decode(errors='replace')[:300]}")
    if result.returncode not in (0, 75) and not (result.stderr.strip() or words[:1] == ["check"]):
        raise Wrong(f"exit {result.returncode}, and not a word of why")
    for name, output in (("standard output", result.stdout), ("standard error", result.stderr)):
        text = output.decode("utf-8", "strict")
        found = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
        if found and not is_json(text):
            raise Wrong(f"{found.group()!r} on {name}: {text[max(0, found.start() - 60):found.end() + 60]!r}")
        if re.search("[\x00-\x09\x0b-\x1f\x7f]", text):
            raise Wrong(f"a control character in JSON on {name}")
    if result.returncode == 0 and "--json" in words and not {"--help", "-h", "help", "--version"} & set(words):
        if result.stdout and not is_json(result.stdout.decode()):
            raise Wrong(f"no JSON: {result.stdout[:200]!r}")
    gateway.state = gateway.export()
    if result.returncode != 0 and gateway.state != before:
        raise Wrong(f"exit {result.returncode}, and the database is another")
    return result.returncode


def is_json(text):
    try:
        json.loads(text)
        return True
    except ValueError:
        pass
    try:
        return bool(text) and all(isinstance(json.loads(line), (dict, list)) for line in text.splitlines(False))
    except ValueError:
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", default=str(random.randrange(10**6)))
    add_program_argument(parser)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    end = time.monotonic() + options.seconds
    codes, failures, number = {}, [], 0
    with tempfile.TemporaryDirectory(prefix="arguments-") as folder:
        gateway = Gateway(existing(options.program), folder)
        while time.monotonic() < end and len(failures) < 10:
            number += 1
            words = Chooser(f"{options.seed} {number}").command()
            try:
                code = try_one(gateway, words)
                codes[code] = codes.get(code, 0) + 1
                if number % 50 == 0:
                    found = gateway.run(["check"]).stdout
                    if found != b"ok\n":
                        raise Wrong(f"check: {found.decode()}")
                    gateway.reset()
            except (Wrong, UnicodeDecodeError, subprocess.TimeoutExpired) as error:
                failures.append(error)
                print(f"FAILED: {shlex.join(words)[:600]}\n  {error}", flush=True)
                gateway.reset()
    print(f"{number} command lines; exit codes " + ", ".join(f"{code}: {count}" for code, count in sorted(codes.items())))
    print(f"{number - len(failures)} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
