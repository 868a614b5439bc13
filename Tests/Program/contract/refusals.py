"""Bad input: the file, the place and the field are named, and nothing has changed."""

import copy
import json

from formats import csv_rows, csv_text
from gateway import Gateway, window
from runner import Disagreement, agree
from queues import load
from clock import stamp

GOOD_ROW = "+37255500000,+12025550000,hello,"

# What is broken: the kind of record, the field, and a value that the contract does not allow.
BAD_FIELDS = [
    ("phones", "messages_per_minute", -1), ("phones", "messages_per_minute", "7"),
    ("phones", "messages_per_minute", 1.5), ("phones", "sim", "SIM3"), ("phones", "phone_number", "home"),
    ("phones", "max_send_attempts", -1), ("phones", "phone_number", None),
    ("message_send_schedules", "timezone", "Mars/Base"), ("message_send_schedules", "timezone", 5),
    ("message_send_schedules", "timezone", "Europe/Berlin\0"),
    ("message_send_schedules", "windows", []), ("message_send_schedules", "windows", "mon 9-12"),
    ("message_send_schedules", "windows", [window(7, 0, 60)]), ("message_send_schedules", "windows", [window(-1, 0, 60)]),
    ("message_send_schedules", "windows", [window(0, 60, 60)]), ("message_send_schedules", "windows", [window(0, 0, 1441)]),
    ("message_send_schedules", "windows", [window(0, 0, 60), window(0, 59, 90)]),
    ("message_send_schedules", "windows", [{"day_of_week": 0, "start_minute": 0}]),
    ("message_send_schedules", "name", None),
    ("messages", "status", "flying"), ("messages", "request_received_at", "yesterday"),
    ("messages", "request_received_at", "2026-02-30T00:00:00Z"), ("messages", "scheduled_send_time", 17),
    ("messages", "owner", None), ("messages", "contact", None), ("messages", "exact", "yes"),
    ("messages", "send_attempt_count", -1), ("messages", "id", None),
]


def check_bad_bundle(program, database, rng):
    gateway = Gateway(rng, phones=2, queue=6)
    load(program, database, gateway)
    before = program.export(database)
    fresh = Gateway(rng, phones=2, queue=6)
    bundle = copy.deepcopy(fresh.bundle())
    for phone in bundle["phones"]:
        phone["phone_number"] = phone["phone_number"].replace("+3725550", "+3725551")
    for schedule in bundle["message_send_schedules"]:
        schedule["name"] += " new"
    for message in bundle["messages"]:
        message["owner"] = message["owner"].replace("+3725550", "+3725551")
    kind, name, value = rng.choice(BAD_FIELDS)
    if rng.random() < 0.2 or not bundle[kind]:
        text = json.dumps(bundle)
        text = rng.choice([text[: rng.randrange(1, len(text) - 1)], text + "]", "", "[]]", "\0" + text, "{" + text])
        place, name = "a broken text", None
    else:
        record = rng.choice(bundle[kind])
        record[name] = value
        text, place = json.dumps(bundle), f"{kind} with {name} {value!r}"
    refuse(program, database, before, program.write("bad.json", text), gateway, place, name, dry(rng))


def check_bad_csv(program, database, rng):
    gateway = Gateway(rng, phones=2, queue=3)
    load(program, database, gateway)
    before = program.export(database)
    rows, _ = csv_rows(gateway, rng)
    row = rng.choice(rows)
    column = rng.choice(["from", "to", "time", "header", "quote", "missing"])
    if column == "from":
        row[0] = rng.choice(["", "home", "+999999999999"])
    elif column == "to":
        row[1] = rng.choice(["", "+12a", "++1"])
    elif column == "time":
        row[3] = rng.choice(["soon", "2026-02-30T10:00:00", "2026-01-01T25:00:00", "17", "2026-01-01T10:00:00+99:00"])
    elif column == "missing":
        del row[2:]
    text = csv_text(rows, rng)
    if column == "header":
        text = text.replace("ToPhoneNumber", "Nobody", 1)
    elif column == "quote":
        text += '\n"unclosed'
    refuse(program, database, before, program.write("bad.csv", text), gateway, f"CSV with a bad {column}: {row}", None, dry(rng))


def dry(rng):
    return ["--dry-run"] if rng.random() < 0.3 else []


def refuse(program, database, before, path, gateway, place, field, dry):
    # A good file before or after does not come in alone.
    good = program.write("good.csv", f"FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n{GOOD_ROW}\n")
    paths = gateway.rng.choice([[path], [path], [good, path], [path, good]])
    program.run(database, "import", *paths, "--now", stamp(gateway.now), *dry, expect=(0, 65))
    if program.code == 0:
        raise Disagreement(f"{place} was taken")
    error = program.error
    agree(program.export(database), before, f"export after refusing {place}")
    if path.rsplit("/", 1)[-1] not in error:
        raise Disagreement(f"the error for {place} does not name the file: {error}")
    if field and field not in error:
        raise Disagreement(f"the error for {place} does not name the field {field}: {error}")
