"""Random gateways: a bundle to import, and what it means."""

import uuid
from datetime import timedelta

from clock import DAY, END_OF_TIME, FIRST_DAY, HOUR, MINUTE, SECOND, clock_changes, instant, local_day, stamp
from rule import HORIZON, LONGEST_RETRY, Hours, Message, Phone

ZONES = (
    "Australia/Lord_Howe Antarctica/Troll Africa/Casablanca Africa/El_Aaiun Pacific/Apia America/Sao_Paulo "
    "Pacific/Chatham America/Havana Asia/Beirut Asia/Gaza America/Nuuk Africa/Cairo Europe/Dublin Asia/Kathmandu "
    "Asia/Almaty America/New_York Europe/Berlin Europe/Tallinn America/Santiago Asia/Tehran UTC Etc/GMT+5 "
    "America/Scoresbysund Pacific/Kiritimati Pacific/Pago_Pago America/Asuncion Antarctica/Casey"
).split()
RATES = [0, 1, 1, 7, 59, 100, 60_000, 100_000]
PER_DAY = [0, 0, 0, 1, 2, 3, 5]
RETRY_DELAYS = [None, None, 1, 30, 3600, 0]
PAUSES = [None, None, 0, 1, 2, 3]
CONTENTS = ["hello", "Zażółć gęślą jaźń", 'a "quoted", text', "two\nlines", "😀 emoji", "tab\there", "x" * 500, "-"]  # "-" is the last: on the command line it means standard input
NOTES = ["", "", "Christmas Eve", "Jõulud 🎄", "a, b; c"]


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
            result += [window(day, *range_) for range_ in ranges(rng)]
    rng.shuffle(result)
    return result or [window(0, 0, 1)]


