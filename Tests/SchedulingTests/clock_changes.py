"""Prints the offsets of a clock from Python's zoneinfo, a second reader of the system's time zone database.

usage: clock_changes.py ZONE

A line for each change from 1995 to 2050: since when, and the offset from UTC, in seconds.
"""

import datetime
import sys
import zoneinfo

FIRST = 788918400  # 1995-01-01
LAST = 2524608000  # 2050-01-01
STEP = 6 * 3600
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)

zone = zoneinfo.ZoneInfo(sys.argv[1])


def offset(seconds):
    return int((EPOCH + datetime.timedelta(seconds=seconds)).astimezone(zone).utcoffset().total_seconds())


before = offset(FIRST)
print(FIRST, before)
for start in range(FIRST, LAST, STEP):
    if offset(start + STEP) == before:
        continue
    # The first second at which the clock is another one lies in (low, high].
    low, high = start, start + STEP
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(middle) == before else (low, middle)
    before = offset(high)
    print(high, before)
