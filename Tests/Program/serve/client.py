"""The client of `queue serve` that the README shows: ten lines, for one request after the other."""

import json
import subprocess


class Queue:
    def __init__(self, *command, **options):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, **options)

    def ask(self, command, **members):
        self.process.stdin.write(json.dumps({"id": 0, "command": command, **members}) + "\n")
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        return self.process.wait()
