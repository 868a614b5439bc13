"""Exit codes, proposals for what was mistyped, help."""

import os
import sqlite3

from runner import agree
from shell import DESK, Shell, expect

COMMANDS = [
    ["phones", name] for name in ("list", "show", "add", "set", "remove", "hold", "release")] + [
    ["schedules", name]
    for name in ("list", "show", "add", "set", "remove", "history", "restore", "except", "holidays")] + [
    ["queue", name]
    for name in ("list", "show", "add", "cancel", "retry", "reschedule", "prune", "claim", "extend", "release", "sent",
                 "failed", "serve")] + [[name] for name in ("edit", "demo", "preview", "import", "export", "check", "backup")]


def check_help(program, database, _rng):
    """Each command has help with an example; asking for it is no error and makes no file."""
    for command in COMMANDS:
        text = program.run(database, *command, "--help").decode()
        expect("send-schedule " + " ".join(command) in text, f"usage of {command}: {text[:200]}")
    expect(program.cluster or not os.path.exists(database), "help made a database")
    version = program.run(database, "--version").decode()
    expect("20" in version, f"no version of tzdata: {version}")


def check_mistyped(program, database, _rng):
    shell = Shell(program, database)
    shell.run("schedules", "add", "Office", "daily 9-17", "--time-zone", "Europe/Berlin")
    shell.run("phones", "add", DESK, "--label", "Desk")
    for words, nearest in (
            (["phone", "list"], "phones"), (["queu", "add"], "queue"), (["phones", "lst"], "list"),
            (["queue", "clam", DESK], "claim"), (["schedules", "holiday", "Office", "x.ics"], "holidays"),
            (["phones", "add", "+15550100100", "--schedul", "Office"], "--schedule")):
        shell.refused(64, *words, naming=nearest)
    shell.refused((65, 66), "schedules", "show", "Offce", naming="Office")
    shell.refused((65, 66), "phones", "set", DESK, "--schedule", "Offfice", naming="Office")
    shell.refused((64, 65), "schedules", "add", "New", "daily 9-17", "--time-zone", "Europe/Berln", naming="Europe/Berlin")
    shell.refused(66, "preview", DESK[:-1] + "2", naming=DESK)


def check_codes(program, database, _rng):
    """sysexits: 64 usage, 65 data, 66 no input, 73 cannot create. Of a file: a server has no copies."""
    shell = Shell(program, database)
    if program.cluster:
        return
    for words in (["phones", "list"], ["preview", DESK], ["export"], ["check"], ["queue", "claim", DESK]):
        program.run(database, *words, expect=66)
        expect(not os.path.exists(database), f"{words} made a database")
    shell.run("phones", "add", DESK)
    shell.refused(64, "phones", "add")
    shell.refused(64, "queue", "claim", DESK, "--lease", "0")
    shell.refused(64, "queue", "claim", DESK, "--lease", "-5")
    shell.refused(64, "preview", DESK, "--now", "yesterday", naming="yesterday")
    shell.refused(66, "import", "/no/such/file", naming="/no/such/file")
    shell.refused(66, "queue", "show", "nobody", naming="nobody")
    copy = database + ".copy"
    shell.run("backup", copy)
    agree(os.stat(copy).st_mode & 0o777, 0o600, "mode of a copy")
    agree(os.stat(database).st_mode & 0o777, 0o600, "mode of a database")
    shell.refused(73, "backup", copy, naming=copy)
    shell.refused((73, 74), "backup", "/no/such/folder/copy", naming="/no/such/folder/copy")
    os.remove(copy)
    agree(shell.run("check"), "ok\n", "check")


SECOND_VERSION = """
    DROP INDEX message_returning; DROP INDEX message_lapsing; ALTER TABLE message DROP COLUMN is_last_attempt;
    CREATE INDEX message_sending ON message (phone_key, is_exact, ready_at, queued_at, key, lease_expires_at)
      WHERE status = 'sending';
    CREATE INDEX message_lease ON message (phone_key, lease_expires_at) WHERE status = 'sending';
    DROP TABLE pending_import; DROP TABLE pending_rows; DROP TABLE known_row;
    CREATE TABLE known_row (high INTEGER NOT NULL, low INTEGER NOT NULL, imported_at INTEGER NOT NULL,
      message_key INTEGER NOT NULL, PRIMARY KEY (high, low)) STRICT, WITHOUT ROWID;
    CREATE INDEX known_row_message ON known_row (message_key);
    ALTER TABLE message DROP COLUMN earlier_attempts;
    ALTER TABLE message DROP COLUMN row_high; ALTER TABLE message DROP COLUMN row_low;
    DELETE FROM grdb_migrations WHERE identifier IN ('v3', 'v4');
"""


