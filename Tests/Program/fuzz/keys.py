#!/usr/bin/env python3
"""Types anything at the editor: keys, bytes, broken sequences, answers of terminals, sizes, signals.

    keys.py [--seconds N] [--seed S] [--script FILE] [PROGRAM]

The editor runs in a pseudo-terminal on a small database full of hostile texts. It must never die by a signal,
never spin, leave within a second when its line drops or it is asked to, give the terminal back, keep the database
sound, and send nothing to the terminal but what it composed itself. What was typed in a failing run is left in a
file; `--script` types it again.

Needs nothing but Python. Ends with 1 if something is not as it should be.
"""

import argparse
import json
import os
import random
import re
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from program import add_program_argument, call, existing  # noqa: E402
from pty_screen import Ended, NotSeen, Session  # noqa: E402

NOW = "2026-03-26T08:20:00Z"
HOSTILE = [
    "\x1b]0;owned\x07\x1b[2J\x1b[31mred", "\x9b31mC1 \x90q\x9c \x85next", "‮txet‬⁦isolate⁩\u200e\u200f",
    "e\u0301\u0302\u0303\u0304\u0305\u0306\u0307" * 6, "日本語テスト" * 4, "👩‍👩‍👧‍👦🏳️‍🌈👍🏽", "\t\ttabs\r\nlines\x08\x7f",
    "שלום עולם مرحبا", "\ufeff\u2028line\u2029paragraph\u00ad", "ﷺ" * 9, "a" * 400, "\U000e0041\U000e0042\ufff9\ufffb", " ",
]
KEYS = [
    *"hjklHLwb0$tadADvVipPyuUszroSRfe/?q:[]<>+-=gGcxmno ", "\t", "\r", "\x1b", "\x7f", "\x0c", "\x12", "\x02", "\x06",
    "\x01", "\x05", "\x0b", "\x15", "\x17", "\x03", "\x04",
    *[f"\x1b[{c}" for c in "ABCDHFZ"], *[f"\x1bO{c}" for c in "ABCDHFPQRS"], *[f"\x1b[{n}~" for n in range(1, 35)],
    *[f"\x1b[1;{m}{c}" for m in range(2, 9) for c in "ABCDHF"],
]
LINES = [
    "mon-fri 9-17", "allow sat 10-14", "deny fri", "daily 00:00-24:00", "mon 22:00-06:00", "rate 7", "rate 0",
    "rate 99999999999999999999", "zone Europe/Berlin", "zone Nowhere/At_All", "name \x1b[31m‮", "on", "off", "w", "q",
    "phone", "wq", "q!", "thu 10-12", "week mon-fri 9-17", "24 dec closed Christmas Eve", "24-26 dec 9-12",
    "every 25 dec closed", "every 29 feb closed", "31 nov closed", "hold until thu 10:00", "hold", "release",
    "hold until soon", "per-day 3", "empty by fri 17:00", "rate", "zone", "name",
    "phone +15550100101", "phone +1", "mon 25:00-26:00", "mon 9-", "sun-sat 9:07-9:08, 10-11; ", "-" * 300,
]
ANSWERS = [
    "\x1b[?62;1;2;6;9;15;22c", "\x1b[>41;366;0c", "\x1b[12;40R", "\x1b[I", "\x1b[O", "\x1b[?1;2c", "\x1b[8;24;80t",
    "\x1b]11;rgb:0000/0000/0000\x07", "\x1b]11;rgb:ffff/ffff/ffff\x1b\\", "\x1bP>|xterm(366)\x1b\\", "\x1b[?2026;2$y",
    "\x1b[<0;10;10M", "\x1b[<0;10;10m", "\x1b[<64;5;5M", "\x1b[<0;9999;9999M", "\x1b[M !!", "\x1b[<-1;-1;-1M",
    "\x1b_Gi=1;OK\x1b\\", "\x1b[97;5u", "\x1b[27;5;97~", "\x1b[0n", "\x1b[>0;10;1c", "\x1b[4;768;1024t",
]
SIZES = [(80, 24), (80, 24), (140, 45), (60, 15), (59, 14), (1, 1), (2, 200), (500, 200), (500, 2), (79, 23), (0, 0)]
# What the editor sends of its own: moves, erases, colours, modes; whatever else is found came from outside.
OURS = re.compile(
    rb"\x1b\[[?>]?[0-9;:]*[A-HJKLMPSTX@Zabcdefghlmrst`]|\x1b\](?:104|R)|\x1b[()][0AB]|\x1b[=>78M]|\x1b\[!p|[\x0e\x0f\r\n\x08\x07]")
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]")


class Wrong(Exception):
    """The editor did what it must not."""


