"""T2: who may call what, route by route and role by role.

`route_matrix.yaml` is the list a person reviews; the applications declare the same on their routes. A route without a
row, a row without a route, or a role that gets further (or less far) than its row says turns a test red.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.access import Access
from shared.contracts.roles import Level, Role, role_register
from shared.ids import new_id
from shared.testing.service_under_test import ServiceUnderTest
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


def _everybody(service: ServiceUnderTest) -> dict[Role, Person]:
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


def _path(rule: str) -> str:
    """Return an address with made-up ids of the right kind in place of its variables."""

    def made_up(match: re.Match[str]) -> str:
        kind = match.group(1) or ""
        return str(new_id()) if "uuid" in kind else "1" if "int" in kind else "ZZZ99"

    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", made_up, rule)


def test_each_role_gets_exactly_as_far_as_its_row_says(service: ServiceUnderTest) -> None:
    people = _everybody(service)
    wrong = []
    for route, row in declared(service).items():
        method, rule = route.split(" ", 1)
        for role, person in people.items():
            allowed = row["who"] in ("anybody", "signed in") or role in row["who"]
            options = {"json": {}} if method in BODY_METHODS else {}
            answer = service.client(person).send(method, _path(rule), **options)
            if (answer.status_code in GETS_THROUGH) is not allowed or (not allowed and answer.status_code != 403):
                wrong.append(f"{role} {route}: {answer.status_code}")

    assert wrong == []


def test_nobody_gets_anywhere_without_signing_in(service: ServiceUnderTest) -> None:
    wrong = []
    for route, row in declared(service).items():
        method, rule = route.split(" ", 1)
        options = {"json": {}} if method in BODY_METHODS else {}
        answer = service.client_with(None).send(method, _path(rule), **options)
        if row["who"] != "anybody" and answer.status_code != 401:
            wrong.append(f"{route}: {answer.status_code}")

    assert wrong == []


def test_a_sign_in_without_a_second_factor_opens_nothing(service: ServiceUnderTest) -> None:
    """K9: on every route that asks who calls, of whatever kind."""
    people = _everybody(service)
    wrong = []
    for route, row in declared(service).items():
        if row["who"] == "anybody":
            continue
        method, rule = route.split(" ", 1)
        role = Role.BOARD_MEMBER if row["who"] == "signed in" else Role(row["who"][0])
        if role is Role.NOTIFICATION_SENDER:
            continue
        options = {"json": {}} if method in BODY_METHODS else {}
        answer = service.client(people[role], strong=False).send(method, _path(rule), **options)
        if answer.status_code != 401 or answer.json["type"] != "/problems/step-up-required":
            wrong.append(f"{route}: {answer.status_code}")

    assert wrong == []
