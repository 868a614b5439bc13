"""Databases of the contract checks' own, and what the program answers about them."""

import os
import tempfile

import program as under_test


class Disagreement(Exception):
    """The program and the contract differ."""


class Program:
    """The program on databases of its own: SQLite files, or those of a PostgreSQL cluster."""

    def __init__(self, binary, cluster=None):
        self.binary = os.path.abspath(binary)
        self.cluster = cluster
        self.folder = tempfile.TemporaryDirectory(prefix="send-schedule-contract-")
        self.runs = 0
        self.databases = 0
        self.log = []

    def new_database(self):
        self.databases += 1
        self.log = []
        if self.cluster:
            return self.cluster.new_database()
        return os.path.join(self.folder.name, f"{self.databases}.sqlite")

    def remove(self, database):
        if self.cluster:
            self.cluster.remove(database)
            return
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(database + suffix):
                os.remove(database + suffix)

    def write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def run(self, database, *arguments, expect=0, stdin=None, variables=None):
        """Standard output as bytes; a Disagreement if the exit code is none of `expect`."""
        self.runs += 1
        self.log.append(" ".join(map(str, arguments)))
        done = under_test.call(
            self.binary, arguments, database, input=stdin, variables={"HOME": self.folder.name, **(variables or {})})
        allowed = expect if isinstance(expect, tuple) else (expect,)
        if done.returncode not in allowed:
            raise Disagreement(
                f"exit code {done.returncode}, not {allowed}: {self.log[-1]}\n"
                f"{done.stderr.decode(errors='replace')[:2000]}")
        self.code = done.returncode
        self.error = done.stderr.decode(errors="replace")
        return done.stdout

    def lines(self, database, *arguments, expect=0):
        return under_test.objects(self.run(database, *arguments, expect=expect))

    def export(self, database):
        return self.run(database, "export")


def agree(found, expected, place):
    if found != expected:
        raise Disagreement(f"{place}\n  program:  {found}\n  contract: {expected}")
