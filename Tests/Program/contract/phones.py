"""`phones`: what an administrator does with them, and what monitoring reads."""

from shell import ALERTS, DESK, Shell, expect, has

UNTIL_RELEASED = "9999-12-31T23:59:59.999Z"


def check_phones(program, database, _rng):
    shell = Shell(program, database)
    shell.run("schedules", "add", "Office", "mon-fri 09:00-12:00, 13:00-17:30", "--time-zone", "Europe/Berlin")
    shell.run(
        "phones", "add", DESK, "--label", "Desk", "--rate", "7", "--per-day", "3", "--sim", "SIM2", "--schedule", "Office",
        "--max-attempts", "4", "--retry-delay", "30", "--pause-after-failures", "2")
    has(
        shell.object("phones", "show", DESK), phone_number=DESK, label="Desk", messages_per_minute=7, messages_per_day=3,
        sim="SIM2", max_send_attempts=4, retry_delay_seconds=30, pause_after_failures=2)
    shell.run("phones", "set", DESK, "--per-day", "0", "--rate", "0", "--no-schedule", "--label", "")
    has(shell.phone(), messages_per_day=0, messages_per_minute=0, message_send_schedule_id=None)
    shell.refused(65, "phones", "add", DESK, naming=DESK)
    shell.refused((64, 65), "phones", "set", DESK, "--per-day", "-1", naming="per-day")
    shell.refused((64, 65), "phones", "set", DESK, "--rate", "fast", naming="rate")
    shell.refused((64, 65), "phones", "set", DESK, "--sim", "SIM3", naming="SIM")
    shell.refused((64, 65), "phones", "set", DESK, "--retry-delay", "soon", naming="retry-delay")
    shell.refused((65, 66), "phones", "set", DESK, "--schedule", "Offce", naming="Office")
    shell.refused(66, "phones", "show", "+4915112345999", naming="+4915112345999")


def check_phone_states(program, database, _rng):
    """What `phones list --json` carries for monitoring."""
    shell = Shell(program, database)
    shell.run("schedules", "add", "Office", "mon-fri 09:00-12:00", "--time-zone", "Europe/Berlin")
    shell.run("phones", "add", DESK, "--schedule", "Office", "--rate", "1")
    shell.run("phones", "add", ALERTS)
    shell.add("a")
    shell.add("b")
    claimed = shell.claim()
    has(claimed, message_id="a", owner=DESK, sim="SIM1", contact="+15550100999", content="hello", attempt=1)
    phone = listed(shell, DESK)
    has(phone, waiting=1, claimed=1, failed=0, state="open", open_until="2026-03-26T11:00:00.000Z",
        next_send_at="2026-03-26T08:21:00.000Z", last_sent_at=None)
    shell.after(2)
    shell.run("queue", "sent", "a")
    has(listed(shell, DESK), waiting=1, claimed=0, failed=0, next_send_at="2026-03-26T08:21:00.000Z",
        last_sent_at="2026-03-26T08:20:02.000Z")
    shell.now = "2026-03-27T20:00:00.000Z"
    phone = listed(shell, DESK)
    has(phone, waiting=1, claimed=0, state="closed", opens_at="2026-03-30T07:00:00.000Z",
        next_send_at="2026-03-30T07:00:00.000Z")
    has(listed(shell, ALERTS), state="open", waiting=0, next_send_at=None, last_sent_at=None)
    shell.run("phones", "hold", DESK, "--until", "2026-03-31T10:00:00+02:00", "--reason", "Modem is out")
    has(listed(shell, DESK), state="held", held_until="2026-03-31T08:00:00.000Z", hold_reason="Modem is out",
        next_send_at="2026-03-31T08:00:00.000Z")


def listed(shell, number):
    return next(p for p in shell.objects("phones", "list") if p["phone_number"] == number)


def check_hold(program, database, _rng):
    shell = Shell(program, database)
    shell.run("schedules", "add", "Office", "mon-fri 09:00-17:00", "--time-zone", "Europe/Berlin")
    for number in (DESK, ALERTS):
        shell.run("phones", "add", number, "--schedule", "Office")
    shell.add("plain")
    shell.add("exact", "--exact")
    shell.run("phones", "hold", DESK, ALERTS)
    for number in (DESK, ALERTS):
        has(shell.phone(number), held_until=UNTIL_RELEASED)
    expect(shell.forecast() == {"exact": (None, "hold"), "plain": (None, "hold")}, f"held: {shell.forecast()}")
    answer = shell.claim(code=75)
    has(answer, claimed=None, next_at=None)
    shell.run("phones", "release", DESK)
    expect(not shell.phone().get("held_until"), f"released: {shell.phone()}")
    expect(shell.phone(ALERTS)["held_until"] == UNTIL_RELEASED, "releasing one released the other")
    # Moments as a person types them, on the clock of the phone's schedule: Berlin.
    for text, moment in (
            ("thu 10:00", "2026-03-26T09:00:00.000Z"), ("tomorrow 8", "2026-03-27T07:00:00.000Z"),
            ("10:30", "2026-03-26T09:30:00.000Z"), ("in 2 h", "2026-03-26T10:20:00.000Z"),
            ("2026-12-24 10:00", "2026-12-24T09:00:00.000Z"), ("2026-07-01 10:00", "2026-07-01T08:00:00.000Z"),
            ("2026-03-26T12:00:00Z", "2026-03-26T12:00:00.000Z"), ("in 30 min", "2026-03-26T08:50:00.000Z"),
            ("mon 9", "2026-03-30T07:00:00.000Z")):
        shell.run("phones", "hold", DESK, "--until", text)
        expect(shell.phone()["held_until"] == moment, f"{text!r} is {shell.phone()['held_until']}, not {moment}")
    shell.refused((64, 65), "phones", "hold", DESK, "--until", "soon", naming="soon")
    shell.refused((64, 65), "phones", "hold", DESK, "--until", "2026-03-01 10:00")
    shell.refused(66, "phones", "hold", DESK, "+4915112345999", naming="+4915112345999")
    shell.run("phones", "hold", DESK, "--until", "2026-03-26T09:00:00Z")
    expect(shell.forecast()["exact"] == ("2026-03-26T09:00:00.000Z", "hold"), f"{shell.forecast()}")


def check_removal(program, database, _rng):
    """What destroys something says what, and wants --yes where nobody can be asked."""
    shell = Shell(program, database)
    shell.run("schedules", "add", "Office", "daily 9-17", "--time-zone", "UTC")
    shell.run("phones", "add", DESK, "--schedule", "Office")
    shell.add("m")
    error = shell.refused(64, "phones", "remove", DESK, naming="--yes")
    expect("1" in error and DESK in error, f"it does not say what goes: {error}")
    error = shell.refused(64, "schedules", "remove", "Office", naming="--yes")
    expect(DESK in error or "1 phone" in error, f"it does not say which phones it frees: {error}")
    shell.refused(64, "queue", "prune", "--older-than", "30", naming="30")
    shell.run("schedules", "remove", "Office", "--yes")
    expect(shell.phone()["message_send_schedule_id"] is None, "the schedule is gone and the phone has it")
    shell.run("phones", "remove", DESK, "--yes")
    expect(shell.export()["phones"] == [] and shell.export()["messages"] == [], "it is not removed")
