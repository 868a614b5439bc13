#!/usr/bin/env python3
"""Throws damaged bundles, API answers and CSV files at `send-schedule import`.

Whatever comes in, the program ends with 0 or 65, says what is wrong in one harmless line, and leaves the
database byte for byte as it was unless it ended with 0. What it took in, `check` finds sound, a second import
changes nothing, and the export is JSON.

    imports.py [--seed N] [--seconds N] [--count N] [--keep DIRECTORY] [PROGRAM]

The same seed gives the same inputs. Inputs that break the rules are kept in DIRECTORY.
"""

import argparse
import hashlib
import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from program import add_program_argument, call, existing  # noqa: E402

SCHEDULE = {"id": "s1", "name": "Day", "timezone": "Europe/Tallinn", "is_active": True,
            "windows": [{"day_of_week": 1, "start_minute": 540, "end_minute": 720}],
            "exceptions": [{"date": "2026-12-24", "windows": [{"start_minute": 540, "end_minute": 720}], "note": "Eve"},
                           {"date": "--12-25", "windows": [], "note": ""}]}
PHONE = {"id": "p1", "phone_number": "+18005550199", "label": "desk", "messages_per_minute": 7, "sim": "SIM1",
         "message_send_schedule_id": "s1", "max_send_attempts": 2, "messages_per_day": 3, "held_until": "2026-03-29T06:00:00Z",
         "hold_reason": "out", "retry_delay_seconds": 60, "pause_after_failures": 5, "failures_in_row": 1}
MESSAGE = {"id": "m1", "owner": "+18005550199", "contact": "+18005550100", "content": "hi \u202e\u6f22 \U0001f44d",
           "status": "pending", "request_received_at": "2026-03-29T06:00:00.123456789+03:00",
           "scheduled_send_time": None, "exact": False, "last_attempted_at": "2026-03-29T06:00:00Z", "sent_at": None,
           "send_attempt_count": 1, "lease_expires_at": None, "failure_reason": None,
           "expires_at": "2026-04-29T06:00:00Z", "retry_at": None, "max_send_attempts": 3}
STATUSES = ["pending", "scheduled", "expired", "sending", "sent", "delivered", "failed", "canceled", "received", "x"]
VALUES = [None, True, False, 0, -1, 1, 1e308, 2**31, 2**63, 2**70, 0.5, "", "x", "\x00", "\x1b[2J", "\ud83d\ude00",
          "+18005550199", "18005550199", "2026-03-29T06:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:60-23:59",
          [], {}, [[]], [{}], {"id": 1}, "UTC", "GMT+3", "SIM2", "a" * 300]
TOKENS = [b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u0000", b"\\ud800", b"\xff", b"\xc3", b"\xed\xa0\x80",
          b"\xef\xbb\xbf", b"\x00", b"\n", b"\r", b"\r\n", b'""', b"null", b"-", b"1e999", b"[" * 300, b"\x1b[31m",
          b"2026-03-29T03:30:00", b"+", b"Content", b";", b"\xe2\x80\xae", b" " * 40]


def records(rng):
    """A gateway with some of its values replaced."""
    schedules = [dict(SCHEDULE, id=f"s{i}") for i in range(1, rng.randint(1, 3))]
    phones = [dict(PHONE, id=f"p{i}", phone_number=f"+1800555019{9 - i}",
                   message_send_schedule_id=rng.choice(["s1", None])) for i in range(rng.randint(0, 3))]
    messages = [dict(MESSAGE, id=f"m{i}", status=rng.choice(STATUSES)) for i in range(rng.randint(0, 4))]
    every = schedules + phones + messages
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        if every:
            record = rng.choice(every)
            key = rng.choice(list(record))
            if rng.random() < 0.3:
                del record[key]
                record.setdefault("id", "again")
            else:
                record[key] = rng.choice(VALUES)
    return schedules, phones, messages


def document(rng):
    """A bundle, an answer, or a list, as bytes."""
    schedules, phones, messages = records(rng)
    shape = rng.random()
    if shape < 0.5:
        parts = [("phones", phones), ("message_send_schedules", schedules), ("messages", messages)]
        rng.shuffle(parts)
        value = dict(parts[:rng.choice([1, 2, 3, 3])])
    elif shape < 0.8:
        value = {"status": "success", "data": rng.choice([phones, schedules, messages, schedules + phones + messages]),
                 "message": "fetched"}
    elif shape < 0.9:
        value = {"data": rng.choice((schedules + phones + messages) or [{}])}
    else:
        value = schedules + phones + messages
    text = json.dumps(value, ensure_ascii=rng.random() < 0.5, indent=rng.choice([None, None, 1]))
    return text.encode("utf-8", "surrogatepass")


def csv(rng):
    """A CSV file, as bytes."""
    columns = ["FromPhoneNumber", "ToPhoneNumber", "Content", rng.choice(["SendTime(optional)", "SendTime"])]
    rng.shuffle(columns)
    ends = rng.choice(["\n", "\r\n", "\r"])
    rows = [",".join(columns)]
    for _ in range(rng.randint(0, 6)):
        values = {"F": rng.choice(["+18005550199", "18005550199", "", "x"] if rng.random() < 0.1 else ["+18005550199"]),
                  "T": rng.choice(["+18005550100", "18005550100", "12345"]),
                  "C": rng.choice(["hi", '"a, ""b"""', '"two\nlines"', "", "\u6f22\U0001f44d", " x "]),
                  "S": rng.choice(["", "2026-03-29T03:30:00", "2026-10-25 03:30", "2026-03-29T06:00:00+03:00"])}
        row = [values[column[0]] for column in columns]
        rows.append(",".join(row[:rng.choice([4, 4, 4, 3, 5])]))
    text = ends.join(rows) + rng.choice(["", ends])
    separator = rng.choice([",", ",", ",", ";", "\t"])
    text = text.replace(",", separator)
    encoding, mark = rng.choice([("utf-8", b""), ("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"),
                                 ("utf-16-be", b"\xfe\xff")])
    return mark + text.encode(encoding)


