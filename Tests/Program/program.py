"""Calls the program under test. All suites call it in this one way.

Each call gets a bare environment, so that nothing of the machine or the user shows through.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".build" / "debug" / "send-schedule"
SYSEXITS = {0, 64, 65, 66, 69, 70, 73, 74, 75, 77}
PATIENCE = 120

# A suite that runs in the background, or under nohup, was told to ignore these, and what it starts would ignore them too.
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGHUP, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)


def environment(**changes):
    """What the program is given; a value of None takes a variable away."""
    base = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"}
    if "TZDIR" in os.environ:
        base["TZDIR"] = os.environ["TZDIR"]
    base.update(changes)
    return {name: value for name, value in base.items() if value is not None}


def command_line(program, arguments, database=None):
    return [str(program), *map(str, arguments), *(["--database", str(database)] if database else [])]


def call(program, arguments, database=None, input=None, timeout=PATIENCE, variables=None, **options):
    """Runs the program to its end; what `subprocess.run` returns, with bytes."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    if input is None:
        options.setdefault("stdin", subprocess.DEVNULL)
    else:
        options["input"] = input if isinstance(input, bytes) else input.encode()
    options.setdefault("env", environment(**(variables or {})))
    return subprocess.run(command_line(program, arguments, database), timeout=timeout, check=False, **options)


def objects(output):
    """The JSON objects of output with one a line."""
    return [json.loads(line) for line in output.splitlines()]


def add_program_argument(parser):
    parser.add_argument("program", nargs="?", default=str(BUILT), help="the built program (default: the debug build)")


def existing(program):
    """The absolute path of the program; ends with a word if it is not there."""
    path = Path(program).resolve()
    if not path.is_file():
        sys.exit(f"{path} is not there: swift build first")
    return str(path)
