"""The role list is one list, in data and in code, and nobody can be given a role from nowhere."""

import pytest
import yaml

from shared.contracts.roles import NATIONAL_BODY, ROLES_FILE, Level, Role, kind_for_roles, role_register

ROLES = role_register()
SET_UP_WITH_THE_REALM = [Role.OPERATOR, Role.NOTIFICATION_SENDER]
GRANTED = [role for role in Role if role not in SET_UP_WITH_THE_REALM]


def test_the_role_type_and_the_role_file_are_equal() -> None:
    listed = [entry["code"] for entry in yaml.safe_load(ROLES_FILE.read_text())["roles"]]

    assert listed == [role.value for role in Role]


@pytest.mark.parametrize("role", Role)
def test_a_role_says_what_it_is_for_in_one_sentence(role: Role) -> None:
    entry = ROLES[role]

    assert entry.title
    assert entry.meaning.endswith(".")
    assert entry.meaning.count(". ") == 0


@pytest.mark.parametrize("role", GRANTED)
def test_a_role_is_granted_by_somebody_who_was_granted_theirs(role: Role) -> None:
    reached, waiting = set(), [role]
    while waiting:
        current = waiting.pop()
        reached.add(current)
        waiting += [way.role for way in ROLES[current].appointed_by if way.role not in reached]

    assert Role.NATIONAL_ADMINISTRATOR in reached


@pytest.mark.parametrize("role", SET_UP_WITH_THE_REALM)
def test_accounts_of_the_service_itself_are_never_granted_in_it(role: Role) -> None:
    assert ROLES[role].appointed_by == ()


def test_an_icb_appoints_only_the_first_access_manager_of_a_trust() -> None:
    from_the_icb = {
        (role, way.first_only)
        for role, entry in ROLES.items()
        for way in entry.appointed_by
        if way.of == "its-icb" and way.only_for == "trust"
    }

    assert from_the_icb == {(Role.ACCESS_MANAGER, True)}


def test_national_roles_are_held_in_the_national_body_only() -> None:
    held = {role: entry.held_in for role, entry in ROLES.items() if entry.level is Level.NATIONAL}

    assert set(held.values()) == {frozenset({"national"})}


@pytest.mark.parametrize(
    ("code", "kind", "held_as"),
    [("NATIONAL", "national", "national"), ("XNB01", "national", "national-body"), ("DEMO01", "trust", "trust")],
)
def test_the_national_team_and_the_national_body_hold_roles_of_their_own(code: str, kind: str, held_as: str) -> None:
    tenant = "XNV01" if kind == "trust" else "NATIONAL"

    assert kind_for_roles(kind, code=code, tenant=tenant) == held_as


def test_no_role_is_held_both_by_the_national_team_and_by_the_national_body() -> None:
    assert not [role for role, entry in ROLES.items() if {"national", NATIONAL_BODY} <= entry.held_in]
