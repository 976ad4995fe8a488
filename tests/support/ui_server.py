"""A server of recorded answers of real UIs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.paths import TESTS

CAPTURES = TESTS / "streamparse/cluster/ui_captures"

#: Status and body, by the page's path.
Pages = Mapping[str, tuple[int, bytes]]


def recorded(version: str) -> dict[str, tuple[int, bytes]]:
    pages = json.loads((CAPTURES / f"{version}.json").read_text(encoding="utf-8"))
    return {page: (status, json.dumps(body).encode()) for page, (status, body) in pages.items()}


@contextmanager
def serving(pages: Pages) -> Iterator[int]:
    """The port at which these pages are answered."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = self.path.removeprefix("/api/v1/")
            status, body = pages.get(page, (404, b"<html>no such page</html>"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Tests show what they want to."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


IDLE = {
    "cluster/summary": (200, b'{"stormVersion": "2.8.3", "supervisors": 0}'),
    "nimbus/summary": (200, b'{"nimbuses": []}'),
    "supervisor/summary": (200, b'{"supervisors": []}'),
    "topology/summary": (200, b'{"topologies": []}'),
}
