"""Every time zone of the system's database, at any time, near its clock changes above all."""

import json
from zoneinfo import available_timezones

from clock import DAY, HOUR, instant, stamp
from gateway import moment, near
from rule import Hours
from runner import agree

NAMES = sorted(available_timezones() - {"Factory", "localtime"})


def check_zones(program, database, rng):
    """A phone in each zone with one message, its hours a few minutes of each day: when it goes out."""
    now = near(rng, moment(rng, rng.choice(NAMES)), DAY)
    start = rng.choice([0, 0, 60, 120, 180, rng.randrange(1439)])
    week = [{"day_of_week": day, "start_minute": start, "end_minute": start + rng.choice([1, 29, 30, 60]) if start < 1380 else 1440}
            for day in range(7)]
    phones = [
        {"id": f"p{i}", "phone_number": f"+3725550{i:04d}", "messages_per_minute": 0, "message_send_schedule_id": f"s{i}"}
        for i in range(len(NAMES))]
    schedules = [{"id": f"s{i}", "name": name, "timezone": name, "windows": week} for i, name in enumerate(NAMES)]
    messages = [
        {"id": f"m{i}", "owner": phone["phone_number"], "contact": "+15550100999", "content": "x", "status": "pending",
         "request_received_at": stamp(now - HOUR)} for i, phone in enumerate(phones)]
    path = program.write("zones.json", json.dumps({
        "phones": phones, "message_send_schedules": schedules, "messages": messages}))
    program.run(database, "import", path, "--now", stamp(now))
    listed = {p["id"]: p for p in program.lines(database, "phones", "list", "--json", "--now", stamp(now))}
    for i, name in enumerate(NAMES):
        hours = Hours(name, week)
        wanted = hours.first(now, now + 3 * DAY)
        found = listed[f"p{i}"]["next_send_at"]
        agree(found and instant(found), wanted, f"{name} now {stamp(now)}, open {week[0]}: next_send_at {found}")
        agree(listed[f"p{i}"]["state"], "open" if hours.is_open(now) else "closed", f"state in {name} now {stamp(now)}")
