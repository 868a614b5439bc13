"""A bare line to the program: the bytes it sends, and the keys it gets, without a terminal in between."""

import fcntl
import os
import pty
import select
import struct
import termios
import time

LONGEST_WAIT = 15.0


class LineError(AssertionError):
    """The program did not send what it should."""


class Line:
    """A program in a pseudo-terminal; a context that ends what it started."""

    def __init__(self, arguments, columns=80, rows=24, environment=None):
        self.sent = b""
        self.ending = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            base = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"}
            os.execve(arguments[0], arguments, {**base, **(environment or {})})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.hang_up()
        if self.ending is None:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)

    def hang_up(self):
        """Drops the line, as a lost connection does."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def read(self, seconds):
        """The bytes that come within some seconds, at the first."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.sent += data
        return data

    def wait(self, text):
        """Reads until the bytes sent since the last call hold a text; returns them."""
        start = len(self.sent)
        end = time.monotonic() + LONGEST_WAIT
        while text.encode() not in self.sent[start:]:
            if time.monotonic() > end:
                raise LineError(f"waited for {text!r}; came: {self.sent[start:]!r}")
            self.read(0.5)
        return self.sent[start:]

    def settle(self, quiet=0.3):
        """Reads until nothing comes for a while."""
        while self.read(quiet):
            pass

    def keys(self, text):
        os.write(self.fd, text.encode())

    def status(self):
        """Waits for the end of the program; its exit status, or -n for signal n."""
        end = time.monotonic() + LONGEST_WAIT
        while self.ending is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.ending = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                raise LineError("waited for the end of the program")
            elif self.fd is not None:
                self.read(0.02)
            else:
                time.sleep(0.02)
        return self.ending

    def processor_seconds(self):
        with open(f"/proc/{self.pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) / 1e9
