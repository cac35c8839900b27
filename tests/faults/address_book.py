"""Stands in for realm and directory where the mailer asks for an address: everybody has one, made of their id."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DOMAIN = "faults.example"


class AddressBook:
    """Answers on loopback once opened; `environment` says so to the process that asks."""

    def __init__(self) -> None:
        self._server: ThreadingHTTPServer | None = None

    def open(self) -> None:
        """Answer from now on."""
        if self._server is None:
            self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
            threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Answer no longer."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a process that asks here."""
        assert self._server is not None, "the address book was never opened"
        url = f"http://127.0.0.1:{self._server.server_port}"
        return {"DIRECTORY_URL": url, "KEYCLOAK_ADMIN_URL": url}


class _Answers(BaseHTTPRequestHandler):
    def do_POST(self) -> None:  # the name the standard library calls
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/addresses":
            self._answer({"people": [_entry(person) for person in json.loads(asked)["person_ids"]]})
        else:
            self._answer({"access_token": "of-no-use-elsewhere", "expires_in": 300})

    def _answer(self, content: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _entry(person: str) -> dict[str, str]:
    return {"person_id": person, "email": address_of(person), "name": "Somebody"}


def address_of(person: str) -> str:
    """Return where a person is reached."""
    return f"{person}@{DOMAIN}"
