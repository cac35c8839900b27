"""Leaving, and being sent away: the portal hears of it within seconds, and the session is over."""

import queue

import pytest

from shared.identity_admin import IdentityAdmin, Place
from shared.testing.sign_in import Session, TokenRefused, claims_of
from tests.security.identity.logout_receiver import LogoutReceiver
from tests.security.identity.people import somebody_new
from tests.security.identity.realm_under_test import RealmUnderTest

LEAD = Place("XNV01", "DEMO01", "improvement-lead")
OWNER = Place("XNV01", "DEMO01", "action-owner")


def test_the_portal_is_told_of_a_sign_out_by_a_proper_logout_token(
    realm: RealmUnderTest, logouts: LogoutReceiver
) -> None:
    session = realm.sign_in("bea.member")
    logouts.forget()

    session.sign_out()

    claims = realm.verified(logouts.next(), "portal")
    assert claims["sid"] == claims_of(session.access_token)["sid"]
    assert claims["typ"] == "Logout"
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in claims
    assert _has_ended(session)


def test_a_session_ended_from_outside_is_told_to_the_portal(
    realm: RealmUnderTest, provisioner: IdentityAdmin, logouts: LogoutReceiver
) -> None:
    person = somebody_new(realm, provisioner, LEAD)
    session = person.sign_in()
    logouts.forget()

    provisioner.end_sessions(person.person_id)

    assert claims_of(logouts.next())["sid"] == claims_of(session.access_token)["sid"]
    assert _has_ended(session)


def test_taking_a_role_away_ends_the_sessions(
    realm: RealmUnderTest, provisioner: IdentityAdmin, logouts: LogoutReceiver
) -> None:
    person = somebody_new(realm, provisioner, LEAD, OWNER)
    session = person.sign_in()
    logouts.forget()

    provisioner.remove_role(person.person_id, OWNER)

    assert claims_of(logouts.next())["sid"] == claims_of(session.access_token)["sid"]
    assert _has_ended(session)
    assert _groups(person.sign_in()) == ["/DEMO01/improvement-lead"]


def test_a_disabled_person_is_out_and_stays_out(
    realm: RealmUnderTest, provisioner: IdentityAdmin, logouts: LogoutReceiver
) -> None:
    person = somebody_new(realm, provisioner, LEAD)
    session = person.sign_in()
    logouts.forget()

    provisioner.disable_account(person.person_id)

    assert claims_of(logouts.next())["sid"] == claims_of(session.access_token)["sid"]
    assert _has_ended(session)
    assert person.is_refused()
    provisioner.enable_account(person.person_id)
    assert _groups(person.sign_in()) == ["/DEMO01/improvement-lead"]


def test_somebody_else_stays_signed_in(
    realm: RealmUnderTest, provisioner: IdentityAdmin, logouts: LogoutReceiver
) -> None:
    person, other = somebody_new(realm, provisioner, LEAD), somebody_new(realm, provisioner, LEAD)
    person.sign_in()
    session = other.sign_in()
    logouts.forget()

    provisioner.end_sessions(person.person_id)

    logouts.next()
    with pytest.raises(queue.Empty):
        logouts.next(within=0.3)
    assert not _has_ended(session)


def _has_ended(session: Session) -> bool:
    try:
        session.refresh()
    except TokenRefused as refused:
        return refused.status == 400 and refused.error == "invalid_grant"
    return False


def _groups(session: Session) -> object:
    organizations = claims_of(session.token("assessment-api", "XNV01"))["organization"]
    assert isinstance(organizations, dict)
    return sorted(organizations["xnv01"]["groups"])
