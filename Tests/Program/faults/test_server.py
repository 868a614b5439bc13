"""PostgreSQL that goes away, comes back, or does not want us."""

import json
import time

import postgresql
from cases import Skipped, expect
from place import PHONE, Place
from program import objects
from waiting import WaitingClaim


class ServedPlace(Place):
    """A place whose database is on a server of its own; a context that stops the server too."""

    def __init__(self, program):
        super().__init__(program)
        try:
            self.cluster = postgresql.Cluster()
        except postgresql.Unavailable as reason:
            raise Skipped(str(reason)) from reason

    def __enter__(self):
        self.cluster.__enter__()
        self.database = self.cluster.new_database()
        return self

    def __exit__(self, *arguments):
        self.cluster.__exit__(*arguments)
        super().__exit__(*arguments)


def add(place, name):
    place.run("queue", "add", PHONE, "--to", "+15550100999", "--text", name, "--id", name)


def test_a_server_that_is_down_is_said(program):
    with ServedPlace(program) as place:
        place.run("phones", "add", PHONE)
        place.cluster.stop()
        for words in (["phones", "list"], ["queue", "claim", PHONE], ["export"], ["phones", "set", PHONE, "--rate", "1"]):
            done = place.run(*words, codes=(69, 75))
            expect(done.stderr.strip(), f"{words}: not a word")
        place.cluster.start()
        place.run("phones", "list")


def test_a_waiting_claim_outlives_a_crash_of_the_server(program):
    with ServedPlace(program) as place:
        place.run("phones", "add", PHONE)
        with WaitingClaim(place) as waiting:
            waiting.wait_until_asleep()
            place.cluster.stop("immediate")
            expect(not waiting.prints_within(2), f"it ended: {waiting.process.poll()}")
            place.cluster.start()
            add(place, "m")
            expect(waiting.prints_within(40), "it does not go on when the server is back")
            claimed, = objects(waiting.process.stdout.readline())
            expect(claimed["message_id"] == "m", f"{claimed}")
        expect(place.status("m")["send_attempt_count"] == 1, "handed out twice")


def test_an_editor_outlives_a_crash_of_the_server(program):
    with ServedPlace(program) as place:
        place.fill()
        with place.editor(PHONE) as editor:
            editor.wait("Office")
            editor.send(":allow sun 1-2\r")
            editor.wait("● unsaved")
            place.cluster.stop("immediate")
            editor.send("s")
            editor.wait(r"(?i)server|connect|reach|unavailable")
            expect(editor.sees("● unsaved"), "unsaved work is gone from the screen")
            place.cluster.start()
            end = time.monotonic() + 40
            while not editor.sees("Saved:? "):
                expect(time.monotonic() < end, f"it cannot save when the server is back:\n{editor.grid.text()}")
                editor.send("s")
                editor.drain(0.5)
        expect((0, 60, 120) in place.windows("Office"), "it says saved, and is not")


def test_two_gateways_never_get_the_same(program):
    with ServedPlace(program) as place:
        place.run("phones", "add", PHONE)
        for number in range(12):
            add(place, f"m{number}")
        claims = [WaitingClaim(place, "--lease", "600") for _ in range(6)]
        ids = []
        for claim in claims:
            with claim:
                expect(claim.prints_within(30), "nothing")
                ids.append(json.loads(claim.process.stdout.readline())["message_id"])
        expect(len(set(ids)) == 6, f"handed out twice: {sorted(ids)}")


def test_a_role_without_rights_changes_nothing(program):
    with ServedPlace(program) as place:
        place.run("phones", "add", PHONE)
        place.cluster.sql("CREATE ROLE stranger LOGIN")
        name = place.database.partition("?")[0].rpartition("/")[2]
        database, place.database = place.database, place.cluster.address(name, "stranger")
        for words in (["phones", "list"], ["queue", "claim", PHONE], ["phones", "set", PHONE, "--rate", "1"]):
            done = place.run(*words, codes=(77,))
            expect(done.stderr.strip(), f"{words}: not a word")
        place.database = database
        expect(place.run("check").stdout == b"ok\n", "check")


def test_a_password_is_never_shown(program):
    with ServedPlace(program) as place:
        place.database = place.database.replace("send_schedule@", "nobody:hunter2secret@")
        for words in (["phones", "list"], ["check"], ["import", "/dev/null"]):
            done = place.run(*words, codes=None)
            expect(done.returncode in (65, 66, 69, 77), f"{words}: exit {done.returncode}: {done.stderr}")
            expect(b"hunter2secret" not in done.stdout + done.stderr, f"{words}: {done.stderr}")


def test_a_newer_schema_is_refused(program):
    with ServedPlace(program) as place:
        place.run("phones", "add", PHONE)
        tables = place.cluster.sql(
            "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'send_schedule' "
            "AND (table_name LIKE '%migration%' OR column_name LIKE '%version%')", "d1")
        expect(tables, "nothing in the schema says its version")
        table, column = tables.splitlines()[0].split(".")
        place.cluster.sql(f"INSERT INTO send_schedule.{table} ({column}) VALUES ('999')", "d1")
        done = place.run("phones", "set", PHONE, "--rate", "1", codes=(69,))
        expect(b"newer" in done.stderr, f"{done.stderr}")
