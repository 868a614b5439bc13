"""Forecasts and claims against the rule."""

import json

from clock import DAY, END_OF_TIME, HOUR, MINUTE, instant, local_day, stamp
from gateway import CONTENTS, PAUSES, PER_DAY, RATES, Gateway, exceptions, near, windows
from rule import Message
from runner import Disagreement, agree
from words import typed, typed_exception


def load(program, database, gateway):
    """Imports a gateway's bundle as it was known at its `now`."""
    path = program.write("bundle.json", json.dumps(gateway.bundle()))
    program.run(database, "import", path, "--now", stamp(gateway.now))


def check_preview(program, database, rng):
    gateway = Gateway(rng)
    load(program, database, gateway)
    for phone in gateway.phones:
        name = rng.choice([phone["phone_number"], phone["id"]])
        compare_preview(program, database, gateway, phone, name, gateway.now)


def compare_preview(program, database, gateway, phone, name, now):
    """`preview` in all its forms, at one moment; how long the forecast is."""
    entries = gateway.models[phone["phone_number"]].forecast(now)
    at = ("--now", stamp(now))
    place = f"preview of {name} now {stamp(now)}"
    lines = program.lines(database, "preview", name, "--json", *at)
    for found, wanted in zip(lines, as_printed(entries)):
        agree(found, wanted, place)
    agree(len(lines), len(entries), f"{place}: lines")
    limit = gateway.rng.choice([1, 5, 1000])
    limited = program.lines(database, "preview", name, "--json", "--limit", limit, *at)
    agree(limited, lines[:limit], f"{place} --limit {limit}")
    compare_summary(program, database, gateway, phone, name, now, entries)
    return len(entries)


def as_printed(entries):
    return [
        {"position": position, "message_id": message.id, "contact": message.contact,
         "ready_at": stamp(message.ready), "send_at": stamp(send_at), "cause": cause}
        for position, (message, send_at, cause) in enumerate(entries, 1)]


def compare_summary(program, database, gateway, phone, name, now, entries):
    model = gateway.models[phone["phone_number"]]
    times = [send_at for _, send_at, _ in entries if send_at is not None]
    expires = sum(cause == "expires" for _, _, cause in entries)
    wanted = {
        "phone": phone["phone_number"], "waiting": len(entries), "first_send_at": stamp(min(times, default=None)),
        "last_send_at": stamp(max(times, default=None)), "never": len(entries) - len(times) - expires,
        "expires": expires, "messages_per_minute": model.rate, "messages_per_day": model.per_day,
        "held_until": stamp(model.held or None), "time_zone": gateway.time_zone(phone)}
    place = f"preview of {name} now {stamp(now)} --summary"
    found, = program.lines(database, "preview", name, "--summary", "--json", "--now", stamp(now))
    if model.held <= now and found.get("held_until") is None:
        wanted["held_until"] = None
    agree(found, wanted, place)


# MARK: Claims


def check_forecast_is_claims(program, database, rng):
    """A gateway that claims at exactly the forecast's times gets exactly the forecast's messages."""
    gateway = Gateway(rng, phones=1, queue=12)
    # A send of a moment to come counts once it has come: until then the forecast is right.
    gateway.messages = [
        m for m in gateway.messages if m["status"] != "sending" and (m["sent_at"] or "") <= stamp(gateway.now)]
    load(program, database, gateway)
    phone, = gateway.phones
    number = phone["phone_number"]
    at = ("--now", stamp(gateway.now))
    forecast = program.lines(database, "preview", number, "--json", *at)
    for entry in forecast:
        if entry["send_at"] is None:
            continue
        claimed, = program.lines(database, "queue", "claim", number, "--now", entry["send_at"])
        agree(claimed["message_id"], entry["message_id"], f"claimed at {entry['send_at']}, as forecast at {at[1]}")
        when = stamp(instant(entry["send_at"]) + rng.choice([0, 1, 59_999]))
        program.run(database, "queue", "sent", entry["message_id"], "--attempt", claimed["attempt"], "--now", when)


