"""Forecasts and claims against the rule."""

import json

from gateway import RATES, Gateway, near, windows
from runner import agree
from rule import HOUR, MINUTE, Hours, Message, stamp
from words import typed


def load(program, database, gateway):
    """Imports a gateway's bundle as it was known at its `now`."""
    path = program.write("bundle.json", json.dumps(gateway.bundle()))
    program.run(database, "import", path, "--now", stamp(gateway.now))


def check_preview(program, database, rng):
    gateway = Gateway(rng)
    load(program, database, gateway)
    for phone in gateway.phones:
        model = gateway.models[phone["phone_number"]]
        entries = model.forecast(gateway.now)
        name = rng.choice([phone["phone_number"], phone["id"]])
        at = ("--now", stamp(gateway.now))
        lines = program.lines(database, "preview", name, "--json", *at)
        expected = [
            {"position": position, "message_id": message.id, "contact": message.contact,
             "ready_at": stamp(message.ready), "send_at": stamp(send_at), "cause": cause}
            for position, (message, send_at, cause) in enumerate(entries, 1)]
        place = f"preview of {name} now {stamp(gateway.now)}"
        for found, wanted in zip(lines, expected):
            agree(found, wanted, place)
        agree(len(lines), len(expected), f"{place}: lines")
        limit = rng.choice([0, 1, 5, 1000]) if rng.random() < 0.3 else None
        if limit:
            limited = program.lines(database, "preview", name, "--json", "--limit", limit, *at)
            agree(limited, lines[:limit], f"{place} --limit {limit}")
        times = [send_at for _, send_at, _ in entries if send_at is not None]
        agree(
            program.lines(database, "preview", name, "--summary", "--json", *at),
            [{"phone": phone["phone_number"], "waiting": len(entries),
              "first_send_at": stamp(min(times, default=None)), "last_send_at": stamp(max(times, default=None)),
              "never": len(entries) - len(times), "messages_per_minute": phone["messages_per_minute"],
              "time_zone": gateway.time_zone(phone)}],
            f"{place} --summary")


def check_claims(program, database, rng):
    """A gateway that claims, reports and forgets to, while an administrator changes things."""
    gateway = Gateway(rng, phones=1, queue=8)
    load(program, database, gateway)
    number = gateway.phones[0]["phone_number"]
    model = gateway.models[number]
    now = gateway.now
    for _ in range(14):
        if rng.random() < 0.3:
            rng.choice([change_rate, change_schedule, add_message, cancel_message])(program, database, gateway, now)
        now, message = claim_once(program, database, rng, model, number, now)
        if message and rng.random() < 0.6:
            now += rng.choice([0, 1, rng.randint(0, 5000)])
            if now < message.lease_expires_at:
                program.run(database, "queue", "sent", message.id, "--now", stamp(now))
                message.status = "sent"


def claim_once(program, database, rng, model, number, now):
    """Claims at, before or after the forecast time; the time of it and the message handed out."""
    due = next((send_at for _, send_at, _ in model.forecast(now) if send_at is not None), None)
    leases = [m.lease_expires_at for m in model.messages if m.status == "sending"]
    choices = [now] if due is None else [due, due, due - 1, due + rng.randint(0, 5 * MINUTE)]
    choices += [lease + rng.choice([-1, 1]) for lease in leases]
    at = max(now, rng.choice(choices))
    entries = model.forecast(at)
    place = f"claim at {stamp(at)}"
    lease = rng.choice([None, 1, 5, 3600])
    command = ["queue", "claim", number, "--now", stamp(at)] + (["--lease", lease] if lease else [])
    first, send_at = entries[0][:2] if entries else (None, None)
    if send_at != at:
        before = program.export(database)
        answer = program.lines(database, *command, expect=75)
        agree(answer, [{"claimed": None, "next_at": stamp(send_at)}], place)
        agree(program.export(database), before, f"{place}: what a claim of nothing left")
        return at, None
    if first.status == "sending":
        assert first.lease_expires_at <= at
    first.status = "sending"
    first.attempts += 1
    first.claimed_at = at
    first.lease_expires_at = at + 1000 * (lease or 60)
    content = next(m for m in json.loads(program.export(database))["messages"] if m["id"] == first.id)["content"]
    agree(
        program.lines(database, *command),
        [{"message_id": first.id, "contact": first.contact, "content": content, "attempt": first.attempts,
          "lease_expires_at": stamp(first.lease_expires_at)}], place)
    return at, first




def change_rate(program, database, gateway, now):
    phone = gateway.phones[0]
    rate = gateway.rng.choice(RATES)
    program.run(database, "phones", "set", phone["phone_number"], "--rate", rate, "--now", stamp(now))
    gateway.models[phone["phone_number"]].rate = rate


def change_schedule(program, database, gateway, now):
    """Paints other hours, switches the schedule off or on, or detaches it."""
    phone = gateway.phones[0]
    model = gateway.models[phone["phone_number"]]
    schedule = next((s for s in gateway.schedules if s["id"] == phone["message_send_schedule_id"]), None)
    at = ("--now", stamp(now))
    if schedule is None or gateway.rng.random() < 0.2:
        program.run(database, "phones", "set", phone["phone_number"], "--no-schedule", *at)
        phone["message_send_schedule_id"] = None
        model.hours = Hours()
        return
    schedule["windows"] = windows(gateway.rng)
    schedule["is_active"] = gateway.rng.random() < 0.7
    state = "--active" if schedule["is_active"] else "--inactive"
    program.run(database, "schedules", "set", schedule["name"], typed(schedule["windows"]), state, *at)
    model.hours = Hours(schedule["timezone"], schedule["windows"]) if schedule["is_active"] else Hours()


def add_message(program, database, gateway, now):
    rng = gateway.rng
    number = gateway.phones[0]["phone_number"]
    message = Message("", f"+1202555{rng.randint(0, 9999):04d}", now, exact=rng.random() < 0.3)
    options = ["--exact"] if message.exact else []
    if rng.random() < 0.5:
        message.send_at = near(rng, now, HOUR)
        options += ["--send-at", stamp(message.send_at)]
    known = {m["id"] for m in json.loads(program.export(database))["messages"]}
    program.run(
        database, "queue", "add", number, "--to", message.contact, "--text", "added", *options, "--now", stamp(now))
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
