"""`queue`: what a gateway and an administrator do with messages."""

import json
import subprocess
import threading

from program import command_line, environment
from runner import agree
from shell import ALERTS, DESK, Shell, expect, has


def phone(program, database, *words):
    shell = Shell(program, database)
    shell.run("phones", "add", DESK, *words)
    return shell


def check_reports(program, database, _rng):
    """A report names its claim; a late `failed` changes nothing, `sent` holds whoever says it."""
    shell = phone(program, database, "--max-attempts", "3", "--retry-delay", "0", "--pause-after-failures", "0")
    shell.add("m")
    agree(shell.claim()["attempt"], 1, "attempt")
    shell.after(61)
    second = shell.claim()
    agree((second["message_id"], second["attempt"]), ("m", 2), "claimed again after the lease")
    shell.refused(65, "queue", "failed", "m", "--attempt", "1", naming="m")
    agree(shell.message("m")["status"], "sending", "status after a late failure")
    shell.run("queue", "sent", "m", "--attempt", "1")
    agree(shell.message("m")["status"], "sent", "status after a late success")
    shell.run("queue", "sent", "m", "--attempt", "1")
    shell.run("queue", "sent", "m", "--attempt", "2")
    shell.run("queue", "sent", "m")
    agree(shell.claim(code=75)["claimed"], None, "a claim after it was sent")
    shell.refused(66, "queue", "sent", "nobody", naming="nobody")
    shell.refused(66, "queue", "failed", "nobody", naming="nobody")


def check_lease(program, database, _rng):
    """A lease that ends gives the message back, until its attempts are used up."""
    shell = phone(program, database, "--max-attempts", "2")
    shell.add("m")
    claimed = shell.claim(DESK, "--lease", "10")
    agree(claimed["lease_expires_at"], "2026-03-26T08:20:10.000Z", "lease_expires_at")
    shell.after(9)
    agree(shell.claim(code=75), {"claimed": None, "next_at": "2026-03-26T08:20:10.000Z"}, "while it is leased")
    shell.run("queue", "extend", "m")
    ends = shell.message("m")["lease_expires_at"]
    expect(ends > "2026-03-26T08:20:10.000Z", f"extended until {ends}")
    shell.after(2)
    agree(shell.claim(code=75)["next_at"], ends, "next_at is the end of the extended lease")
    shell.after(3600)
    agree(shell.claim()["attempt"], 2, "attempt")
    shell.after(61)
    agree(shell.claim(code=75)["claimed"], None, "after the last attempt's lease")
    agree(shell.objects("queue", "show", "m")[0]["status"], "failed", "status after all attempts")
    expect(shell.objects("queue", "show", "m")[0]["failure_reason"], "no reason")
    shell.run("queue", "retry", "m")
    agree(shell.claim()["message_id"], "m", "claimed after a retry")


def check_release(program, database, _rng):
    shell = phone(program, database)
    shell.add("m")
    shell.claim()
    shell.run("queue", "release", "m")
    agree(shell.message("m")["status"] in ("pending", "scheduled"), True, "it waits after its release")
    agree(shell.claim()["message_id"], "m", "claimed after a release")
    shell.run("queue", "sent", "m")
    shell.refused(65, "queue", "release", "m", naming="m")
    shell.refused(65, "queue", "extend", "m", naming="m")


def check_claims_after_retry(program, database, _rng):
    """The number of a claim never comes again, so that a late report concerns no other; a lease is not made shorter."""
    shell = phone(program, database, "--rate", "0", "--max-attempts", "2", "--retry-delay", "0")
    shell.add("m")
    for number in (1, 2):
        agree(shell.claim(DESK, "--lease", "5")["attempt"], number, "attempt")
        shell.after(6)
    agree(shell.claim(code=75)["claimed"], None, "no attempts are left")
    shell.run("queue", "retry", "m")
    again = shell.claim(DESK, "--lease", "600")
    agree(again["message_id"], "m", "claimed after a retry")
    agree(shell.message("m")["send_attempt_count"], 1, "attempts since it was retried")
    for late in ("1", "2"):
        for report in ("failed", "release", "extend"):
            shell.refused(65, "queue", report, "m", "--attempt", late, naming="m")
    shell.run("queue", "extend", "m", "--attempt", str(again["attempt"]))
    agree(shell.message("m")["lease_expires_at"], again["lease_expires_at"], "extended by less than it has")
    shell.run("queue", "failed", "m", "--attempt", str(again["attempt"]))
    agree(shell.message("m")["status"] in ("pending", "scheduled"), True, "it waits for the second of its new attempts")
    shell.run("phones", "set", DESK, "--max-attempts", "1")
    agree(shell.message("m")["status"], "failed", "it has no attempts left when they are made fewer")
    exported = program.export(database)
    other = program.new_database()
    Shell(program, other, shell.now).import_file("all.json", exported.decode() if isinstance(exported, bytes) else exported)
    agree(program.export(other), exported, "export and import of a message that was retried")
    program.remove(other)


