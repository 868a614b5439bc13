#!/usr/bin/env python3
"""Kills removals of phones with many messages with `kill -9` at random moments: the phone is there with all, or gone with all.

    removals.py [--kills N] [--rows N] [--seed S] [--engine postgresql] [PROGRAM]

Beside each a gateway claims from another phone. Whoever opens the database next goes on with the removal. A third of the
messages were sent: the same import once more, into a new phone of the same number, queues all others again and none of those.
"""

import argparse
import collections
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import postgresql  # noqa: E402
from killing import Killed  # noqa: E402
from program import add_program_argument, existing  # noqa: E402

PHONE, OTHER = "+15550100101", "+15550100102"
SENT = "UPDATE message SET status = 'sent' WHERE key / 4294967296 = 1 AND key % 3 = 0"
COUNT = "UPDATE phone SET waiting = (SELECT count(*) FROM message WHERE phone_key = phone.key AND status = 'pending')"


class Round(Killed):
    """One removal that is killed, and what is left of it."""

    def __init__(self, program, folder, count, cluster):
        super().__init__(program, cluster.new_database() if cluster else folder / "gateway.sqlite")
        self.count, self.cluster = count, cluster
        self.file = folder / "rows.csv"
        lines = [f"{PHONE},+15550100999,message {n},\n" for n in range(count)]
        self.file.write_text("FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n" + "".join(lines))
        for phone in (PHONE, OTHER):
            self.ask("phones", "add", phone, "--rate", "0")
        self.ask("import", str(self.file))
        for statement in (SENT, COUNT):
            self.sql(statement)
        rows = "".join(json.dumps({"contact": "12345", "content": f"other {n}"}) + "\n" for n in range(3000))
        self.ask("queue", "add", OTHER, "--json", input=rows.encode())
        self.claims = []

    def sql(self, statement):
        if self.cluster:
            self.cluster.run("psql", "-qc", f"SET search_path = send_schedule; {statement}", self.database)
        else:
            subprocess.run(["sqlite3", self.database, statement], check=True)

    def run(self, delay):
        """Kills the removal after so many seconds; whether it had ended before."""
        return self.run_killed(["phones", "remove", PHONE, "--yes"], delay, self.claim)

    def claim(self):
        started = time.perf_counter()
        self.ask("queue", "claim", OTHER)
        self.claims.append(time.perf_counter() - started)

    def left(self):
        return sum(message["owner"] == PHONE for message in self.messages())

    def look(self, is_acknowledged):
        assert self.ask("check") == "ok\n", "check complains"
        phones = [phone["phone_number"] for phone in json.loads(self.ask("export"))["phones"]]
        found, is_gone = self.left(), PHONE not in phones
        assert found == (0 if is_gone else self.count), f"{found} of {self.count} messages are there: {phones}"
        assert is_gone or not is_acknowledged, "acknowledged, and still there"
        if not is_gone:
            self.ask("phones", "remove", PHONE, "--yes")
        self.ask("phones", "add", PHONE)
        self.ask("import", str(self.file))
        assert self.left() == self.count - (self.count + 1) // 3, f"the same import once more: {self.left()} messages"
        assert self.ask("check") == "ok\n", "check complains after the same import"
        return is_gone


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", default=str(random.randrange(10**6)))
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    add_program_argument(parser)
    options = parser.parse_args()
    program, chance = existing(options.program), random.Random(options.seed)
    print(f"seed {options.seed}")
    outcomes, failed, duration, longest = collections.Counter(), 0, None, 0
    with postgresql.Cluster() if options.engine == "postgresql" else nullcontext() as cluster:
        while outcomes["killed"] < options.kills and failed < 5:
            with tempfile.TemporaryDirectory(prefix="kill-removal-") as folder:
                round = Round(program, Path(folder), options.rows, cluster)
                delay = chance.uniform(0, 1.1) * duration if duration else 1000
                started = time.monotonic()
                try:
                    is_acknowledged = round.run(delay)
                    duration = duration or time.monotonic() - started
                    outcomes["ended before" if is_acknowledged else "killed"] += 1
                    outcomes["gone" if round.look(is_acknowledged) else "there"] += 1
                    outcomes["claimed meanwhile"] += len(round.claims)
                    longest = max([longest, *round.claims])
                except AssertionError as error:
                    failed += 1
                    print(f"WRONG: killed after {delay:.3f} s: {error}", flush=True)
    for name, count in sorted(outcomes.items()):
        print(f"{count:8d} {name}")
    print(f"the longest claim meanwhile: {longest * 1000:.0f} ms; a removal: {duration or 0:.1f} s")
    print(f"{outcomes['gone'] + outcomes['there']} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
