"""What tokens carry, compared with shapes that are checked in: a claim more or less is a finding."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest

from infra.keycloak.scopes import API_AUDIENCES
from shared.testing.sign_in import TokenRefused, claims_of
from tests.security.identity.realm_under_test import RealmUnderTest

GOLDEN = Path(__file__).with_name("golden_tokens")
VARIES = {"exp": "a time", "iat": "a time", "auth_time": "a time", "jti": "an id", "sub": "an id", "sid": "an id"}
PERSONAS = {
    "bola.member": "XNV01",
    "chandra.chair": "XNV01",
    "pat.both": "XNV01",
    "petra.across": "XSM01",
    "iris.icb": "XNV01",
    "rita.region": "NATIONAL",
    "nora.analyst": None,
    "otto.operator": None,
}


@pytest.mark.parametrize(("username", "tenant"), list(PERSONAS.items()))
def test_a_persons_access_token_has_the_golden_shape(realm: RealmUnderTest, username: str, tenant: str | None) -> None:
    session = realm.sign_in(username)

    claims = realm.verified(session.token("assessment-api", tenant), "assessment-api")

    assert _shape(claims, realm.issuer) == _golden(username)


def test_the_id_token_alone_carries_names(realm: RealmUnderTest) -> None:
    session = realm.sign_in("petra.across")

    claims = realm.verified(session.id_token, "portal")

    assert _shape({**claims, "nonce": "", "at_hash": ""}, realm.issuer) == _golden("petra.across.id")
    assert session.tenants == ["XNV01", "XSM01"]


def test_the_sender_of_notifications_has_a_token_without_a_person(realm: RealmUnderTest) -> None:
    token = realm.service_token("notification-sender", realm.settings.notification_sender_secret)

    assert _shape(realm.verified(token, "directory-api"), realm.issuer) == _golden("notification-sender")


def test_each_api_gets_a_token_that_names_it_alone(realm: RealmUnderTest) -> None:
    session = realm.sign_in("bola.member")

    audiences = {api: claims_of(session.token(api, "XNV01"))["aud"] for api in API_AUDIENCES}

    assert audiences == {api: api for api in API_AUDIENCES}


def test_the_token_of_the_sign_in_itself_fits_no_single_service(realm: RealmUnderTest) -> None:
    session = realm.sign_in("bola.member")

    assert sorted(claims_of(session.access_token)["aud"]) == sorted(API_AUDIENCES)  # type: ignore[call-overload]


def test_switching_tenant_back_and_forth_never_mixes_them(realm: RealmUnderTest) -> None:
    session = realm.sign_in("petra.across")

    seen = [
        list(claims_of(session.refresh(f"openid organization:{tenant} assessment-api")["access_token"])["organization"])  # type: ignore[call-overload]
        for tenant in ("xnv01", "xsm01", "xnv01", "xsm01")
    ]

    assert seen == [["xnv01"], ["xsm01"], ["xnv01"], ["xsm01"]]


def test_a_tenant_one_does_not_belong_to_is_left_out(realm: RealmUnderTest) -> None:
    session = realm.sign_in("bola.member")

    assert "organization" not in claims_of(session.token("assessment-api", "XSM01"))


def test_parallel_refreshes_all_succeed_and_the_session_goes_on(realm: RealmUnderTest) -> None:
    session = realm.sign_in("lena.lead")
    token = session.refresh_token

    def refresh(api: str) -> dict[str, str]:
        scope = f"openid organization:xnv01 {api}"
        return realm.portal_endpoint.ask(grant_type="refresh_token", refresh_token=token, scope=scope)

    with ThreadPoolExecutor(len(API_AUDIENCES)) as pool:
        answers = list(pool.map(refresh, API_AUDIENCES))

    assert [claims_of(answer["access_token"])["aud"] for answer in answers] == list(API_AUDIENCES)
    again = realm.portal_endpoint.ask(grant_type="refresh_token", refresh_token=answers[-1]["refresh_token"])
    assert claims_of(again["access_token"])["acr"] == "strong"


def test_level_and_person_survive_every_kind_of_refresh(realm: RealmUnderTest) -> None:
    session = realm.sign_in("petra.across")
    scopes = (None, "openid", "openid organization:xnv01 insight-api", "openid insight-api")

    claims = [claims_of(session.refresh(scope)["access_token"]) for scope in scopes]

    first = claims_of(session.access_token)
    kept = ("acr", "auth_time", "person_id", "sub", "sid", "azp")
    assert [{name: claim[name] for name in kept} for claim in claims] == [{name: first[name] for name in kept}] * 4


def test_offline_access_cannot_be_asked_for(realm: RealmUnderTest) -> None:
    session = realm.sign_in("bola.member")

    with pytest.raises(TokenRefused) as refused:
        session.refresh("openid offline_access")

    assert refused.value.error == "invalid_scope"


def test_tokens_are_signed_with_the_key_the_tests_know(realm: RealmUnderTest) -> None:
    key = realm.settings.signing_key
    assert key is not None

    token = realm.sign_in("bola.member").token("assessment-api", "XNV01")

    assert jwt.get_unverified_header(token)["kid"] == key.key_id
    assert jwt.decode(token, key.public_pem, algorithms=["RS256"], audience="assessment-api")


def _golden(name: str) -> dict[str, object]:
    return dict(json.loads((GOLDEN / f"{name}.json").read_text()))


def _shape(claims: Mapping[str, object], issuer: str) -> dict[str, object]:
    """Put a word in the place of what differs from run to run, and order what has no order."""
    shape = {name: VARIES.get(name, value) for name, value in claims.items()}
    shape["iss"] = str(shape["iss"]).replace(issuer, "the issuer")
    if "scope" in shape:
        shape["scope"] = sorted(str(shape["scope"]).split())
    if isinstance(organizations := shape.get("organization"), dict):
        shape["organization"] = {
            alias: {**inner, "id": "an id", "groups": sorted(inner["groups"])} for alias, inner in organizations.items()
        }
    return shape