def check_imports_beside_claims(program, database, _rng):
    """What an import knows of a message that was handed out here takes no send from the rate and the day."""
    record = {"id": "a", "owner": DESK, "contact": "+15550100999", "content": "hello", "status": "sent",
              "request_received_at": "2026-03-26T08:00:00Z", "sent_at": "2026-03-26T08:19:00Z"}
    shell = phone(program, database, "--rate", "1", "--per-day", "2")
    for id in "abc":
        shell.add(id)
    shell.claim(DESK, "--lease", "600")
    before = shell.objects("preview", DESK)
    old = json.dumps(shell.export())
    shell.import_file("sent.json", json.dumps({"messages": [record]}))
    agree(shell.objects("preview", DESK), before, "forecast after the import of a status")
    shell.after(61)
    agree(shell.claim(DESK, "--lease", "60")["message_id"], "b", "the next message")
    during = json.dumps(shell.export())
    shell.run("queue", "failed", "b", "--attempt", "1")
    waits = shell.message("b")
    for name, text in (("before", old), ("during", during)):
        shell.import_file(f"{name}.json", text)
        agree(shell.message("b"), waits, f"a claim that is over, after the import of an export {name} it")


def check_retries(program, database, _rng):
    """Ready again after the delay, twice as long each time, at most an hour."""
    shell = phone(program, database, "--max-attempts", "12", "--retry-delay", "60", "--pause-after-failures", "0")
    shell.add("m")
    for delay in (60, 120, 240, 480, 960, 1920, 3600, 3600):
        shell.claim()
        shell.run("queue", "failed", "m", "--reason", "no signal")
        before = shell.now
        shell.after(delay)
        due = shell.now
        agree(shell.forecast()["m"][0], due, f"forecast, {delay} s after {before}")
        shell.after(-0.001)
        agree(shell.claim(code=75)["next_at"], due, f"next_at, {delay} s after {before}")
        shell.after(0.001)


def check_pause(program, database, _rng):
    """After some failures in a row the phone is held for a minute, then twice as long; one success ends it."""
    shell = phone(program, database, "--rate", "0", "--max-attempts", "100", "--retry-delay", "0", "--pause-after-failures", "2")
    shell.add("m")
    fail(shell)
    agree(held_until(shell), None, "held after one failure")
    for seconds in (60, 120, 240, 480, 960, 1800, 1800):
        fail(shell)
        held, until = shell.now, held_until(shell)
        shell.after(seconds)
        agree(until, shell.now, f"held for {seconds} s from {held}")
        agree(shell.forecast()["m"], (shell.now, "ready"), "forecast at the end of the pause")
    shell.claim()
    shell.run("queue", "sent", "m")
    agree(held_until(shell), None, "held after a success")
    shell.add("n")
    fail(shell, "n")
    agree(held_until(shell), None, "held after a success and one failure")


def held_until(shell):
    """The end of what holds the phone, by hand or by itself; None if nothing does."""
    until = shell.object("preview", DESK, "--summary")["held_until"]
    return until if until and until > shell.now else None


def fail(shell, id="m"):
    shell.claim()
    shell.run("queue", "failed", id, "--reason", "no signal")


def check_hold_outlasts_success(program, database, _rng):
    """A hold by hand is not ended by a success, nor by a pause that ends later."""
    shell = phone(program, database, "--rate", "0", "--max-attempts", "9", "--pause-after-failures", "1")
    shell.add("a")
    shell.add("b")
    shell.claim(DESK, "--lease", "3600")
    shell.claim(DESK, "--lease", "3600")
    shell.run("phones", "hold", DESK, "--until", "2026-03-26T08:20:30Z", "--reason", "Stop")
    shell.run("queue", "failed", "a")
    agree(shell.forecast()["a"][0] >= "2026-03-26T08:21:00.000Z", True, "the pause lasts a minute")
    shell.run("queue", "sent", "b")
    agree(held_until(shell), "2026-03-26T08:20:30.000Z", "the hold by hand, after a success")
    shell.run("phones", "hold", DESK)
    shell.run("queue", "sent", "a")
    agree(held_until(shell), "9999-12-31T23:59:59.999Z", "a hold until released, after a success")


