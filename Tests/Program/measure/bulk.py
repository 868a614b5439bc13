#!/usr/bin/env python3
"""A million messages over PostgreSQL: import beside psql's \\copy, forecast beside psql reading the same two columns.

    python3 Tests/Program/measure/bulk.py [--messages 1000000] [--runs 3] PROGRAM

The import checks each row, knows it again, and queues it with its indexes; \\copy puts the same rows into a bare table.
Then claims of the phone beside a further import, and of another one beside the removal of the phone.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import postgresql
from program import BUILT, call, existing

PHONE, OTHER = "+18005550199", "+18005550198"


def timed(command):
    started = time.monotonic()
    command()
    return time.monotonic() - started


def show(name, seconds):
    print(f"{name}: {statistics.median(seconds):.2f} s ({min(seconds):.2f}-{max(seconds):.2f})", flush=True)


class Claims:
    """Claims of a phone, one process after the other, while something else goes on."""

    def __init__(self, program, database, phone):
        self.program, self.database, self.phone, self.seconds, self.isOver = program, database, phone, [], False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.isOver:
            self.seconds.append(timed(lambda: call(self.program, ["queue", "claim", self.phone], self.database)))
            time.sleep(0.05)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.isOver = True
        self.thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=str(BUILT))
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    program = existing(options.program)
    with tempfile.TemporaryDirectory(prefix="send-schedule-bulk-") as folder, \
            postgresql.Cluster({"fsync": "on", "shared_buffers": "256MB", "max_wal_size": "4GB"}) as cluster:
        os.chmod(folder, 0o755)
        rows = os.path.join(folder, "rows.csv")
        with open(rows, "w", encoding="ascii") as file:
            file.write("FromPhoneNumber,ToPhoneNumber,Content\n")
            file.writelines(f"{PHONE},+1800556{n % 10000:04},Message {n} of a campaign\n" for n in range(options.messages))

        def ours(words, database):
            done = call(program, words, database, timeout=900)
            if done.returncode:
                sys.exit(f"{words[0]}: exit {done.returncode}: {done.stderr.decode()}")

        def psql(statement, database):
            subprocess.run(
                [cluster.programs["psql"], "-qXAt", "-c", statement, database], check=True, stdout=subprocess.DEVNULL)

        copies, imports = [], []
        for _ in range(options.runs):
            database = cluster.new_database()
            psql("CREATE TABLE bare (a TEXT, b TEXT, c TEXT)", database)
            copies.append(timed(lambda: psql(f"\\copy bare FROM '{rows}' CSV HEADER", database)))
            ours(["phones", "add", PHONE, "--rate", "0"], database)
            imports.append(timed(lambda: ours(["import", rows], database)))
        show("psql \\copy into a bare table", copies)
        show("import", imports)
        forecasts, reads = [], []
        for _ in range(options.runs):
            forecasts.append(timed(lambda: ours(["preview", PHONE, "--summary"], database)))
            statement = """SELECT key, ready_at FROM send_schedule.message WHERE phone_key = 1 AND is_exact = 0
              AND (status = 'pending' OR status = 'scheduled' OR status = 'expired') ORDER BY ready_at, queued_at, key"""
            reads.append(timed(lambda: psql(statement, database)))
        show("preview --summary", forecasts)
        show("psql reading the same two columns", reads)
        ours(["phones", "add", OTHER, "--rate", "0"], database)

        def beside_claims(what, phone, words):
            with Claims(program, database, phone) as claims:
                seconds = timed(lambda: ours(words, database))
            late = sorted(claims.seconds)
            print(f"while {what} took {seconds:.1f} s: {len(late)} claims, median {late[len(late) // 2] * 1000:.0f} ms, "
                  f"most {late[-1] * 1000:.0f} ms", flush=True)

        beside_claims("a further import", PHONE, ["import", "--again", rows])
        beside_claims("the removal of the phone with twice as many", OTHER, ["phones", "remove", PHONE, "--yes"])


if __name__ == "__main__":
    main()
