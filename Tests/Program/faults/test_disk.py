"""A disk that is full or fails: an error with exit code 73 or 74 and nothing changed, or done and sound."""

import errno
import json
import os
import shutil
import subprocess
import tempfile

from cases import Skipped, expect
from place import NOW, PHONE, Place
from program import call, objects
from shim import Failing

# Exit codes that say that the disk would not have it, or that it is not allowed.
REFUSED = (69, 73, 74, 75, 77)


# An import that is decided first, and queued then: what fails after that is done by the next command.
LARGE, MANY = "import large", 2_000


def writers(place):
    """Every command that writes, by name."""
    csv = place.elsewhere / "rows.csv"
    csv.write_text("FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n" + f"{PHONE},+15550100998,row,\n" * 3)
    large = place.elsewhere / "large.csv"
    large.write_text(
        "FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n"
        + "".join(f"{PHONE},+15550100998,row {n} {'x' * 100},\n" for n in range(MANY)))
    return {
        "phones add": ["phones", "add", "+15550100101"],
        "phones set": ["phones", "set", PHONE, "--rate", "9"],
        "phones remove": ["phones", "remove", PHONE, "--yes"],
        "schedules add": ["schedules", "add", "Night", "daily 22:00-06:00", "--time-zone", "UTC"],
        "schedules set": ["schedules", "set", "Office", "tue 1-2"],
        "schedules remove": ["schedules", "remove", "Office", "--yes"],
        "queue add": ["queue", "add", PHONE, "--to", "+15550100999", "--text", "text"],
        "queue claim": ["queue", "claim", PHONE, "--now", NOW],
        "queue cancel": ["queue", "cancel", "m00001", "m00002"],
        "queue prune": ["queue", "prune", "--older-than", "1d", "--now", NOW, "--yes"],
        "import bundle": ["import", place.bundle(300, "+15550100777"), "--now", NOW],
        "import csv": ["import", csv, "--now", NOW],
        LARGE: ["import", large, "--now", NOW],
        "backup": ["backup", place.folder / "copy"],
    }


def failing_calls(place, name, words, kind, error):
    """Fails the calls from the first, the second … on, until the command makes no more of them; far on, every few."""
    snapshot = place.elsewhere / "snapshot"
    shutil.copytree(place.folder, snapshot)
    before = place.export()
    number = failures = 0
    while True:
        number += 1 + number // 20
        where = f"{name}, {kind} {number} fails with {errno.errorcode[error]}"
        with Failing(place.folder, kind, number, error=error) as failing:
            done = place.run(*words, codes=(0, *REFUSED), variables=failing.variables)
            calls = failing.calls
        place.expect_sound(where)
        after = place.export() if place.database.exists() else None
        if done.returncode != 0:
            failures += 1
            if name == LARGE and b"has taken place" in done.stderr:
                expect_all(before, after, where)
            else:
                expect(after == before, f"{where}: exit {done.returncode}, and the database is another")
            expect(done.stderr.strip(), f"{where}: not a word")
            left = [n for n in place.names() if n not in ("gateway.sqlite", "gateway.sqlite-wal", "gateway.sqlite-shm")]
            # What cannot be unlinked stays.
            expect(kind == "unlink" or not left, f"{where}: left behind {left}")
        elif name == LARGE:
            expect_all(before, after, where)
        elif name == "backup":
            copied = call(place.program, ["export"], place.folder / "copy")
            expect(copied.stdout == before, f"{where}: the copy is another")
        shutil.rmtree(place.folder)
        shutil.copytree(snapshot, place.folder)
        if calls < number:
            shutil.rmtree(snapshot)
            return failures


def expect_all(before, after, where):
    count = len(json.loads(after)["messages"]) - len(json.loads(before)["messages"])
    expect(count == MANY, f"{where}: {count} of {MANY} messages came")


def each_writer(program, kinds, error):
    total = 0
    with Place(program) as place:
        names = list(writers(place))
    for name in names:
        with Place(program) as place:
            place.fill()
            words = writers(place)[name]
            for kind in kinds:
                total += failing_calls(place, name, words, kind, error)
    expect(total > 20, f"only {total} calls failed at all")


def test_each_write_of_each_command_may_fail(program):
    each_writer(program, ["write"], errno.ENOSPC)


def test_each_sync_of_each_command_may_fail(program):
    each_writer(program, ["sync"], errno.EIO)


def test_each_rename_unlink_and_truncation_may_fail(program):
    each_writer(program, ["rename", "unlink", "truncate", "open"], errno.EACCES)


def test_each_call_of_a_first_command_may_fail(program):
    """The first command makes the file: it is whole afterwards, or not there."""
    for kind, error in (("write", errno.ENOSPC), ("sync", errno.EIO), ("rename", errno.EIO), ("unlink", errno.EIO),
                        ("truncate", errno.ENOSPC), ("open", errno.EACCES)):
        for words in (["phones", "add", PHONE], ["import", "BUNDLE", "--now", NOW]):
            calls = number = 0
            while number <= calls:
                number += 1 + number // 20
                with Place(program) as place, Failing(place.folder, kind, number, error=error) as failing:
                    filled = [place.bundle(300) if word == "BUNDLE" else word for word in words]
                    where = f"{words[0]}, {kind} {number}"
                    done = place.run(*filled, codes=(0, *REFUSED), variables=failing.variables)
                    calls = failing.calls
                    place.expect_sound(where)
                    if done.returncode == 0:
                        phones = objects(place.run("phones", "list", "--json").stdout)
                        expect(len(phones) == 1, f"{where}: exit 0, and {len(phones)} phones")
                        messages = json.loads(place.export())["messages"]
                        expect(len(messages) == (300 if "BUNDLE" in words else 0), f"{where}: {len(messages)} messages")
                    else:
                        expect_nothing_left(place, kind, where)


def expect_nothing_left(place, kind, where):
    """No file, or a whole one in which nothing is; what cannot be unlinked stays."""
    if "gateway.sqlite" in place.names():
        bundle = json.loads(place.export())
        expect(not any(bundle.values()), f"{where}: refused, and something is there: {str(bundle)[:300]}")
    elif kind != "unlink":
        expect(not place.names(), f"{where}: left behind {place.names()}")


class SmallDisk:
    """A file system with little room."""

    def __init__(self, kilobytes):
        self.folder = tempfile.mkdtemp(prefix="small-")
        mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", self.folder]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            os.rmdir(self.folder)
            raise Skipped("no file system may be mounted here")

    def __enter__(self):
        return self.folder

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.folder], check=False)
        os.rmdir(self.folder)


def test_first_imports_on_small_disks(program):
    """From a disk that is too small for anything to one with room: all of it, or none."""
    outcomes = set()
    for kilobytes in (16, 64, 160, 256, 320, 400, 512, 640, 800, 1000, 1300, 1700, 2200, 3000, 6000, 12000):
        with SmallDisk(kilobytes) as folder, Place(program) as files:
            place = Place(program, folder)
            where = f"{kilobytes} kB"
            done = place.run("import", files.bundle(4000), "--now", NOW, codes=(0, *REFUSED))
            outcomes.add(done.returncode)
            if done.returncode != 0:
                expect(not place.names(), f"{where}: exit {done.returncode}, left behind {place.names()}")
                continue
            place.expect_sound(where)
            expect(len(json.loads(place.export())["messages"]) == 4000, f"{where}: exit 0, and messages are missing")
            shutil.rmtree(place.elsewhere)
    expect(0 in outcomes and outcomes & {73, 74}, f"exit codes {outcomes}")
