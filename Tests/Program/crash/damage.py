#!/usr/bin/env python3
"""Takes away what the program stands on: the disk's room, permissions, the file itself, pages of it.

    damage.py [--files N] [--births N] [--seed S] [PROGRAM]

Whatever is taken, the program must end by itself with a sysexits code that says so, change nothing, and
`check` must name what is damaged; `export` rescues what can be read, and says that it is not all. The disk is
filled on a small tmpfs where one may be mounted, else with a limit on the size of files. Permissions are those of
another user where this runs as root.

Needs nothing but Python. Ends with 1 if something is not as it should be.
"""

import argparse
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from program import SYSEXITS, add_program_argument, call, existing  # noqa: E402
from pty_screen import Session  # noqa: E402

PHONE = "+15550100100"
OTHER_USER = 65534
READERS = [["check"], ["export"], ["phones", "list"], ["schedules", "list"], ["queue", "list", PHONE],
           ["preview", PHONE], ["schedules", "history", "Office"]]
WRITERS = [["phones", "set", PHONE, "--rate", "9"], ["schedules", "set", "Office", "tue 1-2"],
           ["queue", "add", PHONE, "--to", "+15550100999", "--text", "text"], ["queue", "claim", PHONE],
           ["queue", "prune", "--older-than", "1d", "--yes"]]


class Skipped(Exception):
    """This machine does not let us do that."""


def expect(is_true, what):
    if not is_true:
        raise AssertionError(what)


