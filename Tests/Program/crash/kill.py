#!/usr/bin/env python3
"""Kills writers with `kill -9` at random moments, and looks what is left.

    kill.py [--kills N] [--seed S] [--keep] [PROGRAM]     (Ctrl-C ends it in good order)

Several writers share one database, each with a ledger of its own: a step is acknowledged when the program
ended with 0 or said "Saved" on the screen. After each kill what was acknowledged must be there, what was not
must be there whole or not at all, and now and then `check` looks the database over. The editor runs in a
pseudo-terminal; what was painted and not saved has to be offered when it starts again.

Needs nothing but Python. Ends with 1 if something was lost, halved or damaged.
"""

import argparse
import collections
import contextlib
import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from program import add_program_argument, call, command_line, existing  # noqa: E402
from pty_screen import Session  # noqa: E402

EPOCH = 1_774_513_200  # 2026-03-26T08:20:00Z


def instant(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(EPOCH + seconds))


class Wrong(Exception):
    """Something was lost, halved or damaged."""


class Tally:
    """Counts of all writers, and when it is enough."""

    def __init__(self, kills):
        self.lock = threading.Lock()
        self.wanted = kills
        self.counts = collections.Counter()
        self.wrongs = []
        self.slowest_draft = 0.0

    def add(self, *names):
        with self.lock:
            for name in names:
                self.counts[name] += 1

    def wrong(self, text):
        with self.lock:
            self.wrongs.append(text)
        print(f"WRONG: {text}", flush=True)

    @property
    def is_done(self):
        return self.counts["kills"] >= self.wanted or len(self.wrongs) >= 10


