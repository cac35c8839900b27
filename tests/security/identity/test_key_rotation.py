"""A signing key is published first, used later and taken away last; nobody is signed out meanwhile."""

import jwt
import requests

from infra.keycloak.representation import Representation
from shared.testing.sign_in import Session
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
