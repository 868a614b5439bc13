"""When messages go out, written from the contract alone: slow, and one step of the rule after the other.

Times are Unix milliseconds in UTC. Nothing here is shared with the program under test.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from clock import DAY, FIRST_DAY, MINUTE, SECOND, local_day, stretches, wall

HORIZON = 1827 * DAY
LONGEST_RETRY = 3600 * SECOND
LONGEST_PAUSE = 1800 * SECOND
WAITING = ("pending", "scheduled", "expired")


class Hours:
    """When the wall clock allows sending.

    `name` is the time zone, which also says where a day begins; without windows it is always open. Exceptions are
    as in a bundle: the date is `2026-12-24`, or `--12-24` for every year.
    """

    def __init__(self, name="UTC", windows=None, exceptions=()):
        self.name = name
        self.windows = windows
        self.exceptions = {e["date"]: e["windows"] for e in exceptions}

    def of_day(self, day):
        """The open minutes of a local date, counted in days from 1970: [(start, end)]."""
        if self.windows is None:
            return [(0, 1440)]
        date = FIRST_DAY + timedelta(days=day)
        for written in (date.isoformat(), f"--{date.month:02d}-{date.day:02d}"):
            if written in self.exceptions:
                return ends(self.exceptions[written])
        return ends(w for w in self.windows if w["day_of_week"] == date.isoweekday() % 7)

    def is_open(self, at):
        time = wall(self.name, at)
        minute = time.hour * 60 + time.minute
        return any(start <= minute < end for start, end in self.of_day((time.date() - FIRST_DAY).days))

    def first(self, at, limit, has_room=lambda day: True):
        """The first open instant from `at` to `limit` on a local date that has room; None if there is none."""
        for day in range(at // DAY, limit // DAY + 1):
            for start, end, ahead in stretches(self.name, day):
                found = self.first_in_stretch(max(start, at), min(end, limit + 1), ahead, has_room)
                if found is not None:
                    return found
        return None

    def first_in_stretch(self, start, end, ahead, has_room):
        """The same, where the wall clock is always equally far ahead of UTC."""
        shown = start + ahead
        while shown < end + ahead:
            day = shown // DAY
            if has_room(day):
                for opens, closes in self.of_day(day):
                    found = max(shown, day * DAY + opens * MINUTE)
                    if found < min(end + ahead, day * DAY + closes * MINUTE):
                        return found - ahead
            shown = (day + 1) * DAY
        return None


def ends(windows):
    return sorted((w["start_minute"], w["end_minute"]) for w in windows)


@dataclass
class Message:
    id: str
    contact: str
    queued_at: int
    send_at: int | None = None
    exact: bool = False
    expires_at: int | None = None
    retry_at: int | None = None
    status: str = "pending"
    attempts: int = 0
    max_attempts: int | None = None
    claimed_at: int | None = None
    lease_expires_at: int | None = None
    sent_at: int | None = None

    @property
    def ready(self):
        return max(at for at in (self.queued_at, self.send_at, self.retry_at) if at is not None)


@dataclass
class Phone:
    hours: Hours
    rate: int
    per_day: int = 0
    max_attempts: int = 2
    retry_delay: int = 60
    pause_after: int = 5
    held_until: int | None = None
    pause_until: int | None = None
    failures: int = 0
    messages: list = field(default_factory=list)  # in the order of insertion
    more_sends: list = field(default_factory=list)  # claims of messages that were claimed again later

    @property
    def gap(self):
        return -(-60_000 // self.rate) if self.rate else 0

    @property
    def held(self):
        """Until when it sends nothing: by hand, or after failures."""
        return max((at for at in (self.held_until, self.pause_until) if at is not None), default=0)

    def has_attempts(self, message):
        return message.attempts < (self.max_attempts if message.max_attempts is None else message.max_attempts)

    def waits(self, message, now):
        """Waiting messages, and those whose claim lapsed, while attempts are left."""
        lapsed = message.status == "sending" and message.lease_expires_at <= now
        return (message.status in WAITING or lapsed) and self.has_attempts(message)

    def waiting(self, now):
        """In the order of the rule."""
        waits = [message for message in self.messages if self.waits(message, now)]
        return sorted(waits, key=lambda m: (m.ready, m.queued_at))  # stable: then insertion

    def sends(self, now):
        """When it sent so far; what lies after now cannot have been sent."""
        times = [m.sent_at if m.claimed_at is None else m.claimed_at for m in self.messages] + self.more_sends
        return [at for at in times if at is not None and at <= now]

    def forecast(self, now):
        """[(message, send_at or None, cause)] in the order of going out."""
        return Forecast(self, now).entries()

    # MARK: What a gateway does

    def claim(self, message, now, lease):
        if message.claimed_at is not None:
            self.more_sends.append(message.claimed_at)
        message.status = "sending"
        message.attempts += 1
        message.claimed_at = now
        message.lease_expires_at = now + lease * SECOND

    def sent(self, message):
        message.status = "sent"
        self.failures = 0
        self.pause_until = None

    def failed(self, message, now):
        message.status = "pending" if self.has_attempts(message) else "failed"
        if message.status == "pending":
            message.retry_at = now + min(self.retry_delay * SECOND * 2 ** (message.attempts - 1), LONGEST_RETRY)
        self.failures += 1
        if self.pause_after and self.failures >= self.pause_after:
            self.pause_until = now + min(MINUTE * 2 ** (self.failures - self.pause_after), LONGEST_PAUSE)


class Forecast:
    """One pass over what waits: steps 4 to 7 of the rule."""

    def __init__(self, phone, now):
        self.phone, self.now = phone, now
        self.horizon = now + HORIZON
        waits = phone.waiting(now)
        self.exact = [m for m in waits if m.exact]
        self.ordinary = [m for m in waits if not m.exact]
        sends = phone.sends(now)
        self.previous = max(sends, default=None)
        self.counts = Counter(local_day(phone.hours.name, at) for at in sends)
        self.placed, self.lost_exact, self.lost_ordinary = [], [], []

    def entries(self):
        while self.exact or self.ordinary:
            time, cause = self.ordinary_time() if self.ordinary else (None, None)
            # One that is too late stays so. Of others exact ones may be why: those come first.
            if self.ordinary and time is None and (cause == "expires" or not self.exact):
                self.lost_ordinary.append((self.ordinary.pop(0), None, cause))
            elif self.exact and (time is None or self.exact_time() <= time):
                self.take_exact()
            else:
                self.place(self.ordinary.pop(0), time, cause)
        return self.placed + self.lost_exact + self.lost_ordinary

    def place(self, message, time, cause):
        self.placed.append((message, time, cause))
        self.previous = time if self.previous is None else max(self.previous, time)
        self.counts[local_day(self.phone.hours.name, time)] += 1

    def exact_time(self):
        return max(self.now, self.exact[0].ready, self.phone.held)

    def take_exact(self):
        time = self.exact_time()
        message = self.exact.pop(0)
        moved = time > max(self.now, message.ready)
        if time > self.horizon or is_late(time, message):
            self.lost_exact.append((message, None, self.loss(time, message)))
        else:
            self.place(message, time, "hold" if moved else "exact")

    def ordinary_time(self):
        """When the next ordinary message would go, and the cause; no time if it does not."""
        message, phone = self.ordinary[0], self.phone
        base = max(self.now, message.ready)
        h = max(base, phone.held)
        r = h if self.previous is None else max(h, self.previous + phone.gap)
        opens = phone.hours.first(r, self.horizon)
        time = opens and phone.hours.first(opens, self.horizon, self.has_room)
        if time is None:
            return None, self.loss(max(r, self.horizon + 1), message)
        if is_late(time, message):
            return None, "expires"
        cause = "day" if time > opens else "window" if opens > r else "rate" if r > h else "hold" if h > base else "ready"
        return time, cause

    def has_room(self, day):
        return not self.phone.per_day or self.counts[day] < self.phone.per_day

    def loss(self, time, message):
        """Why a message has no time, where it could not go before `time`."""
        if is_late(time, message):
            return "expires"
        return "hold" if self.phone.held > self.horizon else "never"


def is_late(time, message):
    return message.expires_at is not None and time > message.expires_at