def check_claims(program, database, rng):
    """A gateway that claims, reports, fails and forgets to, while an administrator changes things."""
    gateway = Gateway(rng, phones=1, queue=8)
    load(program, database, gateway)
    now = gateway.now
    for step in range(14):
        if rng.random() < 0.4:
            rng.choice(CHANGES)(program, database, gateway, now)
        if step % 4 == 0:
            phone, = gateway.phones
            compare_preview(program, database, gateway, phone, phone["phone_number"], now)
        now, message = claim_once(program, database, gateway, now)
        if message:
            now = report(program, database, gateway, message, now)
    other = program.new_database()
    compare_copy(program, database, other, gateway, now)
    program.remove(other)


def compare_copy(program, database, other, gateway, now):
    """Export, import into an empty database, export again: the same bytes, and the same forecast."""
    exported = program.export(database)
    program.run(other, "import", program.write("copy.json", exported), "--now", stamp(now))
    if program.export(other) != exported:
        raise Disagreement(difference(exported, program.export(other)))
    command = ("preview", gateway.phones[0]["phone_number"], "--json", "--now", stamp(now))
    agree(program.lines(other, *command), program.lines(database, *command), "forecast after export and import")


def difference(first, second):
    """The records of two bundles that are not the same."""
    first, second = json.loads(first), json.loads(second)
    for kind in first:
        for a, b in zip(first[kind], second.get(kind, [])):
            if a != b:
                return f"exported again, {kind} have\n  {b}\n  and had\n  {a}"
    return "exported again, it is another bundle"


def claim_once(program, database, gateway, now):
    """Claims at, before or after the forecast time; the time of it and the message handed out."""
    rng = gateway.rng
    number = gateway.phones[0]["phone_number"]
    model = gateway.models[number]
    at = time_of_claim(rng, model, now)
    entries = model.forecast(at)
    lease = rng.choice([None, 1, 5, 3600])
    command = ["queue", "claim", number, "--now", stamp(at)] + (["--lease", lease] if lease else [])
    first, send_at = entries[0][:2] if entries else (None, None)
    place = f"claim at {stamp(at)}"
    if send_at != at:
        expect_nothing(program, database, command, model, at, send_at, place)
        return at, None
    model.claim(first, at, lease or 60)
    answer, = program.lines(database, *command)
    record = next(m for m in json.loads(program.export(database))["messages"] if m["id"] == first.id)
    agree(answer, {
        "message_id": first.id, "owner": number, "sim": gateway.phones[0]["sim"], "contact": first.contact,
        "content": record["content"], "attempt": first.attempts,
        "lease_expires_at": stamp(first.lease_expires_at)}, place)
    agree((record["status"], record["last_attempted_at"]), ("sending", stamp(at)), f"{place}: the record")
    notice_expired(program, database, model, at)
    return at, first


def time_of_claim(rng, model, now):
    due = next((send_at for _, send_at, _ in model.forecast(now) if send_at is not None), None)
    choices = [now] if due is None else [due, due, due, due - 1, due + rng.randint(0, 5 * MINUTE)]
    leases = [m.lease_expires_at for m in model.messages if m.status == "sending"]
    choices += [lease + rng.choice([-1, 0, 1]) for lease in leases]
    return max(now, min(rng.choice(choices), now + 400 * DAY))


def expect_nothing(program, database, command, model, at, send_at, place):
    """The answer of a claim that finds nothing, which changes nothing."""
    before = program.export(database)
    answer, = program.lines(database, *command, expect=75)
    leases = [m.lease_expires_at for m in model.messages if m.status == "sending" and m.lease_expires_at > at]
    useful = [m.lease_expires_at for m in model.messages
              if m.status == "sending" and m.lease_expires_at > at and model.has_attempts(m)]
    # A lease of the last attempt brings nothing back: whether its end counts is left open.
    allowed = {earliest([send_at, *useful]), earliest([send_at, *leases])}
    agree(answer["claimed"], None, place)
    if answer["next_at"] not in map(stamp, allowed):
        agree(answer["next_at"], " or ".join(str(stamp(at)) for at in allowed), f"{place}: next_at")
    agree(program.export(database), before, f"{place}: what a claim of nothing left")


