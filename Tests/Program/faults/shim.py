"""The library of shim.c, compiled once, and the variables that load it."""

import atexit
import errno
import functools
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

from cases import Skipped


@functools.lru_cache(maxsize=None)
def library():
    """The path of the compiled library."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        raise Skipped("no C compiler")
    folder = tempfile.mkdtemp(prefix="shim-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chmod(folder, 0o755)
    path = os.path.join(folder, "shim.so")
    source = Path(__file__).with_name("shim.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-o", path, source, "-ldl"], check=True)
    return path


class Failing:
    """Variables that make the calls of one kind fail from the `first` to the `last` (0: all after it)."""

    def __init__(self, folder, kind, first, last=0, error=errno.ENOSPC):
        self.count = Path(tempfile.mkdtemp(prefix="count-")) / "calls"
        self.variables = {
            "LD_PRELOAD": library(), "SHIM_FOLDER": str(folder), "SHIM_KIND": kind, "SHIM_NUMBER": str(first),
            "SHIM_LAST": str(last), "SHIM_ERROR": str(error), "SHIM_COUNT": str(self.count)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.count.parent, ignore_errors=True)

    @property
    def calls(self):
        """How many calls of the kind there were."""
        return self.count.stat().st_size if self.count.exists() else 0


class Clock:
    """A wall clock of the program's own, which can be set while it runs."""

    def __init__(self, folder, ahead=0):
        self.path = Path(folder) / "clock"
        self.path.write_bytes(bytes(8))
        self.set_ahead(ahead)
        self.variables = {"LD_PRELOAD": library(), "SHIM_CLOCK": str(self.path)}

    def set_ahead(self, milliseconds):
        with open(self.path, "r+b", buffering=0) as file:
            file.write(struct.pack("q", milliseconds))