class Program:
    """The program, watched: it never ends by a signal, never hangs, and says why it cannot go on."""

    def __init__(self, path):
        self.path = path
        self.runs = 0

    def run(self, arguments, database, codes=None, uid=None, limit=None, stdin=None, stdout=None):
        def prepare():
            if limit is not None:
                # The write that goes beyond it fails, as one on a full disk does.
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            if uid is not None:
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)

        self.runs += 1
        result = call(
            self.path, arguments, database, input=stdin, stdout=stdout or subprocess.PIPE, preexec_fn=prepare)
        said = f"{' '.join(arguments)}: exit {result.returncode}: {result.stderr.decode(errors='replace')[:500]}"
        expect(result.returncode in SYSEXITS, said)
        expect(codes is None or result.returncode in codes, f"{said} (expected {codes})")
        if result.returncode not in (0, 75):
            expect(result.stderr.strip() or arguments[0] == "check", f"{said} (no word of it)")
        for name, output in (("stdout", result.stdout), ("stderr", result.stderr)):
            expect(not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", output or b""), f"{said}: control characters on {name}")
        return result

    def fill(self, database, messages=40):
        """A sound database with one phone, one schedule with a history, and messages."""
        self.run(["schedules", "add", "Office", "mon-fri 9-17", "--time-zone", "Europe/Tallinn"], database, codes=[0])
        self.run(["schedules", "set", "Office", "mon-fri 9-18"], database, codes=[0])
        self.run(["phones", "add", PHONE, "--schedule", "Office"], database, codes=[0])
        lines = [
            json.dumps({"contact": f"+1555020{i:04d}", "content": f"message {i} " + "x" * (i % 90), "id": f"m{i:06d}"})
            for i in range(messages)
        ]
        if lines:
            self.run(["queue", "add", PHONE, "--json"], database, codes=[0], stdin="\n".join(lines).encode())

    def export(self, database):
        return self.run(["export"], database, codes=[0]).stdout

    def expect_sound(self, database):
        result = self.run(["check"], database)
        expect(result.stdout == b"ok\n" and result.returncode == 0, f"check: {result.stdout} {result.stderr}")


def listing(folder):
    """Names and contents of a folder."""
    return {path.name: path.read_bytes() if path.is_file() else None for path in Path(folder).iterdir()}


# MARK: What is no database of ours


def expect_refused(program, database, codes, writers=None):
    """Every command ends with one of the codes, and the folder is as it was."""
    before = listing(database.parent)
    for arguments in READERS + WRITERS:
        allowed = writers if writers is not None and arguments in WRITERS else codes
        program.run(arguments, database, codes=allowed)
    program.run(["backup", str(database.parent / "copy")], database, codes=codes)
    after = {name: bytes for name, bytes in listing(database.parent).items() if not name.endswith(("-shm", "-wal"))}
    expect(after == before, f"the folder changed: {sorted(before)} -> {sorted(after)}")


def a_directory(program, folder, _):
    database = folder / "gateway.sqlite"
    database.mkdir()
    expect_refused(program, database, [65])


def a_text_file(program, folder, _):
    database = folder / "gateway.sqlite"
    database.write_text("phones and schedules\n" * 500)
    expect_refused(program, database, [65])


def an_empty_file(program, folder, _):
    database = folder / "gateway.sqlite"
    database.touch()
    expect_refused(program, database, [65])


def nothing_there(program, folder, _):
    expect_refused(program, folder / "gateway.sqlite", [66])


def a_file_in_place_of_the_folder(program, folder, _):
    (folder / "file").write_text("no folder")
    for arguments in READERS + WRITERS + [["phones", "add", "+15550100101"]]:
        program.run(arguments, folder / "file" / "gateway.sqlite", codes=[66, 73, 74])


def links_that_lead_nowhere(program, folder, _):
    (folder / "loop").symlink_to("loop")
    (folder / "gone").symlink_to("nowhere")
    for arguments in READERS + WRITERS + [["phones", "add", "+15550100101"]]:
        program.run(arguments, folder / "loop", codes=[66, 73, 74])
        program.run(arguments, folder / "gone", codes=[0, 66, 73, 74])


def no_ordinary_file(program, folder, _):
    os.mkfifo(folder / "pipe")
    for arguments in READERS + WRITERS + [["phones", "add", "+15550100101"]]:
        program.run(arguments, folder / "pipe", codes=[65])
        program.run(arguments, "/dev/null", codes=[65])


def a_name_that_is_too_long(program, folder, _):
    for arguments in [["check"], ["phones", "add", "+15550100101"]]:
        program.run(arguments, folder / ("n" * 300), codes=[66, 73, 74])
        program.run(arguments, folder / ("n" * 250), codes=[0, 66, 73, 74])


def a_database_of_another_program(program, folder, _):
    database = folder / "gateway.sqlite"
    with sqlite3.connect(database) as other:
        other.executescript("CREATE TABLE phone (id); INSERT INTO phone VALUES (1); PRAGMA user_version = 7;")
    other.close()
    expect_refused(program, database, [65])


def a_newer_version(program, folder, _):
    database = folder / "gateway.sqlite"
    program.fill(database)
    with sqlite3.connect(database) as ours:
        ours.execute("INSERT INTO grdb_migrations VALUES ('v999')")
        ours.execute("CREATE TABLE invention (id)")
    ours.execute("PRAGMA journal_mode = DELETE")
    ours.close()
    expect_refused(program, database, [69])


# MARK: Permissions


def other_user():
    if os.geteuid() != 0:
        raise Skipped("runs as an ordinary user: needs root to become another one")
    return OTHER_USER


def a_file_of_somebody_else(program, folder, _):
    uid = other_user()
    folder.chmod(0o755)
    database = folder / "gateway.sqlite"
    program.fill(database)
    before = listing(folder)
    for arguments in READERS + WRITERS:
        program.run(arguments, database, codes=[77], uid=uid)
    expect(listing(folder) == before, "the folder changed")


def a_file_that_may_only_be_read(program, folder, _):
    uid = other_user()
    folder.chmod(0o755)
    database = folder / "gateway.sqlite"
    program.fill(database)
    whole = program.export(database)
    database.chmod(0o444)
    before = listing(folder)
    for arguments in READERS:
        program.run(arguments, database, codes=[0], uid=uid)
    for arguments in WRITERS + [["import", str(database)], ["phones", "add", "+15550100101"]]:
        program.run(arguments, database, codes=[65, 77], uid=uid)
    expect(program.run(["export"], database, uid=uid).stdout == whole, "its export is another")
    expect(listing(folder) == before, "the folder changed")


def a_folder_that_may_not_be_written(program, folder, _):
    uid = other_user()
    folder.chmod(0o755)
    for name in ("gateway.sqlite", "new/gateway.sqlite"):
        program.run(["phones", "add", PHONE], folder / name, codes=[73, 77], uid=uid)
    expect(not listing(folder), "something was made")
    database = folder / "gateway.sqlite"
    program.fill(database)
    os.chown(database, uid, uid)
    before = program.export(database)
    for arguments in READERS:
        program.run(arguments, database, codes=[0, 77], uid=uid)
    for arguments in WRITERS:
        program.run(arguments, database, codes=[0, 75, 77], uid=uid)
    program.run(["backup", str(folder / "copy")], database, codes=[73, 77], uid=uid)
    program.expect_sound(database)
    expect(len(program.export(database)) >= len(before) - 100, "messages are gone")


def a_permission_revoked_meanwhile(program, folder, _):
    """The editor's file is taken from it: saving fails with a word, and is made up for when it is back."""
    database = folder / "gateway.sqlite"
    program.fill(database)
    with sqlite3.connect(database) as holder:
        with Session([program.path, "edit", PHONE, "--database", str(database)]) as editor:
            editor.wait("Office")
            editor.send(":sun 1-2\r")
            editor.wait(r"\* unsaved")
            before = program.export(database)
            holder.execute("CREATE TRIGGER forbid BEFORE UPDATE ON schedule BEGIN SELECT RAISE(ABORT, 'no'); END")
            holder.commit()
            editor.send("s")
            editor.wait(r"no\b.*$|expected")
            expect(editor.sees(r"\* unsaved"), "unsaved work is gone from the screen")
            expect(program.export(database) == before, "half a save")
            holder.execute("DROP TRIGGER forbid")
            holder.commit()
            editor.send("s")
            editor.wait("Saved:? ")
    holder.close()
    program.expect_sound(database)


# MARK: A full disk


class SmallDisk:
    """A folder on a file system with little room."""

    def __init__(self, folder, kilobytes):
        self.folder = folder
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
        result = subprocess.run(command, capture_output=True, check=False)
        if result.returncode != 0:
            raise Skipped("no file system may be mounted here")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", str(self.folder)], check=False)

    def fill(self, leave=0):
        (self.folder / "ballast").unlink(missing_ok=True)
        with open(self.folder / "ballast", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"0" * 4096)
            except OSError:
                pass
            if leave:
                file.truncate(max(0, file.tell() - leave * 1024))

    def free(self):
        (self.folder / "ballast").unlink()


def changes(folder):
    """Commands that need room, the last of them much of it."""
    bundle = folder / "bundle.json"
    messages = [{"id": f"i{i}", "owner": "+15550100777", "contact": "+15550100778", "content": "text" * 20,
                 "status": "pending", "created_at": "2026-01-01T00:00:00Z"} for i in range(5000)]
    bundle.write_text(json.dumps({"phones": [{"id": "p", "phone_number": "+15550100777"}], "messages": messages}))
    return WRITERS[:3] + [["phones", "add", "+15550100101"], ["import", str(bundle)]]


def a_full_disk(program, folder, _):
    elsewhere = Path(tempfile.mkdtemp(dir=folder))
    disk_folder = folder / "disk"
    disk_folder.mkdir()
    with SmallDisk(disk_folder, 1024) as disk:
        new = disk_folder / "new.sqlite"
        disk.fill()
        program.run(["phones", "add", PHONE], new, codes=[73, 74])
        expect(sorted(listing(disk_folder)) == ["ballast"], f"left behind: {sorted(listing(disk_folder))}")
        disk.free()
        database = disk_folder / "gateway.sqlite"
        program.fill(database)
        whole = program.export(database)
        failures = 0
        for leave in (0, 4, 16, 40, 64, 120):
            disk.fill(leave)
            for arguments in changes(elsewhere):
                before = program.export(database) if leave else whole
                result = program.run(arguments, database, codes=[0, 65, 74])
                if result.returncode != 0:
                    failures += 1
                    disk.free()
                    expect(program.export(database) == before, f"{arguments}: refused, and changed all the same")
                    disk.fill(leave)
                whole = program.export(database) if result.returncode == 0 else before
            result = program.run(["backup", str(disk_folder / "copy")], database, codes=[0, 73, 74])
            expect(result.returncode == 0 or not (disk_folder / "copy").exists(), "half a copy")
            (disk_folder / "copy").unlink(missing_ok=True)
            disk.free()
            program.expect_sound(database)
        expect(failures > 5, f"only {failures} commands found the disk full")
        an_editor_on_a_full_disk(program, disk, database)


def an_editor_on_a_full_disk(program, disk, database):
    with Session([program.path, "edit", PHONE, "--database", str(database)]) as editor:
        editor.wait("Office")
        disk.fill()
        editor.send(":sun 1-2\r")
        editor.wait(r"\* unsaved")
        editor.send("s")
        editor.wait("disk is full")
        expect(editor.sees(r"\* unsaved"), "unsaved work is gone from the screen")
        disk.free()
        editor.send("s")
        editor.wait("Saved:? ")
    program.expect_sound(database)
    disk.fill()
    with Session([program.path, "edit", PHONE, "--database", str(database)]) as editor:
        expect(os.waitstatus_to_exitcode(editor.end()) == 74, "it opens")
        expect(editor.sees("With --read-only"), editor.grid.text())
    with Session([program.path, "edit", PHONE, "--read-only", "--database", str(database)]) as editor:
        editor.wait("Office")
    disk.free()


def a_limit_on_the_size_of_files(program, folder, _):
    database = folder / "gateway.sqlite"
    program.run(["phones", "add", PHONE], folder / "new.sqlite", codes=[73, 74], limit=20_000)
    expect(not (folder / "new.sqlite").exists(), "half a database was made")
    program.fill(database)
    before = program.export(database)
    size = database.stat().st_size
    for arguments in changes(folder)[-1:]:
        for limit in range(size + 1000, size + 200_000, 40_000):
            program.run(arguments, database, codes=[74], limit=limit)
            expect(program.export(database) == before, f"{arguments} with {limit} bytes: half of it is there")
    program.run(["backup", str(folder / "copy")], database, codes=[73, 74], limit=size // 2)
    expect(not (folder / "copy").exists(), "half a copy")
    program.expect_sound(database)


def nowhere_to_print(program, folder, _):
    database = folder / "gateway.sqlite"
    program.fill(database)
    with open("/dev/full", "wb") as full:
        for arguments in READERS:
            program.run(arguments, database, codes=[74], stdout=full)


# MARK: Damaged pages


def damage(path, source, seed):
    """Overwrites, cuts or swaps parts of a file; says what it did."""
    chance = random.Random(seed)
    data = bytearray(source)
    kind = chance.choice(["page", "page", "page", "bytes", "bytes", "zeros", "header", "cut", "swap", "pointer"])
    pages = len(data) // 4096
    for _ in range(chance.choice([1, 1, 2, 8])):
        page = chance.randrange(1, pages) * 4096
        if kind == "page":
            data[page : page + 4096] = chance.randbytes(4096)
        elif kind == "bytes":
            for _ in range(chance.randrange(1, 40)):
                data[chance.randrange(100, len(data))] = chance.randrange(256)
        elif kind == "zeros":
            data[page : page + 4096] = bytes(4096)
        elif kind == "header":
            data[chance.randrange(0, 100)] = chance.randrange(256)
        elif kind == "cut":
            del data[chance.randrange(1, len(data)) :]
            break
        elif kind == "swap":
            other = chance.randrange(1, pages) * 4096
            data[page : page + 4096], data[other : other + 4096] = data[other : other + 4096], data[page : page + 4096]
        else:
            at = page + chance.choice([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
            data[at : at + 2] = chance.randbytes(2)
    path.write_bytes(data)
    return kind


def damaged_pages(program, folder, options):
    source = folder / "source.sqlite"
    program.fill(source, messages=3000)
    whole = json.loads(program.export(source))
    data = source.read_bytes()
    rescued, found, unseen = [], 0, 0
    for number in range(options.files):
        seed = f"{options.seed} {number}"
        try:
            kept, is_found = one_damaged_file(program, folder, data, whole, seed)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        found += is_found
        unseen += not is_found
        if kept is not None:
            rescued.append(kept)
    share = sum(rescued) / max(1, len(rescued)) / len(whole["messages"])
    print(f"  {options.files} damaged files: {found} named by check, {unseen} where nothing that is kept was hit; "
          f"{share:.0%} of the messages rescued on average")
    expect(share > 0.5, "too little is rescued")


def one_damaged_file(program, folder, data, whole, seed):
    place = folder / "damaged"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    database = place / "gateway.sqlite"
    kind = damage(database, data, seed)
    before = database.read_bytes()
    check = program.run(["check"], database, codes=[0, 65, 69, 74, 77])
    export = program.run(["export"], database, codes=[0, 65, 69, 74, 77])
    for arguments in READERS[2:]:
        program.run(arguments, database)
    expect(database.read_bytes() == before, "looking at it changed it")
    if check.returncode == 0:
        expect(check.stdout == b"ok\n", f"exit 0, and {check.stdout}")
        expect(export.returncode == 0, f"{kind}: check says ok, export {export.returncode}: {export.stderr}")
    else:
        expect(check.stdout.strip() or check.stderr.strip(), "check names nothing")
    kept = rescued_messages(export, whole, kind)
    for arguments in WRITERS:
        program.run(arguments, database)
    program.run(["check"], database, codes=[0, 65, 69, 74, 77])
    return kept, check.returncode != 0


def rescued_messages(export, whole, kind):
    """How many messages are in the export; None if the file could not be opened at all."""
    if not export.stdout:
        return None
    bundle = json.loads(export.stdout)
    known = {message["id"] for message in whole["messages"]}
    kept = sum(message["id"] in known for message in bundle["messages"])
    if kept < len(known) and kind != "bytes":
        expect(export.returncode != 0, f"{kind}: {len(known) - kept} messages are missing, and export ends with 0")
    return kept


def a_damaged_journal(program, folder, options):
    """Whatever stands in the write-ahead log beside the file: what was saved before stays."""
    source = folder / "source.sqlite"
    program.fill(source)
    for number in range(20):
        chance = random.Random(f"{options.seed} wal {number}")
        place = folder / f"wal{number}"
        place.mkdir()
        database = place / "gateway.sqlite"
        shutil.copy(source, database)
        before = program.export(database)
        log = chance.randbytes(chance.choice([1, 31, 32, 4000, 40_000]))
        if chance.random() < 0.5:
            log = bytes.fromhex("377f0682002de21800001000") + log
        Path(f"{database}-wal").write_bytes(log)
        Path(f"{database}-shm").write_bytes(chance.randbytes(32768))
        expect(program.export(database) == before, "the log's garbage was taken for a save")
        program.expect_sound(database)
        program.run(WRITERS[0], database, codes=[0])
        program.expect_sound(database)


def a_backup_brings_it_back(program, folder, _):
    database, copy = folder / "gateway.sqlite", folder / "copy.sqlite"
    program.fill(database)
    whole = program.export(database)
    program.run(["backup", str(copy)], database, codes=[0])
    expect(copy.stat().st_mode & 0o777 == 0o600, "the copy is not for its owner alone")
    program.run(["backup", str(copy)], database, codes=[73])
    program.run(["schedules", "remove", "Office", "--yes"], database, codes=[0])
    database.write_bytes(b"damaged" * 1000)
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    shutil.copy(copy, database)
    expect(program.export(database) == whole, "what was brought back is another")
    program.expect_sound(database)


# MARK: Cut in two


def a_birth_cut_short(program, folder, options):
    """Kills the very first command, which makes the tables, at any moment: nothing, or a good database."""
    chance = random.Random(f"{options.seed} birth")
    database = folder / "gateway.sqlite"
    command = [program.path, "phones", "add", PHONE, "--database", str(database)]
    made = 0
    span = 0.03
    for _ in range(options.births):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, 2 * span))
        process.kill()
        span *= 1 / 1.05 if process.wait() == 0 else 1.05
        if database.exists():
            made += 1
            program.expect_sound(database)
            program.run(["phones", "list"], database, codes=[0])
        program.run(["phones", "add", "+15550100102"], database, codes=[0])
        program.expect_sound(database)
        for path in folder.iterdir():
            path.unlink()
    print(f"  {options.births} first starts killed, {made} had made the database")


def many_births_at_once(program, folder, _):
    database = folder / "gateway.sqlite"
    for round_number in range(5):
        processes = [
            subprocess.Popen([program.path, "phones", "add", f"+1555010{i:04d}", "--database", str(database)],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            for i in range(8)
        ]
        for process in processes:
            complaint = process.communicate(timeout=60)[1]
            expect(process.returncode == 0, f"round {round_number}: exit {process.returncode}: {complaint}")
        phones = program.run(["phones", "list", "--json"], database, codes=[0]).stdout.splitlines()
        expect(len(phones) == 8, f"{len(phones)} of 8 phones")
        expect([path.name for path in folder.iterdir() if ".new-" in path.name] == [], "something was left behind")
        program.expect_sound(database)
        for path in folder.iterdir():
            path.unlink()


CASES = [
    a_directory, a_text_file, an_empty_file, nothing_there, a_file_in_place_of_the_folder, links_that_lead_nowhere,
    no_ordinary_file, a_name_that_is_too_long, a_database_of_another_program, a_newer_version,
    a_file_of_somebody_else, a_file_that_may_only_be_read, a_folder_that_may_not_be_written,
    a_permission_revoked_meanwhile, a_full_disk, a_limit_on_the_size_of_files, nowhere_to_print, damaged_pages,
    a_damaged_journal, a_backup_brings_it_back, a_birth_cut_short, many_births_at_once,
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=12, help="damaged files to try")
    parser.add_argument("--births", type=int, default=10, help="first starts to kill")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", help="the case with this in its name")
    add_program_argument(parser)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="damage-"))
    home.chmod(0o755)
    # Another user has to be able to run it.
    program = Program(str(home / "program"))
    shutil.copy(existing(options.program), program.path)
    Path(program.path).chmod(0o755)
    passed = failed = skipped = 0
    for case in CASES:
        if options.only and options.only not in case.__name__:
            continue
        folder = home / case.__name__
        folder.mkdir()
        started = time.monotonic()
        try:
            case(program, folder, options)
            passed += 1
            verdict = "ok"
        except Skipped as reason:
            skipped += 1
            verdict = f"skipped: {reason}"
        except Exception:
            failed += 1
            verdict = "FAILED\n" + traceback.format_exc()
        print(f"{case.__name__.replace('_', ' ')}: {verdict} ({time.monotonic() - started:.1f} s)", flush=True)
    shutil.rmtree(home, ignore_errors=True)
    print(f"{program.runs} commands, {skipped} cases skipped")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
