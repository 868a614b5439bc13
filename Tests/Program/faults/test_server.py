"""PostgreSQL that goes away, comes back, or does not want us."""

import json
import os
import select
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import postgresql
from cases import Skipped, expect
from place import PHONE, Place
from program import command_line, environment, objects
from proxy import Proxy
from shim import library
from waiting import WaitingClaim


class ServedPlace(Place):
    """A place whose database is on a server of its own; a context that stops the server too."""

    def __init__(self, program, settings=None):
        super().__init__(program)
        try:
            self.cluster = postgresql.Cluster(settings)
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
            editor.wait(r"\* unsaved")
            place.cluster.stop("immediate")
            editor.send("s")
            editor.wait(r"(?i)server|connect|reach|unavailable")
            expect(editor.sees(r"\* unsaved"), "unsaved work is gone from the screen")
            place.cluster.start()
            end = time.monotonic() + 40
            while not editor.sees("Saved:? |since it was saved"):
                expect(time.monotonic() < end, f"it cannot save when the server is back:\n{editor.grid.text()}")
                editor.send("s")
                editor.drain(0.5)
        expect((0, 60, 120) in place.windows("Office"), "it says saved, and is not")


def test_two_gateways_never_get_the_same(program):
    with ServedPlace(program) as place:
        place.run("phones", "add", PHONE, "--rate", "0")
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


def test_a_password_is_in_no_list_of_processes(program):
    with ServedPlace(program) as place:
        place.run("phones", "add", PHONE)
        folder = place.cluster.folder
        for database in (
                place.database.replace("send_schedule@", "send_schedule:hunter2secret@"),
                place.database + "&password=hunter2secret", f"service=here host={folder} password='hunter2 secret'"):
            services = place.elsewhere / "services"
            services.write_text("[here]\ndbname=d1\nuser=send_schedule\n")
            process = subprocess.Popen(
                command_line(place.program, ["queue", "serve"], database), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                env=environment(PGSERVICEFILE=str(services)))
            try:
                process.stdin.write(json.dumps({"id": 1, "command": "next", "phone": PHONE}).encode() + b"\n")
                process.stdin.flush()
                answer = process.stdout.readline()
                expect(b"next_at" in answer, f"{database}: {answer}")
                words = Path(f"/proc/{process.pid}/cmdline").read_bytes()
                expect(b"hunter2" not in words and b"secret'" not in words, f"{words}")
                expect(b"queue\0serve" in words, f"{words}")
            finally:
                process.stdin.close()
                process.wait(20)
                process.stdout.close()


def test_work_of_an_editor_on_another_host_is_not_offered(program):
    """Two folders of state stand for two hosts, on which the same administrator works."""
    with ServedPlace(program) as place:
        started = time.monotonic()
        place.fill()
        here, there = ({"XDG_STATE_HOME": str(place.elsewhere / host)} for host in ("here", "there"))
        question = r"(?i)unsaved work|continue"
        with place.editor(PHONE, variables=here) as first:
            first.wait("Office")
            first.send(":allow sun 1-2\r")
            first.wait(r"\* unsaved")
            end = time.monotonic() + 20
            while place.cluster.sql("SELECT count(*) FROM send_schedule.draft", "d1") == "0":
                expect(time.monotonic() < end, "no draft")
                first.drain(0.2)
            with place.editor(PHONE, variables=there) as second:
                second.wait("Office")
                second.drain(1)
                expect(not second.sees(question), f"offered while its editor runs:\n{second.grid.text()}")
            first.kill()
        # Just after a start of the server it is not known who does not run.
        time.sleep(max(0, started + 17 - time.monotonic()))
        with place.editor(PHONE, variables=there) as third:
            third.wait(question)


