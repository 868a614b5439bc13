#!/usr/bin/env python3
"""Measures the phone list of the editor beside a busy gateway: its first screen, a move, and the processor it takes.

    python3 Tests/Program/measure/list.py [--phones 10000] [--messages 100] [--claims 50] [--seconds 10] [--week] PROGRAM

With --week it is the week of one phone, and all claims are that phone's.

Makes a database of so many phones with so many messages each (--keep FILE keeps it, and takes it the next time),
opens the list in a pseudo-terminal, and lets `queue serve` claim and report messages of random phones, so many a
second, meanwhile. The processor's share is that of the editor's process alone, as /proc says.
"""

import argparse
import json
import os
import random
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from program import BUILT, call, command_line, environment, existing  # noqa: E402
from pty_screen import start_in_terminal  # noqa: E402


def number(index):
    return f"+1555{1000000 + index}"


def fill(program, database, phones, messages, rate=600):
    bundle = {
        "message_send_schedules": [
            {"id": f"s{n}", "name": f"Schedule {n}", "timezone": "Europe/Berlin",
             "windows": [{"day_of_week": day, "start_minute": 0, "end_minute": 1440} for day in range(7)]}
            for n in range(20)],
        "phones": [
            {"id": f"p{n}", "phone_number": number(n), "label": f"Branch {n}", "messages_per_minute": rate,
             "message_send_schedule_id": f"s{n % 20}"} for n in range(phones)],
        "messages": [],
    }
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "settings.json"
        settings.write_text(json.dumps(bundle))
        rows = Path(folder) / "messages.csv"
        with rows.open("w") as file:
            file.write("FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n")
            for phone in range(phones):
                for message in range(messages):
                    file.write(f"{number(phone)},+4917{phone:05}{message:04},Order {phone}-{message} has left our house,\n")
        for path in (settings, rows):
            done = call(program, ["import", str(path)], database)
            if done.returncode != 0:
                sys.exit(done.stderr.decode())


class Gateway:
    """Claims and reports, at an even pace."""

    def __init__(self, program, database, phones, claims):
        self.server = subprocess.Popen(
            command_line(program, ["queue", "serve"], database), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment())
        os.set_blocking(self.server.stdout.fileno(), False)
        self.phones, self.gap, self.next, self.rest, self.claimed = phones, 1 / claims, time.monotonic(), b"", 0

    def work(self):
        """Sends what is due, and reports what was claimed; returns the seconds until more is due."""
        now = time.monotonic()
        while self.next <= now:
            self.ask({"id": 1, "command": "claim", "phone": number(random.randrange(self.phones))})
            self.next += self.gap
        try:
            lines = (self.rest + (os.read(self.server.stdout.fileno(), 1 << 16))).split(b"\n")
            self.rest = lines.pop()
            for line in lines:
                answer = json.loads(line)
                if answer.get("id") == 1 and answer.get("message_id"):
                    self.claimed += 1
                    self.ask({"id": 2, "command": "sent", "message_id": answer["message_id"]})
        except BlockingIOError:
            pass
        return max(0, self.next - time.monotonic())

    def ask(self, request):
        self.server.stdin.write(json.dumps(request).encode() + b"\n")
        self.server.stdin.flush()

    def end(self):
        self.server.kill()
        self.server.wait()


def processor_seconds(process):
    total = 0
    for task in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{task}/schedstat") as file:
            total += int(file.read().split()[0]) / 1e9
    return total


def until_quiet(terminal, quiet):
    data, last = b"", time.perf_counter()
    while select.select([terminal], [], [], quiet)[0]:
        try:
            data += os.read(terminal, 1 << 16)
        except OSError:
            break
        last = time.perf_counter()
    return data, last


def share(process, terminal, seconds, gateway=None):
    """The part of one core that the editor takes, and the bytes a second that it sends."""
    before, started, sent = processor_seconds(process), time.monotonic(), 0
    while time.monotonic() - started < seconds:
        wait = gateway.work() if gateway else 0.2
        if select.select([terminal], [], [], min(wait, 0.02 if gateway else 0.2))[0]:
            sent += len(os.read(terminal, 1 << 16))
    elapsed = time.monotonic() - started
    return (processor_seconds(process) - before) / elapsed, sent / elapsed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=BUILT)
    parser.add_argument("--phones", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=100)
    parser.add_argument("--claims", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--columns", type=int, default=80)
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--keep")
    parser.add_argument("--week", action="store_true")
    options = parser.parse_args()
    program = existing(options.program)
    with tempfile.TemporaryDirectory() as folder:
        database = options.keep or f"{folder}/list.sqlite"
        if not os.path.exists(database):
            fill(program, database, options.phones, options.messages, 0 if options.week else 600)
        started = time.perf_counter()
        process, terminal = start_in_terminal(
            command_line(program, ["edit"] + ([number(0)] if options.week else []), database), options.columns, options.rows,
            environment(TERM="xterm-256color"))
        data, last = until_quiet(terminal, 1.0)
        print(f"{options.phones} phones, {options.columns}x{options.rows}: first screen {(last - started) * 1000:.0f} ms")
        times = []
        for index in range(20):
            written = time.perf_counter()
            os.write(terminal, b"jk"[index % 2 :][:1])
            data, last = until_quiet(terminal, 0.1)
            times.append((last - written) * 1000)
        print(f"a move {sorted(times)[10]:.1f} ms, {len(data)} bytes")
        idle, _ = share(process, terminal, 3)
        print(f"idle {max(0, idle) * 100:.2f} % of a core")
        gateway = Gateway(program, database, 1 if options.week else options.phones, options.claims)
        busy, sent = share(process, terminal, options.seconds, gateway)
        print(f"beside {gateway.claimed / options.seconds:.0f} claims a second: {busy * 100:.2f} % of a core, {sent:.0f} bytes a second")
        gateway.end()
        os.write(terminal, b"q")
        until_quiet(terminal, 0.3)


if __name__ == "__main__":
    main()