def mutated(rng, data):
    """Some bytes changed, put in, taken out, doubled, cut off."""
    data = bytearray(data)
    for _ in range(rng.choice([0, 0, 1, 1, 2, 5])):
        place = rng.randint(0, len(data))
        change = rng.random()
        if change < 0.3 and data:
            data[place % len(data)] = rng.randrange(256)
        elif change < 0.6:
            data[place:place] = rng.choice(TOKENS)
        elif change < 0.75:
            del data[place:place + rng.choice([1, 1, 2, 10, 100])]
        elif change < 0.9:
            other = rng.randint(0, len(data))
            data[place:place] = data[min(place, other):max(place, other)][:200]
        else:
            del data[place:]
    return bytes(data)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).digest()


class Fuzzer:
    def __init__(self, program, directory, keep):
        self.program, self.directory, self.keep = program, directory, keep
        self.base = os.path.join(directory, "base.sqlite")
        self.database = os.path.join(directory, "gateway.sqlite")
        self.outcomes = {}
        self.failures = 0
        bundle = json.dumps({"phones": [PHONE], "message_send_schedules": [SCHEDULE], "messages": [MESSAGE]})
        path = self.write("base.json", bundle.encode())
        done = self.run("import", path, database=self.base)
        assert done.returncode == 0, done.stderr

    def write(self, name, data):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def run(self, *arguments, database=None, **options):
        return call(self.program, arguments, database or self.database, **options)

    def reset(self):
        for suffix in ("-wal", "-shm"):
            if os.path.exists(self.database + suffix):
                os.unlink(self.database + suffix)
        shutil.copy(self.base, self.database)

    def complaint(self, rng, inputs):
        """What is wrong with how the program took some inputs; None if nothing is."""
        paths = [self.write(f"input{index}", data) for index, data in enumerate(inputs)]
        before = digest(self.database)
        arguments = ["import", *paths, "--now", "2026-03-29T06:00:00Z"]
        if len(inputs) == 1 and rng.random() < 0.2:
            done = self.run("import", "-", input=inputs[0])
        else:
            done = self.run(*arguments)
        code = done.returncode
        self.outcomes[code] = self.outcomes.get(code, 0) + 1
        if code not in (0, 65):
            return f"exit code {code}: {done.stderr[-300:]!r}"
        if code == 65:
            if digest(self.database) != before:
                return "changed the database in spite of an error"
            lines = done.stderr.decode("utf-8").splitlines()
            if len(lines) != 1 or "expected" not in lines[0] or any(ord(c) < 32 or 126 < ord(c) < 160 for c in lines[0]):
                return f"complained with {done.stderr!r}"
            return None
        try:
            return self.complaint_after(arguments, before)
        finally:
            self.reset()

    def complaint_after(self, arguments, before):
        """The same of what the program took in."""
        check = self.run("check")
        if check.returncode != 0:
            return f"check: {check.stdout!r} {check.stderr!r}"
        exported = self.run("export").stdout
        json.loads(exported)
        again = self.run(*arguments)
        if again.returncode != 0:
            return f"a second time: exit code {again.returncode}: {again.stderr!r}"
        if self.run("export").stdout != exported:
            return "a second import changed something"
        return None

    def report(self, seed, index, inputs, words):
        self.failures += 1
        print(f"seed {seed}, input {index}: {words}", file=sys.stderr)
        if self.keep:
            os.makedirs(self.keep, exist_ok=True)
            for place, data in enumerate(inputs):
                with open(os.path.join(self.keep, f"{seed}-{index}-{place}"), "wb") as file:
                    file.write(data)


def main():
    parser = argparse.ArgumentParser(description="Fuzz the import.")
    add_program_argument(parser)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--count", type=int, default=10**9)
    parser.add_argument("--keep")
    options = parser.parse_args()
    end = time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as directory:
        fuzzer = Fuzzer(existing(options.program), directory, options.keep)
        fuzzer.reset()
        index = 0
        while index < options.count and time.monotonic() < end:
            rng = random.Random(f"{options.seed}/{index}")
            inputs = [mutated(rng, document(rng) if rng.random() < 0.65 else csv(rng))
                      for _ in range(rng.choice([1, 1, 1, 1, 2]))]
            words = fuzzer.complaint(rng, inputs)
            if words:
                fuzzer.report(options.seed, index, inputs, words)
                fuzzer.reset()
            index += 1
    outcomes = ", ".join(f"{count} ended with {code}" for code, count in sorted(fuzzer.outcomes.items()))
    print(f"seed {options.seed}: {index} inputs, {outcomes}; {fuzzer.failures} broke the rules")
    sys.exit(1 if fuzzer.failures else 0)


if __name__ == "__main__":
    main()
