"""T16 for routes: what a route declares is taken away, one declaration at a time; the matrix must notice each time.

A declaration that nobody misses is a survivor: a role check that another one makes good, or that no row of the matrix
tries.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from shared.access import Access
from shared.contracts.roles import Role
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.security.test_route_matrix import (
    SERVICES,
    declared,
    everybody,
    goes_astray,
    is_let_in_stale,
    is_let_in_unknown,
)


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> ServiceUnderTest:
    """Return each service in turn."""
    found: ServiceUnderTest = request.getfixturevalue(request.param)
    return found


@contextmanager
def _declaring(service: ServiceUnderTest, endpoint: str, access: Access) -> Iterator[None]:
    register: dict[str, Access] = service.app.extensions["service"].access
    before = register[endpoint]
    register[endpoint] = access
    try:
        yield
    finally:
        register[endpoint] = before


def _endpoints(service: ServiceUnderTest) -> dict[str, str]:
    return {
        f"{method} {rule.rule}": rule.endpoint
        for rule in service.app.url_map.iter_rules()
        for method in rule.methods or ()
    }


def _with_no_persons_role(service: ServiceUnderTest) -> Person:
    """Return somebody whose only role is one of our own processes': some routes let in every role that people hold."""
    return service.world.person(service.world.trust(), Role.NOTIFICATION_SENDER)


def _outsiders(row: dict[str, Any], people: dict[Role, Person]) -> dict[Role, Person]:
    return {role: person for role, person in people.items() if role not in row["who"]}


def _is_noticed(service: ServiceUnderTest, route: str, row: dict[str, Any]) -> bool:
    """Whether somebody notices that nobody is asked to sign in: the matrix, or the answer's own schema."""
    try:
        return bool(is_let_in_unknown(service, route, row))
    except AssertionError:
        return True


def test_every_role_check_is_missed_when_it_is_gone(service: ServiceUnderTest) -> None:
    people = everybody(service) | {Role.NOTIFICATION_SENDER: _with_no_persons_role(service)}
    endpoints, access = _endpoints(service), service.app.extensions["service"].access
    survivors = []
    for route, row in declared(service).items():
        if not isinstance(row["who"], list):
            continue
        with _declaring(service, endpoints[route], replace(access[endpoints[route]], roles=frozenset())):
            outsiders = _outsiders(row, people)
            if not any(goes_astray(service, route, row, role, person) for role, person in outsiders.items()):
                survivors.append(route)

    assert survivors == []


def test_every_sign_in_is_missed_when_it_is_no_longer_asked_for(service: ServiceUnderTest) -> None:
    endpoints, access = _endpoints(service), service.app.extensions["service"].access
    survivors = []
    for route, row in declared(service).items():
        if row["who"] == "anybody":
            continue
        with _declaring(
            service, endpoints[route], replace(access[endpoints[route]], public=True, strong=False, roles=frozenset())
        ):
            if not _is_noticed(service, route, row):
                survivors.append(route)

    assert survivors == []


def test_every_demand_for_a_fresh_second_factor_is_missed_when_it_is_gone(service: ServiceUnderTest) -> None:
    people, endpoints = everybody(service), _endpoints(service)
    access = service.app.extensions["service"].access
    survivors = []
    for route, row in declared(service).items():
        if row.get("strong"):
            with _declaring(service, endpoints[route], replace(access[endpoints[route]], strong=False)):
                if not is_let_in_stale(service, route, people[Role(row["who"][0])]):
                    survivors.append(route)

    assert survivors == []
