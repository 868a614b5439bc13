#!/usr/bin/env python3
"""Four hosts (network namespaces) claim from one PostgreSQL server; every few seconds one of them is cut off.

    python3 Tests/Program/measure/partitions.py [--hosts 4] [--seconds 60] [--every 10] [--cut 5] PROGRAM

Needs root (namespaces) and an installed server. Each host runs `queue serve` and reports each message as sent. At the
end everything is let through and drained. Counted: messages, those handed out twice within a lease, and those lost:
queued, but neither sent nor still in the queue. Its exit status is 1 if there were doubles or losses.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import postgresql
from program import BUILT, call, command_line, environment, existing, objects

BRIDGE = "ssbridge"
SERVER = "10.77.31.1"
LEASE = 20


def ip(*words, check=True):
    subprocess.run(["ip", *words], check=check, stderr=None if check else subprocess.DEVNULL)


class Network:
    """A bridge with the server's address, and a namespace for each host; a context that removes them."""

    def __init__(self, hosts):
        self.hosts = range(1, hosts + 1)

    def __enter__(self):
        self.remove()
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("addr", "add", f"{SERVER}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for host in self.hosts:
            ip("netns", "add", f"sshost{host}")
            ip("link", "add", f"ssveth{host}", "type", "veth", "peer", "name", "eth0", "netns", f"sshost{host}")
            ip("link", "set", f"ssveth{host}", "master", BRIDGE, "up")
            ip("-n", f"sshost{host}", "addr", "add", f"{SERVER[:-1]}{host + 10}/24", "dev", "eth0")
            ip("-n", f"sshost{host}", "link", "set", "eth0", "up")
        return self

    def __exit__(self, *_):
        self.remove()

    def remove(self):
        for host in self.hosts:
            ip("netns", "del", f"sshost{host}", check=False)
            ip("link", "del", f"ssveth{host}", check=False)
        ip("link", "del", BRIDGE, check=False)

    def cut(self, host):
        ip("link", "set", f"ssveth{host}", "down")

    def mend(self, host):
        ip("link", "set", f"ssveth{host}", "up")


class Host:
    """A gateway on one host: `queue serve`, and a modem for each phone that takes no time."""

    def __init__(self, number, program, database, phones, under_way):
        self.number, self.handed, self.errors, self.isEnding = number, [], 0, False
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", f"sshost{number}", *command_line(program, ["queue", "serve"], database)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), bufsize=0)
        self.lock = threading.Lock()
        self.phones = phones
        for n in range(under_way):
            self.claim(phones[n % len(phones)])
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def ask(self, request):
        with self.lock, suppress(OSError, ValueError):
            self.process.stdin.write(json.dumps(request).encode() + b"\n")

    def claim(self, phone):
        self.ask({"id": f"claim {phone}", "command": "claim", "phone": phone, "lease": LEASE, "wait": True})

    def read(self):
        for line in self.process.stdout:
            answer, now = json.loads(line), time.time()
            kind, _, rest = str(answer["id"]).partition(" ")
            if kind == "claim":
                if answer.get("message_id"):
                    self.handed.append((answer["message_id"], now, answer["lease_expires_at"], answer["attempt"]))
                    self.ask({"id": f"sent {answer['message_id']}", "command": "sent", "message_id": answer["message_id"]})
                if not self.isEnding:
                    self.claim(rest)
            elif "error" in answer:
                # The report did not get through: it is made again, as a gateway would.
                self.errors += 1
                time.sleep(0.05)
                self.ask({"id": answer["id"], "command": "sent", "message_id": rest})

    def end(self):
        self.isEnding = True
        with self.lock, suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.thread.join(20)


def doubles(hosts):
    """Messages that were handed out while another claim of them ran."""
    claims = {}
    for host in hosts:
        for message, at, lease, attempt in host.handed:
            end = datetime.fromisoformat(lease.replace("Z", "+00:00")).timestamp()
            claims.setdefault(message, []).append((end - LEASE, end, attempt, host.number))
    found = []
    for message, times in claims.items():
        times.sort()
        found += [(message, a, b) for a, b in zip(times, times[1:]) if b[0] < a[1]]
    return found, sum(len(times) - 1 for times in claims.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=str(BUILT))
    parser.add_argument("--hosts", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every", type=float, default=10)
    parser.add_argument("--cut", type=float, default=5)
    parser.add_argument("--phones", type=int, default=20)
    parser.add_argument("--rate", type=int, default=600, help="messages a minute of each phone")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("skipped: only root can make network namespaces")
    program = existing(options.program)
    settings = {"listen_addresses": f"'{SERVER}'", "max_connections": "100"}
    count = int(options.phones * options.rate / 60 * options.seconds)
    with Network(options.hosts) as network, postgresql.Cluster(settings) as cluster:
        with open(os.path.join(cluster.data, "pg_hba.conf"), "a", encoding="ascii") as file:
            file.write(f"host all all {SERVER}/24 trust\n")
        cluster.sql("SELECT pg_reload_conf()")
        local = cluster.new_database()
        remote = f"postgresql://{postgresql.USER}@{SERVER}/d1"
        phones = [f"+1800555{n:04}" for n in range(options.phones)]
        for number, phone in enumerate(phones):
            call(program, ["phones", "add", phone, "--rate", str(options.rate), "--max-attempts", "50"], local)
            rows = "".join(
                json.dumps({"id": f"m{number}-{n}", "contact": "12345", "content": "x"}) + "\n"
                for n in range(count // options.phones))
            done = call(program, ["queue", "add", phone, "--json"], local, input=rows)
            if done.returncode:
                sys.exit(done.stderr.decode())
        hosts = [Host(n, program, remote, phones, options.phones) for n in network.hosts]
        started, cuts = time.monotonic(), 0
        while time.monotonic() - started < options.seconds:
            time.sleep(max(0, options.every - options.cut))
            host = cuts % options.hosts + 1
            network.cut(host)
            time.sleep(options.cut)
            network.mend(host)
            cuts += 1
        end = time.monotonic() + 180
        while time.monotonic() < end:
            states = objects(call(program, ["phones", "list", "--json"], local).stdout)
            if all(s["waiting"] == 0 and s["claimed"] == 0 for s in states):
                break
            time.sleep(1)
        for host in hosts:
            host.end()
        status = dict(
            line.split("|") for line in cluster.sql(
                "SELECT status, count(*) FROM send_schedule.message GROUP BY 1", "d1").splitlines())
        check = call(program, ["check"], local)
    handed = {message for host in hosts for message, *_ in host.handed}
    twice, again = doubles(hosts)
    total = count // options.phones * options.phones
    lost = total - int(status.get("sent", 0)) - int(status.get("pending", 0)) - int(status.get("sending", 0))
    print(f"{len(hosts)} hosts, {options.phones} phones, {cuts} cuts of {options.cut:g} s: {total} messages")
    print(f"handed out {sum(len(h.handed) for h in hosts)} times ({again} again after a lease), {len(handed)} messages")
    print(f"reports made again {sum(h.errors for h in hosts)}; at the end {status}; check: {check.stdout.decode().strip()}")
    print(f"doubles within a lease {len(twice)}, lost {lost}")
    for each in twice[:5]:
        print(" ", each)
    sys.exit(1 if twice or lost else 0)


if __name__ == "__main__":
    main()
