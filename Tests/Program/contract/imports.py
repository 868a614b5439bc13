"""`import`: what each status, number, separator and repetition means."""

import json

from runner import agree
from shell import ALERTS, DESK, Shell, expect, has

HEADER = "FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n"
THEN = "2026-03-25T10:00:00.000Z"


def gateway(program, database):
    shell = Shell(program, database)
    shell.run("schedules", "add", "Office", "daily 00:00-24:00", "--time-zone", "Europe/Berlin")
    shell.run("phones", "add", DESK, "--schedule", "Office")
    return shell


def message(id, **fields):
    return {"id": id, "owner": DESK, "contact": "+15550100999", "content": "hello", "status": "pending",
            "request_received_at": THEN} | fields


def bundle(*messages):
    return json.dumps({"messages": messages})


def check_statuses(program, database, _rng):
    """Waiting while attempts are left, else failed; claimed; done."""
    shell = gateway(program, database)
    shell.import_file("bundle.json", bundle(
        *[message(f"{status}0", status=status) for status in ("pending", "scheduled", "expired")],
        *[message(f"{status}2", status=status, send_attempt_count=2, last_attempted_at=THEN)
          for status in ("pending", "scheduled", "expired")],
        message("own3", send_attempt_count=2, max_send_attempts=3, last_attempted_at=THEN),
        message("own1", status="expired", send_attempt_count=1, max_send_attempts=1, last_attempted_at=THEN),
        message("leased", status="sending", send_attempt_count=1, last_attempted_at="2026-03-26T08:19:30.000Z"),
        message("lapsed", status="sending", send_attempt_count=1, last_attempted_at=THEN),
        message("lost", status="sending", send_attempt_count=2, last_attempted_at=THEN),
        message("sent", status="sent", sent_at=THEN), message("delivered", status="delivered", sent_at=THEN),
        message("failed", status="failed"), message("canceled", status="canceled")))
    waiting = {"pending0", "scheduled0", "expired0", "own3", "lapsed"}
    agree(set(shell.forecast()), waiting, "messages that wait")
    states = {m["id"]: m["status"] for m in shell.objects("queue", "list", DESK)}
    for id in ("pending2", "scheduled2", "expired2", "own1", "lost", "failed"):
        agree(states[id], "failed", f"status of {id}")
    agree(states["leased"], "sending", "status of a leased message")
    agree(states["canceled"], "canceled", "status of a canceled one")
    expect(states["sent"] in ("sent", "delivered") and states["delivered"] in ("sent", "delivered"), f"{states}")


def check_exact_of_httpsms(program, database, _rng):
    """Where `exact` is absent, a message with a send time is exact."""
    shell = gateway(program, database)
    later = "2026-03-27T10:00:00.000Z"
    shell.import_file("bundle.json", bundle(
        message("timed", scheduled_send_time=later), message("plain"),
        message("said", scheduled_send_time=later, exact=False), message("marked", exact=True)))
    for id, exact in (("timed", True), ("plain", False), ("said", False), ("marked", True)):
        agree(shell.message(id)["exact"], exact, f"exact of {id}")
    shell.import_file("rows.csv", HEADER + f"{DESK},+15550100001,timed row,2026-03-27T10:00:00\n{DESK},+15550100002,row,\n")
    rows = {m["content"]: m for m in shell.export()["messages"]}
    has(rows["timed row"], exact=True, scheduled_send_time="2026-03-27T09:00:00.000Z")
    has(rows["row"], exact=False, scheduled_send_time=None)


def check_skipped(program, database, _rng):
    """What cannot be sent as it is is skipped, counted and named."""
    shell = gateway(program, database)
    shell.import_file("bundle.json", bundle(
        message("in", type="mobile-originated", status="received"), message("secret", encrypted=True),
        message("picture", attachments=["https://example.com/a.png"]), message("good", attachments=[], encrypted=False)))
    agree([m["id"] for m in shell.export()["messages"]], ["good"], "messages")
    said = shell.program.error + shell.run("import", program.write("again.json", bundle(message("secret", encrypted=True))))
    expect("encrypted" in (said + shell.program.error).lower(), f"it is not named: {said}{shell.program.error}")