def ranges(rng):
    """Minutes of a day that do not overlap: [(start, end)]."""
    step = rng.choice([1, 15, 60])
    edges = sorted({rng.randint(0, 1440 // step) * step for _ in range(2 * rng.randint(1, 3))})
    return list(zip(edges, edges[1:]))[:: 1 if rng.random() < 0.3 else 2]


def window(day, start, end):
    return {"day_of_week": day, "start_minute": start, "end_minute": end}


def exceptions(rng, around):
    """Exceptions of some dates near a day (counted from 1970), dated and yearly, a few of them far away."""
    found = {}
    for _ in range(rng.choice([0, 0, 1, 2, 6, 30])):
        day = around + rng.choice([0, 0, 1, -1, rng.randint(-3, 10), rng.randint(0, 400)])
        date = FIRST_DAY + timedelta(days=day)
        written = date.isoformat() if rng.random() < 0.7 else f"--{date.month:02d}-{date.day:02d}"
        if rng.random() < 0.05:
            written = rng.choice(["--02-29", "2028-02-29", "9999-12-31"])
        kind = rng.randrange(4)
        times = [] if kind < 2 else [(0, 1440)] if kind == 2 else ranges(rng)
        found[written] = {
            "date": written, "windows": [{"start_minute": a, "end_minute": b} for a, b in times],
            "note": rng.choice(NOTES)}
    return list(found.values())


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
        rng = self.rng
        name = rng.choice(["Office", "Nacht ☾", "a, b"]) + f" {index}"
        schedule = {
            "id": identifier(rng), "name": name, "is_active": rng.random() < 0.85,
            "timezone": self.zone if rng.random() < 0.7 else rng.choice(ZONES), "windows": windows(rng)}
        days = exceptions(rng, local_day(schedule["timezone"], self.moment))
        return schedule | ({"exceptions": days} if days else {})

    def hours(self, schedule):
        """What a schedule means, as it is written in a bundle; None for a phone without one."""
        if schedule is None:
            return Hours()
        if not schedule["is_active"]:
            return Hours(schedule["timezone"])
        return Hours(schedule["timezone"], schedule["windows"], schedule.get("exceptions", ()))

    def schedule_of(self, phone):
        return next((s for s in self.schedules if s["id"] == phone["message_send_schedule_id"]), None)

    def add_phone(self, index, queue):
        rng = self.rng
        schedule = rng.choice(self.schedules + [None])
        phone = {
            "id": identifier(rng), "phone_number": f"+3725550{index:04d}", "label": rng.choice(["", "Desk", "東京"]),
            "messages_per_minute": rng.choice(RATES), "messages_per_day": rng.choice(PER_DAY),
            "sim": rng.choice(["SIM1", "SIM2"]), "message_send_schedule_id": schedule and schedule["id"],
            "max_send_attempts": rng.choice([1, 2, 2, 5])}
        for name, choices in (("retry_delay_seconds", RETRY_DELAYS), ("pause_after_failures", PAUSES)):
            value = rng.choice(choices)
            if value is not None:
                phone[name] = value
        if rng.random() < 0.25:
            phone["held_until"] = stamp(self.hold_end())
            phone["hold_reason"] = rng.choice(["", "Modem is out", "ümber"])
        if rng.random() < 0.15:
            self.pause(phone)
        self.phones.append(phone)
        model = self.model(phone, schedule)
        self.models[phone["phone_number"]] = model
        sparse = model.hours.windows is not None and open_minutes(model.hours.windows) < 60
        same = [near(rng, self.moment, 4 * HOUR) for _ in range(3)]
        for _ in range(rng.choice([0, 1, 4]) if sparse else rng.randint(0, rng.choice([3, 12, queue]))):
            self.add_message(phone, model, same)

    def hold_end(self):
        rng = self.rng
        horizon = self.now + HORIZON
        return rng.choice([
            near(rng, self.moment, 4 * HOUR), near(rng, self.moment, 2 * DAY), self.now, self.now + 1, self.now - DAY,
            horizon, horizon + 1, END_OF_TIME])

    def pause(self, phone):
        """A hold that the phone set itself, in front of one by hand that ends earlier."""
        until = self.now + self.rng.choice([-MINUTE, 1, MINUTE, 30 * MINUTE])
        phone["failures_in_row"] = self.rng.randint(1, 9)
        if phone.get("held_until"):
            if instant(phone["held_until"]) > until:
                return
            phone |= {"held_by_hand_until": phone["held_until"], "held_by_hand_reason": phone["hold_reason"]}
        phone |= {"held_until": stamp(until), "hold_reason": "failures in a row", "hold_ends_with_success": True}

    def model(self, phone, schedule):
        is_paused = phone.get("hold_ends_with_success", False)
        return Phone(
            self.hours(schedule), phone["messages_per_minute"], phone["messages_per_day"], phone["max_send_attempts"],
            phone.get("retry_delay_seconds", 60), phone.get("pause_after_failures", 5),
            moment_of(phone.get("held_by_hand_until" if is_paused else "held_until")),
            moment_of(phone["held_until"]) if is_paused else None, phone.get("failures_in_row", 0))

    def add_message(self, phone, model, same):
        rng = self.rng
        now = self.now
        horizon = now + HORIZON
        message = Message(
            id=identifier(rng), contact=f"+1202555{rng.randint(0, 9999):04d}",
            queued_at=near(rng, self.moment, DAY) if rng.random() < 0.1 else now - rng.randint(0, 3) * MINUTE,
            send_at=rng.choice([
                None, None, now - rng.randint(0, DAY), rng.choice(same), near(rng, self.moment, DAY),
                near(rng, self.moment, 3 * DAY), near(rng, self.moment, 8 * DAY),
                rng.choice([horizon, horizon + 1, horizon - 1, END_OF_TIME, now, now])]),
            exact=rng.random() < 0.2,
            status=rng.choice(["pending"] * 8 + ["scheduled", "expired", "sending", "sent", "delivered", "failed"]))
        if rng.random() < 0.2:
            message.expires_at = min(END_OF_TIME, max(message.queued_at, rng.choice([
                now, now + MINUTE, now - 1, near(rng, self.moment, DAY), near(rng, self.moment, 8 * DAY), horizon,
                message.ready, message.ready + rng.randint(0, DAY)])))
        if rng.random() < 0.2:
            message.max_attempts = rng.choice([1, 2, 3])
        record = {
            "id": message.id, "owner": phone["phone_number"], "contact": message.contact,
            "content": rng.choice(CONTENTS), "status": message.status,
            "request_received_at": stamp(message.queued_at), "scheduled_send_time": stamp(message.send_at),
            "exact": message.exact, "last_attempted_at": None, "sent_at": None, "send_attempt_count": 0}
        self.settle(message, record, model, phone)
        optional = {"expires_at": stamp(message.expires_at), "retry_at": stamp(message.retry_at),
                    "max_send_attempts": message.max_attempts}
        record |= {name: value for name, value in optional.items() if value is not None}
        model.messages.append(message)
        self.messages.append(record)

    def settle(self, message, record, model, phone):
        """What has happened to a message before."""
        rng = self.rng
        past = self.now - rng.choice([0, 1, rng.randint(0, 59_999), rng.randint(60_001, 600_000), DAY])
        allowed = model.max_attempts if message.max_attempts is None else message.max_attempts
        if message.status == "sending":
            message.claimed_at = past
            message.lease_expires_at = past + MINUTE
            message.attempts = rng.randint(1, allowed)
        elif message.status in ("sent", "delivered"):
            message.sent_at = past if rng.random() < 0.9 else self.now + rng.choice([1, DAY, 400 * DAY])
            message.attempts = 1
            record["sent_at"] = stamp(message.sent_at)
        elif message.status != "failed" and rng.random() < 0.15:
            # It was tried before, and in vain; perhaps it is tried no more.
            message.claimed_at = past
            message.attempts = rng.randint(1, allowed)
            if rng.random() < 0.7:
                message.retry_at = past + rng.randint(0, LONGEST_RETRY // SECOND) * SECOND
        if message.attempts > 1 and message.claimed_at is not None and rng.random() < 0.7:
            earlier = [past - rng.randint(1, DAY) for _ in range(message.attempts - 1)]
            known = {send["send_time"]: send["count"] for send in phone.get("past_sends", [])}
            for at in earlier:
                known[stamp(at)] = known.get(stamp(at), 0) + 1
            phone["past_sends"] = [{"send_time": at, "count": known[at]} for at in sorted(known)]
            model.more_sends += earlier
        record["last_attempted_at"] = stamp(message.claimed_at)
        record["send_attempt_count"] = message.attempts

    def bundle(self):
        return {
            "phones": self.phones, "message_send_schedules": self.schedules, "messages": self.messages}

    def time_zone(self, phone):
        schedule = self.schedule_of(phone)
        return schedule and schedule["timezone"]


def open_minutes(windows):
    return sum(w["end_minute"] - w["start_minute"] for w in windows)


def moment_of(text):
    """Unix milliseconds of what `stamp` wrote."""
    return text and instant(text)
