"""Bundles, answers of the API and bulk CSV: in, out, and in again."""

import csv
import io
import json
import os
from datetime import timedelta, timezone

from gateway import CONTENTS, Gateway
from runner import agree
from queues import load
from rule import WAITING
from clock import DAY, EPOCH, MINUTE, instant, stamp, wall

PHONE_FIELDS = ("id", "phone_number", "label", "messages_per_minute", "sim", "message_send_schedule_id", "max_send_attempts")
MESSAGE_TIMES = ("request_received_at", "scheduled_send_time", "last_attempted_at", "sent_at")


def key(window):
    return (window["day_of_week"], window["start_minute"], window["end_minute"])


def meaning(bundle):
    """What a bundle says, without regard to the order of its parts or how times are written.

    A message that waits with all its attempts used up has failed.
    """
    attempts = {p["phone_number"]: p["max_send_attempts"] for p in bundle["phones"]}
    phones = {p["id"]: {name: p[name] for name in PHONE_FIELDS} for p in bundle["phones"]}
    schedules = {
        s["id"]: (s["name"], s["timezone"], s["is_active"], sorted(map(key, s["windows"])))
        for s in bundle["message_send_schedules"]}
    messages = {
        m["id"]: {name: m[name] for name in ("owner", "contact", "content", "exact", "send_attempt_count")}
        | {"status": status(m, attempts)}
        | {name: m[name] and instant(m[name]) for name in MESSAGE_TIMES}
        for m in bundle["messages"]}
    return phones, schedules, messages


def status(message, attempts):
    allowed = message.get("max_send_attempts") or attempts[message["owner"]]
    used_up = message["send_attempt_count"] >= allowed
    return "failed" if message["status"] in WAITING and used_up else message["status"]


def check_bundle(program, database, rng):
    gateway = Gateway(rng, phones=3, queue=20)
    path = program.write("dry.json", json.dumps(gateway.bundle()))
    program.run(database, "import", "--dry-run", path, "--now", stamp(gateway.now))
    if os.path.exists(database):
        empty = {"phones": [], "message_send_schedules": [], "messages": []}
        agree(json.loads(program.export(database)), empty, "export after a dry run")
    load(program, database, gateway)
    exported = program.export(database)
    for found, wanted, what in zip(meaning(json.loads(exported)), meaning(gateway.bundle()), ("phones", "schedules", "messages")):
        for name in wanted.keys() | found.keys():
            agree(found.get(name), wanted.get(name), f"exported {what} {name}")
    # The same again changes nothing, whether it is the bundle or what was exported.
    load(program, database, gateway)
    agree(program.export(database), exported, "export after importing the same again")
    path = program.write("exported.json", exported)
    program.run(database, "import", path)
    agree(program.export(database), exported, "export after importing the export")
    other = program.new_database()
    program.run(other, "import", path)
    agree(program.export(other), exported, "export of an empty database that took the export")
    for phone in gateway.phones:
        command = ("preview", phone["phone_number"], "--json", "--now", stamp(gateway.now))
        agree(program.run(other, *command), program.run(database, *command), "preview after export and import")
    program.remove(other)


def check_answers(program, database, rng):
    """httpSMS's own answers, one file a kind, mean what one bundle means."""
    gateway = Gateway(rng, phones=2, queue=10)
    bundle = gateway.bundle()
    paths = []
    for kind in ("message_send_schedules", "phones", "messages"):
        records = [dict(record, user_id="WB7DRDWrJZRGbYrv2CKGkqbzvqdC") for record in bundle[kind]]
        if kind == "messages":
            records = [as_the_api_writes(record, rng) for record in records]
            records += [received(gateway, rng) for _ in range(rng.choice([0, 0, 2]))]
            rng.shuffle(records)
        if kind == "phones":
            records = [{k: v for k, v in r.items() if k != "label"} for r in records]
        if kind == "message_send_schedules":
            records = [{k: v for k, v in r.items() if k != "is_active"} for r in records]
        if records:
            answer = {"status": "success", "message": f"fetched {len(records)} records", "data": records}
            paths.append(program.write(f"{kind}.json", json.dumps(answer, ensure_ascii=rng.random() < 0.5)))
    program.run(database, "import", *paths, "--now", stamp(gateway.now))
    for phone in bundle["phones"]:
        phone["label"] = ""
    for schedule in bundle["message_send_schedules"]:
        schedule["is_active"] = True
    agree(meaning(json.loads(program.export(database))), meaning(bundle), "what API answers mean")