def check_numbers(program, database, _rng):
    """`+` as it is; ten digits or more get it; else a short code or a national number."""
    shell = gateway(program, database)
    rows = {"+15550100001": "+15550100001", "15550100002": "+15550100002", "5550100003": "+5550100003",
            "51234567": "51234567", "12345": "12345"}
    text = HEADER + "".join(f"{DESK},{number},to {number},\n" for number in rows)
    shell.import_file("rows.csv", text)
    found = {m["content"]: m["contact"] for m in shell.export()["messages"]}
    agree(found, {f"to {number}": contact for number, contact in rows.items()}, "contacts")


def check_separators(program, database, _rng):
    """Commas, semicolons, tabs; UTF-8 with and without its mark, UTF-16 of both kinds."""
    for separator in (",", ";", "\t"):
        for name, encode in (
                ("utf-8", lambda t: t.encode()), ("utf-8 with mark", lambda t: b"\xef\xbb\xbf" + t.encode()),
                ("utf-16 little", lambda t: b"\xff\xfe" + t.encode("utf-16-le")),
                ("utf-16 big", lambda t: b"\xfe\xff" + t.encode("utf-16-be"))):
            other = program.new_database()
            shell = gateway(program, other)
            row = separator.join([DESK, "+15550100001", '"Tere, õhtust; 日本 😀"', ""])
            shell.import_file("rows.csv", encode(HEADER.replace(",", separator) + row + "\r\n"))
            found = [(m["contact"], m["content"]) for m in shell.export()["messages"]]
            agree(found, [("+15550100001", "Tere, õhtust; 日本 😀")], f"{name} separated by {separator!r}")
            program.remove(other)
    shell = gateway(program, database)
    shell.refused(65, "import", program.write("book.xlsx", b"PK\x03\x04" + b"\0" * 200), naming="Excel")


def check_known_rows(program, database, _rng):
    """A row without a time is known for seven days, one with a time for ever; what is known is said."""
    shell = gateway(program, database)
    text = HEADER + f"{DESK},+15550100001,now,\n{DESK},+15550100002,timed,2026-06-01T10:00:00\n"
    shell.import_file("rows.csv", text)
    agree(contents(shell), ["now", "timed"], "first import")
    shell.after(6 * 86_400)
    said = shell.import_file("rows.csv", text) + program.error
    agree(contents(shell), ["now", "timed"], "the same after six days")
    expect("2" in said and "2026-03-26" in said, f"it does not say what it knew: {said}")
    shell.after(86_400 + 3600)
    shell.import_file("rows.csv", text)
    agree(contents(shell), ["now", "now", "timed"], "the same after more than seven days")
    shell.import_file("rows.csv", text, "--again")
    agree(contents(shell), ["now", "now", "now", "timed", "timed"], "--again")


def contents(shell):
    return sorted(m["content"] for m in shell.export()["messages"])


def check_known_records(program, database, _rng):
    """Records by id, also what was sent and then pruned; a removed phone's unsent messages are not known."""
    shell = gateway(program, database)
    text = json.dumps({
        "phones": [{"id": "p2", "phone_number": ALERTS, "messages_per_minute": 0}],
        "messages": [message("a", owner=ALERTS), message("b", owner=ALERTS)]})
    shell.import_file("bundle.json", text)
    shell.run("queue", "claim", ALERTS)
    shell.run("queue", "sent", "a")
    shell.after(40 * 86_400)
    shell.run("queue", "prune", "--older-than", "1d", "--yes")
    agree([m["id"] for m in shell.export()["messages"]], ["b"], "after pruning")
    said = shell.import_file("bundle.json", text) + program.error
    agree([m["id"] for m in shell.export()["messages"]], ["b"], "what was sent and pruned does not come again")
    expect("already" in said or "known" in said, f"it does not say so: {said}")
    shell.run("phones", "remove", ALERTS, "--yes")
    shell.import_file("bundle.json", text)
    agree([m["id"] for m in shell.export()["messages"]], ["b"], "unsent messages of a removed phone")
    shell.import_file("rows.csv", HEADER + f"{ALERTS},+15550100001,row,\n")
    shell.run("phones", "remove", ALERTS, "--yes")
    shell.run("phones", "add", ALERTS)
    shell.import_file("rows.csv", HEADER + f"{ALERTS},+15550100001,row,\n")
    expect("row" in contents(shell), "a row of a removed phone is swallowed")


