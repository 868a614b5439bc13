"""A terminal to run the program in, and to look at: a tmux of its own.

Nothing here sleeps and hopes: `wait` looks at the screen until it shows what it should, or fails with
what it shows instead.
"""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

LONGEST_WAIT = 15.0


class ScreenError(AssertionError):
    """The screen did not show what it should."""


class Screen:
    """One tmux window with a command in it; use it as a context, it ends what it started."""

    def __init__(self, command, columns=80, rows=24, environment=None, term=None, directory="/"):
        self.folder = tempfile.mkdtemp(prefix="screen-")
        self.socket = str(Path(self.folder) / "tmux")
        settings = Path(self.folder) / "tmux.conf"
        settings.write_text(
            "set -g default-terminal tmux-256color\nset -g status off\nset -g remain-on-exit on\n"
            "set -g remain-on-exit-format ''\nset -s escape-time 0\nset -g history-limit 0\n"
        )
        words = ["env", "-u", "TMUX", "-u", "TMUX_PANE"]
        for name in ("LC_ALL", "LC_CTYPE", "LANG", "NO_COLOR", "LINES", "COLUMNS"):
            words += ["-u", name]
        given = {"LANG": "C.UTF-8"} if environment is None else dict(environment)
        if term is not None:
            given["TERM"] = term
        words += [f"{name}={value}" for name, value in given.items()]
        self.ending = Path(self.folder) / "status"
        line = " ".join(map(shlex.quote, words)) + f" {command}\necho $? > {shlex.quote(str(self.ending))}"
        self.tmux(
            "-f", str(settings), "new-session", "-d", "-s", "s", "-x", str(columns), "-y", str(rows),
            "-c", directory, line,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def tmux(self, *words, check=True):
        command = ["tmux", "-S", self.socket, *words]
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        if check and result.returncode != 0:
            raise ScreenError(f"{shlex.join(words)}: {result.stderr.strip()}")
        return result.stdout

    def keys(self, *names):
        """Presses keys by tmux's names: Up, Enter, Escape, Space, C-c, or a character."""
        for name in names:
            self.tmux("send-keys", "-t", "s", name)

    def type(self, text):
        """Types the characters of a text."""
        self.tmux("send-keys", "-t", "s", "-l", text)

    def send_bytes(self, data):
        """Sends bytes as the terminal would."""
        self.tmux("send-keys", "-t", "s", "-H", *[f"{byte:02x}" for byte in data])

    def resize(self, columns, rows):
        self.tmux("resize-window", "-t", "s", "-x", str(columns), "-y", str(rows))

    def text(self):
        return self.tmux("capture-pane", "-p", "-t", "s")

    def rows(self):
        return self.text().split("\n")

    def styled(self):
        return self.tmux("capture-pane", "-p", "-e", "-N", "-t", "s")

    def ask(self, what):
        """The value of a tmux format of the pane, as `pane_pid` or `alternate_on`."""
        return self.tmux("display-message", "-p", "-t", "s", "#{" + what + "}").strip()

    def pid(self):
        """The process of the command."""
        shell = self.ask("pane_pid")
        children = Path(f"/proc/{shell}/task/{shell}/children")
        return int(self.until(lambda: children.read_text().split(), "the program")[0])

    def signal(self, number):
        os.kill(self.pid(), number)

    def status(self):
        """Waits for the end of the command; its exit status, or 128 + n for signal n."""
        return int(self.until(lambda: self.ending.exists() and self.ending.read_text().strip(), "its end"))

    def until(self, condition, what, seconds=LONGEST_WAIT):
        end = time.monotonic() + seconds
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                raise ScreenError(f"waited {seconds} s for {what}; the screen shows:\n{self.text()}")
            time.sleep(0.02)

    def wait(self, pattern, seconds=LONGEST_WAIT):
        """Waits until a regular expression is found on the screen; returns the match."""
        return self.until(lambda: re.search(pattern, self.text(), re.MULTILINE), repr(pattern), seconds)

    def wait_without(self, pattern, seconds=LONGEST_WAIT):
        """Waits until a regular expression is not found on the screen any more."""
        self.until(lambda: not re.search(pattern, self.text()), f"no {pattern!r}", seconds)
