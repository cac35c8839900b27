"""Mints access tokens with a key that the verifier fetches over HTTP, as it fetches the realm's: there is no bypass.

The system and security tests use tokens of the real realm; these are for tests of one service by itself.
"""

import json
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from shared.config import OidcConfig, audience_of
from shared.principal import NATIONAL_TENANT

KEY_ID = "test-key"
LIFETIME = 300


class TokenMint:
    """An issuer with one key; `jwks_url` serves it while the mint is open."""

    def __init__(self, issuer: str, jwks_url: str, key: rsa.RSAPrivateKey) -> None:
        self.issuer, self.jwks_url, self.key = issuer, jwks_url, key
        self.published: list[dict[str, Any]] = []
        self.key_id = KEY_ID
        self.away = False

    @contextmanager
    def out_of_reach(self) -> Iterator[None]:
        """Answer nobody who asks for the keys while the block lasts."""
        self.away = True
        yield
        self.away = False

    def publish_ahead(self) -> None:
        """Publish the key that `rotate` will sign with."""
        self._next = (rsa.generate_private_key(public_exponent=65537, key_size=2048), f"{KEY_ID}-{uuid4()}")
        self.published.append(_public(*self._next))

    def rotate(self) -> None:
        """Sign with the key that was published ahead; the old one stays published."""
        self.key, self.key_id = self._next

    def withdraw_keys(self) -> None:
        """Publish another key than the one that signed so far."""
        self.published = [self.published[0] | {"kid": "another-key"}]

    def oidc(self, service: str) -> OidcConfig:
        """Return whose tokens `service` accepts in this test."""
        return OidcConfig(issuer=self.issuer, jwks_url=self.jwks_url, audience=audience_of(service))

    def sign(self, claims: dict[str, Any], *, headers: dict[str, Any] | None = None) -> str:
        """Return `claims` as a signed token, whatever they say."""
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.key_id} | (headers or {}))

    def claims(
        self,
        service: str,
        person_id: str,
        *,
        tenant_id: str,
        groups: Iterable[str] = (),
        national_roles: Iterable[str] = (),
        strong: bool = True,
    ) -> dict[str, Any]:
        """Return the claims the realm would give: narrowed to one tenant, or of the national team with none."""
        paths = list(groups)
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": audience_of(service),
            "azp": "portal",
            "typ": "Bearer",
            "sub": str(uuid4()),
            "sid": str(uuid4()),
            "person_id": person_id,
            "iat": now,
            "exp": now + LIFETIME,
            "auth_time": now,
            "acr": "strong" if strong else "password",
        }
        if tenant_id == NATIONAL_TENANT and all(path.startswith(f"/{NATIONAL_TENANT}/") for path in paths):
            return claims | {"realm_access": {"roles": list(national_roles)}}
        return claims | {"organization": {tenant_id.lower(): {"id": str(uuid4()), "groups": paths}}}


def _public(key: rsa.RSAPrivateKey, key_id: str) -> dict[str, Any]:
    """Return the published half of a key."""
    published: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    return published | {"kid": key_id, "use": "sig", "alg": "RS256"}


@contextmanager
def open_mint() -> Iterator[TokenMint]:
    """Serve a fresh key set on loopback for as long as the block lasts."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    mint = TokenMint("", "", key)
    mint.published = [_public(key, KEY_ID)]

    class KeySet(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name the standard library calls
            self.send_response(503 if mint.away else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"keys": mint.published}).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), KeySet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    mint.issuer, mint.jwks_url = f"{base}/realms/impact", f"{base}/certs"
    try:
        yield mint
    finally:
        server.shutdown()
        server.server_close()
