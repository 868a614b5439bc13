#!/usr/bin/env python3
"""Imports of many rows beside what merely copies them, and the claims that go on meanwhile.

    bulk.py [--engine sqlite|postgresql] [--messages 1000000] [--phones 1] [--runs 1] [--bundle] [PROGRAM]

The import checks each row, knows it again, and queues it with its indexes; `.import` of the sqlite3 shell, or psql's
`\\copy`, puts the same rows into a bare table. Of each import it prints seconds, seconds of the processor, memory, and
bytes written by its process. Then it imports once more while a `queue serve` claims, first from a phone that the rows
are of, then from another one, and from that while the phone is removed with its rows. `--phones` says of how many phones the rows are, in turn; `--bundle` measures the claims
beside a bundle that makes that many new phones instead. On PostgreSQL it also reads a forecast beside psql reading the
same two columns.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import postgresql
from program import BUILT, call, command_line, environment, existing

OTHER = "+18001119999"


def number(index):
    return f"+1800{5550000 + index:07d}"


def write_rows(path, messages, phones):
    with open(path, "w", encoding="ascii") as file:
        file.write("FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n")
        file.writelines(
            f"{number(n % phones)},+4930{1000000 + n},Hello {n} your table is ready at ten,\n" for n in range(messages))


def write_bundle(path, phones, messages=0, start=0):
    new = [{"id": f"p{n}", "phone_number": number(n), "messages_per_minute": 0} for n in range(start, start + phones)]
    queued = [
        {"id": f"m{n}", "owner": number(start + n % phones), "contact": "+15550100999", "content": f"message {n}",
         "status": "pending", "request_received_at": "2026-03-26T08:20:00Z"} for n in range(messages)]
    Path(path).write_text(json.dumps({"phones": new, "messages": queued}), encoding="ascii")


def ours(program, words, database, input=None):
    done = call(program, words, database, timeout=3600, input=input)
    if done.returncode:
        sys.exit(f"{words[0]}: exit {done.returncode}: {done.stderr.decode()}")


def timed(body):
    started = time.monotonic()
    body()
    return time.monotonic() - started


def running(program, words, database):
    return subprocess.Popen(command_line(program, words, database), env=environment(), stdout=subprocess.DEVNULL)


def written(process):
    """Bytes that a running process wrote; None once it has ended."""
    try:
        lines = Path(f"/proc/{process.pid}/io").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return dict(line.split(": ") for line in lines).get("wchar")


def measured(program, words, database):
    """Runs an import, and says what it took."""
    started = time.monotonic()
    process, bytes_written = running(program, ["import", *words], database), "0"
    while True:
        bytes_written = written(process) or bytes_written
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(0.05)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"import: exit {process.returncode}")
    print(
        f"import: {time.monotonic() - started:.2f} s, {usage.ru_utime + usage.ru_stime:.2f} s of the processor, "
        f"{usage.ru_maxrss / 1024:.0f} MiB, {int(bytes_written) / 1e6:.0f} MB written", flush=True)


class Claims:
    """A `queue serve` that claims from a phone, one claim after the other."""

    def __init__(self, program, database, phone):
        self.phone, self.times = phone, []
        self.serve = subprocess.Popen(
            command_line(program, ["queue", "serve"], database), env=environment(), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1)

    def run(self, what, goes_on):
        self.times = []
        while goes_on():
            started = time.perf_counter()
            self.serve.stdin.write(json.dumps({"id": 0, "command": "claim", "phone": self.phone}) + "\n")
            self.serve.stdout.readline()
            self.times.append((time.perf_counter() - started) * 1000)
            time.sleep(0.005)
        times = sorted(self.times) or [0]
        print(
            f"  claims {what}: {len(self.times)}, median {times[len(times) // 2]:.1f}, 99 % "
            f"{times[len(times) * 99 // 100]:.1f}, most {times[-1]:.1f} ms", flush=True)

    def close(self):
        self.serve.stdin.close()
        self.serve.wait()


def claims_beside(program, words, database, phone, what):
    """What claims of a phone take with nothing else, and beside a command."""
    claims = Claims(program, database, phone)
    end = time.monotonic() + 3
    claims.run(f"of {what}, with nothing else", lambda: time.monotonic() < end)
    started, process = time.monotonic(), running(program, words, database)
    claims.run(f"of {what}, beside {' '.join(words[:2])}", lambda: process.poll() is None)
    print(f"  which took {time.monotonic() - started:.1f} s", flush=True)
    claims.close()


@contextlib.contextmanager
def databases(engine, folder):
    """A function that makes databases, one that copies rows into a bare table, and one that reads a queue."""
    if engine == "sqlite":
        made = []

        def new():
            made.append(os.path.join(folder, f"d{len(made)}.sqlite"))
            return made[-1]

        def copy(rows):
            subprocess.run(
                ["sqlite3", os.path.join(folder, "bare.sqlite"), "DROP TABLE IF EXISTS bare",
                 "CREATE TABLE bare (a, b, c, d)", ".mode csv", f".import {rows} bare"], check=True)

        yield new, copy, None
        return
    with postgresql.Cluster({"fsync": "on", "shared_buffers": "256MB", "max_wal_size": "4GB"}) as cluster:
        def psql(statement, database):
            subprocess.run(
                [cluster.programs["psql"], "-qXAt", "-c", statement, database], check=True, stdout=subprocess.DEVNULL)

        def copy(rows):
            database = cluster.new_database()
            psql("CREATE TABLE bare (a TEXT, b TEXT, c TEXT, d TEXT)", database)
            psql(f"\\copy bare FROM '{rows}' CSV HEADER", database)

        def read(database):
            psql(
                """SELECT key, ready_at FROM send_schedule.message WHERE phone_key = 2 AND is_exact = 0
                AND (status = 'pending' OR status = 'scheduled' OR status = 'expired')
                ORDER BY ready_at, queued_at, key""", database)

        yield cluster.new_database, copy, read


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=str(BUILT))
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--phones", type=int, default=1)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--bundle", action="store_true")
    parser.add_argument("--no-claims", action="store_true")
    options = parser.parse_args()
    program = existing(options.program)
    with tempfile.TemporaryDirectory(prefix="send-schedule-bulk-", dir="/var/tmp") as folder:
        os.chmod(folder, 0o755)
        rows, bundle = os.path.join(folder, "rows.csv"), os.path.join(folder, "phones.json")
        with databases(options.engine, folder) as (new, copy, read):
            def database(phones):
                made = new()
                ours(program, ["phones", "add", OTHER, "--rate", "0"], made)
                write_bundle(bundle, phones)
                ours(program, ["import", bundle], made)
                return made

            def waiting(made, phone):
                texts = "".join(json.dumps({"contact": "+4930123456", "content": f"own {n}"}) + "\n" for n in range(20_000))
                ours(program, ["queue", "add", phone, "--json"], made, input=texts)

            if options.bundle:
                made = database(1)
                waiting(made, OTHER)
                write_bundle(bundle, options.phones, 2 * options.phones, start=10)
                return claims_beside(program, ["import", bundle], made, OTHER, "another phone")
            write_rows(rows, options.messages, options.phones)
            for _ in range(options.runs):
                before = os.times()
                seconds = timed(lambda: copy(rows))
                after = os.times()
                spent = after.children_user + after.children_system - before.children_user - before.children_system
                print(f"into a bare table: {seconds:.2f} s, {spent:.2f} s of the client's processor", flush=True)
                made = database(options.phones)
                measured(program, [rows], made)
            if read:
                print(f"preview --summary: {timed(lambda: ours(program, ['preview', number(0), '--summary'], made)):.2f} s")
                print(f"psql reading the same two columns: {timed(lambda: read(made)):.2f} s", flush=True)
            if options.no_claims:
                return None
            for phone, what in [(number(0), "the same phone"), (OTHER, "another phone")]:
                made = database(options.phones)
                waiting(made, phone)
                claims_beside(program, ["import", rows], made, phone, what)
            waiting(made, OTHER)
            claims_beside(program, ["phones", "remove", number(0), "--yes"], made, OTHER, "another phone")
    return None


if __name__ == "__main__":
    main()
