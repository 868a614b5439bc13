"""A pseudo-terminal with a program in it, and the screen that the program draws there.

The screen understands the part of xterm that ncurses uses. Waiting always means looking until something
is there, with a deadline. Needs nothing but Python.
"""

import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata

PATIENCE = 20.0

TOKEN = re.compile(
    rb"\x1b\[([?>=!]*)([0-9;:]*)([ -/]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1bP[^\x1b]*\x1b\\"
    rb"|\x1b[ -/]+[0-~]|\x1b[0-Z\\\]^-~]|[\x00-\x1f\x7f]|[^\x00-\x1f\x7f]+"
)


CUT_SEQUENCE = re.compile(rb"\x1b(\[[0-?]*[ -/]*|[ -/]*|[\]PX^_][^\x07\x1b]{0,4000})$")

LARGEST = 1000


class Grid:
    """The cells of a terminal, changed by what is sent to it; of one that nobody has only a corner."""

    def __init__(self, columns, rows):
        columns, rows = min(columns, LARGEST), min(rows, LARGEST)
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.top, self.bottom = 0, rows - 1
        self.last = " "
        self.rest = b""
        self.is_alternate = False

    def text(self):
        return "\n".join("".join(cells).rstrip() for cells in self.cells)

    def resize(self, columns, rows):
        columns, rows = min(columns, LARGEST), min(rows, LARGEST)
        cells = [[" "] * columns for _ in range(rows)]
        for y in range(min(rows, self.rows)):
            cells[y][: min(columns, self.columns)] = self.cells[y][: min(columns, self.columns)]
        self.cells, self.columns, self.rows = cells, columns, rows
        self.top, self.bottom = 0, rows - 1
        self.row, self.column = min(self.row, rows - 1), min(self.column, columns - 1)

    def feed(self, data):
        data = self.rest + data
        # A sequence that is cut where the bytes came in two pieces waits for its end.
        cut = CUT_SEQUENCE.search(data)
        data, tail = (data[: cut.start()], data[cut.start() :]) if cut else (data, b"")
        end = 0
        for match in TOKEN.finditer(data):
            token = match.group()
            incomplete = match.end() == len(data) and (token == b"\x1b" or self.is_cut(token))
            if incomplete:
                break
            self.take(token, match)
            end = match.end()
        self.rest = (data[end:] if len(data) - end < 4096 else b"") + tail

    @staticmethod
    def is_cut(token):
        """Whether text ends in the middle of a character."""
        for count in range(1, min(4, len(token) + 1)):
            byte = token[-count]
            if byte & 0xC0 == 0x80:
                continue
            need = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return count < need
        return False

    def take(self, token, match):
        if token[:2] == b"\x1b[" and match.group(4):
            self.control(match.group(1), match.group(2), match.group(4).decode())
        elif token == b"\x1bM":
            self.reverse_index()
        elif token[0] == 0x1B:
            pass
        elif token[0] < 0x20 or token == b"\x7f":
            self.act(token[0])
        else:
            for character in token.decode("utf-8", "replace"):
                self.put(character)

    def act(self, byte):
        if byte == 0x0D:
            self.column = 0
        elif byte == 0x0A:
            self.index()
        elif byte == 0x08:
            self.column = max(0, self.column - 1)
        elif byte == 0x09:
            self.column = min(self.columns - 1, self.column // 8 * 8 + 8)

    def index(self):
        if self.row == self.bottom:
            self.scroll(1)
        else:
            self.row = min(self.rows - 1, self.row + 1)

    def reverse_index(self):
        if self.row == self.top:
            self.scroll(-1)
        else:
            self.row = max(0, self.row - 1)

    def scroll(self, count, top=None):
        top = self.top if top is None else top
        for _ in range(min(abs(count), self.rows)):
            del self.cells[top if count > 0 else self.bottom]
            self.cells.insert(self.bottom if count > 0 else top, [" "] * self.columns)

    def put(self, character):
        width = 0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if width == 0:
            return
        if self.column + width > self.columns:
            self.column = 0
            self.index()
        self.cells[self.row][self.column] = character
        if width == 2 and self.column + 1 < self.columns:
            self.cells[self.row][self.column + 1] = ""
        self.column += width
        self.last = character

    def control(self, marks, numbers, final):
        values = [int(n) if n.isdigit() else 0 for n in numbers.decode().replace(":", ";").split(";")]
        if marks:
            if marks == b"?" and final in "hl" and 1049 in values:
                self.is_alternate = final == "h"
            return
        n = max(1, values[0])
        cells = self.cells[min(self.row, self.rows - 1)]
        at = min(self.column, self.columns - 1)
        if final in "Hf":
            self.row = min(n, self.rows) - 1
            self.column = min(max(1, values[1] if len(values) > 1 else 1), self.columns) - 1
        elif final == "A":
            self.row = max(0, self.row - n)
        elif final in "Be":
            self.row = min(self.rows - 1, self.row + n)
        elif final in "Ca":
            self.column = min(self.columns - 1, self.column + n)
        elif final == "D":
            self.column = max(0, self.column - n)
        elif final == "G" or final == "`":
            self.column = min(n, self.columns) - 1
        elif final == "d":
            self.row = min(n, self.rows) - 1
        elif final == "J":
            first = (self.row, at) if values[0] == 0 else (0, 0)
            last = (self.row, at) if values[0] == 1 else (self.rows - 1, self.columns - 1)
            for y in range(first[0], last[0] + 1):
                for x in range(first[1] if y == first[0] else 0, (last[1] if y == last[0] else self.columns - 1) + 1):
                    self.cells[y][x] = " "
        elif final == "K":
            start = 0 if values[0] else at
            end = at + 1 if values[0] == 1 else self.columns
            cells[start:end] = [" "] * (end - start)
        elif final == "X":
            n = min(n, self.columns - at)
            cells[at : at + n] = [" "] * n
        elif final == "P":
            n = min(n, self.columns - at)
            del cells[at : at + n]
            cells.extend([" "] * n)
        elif final == "@":
            n = min(n, self.columns - at)
            cells[at:at] = [" "] * n
            del cells[self.columns :]
        elif final == "L":
            self.scroll(-n, top=self.row)
        elif final == "M":
            self.scroll(n, top=self.row)
        elif final == "S":
            self.scroll(n)
        elif final == "T":
            self.scroll(-n)
        elif final == "b":
            for _ in range(min(n, self.columns)):
                self.put(self.last)
        elif final == "r":
            self.top = n - 1
            self.bottom = min(values[1] if len(values) > 1 and values[1] else self.rows, self.rows) - 1
            self.row = self.column = 0


class Ended(Exception):
    """The program ended, or hung up, before it did what was expected."""


class NotSeen(Exception):
    """The screen did not show something in time."""


def start_in_terminal(arguments, columns, rows, environment, line_modes=True):
    """Starts a program in a pseudo-terminal of its own; its process and our end of the line."""
    pid, fd = pty.fork()
    size = struct.pack("HHHH", rows, columns, 0, 0)
    if pid == 0:
        try:
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            if not line_modes:
                modes = termios.tcgetattr(0)
                modes[3] &= ~(termios.ISIG | termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ECHONL)
                termios.tcsetattr(0, termios.TCSANOW, modes)
            os.execvpe(arguments[0], arguments, environment)
        finally:
            os._exit(127)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, size)
    return pid, fd


