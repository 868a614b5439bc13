"""Commands as an administrator types them, for checks that tell one story."""

import json

from clock import instant, stamp
from runner import Disagreement, agree

NOW = "2026-03-26T08:20:00.000Z"  # A Thursday; in Berlin 09:20.
DESK = "+4915112345601"
ALERTS = "+447700900123"


class Shell:
    """One database, and a clock that the story sets."""

    def __init__(self, program, database, now=NOW):
        self.program, self.database, self.now = program, database, now

    def run(self, *words, code=0, stdin=None):
        """Standard output as text; a Disagreement if the exit code is another."""
        takes_time = words[0] in ("queue", "preview", "import", "phones", "schedules")
        clock = ["--now", self.now] if takes_time and "--now" not in words else []
        return self.program.run(self.database, *words, *clock, expect=code, stdin=stdin).decode()

    def objects(self, *words, code=0):
        return [json.loads(line) for line in self.run(*words, "--json", code=code).splitlines()]

    def object(self, *words, code=0):
        found = self.objects(*words, code=code)
        agree(len(found), 1, f"objects printed by {words}")
        return found[0]

    def claim(self, phone=DESK, *words, code=0):
        return json.loads(self.run("queue", "claim", phone, *words, code=code))

    def refused(self, code, *words, naming=(), stdin=None):
        """The error of a command that must fail with a code, name what is wrong, and change nothing."""
        before = self.export()
        self.run(*words, code=code, stdin=stdin)
        error = self.program.error
        for name in [naming] if isinstance(naming, str) else naming:
            if name.lower() not in error.lower():
                raise Disagreement(f"the error of {words} does not name {name!r}: {error}")
        agree(self.export(), before, f"export after {words} was refused")
        return error

    def export(self):
        """The bundle, None if there is no database yet."""
        output = self.program.run(self.database, "export", expect=(0, 66))
        return None if self.program.code == 66 else json.loads(output)

    def message(self, id):
        return next(m for m in self.export()["messages"] if m["id"] == id)

    def phone(self, number=DESK):
        return next(p for p in self.export()["phones"] if p["phone_number"] == number)

    def add(self, id, *words, phone=DESK, text="hello"):
        self.run("queue", "add", phone, "--to", "+15550100999", "--text", text, "--id", id, *words)

    def forecast(self, phone=DESK):
        """{message: (send_at, cause)}"""
        return {e["message_id"]: (e["send_at"], e["cause"]) for e in self.objects("preview", phone)}

    def after(self, seconds):
        """Sets the clock."""
        self.now = stamp(instant(self.now) + round(seconds * 1000))

    def import_file(self, name, text, *words, code=0):
        return self.run("import", self.program.write(name, text), *words, code=code)


def expect(is_true, what):
    if not is_true:
        raise Disagreement(what)


def has(found, **wanted):
    """Whether an object has fields with these values; others do not matter."""
    for name, value in wanted.items():
        agree(found.get(name, "no such field"), value, f"{name} of {found}")
