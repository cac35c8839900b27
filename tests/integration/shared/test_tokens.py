"""K1: tokens that are almost right are refused, each with one line in the audit trail; the good one is not."""

import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.contracts.roles import Role
from shared.problems import NotSignedIn
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.token_mint import KEY_ID, TokenMint
from shared.testing.world import Person

Claims = dict[str, Any]
Forgery = Callable[[TokenMint, Claims], str]


def _without(name: str) -> Forgery:
    return lambda mint, claims: mint.sign({key: value for key, value in claims.items() if key != name})


def _with(**changed: Any) -> Forgery:
    return lambda mint, claims: mint.sign(claims | changed)


def _at(**seconds_from_now: int) -> Forgery:
    return lambda mint, claims: mint.sign(
        claims | {claim: int(time.time()) + seconds for claim, seconds in seconds_from_now.items()}
    )


def _unsigned(_: TokenMint, claims: Claims) -> str:
    def part(value: Claims) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'typ': 'JWT', 'kid': KEY_ID})}.{part(claims)}."


def _signed_with_the_public_key(mint: TokenMint, claims: Claims) -> str:
    import hashlib
    import hmac

    secret = mint.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body, _ = _unsigned(mint, claims).split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": KEY_ID}).encode()).decode().rstrip("=")
    signature = hmac.new(secret, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _tampered(mint: TokenMint, claims: Claims) -> str:
    head, body, signature = mint.sign(claims).split(".")
    forged = json.loads(base64.urlsafe_b64decode(body + "==")) | {"person_id": "somebody-else"}
    return f"{head}.{base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip('=')}.{signature}"


def _foreign_key(_: TokenMint, claims: Claims) -> str:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": KEY_ID})


FORGERIES: dict[str, Forgery] = {
    "no signature": _unsigned,
    "signed with the public key": _signed_with_the_public_key,
    "tampered with": _tampered,
    "signed with another key": _foreign_key,
    "unknown key id": lambda mint, claims: mint.sign(claims, headers={"kid": "made-up"}),
    "unknown critical header": lambda mint, claims: mint.sign(claims, headers={"crit": ["made-up"]}),
    "no audience": _without("aud"),
    "another service's audience": _with(aud="assessment-api"),
    "several audiences": _with(aud=["notification-api", "assessment-api"]),
    "another realm": _with(iss="http://localhost/realms/other"),
    "expired": _at(exp=-60),
    "no expiry": _without("exp"),
    "issued in the future": _at(iat=120),
    "not valid yet": _at(nbf=120),
    "an ID token": _with(typ="ID"),
    "another client": _with(azp="somebody-elses-client"),
    "signed in in the future": _at(auth_time=3000),
    "two tenants": _with(organization={"a": {"id": "1", "groups": []}, "b": {"id": "2", "groups": []}}),
    "an organization of another shape": _with(organization=["xnv01"]),
    "no person": _without("person_id"),
}


@pytest.fixture
def manager(notification: ServiceUnderTest) -> Person:
    """Return an access manager of a trust."""
    return notification.world.person(notification.world.trust(), Role.ACCESS_MANAGER)


def _claims(service: ServiceUnderTest, person: Person) -> Claims:
    groups = [f"/{person.org_id}/{role}" for role in person.roles]
    return service.mint.claims(service.name, person.person_id, tenant_id=person.tenant_id, groups=groups)


def _refusals(service: ServiceUnderTest) -> int:
    query = "select count(*) from notification.audit_entry where action = 'access.refused'"
    with psycopg.connect(service.superuser_url) as connection:
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def test_the_token_of_the_realm_is_accepted(notification: ServiceUnderTest, manager: Person) -> None:
    token = notification.mint.sign(_claims(notification, manager))

    assert notification.client_with(token, acting_for=manager.org_id).get("/v1/audit").status_code == 200


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_token_that_is_almost_right_is_refused_and_the_refusal_is_audited(
    notification: ServiceUnderTest, manager: Person, forgery: str
) -> None:
    token = FORGERIES[forgery](notification.mint, _claims(notification, manager))
    before = _refusals(notification)

    refused = notification.client_with(token, acting_for=manager.org_id).get("/v1/audit")

    assert refused.status_code == 401, refused.json
    assert _refusals(notification) == before + 1


def test_a_thousand_made_up_key_ids_do_not_make_us_hammer_the_issuer(
    notification: ServiceUnderTest, manager: Person
) -> None:
    """Eight at a time, as a web process would meet them; one fetch in half a minute is all they can cause (K7)."""
    verifier = notification.app.extensions["service"].verifier
    _, body, signature = notification.mint.sign(_claims(notification, manager)).split(".")
    before = verifier._keys.fetches

    def is_refused(number: int) -> bool:
        head = json.dumps({"alg": "RS256", "typ": "JWT", "kid": f"made-up-{number}"}).encode()
        try:
            verifier.claims(f"{base64.urlsafe_b64encode(head).decode().rstrip('=')}.{body}.{signature}")
        except NotSignedIn:
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        refused = list(pool.map(is_refused, range(1000)))

    assert refused == [True] * 1000
    assert verifier._keys.fetches - before <= 1


def test_acting_for_an_organisation_of_which_the_token_says_nothing_is_refused(
    notification: ServiceUnderTest, manager: Person
) -> None:
    token = notification.mint.sign(_claims(notification, manager))
    elsewhere = notification.world.trust()

    assert notification.client_with(token, acting_for=elsewhere).get("/v1/audit").status_code == 403


def test_national_roles_in_a_token_narrowed_to_a_tenant_count_for_nothing(
    notification: ServiceUnderTest, manager: Person
) -> None:
    claims = _claims(notification, manager) | {"realm_access": {"roles": [Role.OPERATOR]}}

    refused = notification.client_with(notification.mint.sign(claims), acting_for=manager.org_id).get("/v1/operations")

    assert refused.status_code == 403


def test_an_operator_sees_the_books_of_the_service(notification: ServiceUnderTest) -> None:
    operator = notification.client(notification.world.national(Role.OPERATOR))

    books = operator.get("/v1/operations")

    assert books.status_code == 200
    assert books.json["service"] == "notification"


def test_a_key_withdrawn_by_the_issuer_is_no_longer_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    from shared import tokens
    from shared.testing.token_mint import open_mint

    monkeypatch.setattr(tokens, "FRESH_FOR", 0.0)
    monkeypatch.setattr(tokens, "REFETCH_INTERVAL", 0.0)
    with open_mint() as mint:
        verifier = tokens.TokenVerifier(mint.oidc("notification"))
        token = mint.sign(mint.claims("notification", "somebody", tenant_id="XNV01", groups=["/DEMO01/chair"]))
        assert verifier.claims(token)["person_id"] == "somebody"

        mint.withdraw_keys()

        with pytest.raises(NotSignedIn):
            verifier.claims(token)