class Session:
    """A program in a pseudo-terminal. Use it as a context: what is left of the program is killed at the end."""

    def __init__(self, arguments, columns=80, rows=24, environment=None, record=False, line_modes=True):
        self.grid = Grid(columns, rows)
        self.record = bytearray() if record else None
        self.status = None
        given = {
            "TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": os.environ.get("PATH", ""), "TZ": "UTC",
            "HOME": os.environ.get("HOME", "/"),
        }
        given.update(environment or {})
        self.pid, self.fd = start_in_terminal(arguments, columns, rows, given, line_modes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.hang_up()

    def hang_up(self):
        """Closes the terminal, as a line that drops."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None

    def resize(self, columns, rows):
        self.grid.resize(max(1, columns), max(1, rows))
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        """Takes what comes within the time; False if nothing came. Raises Ended after the last byte."""
        ready, _, _ = select.select([self.fd], [], [], max(0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        if not data:
            raise Ended(self.grid.text())
        if self.record is not None:
            self.record += data
        self.grid.feed(data)
        return True

    def send(self, keys):
        """Types; reads meanwhile, so that neither side waits for the other."""
        data = keys if isinstance(keys, bytes) else keys.encode()
        while data:
            _, writable, _ = select.select([], [self.fd], [], 0.5)
            if writable:
                data = data[os.write(self.fd, data[:512]) :]
            try:
                while self.read(0):
                    pass
            except Ended:
                # What was typed may have ended it.
                return

    def drain(self, quiet=0.05, longest=2.0):
        """Reads until nothing came for a while."""
        end = time.monotonic() + longest
        while time.monotonic() < end and self.read(quiet):
            pass

    def sees(self, pattern):
        return re.search(pattern, self.grid.text(), re.MULTILINE)

    def wait(self, *patterns, seconds=PATIENCE):
        """Reads until one of the patterns is on the screen; returns the first that is."""
        end = time.monotonic() + seconds
        while True:
            for pattern in patterns:
                if self.sees(pattern):
                    return pattern
            left = end - time.monotonic()
            if left <= 0:
                raise NotSeen(f"{' or '.join(patterns)} not seen in {seconds} s; the screen:\n{self.grid.text()}")
            self.read(min(left, 0.5))

    def wait_without(self, pattern, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while self.sees(pattern):
            if time.monotonic() > end:
                raise NotSeen(f"{pattern} still there after {seconds} s; the screen:\n{self.grid.text()}")
            self.read(0.1)

    def signal(self, number):
        if self.status is None:
            os.kill(self.pid, number)

    def poll(self):
        """How the program ended, as os.waitpid says; None while it runs."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status

    def end(self, seconds=PATIENCE):
        """Waits for the end, reading what comes; returns the status, None if it does not end in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.poll() is not None:
                self.read_rest()
                return self.status
            try:
                if self.fd is None or not self.read(0.01):
                    time.sleep(0.002)
            except Ended:
                time.sleep(0.002)
        return None

    def read_rest(self):
        try:
            while self.fd is not None and self.read(0):
                pass
        except Ended:
            pass

    def kill(self):
        """kill -9, and its end."""
        if self.status is not None:
            return
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        _, self.status = os.waitpid(self.pid, 0)

    def processor_seconds(self):
        """Processor time of all threads so far."""
        total = 0
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{thread}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9
