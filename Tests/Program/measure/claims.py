#!/usr/bin/env python3
"""Measures claims a second: `queue serve` with some under way, beside one process for each.

    python3 Tests/Program/measure/claims.py [--seconds 4] [--under-way 1,16,64] [--engine postgresql] PROGRAM...

Beside them the same statements without the program: in the shell of SQLite, or by `pgbench`. All in one run on one machine,
with a phone without a limit and a queue that does not run dry; each claim of `serve` is followed by nothing, as each of a
process is, and then by a report that the message was sent. Of several programs each is measured in turn, for some rounds.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import postgresql
from program import BUILT, call, command_line, environment, existing

PHONE = "+18005550199"
# Seconds: none runs out while others are measured.
LEASE = 3600


def fill(program, database, count):
    call(program, ["phones", "add", PHONE, "--rate", "0"], database)
    rows = "".join(json.dumps({"contact": "12345", "content": f"message {n}"}) + "\n" for n in range(count))
    done = call(program, ["queue", "add", PHONE, "--json"], database, input=rows)
    if done.returncode != 0:
        sys.exit(done.stderr.decode())


def processes(program, database, seconds):
    started, count = time.monotonic(), 0
    while time.monotonic() - started < seconds:
        call(program, ["queue", "claim", PHONE, "--lease", str(LEASE)], database)
        count += 1
    return count / (time.monotonic() - started)


def served(program, database, seconds, under_way, reports=False):
    """Claims a second of `queue serve`; with reports each claim is followed by its own."""
    server = subprocess.Popen(
        command_line(program, ["queue", "serve"], database), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment())
    request = json.dumps({"id": 1, "command": "claim", "phone": PHONE, "lease": LEASE}).encode() + b"\n"
    server.stdin.write(request * under_way)
    server.stdin.flush()
    started, count, rest = time.monotonic(), 0, b""
    while time.monotonic() - started < seconds:
        chunk = rest + os.read(server.stdout.fileno(), 1 << 16)
        lines = chunk.split(b"\n")
        rest = lines.pop()
        if any(b'"claimed":null' in line for line in lines):
            sys.exit("the queue ran dry: fill it with more")
        for line in lines:
            answer = json.loads(line) if reports else {}
            if reports and "owner" in answer:
                sent = {"id": 1, "command": "sent", "message_id": answer["message_id"]}
                server.stdin.write(json.dumps(sent).encode() + b"\n")
            else:
                server.stdin.write(request)
                count += 1
        server.stdin.flush()
    rate = count / (time.monotonic() - started)
    server.kill()
    server.wait()
    return rate


WAITS = "(status = 'pending' OR status = 'scheduled' OR status = 'expired')"


def first(exact):
    """The key of the first message of a kind."""
    return f"""(SELECT key FROM message AS m WHERE m.phone_key = p.key AND is_exact = {exact} AND {WAITS}
    ORDER BY ready_at, queued_at, key LIMIT 1)"""


# What a claim asks, for a phone that has no limit of the day and no lapsed claims.
FRONT = f"""SELECT p.number, p.label, p.messages_per_minute, p.held_until, s.name, s.time_zone, s.windows, s.exceptions,
  (SELECT max(send_time) FROM message AS m WHERE m.phone_key = p.key AND send_time IS NOT NULL),
  (SELECT max(send_time) FROM past_send AS m WHERE m.phone_key = p.key),
  (SELECT min(lease_expires_at) FROM message AS m WHERE m.phone_key = p.key AND status = 'sending'),
  (SELECT max(last_attempted_at) FROM message AS m WHERE m.phone_key = p.key AND status = 'sending'),
  (SELECT min(expires_at) FROM message AS m WHERE m.phone_key = p.key AND expires_at IS NOT NULL AND {WAITS}),
  e.id AS exact, e.contact, e.content, o.key AS head, o.id AS ordinary, o.contact, o.content
