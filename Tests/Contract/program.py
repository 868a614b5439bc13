"""Runs the program under test, on databases of its own."""

import json
import os
import subprocess
import tempfile


class Disagreement(Exception):
    """The program and the contract differ."""


class Program:
    def __init__(self, binary):
        self.binary = os.path.abspath(binary)
        self.folder = tempfile.TemporaryDirectory(prefix="send-schedule-contract-")
        self.runs = 0
        self.databases = 0
        self.log = []

    def new_database(self):
        self.databases += 1
        self.log = []
        return os.path.join(self.folder.name, f"{self.databases}.sqlite")

    def remove(self, database):
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(database + suffix):
                os.remove(database + suffix)

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def run(self, database, *arguments, expect=0, stdin=None):
        """Standard output as bytes; a Disagreement if the exit code is none of `expect`."""
        self.runs += 1
        command = [self.binary, *map(str, arguments), "--database", database]
        self.log.append(" ".join(command[1:-2]))
        environment = {"PATH": os.environ["PATH"], "HOME": self.folder.name, "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"}
        done = subprocess.run(command, input=stdin or b"", capture_output=True, env=environment, timeout=120)
        allowed = expect if isinstance(expect, tuple) else (expect,)
        if done.returncode not in allowed:
            raise Disagreement(
                f"exit code {done.returncode}, not {allowed}: {' '.join(command[1:])}\n"
                f"{done.stderr.decode(errors='replace')[:2000]}")
        self.code = done.returncode
        self.error = done.stderr.decode(errors="replace")
        return done.stdout

    def lines(self, database, *arguments, expect=0):
        return [json.loads(line) for line in self.run(database, *arguments, expect=expect).splitlines()]

    def export(self, database):
        return self.run(database, "export")


def agree(found, expected, place):
    if found != expected:
        raise Disagreement(f"{place}\n  program:  {found}\n  contract: {expected}")
