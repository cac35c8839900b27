"""Who may appoint whom: national administrator, ICB access manager, a trust's first access manager, everyone else."""

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
    check_role_exists,
)

NATIONAL = Body("NATIONAL", "national", "NATIONAL")
REGION = Body("Y60", "region", "NATIONAL")
ICB = Body("XNV01", "icb", "XNV01")
OTHER_ICB = Body("XSM01", "icb", "XSM01")
TRUST = Body("DEMO01", "trust", "XNV01")
SISTER = Body("DEMO02", "trust", "XNV01")
FOREIGN = Body("DEMO11", "trust", "XSM01")
PLACE = Body("XNVP1", "place", "XNV01")

ADMINISTRATOR = Appointer(NATIONAL, frozenset({"national-administrator"}))
ICB_MANAGER = Appointer(ICB, frozenset({"icb-access-manager"}))
MANAGER = Appointer(TRUST, frozenset({"access-manager"}))
LEAD = Appointer(TRUST, frozenset({"improvement-lead", "chair"}))


@pytest.mark.parametrize(
    ("who", "post"),
    [
        (ADMINISTRATOR, Post(ICB, "icb-access-manager")),
        (ADMINISTRATOR, Post(NATIONAL, "national-analyst")),
        (ADMINISTRATOR, Post(REGION, "regional-lead")),
        (ICB_MANAGER, Post(ICB, "icb-lead")),
        (ICB_MANAGER, Post(TRUST, "access-manager", access_managers=0)),
        (ICB_MANAGER, Post(PLACE, "place-convenor")),
        (MANAGER, Post(TRUST, "board-member", access_managers=1)),
        (MANAGER, Post(TRUST, "access-manager", access_managers=1)),
    ],
)
def test_an_appointment_the_chain_allows(who: Appointer, post: Post) -> None:
    check_may_appoint(who, post)


@pytest.mark.parametrize(
    ("who", "post"),
    [
        (ADMINISTRATOR, Post(TRUST, "access-manager")),
        (ADMINISTRATOR, Post(ICB, "icb-lead")),
        (ICB_MANAGER, Post(TRUST, "access-manager", access_managers=1)),
        (ICB_MANAGER, Post(TRUST, "board-member")),
        (ICB_MANAGER, Post(FOREIGN, "access-manager")),
        (ICB_MANAGER, Post(OTHER_ICB, "icb-lead")),
        (MANAGER, Post(SISTER, "board-member")),
        (MANAGER, Post(ICB, "icb-lead")),
        (LEAD, Post(TRUST, "board-member", access_managers=1)),
        (LEAD, Post(TRUST, "access-manager")),
    ],
)
def test_an_appointment_outside_the_chain_is_refused(who: Appointer, post: Post) -> None:
    with pytest.raises(MayNotAppoint):
        check_may_appoint(who, post)


def test_a_role_of_another_kind_of_organisation_does_not_exist_here() -> None:
    roles = {"trust": frozenset({"board-member"}), "icb": frozenset({"icb-lead"})}

    check_role_exists(Post(TRUST, "board-member"), roles)
    with pytest.raises(UnknownRole):
        check_role_exists(Post(TRUST, "icb-lead"), roles)


@pytest.mark.parametrize(
    ("who", "post"),
    [
        (MANAGER, Post(TRUST, "board-member")),
        (ICB_MANAGER, Post(ICB, "icb-lead")),
        (ADMINISTRATOR, Post(ICB, "icb-access-manager")),
        (ADMINISTRATOR, Post(REGION, "regional-lead")),
        (ADMINISTRATOR, Post(NATIONAL, "national-editor")),
    ],
)
def test_who_appoints_may_end(who: Appointer, post: Post) -> None:
    check_may_end(who, post, others_in_role=0)


def test_an_icb_never_ends_a_trusts_access_manager() -> None:
    with pytest.raises(MayNotAppoint):
        check_may_end(ICB_MANAGER, Post(TRUST, "access-manager"), others_in_role=1)


def test_a_manager_of_one_trust_ends_nothing_in_another() -> None:
    with pytest.raises(MayNotAppoint):
        check_may_end(MANAGER, Post(SISTER, "board-member"), others_in_role=3)


def test_the_last_national_administrator_stays() -> None:
    post = Post(NATIONAL, "national-administrator")

    check_may_end(ADMINISTRATOR, post, others_in_role=1)
    with pytest.raises(AppointmentRefused):
        check_may_end(ADMINISTRATOR, post, others_in_role=0)