FROM phone AS p LEFT JOIN schedule AS s ON s.id = p.schedule_id
  LEFT JOIN message AS e ON e.key = {first(1)} LEFT JOIN message AS o ON o.key = {first(0)}
WHERE p.number = '{PHONE}' OR p.id = '{PHONE}'"""
HEAD = f"SELECT key FROM message WHERE phone_key = :key AND is_exact = 0 AND {WAITS} ORDER BY ready_at, queued_at, key LIMIT 1"
MARK = """UPDATE message SET status = 'sending', prior_send_time = send_time, prior_attempted_at = last_attempted_at,
  last_attempted_at = :now, send_time = :now, lease_expires_at = CAST(:now AS BIGINT) + 3600000, send_attempt_count = 1, claim_token = 1,
  history = 'x' WHERE key = :head;
UPDATE phone SET waiting = waiting - 1, heads_taken = heads_taken + 1 WHERE key = :key;
"""


def shell(database, seconds):
    """Claims a second of the SQLite shell, with the same statements."""
    step = "BEGIN IMMEDIATE;" + FRONT + ";" + MARK + "COMMIT;\n"
    now = "(CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))"
    step = step.replace(":head", f"({HEAD})").replace(":key", "1").replace(":now", now)
    count, started = 200, time.monotonic()
    done = 0
    while time.monotonic() - started < seconds:
        subprocess.run(
            ["sqlite3", database], input="PRAGMA synchronous = FULL;\n" + step * count, text=True, check=True,
            stdout=subprocess.DEVNULL)
        done += count
    return done / (time.monotonic() - started)


def bench(cluster, folder, seconds, clients):
    """Claims a second of pgbench, with the same statements."""
    path = os.path.join(folder, "claim.sql")
    with open(path, "w", encoding="ascii") as file:
        file.write(
            "BEGIN ISOLATION LEVEL READ COMMITTED;\n"
            f"SELECT key FROM phone WHERE number = '{PHONE}' OR id = '{PHONE}' ORDER BY key FOR NO KEY UPDATE \\gset\n"
            "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT) AS now \\gset\n"
            + FRONT + " \\gset\n" + MARK + "COMMIT;\n")
    os.chmod(folder, 0o755)
    said = cluster.run(
        "pgbench", "--no-vacuum", "--protocol", "prepared", "--client", str(clients), "--time", str(int(seconds)), "--file",
        path, cluster.address("d1") + "&options=-csearch_path%3Dsend_schedule")
    return float(re.search(r"tps = ([0-9.]+)", said).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", metavar="program", nargs="*", default=[str(BUILT)])
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--under-way", default="1,16,64")
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    programs = [existing(program) for program in options.programs]
    cluster = postgresql.Cluster({"fsync": "on", "shared_buffers": "256MB"}) if options.engine == "postgresql" else None
    with tempfile.TemporaryDirectory(prefix="send-schedule-claims-") as folder, cluster or nullcontext():
        database = cluster.new_database() if cluster else os.path.join(folder, "store.sqlite")
        fill(programs[0], database, options.messages)
        if cluster:
            cluster.programs["pgbench"] = postgresql.binary("pgbench")
            for clients in (1, 16):
                print(f"pgbench, {clients:3} clients: {bench(cluster, folder, options.seconds, clients):8.0f} a second")
        else:
            print(f"sqlite3 shell: {shell(database, options.seconds):8.0f} a second")
        print(f"one process each: {processes(programs[0], database, options.seconds):8.0f} a second", flush=True)
        for _ in range(options.rounds):
            for under_way in map(int, options.under_way.split(",")):
                for program in programs:
                    rates = [served(program, database, options.seconds, under_way, reports) for reports in (False, True)]
                    print(
                        f"serve, {under_way:3} under way: {rates[0]:8.0f} a second, with reports {rates[1]:8.0f}"
                        + (f"  {program}" if len(programs) > 1 else ""), flush=True)


if __name__ == "__main__":
    main()
