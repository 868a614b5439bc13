"""The reference itself against the bare wall clock, so that both cannot be wrong in the same way."""

from clock import DAY, MINUTE, local_day
from gateway import ZONES, exceptions, moment, near, windows
from rule import Hours
from runner import agree


def check_reference(_program, _database, rng):
    """The first open instant is the first of all those whose wall clock shows an open minute."""
    for _ in range(3):
        zone = rng.choice(ZONES)
        around = moment(rng, zone)
        hours = Hours(zone, windows(rng), exceptions(rng, local_day(zone, around)))
        full = {local_day(zone, around) + rng.choice([-1, 0, 1]) for _ in range(rng.choice([0, 1, 2]))}
        at = near(rng, around, DAY)
        limit = at + 2 * DAY
        found = hours.first(at, limit, lambda day: day not in full)
        agree(found, by_looking(hours, at, limit, full), f"first open instant from {at} in {zone}")


def by_looking(hours, at, limit, full):
    """Looks at the wall clock each minute; the zones here change their clocks at full minutes."""
    candidates = [at, *range((at // MINUTE + 1) * MINUTE, limit + 1, MINUTE)]
    for candidate in candidates:
        if hours.is_open(candidate) and local_day(hours.name, candidate) not in full:
            return candidate
    return None
