"""Claims whose reader goes away, whose clock is set, whose database is locked."""

import sqlite3
import time
from contextlib import closing

from cases import expect
from place import PHONE, Place
from program import objects
from shim import Clock
from waiting import WaitingClaim

HOUR = 3_600_000
DAY = 24 * HOUR


def add(place, name):
    place.run("queue", "add", PHONE, "--to", "+15550100999", "--text", name, "--id", name)


def test_a_claim_for_nobody_is_undone(program):
    """Its output cannot be written: the message waits as before."""
    with Place(program) as place:
        place.run("phones", "add", PHONE)
        add(place, "m")
        before = place.export()
        with open("/dev/full", "wb") as full:
            done = place.run_into(full, "queue", "claim", PHONE)
        expect(done.returncode == 74, f"exit {done.returncode}: {done.stderr}")
        expect(place.export() == before, f"it changed: {place.status('m')}")


def test_a_waiting_claim_ends_with_its_reader(program):
    """Nobody reads any more: it ends soon, and takes nothing."""
    with Place(program) as place:
        place.run("phones", "add", PHONE)
        with WaitingClaim(place) as waiting:
            waiting.wait_until_asleep()
            waiting.close_output()
            code = waiting.end()
            expect(code is not None, "it waits on for nobody")
        add(place, "m")
        expect(place.status("m")["status"] == "pending", f"it was taken for nobody: {place.status('m')}")


def test_a_message_that_comes_as_the_reader_goes_is_not_lost(program):
    for _ in range(5):
        with Place(program) as place:
            place.run("phones", "add", PHONE)
            with WaitingClaim(place) as waiting:
                waiting.wait_until_asleep()
                waiting.close_output()
                add(place, "m")
                expect(waiting.end() is not None, "it waits on for nobody")
            shown = place.status("m")
            expect((shown["status"], shown["send_attempt_count"]) == ("pending", 0), f"it was taken for nobody: {shown}")


def test_a_waiting_claim_wakes_for_a_new_message(program):
    with Place(program) as place:
        place.run("phones", "add", PHONE)
        with WaitingClaim(place) as waiting:
            waiting.wait_until_asleep()
            started = time.monotonic()
            add(place, "m")
            expect(waiting.prints_within(5), "nothing after 5 s")
            taken = time.monotonic() - started
            expect(taken < 2.5, f"{taken:.1f} s until it woke")


def ahead_until(hour, day_of_week=0):
    """By how much a clock must be ahead to show an hour of a UTC day of the week (0: Monday)."""
    now = int(time.time() * 1000)
    monday = (now + 3 * DAY) // (7 * DAY) * (7 * DAY) - 3 * DAY + 7 * DAY
    return monday + day_of_week * DAY + hour * HOUR - now


def night_phone(place):
    """May send on Mondays from 9 to 10 only, in UTC."""
    place.run("schedules", "add", "Monday", "mon 09:00-10:00", "--time-zone", "UTC")
    place.run("phones", "add", PHONE, "--schedule", "Monday")
    add(place, "m")


def test_a_step_of_the_clock_opens_no_closed_hour(program):
    """It sleeps until 9; the clock is set back a day meanwhile: at the old 9 nothing goes out, at the new one it does."""
    with Place(program) as place:
        night_phone(place)
        opens = ahead_until(9)
        clock = Clock(place.elsewhere, opens - 3000)
        with WaitingClaim(place, variables=clock.variables) as waiting:
            waiting.wait_until_asleep()
            clock.set_ahead(opens - 3000 - DAY)
            expect(not waiting.prints_within(6), "it sends on Sunday")
            clock.set_ahead(opens + HOUR // 2)
            expect(waiting.prints_within(20), "it sleeps through the open hour")
            claimed, = objects(waiting.process.stdout.readline())
            expect("T09:3" in claimed["lease_expires_at"], f"a lease that is over: {claimed}")


def test_a_clock_that_is_put_right_opens_the_hour_that_it_shows(program):
    """It shows Monday 11:00, closed for a week, and is put right to 9:30, which is open."""
    for words in (["--timeout", "60"], None):
        with Place(program) as place:
            night_phone(place)
            clock = Clock(place.elsewhere, ahead_until(11))
            with WaitingClaim(place, *words or [], variables=clock.variables, serves=words is None) as waiting:
                waiting.wait_until_asleep()
                clock.set_ahead(ahead_until(9) + HOUR // 2)
                expect(waiting.prints_within(10), f"it sleeps through the open hour ({words or 'serve'})")
                claimed, = objects(waiting.process.stdout.readline())
                expect("T09:3" in claimed.get("lease_expires_at", ""), f"no claim: {claimed}")


def test_a_step_forward_beyond_the_hour_sends_nothing(program):
    with Place(program) as place:
        night_phone(place)
        clock = Clock(place.elsewhere, ahead_until(9) - 3000)
        with WaitingClaim(place, variables=clock.variables) as waiting:
            waiting.wait_until_asleep()
            clock.set_ahead(ahead_until(10))
            expect(not waiting.prints_within(6), "it sends at 10:00, when it is closed")


def test_a_claim_at_a_wrong_future_time_blocks_nothing(program):
    with Place(program) as place:
        place.run("phones", "add", PHONE, "--rate", "1")
        add(place, "far")
        add(place, "near")
        place.run("queue", "claim", PHONE, "--now", "2099-01-01T00:00:00Z")
        place.run("queue", "sent", "far", "--now", "2099-01-01T00:00:01Z")
        expect(objects(place.run("queue", "claim", PHONE).stdout)[0]["message_id"] == "near", "another message")


def test_a_claim_reads_the_clock_once_it_has_the_lock(program):
    """The lock is free only when the window is over: nothing may go out then."""
    with Place(program) as place:
        night_phone(place)
        clock = Clock(place.elsewhere, ahead_until(10) - 2500)
        with closing(sqlite3.connect(place.database, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            with WaitingClaim(place, "--timeout", "20", variables=clock.variables) as waiting:
                expect(not waiting.prints_within(4), "it claimed without the lock")
                holder.execute("ROLLBACK")
                expect(not waiting.prints_within(3), "it sends after the window's end")
        expect(place.status("m")["send_attempt_count"] == 0, "an attempt after the window's end")


def test_a_waiting_claim_outlasts_a_long_lock(program):
    with Place(program) as place:
        place.run("phones", "add", PHONE)
        add(place, "m")
        with closing(sqlite3.connect(place.database, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            with WaitingClaim(place) as waiting:
                expect(not waiting.prints_within(36), f"it gave up: {waiting.process.poll()}")
                holder.execute("ROLLBACK")
                expect(waiting.prints_within(10), "it does not go on")


def test_timeout_ends_a_waiting_claim(program):
    with Place(program) as place:
        place.run("phones", "add", PHONE)
        started = time.monotonic()
        with WaitingClaim(place, "--timeout", "1") as waiting:
            code = waiting.end()
            answer, = objects(waiting.process.stdout.read())
        expect(code == 75 and answer["claimed"] is None, f"exit {code}: {answer}")
        expect(0.9 < time.monotonic() - started < 5, f"{time.monotonic() - started:.1f} s")


def test_interrupting_a_waiting_claim_takes_nothing(program):
    with Place(program) as place:
        place.run("phones", "add", PHONE)
        with WaitingClaim(place) as waiting:
            waiting.wait_until_asleep()
            waiting.interrupt()
            expect(waiting.end(5) is not None, "it does not end")
        add(place, "m")
        expect(place.status("m")["status"] == "pending", "it was taken")