def earliest(times):
    return min((at for at in times if at is not None), default=None)


def notice_expired(program, database, model, at):
    """What a claim passed over because it had expired has failed; nothing else has."""
    records = {m["id"]: m for m in json.loads(program.export(database))["messages"]}
    for message in model.messages:
        if message.status in ("pending", "scheduled", "expired") and model.has_attempts(message):
            status = records[message.id]["status"]
            if status == "failed":
                expired = message.expires_at is not None and message.expires_at < at
                agree(expired, True, f"claim at {stamp(at)}: {message.id} failed because it had expired")
                message.status = "failed"


def report(program, database, gateway, message, now):
    """What a gateway says of what it claimed, in time, late or never; the time then."""
    rng = gateway.rng
    model = gateway.models[gateway.phones[0]["phone_number"]]
    way = rng.choice(["sent", "sent", "failed", "failed", "extend", "nothing"])
    now += rng.choice([0, 1, rng.randint(0, 5000)])
    at = ("--now", stamp(now))
    if way == "nothing" or now >= message.lease_expires_at:
        return now
    named = ["--attempt", message.attempts] if rng.random() < 0.7 else []
    if way == "sent":
        for _ in range(rng.choice([1, 1, 2])):
            program.run(database, "queue", "sent", message.id, *named, *at)
        model.sent(message)
    elif way == "failed":
        before = program.export(database)
        if message.attempts > 1:
            program.run(database, "queue", "failed", message.id, "--attempt", message.attempts - 1, *at, expect=65)
            agree(program.export(database), before, "what a late report of a failure left")
        program.run(database, "queue", "failed", message.id, *named, "--reason", "no signal", *at)
        model.failed(message, now)
    elif way == "extend":
        program.run(database, "queue", "extend", message.id, *at)
        record = next(m for m in json.loads(program.export(database))["messages"] if m["id"] == message.id)
        message.lease_expires_at = instant(record["lease_expires_at"])
        agree(message.lease_expires_at > now, True, "a lease that was extended ends later than now")
    return now


# MARK: What an administrator does meanwhile


def change_rate(program, database, gateway, now):
    phone, = gateway.phones
    rate = gateway.rng.choice(RATES)
    program.run(database, "phones", "set", phone["phone_number"], "--rate", rate, "--now", stamp(now))
    gateway.models[phone["phone_number"]].rate = rate


def change_day_limit(program, database, gateway, now):
    phone, = gateway.phones
    limit = gateway.rng.choice(PER_DAY)
    program.run(database, "phones", "set", phone["phone_number"], "--per-day", limit, "--now", stamp(now))
    gateway.models[phone["phone_number"]].per_day = limit


def change_pause(program, database, gateway, now):
    phone, = gateway.phones
    model = gateway.models[phone["phone_number"]]
    model.pause_after = gateway.rng.choice(PAUSES) or 0
    model.retry_delay = gateway.rng.choice([1, 60, 600, 3600])
    program.run(
        database, "phones", "set", phone["phone_number"], "--pause-after-failures", model.pause_after, "--retry-delay",
        model.retry_delay, "--now", stamp(now))


def hold(program, database, gateway, now):
    phone, = gateway.phones
    model = gateway.models[phone["phone_number"]]
    until = gateway.rng.choice([now + MINUTE, now + gateway.rng.randint(1, 3 * DAY), None])
    option = [] if until is None else ["--until", stamp(until)]
    program.run(
        database, "phones", "hold", phone["phone_number"], *option, "--reason", "Modem is out", "--now", stamp(now))
    model.held_until = END_OF_TIME if until is None else until
    model.pause_until = None


