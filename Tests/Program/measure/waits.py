#!/usr/bin/env python3
"""Measures how long claims wait while many messages come in or go, and what claims cost beside many lapsed ones.

    python3 Tests/Program/measure/waits.py [PROGRAM] [--messages 1000000] [--lapsed 100000]

A process claims all the time from a phone of its own while another process imports a million rows of CSV into the
same file, forgets them, or removes their phone; the longest claim is printed, beside the longest while nothing else is done.
Needs a disk of its own for steady figures.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from program import BUILT, call, command_line, environment, existing

OTHER, PHONE = "+18005550198", "+18005550199"
START, LATER = "2026-03-02T08:00:00Z", "2026-06-02T08:00:00Z"


def run(program, database, *arguments, input=None, codes=(0,)):
    done = call(program, arguments, database, input=input, timeout=1200)
    if done.returncode not in codes:
        sys.exit(f"{arguments}: {done.stderr.decode()}")
    return done.stdout.decode()


def claims(program, database, busy=None, seconds=5):
    """The times of single claims, in milliseconds, while a process runs or for some seconds."""
    times, end = [], time.monotonic() + seconds
    while busy.poll() is None if busy else time.monotonic() < end:
        started = time.perf_counter()
        run(program, database, "queue", "claim", PHONE, "--now", START, codes=(0, 75))
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)


def report(what, times, took=None):
    if not times:
        return print(f"{what:<32} too short for a claim")
    seconds = f"{took:8.1f} s" if took else ""
    print(f"{what:<32} {len(times):6} claims  median {times[len(times) // 2]:7.1f}  longest {times[-1]:8.1f} ms {seconds}", flush=True)


def beside(program, database, what, *arguments):
    started = time.monotonic()
    with open(os.devnull, "w") as nothing:
        busy = subprocess.Popen(command_line(program, arguments, database), env=environment(), stdout=nothing, stderr=nothing)
        times = claims(program, database, busy)
    if busy.returncode != 0:
        sys.exit(f"{what} ended with {busy.returncode}")
    report(what, times, time.monotonic() - started)


def size(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=str(BUILT))
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--lapsed", type=int, default=100_000)
    options = parser.parse_args()
    program = existing(options.program)
    with tempfile.TemporaryDirectory(prefix="send-schedule-waits-") as folder:
        database = os.path.join(folder, "store.sqlite")
        for phone in (OTHER, PHONE):
            run(program, database, "phones", "add", phone, "--rate", "0", "--now", START)
        rows = "".join(json.dumps({"contact": "+4930123456", "content": f"message {n}"}) + "\n" for n in range(100_000))
        run(program, database, "queue", "add", PHONE, "--json", "--now", START, input=rows)
        report("nothing else", claims(program, database))
        table = os.path.join(folder, "rows.csv")
        with open(table, "w", encoding="utf-8") as file:
            file.write("FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n")
            for number in range(options.messages):
                file.write(f"{OTHER},+4930{1000000 + number},Hello {number} your table is ready at ten,\n")
        beside(program, database, f"import of {options.messages}", "import", table, "--now", START)
        # The shell does what a gateway does in days.
        subprocess.run(
            ["sqlite3", database,
             "UPDATE message SET status = 'sent', sent_at = queued_at, last_attempted_at = queued_at, send_time = queued_at "
             "WHERE phone_key = 1; UPDATE phone SET waiting = 0, disturbances = disturbances + 1 WHERE key = 1"], check=True)
        beside(program, database, "prune of them", "queue", "prune", "--older-than", "30d", "--yes", "--now", LATER)
        run(program, database, "import", table, "--again", "--now", START)
        beside(program, database, "removal of a phone with as many", "phones", "remove", OTHER, "--yes")
        print(f"write-ahead log afterwards: {size(database + '-wal') / 1e6:.1f} MB")
        for attempts, what in [(1, "lapsed claims"), (2, "without attempts left")] if options.lapsed else []:
            run(program, database, "queue", "add", PHONE, "--json", "--now", START, input=rows)
            subprocess.run(
                ["sqlite3", database,
                 f"UPDATE message SET status = 'sending', send_attempt_count = {attempts}, last_attempted_at = queued_at, "
                 f"is_last_attempt = {attempts - 1}, lease_expires_at = queued_at WHERE key IN (SELECT key FROM message "
                 f"WHERE phone_key = 2 AND status = 'pending' LIMIT {options.lapsed}); UPDATE phone SET waiting = (SELECT "
                 "count(*) FROM message WHERE phone_key = 2 AND status = 'pending'), disturbances = disturbances + 1 "
                 "WHERE key = 2"], check=True)
            report(f"{options.lapsed} {what}", claims(program, database))


if __name__ == "__main__":
    main()
