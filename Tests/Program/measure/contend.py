#!/usr/bin/env python3
"""Measures claims a second of several `queue serve` on one database, beside one.

    python3 Tests/Program/measure/contend.py [--seconds 4] [--serves 1,2] [--under-way 16] [--engine postgresql] PROGRAM

All of them claim from one phone, then each from phones of its own, then all from the same hundred phones. The phones have
no limit; an answer is followed by the next claim. Of each answer the time is taken too: a phone that another one has locked
delays its own requests alone.
"""

import argparse
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import postgresql
from program import BUILT, call, command_line, environment, existing

PHONES = [f"+1800555{n:04}" for n in range(101)]


def fill(program, database, folder, messages):
    """The first phone gets as many messages as all others together."""
    for phone in PHONES:
        done = call(program, ["phones", "add", phone, "--rate", "0"], database)
        if done.returncode:
            sys.exit(done.stderr.decode())
    rows = os.path.join(folder, "rows.csv")
    with open(rows, "w", encoding="ascii") as file:
        file.write("FromPhoneNumber,ToPhoneNumber,Content\n")
        for n in range(messages):
            file.write(f"{PHONES[0]},+18005550100,message {n}\n{PHONES[1 + n % 100]},+18005550100,message {n}\n")
    done = call(program, ["import", rows], database, timeout=600)
    if done.returncode:
        sys.exit(done.stderr.decode())


class Client:
    """One `queue serve`, and the claims that it has under way."""

    def __init__(self, program, database, phones, under_way):
        self.process = subprocess.Popen(
            command_line(program, ["queue", "serve"], database), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment(), bufsize=0)
        self.phones, self.next, self.rest = phones, 0, b""
        self.sent, self.times, self.refused = {}, [], 0
        self.ask(under_way)

    def ask(self, count):
        lines = []
        for _ in range(count):
            self.next += 1
            self.sent[self.next] = time.monotonic()
            phone = self.phones[self.next % len(self.phones)]
            lines.append(b'{"id":%d,"command":"claim","phone":"%s"}\n' % (self.next, phone.encode()))
        self.process.stdin.write(b"".join(lines))

    def hear(self):
        lines = (self.rest + os.read(self.process.stdout.fileno(), 1 << 16)).split(b"\n")
        self.rest = lines.pop()
        now = time.monotonic()
        for line in lines:
            answer = json.loads(line)
            if "claimed" in answer:
                sys.exit("a queue ran dry: fill it with more")
            self.refused += "error" in answer
            self.times.append(now - self.sent.pop(answer["id"]))
        self.ask(len(lines))

    def end(self):
        self.process.kill()
        self.process.wait()


def measure(what, program, database, shares, options):
    clients = [Client(program, database, phones, options.under_way) for phones in shares]
    outputs = {client.process.stdout.fileno(): client for client in clients}
    started = time.monotonic()
    while time.monotonic() - started < options.seconds:
        for descriptor in select.select(list(outputs), [], [], 0.1)[0]:
            outputs[descriptor].hear()
    took = time.monotonic() - started
    for client in clients:
        client.end()
    times = sorted(value * 1000 for client in clients for value in client.times)
    if not times:
        return print(f"{what:<28} no answers")
    print(
        f"{what:<28} {len(times) / took:7.0f} a second, of each "
        + ", ".join(f"{len(client.times) / took:.0f}" for client in clients)
        + f"; answers after {times[len(times) // 2]:.1f} ms, 99 % {times[len(times) * 99 // 100]:.1f}, most {times[-1]:.1f}"
        + f"; refused {sum(client.refused for client in clients)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=str(BUILT))
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--serves", default="1,2")
    parser.add_argument("--under-way", type=int, default=16)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    program = existing(options.program)
    cluster = postgresql.Cluster({"fsync": "on", "shared_buffers": "256MB"}) if options.engine == "postgresql" else None
    with tempfile.TemporaryDirectory(prefix="send-schedule-contend-") as folder, cluster or nullcontext():
        database = cluster.new_database() if cluster else os.path.join(folder, "store.sqlite")
        fill(program, database, folder, options.messages)
        for count in map(int, options.serves.split(",")):
            measure(f"{count} serve, one phone", program, database, [PHONES[:1]] * count, options)
            own = [PHONES[1 + index::count] for index in range(count)]
            measure(f"{count} serve, phones of its own", program, database, own, options)
            measure(f"{count} serve, the same phones", program, database, [PHONES[1:]] * count, options)


if __name__ == "__main__":
    main()
