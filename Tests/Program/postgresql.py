#!/usr/bin/env python3
"""A PostgreSQL cluster of the tests' own: an ordinary user's, in a temporary folder, on a Unix socket.

    with postgresql.Cluster() as cluster:
        cluster.new_database()         # postgresql://send_schedule@/d1?host=/tmp/…

From the shell, the command runs with SEND_SCHEDULE_TEST_SERVER naming a database, and its exit status is returned:

    python3 Tests/Program/postgresql.py COMMAND…

Without a server on this machine the command is run without the variable, and a line says so.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

USER = "send_schedule"
VARIABLE = "SEND_SCHEDULE_TEST_SERVER"
SETTINGS = {
    # Faults are tested with servers that are killed; what is tested elsewhere need not wait for a disk.
    "fsync": "off", "synchronous_commit": "on", "full_page_writes": "off", "listen_addresses": "''",
    "max_connections": "60", "shared_buffers": "32MB", "log_min_messages": "warning", "timezone": "'UTC'",
}


class Unavailable(Exception):
    """There is no PostgreSQL server on this machine, or it does not start."""


def binary(name):
    """The path of one of the server's programs; None if it is not installed."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]), reverse=True)
    return str(installed[0]) if installed else shutil.which(name)


def ordinary_user():
    """Whom the server runs as, where this is root, which the server refuses to be; else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise Unavailable("this is root, and there is no other user to run PostgreSQL as")


class Cluster:
    """A context that starts a server and removes every trace of it."""

    def __init__(self, settings=None):
        self.settings = {**SETTINGS, **(settings or {})}
        self.user = ordinary_user()
        self.programs = {name: binary(name) for name in ("initdb", "pg_ctl", "psql")}
        missing = [name for name, path in self.programs.items() if not path]
        if missing:
            raise Unavailable(f"no {' and no '.join(missing)}: apt-get install postgresql")
        # A socket's path is at most 107 bytes long.
        self.folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
        self.data = os.path.join(self.folder, "data")
        self.log = os.path.join(self.folder, "log")
        self.count = 0

    def __enter__(self):
        try:
            if self.user:
                os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
            os.chmod(self.folder, 0o755)
            self.run(
                "initdb", "--pgdata", self.data, "--username", USER, "--auth", "trust", "--encoding", "UTF8",
                "--locale", "C.UTF-8", "--no-sync")
            self.start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_):
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        options = [f"-c {name}={value}" for name, value in self.settings.items()]
        options.append(f"-c unix_socket_directories={self.folder}")
        self.run("pg_ctl", "--pgdata", self.data, "--log", self.log, "--wait", "--options", " ".join(options), "start")

    def stop(self, mode="fast"):
        """Stops it: `smart` waits for all, `fast` ends their work, `immediate` is a crash."""
        self.run("pg_ctl", "--pgdata", self.data, "--mode", mode, "--wait", "stop", check=False)

    def run(self, name, *words, check=True):
        # The server inherits what is open, so its output goes to a file, not to a pipe that would never end.
        path = os.path.join(self.folder, "output")
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        with open(path, "w+", encoding="utf-8") as output:
            done = subprocess.run(
                [self.programs[name], *words], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                cwd=self.folder, check=False, timeout=60, env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}, **identity)
            output.seek(0)
            said = output.read()
        if check and done.returncode != 0:
            log = Path(self.log).read_text(encoding="utf-8") if os.path.exists(self.log) else ""
            raise Unavailable(f"{name}: exit {done.returncode}: {said}{log}")
        return said

    def address(self, database="postgres", user=USER):
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def sql(self, statement, database="postgres", user=USER):
        """What psql prints of a statement, unaligned and without headers."""
        return self.run(
            "psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set", "ON_ERROR_STOP=1", "--command",
            statement, self.address(database, user)).strip()

    def new_database(self):
        """Makes an empty database; its address for `--database`."""
        self.count += 1
        name = f"d{self.count}"
        self.sql(f"CREATE DATABASE {name}")
        return self.address(name)

    def remove(self, address):
        """Drops a database that `new_database` made, whoever is connected."""
        name = address.partition("?")[0].rpartition("/")[2]
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        with Cluster() as cluster:
            variables = {**os.environ, VARIABLE: cluster.new_database()}
            sys.exit(subprocess.run(sys.argv[1:], env=variables, check=False).returncode)
    except Unavailable as reason:
        print(f"without PostgreSQL: {reason}", file=sys.stderr)
        os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