def check_older_files(program, database, _rng):
    """Whoever may write a file of an older version brings it to this one, with any command."""
    if program.cluster:
        return
    for words in (["phones", "list"], ["preview", DESK], ["export"], ["check"], ["backup", "COPY"], ["queue", "claim", DESK]):
        older = program.new_database()
        shell = Shell(program, older)
        shell.run("phones", "add", DESK)
        shell.add("m")
        exported = shell.export()
        connection = sqlite3.connect(older)
        connection.executescript(SECOND_VERSION)
        connection.close()
        shell.run(*(older + ".copy" if word == "COPY" else word for word in words))
        if words[-1] != DESK:
            agree(shell.export(), exported, f"export of an older file after {words}")
        agree(shell.run("check"), "ok\n", f"check of an older file after {words}")
        program.remove(older)


def check_new_databases(program, database, _rng):
    """A path may be mistyped: no directory is made, no file by what fails, and a new file is announced."""
    shell = Shell(program, database)
    if program.cluster:
        return
    folder = database + ".folder"
    for words in (["phones", "add", DESK], ["schedules", "add", "O", "daily 9-17", "--time-zone", "UTC"],
                  ["demo", "--no-edit"]):
        program.run(folder + "/gateway.sqlite", *words, expect=73)
        expect(folder in program.error, f"{words} does not name the directory: {program.error}")
        expect(not os.path.exists(folder), f"{words} made a directory")
    program.run(database, "phones", "add", DESK, "--schedule", "none", expect=66)
    expect(not os.path.exists(database), "a refused command made a database")
    shell.run("phones", "add", DESK)
    expect(database in program.error, f"a new database is not announced: {program.error}")
    shell.run("phones", "set", DESK, "--rate", "2")
    agree(program.error, "", "standard error where nothing is new")
    for words in (["queue", "add", DESK, "--to", "+15550100999", "--text", "x", "--expires", "-5m"],
                  ["phones", "set", DESK, "--rate", "-5"]):
        shell.refused(64, *words, naming=[words[-1], words[-2]])
    shell.refused(64, "queue", "add", DESK, "--to", "+15550100999", "--text", "x", "--expires", "5x", naming="90m")


def check_moments_without_a_clock(program, database, _rng):
    """A local time needs the clock; one with its offset, and a stop, do not. Nothing becomes UTC without a word."""
    shell = Shell(program, database)
    shell.run("schedules", "add", "Office", "daily 9-17", "--time-zone", "Europe/Berlin")
    shell.run("phones", "add", DESK, "--schedule", "Office")
    shell.add("m")
    zones, os.environ["TZDIR"] = os.environ.get("TZDIR"), "/no/such/zoneinfo"
    try:
        for words in (["queue", "add", DESK, "--to", "+15550100999", "--text", "x", "--send-at", "thu 10:00"],
                      ["queue", "reschedule", "m", "--send-at", "tomorrow 8"], ["phones", "hold", DESK, "--until", "20:00"]):
            shell.refused(69, *words, naming="Europe/Berlin")
        shell.run("queue", "reschedule", "m", "--send-at", "2026-03-27T10:00:00+01:00")
        shell.run("phones", "hold", DESK)
    finally:
        del os.environ["TZDIR"]
        if zones is not None:
            os.environ["TZDIR"] = zones
    shell.run("phones", "release", DESK)
    for moment in ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+10:00"):
        shell.refused(64, "queue", "add", DESK, "--to", "+15550100999", "--text", "x", "--send-at", moment, naming="--send-at")
    # In the night on which 2:00 to 3:00 comes twice, the second 2:30 is still to come.
    shell.now = "2026-10-25T01:20:00.000Z"
    shell.add("twice", "--send-at", "02:30")
    agree(shell.message("twice")["scheduled_send_time"], "2026-10-25T01:30:00.000Z", "02:30 in the repeated hour")
    shell.refused(64, "phones", "set", DESK, "--label", os.fsdecode(b"Gr\xfc\xdfe"), naming="UTF-8")
    for name, id in (("A", "B"), ("B", "A")):
        shell.run("schedules", "add", name, "daily 9-17", "--time-zone", "UTC", "--id", id)
    shell.refused((64, 65), "schedules", "remove", "A", "--yes", naming="id")


def check_lists_can_be_imported(program, database, _rng):
    """What `list` and `show` print is what `import` reads."""
    shell = Shell(program, database)
    shell.run("schedules", "add", "Office", "daily 9-17", "--time-zone", "Europe/Berlin")
    shell.run("schedules", "except", "Office", "24 dec", "9-12", "--note", "Christmas Eve")
    shell.run("phones", "add", DESK, "--label", "Desk", "--schedule", "Office", "--rate", "7", "--per-day", "9")
    shell.add("a")
    shell.add("b", "--exact", "--send-at", "tomorrow 8", "--expires", "2d")
    shell.claim()
    exported = program.export(database)
    for ways in ((["schedules", "list"], ["phones", "list"], ["queue", "list"]),
                 (["schedules", "show", "Office"], ["phones", "show", DESK], ["queue", "show", "a"], ["queue", "show", "b"])):
        other = program.new_database()
        copy = Shell(program, other, shell.now)
        for number, words in enumerate(ways):
            copy.import_file(f"list{number}.json", shell.run(*words, "--json"))
        agree(program.export(other), exported, f"export of what {ways} printed")
        program.remove(other)