def test_a_missing_libpq_is_said_with_its_package(program):
    with Place(program) as place:
        place.database = "postgresql://someone@/nowhere?host=/nonexistent"
        done = place.run("phones", "list", codes=(69,), variables={"LD_PRELOAD": library(), "SHIM_NO_LIBRARY": "libpq"})
        expect(b"libpq5" in done.stderr, f"{done.stderr}")
        # Who uses a file needs none.
        place.database = place.folder / "gateway.sqlite"
        place.run("phones", "add", PHONE, variables={"LD_PRELOAD": library(), "SHIM_NO_LIBRARY": "libpq"})


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


def test_an_older_schema_is_said(program):
    with ServedPlace(program) as place:
        place.run("phones", "add", PHONE)
        place.cluster.sql("DELETE FROM send_schedule.schema_version", "d1")
        done = place.run("phones", "list", codes=(69,))
        expect(b"older" in done.stderr, f"{done.stderr}")


def test_roles_may_what_they_should(program):
    """The roles of the README."""
    statements = (Path(__file__).parent / "roles.sql").read_text(encoding="utf-8")
    with ServedPlace(program) as place:
        place.fill()
        add(place, "m")
        place.cluster.sql(statements, "d1")
        owner = place.database
        for role in ("gateway", "editor", "auditor"):
            place.cluster.sql(f"CREATE ROLE {role} LOGIN IN ROLE send_schedule_{role}")
        settings = ["schedules", "set", "Office", "mon-fri 8-16"]
        holding = ["phones", "hold", PHONE]
        releasing = ["phones", "release", PHONE]
        claiming = ["queue", "claim", PHONE, "--now", "2026-03-26T08:20:00Z"]
        may = {
            "auditor": {True: [["phones", "list"], ["preview", PHONE], ["export"], ["check"]],
                        False: [settings, claiming, holding, ["queue", "cancel", "m"]]},
            "gateway": {True: [claiming, ["queue", "sent", "m00001"], ["phones", "list"]],
                        False: [settings, ["phones", "add", "+15550100101"], ["phones", "set", PHONE, "--rate", "3"]]},
            "editor": {True: [settings, holding, releasing, ["phones", "set", PHONE, "--rate", "3"],
                              ["import", place.bundle(3)], ["queue", "prune", "--older-than", "1d", "--yes"]],
                       False: []},
        }
        for role, commands in may.items():
            place.database = place.cluster.address("d1", role)
            for allowed, lines in commands.items():
                for words in lines:
                    done = place.run(*words, codes=None)
                    expected = (0,) if allowed else (77,)
                    expect(done.returncode in expected, f"{role}: {words}: exit {done.returncode}: {done.stderr.decode()}")
        place.database = place.cluster.address("d1", "auditor")
        with place.editor(PHONE) as editor:
            editor.wait("Office")
            editor.send(" ")
            editor.wait(r"(?i)read.only|may only be read|look only")
        place.database = owner
        expect(place.run("check").stdout == b"ok\n", "check")


def test_a_claim_whose_commit_gets_no_answer_is_made_once(program):
    with ServedPlace(program) as place:
        place.run("phones", "add", PHONE, "--rate", "0")
        for number in range(6):
            add(place, f"m{number}")
        direct = place.database
        with Proxy(place.cluster.folder) as proxy:
            through = direct.replace(place.cluster.folder, proxy.folder)
            for number, cut in enumerate([proxy.lose_next, proxy.stop_next, proxy.lose_next, proxy.stop_next]):
                cut(b"nextval('change')")
                place.database = through
                claimed, = objects(place.run("queue", "claim", PHONE, "--lease", "600").stdout)
                expect(proxy.cuts == number + 1, "nothing was cut")
                expect(claimed["message_id"] == f"m{number}", f"{claimed}")
                place.database = direct
                shown = place.status(f"m{number}")
                expect(shown["send_attempt_count"] == 1 and shown["status"] == "sending", f"{shown}")
                # A report, the same way.
                cut(b"nextval('change')")
                place.database = through
                place.run("queue", "sent", f"m{number}")
                place.database = direct
                expect(place.status(f"m{number}")["status"] == "sent", "sent")
                proxy.cuts -= 1
            expect(place.run("check").stdout == b"ok\n", "check")


