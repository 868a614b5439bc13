"""When messages go out, written from the contract alone, on the system's own time zone database.

Times are integers: Unix milliseconds in UTC. Nothing here is shared with the program under test.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
HORIZON = 1827 * DAY
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def stamp(instant):
    """`2026-03-29T06:00:00.000Z`; None stays None."""
    if instant is None:
        return None
    time = EPOCH + timedelta(milliseconds=instant)
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time.microsecond // 1000:03d}Z"


def instant(text):
    """The inverse of `stamp`, which takes no other form."""
    time = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    assert stamp((time - EPOCH) // timedelta(milliseconds=1)) == text, text
    return (time - EPOCH) // timedelta(milliseconds=1)


@lru_cache(maxsize=None)
def zone(name):
    return ZoneInfo(name)


def wall(name, at):
    """What the wall clock of a zone shows at an instant."""
    return (EPOCH + timedelta(milliseconds=at)).astimezone(zone(name))


@lru_cache(maxsize=4000)
def day_minutes(name, day):
    """The minute of the week (0 is Sunday 00:00) at the start of each minute of a UTC day."""
    times = (wall(name, day * DAY + minute * MINUTE) for minute in range(1440))
    return [time.isoweekday() % 7 * 1440 + time.hour * 60 + time.minute for time in times]


@lru_cache(maxsize=None)
def clock_changes(name, year):
    """The instants within a year at which the offset of a zone changes."""
    offset = lambda at: wall(name, at).utcoffset()
    start = (datetime(year, 1, 1, tzinfo=timezone.utc) - EPOCH) // timedelta(milliseconds=1)
    found = []
    for low in range(start, start + 366 * DAY, 3 * HOUR):
        high = low + 3 * HOUR
        if offset(low) != offset(high):
            while high - low > 1000:
                middle = (low + high) // 2000 * 1000
                low, high = (middle, high) if offset(middle) == offset(low) else (low, middle)
            found.append(high)
    return found


class Hours:
    """Open minutes on a wall clock. Without windows always open."""

    def __init__(self, name=None, windows=None):
        self.name = name
        self.allowed = None
        if windows is not None:
            self.allowed = bytearray(7 * 1440)
            for window in windows:
                for minute in range(window["start_minute"], window["end_minute"]):
                    self.allowed[window["day_of_week"] * 1440 + minute] = 1

    def is_open(self, at):
        if self.allowed is None:
            return True
        time = wall(self.name, at)
        return bool(self.allowed[time.isoweekday() % 7 * 1440 + time.hour * 60 + time.minute])

    def next_open(self, at, limit):
        """The first open instant at or after `at`, None if that is later than `limit`."""
        if at > limit:
            return None
        if self.is_open(at):
            return at
        minute = at // MINUTE + 1
        while minute * MINUTE <= limit:
            day, first = divmod(minute, 1440)
            for index, shown in enumerate(day_minutes(self.name, day)[first:], first):
                if self.allowed[shown]:
                    found = (day * 1440 + index) * MINUTE
                    return found if found <= limit else None
            minute = (day + 1) * 1440
        return None


@dataclass
class Message:
    id: str
    contact: str
    queued_at: int
    send_at: int | None = None
    exact: bool = False
    status: str = "pending"
    attempts: int = 0
    claimed_at: int | None = None
    lease_expires_at: int | None = None
    sent_at: int | None = None

    @property
    def ready(self):
        return max(self.queued_at, self.send_at if self.send_at is not None else self.queued_at)


@dataclass
class Phone:
    hours: Hours
    rate: int
    max_attempts: int = 2
    messages: list = field(default_factory=list)  # in the order of insertion

    @property
    def gap(self):
        return -(-60_000 // self.rate) if self.rate else 0

    def waiting(self, now):
        """Waiting messages in their order; a claim whose lease has run out is one if attempts are left."""
        lapsed = lambda m: m.status == "sending" and m.lease_expires_at <= now and m.attempts < self.max_attempts
        waits = [m for m in self.messages if m.status in ("pending", "scheduled", "expired") or lapsed(m)]
        return sorted(waits, key=lambda m: (m.ready, m.queued_at))  # stable: then insertion

    def previous(self):
        """The latest claim or send, None for a phone that never sent."""
        times = [m.claimed_at for m in self.messages if m.claimed_at is not None]
        times += [m.sent_at for m in self.messages if m.sent_at is not None and m.claimed_at is None]
        return max(times, default=None)

    def forecast(self, now):
        """[(message, send_at or None, cause)] in the order of going out."""
        horizon = now + HORIZON
        waits = self.waiting(now)
        exact = [m for m in waits if m.exact]
        ordinary = [m for m in waits if not m.exact]
        previous = self.previous()
        entries = []
        while exact or ordinary:
            time, cause = None, "never"
            if ordinary:
                base = max(now, ordinary[0].ready)
                spaced = base if previous is None else max(base, previous + self.gap)
                time = self.hours.next_open(spaced, horizon)
                if time is not None:
                    cause = "window" if time != spaced else "rate" if spaced != base else "ready"
            if exact and (time is None or max(now, exact[0].ready) <= time):
                message = exact.pop(0)
                at = max(now, message.ready)
                entries.append((message, at if at <= horizon else None, "exact"))
                previous = at if previous is None else max(previous, at)
            else:
                entries.append((ordinary.pop(0), time, cause))
                previous = time if time is not None else previous
        return entries
