"""Signing in with a work account: nothing is linked by itself, and the second factor is always ours (K16)."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests

from infra.keycloak.demo_people import one_time_code
from infra.keycloak.representation import Representation
from infra.keycloak.work_accounts import AFTER, FIRST
from shared.identity_admin import IdentityAdmin, Place, WorkAccountTaken
from shared.testing.sign_in import Browser
from tests.integration.portal.outside import Issuer, serving
from tests.security.identity.conftest import STEP_UP_SECONDS
from tests.security.identity.forms import fields_of, fill_in, value_of
from tests.security.identity.people import as_apps_take_it
from tests.security.identity.realm_under_test import RealmUnderTest
from tests.security.identity.work_realm_under_test import Worker, WorkRealm


def _wyn(realm: RealmUnderTest) -> tuple[str, str]:
    return realm.credentials("wyn.work")


def _code(realm: RealmUnderTest) -> str:
    return realm.portal._codes.next(_wyn(realm)[1])


def test_a_linked_person_comes_in_at_level_one_and_a_second_request_asks_our_own_factor_alone(
    realm: RealmUnderTest, work: WorkRealm
) -> None:
    browser = Browser()

    first = work.claims_at(work.come_in(browser, "wyn.work", _wyn(realm)[0]))
    page = work.ask(browser, acr_values="strong")
    second = work.claims_at(fill_in(browser, page, otp=_code(realm)))

    assert fields_of(page) & {"otp", "password"} == {"otp"}
    assert (first["acr"], second["acr"]) == ("password", "strong")
    assert first["identity_provider"] == "work-account"
    assert int(str(second["auth_time"])) >= int(time.time()) - 5
    assert first["person_id"] == second["person_id"]


def test_stepping_up_later_asks_our_own_factor_alone_and_renews_the_moment(
    realm: RealmUnderTest, work: WorkRealm
) -> None:
    browser = Browser()
    work.come_in(browser, "wyn.work", _wyn(realm)[0])
    first = work.claims_at(fill_in(browser, work.ask(browser, acr_values="strong"), otp=_code(realm)))
    time.sleep(STEP_UP_SECONDS + 1)

    page = work.ask(browser, acr_values="strong")
    later = work.claims_at(fill_in(browser, page, otp=_code(realm)))

    assert fields_of(page) & {"otp", "password"} == {"otp"}
    assert int(str(later["auth_time"])) >= int(str(first["auth_time"])) + STEP_UP_SECONDS
    assert later["acr"] == "strong"


def test_a_first_sign_in_without_an_invitation_says_whom_to_ask_and_makes_nothing(
    realm: RealmUnderTest, work: WorkRealm
) -> None:
    before = realm.admin.get("/users/count")
    strangers = [work.somebody(), work.somebody(email="bola.member@demo.example")]

    pages = [work.come_in(Browser(), stranger.username) for stranger in strangers]

    assert [page.status_code for page in pages] == [401, 401]
    assert all("ask the access manager of your organisation" in page.text for page in pages)
    assert realm.admin.get("/users/count") == before
    bola = realm.admin.get("/users", username="bola.member", exact="true")[0]
    assert realm.admin.get(f"/users/{bola['id']}/federated-identity") == []


def test_who_was_linked_sets_up_a_second_factor_at_the_first_sign_in(
    realm: RealmUnderTest, work: WorkRealm, provisioner: IdentityAdmin
) -> None:
    worker = work.somebody()
    person_id = _known_by_invitation(provisioner, worker)
    provisioner.link_work_account(person_id, worker.subject, worker.username)
    browser = Browser()

    page = work.come_in(browser, worker.username)
    raw = value_of(page, "totpSecret")
    secret = as_apps_take_it(raw)
    code = one_time_code(secret, time.time())
    first = work.claims_at(fill_in(browser, page, totp=code, totpSecret=raw, userLabel="test", mode="manual"))
    asked = work.ask(browser, acr_values="strong")
    second = work.claims_at(fill_in(browser, asked, otp=one_time_code(secret, time.time())))

    assert "password-new" not in fields_of(page)
    assert (first["acr"], second["acr"]) == ("password", "strong")
    assert second["person_id"] == person_id


def test_a_work_account_belongs_to_one_person_and_a_person_has_one(work: WorkRealm, provisioner: IdentityAdmin) -> None:
    first, second = work.somebody(), work.somebody()
    people = [_known_by_invitation(provisioner, worker) for worker in (first, second)]

    for _ in range(2):
        provisioner.link_work_account(people[0], first.subject, first.username)

    with pytest.raises(WorkAccountTaken):
        provisioner.link_work_account(people[1], first.subject, first.username)
    with pytest.raises(WorkAccountTaken):
        provisioner.link_work_account(people[0], second.subject, second.username)


def test_a_disabled_person_does_not_come_in_with_a_work_account(work: WorkRealm, provisioner: IdentityAdmin) -> None:
    worker = work.somebody()
    person_id = _known_by_invitation(provisioner, worker)
    provisioner.link_work_account(person_id, worker.subject, worker.username)

    provisioner.disable_account(person_id)

    assert work.come_in(Browser(), worker.username).status_code == 400


@pytest.fixture
def foreign(realm: RealmUnderTest) -> Iterator[Callable[..., Issuer]]:
    """Return a maker of outside issuers that say whatever they are told, each known to our realm as a broker."""
    from contextlib import ExitStack

    made: list[str] = []
    with ExitStack() as stack:

        def make(**claims: Any) -> Issuer:
            issuer = Issuer()
            issuer.base = stack.enter_context(serving(issuer.handle))
            issuer.claims = {"aud": "us", "azp": "us", **claims}
            alias = f"foreign-{uuid4().hex[:6]}"
            realm.admin.post("/identity-provider/instances", _broker(alias, issuer))
            made.append(alias)
            return issuer

        yield make
        for alias in made:
            realm.admin.delete(f"/identity-provider/instances/{alias}")


def _broker(alias: str, issuer: Issuer) -> Representation:
    endpoint = f"{issuer.issuer}/protocol/openid-connect"
    config = {
        "issuer": issuer.issuer,
        "authorizationUrl": f"{endpoint}/auth",
        "tokenUrl": f"{endpoint}/token",
        "jwksUrl": f"{endpoint}/certs",
        "clientId": "us",
        "clientSecret": "only-for-tests",
        "clientAuthMethod": "client_secret_basic",
        "defaultScope": "openid",
        "validateSignature": "true",
        "useJwksUrl": "true",
        "disableUserInfo": "true",
    }
    flows = {"firstBrokerLoginFlowAlias": FIRST, "postBrokerLoginFlowAlias": AFTER}
    return {"alias": alias, "providerId": "oidc", "enabled": True, "trustEmail": False, **flows, "config": config}


def _come_in_from(realm: RealmUnderTest, work: WorkRealm, issuer: Issuer) -> requests.Response:
    brokers = realm.admin.get("/identity-provider/instances")
    (alias,) = [one["alias"] for one in brokers if one["config"].get("issuer") == issuer.issuer]
    return work.ask(Browser(), acr_values="strong", kc_idp_hint=alias)


def test_another_issuer_with_the_same_subject_address_and_name_takes_nobody_over(
    realm: RealmUnderTest, work: WorkRealm, foreign: Callable[..., Issuer]
) -> None:
    wyn = realm.admin.get("/users", username="wyn.work", exact="true")[0]
    (link,) = realm.admin.get(f"/users/{wyn['id']}/federated-identity")
    issuer = foreign(sub=link["userId"], email=wyn["email"], preferred_username="wyn.work", email_verified=True)

    page = _come_in_from(realm, work, issuer)

    assert page.status_code == 401
    assert realm.admin.get(f"/users/{wyn['id']}/federated-identity") == [link]


@pytest.mark.parametrize("lie", ["iss", "aud"])
def test_an_issuer_that_speaks_in_anothers_name_or_to_somebody_else_is_refused(
    realm: RealmUnderTest, work: WorkRealm, foreign: Callable[..., Issuer], lie: str
) -> None:
    claims = {"iss": work.issuer.issuer} if lie == "iss" else {"aud": "somebody-else"}

    page = _come_in_from(realm, work, foreign(sub="anybody", **claims))

    assert page.status_code == 502


def _known_by_invitation(provisioner: IdentityAdmin, worker: Worker) -> str:
    person_id = str(uuid4())
    provisioner.create_account(person_id, worker.email, "Wanda", "Work")
    provisioner.add_to_organization(person_id, Place("XNV01", "DEMO01", "board-member"))
    return person_id
