#!/usr/bin/env python3
"""Measures claims a second: `queue serve` with some under way, beside one process for each.

    python3 Tests/Program/measure/claims.py [--seconds 4] [--under-way 1,16,64] PROGRAM

All in one run on one machine, with a phone without a limit and a queue that does not run dry; each claim of
`serve` is followed by nothing, as each of a process is.
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

PHONE = "+18005550199"


def fill(program, database, count):
    call(program, ["phones", "add", PHONE, "--rate", "0"], database)
    rows = "".join(json.dumps({"contact": "12345", "content": f"message {n}"}) + "\n" for n in range(count))
    done = call(program, ["queue", "add", PHONE, "--json"], database, input=rows)
    if done.returncode != 0:
        sys.exit(done.stderr.decode())


def processes(program, database, seconds):
    started, count = time.monotonic(), 0
    while time.monotonic() - started < seconds:
        call(program, ["queue", "claim", PHONE], database)
        count += 1
    return count / (time.monotonic() - started)


def served(program, database, seconds, under_way):
    server = subprocess.Popen(
        command_line(program, ["queue", "serve"], database), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
    request = json.dumps({"id": 1, "command": "claim", "phone": PHONE}).encode() + b"\n"
    server.stdin.write(request * under_way)
    server.stdin.flush()
    started, count, rest = time.monotonic(), 0, b""
    while time.monotonic() - started < seconds:
        chunk = rest + os.read(server.stdout.fileno(), 1 << 16)
        lines = chunk.split(b"\n")
        rest = lines.pop()
        if any(b'"claimed":null' in line for line in lines):
            sys.exit("the queue ran dry: fill it with more")
        count += len(lines)
        server.stdin.write(request * len(lines))
        server.stdin.flush()
    rate = count / (time.monotonic() - started)
    server.kill()
    server.wait()
    return rate


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=str(BUILT))
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--under-way", default="1,16,64")
    parser.add_argument("--messages", type=int, default=200_000)
    options = parser.parse_args()
    program = existing(options.program)
    with tempfile.TemporaryDirectory(prefix="send-schedule-claims-") as folder:
        database = os.path.join(folder, "store.sqlite")
        fill(program, database, options.messages)
        print(f"one process each: {processes(program, database, options.seconds):8.0f} a second")
        for under_way in map(int, options.under_way.split(",")):
            print(f"serve, {under_way:3} under way: {served(program, database, options.seconds, under_way):8.0f} a second")


if __name__ == "__main__":
    main()
