"""A PostgreSQL server's socket with something in between that loses answers, or everything."""

import os
import select
import socket
import tempfile
import threading
from contextlib import suppress


class Proxy:
    """A context: a folder whose socket leads to a server, until it is told to cut.

    `lose_next(words)` lets the next request that holds these bytes through, waits for its answer, and then cuts the
    connection without handing the answer on; `stop_next(words)` cuts it before the request gets through.
    """

    def __init__(self, folder):
        self.server = os.path.join(folder, ".s.PGSQL.5432")
        self.folder = tempfile.mkdtemp(prefix="proxy-", dir="/tmp")
        self.words, self.answers_first, self.cuts = None, True, 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.folder, ".s.PGSQL.5432"))
        self.listener.listen(64)

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()
        for name in os.listdir(self.folder):
            os.unlink(os.path.join(self.folder, name))
        os.rmdir(self.folder)

    def lose_next(self, words):
        self.words, self.answers_first = words, True

    def stop_next(self, words):
        self.words, self.answers_first = words, False

    def accept(self):
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        server = socket.socket(socket.AF_UNIX)
        with client, server, suppress(OSError):
            server.connect(self.server)
            while True:
                readable, _, _ = select.select([client, server], [], [])
                if server in readable and not self.pass_on(server, client):
                    return
                if client in readable:
                    data = client.recv(1 << 16)
                    if not data:
                        return
                    if self.words and self.words in data:
                        self.words = None
                        self.cuts += 1
                        if self.answers_first:
                            server.sendall(data)
                            server.recv(1 << 16)
                        return
                    server.sendall(data)

    @staticmethod
    def pass_on(source, target):
        data = source.recv(1 << 16)
        target.sendall(data)
        return bool(data)
