"""A `claim --wait` that runs beside a test."""

import json
import os
import select
import signal
import subprocess
import time

from place import PHONE
from program import command_line, environment

PATIENCE = 15.0


class WaitingClaim:
    """A context; what is left of it is killed at the end. With `serves` it is `queue serve` that waits."""

    def __init__(self, place, *words, variables=None, serves=False):
        command = ["queue", "serve"] if serves else ["queue", "claim", PHONE, "--wait"]
        self.process = subprocess.Popen(
            command_line(place.program, [*command, *words], place.database),
            stdin=subprocess.PIPE if serves else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            bufsize=0, env=environment(**(variables or {})))
        if serves:
            self.ask(command="claim", phone=PHONE, wait=True)

    def ask(self, **members):
        """Sends a request to one that serves."""
        self.process.stdin.write(json.dumps({"id": 1, **members}).encode() + b"\n")
        self.process.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def prints_within(self, seconds):
        """Whether it prints something (or closes its output) in time."""
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        return bool(ready)

    def is_asleep(self):
        """Whether all its threads wait for something."""
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{thread}/stat", encoding="ascii") as file:
                if file.read().rpartition(")")[2].split()[0] != "S":
                    return False
        return True

    def wait_until_asleep(self):
        """Until it has looked and found nothing; a few looks in a row, since it sleeps in between too."""
        end = time.monotonic() + PATIENCE
        calm = 0
        while calm < 20:
            assert self.process.poll() is None, f"it ended: {self.process.communicate()}"
            assert time.monotonic() < end, "it never sleeps"
            calm = calm + 1 if self.is_asleep() else 0
            time.sleep(0.02)

    def close_output(self):
        self.process.stdout.close()
        # `communicate` must not read it again.
        self.process.stdout = None

    def end(self, seconds=PATIENCE):
        """The exit code once it ends by itself; None if it does not."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
