"""The hours of a phone as iCalendar: what a calendar program reads there is what the rule says."""

from datetime import datetime, timedelta, timezone

from clock import DAY, EPOCH, HOUR, FIRST_DAY, MINUTE, clock_changes, local_day, stamp, wall
from gateway import Gateway, near
from queues import load
from runner import agree

NAMES = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def check_calendar(program, database, rng):
    gateway = Gateway(rng, phones=1, queue=1)
    load(program, database, gateway)
    phone, = gateway.phones
    hours = gateway.models[phone["phone_number"]].hours
    text = program.run(database, "export", "--ics", phone["phone_number"], "--now", stamp(gateway.now)).decode()
    agree(max(len(line.encode()) for line in text.split("\r\n")) <= 75, True, "lines are folded")
    events = [Event(lines) for lines in sections(text, "VEVENT")]
    agree(len({event.fields["UID"] for event in events}), len(events), "different UIDs")
    for _ in range(300):
        at = moment(rng, gateway, hours)
        found = any(event.covers(at, hours.name) for event in events)
        agree(found, hours.is_open(at), f"open at {stamp(at)} in {hours.name}, {wall(hours.name, at)}")


def moment(rng, gateway, hours):
    """From tomorrow on: near an exception, near a change of the clock, or at any time in four years."""
    dates = [date for date in hours.exceptions if not date.startswith("--")]
    choices = [gateway.now + rng.randint(0, 4 * 365) * DAY + rng.randint(0, DAY)]
    if dates:
        day = (datetime.fromisoformat(rng.choice(dates)).date() - FIRST_DAY).days
        choices.append(day * DAY + rng.randint(-DAY, 2 * DAY))
    changes = [at for year in (2027, 2028, 2030) for at in clock_changes(hours.name, year)]
    if changes:
        choices.append(near(rng, rng.choice(changes), 5 * HOUR))
    at = rng.choice(choices)
    return at if gateway.now + DAY < at < gateway.now + 4 * 365 * DAY else choices[0] + DAY


def sections(text, name):
    """The unfolded lines of each component."""
    lines = text.replace("\r\n ", "").split("\r\n")
    found = None
    for line in lines:
        if line == f"BEGIN:{name}":
            found = []
        elif line == f"END:{name}":
            yield found
        elif found is not None:
            found.append(line)


class Event:
    def __init__(self, lines):
        self.fields = {}
        for line in lines:
            name, _, value = line.partition(":")
            self.fields[name.partition(";")[0]] = value
        self.days = None
        if "RRULE" in self.fields:
            rule = dict(part.split("=") for part in self.fields["RRULE"].split(";"))
            assert rule["FREQ"] == "WEEKLY", rule
            self.days = {NAMES.index(day) for day in rule["BYDAY"].split(",")}
            self.until = rule["UNTIL"]
            self.without = set(filter(None, self.fields.get("EXDATE", "").split(",")))

    def covers(self, at, zone):
        if self.days is None:
            return instant(self.fields["DTSTART"]) <= at < instant(self.fields["DTEND"])
        shown = wall(zone, at).replace(tzinfo=None)
        start, end = (local(self.fields[name]) for name in ("DTSTART", "DTEND"))
        assert start.weekday() in self.days, self.fields
        begin = datetime.combine(shown.date(), start.time())
        is_day = shown.weekday() in self.days and begin >= start
        return is_day and begin.strftime("%Y%m%dT%H%M%S") not in self.without and begin <= shown < begin + (end - start)


def local(text):
    return datetime.strptime(text, "%Y%m%dT%H%M%S")


def instant(text):
    time = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    return (time - EPOCH) // timedelta(milliseconds=1)
