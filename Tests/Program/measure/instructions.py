#!/usr/bin/env python3
"""Counts the instructions of a command and of a key, which are the same whatever else the machine does.

    python3 Tests/Program/measure/instructions.py start|keys|all PROGRAM [--messages 412,1000000] [--keep FOLDER]

`start` runs single commands, beside the sqlite3 shell with statements much like theirs. `keys` runs the editor and
takes the difference between few and many keys, so that its start counts for nothing. Both want valgrind, whose
callgrind counts; the program is stripped first, since callgrind's time goes into symbols otherwise. Editors that are
installed (vi, nano) stand beside it with a move down and up in a text of 400 lines.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from program import BUILT, call, command_line, environment, existing
from pty_screen import Session

PHONE = "+18005550199"
WINDOWS = "mon-fri 09:00-12:00, 13:00-17:30; sat 10-14"
NOW = "2026-11-18T10:00:00Z"
SIZES = [(80, 24), (200, 60)]
TOTAL = re.compile(r"^(?:summary|totals): (\d+)", re.MULTILINE)


def callgrind(out, command):
    """The command line that counts another one's instructions into a file."""
    return ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}", *map(str, command)]


def counted(out):
    totals = [int(number) for number in TOTAL.findall(Path(out).read_text())]
    return max(totals)


class Place:
    """A stripped program, and databases made by it."""

    def __init__(self, program, folder):
        self.folder = Path(folder)
        self.program = self.folder / "send-schedule"
        subprocess.run(["strip", "-o", self.program, program], check=True)

    def run(self, database, *arguments, input=None, codes=(0,)):
        done = call(self.program, arguments, database, input=input)
        if done.returncode not in codes:
            sys.exit(f"{arguments}: {done.stderr.decode()}")
        return done.stdout.decode()

    def database(self, count):
        """One phone on office hours at 60 a minute, with so many messages waiting."""
        path = self.folder / f"{count}.sqlite"
        if path.exists():
            return path
        self.run(path, "schedules", "add", "Office", WINDOWS, "--time-zone", "Europe/Berlin", "--now", NOW)
        self.run(path, "phones", "add", PHONE, "--rate", "60", "--schedule", "Office", "--now", NOW)
        if count:
            rows = "".join(json.dumps({"contact": "+4930123456", "content": f"message {n}"}) + "\n" for n in range(count))
            self.run(path, "queue", "add", PHONE, "--json", "--now", NOW, input=rows)
        return path

    def instructions(self, command, codes=(0,)):
        out = self.folder / "callgrind.out"
        done = subprocess.run(
            callgrind(out, command), env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, check=False)
        if done.returncode not in codes:
            sys.exit(f"{command}: {done.stderr.decode()}")
        return counted(out)

    def milliseconds(self, commands, rounds=40):
        """The least time of each command, in turns."""
        least = [float("inf")] * len(commands)
        for _ in range(rounds):
            for index, command in enumerate(commands):
                started = time.perf_counter()
                subprocess.run(command, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, check=False)
                least[index] = min(least[index], (time.perf_counter() - started) * 1000)
        return least


def start(place, counts):
    small = place.database(0)
    claimed = place.folder / "claimed.sqlite"
    claimed.unlink(missing_ok=True)
    place.run(claimed, "phones", "add", PHONE, "--rate", "0")
    place.run(claimed, "queue", "add", PHONE, "--json",
              input="".join(json.dumps({"contact": "+4930123456", "content": "x"}) + "\n" for _ in range(200)))
    ids = [json.loads(place.run(claimed, "queue", "claim", PHONE, "--lease", "86400"))["message_id"] for _ in range(3)]
    floor = ("PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; SELECT * FROM phone; "
             "SELECT * FROM message WHERE phone_key = 1 AND status = 'pending' LIMIT 1; ROLLBACK")
    rows = [
        ("sqlite3, some statements", ["sqlite3", str(small), floor], (0,)),
        ("--version", [place.program, "--version"], (0,)),
        ("claim, nothing due", command_line(place.program, ["queue", "claim", PHONE], small), (75,)),
        ("sent", command_line(place.program, ["queue", "sent", ids[0], "--attempt", "1"], claimed), (0,)),
        ("failed", command_line(place.program, ["queue", "failed", ids[1], "--attempt", "1"], claimed), (0, 65)),
        ("phones list", command_line(place.program, ["phones", "list"], small), (0,)),
    ]
    for count in counts:
        database = place.database(count)
        shell = ["sqlite3", str(database), "SELECT count(*) FROM message WHERE phone_key = 1 AND status = 'pending'"]
        rows += [
            (f"sqlite3, count {count}", shell, (0,)),
            (f"summary of {count}",
             command_line(place.program, ["preview", PHONE, "--summary", "--now", NOW], database), (0,)),
            (f"first 20 of {count}",
             command_line(place.program, ["preview", PHONE, "--limit", "20", "--now", NOW], database), (0,)),
            (f"phones list, {count}", command_line(place.program, ["phones", "list", "--now", NOW], database), (0,)),
        ]
    times = place.milliseconds([command for _, command, _ in rows])
    print(f"{'command':<26} {'million instructions':>20} {'least ms':>9}")
    for (name, command, codes), milliseconds in zip(rows, times):
        print(f"{name:<26} {place.instructions(command, codes) / 1e6:20.1f} {milliseconds:9.2f}", flush=True)


