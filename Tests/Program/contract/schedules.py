"""`schedules`: exceptions, holidays, history."""

from runner import agree
from shell import DESK, Shell, expect, has

CHRISTMAS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//holidays//EN\r
BEGIN:VEVENT\r
UID:1\r
DTSTAMP:20260101T000000Z\r
DTSTART;VALUE=DATE:20261224\r
DTEND;VALUE=DATE:20261227\r
SUMMARY:Christmas\\, all of\r
  it\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2\r
DTSTAMP:20260101T000000Z\r
DTSTART;VALUE=DATE:20270101\r
SUMMARY:New Year's Day\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:3\r
DTSTAMP:20260101T000000Z\r
DTSTART;VALUE=DATE:20260501\r
RRULE:FREQ=YEARLY\r
SUMMARY:Spring Day\r
END:VEVENT\r
END:VCALENDAR\r
"""


def office(program, database, now="2026-03-26T08:20:00.000Z"):
    shell = Shell(program, database, now)
    shell.run("schedules", "add", "Office", "mon-fri 09:00-17:00", "--time-zone", "Europe/Berlin")
    shell.run("phones", "add", DESK, "--schedule", "Office")
    return shell


def exceptions(shell, name="Office"):
    schedule = next(s for s in shell.export()["message_send_schedules"] if s["name"] == name)
    return {
        e["date"]: ([(w["start_minute"], w["end_minute"]) for w in e["windows"]], e.get("note", ""))
        for e in schedule.get("exceptions", [])}


def check_except(program, database, _rng):
    shell = office(program, database)
    shell.run("schedules", "add", "Night", "daily 22:00-06:00", "--time-zone", "UTC")
    for words, wanted in (
            (["2026-12-24", "closed"], {"2026-12-24": ([], "")}),
            (["24 dec", "9-12", "--note", "Christmas Eve"], {"2026-12-24": ([(540, 720)], "Christmas Eve")}),
            (["every 25 dec", "closed"], {"--12-25": ([], "")}),
            (["24-26 dec", "closed"], {"2026-12-24": ([], ""), "2026-12-25": ([], ""), "2026-12-26": ([], "")}),
            (["1 may", "09:00-12:00, 13:00-14:30"], {"2026-05-01": ([(540, 720), (780, 870)], "")}),
            (["2027-01-02", "00:00-24:00"], {"2027-01-02": ([(0, 1440)], "")}),
            (["every 29 feb", "closed"], {"--02-29": ([], "")}),
            (["every", "6", "jan", "10-12"], {"--01-06": ([(600, 720)], "")}),
            (["27", "dec", "closed", "Stocktaking"], {"2026-12-27": ([], "Stocktaking")}),
            (["2026-12-28 to 2026-12-29 closed"], {"2026-12-28": ([], ""), "2026-12-29": ([], "")})):
        before = exceptions(shell)
        shell.run("schedules", "except", "Office", *words)
        agree(exceptions(shell), before | wanted, f"exceptions after {words}")
    expect(exceptions(shell, "Night") == {}, "another schedule has exceptions too")
    shell.run("schedules", "except", "Office", "Night", "2028-01-01", "closed")
    expect("2028-01-01" in exceptions(shell) and "2028-01-01" in exceptions(shell, "Night"), "one of two schedules")
    shell.run("schedules", "except", "Office", "24-26 dec", "--remove")
    expect(not {"2026-12-24", "2026-12-26"} & exceptions(shell).keys(), f"removed: {exceptions(shell)}")
    expect("--12-25" in exceptions(shell), "the yearly one went with the dated one")
    for words in (["31 nov", "closed"], ["2026-02-29", "closed"], ["24 dec", "25-26"], ["24 dec", "9-12, 11-13"],
                  ["someday", "closed"], ["24 dec", "shut"], ["28-3 jan", "closed"]):
        shell.refused((64, 65), "schedules", "except", "Office", *words)
    shell.refused(66, "schedules", "except", "Offce", "24 dec", "closed", naming="Office")


def check_exceptions_count(program, database, _rng):
    """A date's own hours in place of the week's, a dated one before a yearly one."""
    shell = office(program, database, "2026-12-23T20:00:00.000Z")
    shell.add("m")
    expect(shell.forecast()["m"] == ("2026-12-24T08:00:00.000Z", "window"), f"{shell.forecast()}")
    shell.run("schedules", "except", "Office", "every 24 dec", "closed")
    expect(shell.forecast()["m"][0] == "2026-12-25T08:00:00.000Z", f"{shell.forecast()}")
    shell.run("schedules", "except", "Office", "2026-12-24", "13-14")
    expect(shell.forecast()["m"][0] == "2026-12-24T12:00:00.000Z", f"{shell.forecast()}")
    shell.run("schedules", "except", "Office", "2026-12-24", "--remove")
    expect(shell.forecast()["m"][0] == "2026-12-25T08:00:00.000Z", f"{shell.forecast()}")


def check_holidays(program, database, _rng):
    shell = office(program, database)
    path = program.write("holidays.ics", CHRISTMAS)
    for _ in range(2):
        shell.run("schedules", "holidays", "Office", path)
        found = exceptions(shell)
        for date in ("2026-12-24", "2026-12-25", "2026-12-26"):
            agree(found.get(date), ([], "Christmas, all of it"), date)
        agree(found.get("2027-01-01"), ([], "New Year's Day"), "2027-01-01")
        agree(found.get("--05-01"), ([], "Spring Day"), "every 1 May")
        agree(len(found), 5, f"exceptions {found}")
    bad = program.write("bad.ics", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:2026\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
    shell.refused(65, "schedules", "holidays", "Office", bad, naming="bad.ics")
    shell.refused(65, "schedules", "holidays", "Office", program.write("no.ics", "hello\n"), naming="no.ics")
    shell.refused(66, "schedules", "holidays", "Office", "/no/such/file.ics", naming="file.ics")


def check_history(program, database, _rng):
    """Every saved revision is kept; a removed schedule comes back to the phones that nobody has attached since."""
    shell = office(program, database)
    shell.run("schedules", "set", "Office", "sat 10-14")
    shell.run("schedules", "except", "Office", "24 dec", "closed")
    history = shell.objects("schedules", "history", "Office")
    agree(sorted(r["revision"] for r in history), [1, 2, 3], "revisions")
    shell.run("schedules", "restore", "Office", "1")
    schedule = shell.export()["message_send_schedules"][0]
    agree({w["day_of_week"] for w in schedule["windows"]}, {1, 2, 3, 4, 5}, "days of the restored week")
    expect(exceptions(shell) == {}, "the restored revision had no exceptions")
    shell.run("schedules", "restore", "Office", "3")
    expect("2026-12-24" in exceptions(shell), "the restored revision had an exception")
    shell.run("schedules", "remove", "Office", "--yes")
    expect(shell.phone()["message_send_schedule_id"] is None, "it is removed and attached")
    shell.run("schedules", "restore", "Office", "1")
    expect(shell.phone()["message_send_schedule_id"] is not None, "restoring it does not attach it again")


def check_schedule_words(program, database, _rng):
    shell = office(program, database)
    shell.refused((64, 65), "schedules", "add", "X", "daily 9-17", "--time-zone", "Europe/Berln", naming="Europe/Berlin")
    shell.refused((64, 65), "schedules", "add", "X", "", "--time-zone", "UTC")
    shell.refused((64, 65), "schedules", "add", "Office", "daily 9-17", "--time-zone", "UTC", naming="Office")
    shell.run("schedules", "set", "Office", "--rename", "Büro", "--inactive")
    has(shell.export()["message_send_schedules"][0], name="Büro", is_active=False)
