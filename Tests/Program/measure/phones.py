#!/usr/bin/env python3
"""Ten thousand phones and one `queue serve`: how late each message is handed out, and the memory of it.

    python3 Tests/Program/measure/phones.py [--phones 10000] [--rate 6] [--seconds 300] [--engine postgresql] PROGRAM

Each phone has a virtual modem that always waits for its next message and reports each one at once, so that there are
phones * rate / 60 claims a second and as many reports. Late is what an answer comes after the phone's gap is over.
"""

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import nullcontext, suppress
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import postgresql
from program import BUILT, call, command_line, environment, existing

LEASE = 60


def fill(program, database, folder, options):
    """Phones, and as many messages as they send in the time."""
    phones = [f"+1800{n:07}" for n in range(2_000_000, 2_000_000 + options.phones)]
    each = int(options.rate * options.seconds / 60) + 2
    bundle = os.path.join(folder, "phones.json")
    rows = os.path.join(folder, "messages.csv")
    with open(rows, "w", encoding="utf-8") as file:
        file.write("FromPhoneNumber,ToPhoneNumber,Content\n")
        for phone in phones:
            file.writelines(f"{phone},+18005550100,message {n}\n" for n in range(each))

    def load(path):
        done = call(program, ["import", path], database, timeout=600)
        if done.returncode:
            sys.exit(done.stderr.decode())

    for start in range(0, len(phones), 1000):
        with open(bundle, "w", encoding="utf-8") as file:
            some = phones[start:start + 1000]
            json.dump(
                {"phones": [{"id": f"p{p}", "phone_number": p, "messages_per_minute": options.rate} for p in some]}, file)
        load(bundle)
    load(rows)
    return phones


class Modems:
    """The virtual modems of all phones, on the pipes of one `queue serve`."""

    def __init__(self, server, phones, gap):
        self.server, self.phones, self.gap = server, phones, gap
        self.before, self.late, self.reports, self.refused = {}, [], 0, 0
        self.requests = queue.SimpleQueue()
        # Answers are read whether or not requests are taken.
        threading.Thread(target=self.send, daemon=True).start()

    def claim(self, phone):
        return b'{"id":"%s","command":"claim","phone":"%s","wait":true}\n' % (phone, phone)

    def begin(self):
        """Lets the phones begin one after the other, within a gap."""
        start = time.monotonic()
        for number, phone in enumerate(self.phones):
            pause = start + number / len(self.phones) * self.gap - time.monotonic()
            if pause > 0:
                time.sleep(pause)
            self.write(self.claim(phone.encode()))

    def write(self, data):
        self.requests.put(data)

    def send(self):
        with suppress(OSError):
            while True:
                data = self.requests.get()
                while data:
                    data = data[os.write(self.server.stdin.fileno(), data):]

    def run(self, seconds):
        end, rest = time.monotonic() + seconds, b""
        while time.monotonic() < end:
            lines = (rest + os.read(self.server.stdout.fileno(), 1 << 18)).split(b"\n")
            rest, now, requests = lines.pop(), time.time(), []
            for line in lines:
                answer = json.loads(line)
                if "error" in answer:
                    self.refused += 1
                elif "lease_expires_at" in answer and "owner" in answer:
                    phone = answer["id"]
                    at = datetime.fromisoformat(answer["lease_expires_at"][:-1] + "+00:00").timestamp() - LEASE
                    if phone in self.before:
                        self.late.append(now - self.before[phone] - self.gap)
                    self.before[phone] = at
                    requests.append(b'{"id":0,"command":"sent","message_id":"%s"}\n' % answer["message_id"].encode())
                    requests.append(self.claim(phone.encode()))
                else:
                    self.reports += 1
            self.write(b"".join(requests))


def memory(process):
    with open(f"/proc/{process}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=str(BUILT))
    parser.add_argument("--phones", type=int, default=10_000)
    parser.add_argument("--rate", type=int, default=6)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    program = existing(options.program)
    cluster = postgresql.Cluster({"fsync": "on", "shared_buffers": "256MB"}) if options.engine == "postgresql" else None
    with tempfile.TemporaryDirectory(prefix="send-schedule-phones-") as folder, cluster or nullcontext():
        database = cluster.new_database() if cluster else os.path.join(folder, "store.sqlite")
        phones = fill(program, database, folder, options)
        server = subprocess.Popen(
            command_line(program, ["queue", "serve"], database), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment(), bufsize=0)
        modems = Modems(server, phones, 60 / options.rate)
        threading.Thread(target=modems.begin, daemon=True).start()
        modems.run(options.seconds)
        with open(f"/proc/{server.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        busy = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        most = memory(server.pid)
        server.kill()
        server.wait()
    late = sorted(modems.late)
    print(f"{options.engine}: {options.phones} phones at {options.rate} a minute for {options.seconds} s")
    print(f"claims {len(late) + len(modems.before)}, reports {modems.reports}, refused {modems.refused}")
    print(
        "late (ms): " + ", ".join(
            f"{name} {late[min(len(late) - 1, int(len(late) * part))] * 1000:.0f}"
            for name, part in [("median", 0.5), ("95 %", 0.95), ("99 %", 0.99), ("99.9 %", 0.999), ("most", 1)])
        + f"; early {sum(value < 0 for value in late)}")
    print(f"serve: {most:.0f} MB at most, {busy:.0f} s of processor time")


if __name__ == "__main__":
    main()