def held_connections(place, count):
    """Programs that take all but some of a server's connections."""
    return [
        subprocess.Popen(
            [place.cluster.programs["psql"], place.cluster.address("postgres")], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) for _ in range(count)]


def test_gateways_outlive_a_server_out_of_connections(program):
    """The server restarts, and others take all its connections for a while."""
    with ServedPlace(program, {"max_connections": "8", "superuser_reserved_connections": "0"}) as place:
        place.run("phones", "add", PHONE, "--rate", "0")
        server = subprocess.Popen(
            command_line(place.program, ["queue", "serve"], place.database), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=environment())
        held = []
        try:
            with WaitingClaim(place) as waiting:
                server.stdin.write(json.dumps({"id": 1, "command": "claim", "phone": PHONE, "wait": True}).encode() + b"\n")
                server.stdin.flush()
                waiting.wait_until_asleep()
                place.cluster.stop("immediate")
                place.cluster.start()
                # Some of these are refused, as are the gateways, who had no connections any more.
                held = held_connections(place, 12)
                time.sleep(4)
                expect(not waiting.prints_within(2), f"it ended: {waiting.process.poll()}")
                expect(server.poll() is None, "serve ended")
                for process in held:
                    process.kill()
                    process.wait()
                end = time.monotonic() + 30
                for name in ("a", "b"):
                    while call_add(place, name) != 0:
                        expect(time.monotonic() < end, "the connections do not become free")
                        time.sleep(0.3)
                ready, _, _ = select.select([server.stdout], [], [], 40)
                expect(ready and waiting.prints_within(40), "they do not go on when there are connections again")
                ids = {json.loads(stream.readline())["message_id"] for stream in (server.stdout, waiting.process.stdout)}
                expect(ids == {"a", "b"}, f"{ids}")
            server.stdin.close()
            expect(server.wait(20) == 0, "exit")
        finally:
            for process in [*held, server]:
                process.kill()
                process.wait()
        for name in ("a", "b"):
            expect(place.status(name)["send_attempt_count"] == 1, "handed out twice")


def call_add(place, name):
    words = ["queue", "add", PHONE, "--to", "+15550100999", "--text", name, "--id", name]
    return place.run(*words, codes=(0, 69)).returncode


def test_a_server_out_of_connections_is_said(program):
    with ServedPlace(program, {"max_connections": "5", "superuser_reserved_connections": "0"}) as place:
        place.run("phones", "add", PHONE)
        place.cluster.sql("CREATE ROLE plain LOGIN SUPERUSER")

        def hold():
            return subprocess.Popen(
                [place.cluster.programs["psql"], "-c", "SELECT pg_sleep(60)", place.database], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, start_new_session=True)

        held = [hold() for _ in range(5)]
        try:
            end = time.monotonic() + 20
            done = place.run("phones", "list", codes=None)
            while done.returncode == 0 and time.monotonic() < end:
                time.sleep(0.2)
                # One that came while the program had a connection was refused.
                held = [process if process.poll() is None else hold() for process in held]
                done = place.run("phones", "list", codes=None)
            expect(done.returncode == 69 and b"too many" in done.stderr, f"exit {done.returncode}: {done.stderr}")
        finally:
            for process in held:
                process.kill()
                process.wait()