def check_expiry(program, database, _rng):
    shell = phone(program, database, "--rate", "1")
    shell.add("a")
    shell.add("b", "--expires", "30 s")
    shell.add("c", "--expires", "2026-03-26T08:21:00Z")
    shell.add("d", "--expires", "1h")
    forecast = shell.forecast()
    agree(forecast["b"], (None, "expires"), "b expires while a's gap lasts")
    agree(forecast["c"], ("2026-03-26T08:21:00.000Z", "rate"), "c goes out at its last moment")
    agree(forecast["d"], ("2026-03-26T08:22:00.000Z", "rate"), "d takes no account of b")
    agree(shell.claim()["message_id"], "a", "first")
    shell.run("queue", "sent", "a")
    shell.after(60)
    agree(shell.claim()["message_id"], "c", "second")
    shown = shell.object("queue", "show", "b")
    agree(shown["status"], "failed", "what expired has failed")
    expect("expire" in (shown["failure_reason"] or ""), f"with that reason: {shown['failure_reason']}")
    shell.refused((64, 65), "queue", "add", DESK, "--to", "+15550100999", "--text", "x", "--expires", "soon")


def check_day_limit(program, database, _rng):
    """Never more than the limit on a local date; a message tried twice was sent twice."""
    shell = phone(program, database, "--rate", "0", "--per-day", "2", "--retry-delay", "1", "--max-attempts", "5")
    for id in ("a", "b", "c"):
        shell.add(id)
    agree(shell.forecast()["c"], ("2026-03-27T00:00:00.000Z", "day"), "the third of the day")
    fail(shell, "a")
    shell.after(1)
    # b was ready before a's retry.
    agree(shell.claim()["message_id"], "b", "second")
    forecast = shell.forecast()
    agree(forecast["c"], ("2026-03-27T00:00:00.000Z", "day"), "c, the first of the next day")
    agree(forecast["a"], ("2026-03-27T00:00:00.000Z", "rate"), "a's second attempt, behind c")
    shell.run("queue", "sent", "b")
    shell.now = "2026-03-27T00:00:00.000Z"
    fail(shell, "c")
    shell.after(1)
    fail(shell, "a")
    shell.after(1)
    agree(shell.claim(code=75)["claimed"], None, "two attempts of messages that are tried again are two sends")


def check_outage(program, database, _rng):
    """A modem that is down for two hours turns no message into a failure; afterwards each goes out once."""
    shell = phone(program, database)
    rows = "".join(f"{DESK},+1555010{number:04d},text {number},\n" for number in range(30))
    shell.import_file("rows.csv", "FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n" + rows)
    back = "2026-03-26T10:20:00.000Z"
    tries = 0
    while shell.now < back:
        answer = shell.claim(code=(0, 75))
        if "next_at" in answer:
            shell.now = answer["next_at"]
            continue
        tries += 1
        shell.run("queue", "failed", answer["message_id"], "--attempt", str(answer["attempt"]), "--reason", "modem is down")
    agree({m["status"] for m in shell.export()["messages"]}, {"pending"}, f"statuses after {tries} failures")
    expect(tries < 30, f"{tries} tries in two hours")
    sent = []
    while len(sent) < 31:
        answer = shell.claim(code=(0, 75))
        if "next_at" in answer and answer["next_at"] is None:
            break
        if "next_at" in answer:
            shell.now = answer["next_at"]
            continue
        sent.append(answer["message_id"])
        shell.run("queue", "sent", answer["message_id"])
    agree((len(sent), len(set(sent))), (30, 30), "messages sent after the outage, and different ones")


