"""The issuer is away: good tokens work until they end, nothing else does, and it is found again (K8)."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from shared import tokens
from shared.config import OidcConfig
from shared.problems import NotSignedIn
from shared.tokens import TokenVerifier
from tests.integration.portal.outside import Answer, serving


class AwayAtTimes:
    """A key set that is not served while `away`, and tokens signed with its key."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.away = False
        self.asked = 0

    def handle(self, *_: Any) -> Answer:
        """Serve the key set."""
        self.asked += 1
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return Answer(503) if self.away else Answer(body={"keys": [public | {"kid": "k1", "use": "sig"}]})

    def token(self, *, kid: str = "k1", seconds: int = 300) -> str:
        """Return a good token that ends in `seconds`."""
        now = int(time.time())
        claims = {"iss": "issuer", "aud": "directory-api", "sub": "s", "iat": now, "exp": now + seconds}
        return jwt.encode(claims | {"typ": "Bearer", "azp": "portal"}, self.key, "RS256", headers={"kid": kid})


@contextmanager
def issuer() -> Iterator[tuple[AwayAtTimes, TokenVerifier]]:
    keys = AwayAtTimes()
    with serving(keys.handle) as base:
        yield keys, TokenVerifier(OidcConfig("issuer", f"{base}/certs", "directory-api"))


def test_known_keys_go_on_working_until_a_token_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "FRESH_FOR", 0.0)
    with issuer() as (keys, verifier):
        verifier.claims(keys.token())
        keys.away = True

        assert verifier.claims(keys.token(seconds=60))["sub"] == "s"
        with pytest.raises(NotSignedIn):
            verifier.claims(keys.token(seconds=-60))


def test_nothing_is_let_in_while_no_key_is_known_and_the_issuer_is_found_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokens, "RETRY_INTERVAL", 0.2)
    with issuer() as (keys, verifier):
        keys.away = True
        for _ in range(20):
            with pytest.raises(NotSignedIn):
                verifier.claims(keys.token())
        asked_while_away = keys.asked

        keys.away = False
        time.sleep(0.3)

        assert asked_while_away <= 4
        assert verifier.claims(keys.token())["sub"] == "s"
