"""Who may appoint whom: national administrator, ICB access manager, a trust's first access manager, everyone else.

The cases run on the role list that the product ships.
"""

import pytest

from services.directory.domain.appointments import (
    Appointer,
    AppointmentRefused,
    Body,
    MayNotAppoint,
    Post,
    UnknownRole,
    check_may_appoint,
    check_may_end,
)
from services.directory.role_rules import role_rules

NATIONAL = Body("NATIONAL", "national", "NATIONAL")
REGION = Body("Y60", "region", "NATIONAL")
ICB = Body("XNV01", "icb", "XNV01")
OTHER_ICB = Body("XSM01", "icb", "XSM01")
TRUST = Body("DEMO01", "trust", "XNV01")
SISTER = Body("DEMO02", "trust", "XNV01")
FOREIGN = Body("DEMO11", "trust", "XSM01")
UNCONFIRMED = Body("TAD", "trust", None)
PLACE = Body("XNV01P1", "place", "XNV01")

NATIONAL_BODY = Body("XNB01", "national-body", "NATIONAL")

ADMINISTRATOR = Appointer(NATIONAL, frozenset({"national-administrator"}))
ICB_MANAGER = Appointer(ICB, frozenset({"icb-access-manager"}))
MANAGER = Appointer(TRUST, frozenset({"access-manager"}))
BODY_MANAGER = Appointer(NATIONAL_BODY, frozenset({"access-manager"}))
LEAD = Appointer(TRUST, frozenset({"improvement-lead", "chair"}))


def post(body: Body, role: str, holders: int = 0) -> Post:
    return Post(body, role_rules()[role], holders)


@pytest.mark.parametrize(
    ("who", "to"),
    [
        (ADMINISTRATOR, post(ICB, "icb-access-manager")),
        (ADMINISTRATOR, post(NATIONAL, "national-analyst")),
        (ADMINISTRATOR, post(REGION, "regional-lead")),
        (ADMINISTRATOR, post(NATIONAL_BODY, "access-manager")),
        (BODY_MANAGER, post(NATIONAL_BODY, "chair")),
        (ICB_MANAGER, post(ICB, "icb-lead")),
        (ICB_MANAGER, post(ICB, "board-member")),
        (ICB_MANAGER, post(TRUST, "access-manager")),
        (ICB_MANAGER, post(PLACE, "place-convenor")),
        (MANAGER, post(TRUST, "board-member", 12)),
        (MANAGER, post(TRUST, "access-manager", 1)),
    ],
)
def test_an_appointment_the_chain_allows(who: Appointer, to: Post) -> None:
    check_may_appoint(who, to)


@pytest.mark.parametrize(
    ("who", "to"),
    [
        (ADMINISTRATOR, post(TRUST, "access-manager")),
        (ADMINISTRATOR, post(ICB, "icb-lead")),
        (ADMINISTRATOR, post(NATIONAL_BODY, "chair")),
        (BODY_MANAGER, post(TRUST, "board-member")),
        (BODY_MANAGER, post(NATIONAL, "national-analyst")),
        (ICB_MANAGER, post(TRUST, "access-manager", 1)),
        (ICB_MANAGER, post(TRUST, "board-member")),
        (ICB_MANAGER, post(FOREIGN, "access-manager")),
        (ICB_MANAGER, post(OTHER_ICB, "icb-lead")),
        (MANAGER, post(SISTER, "board-member")),
        (MANAGER, post(FOREIGN, "access-manager")),
        (LEAD, post(TRUST, "board-member")),
        (LEAD, post(TRUST, "access-manager")),
    ],
)
def test_an_appointment_outside_the_chain_is_refused(who: Appointer, to: Post) -> None:
    with pytest.raises(MayNotAppoint):
        check_may_appoint(who, to)


@pytest.mark.parametrize(
    "to", [post(NATIONAL_BODY, "national-analyst"), post(NATIONAL_BODY, "operator"), post(NATIONAL, "improvement-lead")]
)
def test_roles_of_the_national_team_and_of_the_national_body_never_mix(to: Post) -> None:
    with pytest.raises(UnknownRole):
        check_may_appoint(ADMINISTRATOR, to)


@pytest.mark.parametrize("role", ["icb-lead", "national-editor", "operator", "notification-sender"])
def test_a_role_of_another_kind_of_organisation_does_not_exist_here(role: str) -> None:
    with pytest.raises(UnknownRole):
        check_may_appoint(MANAGER, post(TRUST, role))


def test_nobody_is_appointed_where_the_icb_is_not_confirmed() -> None:
    with pytest.raises(AppointmentRefused):
        check_may_appoint(ICB_MANAGER, post(UNCONFIRMED, "access-manager"))


@pytest.mark.parametrize(
    ("who", "to"),
    [
        (MANAGER, post(TRUST, "board-member", 5)),
        (ICB_MANAGER, post(ICB, "icb-lead", 1)),
        (ADMINISTRATOR, post(ICB, "icb-access-manager", 1)),
        (ADMINISTRATOR, post(REGION, "regional-lead", 1)),
        (ADMINISTRATOR, post(NATIONAL, "national-editor", 1)),
    ],
)
def test_who_appoints_may_end(who: Appointer, to: Post) -> None:
    check_may_end(who, to, others_stay=0)


@pytest.mark.parametrize("holders", [1, 2])
def test_an_icb_never_ends_a_trusts_access_manager(holders: int) -> None:
    with pytest.raises(MayNotAppoint):
        check_may_end(ICB_MANAGER, post(TRUST, "access-manager", holders), others_stay=holders)


def test_a_manager_of_one_trust_ends_nothing_in_another() -> None:
    with pytest.raises(MayNotAppoint):
        check_may_end(MANAGER, post(SISTER, "board-member", 3), others_stay=2)


def test_the_last_national_administrator_stays() -> None:
    check_may_end(ADMINISTRATOR, post(NATIONAL, "national-administrator", 2), others_stay=1)

    with pytest.raises(AppointmentRefused):
        check_may_end(ADMINISTRATOR, post(NATIONAL, "national-administrator", 2), others_stay=0)


def test_a_trusts_last_access_manager_may_go_because_the_icb_can_appoint_again() -> None:
    check_may_end(MANAGER, post(TRUST, "access-manager", 1), others_stay=0)

    check_may_appoint(ICB_MANAGER, post(TRUST, "access-manager", 0))
