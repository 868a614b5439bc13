#!/usr/bin/env python3
"""Tests `queue serve` from outside, on both engines: answers, waiting claims, clients that go, the socket.

    python3 Tests/Program/serve/run.py [PROGRAM]
"""

import argparse
import fcntl
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import postgresql
from program import BUILT, call, command_line, environment, existing, objects
from serve.client import Queue

PHONE = "+18005550199"
OTHER = "+18005550198"
PROGRAM = str(BUILT)
F_SETPIPE_SZ = 1031


class ServeTest(unittest.TestCase):
    def new_database(self):
        return os.path.join(self.folder.name, "store.sqlite")

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="send-schedule-serve-")
        self.database = self.new_database()
        self.processes = []
        for number in (PHONE, OTHER):
            self.run_program("phones", "add", number, "--rate", "0")

    def tearDown(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
            for stream in (process.stdin, process.stdout):
                if stream and not stream.closed:
                    try:
                        stream.close()
                    except BrokenPipeError:
                        pass
        self.folder.cleanup()

    def run_program(self, *arguments, input=None, code=0):
        done = call(PROGRAM, arguments, self.database, input=input)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stdout.decode()

    def add(self, count, phone=PHONE):
        messages = "".join(json.dumps({"contact": "12345", "content": str(n)}) + "\n" for n in range(count))
        self.run_program("queue", "add", phone, "--json", input=messages)

    def statuses(self, phone=PHONE):
        return [message["status"] for message in objects(self.run_program("queue", "list", phone, "--json"))]

    def serve(self, *options):
        queue = Queue(*command_line(PROGRAM, ["queue", "serve", *options], self.database), env=environment())
        self.processes.append(queue.process)
        return queue

    def until(self, condition, what):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.02)
        self.fail(f"not within 20 s: {what}")

    def test_a_message_goes_its_way(self):
        queue = self.serve()
        added = queue.ask("add", phone=PHONE, contact="12345", content="hi", message_id="m")
        self.assertEqual((added["id"], added["message_id"], added["status"]), (0, "m", "pending"))
        self.assertIsNotNone(queue.ask("next", phone=PHONE)["next_at"])
        claim = queue.ask("claim", phone=PHONE, lease=30)
        self.assertEqual([claim[name] for name in ("message_id", "owner", "sim", "contact", "content", "attempt")],
                         ["m", PHONE, "SIM1", "12345", "hi", 1])
        self.assertGreater(queue.ask("extend", message_id="m", attempt=1, lease=300)["lease_expires_at"],
                           claim["lease_expires_at"])
        self.assertEqual(queue.ask("release", message_id="m", attempt=1)["status"], "pending")
        self.assertEqual(queue.ask("claim", phone=PHONE)["attempt"], 1)
        self.assertEqual(queue.ask("failed", message_id="m", attempt=7)["code"], 65)
        self.assertEqual(queue.ask("failed", message_id="m", attempt=1, reason="no net")["status"], "pending")
        self.assertIsNone(queue.ask("claim", phone=PHONE)["claimed"])
        self.assertEqual(queue.ask("sent", message_id="m")["status"], "sent")
        self.assertEqual(queue.ask("sent", message_id="m")["status"], "sent")
        self.assertEqual(queue.end(), 0)
        self.assertEqual(self.statuses(), ["sent"])

    def test_what_cannot_be_done_is_answered(self):
        queue = self.serve()
        self.assertEqual(queue.ask("claim", phone="+15550000000")["code"], 66)
        self.assertEqual(queue.ask("claim")["code"], 65)
        self.assertEqual(queue.ask("fly")["code"], 64)
        self.assertEqual(queue.ask("claim", phone=PHONE, lease=0)["code"], 64)
        self.assertEqual(queue.ask("add", phone=PHONE, contact="12345", content="x" * 2000)["code"], 65)
        for line in ("nonsense", "[]", '{"id":"a"}'):
            queue.process.stdin.write(line + "\n")
            self.assertEqual(json.loads(queue.process.stdout.readline())["code"], 64, line)
        self.assertEqual(queue.ask("claim", phone=PHONE, id=9007199254740993)["id"], 9007199254740993)
        self.assertEqual(queue.end(), 0)

    def test_many_under_way_get_each_message_once(self):
        self.add(200)
        queue = self.serve()
        lines = "".join(json.dumps({"id": n, "command": "claim", "phone": PHONE}) + "\n" for n in range(300))
        output, _ = queue.process.communicate(lines, timeout=60)
        answers = [json.loads(line) for line in output.splitlines()]
        self.assertEqual(sorted(answer["id"] for answer in answers), list(range(300)))
        claimed = [answer["message_id"] for answer in answers if "message_id" in answer]
        self.assertEqual((len(claimed), len(set(claimed))), (200, 200))

    def test_a_waiting_claim_is_answered_when_another_process_adds(self):
        queue = self.serve()
        for n, phone in enumerate((PHONE, OTHER)):
            queue.process.stdin.write(json.dumps({"id": n, "command": "claim", "phone": phone, "wait": True}) + "\n")
        # Others are answered meanwhile.
        self.assertIsNone(queue.ask("next", phone=PHONE)["next_at"])
        self.add(1, OTHER)
        self.assertEqual(json.loads(queue.process.stdout.readline())["owner"], OTHER)
        # At the end of input the one that still waits is answered too.
        queue.process.stdin.close()
        self.assertEqual(json.loads(queue.process.stdout.readline()), {"id": 0, "claimed": None, "next_at": None})
        self.assertEqual(queue.process.wait(20), 0)

    def test_a_hold_and_a_release_reach_a_waiting_claim(self):
        self.run_program("phones", "hold", PHONE)
        self.add(1)
        queue = self.serve()
        queue.process.stdin.write(json.dumps({"id": 1, "command": "claim", "phone": PHONE, "wait": True}) + "\n")
        self.assertIsNone(queue.ask("next", phone=OTHER)["next_at"])
        self.run_program("phones", "release", PHONE)
        self.assertEqual(json.loads(queue.process.stdout.readline())["owner"], PHONE)

    def test_what_nobody_read_is_given_back(self):
        self.add(3)
        queue = self.serve()
        first = queue.ask("claim", phone=PHONE)
        queue.process.stdin.write(2 * (json.dumps({"id": 1, "command": "claim", "phone": PHONE}) + "\n"))
        self.until(lambda: self.statuses().count("sending") == 3, "three claims")
        queue.process.stdout.close()
        self.until(lambda: self.statuses().count("sending") == 1, "two of them given back")
        kept = objects(self.run_program("queue", "list", PHONE, "--status", "sending", "--json"))
        self.assertEqual([message["id"] for message in kept], [first["message_id"]])

    def listen(self):
        path = os.path.join(self.folder.name, "queue.sock")
        process = subprocess.Popen(command_line(PROGRAM, ["queue", "serve", "--socket", path], self.database),
                                   env=environment(), stderr=subprocess.PIPE)
        self.processes.append(process)
        self.addCleanup(process.stderr.close)
        self.until(lambda: self.can_connect(path) or process.poll() is not None, "a server at the socket")
        return path, process

    @staticmethod
    def can_connect(path):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(path) == 0

    def client(self, path):
        client = socket.socket(socket.AF_UNIX)
        client.connect(path)
        client.settimeout(20)
        self.addCleanup(client.close)
        return client

    @staticmethod
    def ask(client, **members):
        client.sendall((json.dumps(members) + "\n").encode())
        return json.loads(client.makefile().readline())

    def test_the_socket_is_for_its_owner_and_is_cleaned(self):
        path, process = self.listen()
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        second = call(PROGRAM, ["queue", "serve", "--socket", path], self.database)
        self.assertEqual(second.returncode, 75, second.stderr)
        process.kill()
        process.wait()
        self.assertTrue(os.path.exists(path))
        path, process = self.listen()
        self.assertIsNone(self.ask(self.client(path), id=1, command="claim", phone=PHONE)["claimed"])
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)
        self.assertFalse(os.path.exists(path))
        Path(path).write_text("mine")
        self.assertEqual(call(PROGRAM, ["queue", "serve", "--socket", path], self.database).returncode, 73)
        self.assertEqual(Path(path).read_text(), "mine")

    def test_a_slow_reader_holds_up_nobody(self):
        path, _ = self.listen()
        slow, quick = self.client(path), self.client(path)
        self.fill(slow)
        self.assertIsNone(self.ask(quick, id=1, command="claim", phone=PHONE)["claimed"])

    def test_a_claim_that_waits_is_answered_once_its_slow_reader_reads(self):
        path, _ = self.listen()
        client = self.client(path)
        client.sendall((json.dumps({"id": "waits", "command": "claim", "phone": OTHER, "wait": True}) + "\n").encode())
        client.setblocking(False)
        request = (json.dumps({"id": "x" * 500, "command": "next", "phone": PHONE}) + "\n").encode()
        rest, refused, deadline = b"", 0, time.monotonic() + 20
        while refused < 20 and time.monotonic() < deadline:
            rest = rest or request * 100
            try:
                rest = rest[client.send(rest):]
                refused = 0
            except BlockingIOError:
                refused += 1
                time.sleep(0.02)
        # It is due while its client takes no answer.
        self.add(1, OTHER)
        time.sleep(1.5)
        client.settimeout(20)
        received = b""
        while b'"id":"waits"' not in received:
            received = received[-100:] + client.recv(1 << 16)
        self.assertIn(b'"id":"waits"', received)

    def test_a_client_that_closes_gives_back_its_last_claim(self):
        self.add(1)
        path, _ = self.listen()
        client = self.client(path)
        client.sendall((json.dumps({"id": 1, "command": "claim", "phone": PHONE}) + "\n").encode())
        self.until(lambda: self.statuses() == ["sending"], "a claim")
        client.close()
        self.until(lambda: self.statuses() == ["pending"], "the claim given back")

    @staticmethod
    def send_line(queue, **members):
        queue.process.stdin.write(json.dumps(members) + "\n")

    @staticmethod
    def send(client, **members):
        client.sendall((json.dumps(members) + "\n").encode())

    @staticmethod
    def answer(client):
        return json.loads(client.makefile().readline())

    def fill(self, client, phone=OTHER):
        """Asks until the server takes no more of a client that reads nothing."""
        client.setblocking(False)
        request = (json.dumps({"id": "x" * 500, "command": "next", "phone": phone}) + "\n").encode() * 100
        rest, refused = b"", 0
        deadline = time.monotonic() + 20
        while refused < 20 and time.monotonic() < deadline:
            rest = rest or request
            try:
                rest = rest[client.send(rest):]
                refused = 0
            except BlockingIOError:
                refused += 1
                time.sleep(0.02)
        client.settimeout(20)
        self.assertEqual(refused, 20, "it takes more and more of one that reads nothing")

    def test_a_claim_given_back_goes_to_one_that_waits(self):
        self.add(1)
        path, _ = self.listen()
        first, second = self.client(path), self.client(path)
        self.send(first, id=1, command="claim", phone=PHONE, lease=600)
        self.until(lambda: self.statuses() == ["sending"], "a claim")
        self.send(second, id=2, command="claim", phone=PHONE, wait=True)
        self.assertIsNotNone(self.ask(self.client(path), id=3, command="next", phone=PHONE)["next_at"])
        first.close()
        self.assertEqual(self.answer(second)["attempt"], 1)

    def test_a_client_that_reads_again_gets_its_claim(self):
        path, _ = self.listen()
        slow = self.client(path)
        self.send(slow, id="waits", command="claim", phone=PHONE, wait=True)
        self.fill(slow)
        self.add(1)
        # Its time comes and goes while it does not read.
        self.assertIsNone(self.ask(self.client(path), id=1, command="next", phone=OTHER)["next_at"])
        time.sleep(1)
        self.assertEqual(self.statuses(), ["pending"])
        lines = slow.makefile()
        claim = next(answer for answer in map(json.loads, lines) if answer["id"] == "waits")
        self.assertEqual(claim["owner"], PHONE)

    def test_a_phone_that_is_removed_is_said_to_all_that_wait(self):
        path, _ = self.listen()
        clients = [self.client(path) for _ in range(3)]
        for client in clients:
            self.send(client, id=1, command="claim", phone=PHONE, wait=True)
        self.assertIsNone(self.ask(self.client(path), id=1, command="next", phone=PHONE)["next_at"])
        self.run_program("phones", "remove", PHONE, "--yes")
        for client in clients:
            self.assertEqual(self.answer(client)["code"], 66)

    def processor_time(self, process):
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_answers_that_cannot_be_written_are_an_error(self):
        request = json.dumps({"id": 1, "command": "add", "phone": PHONE, "contact": "12345", "content": "x"}) + "\n"
        with open("/dev/full", "w") as full:
            done = call(PROGRAM, ["queue", "serve"], self.database, input=request, stdout=full)
        self.assertEqual(done.returncode, 74, done.stderr.decode())
        self.assertIn("standard output", done.stderr.decode())

    def test_it_ends_though_a_client_does_not_read(self):
        self.add(1)
        path, process = self.listen()
        slow = self.client(path)
        self.fill(slow)
        process.send_signal(signal.SIGTERM)
        time.sleep(1)
        before = self.processor_time(process)
        time.sleep(2)
        self.assertIsNone(process.poll(), "it did not wait for its client at all")
        self.assertLess(self.processor_time(process) - before, 0.5, "it spins")
        self.assertEqual(process.wait(20), 0)
        self.assertFalse(os.path.exists(path))

    def test_a_claim_that_was_not_written_is_given_back_at_the_end(self):
        self.add(1)
        queue = self.serve()
        # Its buffer is full, so that of the claim nothing is written.
        fcntl.fcntl(queue.process.stdout, F_SETPIPE_SZ, 4096)
        for number in range(20):
            self.send_line(queue, id="x" * 500, command="next", phone=OTHER)
        self.send_line(queue, id=1, command="claim", phone=PHONE, lease=600)
        self.until(lambda: self.statuses() == ["sending"], "a claim")
        queue.process.send_signal(signal.SIGTERM)
        self.assertEqual(queue.process.wait(20), 0)
        self.assertEqual(self.statuses(), ["pending"])

    def test_what_cannot_be_stored_is_refused_by_its_name(self):
        self.add(1)
        queue = self.serve()
        claim = queue.ask("claim", phone=PHONE)
        refused = queue.ask("failed", message_id=claim["message_id"], reason="no\0net")
        self.assertEqual((refused["code"], refused["error"]), (65, "reason: expected a text without NUL characters"))
        self.assertEqual(queue.ask("sent", message_id=claim["message_id"] + "\0")["code"], 65)
        for field in ("scheduled_send_time", "expires_at"):
            refused = queue.ask("add", phone=PHONE, contact="12345", content="x", **{field: "9999-12-31T23:59:59-05:00"})
            self.assertEqual(refused["code"], 65)
            self.assertTrue(refused["error"].startswith(field + ": expected a time"), refused)
        self.assertEqual(queue.ask("sent", message_id=claim["message_id"])["status"], "sent")

    def test_a_moment_before_1970(self):
        queue = self.serve("--now", "1960-02-03T04:05:06Z")
        self.send_line(queue, id=1, command="claim", phone=PHONE, wait=True)
        self.assertIsNone(queue.ask("next", phone=PHONE)["next_at"])
        self.assertEqual(queue.ask("add", phone=PHONE, contact="12345", content="x")["status"], "pending")
        self.assertEqual(json.loads(queue.process.stdout.readline())["owner"], PHONE)
        self.assertEqual(queue.end(), 0)


class ServeOnServerTest(ServeTest):
    """The same on PostgreSQL."""

    @classmethod
    def setUpClass(cls):
        try:
            cls.cluster = postgresql.Cluster()
            cls.cluster.__enter__()
        except postgresql.Unavailable as reason:
            raise unittest.SkipTest(f"no PostgreSQL server: {reason}") from reason
        cls.addClassCleanup(cls.cluster.__exit__)

    def new_database(self):
        return self.cluster.new_database()


def main():
    global PROGRAM
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=str(BUILT))
    options, rest = parser.parse_known_args()
    PROGRAM = existing(options.program)
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