def as_the_api_writes(record, rng):
    """Times with microseconds and an offset, `created_at` beside or in place of when it was received."""
    offset = timezone(timedelta(minutes=rng.choice([0, 180, -570])))
    written = dict(record, type="mobile-terminated", encrypted=False, sim="SIM1", order_timestamp=None)
    for name in MESSAGE_TIMES:
        if record[name]:
            time = EPOCH + timedelta(milliseconds=instant(record[name]), microseconds=rng.randint(0, 999))
            written[name] = (time.astimezone(offset) if time.year < 9999 else time).isoformat()
        elif rng.random() < 0.5:
            del written[name]
    if rng.random() < 0.3:
        written["created_at"] = written.pop("request_received_at")
    else:
        written["created_at"] = "2026-01-01T00:00:00Z"
    # Where it is not said, a message with a send time is exact.
    if record["exact"] == (record["scheduled_send_time"] is not None) and rng.random() < 0.5:
        del written["exact"]
    return written


def received(gateway, rng):
    """A message that came in, which is skipped."""
    return {
        "id": f"in-{rng.random()}", "owner": gateway.phones[0]["phone_number"], "contact": "+12025550000",
        "content": "hello", "type": rng.choice(["mobile-originated", "call/missed"]), "status": "received",
        "request_received_at": "2026-01-01T00:00:00Z", "created_at": "2026-01-01T00:00:00Z"}


def check_csv(program, database, rng):
    gateway = Gateway(rng, phones=2, queue=5)
    gateway.messages = []
    load(program, database, gateway)
    rows, expected = csv_rows(gateway, rng)
    path = program.write("bulk.csv", csv_text(rows, rng))
    at = gateway.now
    program.run(database, "import", path, "--now", stamp(at))
    exported = program.export(database)
    found = [
        (m["owner"], m["contact"], m["content"], m["scheduled_send_time"], m["request_received_at"])
        for m in json.loads(exported)["messages"]]
    wanted = [(o, c, t, s, stamp(at)) for o, c, t, s in expected if c]
    agree(sorted(found, key=str), sorted(wanted, key=str), "messages of the CSV")
    program.run(database, "import", path, "--now", stamp(at + rng.choice([0, 0, 1, DAY])))
    agree(program.export(database), exported, "export after importing the same CSV again")


def csv_rows(gateway, rng):
    rows, expected = [], []
    for _ in range(rng.randint(1, 12)):
        phone = rng.choice(gateway.phones)
        owner = phone["phone_number"]
        contact = f"+1202555{rng.randint(0, 9999):04d}"
        content = rng.choice([c for c in CONTENTS if c.strip() == c])
        text, send_at = send_time(gateway.time_zone(phone) or "UTC", gateway, rng)
        bare = lambda number: number.lstrip("+") if rng.random() < 0.4 else number
        rows.append([bare(owner), bare(contact), content, text])
        expected.append((owner, contact, content, stamp(send_at)))
    return rows, expected


def send_time(zone, gateway, rng):
    """A SendTime as written, and the instant it means; wall times that a clock skips or repeats are left out."""
    if rng.random() < 0.3:
        return "", None
    at = (gateway.moment + rng.randint(-3 * DAY, 3 * DAY)) // 1000 * 1000
    if rng.random() < 0.2:
        offset = timezone(timedelta(minutes=rng.choice([0, 120, -210])))
        return (EPOCH + timedelta(milliseconds=at)).astimezone(offset).isoformat(), at
    local = wall(zone, at)
    naive = local.replace(tzinfo=None, fold=0)
    instants = {
        candidate for candidate in range(at - 26 * 60 * MINUTE, at + 26 * 60 * MINUTE, 15 * MINUTE)
        if wall(zone, candidate).replace(tzinfo=None, fold=0) == naive}
    if instants != {at}:
        return "", None
    return naive.strftime(rng.choice(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"])), at


def csv_text(rows, rng):
    file = io.StringIO()
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    end = rng.choice(["\r\n", "\n"])
    # A line break inside a field stays what it is, whatever ends the lines.
    writer = csv.writer(file, quoting=quoting, lineterminator=end)
    # httpSMS's template has one column more; a row that fills it is an MMS, which is skipped.
    extra = all(len(row) == 4 for row in rows) and rng.random() < 0.2
    header = ["FromPhoneNumber", "ToPhoneNumber", "Content", "SendTime(optional)"]
    writer.writerow(header + ["AttachmentURLs(optional)"] * extra)
    writer.writerows(row + [""] * extra for row in rows)
    text = file.getvalue()
    if rng.random() < 0.2:
        text = text[: -len(end)]
    return ("\ufeff" if rng.random() < 0.2 else "") + text
