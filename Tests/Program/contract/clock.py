"""Times, and the wall clock of a time zone as the system's database has it.

Times are integers: Unix milliseconds in UTC. Nothing here is shared with the program under test.
"""

from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
FIRST_DAY = date(1970, 1, 1)
END_OF_TIME = 253_402_300_799_999
PROBE = 5 * 60


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


def offset(name, second):
    """How many seconds the wall clock is ahead of UTC, at a second of Unix time."""
    time = EPOCH + timedelta(seconds=second)
    return int(time.astimezone(zone(name)).utcoffset().total_seconds())


@lru_cache(maxsize=20_000)
def stretches(name, day):
    """A UTC day (counted from 1970) cut where the clock changes: [(start, end, what the wall clock is ahead)], in ms."""
    found = []
    start = day * 86_400
    probes = [(second, offset(name, second)) for second in range(start, start + 86_401, PROBE)]
    for (low, before), (high, after) in zip(probes, probes[1:]):
        if before != after:
            change = first_second(name, low, high, before)
            found.append((start * SECOND, change * SECOND, before * SECOND))
            start = change
    found.append((start * SECOND, (day + 1) * DAY, offset(name, start) * SECOND))
    return found


def first_second(name, low, high, before):
    """The first second at which the offset is not what it was `before`."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(name, middle) == before else (low, middle)
    return high


@lru_cache(maxsize=None)
def clock_changes(name, year):
    """The instants within a year at which the offset of a zone changes."""
    first = (date(year, 1, 1) - FIRST_DAY).days
    cuts = (stretches(name, day)[1:] for day in range(first, first + 366))
    return [start for cut in cuts for start, _, _ in cut]


def local_day(name, at):
    """The date on the wall clock, counted in days from 1970."""
    return (wall(name, at).date() - FIRST_DAY).days
