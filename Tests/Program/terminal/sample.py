"""A small gateway in a database of its own, made with the program's own commands."""

import json
import shlex
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from program import call, command_line

NOW = "2026-03-25T09:40:00Z"
DESK = "+4915112345601"
ALERTS = "+447700900123"


class Gateway:
    """Two phones, a schedule from Monday to Friday, some messages; a context that cleans up."""

    def __init__(self, program):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="gateway-")
        self.database = str(Path(self.folder) / "gateway.sqlite")

    def __enter__(self):
        windows = "mon-fri 09:00-12:00, 13:00-17:30"
        self.run("schedules", "add", "Office", windows, "--time-zone", "Europe/Berlin")
        self.run("phones", "add", DESK, "--label", "Desk", "--rate", "6", "--schedule", "Office")
        self.run("phones", "add", ALERTS, "--label", "Alerts")
        for number in range(5):
            self.run("queue", "add", DESK, "--to", f"+4917000000{number}", "--text", f"Message {number}")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def arguments(self, *words, now=NOW):
        clock = ["--now", now] if now else []
        return command_line(self.program, [*words, *clock], self.database)

    def editor(self, *words, now=NOW):
        """The command line that opens the editor."""
        return shlex.join(self.arguments("edit", *words, now=now))

    def run(self, *words, code=0):
        result = call(self.program, [*words, "--now", NOW], self.database)
        if result.returncode != code:
            raise AssertionError(f"{words}: exit {result.returncode}, {result.stderr.decode()}")
        return result.stdout.decode()

    def execute(self, sql, *values):
        """Writes to the database as no command does."""
        with closing(sqlite3.connect(self.database)) as database, database:
            database.execute(sql, values)

    def windows(self, schedule="Office"):
        """The windows as (day, start, end), sorted."""
        shown = json.loads(self.run("schedules", "show", schedule, "--json"))
        return sorted((w["day_of_week"], w["start_minute"], w["end_minute"]) for w in shown["windows"])
