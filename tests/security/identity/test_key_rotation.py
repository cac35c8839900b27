"""A signing key is published first, used later and taken away last; nobody is signed out meanwhile (K7)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import jwt
import pytest
import requests

from infra.keycloak.representation import Representation
from shared import tokens
from shared.config import OidcConfig
from shared.problems import NotSignedIn
from shared.testing.sign_in import Session
from shared.tokens import TokenVerifier
from tests.security.identity.realm_under_test import RealmUnderTest

KEYS = "org.keycloak.keys.KeyProvider"


def _key(*, active: bool) -> Representation:
    config = {"priority": "300", "enabled": "true", "active": str(active).lower(), "algorithm": "RS256"}
    values = {name: [value] for name, value in {**config, "keySize": "2048"}.items()}
    return {"name": "next", "providerId": "rsa-generated", "providerType": KEYS, "config": values}


def _published(realm: RealmUnderTest) -> set[str]:
    keys = requests.get(f"{realm.issuer}/protocol/openid-connect/certs", timeout=10).json()["keys"]
    return {key["kid"] for key in keys if key["use"] == "sig"}


def _signed_with(session: Session) -> str:
    return str(jwt.get_unverified_header(session.refresh("openid assessment-api")["access_token"])["kid"])


def test_a_new_key_is_known_before_it_is_used_and_the_old_one_goes_last(realm: RealmUnderTest) -> None:
    session = realm.sign_in("bola.member")
    old = _signed_with(session)
    old_token = session.token("assessment-api", "XNV01")

    component = realm.admin.post("/components", {**_key(active=False), "parentId": realm.admin.get("")["id"]})
    try:
        (new,) = _published(realm) - {old}
        assert _signed_with(session) == old

        realm.admin.put(
            f"/components/{component}", {**realm.admin.get(f"/components/{component}"), **_key(active=True)}
        )

        assert _signed_with(session) == new
        assert realm.verified(old_token, "assessment-api")
    finally:
        realm.admin.delete(f"/components/{component}")

    assert _published(realm) == {old}
    assert _signed_with(session) == old


@contextmanager
def _asking_all_the_time(verifier: TokenVerifier, session: Session) -> Iterator[list[str]]:
    """Verify fresh and older tokens 20 times a second; yields the refusals."""
    refused: list[str] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.05):
            token = session.refresh("openid assessment-api organization:xnv01")["access_token"]
            try:
                verifier.claims(token)
            except NotSignedIn as error:
                refused.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield refused
    finally:
        over.set()
        thread.join()


def test_a_service_refuses_nobody_while_the_key_changes_and_the_old_key_opens_nothing_afterwards(
    realm: RealmUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "FRESH_FOR", 0.2)
    monkeypatch.setattr(tokens, "REFETCH_INTERVAL", 0.2)
    keys = f"{realm.issuer}/protocol/openid-connect/certs"
    verifier = TokenVerifier(OidcConfig(realm.issuer, keys, "assessment-api"))
    session = realm.sign_in("beth.member")
    component = realm.admin.post("/components", {**_key(active=False), "parentId": realm.admin.get("")["id"]})
    try:
        with _asking_all_the_time(verifier, session) as refused:
            time.sleep(1)
            made = realm.admin.get(f"/components/{component}")
            realm.admin.put(f"/components/{component}", {**made, **_key(active=True)})
            time.sleep(1)
        of_the_new_key = session.refresh("openid assessment-api organization:xnv01")["access_token"]
        assert refused == []
        assert verifier.claims(of_the_new_key)
    finally:
        realm.admin.delete(f"/components/{component}")

    time.sleep(0.5)
    assert any(_is_refused(verifier, of_the_new_key) for _ in range(20))


def _is_refused(verifier: TokenVerifier, token: str) -> bool:
    """Say whether the token opens nothing any more; a moment passes before it is asked again."""
    try:
        verifier.claims(token)
    except NotSignedIn:
        return True
    time.sleep(0.1)
    return False