def release(program, database, gateway, now):
    phone, = gateway.phones
    model = gateway.models[phone["phone_number"]]
    program.run(database, "phones", "release", phone["phone_number"], "--now", stamp(now), expect=(0, 65))
    model.held_until = model.pause_until = None
    shown = next(p for p in json.loads(program.export(database))["phones"])
    model.failures = shown.get("failures_in_row", 0)


def change_schedule(program, database, gateway, now):
    """Paints other hours, switches the schedule off or on, or detaches it."""
    phone, = gateway.phones
    schedule = gateway.schedule_of(phone)
    at = ("--now", stamp(now))
    if schedule is None or gateway.rng.random() < 0.2:
        program.run(database, "phones", "set", phone["phone_number"], "--no-schedule", *at)
        phone["message_send_schedule_id"] = None
    else:
        schedule["windows"] = windows(gateway.rng)
        schedule["is_active"] = gateway.rng.random() < 0.7
        state = "--active" if schedule["is_active"] else "--inactive"
        program.run(database, "schedules", "set", schedule["name"], typed(schedule["windows"]), state, *at)
    gateway.models[phone["phone_number"]].hours = gateway.hours(gateway.schedule_of(phone))


def change_exceptions(program, database, gateway, now):
    phone, = gateway.phones
    schedule = gateway.schedule_of(phone)
    if schedule is None:
        return
    known = {e["date"]: e for e in schedule.get("exceptions", [])}
    for exception in exceptions(gateway.rng, local_day(schedule["timezone"], now))[:3]:
        words = typed_exception(exception)
        program.run(database, "schedules", "except", schedule["name"], *words, "--now", stamp(now))
        known[exception["date"]] = exception
    schedule["exceptions"] = list(known.values())
    gateway.models[phone["phone_number"]].hours = gateway.hours(schedule)


def add_message(program, database, gateway, now):
    rng = gateway.rng
    number = gateway.phones[0]["phone_number"]
    message = Message("", f"+1202555{rng.randint(0, 9999):04d}", now, exact=rng.random() < 0.3)
    options = ["--exact"] if message.exact else []
    if rng.random() < 0.5:
        message.send_at = near(rng, now, HOUR)
        options += ["--send-at", stamp(message.send_at)]
    if rng.random() < 0.3:
        message.expires_at = max(now, message.ready) + rng.choice([1, MINUTE, DAY, 5 * DAY])
        options += ["--expires", stamp(message.expires_at)]
    known = {m["id"] for m in json.loads(program.export(database))["messages"]}
    program.run(
        database, "queue", "add", number, "--to", message.contact, "--text", rng.choice(CONTENTS[:-1]), *options,
        "--now", stamp(now))
    added = [m for m in json.loads(program.export(database))["messages"] if m["id"] not in known]
    agree([m["contact"] for m in added], [message.contact], "the message that was added")
    message.id = added[0]["id"]
    gateway.models[number].messages.append(message)


def cancel_message(program, database, gateway, now):
    model = gateway.models[gateway.phones[0]["phone_number"]]
    waiting = model.waiting(now)
    if waiting:
        message = gateway.rng.choice(waiting)
        program.run(database, "queue", "cancel", message.id, "--now", stamp(now))
        message.status = "canceled"


def reschedule(program, database, gateway, now):
    model = gateway.models[gateway.phones[0]["phone_number"]]
    waiting = [m for m in model.waiting(now) if m.status != "sending"]
    if waiting:
        message = gateway.rng.choice(waiting)
        message.send_at = near(gateway.rng, now, DAY)
        # Whoever gives it a time means this one, not a later one after a failed attempt.
        message.retry_at = None
        program.run(
            database, "queue", "reschedule", message.id, "--send-at", stamp(message.send_at), "--now", stamp(now))


CHANGES = [
    change_rate, change_day_limit, change_pause, hold, release, change_schedule, change_exceptions, add_message,
    cancel_message, reschedule]