class Writer(threading.Thread):
    """One of those who write; a subclass says what in `round`."""

    def __init__(self, world, number, seed):
        super().__init__(daemon=True)
        self.program, self.database, self.tally, self.folder = world.program, world.database, world.tally, world.folder
        self.random = random.Random(seed)
        self.tag = f"{type(self).__name__.lower()}{number}"
        self.number = number
        self.step = 0
        self.durations = collections.defaultdict(lambda: 0.06)

    def run(self):
        try:
            while not self.tally.is_done:
                self.step += 1
                self.round()
        except Exception as error:  # What a round cannot explain is a failure of the run.
            detail = "" if isinstance(error, Wrong) else "\n" + traceback.format_exc()
            self.tally.wrong(f"{self.tag}, step {self.step}: {error}{detail}")

    def command(self, arguments):
        return command_line(self.program, arguments, self.database)

    def run_killed(self, arguments, stdin=None):
        """Runs a command and kills it at some moment; its output if it was acknowledged, else None."""
        kind = arguments[0] if arguments[0] in ("backup", "import") else " ".join(arguments[:2])
        delay = self.random.uniform(0, 2) * self.durations[kind]
        process = subprocess.Popen(
            self.command(arguments), stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        timer = threading.Timer(delay, process.kill)
        timer.start()
        output, complaint = process.communicate(stdin)
        timer.cancel()
        if process.returncode == -signal.SIGKILL:
            self.tally.add("kills", f"killed {kind}")
            self.durations[kind] *= 1.15
            return None
        if process.returncode != 0:
            raise Wrong(f"{' '.join(arguments)}: exit {process.returncode}: {complaint.decode(errors='replace')}")
        # As many are killed as get through, so that most die near the end of their work.
        self.durations[kind] /= 1.15
        self.tally.add("acknowledged")
        return output.decode()

    def ask(self, arguments, codes=(0,), stdin=None):
        """Runs a command to its end; its exit code and output."""
        result = call(self.program, arguments, self.database, input=stdin, start_new_session=True)
        if result.returncode not in codes:
            complaint = result.stderr.decode(errors="replace")
            raise Wrong(f"{' '.join(arguments)}: exit {result.returncode}, expected {codes}: {complaint}")
        return result.returncode, result.stdout.decode()

    def show(self, *arguments):
        code, output = self.ask([*arguments, "--json"], codes=(0, 66))
        return json.loads(output) if code == 0 else None

    def expect(self, is_true, what):
        if not is_true:
            raise Wrong(what)


class Settings(Writer):
    """Saves schedules and phones."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.phone = f"+1555020{self.number:04d}"
        self.ends = 1
        self.revisions = 1
        self.rate = 0
        self.others = 0
        self.ask(["schedules", "add", self.tag, "mon 00:00-00:01", "--time-zone", "UTC"])
        self.ask(["phones", "add", self.phone, "--label", "rate 0", "--rate", "0"])

    def round(self):
        self.random.choice([self.save_schedule, self.save_phone, self.add_phone])()

    def save_schedule(self):
        new = self.step % 1439 + 1
        text = f"mon 00:00-{new // 60:02d}:{new % 60:02d}"
        output = self.run_killed(["schedules", "set", self.tag, text, "--json"])
        found = self.show("schedules", "show", self.tag)["windows"][0]["end_minute"]
        if output is not None:
            self.expect(json.loads(output)["windows"][0]["end_minute"] == new, f"printed {output}")
            self.expect(found == new, f"saved {new}, acknowledged, found {found}")
        self.expect(found in (new, self.ends), f"neither {self.ends} nor {new}: {found}")
        if self.step % 5 == 0 or found == new:
            lines = self.ask(["schedules", "history", self.tag, "--json"])[1].splitlines()
            numbers = sorted(json.loads(line)["revision"] for line in lines)
            expected = self.revisions + (1 if found != self.ends else 0)
            self.expect(numbers == list(range(1, expected + 1)), f"{expected} revisions expected, found {numbers}")
        self.revisions += 1 if found != self.ends else 0
        self.ends = found

    def save_phone(self):
        new = self.step
        output = self.run_killed(["phones", "set", self.phone, "--rate", str(new), "--label", f"rate {new}", "--json"])
        phone = self.show("phones", "show", self.phone)
        rate = phone["messages_per_minute"]
        self.expect(phone["label"] == f"rate {rate}", f"half a phone: {phone}")
        self.expect(rate == new or output is None and rate == self.rate, f"rate {rate} after {self.rate}, {new}")
        self.rate = rate

    def add_phone(self):
        number = f"+1555{self.number:02d}{self.others:06d}"
        self.others += 1
        arguments = ["phones", "add", number, "--label", "new", "--schedule", self.tag, "--rate", "9", "--json"]
        output = self.run_killed(arguments)
        phone = self.show("phones", "show", number)
        self.expect(output is None or phone is not None, f"{number} was added and is not there")
        if phone:
            whole = phone["label"] == "new" and phone["messages_per_minute"] == 9 and phone["message_send_schedule_id"]
            self.expect(whole, f"half a phone: {phone}")
            self.ask(["phones", "remove", number, "--yes"])


class Gateway(Writer):
    """Queues messages, claims them and reports; one message at a time goes all the way."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.phone = f"+1555030{self.number:04d}"
        self.clock = 0
        self.done = {}
        self.ask(["phones", "add", self.phone, "--max-attempts", "9"])

    def now(self):
        return ["--now", instant(self.clock)]

    def round(self):
        self.clock += 100
        if self.step % 6 == 0:
            self.pipe_many()
        else:
            self.one_message(f"{self.tag}-{self.step}")
        if self.step % 20 == 0:
            self.look_back()

    def one_message(self, name):
        arguments = ["queue", "add", self.phone, "--to", "+15550100999", "--text", name, "--id", name, "--json"]
        output = self.run_killed(arguments + self.now())
        found = self.show("queue", "show", name, *self.now())
        self.expect(output is None or found, f"{name} was queued and is not there")
        if not found:
            self.ask(arguments + self.now())
        self.claim(name)
        self.settle(name)

    def claim(self, name):
        output = self.run_killed(["queue", "claim", self.phone, *self.now()])
        status = self.show("queue", "show", name, *self.now())["status"]
        if output is not None:
            self.expect(json.loads(output)["message_id"] == name, f"claimed {output} instead of {name}")
            self.expect(status == "sending", f"{name} was handed out and is {status}")
            return
        self.expect(status in ("pending", "sending"), f"{name} is {status} after a claim that was killed")
        if status == "sending":
            # Nobody has it: until its lease is over there is nothing, then it comes back.
            self.clock += 59
            self.ask(["queue", "claim", self.phone, *self.now()], codes=(75,))
            self.clock += 1
            self.tally.add("claims that came back")
        claimed = json.loads(self.ask(["queue", "claim", self.phone, *self.now()])[1])
        self.expect(claimed["message_id"] == name, f"{claimed} came back instead of {name}")

    def settle(self, name):
        is_sent = self.random.random() < 0.6
        arguments = ["queue", "sent", name] if is_sent else ["queue", "failed", name, "--reason", "no signal"]
        output = self.run_killed(arguments + self.now())
        status = self.show("queue", "show", name, *self.now())["status"]
        after = "sent" if is_sent else "pending"
        self.expect(status == after or output is None and status == "sending", f"{name} is {status}, not {after}")
        if status == "sending":
            self.ask(["queue", "sent", name, *self.now()])
        elif status == "pending":
            self.ask(["queue", "cancel", name, *self.now()])
        self.done[name] = "canceled" if status == "pending" else "sent"

    def pipe_many(self):
        count = self.random.choice([2, 50, 2000])
        lines = [
            json.dumps({"contact": "+15550100998", "content": f"{self.step}/{i}", "id": f"{self.tag}-{self.step}-{i}"})
            for i in range(count)
        ]
        output = self.run_killed(
            ["queue", "add", self.phone, "--json", *self.now()], stdin="\n".join(lines).encode())
        code, listed = self.ask(["queue", "list", self.phone, "--json", *self.now()])
        messages = [json.loads(line) for line in listed.splitlines()]
        waiting = [message["id"] for message in messages if message["status"] == "pending"]
        self.expect(len(waiting) in ([count] if output is not None else [0, count]), f"{len(waiting)} of {count} queued")
        for start in range(0, len(waiting), 500):
            self.ask(["queue", "cancel", *waiting[start : start + 500], *self.now()])

    def look_back(self):
        for name in self.random.sample(sorted(self.done), min(5, len(self.done))):
            status = self.show("queue", "show", name, *self.now())["status"]
            self.expect(status == self.done[name], f"{name} was {self.done[name]} and is {status}")


class Importer(Writer):
    """Imports bundles and CSV, prunes, and copies the database."""

    def round(self):
        [self.bundle, self.csv, self.backup, self.bundle, self.prune][self.step % 5]()

    def number_of_step(self):
        return f"+1666{self.number:02d}{self.step:06d}"

    def messages(self, number, count, status):
        return [
            {
                "id": f"{self.tag}-{self.step}-{i}", "owner": number, "contact": "+15550100997", "content": f"text {i}",
                "status": status, "request_received_at": "2020-01-01T00:00:00Z",
                **({"sent_at": "2020-01-02T00:00:00Z"} if status == "sent" else {}),
            }
            for i in range(count)
        ]

    def write_bundle(self, number, count, status="pending"):
        name = f"{self.tag} {self.step}"
        window = {"day_of_week": 1, "start_minute": 0, "end_minute": 60}
        bundle = {
            "message_send_schedules": [{"id": name, "name": name, "timezone": "UTC", "windows": [window]}],
            "phones": [{"id": number, "phone_number": number, "messages_per_minute": 3, "message_send_schedule_id": name}],
            "messages": self.messages(number, count, status),
        }
        path = self.folder / f"{self.tag}.json"
        path.write_text(json.dumps(bundle))
        return str(path), name

    def bundle(self):
        number, count = self.number_of_step(), self.random.choice([3, 300, 5000])
        path, name = self.write_bundle(number, count)
        output = self.run_killed(["import", path])
        phone, schedule = self.show("phones", "show", number), self.show("schedules", "show", name)
        waiting = self.waiting(number) if phone else 0
        is_whole = bool(phone and schedule and waiting == count)
        is_absent = not phone and not schedule
        self.expect(is_whole or output is None and is_absent, f"half an import: {phone}, {schedule}, {waiting}/{count}")
        self.ask(["import", path])
        self.expect(self.waiting(number) == count, f"the import again gave {self.waiting(number)} of {count}")
        self.ask(["phones", "remove", number, "--yes"])
        self.ask(["schedules", "remove", name, "--yes"])

    def waiting(self, number):
        return len(self.ask(["queue", "list", number, "--json"])[1].splitlines())

    def csv(self):
        number, count = self.number_of_step(), self.random.choice([1, 1000])
        self.ask(["phones", "add", number])
        path = self.folder / f"{self.tag}.csv"
        rows = [f"{number},+15550100996,line {self.step} {i},\n" for i in range(count)]
        path.write_text("FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n" + "".join(rows))
        output = self.run_killed(["import", str(path)])
        waiting = self.waiting(number)
        self.expect(waiting == count or output is None and waiting == 0, f"half a CSV: {waiting} of {count}")
        self.ask(["import", str(path)])
        self.expect(self.waiting(number) == count, f"the CSV again gave {self.waiting(number)} of {count}")
        self.ask(["phones", "remove", number, "--yes"])

    def prune(self):
        number, count = self.number_of_step(), self.random.choice([10, 2000])
        path, name = self.write_bundle(number, count, status="sent")
        self.ask(["import", path])
        arguments = ["queue", "prune", "--older-than", "30d", "--yes", "--now", "2020-06-01T00:00:00Z", "--json"]
        output = self.run_killed(arguments)
        # It works in turns, of which those before the kill are done; the next prune does the rest.
        left = self.exported(number)
        self.expect(left == 0 or output is None and left <= count, f"{left} of {count} messages left by prune")
        self.ask(arguments)
        self.expect(self.exported(number) == 0, "messages left by a prune after one that was killed")
        self.ask(["phones", "remove", number, "--yes"])
        self.ask(["schedules", "remove", name, "--yes"])

    def exported(self, number):
        return self.ask(["export"])[1].count(f'"owner":"{number}"')

    def backup(self):
        target = self.folder / f"{self.tag}-{self.step}.backup"
        output = self.run_killed(["backup", str(target)])
        self.expect(output is None or target.exists(), "a copy was acknowledged and is not there")
        if target.exists():
            result = call(self.program, ["check"], target)
            self.expect(result.stdout == b"ok\n" and result.returncode == 0, f"the copy: {result.stdout}")
        for left in self.folder.glob(f"{target.name}*"):
            left.unlink()


class Painter(Writer):
    """Paints and saves in the editor."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.phone = f"+1555040{self.number:04d}"
        self.saved = 1
        self.ask(["schedules", "add", self.tag, "mon 00:00-00:01", "--time-zone", "UTC"])
        self.ask(["phones", "add", self.phone, "--schedule", self.tag])
        # A second phone on the same schedule makes saving ask.
        self.ask(["phones", "add", f"+1555041{self.number:04d}", "--schedule", self.tag])
        self.delay = 0.02

    def editor(self):
        return Session(self.command(["edit", self.phone]), columns=100, rows=30)

    def stored(self):
        return self.show("schedules", "show", self.tag)["windows"][0]["end_minute"]

    def round(self):
        new = self.step % 1438 + 2
        if new == self.saved:
            return
        kind = self.random.choice(["while painting", "painted", "asked", "while saving", "saved", "left"])
        with self.editor() as editor:
            editor.wait(self.tag)
            editor.wait_without("Unsaved work")
            is_acknowledged = self.paint(editor, new, kind)
            if kind == "left":
                self.drop_line(editor)
            else:
                editor.kill()
                self.tally.add("kills", f"killed the editor {kind}")
        self.look(new, "saved" if is_acknowledged else kind)

    def paint(self, editor, new, kind):
        """Paints, and perhaps saves; whether the editor said that it is saved."""
        editor.send(f":mon 00:00-{new // 60:02d}:{new % 60:02d}\r")
        if kind == "while painting":
            time.sleep(self.random.uniform(0, 2 * self.delay))
            return False
        started = time.monotonic()
        editor.wait(r"\* unsaved")
        if kind == "left":
            return False
        self.wait_for_draft(new, started)
        if kind == "painted":
            return False
        editor.send("s")
        editor.wait("serves 2 phones")
        if kind == "asked":
            return False
        editor.send("a")
        if kind == "while saving":
            time.sleep(self.random.uniform(0, 2 * self.delay))
            if editor.sees("Saved:? ") is None:
                return False
        editor.wait("Saved:? ")
        self.tally.add("acknowledged")
        return True

    def drop_line(self, editor):
        """The line drops, or it is asked to end: then it takes the time to keep what was painted."""
        way = self.random.choice(["the line dropped", "SIGHUP", "SIGTERM"])
        if way == "the line dropped":
            editor.hang_up()
        else:
            editor.signal(getattr(signal, way))
        status = editor.end()
        self.expect(status == 0, f"ended with status {status} when {way}")
        self.tally.add(f"left: {way}")

    def drafts(self):
        """What is kept of this painter's phone, in the database and beside it: windows as [(day, start, end)]."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as database:
            payloads = [row[0] for row in database.execute("SELECT payload FROM draft")]
        for path in Path(self.database).parent.glob("*-draft-*"):
            # One that is being written has no end, and one that is forgotten is gone.
            with contextlib.suppress(ValueError, FileNotFoundError):
                payloads.append(json.loads(path.read_text())["payload"])
        records = [json.loads(payload) for payload in payloads]
        windows = [json.loads(r["draft"]["content"]["windows"]) for r in records if r["number"] == self.phone]
        return [[(w["day_of_week"], w["start_minute"], w["end_minute"]) for w in each] for each in windows]

    def wait_for_draft(self, new, started):
        """What is on the screen is on the disk as soon as those who write just now let it."""
        while [(1, 0, new)] not in self.drafts():
            self.expect(time.monotonic() - started < 10, f"no draft of {new} after 10 s")
            time.sleep(0.002)
        taken = time.monotonic() - started
        self.delay += (min(0.1, taken) - self.delay) * 0.2
        self.tally.slowest_draft = max(self.tally.slowest_draft, taken)

    def look(self, new, kind):
        found = self.stored()
        if kind == "saved":
            self.expect(found == new, f"saved {new}, found {found}")
        elif kind == "while saving":
            self.expect(found in (new, self.saved), f"neither {self.saved} nor {new}: {found}")
        else:
            self.expect(found == self.saved, f"{found} was saved without a wish ({kind}), {self.saved} was before")
        self.saved = found
        is_kept = bool(self.drafts())
        self.expect(is_kept or kind not in ("painted", "asked", "left"), f"the draft of {new} is gone ({kind})")
        if is_kept:
            with self.editor() as editor:
                self.recover(editor, new)
            self.tally.add("drafts recovered")

    def recover(self, editor, new):
        editor.wait(self.tag)
        editor.wait("Unsaved work from before")
        if self.saved == new or self.random.random() < 0.3:
            editor.send("d")
            editor.wait_without("Unsaved work from before")
            self.leave(editor)
            self.expect(self.stored() == self.saved, "a draft that was discarded was saved")
            return
        editor.send("c")
        editor.wait(r"\* unsaved")
        editor.send("s")
        editor.wait("serves 2 phones")
        editor.send("a")
        editor.wait("Saved:? ")
        self.leave(editor)
        self.saved = self.stored()
        self.expect(self.saved == new, f"the draft was {new}, continued and saved it is {self.saved}")

    def leave(self, editor):
        editor.send(":q!\r")
        status = editor.end()
        self.expect(status == 0, f":q! ended with {status}")


class World:
    """A database, and those who write to it."""

    def __init__(self, options):
        self.program = existing(options.program)
        self.folder = Path(tempfile.mkdtemp(prefix="kill-"))
        self.database = str(self.folder / "gateway.sqlite")
        self.tally = Tally(options.kills)
        call(self.program, ["phones", "add", "+15550100100"], self.database).check_returncode()
        kinds = [Settings, Gateway, Importer, Painter]
        self.writers = [kind(self, number, f"{options.seed} {number}") for number, kind in enumerate(kinds)]

    def run(self):
        for writer in self.writers:
            writer.start()
        while any(writer.is_alive() for writer in self.writers):
            try:
                self.check()
                time.sleep(0.5)
            except KeyboardInterrupt:
                # Enough: the steps under way are ended and looked at.
                self.tally.wanted = 0
        self.check()

    def check(self):
        result = subprocess.run(
            [self.program, "check", "--database", self.database], capture_output=True, timeout=300, check=False,
            start_new_session=True)
        if result.returncode != 0 or result.stdout != b"ok\n":
            self.tally.wrong(f"check: exit {result.returncode}: {result.stdout.decode()}{result.stderr.decode()}")
        self.tally.add("checks")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", default=str(random.randrange(10**6)))
    parser.add_argument("--keep", action="store_true", help="leave the database there")
    add_program_argument(parser)
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    world = World(options)
    print(f"seed {options.seed}, database {world.database}", flush=True)
    started = time.monotonic()
    world.run()
    tally = world.tally
    for name, count in sorted(tally.counts.items()):
        print(f"{count:8d} {name}")
    print(f"{tally.slowest_draft * 1000:8.0f} ms from a key to its draft on the disk, at the most")
    print(f"{time.monotonic() - started:8.0f} seconds; {len(tally.wrongs)} times something was lost, halved or damaged")
    if options.keep or tally.wrongs:
        print(f"left in {world.folder}")
    else:
        shutil.rmtree(world.folder, ignore_errors=True)
    failed = len(tally.wrongs)
    print(f"{tally.counts['kills'] + tally.counts['checks'] - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
