#!/usr/bin/env python3
"""Kills large imports with `kill -9` at random moments: all of one is there afterwards, or nothing.

    imports.py [--kills N] [--rows N] [--seed S] [PROGRAM]

Beside each a gateway claims from one of the phones. Half of the imports are CSV, half bundles, with the rows of forty
phones in turn. Whoever opens the database next goes on with one that had taken place; the same import once more adds
what is missing, and nothing twice.
"""

import argparse
import collections
import json
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from killing import Killed  # noqa: E402
from program import add_program_argument, existing  # noqa: E402

PHONES = [f"+155501{n:05d}" for n in range(40)]


def write_rows(path, count):
    lines = [f"{PHONES[n % len(PHONES)]},+15550100999,message {n},\n" for n in range(count)]
    path.write_text("FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n" + "".join(lines))


def write_bundle(path, count):
    phones = [{"id": f"new{n}", "phone_number": f"+155502{n:05d}", "messages_per_minute": 0} for n in range(40)]
    messages = [
        {"id": f"b{n}", "owner": phones[n % 40]["phone_number"], "contact": "+15550100999", "content": f"message {n}",
         "status": "failed" if n % 3 == 0 else "pending", "request_received_at": "2026-03-26T08:20:00Z"}
        for n in range(count)]
    path.write_text(json.dumps({"phones": phones, "messages": messages}))


class Round(Killed):
    """One import that is killed, and what is left of it."""

    def __init__(self, program, folder, kind, count):
        super().__init__(program, folder / "gateway.sqlite")
        self.kind, self.count = kind, count
        self.file = folder / f"{kind}.{count}"
        (write_rows if kind == "csv" else write_bundle)(self.file, count)
        for phone in PHONES:
            self.ask("phones", "add", phone, "--rate", "0")
        self.claimed = 0

    def claim(self):
        answer = json.loads(self.ask("queue", "claim", PHONES[0], codes=(0, 75)))
        self.claimed += "message_id" in answer

    def run(self, delay):
        """Kills the import after so many seconds; whether it had ended before."""
        return self.run_killed(["import", self.file], delay, self.claim)

    def left(self):
        messages = self.messages()
        texts = collections.Counter((message["owner"], message["content"]) for message in messages)
        assert all(count == 1 for count in texts.values()), "a message came twice"
        return len(messages)

    def look(self, is_acknowledged):
        assert self.ask("check") == "ok\n", "check complains"
        found = self.left()
        assert found in (0, self.count), f"{found} of {self.count} messages are there"
        assert found == self.count or not is_acknowledged, "acknowledged, and not there"
        assert found == self.count or self.claimed == 0, f"{self.claimed} were claimed of an import that never was"
        self.ask("import", str(self.file))
        assert self.left() == self.count, "the same import once more"
        assert self.ask("check") == "ok\n", "check complains after the same import"
        return found == self.count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", default=str(random.randrange(10**6)))
    add_program_argument(parser)
    options = parser.parse_args()
    program, chance = existing(options.program), random.Random(options.seed)
    print(f"seed {options.seed}")
    outcomes, failed = collections.Counter(), 0
    durations = {}
    while outcomes["killed"] < options.kills and failed < 5:
        kind = chance.choice(["csv", "bundle"])
        with tempfile.TemporaryDirectory(prefix="kill-import-") as folder:
            round = Round(program, Path(folder), kind, options.rows)
            started = time.monotonic()
            delay = chance.uniform(0, 1.1) * durations.get(kind, 1000)
            try:
                is_acknowledged = round.run(delay)
                if is_acknowledged and kind not in durations:
                    durations[kind] = time.monotonic() - started
                outcomes["ended before" if is_acknowledged else "killed"] += 1
                outcomes["all" if round.look(is_acknowledged) else "nothing"] += 1
                outcomes["claimed meanwhile"] += round.claimed
            except AssertionError as error:
                failed += 1
                print(f"WRONG: {kind}, killed after {delay:.3f} s: {error}", flush=True)
    for name, count in sorted(outcomes.items()):
        print(f"{count:8d} {name}")
    print(f"{outcomes['all'] + outcomes['nothing']} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