class Typist:
    """Chooses what to do to the editor next; every step can be written down and done again."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def step(self):
        chance = self.random
        kind = chance.choices(
            ["keys", "line", "bytes", "unicode", "broken", "answer", "paste", "size", "signal", "rest"],
            [40, 6, 6, 4, 8, 5, 3, 6, 2, 4])[0]
        if kind == "size":
            size = chance.choice(SIZES) if chance.random() < 0.6 else (chance.randrange(1, 501), chance.randrange(1, 201))
            return ["size", *size]
        if kind == "signal":
            return ["signal", chance.choice([signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT, signal.SIGINT, -1])]
        if kind == "rest":
            return ["rest", chance.choice([0, 0.01, 0.03, 0.06, 0.12])]
        return ["type", getattr(self, kind)().hex()]

    def keys(self):
        return "".join(self.random.choices(KEYS, k=self.random.choice([1, 1, 2, 5, 30]))).encode()

    def line(self):
        return (":" + self.random.choice(LINES) + self.random.choice(["\r", "\r", "\x1b", ""])).encode()

    def bytes(self):
        return self.random.randbytes(self.random.choice([1, 2, 8, 64, 700]))

    def unicode(self):
        some = [chr(self.random.choice([*range(0x80, 0x250), 0x301, 0x202E, 0x4E00, 0x1F600, 0xFFFD, 0x10FFFF, 0xE0041]))
                for _ in range(self.random.randrange(1, 9))]
        text = self.random.choice(["/", ":", "z", "S", ""]) + "".join(some) + self.random.choice(HOSTILE)
        return text.encode("utf-8", "surrogatepass")

    def broken(self):
        whole = self.random.choice(KEYS[-60:] + ANSWERS + ["日本", "😀", "\x1b[200~", "\x1b[201~"]).encode()
        return whole[: self.random.randrange(len(whole) + 1)] + self.random.choice([b"", b"\x1b", b"\xff", b"\xe6"])

    def answer(self):
        return self.random.choice(ANSWERS).encode()

    def paste(self):
        inside = self.random.choice([*HOSTILE, "mon 9-17\nq\rq", "\x1b[201", "x" * 5000]).encode()
        return b"\x1b[200~" + inside + self.random.choice([b"\x1b[201~", b"\x1b[201~", b""])


class Gateway:
    """A small database with texts that nobody wants on a terminal."""

    def __init__(self, program, folder):
        self.program, self.path = program, str(Path(folder) / "gateway.sqlite")
        windows = [{"day_of_week": 1, "start_minute": 547, "end_minute": 720}]
        schedules = [
            {"id": f"s{i}", "name": f"name {i}", "timezone": "Australia/Lord_Howe", "windows": windows}
            for i in range(len(HOSTILE))
        ]
        phones = [
            {"id": f"p{i}", "phone_number": f"+155501001{i:02d}", "messages_per_minute": i,
             "message_send_schedule_id": f"s{i // 2}"}
            for i in range(len(HOSTILE))
        ]
        messages = [
            {"id": f"m{i}", "owner": f"+155501001{i % 5:02d}", "contact": "+15550100999", "content": "text",
             "status": "pending", "created_at": NOW, "exact": i % 9 == 0}
            for i in range(12 * len(HOSTILE))
        ]
        bundle = {"phones": phones, "message_send_schedules": schedules, "messages": messages}
        self.run("import", "-", stdin=json.dumps(bundle))
        self.make_hostile()
        # It complains of the names that no command would have taken.
        self.complaints = self.check()

    def make_hostile(self):
        """Puts past the import what it would not take."""
        with sqlite3.connect(self.path) as database:
            for i, text in enumerate(HOSTILE):
                database.execute("UPDATE schedule SET name = ? WHERE id = ?", (f"{i} {text}", f"s{i}"))
                database.execute(
                    "UPDATE revision SET name = ?, author = ?, summary = ?, origin = ? WHERE schedule_id = ?",
                    (f"{i} {text}", text, text, text, f"s{i}"))
                database.execute("UPDATE phone SET label = ? WHERE id = ?", (f"{text}{i}", f"p{i}"))
                database.execute(
                    "UPDATE message SET contact = ?, content = ?, id = id || ? WHERE key % ? = ?",
                    (text, text, text, len(HOSTILE), i))
        database.close()

    def check(self):
        """What `check` complains of."""
        return set(call(self.program, ["check"], self.path).stdout.decode().splitlines()) - {"ok"}

    def run(self, *arguments, stdin=""):
        result = call(self.program, arguments, self.path, input=stdin)
        if result.returncode != 0:
            raise Wrong(f"{arguments[0]}: exit {result.returncode}: {(result.stdout + result.stderr).decode()}")
        return result.stdout


def perform(step, editor):
    kind, value = step[0], step[1]
    if kind == "type":
        editor.send(bytes.fromhex(value))
    elif kind == "size":
        editor.resize(value, step[2])
    elif kind == "rest":
        editor.read(value)
    elif value == -1:
        # Stopped from outside, which nobody can catch, and woken up.
        editor.signal(signal.SIGSTOP)
        editor.signal(signal.SIGCONT)
    else:
        editor.signal(value)
        if value == signal.SIGTSTP:
            time.sleep(0.02)
            editor.signal(signal.SIGCONT)
    editor.signal(signal.SIGCONT)


def run_once(gateway, steps, ending):
    """Starts the editor, performs steps, and ends it in some way; returns how many steps there were."""
    arguments = [gateway.program, "edit", "--database", gateway.path]
    arguments += ending.get("arguments", [])
    environment = {"TERM": ending["term"], **ending.get("environment", {})}
    with Session(arguments, environment=environment, record=True, line_modes=False) as editor:
        count = 0
        try:
            editor.read(5)
            for step in steps:
                count += 1
                perform(step, editor)
        except (Ended, OSError):
            pass
        ended_itself = editor.poll() is not None or wait_end(editor, 0.05)
        if not ended_itself:
            expect_calm(editor)
            leave(editor, ending["way"])
        expect_good_end(editor.status, ending["way"])
        if ending["way"] != "hang up" or ended_itself:
            expect_restored(bytes(editor.record))
        expect_harmless(bytes(editor.record))
        return count


def expect_good_end(status, way):
    if status is not None and os.WIFEXITED(status) and os.WEXITSTATUS(status) in (0, 66):
        return
    # Before it takes the terminal over, and after it gave it back, these end it as any other program.
    if status is not None and os.WIFSIGNALED(status):
        if os.WTERMSIG(status) in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            return
    raise Wrong(f"ended with status {status} after {way}")


def wait_end(editor, seconds):
    return editor.end(seconds) is not None


def expect_calm(editor):
    """Idle, it uses no processor; with much typed ahead on a large screen it takes some seconds of it to get there."""
    try:
        end = editor.processor_seconds() + 10
        while (before := editor.processor_seconds()) < end:
            editor.drain(0.3, longest=0.3)
            if editor.processor_seconds() - before < 0.1:
                return
    except (Ended, FileNotFoundError):
        return
    raise Wrong("no rest after 10 seconds of processor")


def leave(editor, way):
    started = time.monotonic()
    if way == "hang up":
        editor.hang_up()
    elif way == "SIGHUP":
        editor.signal(signal.SIGHUP)
    else:
        editor.signal(signal.SIGTERM)
    if editor.end(10) is None:
        raise Wrong(f"still there 10 s after {way}")
    taken = time.monotonic() - started
    if taken > 2:
        raise Wrong(f"{taken:.1f} s to leave after {way}")


def expect_restored(output):
    if b"\x1b[?1049h" in output and output.rfind(b"\x1b[?1049l") < output.rfind(b"\x1b[?1049h"):
        raise Wrong("the terminal is not given back")
    if output.rfind(b"\x1b[?2004l") < output.rfind(b"\x1b[?2004h"):
        raise Wrong("pastes stay bracketed")


def expect_harmless(output):
    text = OURS.sub(b"", output)
    # A multibyte character may be cut by the end.
    found = FORBIDDEN.search(text.decode("utf-8", "replace"))
    if found:
        around = text.decode("utf-8", "replace")[max(0, found.start() - 40) : found.end() + 40]
        raise Wrong(f"{found.group()!r} reached the terminal: {around!r}")


def choose_ending(chance):
    ending = {"way": chance.choice(["hang up", "SIGHUP", "SIGTERM"]),
              "term": chance.choice(["xterm-256color", "xterm-256color", "xterm", "vt100", "linux", "screen"])}
    ending["arguments"] = chance.choice([["--now", NOW], [], ["+15550100101"], ["+15550100100", "--mouse"],
                                         ["--read-only"], ["--ascii"], ["+15550100104", "--now", NOW]])
    ending["environment"] = chance.choice([{}, {}, {"LANG": "C", "LC_ALL": "C"}, {"NO_COLOR": "1"}, {"LC_TIME": "ar_EG.UTF-8"}])
    return ending


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", default=str(random.randrange(10**6)))
    parser.add_argument("--script", help="a file that a failing run left")
    add_program_argument(parser)
    options = parser.parse_args()
    program = existing(options.program)
    if options.script:
        recorded = json.loads(Path(options.script).read_text())
        runs = [(recorded["steps"], recorded["ending"])]
    else:
        runs = generated(options)
    print(f"seed {options.seed}", flush=True)
    count, sessions, failures = 0, 0, []
    with tempfile.TemporaryDirectory(prefix="keys-") as folder:
        gateway = Gateway(program, folder)
        for steps, ending in runs:
            sessions += 1
            try:
                count += run_once(gateway, steps, ending)
                found = gateway.check() - gateway.complaints
                if found:
                    raise Wrong(f"check: {found}")
            except (Wrong, NotSeen) as error:
                script = Path(tempfile.gettempdir()) / f"keys-{options.seed}-{sessions}.json"
                script.write_text(json.dumps({"steps": steps, "ending": ending}))
                failures.append(str(error))
                print(f"FAILED: {error}\n  {ending}\n  again with --script {script}", flush=True)
                if len(failures) >= 10:
                    break
    print(f"{count} inputs in {sessions} editors")
    print(f"{sessions - len(failures)} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


def generated(options):
    end = time.monotonic() + options.seconds
    number = 0
    while time.monotonic() < end:
        number += 1
        typist = Typist(f"{options.seed} {number}")
        steps = [typist.step() for _ in range(typist.random.choice([5, 30, 120]))]
        yield steps, choose_ending(typist.random)


if __name__ == "__main__":
    main()
