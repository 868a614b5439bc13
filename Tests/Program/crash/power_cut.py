#!/usr/bin/env python3
"""Cuts the power at many moments, and looks what is left on the disk.

    power_cut.py [--cuts N] [--seed S] [--keep] [PROGRAM]

A library that is loaded before the program (record.c) writes down each write, truncation, sync and change of a name. From
that the disk is made as it may be after a cut: what was synced is there, and of what was not, any sectors of 512 bytes of
any write may be there or not; names that were made, given or taken since the directory was last synced, only as far as
some one of them. Then the database must be whole (or not made yet), what was acknowledged before the cut must be there,
and what was under way must be there as a whole or not at all.

Needs Python and a C compiler. Ends with 1 if something was lost, halved or damaged.
"""

import argparse
import collections
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from program import add_program_argument, call, command_line, environment, existing  # noqa: E402

HEADER = struct.Struct("<c7xQQQQ")
SECTOR = 512
NOW = "2026-03-26T08:20:00Z"
LATER = "2026-06-26T08:20:00Z"
PHONES = [f"+155506{n:05d}" for n in range(4)]


class Wrong(Exception):
    """Something was lost, halved or damaged."""


# What the disk holds


class File:
    """The bytes of a file: what is on the disk for good, and what was written since."""

    def __init__(self):
        self.bytes = bytearray()
        self.since = []

    def sync(self):
        for at, data in self.since:
            self.apply(self.bytes, at, data)
        self.since.clear()

    @staticmethod
    def apply(content, at, data):
        """Writes data, or cuts the file where there is none."""
        if len(content) < at:
            content.extend(bytes(at - len(content)))
        if data is None:
            del content[at:]
        else:
            content[at : at + len(data)] = data

    def after_cut(self, chance, generator):
        content = bytearray(self.bytes)
        for at, data in self.since:
            if data is None:
                if generator.random() < chance:
                    self.apply(content, at, None)
                continue
            start = 0
            while start < len(data):
                end = min(len(data), start + SECTOR - (at + start) % SECTOR)
                if generator.random() < chance:
                    self.apply(content, at + start, data[start:end])
                start = end
        return content


