"""T14, A4: headers and addresses that try to be more: another organisation, SQL, another line in a log."""

import json
import logging
from typing import Any

import psycopg
import pytest

from shared.contracts.roles import Role
from shared.observability import JsonFormatter
from shared.testing.service_under_test import ServiceUnderTest
from tests.security.test_route_matrix import SERVICES

SQL = (
    "' or '1'='1",
    "'; select set_config('app.tenant_id', 'X', false); --",
    "1) union select content from shared_view --",
    "%27%20or%201=1",
    "\\'; drop table round; --",
)
FORGED_HEADERS = {
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-User": "operator",
    "X-Tenant": "NATIONAL",
    "X-Person-Id": "somebody",
    "X-Original-Url": "/v1/operations",
    "X-HTTP-Method-Override": "DELETE",
}


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> ServiceUnderTest:
    """Return each service in turn."""
    found: ServiceUnderTest = request.getfixturevalue(request.param)
    return found


def test_acting_for_takes_one_code_that_is_ones_own_and_nothing_else(service: ServiceUnderTest) -> None:
    person = service.world.person(service.world.trust(), Role.ACCESS_MANAGER)
    other, own = service.world.trust(), person.org_id
    client = service.client(person)
    forged = [other, f"{own},{other}", f"{own} {other}", f"{own}/{Role.CHAIR}", own.lower(), f"/{own}", "*", "NATIONAL"]
    forged += [f"{own}{end}" for end in ("'", "\x00", "%00", " --", "\u202e")] + ["", "A" * 5_000, *SQL]

    answers = {
        value: client.get("/v1/audit", headers={"Acting-For": value.encode("utf-8").decode("latin-1")}).status_code
        for value in forged
    }

    assert client.get("/v1/audit").status_code == 200
    assert {value: status for value, status in answers.items() if status not in (401, 403)} == {}


def test_two_acting_for_headers_are_not_added_up(service: ServiceUnderTest) -> None:
    person = service.world.person(service.world.trust(), Role.ACCESS_MANAGER)
    client = service.client(person)
    token = client.headers["Authorization"]
    twice = [("Authorization", token), ("Acting-For", person.org_id), ("Acting-For", service.world.trust())]

    answer = service.app.test_client().get("/v1/audit", headers=twice)

    assert answer.status_code == 403


def test_headers_of_a_proxy_change_nothing(service: ServiceUnderTest) -> None:
    person = service.world.person(service.world.trust(), Role.BOARD_MEMBER)
    client = service.client(person)

    plain, forged = client.get("/v1/audit"), client.get("/v1/audit", headers=FORGED_HEADERS)

    assert (plain.status_code, forged.status_code) == (200, 200)
    assert {row["person_id"] for row in forged.json["items"]} <= {person.person_id}
    assert client.get("/v1/operations", headers=FORGED_HEADERS).status_code == 403
    assert "evil.example" not in str(forged.headers) + forged.get_data(as_text=True)


@pytest.mark.parametrize("attempt", SQL)
def test_sql_in_an_address_or_a_query_is_only_text(service: ServiceUnderTest, attempt: str) -> None:
    person = service.world.person(service.world.trust(), Role.IMPROVEMENT_LEAD)
    client = service.client(person)
    answers: dict[str, Any] = {}
    for rule in service.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith("health"):
            continue
        filled = dict.fromkeys(rule.arguments, attempt)
        try:
            path = service.app.url_map.bind("localhost").build(rule.endpoint, filled)
        except ValueError:  # an address that takes an id takes nothing else
            path = rule.rule
        for query in ({}, {"cursor": attempt}, {"limit": attempt}, {"q": attempt}):
            answers[f"{path} {query}"] = client.get(path, query_string=query).status_code

    assert {place: status for place, status in answers.items() if status >= 500} == {}
    with psycopg.connect(service.superuser_url) as connection:
        assert connection.execute("select to_regclass(%s)", [f"{service.name}.audit_entry"]).fetchone() != (None,)


@pytest.mark.parametrize("value", ["a\tb", "\x1b[31mred", "x" * 100_000, '{"level": "ERROR"}', "\u2028new line"])
def test_what_a_caller_sends_makes_one_line_and_one_short_id(
    notification: ServiceUnderTest, caplog: pytest.LogCaptureFixture, value: str
) -> None:
    caplog.set_level(logging.INFO, logger="shared")
    sent = value.encode("utf-8").decode("latin-1")
    person = notification.world.person(notification.world.trust(), Role.ACCESS_MANAGER)

    answer = notification.client(person).get("/v1/audit", headers={"X-Request-Id": sent, "User-Agent": sent})

    lines = [JsonFormatter("notification", "web").format(record) for record in caplog.records]
    assert len(answer.headers["X-Request-Id"]) <= 64
    assert answer.headers["X-Request-Id"].isprintable()
    assert lines
    assert [line for line in lines if len(line.splitlines()) != 1 or not json.loads(line)] == []
