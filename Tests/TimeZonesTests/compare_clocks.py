"""Compares clocks with those of Python's zoneinfo.

usage: compare_clocks.py DIRECTORY FILE

FILE has a line a zone: its name, then each span as START:OFFSET in seconds, the first START being "-". From 1970 to
2100 every change is looked at a second before, at it and a second after, and every week besides (of clocks that are the
same once). What differs is
printed, a line each; at the end how many zones and changes were compared.
"""

import datetime
import sys
import zoneinfo
from bisect import bisect_right

FIRST = 0
LAST = 4133980800  # 2101-01-01
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


def offset(zone, seconds):
    moment = EPOCH + datetime.timedelta(seconds=seconds)
    return int(moment.astimezone(zone).utcoffset().total_seconds())


def compare(name, spans, seen):
    zone = zoneinfo.ZoneInfo(name)
    starts = [start for start, _ in spans]
    mine = lambda seconds: spans[bisect_right(starts, seconds) - 1][1]
    changes = [start for start in starts if FIRST <= start < LAST]
    moments = {start + step for start in changes for step in (-1, 0, 1)}
    if tuple(spans) not in seen:
        moments.update(range(FIRST, LAST, 7 * 86400))
        seen.add(tuple(spans))
    for seconds in sorted(moments):
        theirs = offset(zone, seconds)
        if mine(seconds) != theirs:
            print(f"{name} at {seconds}: {mine(seconds)}, zoneinfo says {theirs}")
            break
    return len(changes)


def main():
    directory, file = sys.argv[1:]
    zoneinfo.reset_tzpath(to=[directory])
    zones = changes = 0
    seen = set()
    for line in open(file):
        name, *spans = line.split()
        pairs = [span.split(":") for span in spans]
        parsed = [(float("-inf") if start == "-" else int(start), int(value)) for start, value in pairs]
        changes += compare(name, parsed, seen)
        zones += 1
    print(f"compared {zones} zones, {changes} changes")


main()