class Keys:
    """Keys in one screen: what to press before, and a pair of keys that come again and again."""

    def __init__(self, name, before, pair, few=4, many=20):
        self.name, self.before, self.pair, self.few, self.many = name, before, pair, few, many


KEYS = [
    Keys("move", "", ("\x1b[C", "\x1b[D")),
    Keys("move down", "", ("\x1b[B", "\x1b[A")),
    Keys("paint", "", (" ", " ")),
    Keys("list: move", "\t", ("\x1b[B", "\x1b[A")),
    Keys("list: page", "\t", ("\x1b[6~", "\x1b[5~")),
    Keys("help", "", ("?", "\x1b")),
    Keys("week on", "", (">", "<")),
    Keys("overlay", "", ("f", "f")),
    Keys("list: end", "\t", ("G", "g")),
    Keys("open, leave", "", ("q", "\r")),
]


def settled(session, quiet=0.8, longest=300):
    """Waits until the program has nothing to do any more, as reading a long queue behind its first screen."""
    def used():
        total = 0
        for task in os.listdir(f"/proc/{session.pid}/task"):
            total += int(Path(f"/proc/{session.pid}/task/{task}/schedstat").read_text().split()[0])
        return total

    end = time.monotonic() + longest
    while time.monotonic() < end:
        before = used()
        session.drain(quiet=quiet, longest=quiet)
        if used() - before < 20_000_000:
            return


def pressed(place, database, size, keys, count):
    """Instructions and bytes of the editor from start to end with so many keys."""
    out = place.folder / "keys.out"
    command = callgrind(out, command_line(place.program, ["edit", PHONE, "--now", NOW], database))
    given = environment(TERM="xterm-256color")
    with Session(command, *size, environment=given, record=True) as session:
        session.wait("empty by", seconds=120)
        settled(session)
        for key in keys.before:
            session.send(key)
            session.drain(quiet=0.5, longest=10)
        settled(session)
        before = len(session.record)
        for index in range(count):
            session.send(keys.pair[index % 2])
            session.drain(quiet=0.5, longest=10)
        settled(session)
        sent = len(session.record) - before
        session.signal(signal.SIGTERM)
        session.end()
    return counted(out), sent


def peer(place, command, size, count):
    """The same of another editor with moves in a text."""
    text = place.folder / "text.txt"
    text.write_text("".join(f"line {number} of a text\n" for number in range(400)))
    out = place.folder / "peer.out"
    given = environment(TERM="xterm-256color")
    with Session(callgrind(out, [*command, text]), *size, environment=given, record=True) as session:
        session.wait("line 3 of", seconds=60)
        session.drain(quiet=1.0, longest=30)
        before = len(session.record)
        for index in range(count):
            session.send(("\x1b[B", "\x1b[A")[index % 2])
            session.drain(quiet=0.5, longest=10)
        sent = len(session.record) - before
        session.signal(signal.SIGTERM)
        session.end()
    return counted(out), sent


def line(name, count, size, few, many, difference):
    instructions = (many[0] - few[0]) / difference / 1000
    size_in_words = f"{size[0]}x{size[1]}"
    print(f"{name:<12} {count:>9} {size_in_words:>8} {instructions:22.0f} {(many[1] - few[1]) / difference:7.1f}", flush=True)


def press(place, counts, only=None):
    print(f"{'key':<12} {'waiting':>9} {'screen':>8} {'thousand instructions':>22} {'bytes':>7}")
    for name, command in [("vi", ["vi", "-u", "NONE"]), ("nano", ["nano", "-I"])]:
        if shutil.which(command[0]):
            for size in SIZES:
                line(name + ": move", "", size, peer(place, command, size, 4), peer(place, command, size, 20), 16)
    for count in counts:
        for size in SIZES:
            for keys in KEYS:
                if only and keys.name not in only.split(","):
                    continue
                few = pressed(place, place.database(count), size, keys, keys.few)
                many = pressed(place, place.database(count), size, keys, keys.many)
                line(keys.name, count, size, few, many, keys.many - keys.few)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["start", "keys", "all"])
    parser.add_argument("program", nargs="?", default=str(BUILT))
    parser.add_argument("--messages", default="412,1000000")
    parser.add_argument("--only", help="the names of some keys, with commas between them")
    parser.add_argument("--keep", help="a folder for the databases, to be used again")
    options = parser.parse_args()
    counts = [int(count) for count in options.messages.split(",")]
    with tempfile.TemporaryDirectory(prefix="send-schedule-instructions-") as folder:
        if options.keep:
            os.makedirs(options.keep, exist_ok=True)
        place = Place(existing(options.program), options.keep or folder)
        if options.what in ("start", "all"):
            start(place, counts)
        if options.what in ("keys", "all"):
            press(place, counts, options.only)


if __name__ == "__main__":
    main()