def check_changes(program, database, _rng):
    shell = phone(program, database)
    shell.run("schedules", "add", "Office", "daily 9-17", "--time-zone", "Europe/Berlin")
    shell.run("phones", "set", DESK, "--schedule", "Office")
    shell.add("m")
    shell.run("queue", "reschedule", "m", "--send-at", "tomorrow 10:00")
    agree(shell.message("m")["scheduled_send_time"], "2026-03-27T09:00:00.000Z", "rescheduled")
    agree(shell.message("m")["exact"], False, "rescheduled, it is still not exact")
    shell.run("queue", "cancel", "m")
    agree(shell.message("m")["status"], "canceled", "status")
    shell.refused(65, "queue", "cancel", "m", naming="m")
    shell.refused(65, "queue", "reschedule", "m", "--send-at", "tomorrow 10:00", naming="m")
    shell.run("queue", "retry", "m")
    agree(shell.message("m")["status"] in ("pending", "scheduled"), True, "it waits again")
    shell.add("n", "--send-at", "thu 10:00", "--exact")
    has(shell.message("n"), scheduled_send_time="2026-03-26T09:00:00.000Z", exact=True)
    agree(len(shell.objects("queue", "list")), 2, "messages of all phones")
    agree(len(shell.objects("queue", "list", DESK)), 2, "messages of the phone")
    shell.refused((64, 65), "queue", "add", DESK, "--to", "12a", "--text", "x", naming="12a")
    shell.refused((64, 65), "queue", "add", DESK, "--to", "+15550100999", "--text", "x" * 2000)
    shell.refused(66, "queue", "add", "+4915112345999", "--to", "+15550100999", "--text", "x", naming="+4915112345999")
    shell.run("queue", "add", DESK, "--to", "+15550100999", "--text", "-", "--id", "piped", stdin="from a pipe")
    agree(shell.message("piped")["content"], "from a pipe", "--text - reads standard input")


def check_prune(program, database, _rng):
    shell = phone(program, database)
    for id in ("a", "b"):
        shell.add(id)
    shell.claim()
    shell.run("queue", "sent", "a")
    shell.after(2 * 86_400)
    shell.refused((64, 65), "queue", "prune", "--older-than", "30", "--yes", naming="30")
    shell.run("queue", "prune", "--older-than", "1d", "--yes")
    agree([m["id"] for m in shell.export()["messages"]], ["b"], "what waits is not pruned")


class Server:
    """`queue serve` with requests and answers; a context."""

    def __init__(self, shell):
        self.process = subprocess.Popen(
            command_line(shell.program.binary, ["queue", "serve"], shell.database), env=environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.watchdog = threading.Timer(60, self.process.kill)

    def __enter__(self):
        self.watchdog.start()
        return self

    def __exit__(self, *_):
        self.watchdog.cancel()
        self.process.kill()
        self.process.wait()

    def ask(self, **request):
        self.send(**request)
        return self.answer()

    def send(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()

    def answer(self):
        line = self.process.stdout.readline()
        expect(line, f"it ended: {self.process.stderr.read() if self.process.poll() is not None else 'no answer'}")
        return json.loads(line)


def check_serve(program, database, _rng):
    """Requests a line, answers with their ids as they come."""
    shell = phone(program, database)
    shell.run("phones", "add", ALERTS)
    with Server(shell) as server:
        has(server.ask(id=1, command="add", phone=DESK, contact="+15550100999", content="hello"), id=1)
        claimed = server.ask(id="two", command="claim", phone=DESK)
        has(claimed, id="two", owner=DESK, contact="+15550100999", content="hello", attempt=1)
        server.send(id=3, command="claim", phone=ALERTS, wait=True)
        # What waits does not hold up what comes after it.
        has(server.ask(id=4, command="sent", message_id=claimed["message_id"], attempt=1), id=4)
        has(server.ask(id=5, command="claim", phone=DESK), id=5, claimed=None, next_at=None)
        # Another process adds what the waiting request is for.
        shell.run("queue", "add", ALERTS, "--to", "+15550100998", "--text", "late", "--id", "late")
        has(server.answer(), id=3, message_id="late")
        for request in ({"command": "fly"}, {"command": "claim"}, {"command": "claim", "phone": "+4915112345999"},
                        {"command": "failed", "message_id": "late", "attempt": 7}):
            answer = server.ask(id=6, **request)
            expect(answer["id"] == 6 and answer.get("error"), f"the answer to {request}: {answer}")
        server.process.stdin.write("no JSON\n")
        has(server.ask(id=7, command="failed", message_id="late", attempt=1, reason="no signal"), id=None)
        has(server.answer(), id=7)
        server.process.stdin.close()
        agree(server.process.wait(10), 0, "exit code at the end of input")
    expect(shell.message("late")["status"] in ("pending", "scheduled"), f"the failure was taken: {shell.message('late')}")