class Disk:
    """A directory and its files, as the records tell of them."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {}
        self.names = {}
        self.synced_names = {}
        self.since = []

    def play(self, kind, inode, offset, path, data):
        if kind == b"c":
            self.files[inode] = File()
            self.name(path, self.files[inode])
        elif kind == b"w":
            self.files[inode].since.append((offset, data))
        elif kind == b"t":
            self.files[inode].since.append((offset, None))
        elif kind == b"s" and path == self.folder:
            self.synced_names = dict(self.names)
            self.since.clear()
        elif kind == b"s":
            self.files[inode].sync()
        elif kind == b"u":
            self.name(path, None)
        else:
            self.name(data.decode(), self.names[path])
            if kind == b"r":
                self.name(path, None)

    def name(self, path, file):
        self.since.append((path, file))
        self.give(self.names, path, file)

    @staticmethod
    def give(names, path, file):
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file

    def make_after_cut(self, place, chance, generator):
        """Makes the files in another directory as they may be after a cut."""
        names = dict(self.synced_names)
        kept = {0: 0, 1: len(self.since)}.get(chance, generator.randint(0, len(self.since)))
        for path, file in self.since[:kept]:
            self.give(names, path, file)
        place.mkdir()
        for path, file in names.items():
            # What memory was shared through is anything after a cut.
            is_shared = path.endswith("-shm")
            content = generator.randbytes(32768) if is_shared else file.after_cut(chance, generator)
            (place / os.path.basename(path)).write_bytes(content)


def read_records(path):
    """The records of a file, each with the place where it ends."""
    data = Path(path).read_bytes()
    at = 0
    while at < len(data):
        kind, inode, offset, path_size, size = HEADER.unpack_from(data, at)
        at += HEADER.size
        name, at = data[at : at + path_size].decode(), at + path_size
        content, at = data[at : at + size], at + size
        yield at, (kind, inode, offset, name, content)


# What the program was asked to do


class Ledger:
    """What each thing was asked to become, and when that was acknowledged: places in the file of records."""

    def __init__(self, records):
        self.records = records
        self.versions = collections.defaultdict(list)
        self.lock = threading.Lock()

    def place(self):
        return self.records.stat().st_size if self.records.exists() else 0

    def begin(self, changes):
        with self.lock:
            entries = [[self.place(), None, value] for value in changes.values()]
            for name, entry in zip(changes, entries):
                self.versions[name].append(entry)
        return entries

    def acknowledge(self, entries):
        with self.lock:
            for entry in entries:
                entry[1] = self.place()

    def allowed(self, name, cut):
        """What the thing may be after a cut: the last value that was acknowledged, or one that was asked for since."""
        begun = [entry for entry in self.versions[name] if entry[0] < cut]
        allowed = {None}
        for _, acknowledged, value in begun:
            if acknowledged is not None and acknowledged <= cut:
                allowed = {value}
            else:
                allowed.add(value)
        return allowed

    def acknowledgements(self):
        return [entry[1] for versions in self.versions.values() for entry in versions if entry[1] is not None]


class Gateway:
    """Does what gateways and administrators do, with all of it written down."""

    def __init__(self, program, folder, records, library):
        self.program, self.folder = program, folder
        self.database = str(folder / "gateway.sqlite")
        self.ledger = Ledger(records)
        self.variables = {"LD_PRELOAD": library, "RECORD_FOLDER": str(folder), "RECORD_FILE": str(records)}

    def ask(self, *words, input=None, codes=(0,)):
        done = call(self.program, words, self.database, input=input, variables=self.variables)
        if done.returncode not in codes:
            raise Wrong(f"{' '.join(map(str, words))}: exit {done.returncode}: {done.stderr.decode()}")
        return done.stdout.decode()

    def change(self, changes, *words, input=None):
        entries = self.ledger.begin(changes)
        self.ask(*words, input=input)
        self.ledger.acknowledge(entries)

    def work(self, rounds):
        for phone in PHONES:
            self.change({("rate", phone): 0}, "phones", "add", phone, "--rate", "0", "--max-attempts", "9")
        self.change({("hours", "Office"): 60}, "schedules", "add", "Office", "mon 00:00-01:00", "--time-zone", "UTC")
        for number in range(rounds):
            self.round(number)

    def round(self, number):
        self.change({("rate", PHONES[0]): number + 1}, "phones", "set", PHONES[0], "--rate", str(number + 1))
        end = number % 10 + 2
        self.change({("hours", "Office"): 60 * end}, "schedules", "set", "Office", f"mon 00:00-{end:02d}:00")
        for index in range(3):
            self.send(f"m{number}-{index}", PHONES[1])
        self.import_rows(f"few{number}", 200)
        self.import_rows(f"many{number}", 2_000, beside=lambda: self.send(f"beside{number}", PHONES[2]))
        done = [f"m{number}-{index}" for index in range(3)] + [f"beside{number}"]
        self.change(
            {("message", message): None for message in done},
            "queue", "prune", "--older-than", "30d", "--now", LATER, "--yes")
        backup = self.folder / f"copy{number}.sqlite"
        self.change({("copy", backup.name): True}, "backup", str(backup))
        extra = f"+155507{number:05d}"
        self.change({("rate", extra): 5}, "phones", "add", extra, "--rate", "5")
        self.change({("rate", extra): None}, "phones", "remove", extra, "--yes")

    def send(self, message, phone):
        name = ("message", message)
        self.change(
            {name: "pending"}, "queue", "add", phone, "--to", "+15550100999", "--text", message, "--id", message, "--now", NOW)
        self.change({name: "sending"}, "queue", "claim", phone, "--now", NOW)
        self.change({name: "sent"}, "queue", "sent", message, "--now", NOW)

    def import_rows(self, tag, count, beside=None):
        rows = "".join(f"{PHONES[3]},+15550100998,{tag} {n},\n" for n in range(count))
        path = self.folder.parent / f"{tag}.csv"
        path.write_text("FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n" + rows)
        entries = self.ledger.begin({("rows", tag): count})
        process = subprocess.Popen(
            command_line(self.program, ["import", path], self.database), env=environment(**self.variables),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if beside:
            beside()
        complaint = process.communicate()[1]
        if process.returncode != 0:
            raise Wrong(f"import: exit {process.returncode}: {complaint.decode()}")
        self.ledger.acknowledge(entries)


# What is left


class Remains:
    """The files after a cut, seen through the program."""

    def __init__(self, program, place, ledger, cut):
        self.program, self.place, self.ledger, self.cut = program, place, ledger, cut
        self.database = str(place / "gateway.sqlite")

    def ask(self, *words, database=None, codes=(0,)):
        done = call(self.program, words, database or self.database)
        if done.returncode not in codes:
            raise Wrong(f"{' '.join(words)}: exit {done.returncode}: {(done.stdout + done.stderr).decode()}")
        return done.returncode, done.stdout.decode()

    def look(self):
        found = self.found()
        for name in self.ledger.versions:
            allowed = self.ledger.allowed(name, self.cut)
            value = found.get(name)
            if value not in allowed:
                raise Wrong(f"{' '.join(name)} is {value}, expected one of {allowed}")

    def found(self):
        code, _ = self.ask("check", codes=(0, 66))
        if code == 66:
            return {}
        # Whoever writes goes on with an import that had taken place.
        self.ask("phones", "add", "+15550999999")
        self.ask("check")
        bundle = json.loads(self.ask("export")[1])
        found = {("rate", phone["phone_number"]): phone["messages_per_minute"] for phone in bundle["phones"]}
        for schedule in bundle["message_send_schedules"]:
            found["hours", schedule["name"]] = schedule["windows"][0]["end_minute"]
        for message in bundle["messages"]:
            found["message", message["id"]] = {"scheduled": "pending"}.get(message["status"], message["status"])
        rows = collections.Counter(message["content"].split()[0] for message in bundle["messages"])
        found |= {("rows", tag): count for tag, count in rows.items()}
        for copy in self.place.glob("copy*.sqlite"):
            self.ask("check", database=str(copy))
            found["copy", copy.name] = True
        return found


def chosen(ledger, ends, count, generator):
    """Places of cuts: half of them right after something was acknowledged."""
    after = generator.sample(ledger.acknowledgements(), min(count // 2, len(ledger.acknowledgements())))
    return sorted(after + generator.sample(ends, min(count - len(after), len(ends))))


def run(options, folder, tally):
    place = folder / "gateway"
    place.mkdir()
    library, records = str(folder / "record.so"), folder / "records"
    compiler = shutil.which("cc") or shutil.which("clang")
    source = Path(__file__).with_name("record.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-o", library, source, "-ldl"], check=True)
    gateway = Gateway(existing(options.program), place, records, library)
    gateway.work(rounds=2)
    generator = random.Random(options.seed)
    played = list(read_records(records))
    cuts = chosen(gateway.ledger, [end for end, _ in played], options.cuts, generator)
    disk = Disk(str(place))
    done = 0
    for number, cut in enumerate(cuts):
        while done < len(played) and played[done][0] <= cut:
            disk.play(*played[done][1])
            done += 1
        chance = generator.choice([0, 0, 1, 0.1, 0.5, 0.9])
        after = folder / f"cut{number}"
        disk.make_after_cut(after, chance, generator)
        kept = folder / f"kept{number}"
        shutil.copytree(after, kept)
        try:
            Remains(gateway.program, after, gateway.ledger, cut).look()
            tally["passed"] += 1
            shutil.rmtree(kept)
        except Wrong as error:
            tally["failed"] += 1
            print(f"WRONG after {cut} bytes of records, {chance:.0%} of what was not synced, {kept}: {error}", flush=True)
        shutil.rmtree(after)
    print(f"{len(played)} records, {sum(kind == b's' for _, (kind, *_) in played)} of them syncs; {len(cuts)} cuts")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seed", default=str(random.randrange(10**6)))
    parser.add_argument("--keep", action="store_true", help="leave the files there")
    add_program_argument(parser)
    options = parser.parse_args()
    if not (shutil.which("cc") or shutil.which("clang")):
        print("skipped: no C compiler")
        return
    folder = Path(tempfile.mkdtemp(prefix="power-cut-"))
    print(f"seed {options.seed}, {folder}", flush=True)
    tally = collections.Counter()
    try:
        run(options, folder, tally)
    except Wrong as error:
        tally["failed"] += 1
        print(f"WRONG: {error}")
    if not options.keep and not tally["failed"]:
        shutil.rmtree(folder)
    print(f"{tally['passed']} passed, {tally['failed']} failed")
    sys.exit(1 if tally["failed"] else 0)


if __name__ == "__main__":
    main()
