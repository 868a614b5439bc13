"""Random gateways: a bundle to import, and what it means."""

import random
import uuid

from rule import DAY, HORIZON, HOUR, MINUTE, Hours, Message, Phone, clock_changes, stamp

ZONES = (
    "Australia/Lord_Howe Antarctica/Troll Africa/Casablanca Africa/El_Aaiun Pacific/Apia America/Sao_Paulo "
    "Pacific/Chatham America/Havana Asia/Beirut Asia/Gaza America/Nuuk Africa/Cairo Europe/Dublin Asia/Kathmandu "
    "Asia/Almaty America/New_York Europe/Berlin Europe/Tallinn America/Santiago Asia/Tehran UTC Etc/GMT+5"
).split()
RATES = [0, 1, 1, 7, 59, 100, 60_000, 100_000]
CONTENTS = ["hello", "Zażółć gęślą jaźń", 'a "quoted", text', "two\nlines", "😀 emoji", "tab\there", "x" * 500, "-"]


def near(rng, at, reach):
    """An instant near another: the same, a millisecond or a minute off, or within reach."""
    return at + rng.choice([0, 0, 1, -1, MINUTE, -MINUTE, rng.randint(-reach, reach),
                            rng.randint(-reach // MINUTE, reach // MINUTE) * MINUTE])


def moment(rng, name):
    """An instant near a clock change of a zone, or any if it has none."""
    changes = clock_changes(name, rng.choice([2026, 2026, 2027, 2028, 2029, 2031, 2037, 2040]))
    return rng.choice(changes) if changes else 1_780_000_000_000 + rng.randint(0, 300) * DAY


def windows(rng):
    kind = rng.randrange(8)
    if kind == 0:
        return [window(day, 0, 1440) for day in range(7)]
    if kind == 1:
        minute = rng.randrange(1440)
        return [window(rng.randrange(7), minute, minute + 1)]
    if kind == 2:
        return [w for day in range(7) for w in (window(day, 0, 150), window(day, 1380, 1440))]
    result = []
    for day in range(7):
        if rng.random() < 0.7:
            step = rng.choice([1, 15, 60])
            edges = sorted({rng.randint(0, 1440 // step) * step for _ in range(2 * rng.randint(1, 3))})
            touching = rng.random() < 0.3
            result += [window(day, a, b) for a, b in list(zip(edges, edges[1:]))[:: 1 if touching else 2]]
    rng.shuffle(result)
    return result or [window(0, 0, 1)]


def window(day, start, end):
    return {"day_of_week": day, "start_minute": start, "end_minute": end}


def identifier(rng):
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


class Gateway:
    """Phones that share schedules, and queues of every status, around one instant `now`."""

    def __init__(self, rng, phones=6, queue=40):
        self.rng = rng
        self.zone = rng.choice(ZONES)
        self.moment = moment(rng, self.zone)
        self.now = near(rng, self.moment - rng.choice([0, 0, HOUR, DAY, 3 * DAY]), 5 * HOUR)
        self.schedules = [self.schedule(index) for index in range(rng.randint(1, 3))]
        self.phones = []
        self.messages = []
        self.models = {}
        for index in range(phones):
            self.add_phone(index, queue)

    def schedule(self, index):
        name = self.rng.choice(["Office", "Nacht ☾", "a, b"]) + f" {index}"
        return {
            "id": identifier(self.rng), "name": name, "is_active": self.rng.random() < 0.85,
            "timezone": self.zone if self.rng.random() < 0.7 else self.rng.choice(ZONES),
            "windows": windows(self.rng)}

    def add_phone(self, index, queue):
        rng = self.rng
        schedule = rng.choice(self.schedules + [None])
        phone = {
            "id": identifier(rng), "phone_number": f"+3725550{index:04d}", "label": rng.choice(["", "Desk", "東京"]),
            "messages_per_minute": rng.choice(RATES), "sim": rng.choice(["SIM1", "SIM2"]),
            "message_send_schedule_id": schedule and schedule["id"], "max_send_attempts": rng.choice([1, 2, 2, 5])}
        self.phones.append(phone)
        hours = Hours()
        if schedule and schedule["is_active"]:
            hours = Hours(schedule["timezone"], schedule["windows"])
        model = Phone(hours, phone["messages_per_minute"], phone["max_send_attempts"])
        self.models[phone["phone_number"]] = model
        sparse = hours.allowed is not None and sum(hours.allowed) < 60
        same = [near(rng, self.moment, 4 * HOUR) for _ in range(3)]
        for _ in range(rng.choice([0, 1, 4]) if sparse else rng.randint(0, rng.choice([3, 12, queue]))):
            self.add_message(phone, model, same)

    def add_message(self, phone, model, same):
        rng = self.rng
        now = self.now
        horizon = now + HORIZON
        message = Message(
            id=identifier(rng), contact=f"+1202555{rng.randint(0, 9999):04d}",
            queued_at=near(rng, self.moment, DAY) if rng.random() < 0.1 else now - rng.randint(0, 3) * MINUTE,
            send_at=rng.choice([
                None, now - rng.randint(0, DAY), rng.choice(same), near(rng, self.moment, DAY),
                near(rng, self.moment, 3 * DAY), near(rng, self.moment, 8 * DAY),
                rng.choice([horizon, horizon + 1, horizon - 1, 253_402_300_799_999, now, now])]),
            exact=rng.random() < 0.2,
            status=rng.choice(["pending"] * 8 + ["scheduled", "expired", "sending", "sent", "delivered", "failed"]))
        record = {
            "id": message.id, "owner": phone["phone_number"], "contact": message.contact,
            "content": rng.choice(CONTENTS), "status": message.status,
            "request_received_at": stamp(message.queued_at), "scheduled_send_time": stamp(message.send_at),
            "exact": message.exact, "last_attempted_at": None, "sent_at": None, "send_attempt_count": 0}
        self.settle(message, record, phone)
        model.messages.append(message)
        self.messages.append(record)

    def settle(self, message, record, phone):
        """What has happened to a message that does not wait any more."""
        rng = self.rng
        past = self.now - rng.choice([0, 1, rng.randint(0, 59_999), rng.randint(60_001, 600_000), DAY])
        if message.status == "sending":
            message.claimed_at = past
            message.lease_expires_at = past + MINUTE
            message.attempts = rng.randint(1, phone["max_send_attempts"])
            record["last_attempted_at"] = stamp(past)
        elif message.status in ("sent", "delivered"):
            message.sent_at = past
            message.attempts = 1
            record["sent_at"] = stamp(past)
        record["send_attempt_count"] = message.attempts

    def bundle(self):
        return {
            "phones": self.phones, "message_send_schedules": self.schedules, "messages": self.messages}

    def time_zone(self, phone):
        names = {schedule["id"]: schedule["timezone"] for schedule in self.schedules}
        return names.get(phone["message_send_schedule_id"])
