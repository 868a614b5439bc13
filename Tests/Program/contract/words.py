"""Windows as text, in and out."""

import re

from gateway import ZONES
from runner import Disagreement, agree

DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
LONG = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEK = 7 * 1440


def minutes(windows):
    """The minutes of the week that windows hold."""
    return {w["day_of_week"] * 1440 + m for w in windows for m in range(w["start_minute"], w["end_minute"])}


def check_windows(program, database, rng):
    text, allowed = spoken(rng)
    zone = rng.choice(ZONES)
    program.run(database, "schedules", "add", "Typed", text, "--time-zone", zone)
    shown = program.lines(database, "schedules", "show", "Typed", "--json")[0]
    agree((shown["name"], shown["timezone"], shown["is_active"]), ("Typed", zone, True), "schedule")
    if minutes(shown["windows"]) != allowed:
        raise Disagreement(f"{text!r} was read as {shown['windows']}")
    check_limits(shown["windows"])
    # What is printed can be typed back.
    printed = re.search(r"^windows +(.+)$", program.run(database, "schedules", "show", "Typed").decode(), re.M)
    if not printed:
        raise Disagreement("`schedules show` prints no windows")
    program.run(database, "schedules", "add", "Again", printed[1], "--time-zone", zone)
    again = program.lines(database, "schedules", "show", "Again", "--json")[0]
    agree(again["windows"], shown["windows"], f"{printed[1]!r}, as printed and typed back")


def typed(windows):
    """Windows in the plainest words for them."""
    times = {}
    for w in sorted(windows, key=lambda w: (w["day_of_week"], w["start_minute"])):
        start, end = (f"{w[name] // 60:02d}:{w[name] % 60:02d}" for name in ("start_minute", "end_minute"))
        times.setdefault(w["day_of_week"], []).append(f"{start}-{end}")
    return "; ".join(f"{DAYS[day]} {', '.join(ranges)}" for day, ranges in times.items())


def typed_exception(exception):
    """The words of `schedules except` for an exception: its date, closed or times, and the note."""
    date = exception["date"]
    if date.startswith("--"):
        date = f"every {int(date[5:])} {MONTHS[int(date[2:4]) - 1]}"
    times = [
        "-".join(f"{w[name] // 60:02d}:{w[name] % 60:02d}" for name in ("start_minute", "end_minute"))
        for w in sorted(exception["windows"], key=lambda w: w["start_minute"])]
    return [date, ", ".join(times) or "closed", *(["--note", exception["note"]] if exception["note"] else [])]


def check_limits(windows):
    """Windows are well formed and those of a day do not overlap."""
    for w in windows:
        agree(0 <= w["day_of_week"] <= 6 and 0 <= w["start_minute"] < w["end_minute"] <= 1440, True, f"window {w}")
    total = sum(w["end_minute"] - w["start_minute"] for w in windows)
    agree(len(minutes(windows)), total, "minutes of windows that do not overlap")


def spoken(rng):
    """Windows as a person types them, and the minutes meant."""
    while True:
        parts, allowed = [], set()
        days = list(range(7))
        rng.shuffle(days)
        valid = True
        while days and (not parts or rng.random() < 0.6):
            names, chosen = day_list(rng, days)
            times, ranges = time_list(rng)
            for day in chosen:
                days.remove(day)
                for start, end in ranges:
                    new = {(day * 1440 + minute) % WEEK for minute in range(start, end)}
                    valid = valid and not new & allowed
                    allowed |= new
            parts.append(f"{names} {times}".strip())
        if valid:
            return rng.choice(["; ", ";"]).join(parts), allowed


def day_list(rng, free):
    """Names of some days that are free, and which they are."""
    groups = [("daily", list(range(7))), ("weekdays", [1, 2, 3, 4, 5]), ("weekend", [6, 0]), ("mon-fri", [1, 2, 3, 4, 5])]
    fitting = [group for group in groups if set(group[1]) <= set(free)]
    if fitting and rng.random() < 0.4:
        return rng.choice(fitting)
    chosen = sorted(rng.sample(free, rng.randint(1, min(3, len(free)))))
    names = [DAYS[day] if rng.random() < 0.8 else LONG[day].capitalize() for day in chosen]
    return ",".join(names), chosen


def time_list(rng):
    """Ranges of a day as text and minutes; an end at or before the start lies on the next day."""
    if rng.random() < 0.1:
        return "", [(0, 1440)]
    step = rng.choice([1, 30, 60])
    edges = sorted({rng.randint(0, 1440 // step) * step for _ in range(2 * rng.randint(1, 3))})
    ranges = list(zip(edges, edges[1:]))[::2] or [(540, 1020)]
    evening = -(-ranges[-1][1] // 60)
    if evening < 24 and rng.random() < 0.15:
        ranges.append((rng.randint(evening, 23) * 60, 1440 + rng.randint(1, 6) * 60))
    return rng.choice([", ", ","]).join(f"{clock(a, rng)}-{clock(b, rng)}" for a, b in ranges), ranges


def clock(minute, rng):
    if minute > 1440:
        minute -= 1440
    if minute % 60 == 0 and rng.random() < 0.4:
        return str(minute // 60)
    return f"{minute // 60:02d}:{minute % 60:02d}"


BAD = [
    "", " ", ";", "mon 9-9", "mon 25-26", "foo 9-12", "9-12", "mon 9:60-12", "mon 9-", "mon -5-7", "mon 9-12, 11-13",
    "mon 22-06:00; tue 5-7", "mon 9-12 x", "mon 24:01-24:02", "mon 9..12", "mon 9-12;; tue 9-24:30", "monn 9-12",
    "mon-xyz 9-12", "mon ٩-١٢",
]


def check_bad_windows(program, database, rng):
    program.run(database, "schedules", "add", "Good", "daily 8-20", "--time-zone", "UTC")
    before = program.export(database)
    text = rng.choice(BAD) if rng.random() < 0.7 else damaged(rng)
    if text is None:
        return
    zone = rng.choice(["UTC", "Europe/Berlin"])
    program.run(database, "schedules", "add", "Bad", text, "--time-zone", zone, expect=(0, 64, 65))
    if text in BAD and program.code == 0:
        raise Disagreement(f"{text!r} was taken")
    if program.code == 0:
        check_limits(program.lines(database, "schedules", "show", "Bad", "--json")[0]["windows"])
    else:
        agree(bool(program.error.strip()), True, f"an error for {text!r}")
        agree(program.export(database), before, f"export after refusing {text!r}")


def damaged(rng):
    """A good text with a few characters changed."""
    text = list(spoken(rng)[0])
    for _ in range(rng.randint(1, 3)):
        text[rng.randrange(len(text))] = rng.choice(list("0123456789:-,; monx\t") + ["–", "٣"])
    result = "".join(text)
    return None if result.startswith("-") else result
