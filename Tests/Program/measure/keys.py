#!/usr/bin/env python3
"""Measures what terminal programs send for each key, and how soon.

Each program runs in a pseudo-terminal of its own, in turns, for some rounds:

    keys.py --program NAME 'COMMAND' 'KEYS' [--program ...] [--rounds 3] [--idle 10]

KEYS are words: up down left right enter escape tab space home end pageup pagedown, ^x for Ctrl-X, any
other word for its characters one after the other; word*N repeats. A word `=label` begins a group of keys
with a row of its own in the table. A word `~seconds` waits.

Time to the first screen is from starting the program to the last byte of what it draws before it falls
quiet. With --until TEXT it is to the bytes that bring this text, which the screen shows last: what a program
adds when it has read more does not count then. Time per key is from writing the key to the last byte of the
answer. Needs nothing but Python.
"""

import argparse
import os
import select
import shlex
import signal
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from program import environment  # noqa: E402
from pty_screen import start_in_terminal  # noqa: E402

NAMES = {
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "enter": "\r", "escape": "\x1b",
    "tab": "\t", "space": " ", "home": "\x1b[H", "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
}
QUIET = 0.06  # A key's answer is complete when nothing comes for this long.
FIRST_QUIET = 0.25


class Program:
    """A program in a pseudo-terminal."""

    def __init__(self, command, columns, rows, term):
        self.command = command
        self.started = time.perf_counter()
        given = environment(TERM=term, HOME=os.environ.get("HOME"))
        self.pid, self.fd = start_in_terminal(shlex.split(command), columns, rows, given)

    def read(self):
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            sys.exit(f"{self.command}: ended before its keys did")
        return data

    def read_until_quiet(self, quiet, longest=20.0):
        """The bytes that come until silence, and when the last one came."""
        data, last = b"", None
        end = time.perf_counter() + longest
        while time.perf_counter() < end:
            # The first byte may take its time; after it, silence ends the answer.
            ready, _, _ = select.select([self.fd], [], [], quiet)
            if not ready:
                break
            data += self.read()
            last = time.perf_counter()
        return data, last

    def read_until(self, text, longest=20.0):
        """The bytes that come until a text is among them, and when it was."""
        data = b""
        end = time.perf_counter() + longest
        while text.encode() not in data:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.perf_counter()))
            if not ready:
                sys.exit(f"{self.command}: does not show {text!r}")
            data += self.read()
        return data, time.perf_counter()

    def wait_for_output(self, longest=20.0):
        select.select([self.fd], [], [], longest)

    def send(self, text):
        written = time.perf_counter()
        os.write(self.fd, text.encode())
        data, last = self.read_until_quiet(QUIET)
        return len(data), (last - written) * 1000 if last else None

    def processor_seconds(self):
        with open(f"/proc/{self.pid}/schedstat") as file:
            return int(file.read().split()[0]) / 1e9

    def close(self):
        for number in (signal.SIGHUP, signal.SIGKILL):
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                break
            time.sleep(0.1)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def words(text):
    """The keys as (label, bytes to send or seconds to wait)."""
    label = "keys"
    for word in text.split():
        if word.startswith("=") and len(word) > 1:
            label = word[1:]
            continue
        if word.startswith("~") and len(word) > 1:
            yield label, float(word[1:])
            continue
        word, _, count = word.partition("*") if "*" in word[1:] else (word, "", "1")
        for _ in range(int(count)):
            if word in NAMES:
                yield label, NAMES[word]
            elif len(word) == 2 and word[0] == "^":
                yield label, chr(ord(word[1].upper()) - 64)
            else:
                yield from ((label, character) for character in word)


def measure(command, keys, options, results):
    program = Program(command, options.columns, options.rows, options.term)
    if options.until:
        data, last = program.read_until(options.until)
    else:
        program.wait_for_output()
        data, last = program.read_until_quiet(FIRST_QUIET)
    if last is None:
        sys.exit(f"{command}: draws nothing")
    results.setdefault("first screen", []).append((len(data), (last - program.started) * 1000))
    if options.until:
        program.read_until_quiet(FIRST_QUIET)
    for label, key in words(keys):
        if isinstance(key, float):
            program.read_until_quiet(key)
            continue
        count, milliseconds = program.send(key)
        results.setdefault(label, []).append((count, milliseconds))
    if options.idle:
        before = program.processor_seconds()
        data = b""
        end = time.perf_counter() + options.idle
        while (left := end - time.perf_counter()) > 0:
            ready, _, _ = select.select([program.fd], [], [], left)
            if ready:
                data += program.read()
        used = program.processor_seconds() - before
        results.setdefault(f"idle {options.idle:g} s", []).append((len(data), used * 1000))
    program.close()


def spread(values):
    values = [value for value in values if value is not None]
    if not values:
        return ("-", "-", "-")
    return tuple(f"{f(values):.1f}".rstrip("0").rstrip(".") for f in (min, statistics.median, max))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", nargs=3, action="append", required=True, metavar=("NAME", "COMMAND", "KEYS"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=float, default=0)
    parser.add_argument("--columns", type=int, default=80)
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--term", default="xterm-256color")
    parser.add_argument("--until", metavar="TEXT", help="what the first screen shows last")
    options = parser.parse_args()

    results = {name: {} for name, _, _ in options.program}
    for _ in range(options.rounds):
        for name, command, keys in options.program:
            measure(command, keys, options, results[name])

    print(f"{options.columns}x{options.rows}, TERM={options.term}, {options.rounds} rounds in turns")
    print(f"{'program':<16} {'what':<14} {'n':>4}  {'bytes min/median/max':>22}  {'ms min/median/max':>24}")
    for name, _, _ in options.program:
        for label, rows in results[name].items():
            sizes = "/".join(spread([size for size, _ in rows]))
            times = "/".join(spread([time for _, time in rows]))
            print(f"{name:<16} {label:<14} {len(rows):>4}  {sizes:>22}  {times:>24}")


if __name__ == "__main__":
    main()
