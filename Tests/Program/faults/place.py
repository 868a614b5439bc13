"""A database in a folder of its own, which the tests take things away from."""

import json
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from cases import expect
from program import call, objects
from pty_screen import PATIENCE, Session

PHONE = "+15550100100"
NOW = "2026-03-26T08:20:00Z"


class Place:
    """A folder with a database in it; a context that removes both."""

    def __init__(self, program, folder=None):
        self.program = program
        self.folder = Path(folder or tempfile.mkdtemp(prefix="disk-"))
        self.database = self.folder / "gateway.sqlite"
        self.elsewhere = Path(tempfile.mkdtemp(prefix="files-"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.elsewhere, ignore_errors=True)

    def run(self, *words, codes=(0,), variables=None, input=None):
        done = call(self.program, words, self.database, input=input, variables=variables)
        said = f"{' '.join(map(str, words))}: exit {done.returncode}: {done.stderr.decode()[:600]}"
        expect(codes is None or done.returncode in codes, said)
        return done

    def run_into(self, output, *words):
        """Runs a command whose standard output is a file."""
        return call(self.program, words, self.database, stdout=output)

    def export(self):
        return self.run("export").stdout

    def fill(self):
        self.run("schedules", "add", "Office", "mon-fri 9-17", "--time-zone", "Europe/Tallinn")
        self.run("phones", "add", PHONE, "--schedule", "Office")
        self.run("import", self.bundle(60), "--now", NOW)

    def bundle(self, count, number=PHONE):
        path = self.elsewhere / f"bundle{count}.json"
        messages = [
            {"id": f"m{i:05d}", "owner": number, "contact": "+15550100999", "content": f"text {i} " + "x" * 90,
             "status": "sent" if i % 3 == 0 else "pending", "sent_at": "2026-01-02T00:00:00Z" if i % 3 == 0 else None,
             "request_received_at": "2026-01-01T00:00:00Z", "scheduled_send_time": None} for i in range(count)]
        path.write_text(json.dumps({"phones": [{"id": "p1", "phone_number": number}], "messages": messages}))
        return path

    def expect_sound(self, place):
        if not self.database.exists():
            return
        done = self.run("check", codes=None)
        expect(done.returncode == 0 and done.stdout == b"ok\n", f"{place}: check: {done.stdout} {done.stderr}")

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())

    def status(self, message, variables=None):
        """The record of a message, as `queue show` has it."""
        return objects(self.run("queue", "show", message, "--json", variables=variables).stdout)[0]

    def editor(self, *words, variables=None, before=()):
        """The editor on this database, in a terminal of 100 columns; `before` are words before the command."""
        arguments = [*before, self.program, "edit", *words, "--database", str(self.database)]
        return Session(arguments, columns=100, rows=30, environment=variables)

    def windows(self, schedule):
        """Windows as (day, start, end)."""
        shown = objects(self.run("schedules", "show", schedule, "--json").stdout)[0]
        return {(w["day_of_week"], w["start_minute"], w["end_minute"]) for w in shown["windows"]}

    def drafts(self):
        """How many drafts the database holds."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as database:
            return database.execute("SELECT count(*) FROM draft").fetchone()[0]

    def wait_for_a_draft(self, number=1):
        """Until that many drafts are on the disk."""
        end = time.monotonic() + PATIENCE
        while self.drafts() < number:
            expect(time.monotonic() < end, f"{self.drafts()} drafts, not {number}")
            time.sleep(0.02)
