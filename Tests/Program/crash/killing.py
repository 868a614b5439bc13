"""A command that is killed at some moment, and what a database is asked before and after."""

import json
import subprocess
import threading

from program import call, command_line, environment


class Killed:
    """One round: a program, a database, and what is asked of them. What goes wrong is an `AssertionError`."""

    def __init__(self, program, database):
        self.program, self.database = program, str(database)

    def ask(self, *words, codes=(0,), input=None):
        done = call(self.program, words, self.database, input=input)
        if done.returncode not in codes:
            raise AssertionError(f"{' '.join(map(str, words))}: exit {done.returncode}: {done.stderr.decode()}")
        return done.stdout.decode()

    def messages(self):
        return json.loads(self.ask("export"))["messages"]

    def run_killed(self, words, delay, meanwhile):
        """Kills a command after so many seconds, doing something again and again meanwhile; whether it had ended before."""
        process = subprocess.Popen(
            command_line(self.program, words, self.database), env=environment(), stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE)
        timer = threading.Timer(delay, process.kill)
        timer.start()
        while process.poll() is None:
            meanwhile()
        process.communicate()
        timer.cancel()
        return process.returncode == 0