def check_dry_run(program, database, _rng):
    shell = gateway(program, database)
    before = shell.export()
    said = shell.import_file("bundle.json", bundle(message("a"), message("b")), "--dry-run")
    expect("2" in said + program.error, f"it does not say what would come: {said}")
    agree(shell.export(), before, "after a dry run")


def check_places(program, database, _rng):
    """Bad input: file, line or record, field, and what was expected."""
    shell = gateway(program, database)
    path = program.write("bad.csv", HEADER + f"{DESK},+15550100001,good,\n{DESK},nobody,bad,\n")
    shell.refused(65, "import", path, naming=["bad.csv", "3", "ToPhoneNumber", "expected"])
    path = program.write("bad.json", bundle(message("a"), message("b", retry_at="soon")))
    shell.refused(65, "import", path, naming=["bad.json", "retry_at", "expected"])
    for kind, record, field in (
            ("phones", {"id": "p9", "phone_number": ALERTS, "messages_per_day": -1}, "messages_per_day"),
            ("phones", {"id": "p9", "phone_number": ALERTS, "retry_delay_seconds": "1"}, "retry_delay_seconds"),
            ("phones", {"id": "p9", "phone_number": ALERTS, "pause_after_failures": -1}, "pause_after_failures"),
            ("phones", {"id": "p9", "phone_number": ALERTS, "held_until": "later"}, "held_until"),
            ("message_send_schedules", schedule(exceptions=[{"date": "2026-02-30", "windows": []}]), "date"),
            ("message_send_schedules", schedule(exceptions=[{"date": "--02-30", "windows": []}]), "date"),
            ("message_send_schedules", schedule(exceptions=[
                {"date": "2026-12-24", "windows": [{"start_minute": 60, "end_minute": 60}]}]), "minute"),
            ("message_send_schedules", schedule(exceptions=[
                {"date": "2026-12-24", "windows": [
                    {"start_minute": 0, "end_minute": 90}, {"start_minute": 60, "end_minute": 120}]}]), "windows"),
            ("message_send_schedules", schedule(exceptions=[
                {"date": "2026-12-24", "windows": []}, {"date": "2026-12-24", "windows": []}]), "date"),
            ("message_send_schedules", schedule(exceptions=[
                {"date": f"{2000 + n // 336}-{n % 336 // 28 + 1:02d}-{n % 28 + 1:02d}", "windows": []}
                for n in range(1001)]), "exceptions"),
            ("messages", message("x", expires_at="never"), "expires_at"),
            ("messages", message("x", max_send_attempts="many"), "max_send_attempts")):
        path = program.write("bad.json", json.dumps({kind: [record]}))
        shell.refused(65, "import", path, naming=["bad.json", field])
    answer = json.dumps({"status": "error", "message": "You are not authorized", "data": "Make sure your API key is set"})
    shell.refused(65, "import", program.write("answer.json", answer), naming="not authorized")


def schedule(**fields):
    return {"id": "s9", "name": "New", "timezone": "UTC",
            "windows": [{"day_of_week": 1, "start_minute": 0, "end_minute": 60}]} | fields


def check_round_trip(program, database, _rng):
    """What was claimed, sent, failed, held and excepted here comes back the same, with the same forecast."""
    shell = gateway(program, database)
    shell.run("phones", "set", DESK, "--rate", "1", "--per-day", "4", "--pause-after-failures", "1", "--retry-delay", "90")
    shell.run("schedules", "except", "Office", "every 27 mar", "12-13", "--note", "Lunch")
    for id in "abcdefg":
        shell.add(id)
    shell.claim()
    shell.after(30)
    shell.run("queue", "sent", "a")
    shell.after(30)
    shell.claim()
    shell.run("queue", "failed", "b", "--reason", "no signal")
    shell.after(60)
    shell.claim()
    exported = program.export(database)
    other = program.new_database()
    copy = Shell(program, other, shell.now)
    copy.import_file("copy.json", exported)
    agree(program.export(other), exported, "exported again")
    for seconds in (0, 1, 59, 61, 3600, 86_400):
        shell.after(seconds)
        copy.now = shell.now
        agree(copy.objects("preview", DESK), shell.objects("preview", DESK), f"forecast at {shell.now}")
    program.remove(other)
