"""What lies outside the portal, played over real HTTP: an identity provider and services that can be told to fail.

The system and browser tests use the real ones; these are for what the real ones do not do on demand.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

OIDC = "/realms/impact/protocol/openid-connect"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class Answer:
    """What a stand-in answers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[str, str, dict[str, str], bytes], Answer]


@contextmanager
def serving(handle: Handler) -> Iterator[str]:
    """Serve `handle` on loopback; yields the base address."""

    class Server(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = handle(self.command, self.path, dict(self.headers), body)
            content = b"" if answer.body is None else json.dumps(answer.body).encode()
            self.send_response(answer.status)
            for name, value in ({"Content-Type": "application/json"} | answer.headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names the standard library calls

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Issuer:
    """An identity provider that signs in whomever it is told to."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.base = ""
        self.claims: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.refreshes: list[str] = []
        self.refresh_status = 200
        self.slow = 0.0
        self.auth_requests: list[dict[str, str]] = []

    @property
    def issuer(self) -> str:
        """The issuer as tokens name it."""
        return f"{self.base}/realms/impact"

    def person(self, person_id: str, organizations: dict[str, list[str]], **claims: Any) -> None:
        """Sign this person in from now on; organizations: {alias: group paths}."""
        self.claims = {
            "sub": f"sub-{person_id}",
            "sid": secrets.token_hex(8),
            "person_id": person_id,
            "acr": "strong",
            "auth_time": int(time.time()),
            "organization": {alias: {"id": "x", "groups": groups} for alias, groups in organizations.items()},
        } | claims

    def sign(self, claims: dict[str, Any], **headers: Any) -> str:
        """Return a token with the issuer's key, whatever it says."""
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k1"} | headers)

    def logout_token(self, *, drop: tuple[str, ...] = (), typ: str = "logout+jwt", **claims: Any) -> str:
        """Return a logout token for the person signed in now, changed as asked."""
        now = int(time.time())
        content = {
            "iss": self.issuer,
            "aud": "portal",
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_hex(8),
            "sub": self.claims["sub"],
            "sid": self.claims["sid"],
            "events": {LOGOUT_EVENT: {}},
        } | claims
        return self.sign({name: value for name, value in content.items() if name not in drop}, typ=typ)

    def handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one request."""
        parts = urlsplit(path)
        if parts.path == f"{OIDC}/certs":
            public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
            return Answer(body={"keys": [public | {"kid": "k1", "use": "sig", "alg": "RS256"}]})
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == f"{OIDC}/auth":
            return self._authorize(query)
        if parts.path == f"{OIDC}/token" and method == "POST":
            return self._token({name: values[0] for name, values in parse_qs(body.decode()).items()})
        return Answer(404)

    def _authorize(self, query: dict[str, str]) -> Answer:
        self.auth_requests.append(query)
        code = secrets.token_urlsafe(12)
        self.codes[code] = query
        back = urlencode({"code": code, "state": query["state"], "iss": self.issuer})
        return Answer(302, headers={"Location": f"{query['redirect_uri']}?{back}"})

    def _token(self, form: dict[str, str]) -> Answer:
        if form["grant_type"] == "refresh_token":
            time.sleep(self.slow)
            self.refreshes.append(form["scope"])
            if self.refresh_status != 200:
                return Answer(self.refresh_status, {"error": "invalid_grant"})
            return Answer(body=self._tokens({}))
        asked = self.codes.pop(form["code"], None)
        if asked is None:
            return Answer(400, {"error": "invalid_grant"})
        return Answer(body=self._tokens({"nonce": asked["nonce"]}))

    def _tokens(self, extra: dict[str, Any]) -> dict[str, Any]:
        now = int(time.time())
        standard = {"iss": self.issuer, "aud": "portal", "azp": "portal", "iat": now, "exp": now + 300}
        return {
            "access_token": secrets.token_urlsafe(16),
            "refresh_token": secrets.token_urlsafe(16),
            "id_token": self.sign(standard | self.claims | extra),
            "expires_in": 300,
            "token_type": "Bearer",
        }


@dataclass
class Received:
    """One request a service got."""

    service: str
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    query: dict[str, str]


class Services:
    """All services on one address each; a path answers what it is told to, else 404."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Answer | Callable[[Received], Answer]] = {}
        self.received: list[Received] = []

    def on(self, method: str, path: str, body: Any = None, *, status: int = 200) -> None:
        """Answer `body` from now on."""
        self.answers[method, path] = Answer(status, body)

    def problem(self, method: str, path: str, status: int, slug: str, **extra: Any) -> None:
        """Refuse from now on, as problem+json."""
        body = {"type": f"/problems/{slug}", "title": slug, "status": status, "detail": f"Because of {slug}."} | extra
        self.answers[method, path] = Answer(status, body, {"Content-Type": "application/problem+json"})

    def handler(self, service: str) -> Handler:
        """Return what serves one service."""

        def handle(method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
            parts = urlsplit(path)
            where, query = parts.path.removeprefix("/v1"), dict(parse_qsl(parts.query))
            content = json.loads(body) if body and headers.get("Content-Type") == "application/json" else None
            received = Received(service, method, where, headers, content, query)
            self.received.append(received)
            answer = self.answers.get((method, where), Answer(404, {"type": "/problems/not-found", "status": 404}))
            return answer(received) if callable(answer) else answer

        return handle

    def asked(self, method: str, path: str) -> list[Received]:
        """Return the requests for a path."""
        return [one for one in self.received if (one.method, one.path) == (method, path)]
