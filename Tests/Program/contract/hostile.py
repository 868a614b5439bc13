"""What comes from outside: texts that would reach a terminal, names that would be paths, files that would be bombs."""

import json
import re

from runner import agree
from shell import DESK, Shell, expect

TEXTS = ["\x1b]0;owned\x07", "\x1b[2J", "\u009b31m", "\u202etxt", "a\u2066b", "\ufeffname", "\u200bname", "\x7f"]
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
LISTINGS = [["phones", "list"], ["phones", "show", DESK], ["schedules", "list"], ["schedules", "show", "Office"],
            ["schedules", "history", "Office"], ["queue", "list"], ["queue", "show", "m"], ["preview", DESK]]


def check_harmless(program, database, _rng):
    """A text is refused where it is a name, and made harmless where it is shown."""
    shell = Shell(program, database)
    shell.run("schedules", "add", "Office", "daily 9-17", "--time-zone", "UTC")
    shell.run("phones", "add", DESK, "--schedule", "Office")
    shell.add("m", text="\x1b[31mred\x07 \u202etxet")
    ways = [
        lambda text: ["phones", "set", DESK, "--label", text],
        lambda text: ["phones", "hold", DESK, "--until", "tomorrow 8", "--reason", text],
        lambda text: ["schedules", "except", "Office", "24 dec", "closed", "--note", text],
        lambda text: ["schedules", "set", "Office", "--rename", text],
    ]
    for text in TEXTS:
        for way in ways:
            words = way(text)
            before = program.export(database)
            program.run(database, *words, expect=(0, 64, 65))
            expect_harmless(program.error, f"the error of {words}")
            if program.code != 0:
                agree(program.export(database), before, f"export after refusing {words}")
        name = shell.export()["message_send_schedules"][0]["name"]
        for listing in LISTINGS:
            listing = [name if word == "Office" else word for word in listing]
            expect_harmless(program.run(database, *listing).decode(), f"{listing} with {text!r}")
        if name != "Office":
            program.run(database, "schedules", "set", name, "--rename", "Office")


def expect_harmless(text, what):
    found = CONTROLS.search(text)
    if found:
        expect(False, f"{what}: {found.group()!r} in {text[max(0, found.start() - 40):found.end() + 40]!r}")


def check_zone_names(program, database, _rng):
    """A time zone's name is a name in the database, never a path to another file."""
    shell = Shell(program, database)
    shell.run("phones", "add", DESK)
    for name in ("../../../etc/passwd", "/etc/passwd", "/usr/share/zoneinfo/UTC", "Europe/../UTC", "./UTC", "Europe//Berlin",
                 "UTC\0x", "tzdata.zi", "zone1970.tab", "Europe", "leapseconds", "posix/../UTC", "+VERSION", "a" * 10_000, "."):
        if "\0" not in name:
            shell.refused((64, 65), "schedules", "add", "X", "daily 9-17", "--time-zone", name)
        bundle = {"message_send_schedules": [{
            "id": "x", "name": "X", "timezone": name, "windows": [{"day_of_week": 1, "start_minute": 0, "end_minute": 1}]}]}
        shell.refused(65, "import", program.write("zone.json", json.dumps(bundle)), naming=["zone.json", "timezone"])


def check_bombs(program, database, _rng):
    """Deep, long and repeating input ends with an error in good time."""
    shell = Shell(program, database)
    shell.run("schedules", "add", "Office", "daily 9-17", "--time-zone", "UTC")
    event = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:{}\r\n{}SUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    files = {
        "deep.json": "[" * 3_000_000, "deep-fields.json": '{"a":' * 1_000_000, "long.csv": '"' + "x" * 20_000_000,
        "number.json": '{"phones":[{"id":"p","phone_number":"+15550100100","messages_per_minute":' + "9" * 100_000 + "}]}",
    }
    for name, text in files.items():
        shell.refused(65, "import", program.write(name, text), naming=name)
    for name, text in {
            "centuries.ics": event.format("20260101", "DTEND;VALUE=DATE:99991231\r\n"),
            "hourly.ics": event.format("20260101", "RRULE:FREQ=SECONDLY;COUNT=2000000000\r\n"),
            "backwards.ics": event.format("20260102", "DTEND;VALUE=DATE:20260101\r\n"),
            "cut.ics": event.format("20260101", "")[:-40], "line.ics": "BEGIN:VCALENDAR\r\n" + " x" * 10_000_000}.items():
        shell.refused(65, "schedules", "holidays", "Office", program.write(name, text), naming=name)


def check_limits_of_texts(program, database, _rng):
    """Names and labels have the same sane lengths in every way in, in characters of any script."""
    shell = Shell(program, database)
    shell.run("phones", "add", DESK)
    for length in (1, 60, 200, 201, 5000):
        text = "ä" * length
        program.run(database, "phones", "set", DESK, "--label", text, expect=(0, 64, 65))
        taken = program.code == 0
        bundle = json.dumps({"phones": [{"id": shell.phone()["id"], "phone_number": DESK, "label": text}]})
        program.run(database, "import", program.write("label.json", bundle), expect=(0, 65))
        agree(program.code == 0, taken, f"a label of {length} characters is imported as it is set")
    agree(program.run(database, "check"), b"ok\n", "check")
