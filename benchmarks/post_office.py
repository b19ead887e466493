"""An SMTP server that takes every letter and counts how often each one came."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Lock, Thread

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.MULTILINE | re.IGNORECASE)


class PostOffice(ThreadingTCPServer):
    """Knows as much of RFC 5321 as a mailer that greets and sends."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.letters: Counter[str] = Counter()
        """How often a letter came, by its Message-ID."""
        self.lock = Lock()

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Counter(StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        self._say("220 post office")
        while told := self.rfile.readline():
            verb = told.split()[0].upper() if told.split() else b""
            if verb == b"DATA":
                self._say("354 go on")
                self._take()
            self._say("221 closed" if verb == b"QUIT" else "250 so it is")
            if verb == b"QUIT":
                return

    def _take(self) -> None:
        lines = iter(self.rfile.readline, b".\r\n")
        found = MESSAGE_ID.search(b"".join(lines))
        with self.server.lock:
            self.server.letters[found[1].decode() if found else "without a name"] += 1

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """One that is open for the length of the block."""
    with PostOffice() as office:
        clerk = Thread(target=office.serve_forever, name="post office", daemon=True)
        clerk.start()
        try:
            yield office
        finally:
            office.shutdown()
            clerk.join()
