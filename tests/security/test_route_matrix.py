"""T2: who may call what, route by route and role by role.

`route_matrix.yaml` is the list a person reviews; the applications declare the same on their routes. A route without a
row, a row without a route, or a role that gets further (or less far) than its row says turns a test red.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from werkzeug.test import TestResponse

from shared.access import STRONG_FOR, Access
from shared.contracts.roles import Level, Role, role_register
from shared.ids import new_id
from shared.testing.service_under_test import Client, ServiceUnderTest
from shared.testing.world import Person

MATRIX = Path(__file__).with_name("route_matrix.yaml")
SERVICES = ("directory", "assessment", "action_plan", "competency_framework", "notification", "insight")
NATIONAL = {Level.NATIONAL, Level.OPERATOR}
BODY_METHODS = {"POST", "PUT", "PATCH"}
GETS_THROUGH = {200, 201, 204, 302, 400, 404, 409, 412, 413, 415, 422, 428}


def declared(service: ServiceUnderTest) -> dict[str, dict[str, Any]]:
    """Return each route of an application with what it declares, in the shape of the matrix."""
    access = service.app.extensions["service"].access
    rows = {}
    for rule in service.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if rule.endpoint in access:
                rows[f"{method} {rule.rule}"] = _row(access[rule.endpoint])
    return dict(sorted(rows.items()))


def _row(access: Access) -> dict[str, Any]:
    who = "anybody" if access.public else sorted(str(role) for role in access.roles) or "signed in"
    return {"who": who, "audit": access.audit} | ({"strong": True} if access.strong else {})


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> ServiceUnderTest:
    """Return each service in turn."""
    found: ServiceUnderTest = request.getfixturevalue(request.param)
    return found


def test_every_route_has_its_reviewed_row(service: ServiceUnderTest) -> None:
    reviewed = yaml.safe_load(MATRIX.read_text())

    assert declared(service) == reviewed[service.name]


def everybody(service: ServiceUnderTest) -> dict[Role, Person]:
    """Return a person of each role, each where the role is held."""
    tenant = service.world.tenant()
    trust = service.world.trust(tenant)
    people = {}
    for role, entry in role_register().items():
        if role is Role.NOTIFICATION_SENDER:
            continue
        if entry.level in NATIONAL:
            people[role] = service.world.national(role)
        else:
            people[role] = service.world.person(tenant if entry.level is Level.ICB else trust, role)
    return people


def made_up_address(rule: str) -> str:
    """Return an address with made-up ids of the right kind in place of its variables."""

    def made_up(match: re.Match[str]) -> str:
        kind = match.group(1) or ""
        return str(new_id()) if "uuid" in kind else "1" if "int" in kind else "ZZZ99"

    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", made_up, rule)


def _send(client: Client, route: str) -> TestResponse:
    method, rule = route.split(" ", 1)
    return client.send(method, made_up_address(rule), **({"json": {}} if method in BODY_METHODS else {}))


def goes_astray(service: ServiceUnderTest, route: str, row: dict[str, Any], role: Role, person: Person) -> str:
    """Return what is wrong with how far a role gets on a route, or nothing."""
    allowed = row["who"] in ("anybody", "signed in") or role in row["who"]
    status = _send(service.client(person), route).status_code
    right = (status in GETS_THROUGH) is allowed and (allowed or status == 403)
    return "" if right else f"{role} {route}: {status}"


def is_let_in_unknown(service: ServiceUnderTest, route: str, row: dict[str, Any]) -> str:
    """Return what is wrong with how a route answers somebody who has not signed in, or nothing."""
    status = _send(service.client_with(None), route).status_code
    return f"{route}: {status}" if row["who"] != "anybody" and status != 401 else ""


def _asked_to_step_up(client: Client, route: str) -> str:
    answer = _send(client, route)
    right = answer.status_code == 401 and answer.json["type"] == "/problems/step-up-required"
    return "" if right else f"{route}: {answer.status_code}"


def is_let_in_stale(service: ServiceUnderTest, route: str, person: Person) -> str:
    """Return what is wrong with how a binding act answers a second factor that is too old, or nothing."""
    claims = service.mint.claims(
        service.name,
        person.person_id,
        tenant_id=person.tenant_id,
        groups=[f"/{person.org_id}/{role}" for role in sorted(person.roles)],
        national_roles=person.roles,
    )
    claims["auth_time"] -= int(STRONG_FOR.total_seconds()) + 60
    return _asked_to_step_up(service.client_with(service.mint.sign(claims), acting_for=person.org_id), route)


def test_each_role_gets_exactly_as_far_as_its_row_says(service: ServiceUnderTest) -> None:
    people = everybody(service)

    wrong = [
        goes_astray(service, route, row, role, person)
        for route, row in declared(service).items()
        for role, person in people.items()
    ]

    assert [each for each in wrong if each] == []


def test_nobody_gets_anywhere_without_signing_in(service: ServiceUnderTest) -> None:
    wrong = [is_let_in_unknown(service, route, row) for route, row in declared(service).items()]

    assert [each for each in wrong if each] == []


def test_a_sign_in_without_a_second_factor_opens_nothing(service: ServiceUnderTest) -> None:
    """K9: on every route that asks who calls, of whatever kind."""
    people = everybody(service)
    wrong = []
    for route, row in declared(service).items():
        if row["who"] == "anybody":
            continue
        role = Role.BOARD_MEMBER if row["who"] == "signed in" else Role(row["who"][0])
        if role is not Role.NOTIFICATION_SENDER:
            wrong.append(_asked_to_step_up(service.client(people[role], strong=False), route))

    assert [each for each in wrong if each] == []


def test_a_second_factor_of_long_ago_does_not_bind_an_organisation(service: ServiceUnderTest) -> None:
    people = everybody(service)

    wrong = [
        is_let_in_stale(service, route, people[Role(row["who"][0])])
        for route, row in declared(service).items()
        if row.get("strong")
    ]

    assert [each for each in wrong if each] == []