class FullServer:
    """Programs that take connections of a server, so that just so many are free."""

    def __init__(self, place):
        self.place, self.held = place, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.leave(0)

    @staticmethod
    def answer(process, statement):
        with suppress(OSError):
            process.stdin.write(statement.encode() + b";\n")
            process.stdin.flush()
        return process.stdout.readline()

    def wait_until(self, condition):
        end = time.monotonic() + 20
        while self.answer(self.held[0], f"SELECT CASE WHEN {condition} THEN 1 ELSE 0 END") != b"1\n":
            expect(time.monotonic() < end, f"never: {condition}")
            time.sleep(0.02)

    def leave(self, count):
        """Gives up all but so many."""
        while len(self.held) > count:
            process = self.held.pop()
            process.kill()
            process.communicate()

    def take(self, count):
        """Takes so many more."""
        for _ in range(count):
            end = time.monotonic() + 20
            while True:
                process = subprocess.Popen(
                    [self.place.cluster.programs["psql"], "-qAtX", self.place.database], stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
                if self.answer(process, "SELECT 1") == b"1\n":
                    break
                process.wait()
                expect(time.monotonic() < end, "a connection is not to be had")
                time.sleep(0.1)
            self.held.append(process)


def import_among_others(program, free, rows):
    """A large import, beside others that open the database all the time and find a single connection."""
    with ServedPlace(program, {"max_connections": "8", "superuser_reserved_connections": "0"}) as place:
        place.run("phones", "add", PHONE, "--rate", "0")
        table = place.elsewhere / "rows.csv"
        with open(table, "w", encoding="utf-8") as file:
            file.write("FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n")
            file.writelines(f"{PHONE},+15550100999,message {n},\n" for n in range(rows))
        with FullServer(place) as server:
            server.take(8 - free)
            process = subprocess.Popen(
                command_line(place.program, ["import", str(table)], place.database), stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env=environment())
            try:
                if free == 1:
                    # It begins with the only connection there is; from then on there is one for others.
                    server.wait_until("EXISTS (SELECT 1 FROM send_schedule.pending_import)")
                    server.leave(6)
                others = 0
                while process.poll() is None:
                    others += place.run("queue", "claim", PHONE, codes=(0, 69, 75)).returncode != 69
                said = process.communicate()
            finally:
                process.kill()
                process.wait()
        expect(process.returncode == 0, f"exit {process.returncode}: {said}")
        expect(others > 0, f"{others} others opened the database")
        expect(len(json.loads(place.export())["messages"]) == rows, "messages")
        expect(place.run("check").stdout == b"ok\n", "check")


def test_a_full_server_lets_nobody_take_a_living_import(program):
    import_among_others(program, 3, 60_000)


def test_an_import_with_the_only_connection_is_not_taken(program):
    import_among_others(program, 1, 20_000)


def test_serve_outlives_a_crash_of_the_server(program):
    with ServedPlace(program) as place:
        place.run("phones", "add", PHONE, "--rate", "0")
        server = subprocess.Popen(
            command_line(place.program, ["queue", "serve"], place.database), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=environment())
        try:
            server.stdin.write(json.dumps({"id": 1, "command": "claim", "phone": PHONE, "wait": True}).encode() + b"\n")
            server.stdin.flush()
            time.sleep(1)
            place.cluster.stop("immediate")
            time.sleep(1)
            place.cluster.start()
            add(place, "m")
            ready, _, _ = select.select([server.stdout], [], [], 40)
            expect(ready, "no answer after the server came back")
            answer = json.loads(server.stdout.readline())
            expect(answer.get("message_id") == "m" and answer["attempt"] == 1, f"{answer}")
            server.stdin.close()
            expect(server.wait(20) == 0, "exit")
        finally:
            server.kill()
            server.wait()


def test_serve_does_many_phones_at_once(program):
    """Phones with a day's limit, and messages with ids, ask more than once within their turn."""
    with ServedPlace(program) as place:
        phones = [f"+1555010010{number}" for number in range(4)]
        for phone in phones:
            place.run("phones", "add", phone, "--rate", "0", "--per-day", "10")
        adds = [{"id": phone, "command": "add", "phone": phone, "contact": "12345", "content": "x", "message_id": phone}
                for phone in phones]
        claims = [{"id": phone, "command": "claim", "phone": phone} for phone in phones]
        for requests in (adds, claims):
            lines = "".join(json.dumps(request) + "\n" for request in requests)
            done = place.run("queue", "serve", input=lines.encode())
            answers = {answer["id"]: answer.get("message_id") for answer in objects(done.stdout)}
            expect(answers == {phone: phone for phone in phones}, f"{answers}")


def test_serve_does_not_wait_for_a_phone_that_is_locked(program):
    with ServedPlace(program) as place:
        other = "+15550100101"
        for phone in (PHONE, other):
            place.run("phones", "add", phone, "--rate", "0")
        add(place, "m")
        holder = subprocess.Popen([place.cluster.programs["psql"], "-qAt", place.database], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True, bufsize=1)
        try:
            holder.stdin.write(f"BEGIN; SELECT 'held' FROM send_schedule.phone WHERE number = '{PHONE}' FOR UPDATE;\n")
            expect(holder.stdout.readline() == "held\n", "no lock")
            with WaitingClaim(place, serves=True) as waiting:
                for number in range(3):
                    waiting.ask(id=number, command="add", phone=PHONE, contact="12345", content="x", message_id=f"m{number}")
                waiting.ask(id="other", command="add", phone=other, contact="12345", content="x")
                expect(waiting.prints_within(5), "it waits for the phone that is locked")
                expect(json.loads(waiting.process.stdout.readline())["id"] == "other", "another answer")
                expect(not waiting.prints_within(1), "it answers for the phone that is locked")
                holder.stdin.write("ROLLBACK;\n")
                answers = []
                for _ in range(4):
                    expect(waiting.prints_within(5), f"{answers}")
                    answers.append(json.loads(waiting.process.stdout.readline()))
                expect({answer.get("message_id") for answer in answers} == {"m", "m0", "m1", "m2"}, f"{answers}")
        finally:
            holder.kill()
            holder.communicate()
        expect([m["id"] for m in objects(place.run("queue", "list", PHONE, "--json").stdout)] == ["m", "m0", "m1", "m2"],
               "another order")


def test_unsaved_work_is_kept_on_this_side_while_the_server_is_away(program):
    with ServedPlace(program) as place:
        place.fill()
        state = {"XDG_STATE_HOME": str(place.elsewhere)}
        with place.editor(PHONE, variables=state) as editor:
            editor.wait("Office")
            place.cluster.stop("immediate")
            editor.send(":allow sun 1-2\r")
            editor.wait(r"\* unsaved")
            end = time.monotonic() + 40
            while not [file for file in place.elsewhere.rglob("*draft*") if file.is_file()]:
                expect(time.monotonic() < end, "no draft on the disk")
                editor.drain(0.2)
            editor.kill()
        place.cluster.start()
        with place.editor(variables=state) as editor:
            editor.wait(r"(?i)unsaved|kept|draft")


def test_a_full_disk_on_the_server_is_said(program):
    if os.geteuid() != 0:
        raise Skipped("only root can mount a small disk")
    with ServedPlace(program) as place:
        place.run("phones", "add", PHONE)
        disk = Path(place.cluster.folder) / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=777", "tmpfs", str(disk)], check=False).returncode != 0:
            raise Skipped("no disk can be mounted here")
        try:
            os.chown(disk, place.cluster.user.pw_uid, place.cluster.user.pw_gid)
            place.cluster.sql(f"CREATE TABLESPACE small LOCATION '{disk}'")
            place.cluster.sql("ALTER TABLE send_schedule.message SET TABLESPACE small", "d1")
            text = "x" * 300
            rows = "".join(json.dumps({"contact": "12345", "content": text}) + "\n" for _ in range(20_000))
            done = place.run("queue", "add", PHONE, "--json", codes=(74,), input=rows.encode())
            expect(b"full" in done.stderr, f"{done.stderr}")
            expect(place.run("check").stdout == b"ok\n", "check")
            expect(objects(place.run("phones", "list", "--json").stdout)[0]["waiting"] == 0, "some were queued")
        finally:
            place.cluster.stop("immediate")
            subprocess.run(["umount", str(disk)], check=False)
