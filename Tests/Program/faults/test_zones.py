"""Time zones are those of the machine's database, as it is when the program asks."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from cases import Skipped, expect
from place import PHONE, Place
from program import objects
from shim import Clock
from test_claims import HOUR, ahead_until
from waiting import WaitingClaim

OTHER = "+15550100198"
BEFORE_MONDAY = "2026-03-01T00:00:00Z"
ONE = "Zone Test/Office 1:00 - OLD\n"
THREE = "Zone Test/Office 3:00 - OLD\n"


class Zones:
    """A folder of compiled zones, which `compile` replaces as an update of tzdata does: file by file, renamed."""

    def __init__(self, source):
        self.zic = shutil.which("zic") or shutil.which("zic", path="/usr/sbin:/sbin")
        if not self.zic:
            raise Skipped("no zic")
        self.folder = Path(tempfile.mkdtemp(prefix="zones-"))
        self.variables = {"TZDIR": str(self.folder)}
        self.compile(source)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def file(self):
        return self.folder / "Test" / "Office"

    def compile(self, source):
        with tempfile.TemporaryDirectory() as new:
            path = Path(new) / "source"
            path.write_text("Zone UTC 0 - UTC\nLink UTC Etc/UTC\n" + source)
            subprocess.run([self.zic, "-b", "fat", "-d", f"{new}/out", str(path)], check=True, capture_output=True)
            for file in Path(new, "out").rglob("*"):
                if file.is_file():
                    target = self.folder / file.relative_to(f"{new}/out")
                    target.parent.mkdir(exist_ok=True)
                    shutil.copy(file, f"{target}.dpkg-new")
                    os.rename(f"{target}.dpkg-new", target)


def fill(place, zones):
    place.run("schedules", "add", "Office", "mon 09:00-10:00", "--time-zone", "Test/Office", variables=zones.variables)
    place.run("phones", "add", PHONE, "--schedule", "Office", variables=zones.variables)
    place.run(
        "queue", "add", PHONE, "--to", "+15550100999", "--text", "m", "--id", "m", "--now", BEFORE_MONDAY,
        variables=zones.variables)


def first_send(place, zones):
    done = place.run("preview", PHONE, "--json", "--now", BEFORE_MONDAY, variables=zones.variables)
    return objects(done.stdout)[0]["send_at"]


def test_an_update_of_the_database_moves_the_hours(program):
    with Place(program) as place, Zones(ONE) as zones:
        fill(place, zones)
        expect(first_send(place, zones) == "2026-03-02T08:00:00.000Z", first_send(place, zones))
        zones.compile(THREE)
        expect(first_send(place, zones) == "2026-03-02T06:00:00.000Z", first_send(place, zones))


def test_rules_of_every_kind_are_followed(program):
    """Half an hour, winter time that is negative, a rule that ends, a change next month, days that are skipped."""
    cases = {
        "Rule H 2000 max - Mar lastSun 2:00 0:30 S\nRule H 2000 max - Oct lastSun 2:00 0 -\nZone Test/Office 10:30 H HH%sT\n":
            "2026-03-01T22:30:00.000Z",
        "Rule N 2000 max - Oct lastSun 1:00u -1:00 -\nRule N 2000 max - Mar lastSun 1:00u 0 -\nZone Test/Office 1:00 N NN%sT\n":
            "2026-03-02T09:00:00.000Z",
        "Zone Test/Office 1:00 - OLD 2026 Mar 1 12:00\n 5:45 - NEW\n": "2026-03-02T03:15:00.000Z",
        "Zone Test/Office -11:00 - OLD 2026 Feb 28 24:00\n 13:00 - NEW\n": "2026-03-01T20:00:00.000Z",
    }
    for source, expected in cases.items():
        with Place(program) as place, Zones(source) as zones:
            fill(place, zones)
            found = first_send(place, zones)
            expect(found == expected, f"{source}: {found}, not {expected}")


def test_a_zone_that_is_gone_or_damaged_sends_nothing(program):
    damages = {
        "gone": lambda file: file.unlink(),
        "empty": lambda file: file.write_bytes(b""),
        "cut": lambda file: file.write_bytes(file.read_bytes()[:60]),
        "text": lambda file: file.write_text("no zone at all\n" * 20),
    }
    for name, damage in damages.items():
        with Place(program) as place, Zones(ONE) as zones:
            fill(place, zones)
            damage(zones.file)
            for words in (["queue", "claim", PHONE], ["preview", PHONE]):
                done = place.run(*words, codes=(65, 69), variables=zones.variables)
                expect(b"Test/Office" in done.stderr, f"{name}: {words}: {done.stderr}")
            expect(place.status("m", zones.variables)["send_attempt_count"] == 0, f"{name}: it was sent")
            zones.compile(ONE)
            expect(first_send(place, zones) == "2026-03-02T08:00:00.000Z", f"{name}: not back again")


def test_phones_without_a_clock_leave_the_others_listed(program):
    """Also where the clock says which day's limit counts."""
    with Place(program) as place, Zones(ONE + "Zone Test/Other 0 - NEW\n") as zones:
        fill(place, zones)
        place.run("phones", "set", PHONE, "--per-day", "5", variables=zones.variables)
        place.run("schedules", "add", "Other", "mon-sun 0-24", "--time-zone", "Test/Other", variables=zones.variables)
        place.run("phones", "add", OTHER, "--schedule", "Other", variables=zones.variables)
        place.run("queue", "add", OTHER, "--to", "+15550100999", "--text", "m", variables=zones.variables)
        zones.file.unlink()
        listed = objects(place.run("phones", "list", "--json", variables=zones.variables).stdout)
        states = {phone["phone_number"]: (phone["state"], phone["next_send_at"] is None) for phone in listed}
        expect(states == {PHONE: ("closed", True), OTHER: ("open", False)}, states)
        reasons = [phone.get("problem", "") for phone in listed if phone["phone_number"] == PHONE]
        expect("Test/Office" in reasons[0], f"no reason: {listed}")
        told = place.run("phones", "list", variables=zones.variables)
        expect(b"Test/Office" in told.stderr, f"no reason: {told.stderr}")
        with place.editor(variables=zones.variables) as editor:
            editor.wait(rf"{re.escape(PHONE)}.*never")
            editor.wait(rf"{re.escape(OTHER)}.*\d\d:\d\d")
            editor.send("\r")
            editor.wait("Test/O")


def test_a_waiting_claim_follows_an_update(program):
    """At 6:30 UTC the office is closed until 8 UTC; with tomorrow's rules it opened at 6 UTC."""
    with Place(program) as place, Zones(ONE) as zones:
        fill(place, zones)
        clock = Clock(place.elsewhere, ahead_until(6) + HOUR // 2)
        with WaitingClaim(place, variables=clock.variables | zones.variables) as waiting:
            waiting.wait_until_asleep()
            zones.compile(THREE)
            expect(waiting.prints_within(90), "it waits for the old hour")


def test_an_editor_follows_an_update(program):
    """The message that was to go out at 09:00 of another day can go out at once."""
    with Place(program) as place, Zones(ONE) as zones:
        fill(place, zones)
        clock = Clock(place.elsewhere, ahead_until(6) + HOUR // 2)
        with place.editor(PHONE, variables=clock.variables | zones.variables) as editor:
            editor.wait(r"09:00:00.*(window|hours|closed)")
            zones.compile(THREE)
            editor.wait(r"09:3\d:\d\d.*(ready|now)", seconds=90)
