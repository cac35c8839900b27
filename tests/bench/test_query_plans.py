"""T15: over a nation's tables no statement of the busiest requests reads a whole table of tenants' rows, none asks for
each row anew who is at work, and the database takes no longer than it may.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from infra.servers import ConnectionSettings, Profile
from services.assessment.worker import publish
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.token_mint import open_mint
from tests.bench.assessments import ANSWERING, InProcess, Saver
from tests.bench.busy_tables import BUSY, Busy
from tests.bench.nation import Nation, Size, analyse, engine_of, load_register
from tests.bench.past_rounds import DISCUSSING, LONG_HISTORY, load_rounds
from tests.bench.query_plans import Asked, Found, asks_for_each_row, large_tables, look_at, nodes_of
from tests.services import service_under_test

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]
MAY_TAKE = 0.05
"""Seconds of the database for one statement, at the 95th percentile."""


@contextmanager
def started(name: str, servers: ConnectionSettings) -> Iterator[ServiceUnderTest]:
    profile = Profile(os.environ.get("IMPACT_TEST_PROFILE", "test")).name
    with open_mint() as mint, service_under_test(name, servers, mint, f"{profile}_plans") as service:
        yield service


@pytest.fixture(scope="module")
def nation() -> Nation:
    return Nation(Size(board=60))


@pytest.fixture(scope="module")
def loaded(servers: ConnectionSettings, nation: Nation) -> Iterator[ServiceUnderTest]:
    with started("assessment", servers) as service:
        publish(service.database)
        with engine_of(service.superuser_url, "assessment").begin() as connection:
            load_register(connection, nation)
            load_rounds(connection, nation)
        analyse(service.superuser_url)
        yield service


def asked(nation: Nation, loaded: ServiceUnderTest) -> Iterator[Asked]:
    """The busiest requests: who asks, what it is called, and the call."""
    answering, discussing, long = (nation.trusts[number] for number in (ANSWERING, DISCUSSING, LONG_HISTORY))
    member, path = answering.member(0), f"/v1/rounds/{answering.open_round}/my-answers"
    reads = [
        (answering.lead, f"/v1/rounds/{answering.open_round}"),
        (long.lead, "/v1/rounds?limit=200"),
        (long.lead, "/v1/results"),
        (long.lead, "/v1/sharing"),
        (member, path),
        (discussing.lead, f"/v1/rounds/{discussing.open_round}/discussion"),
        (discussing.lead, f"/v1/rounds/{discussing.open_round}/evidence"),
        (discussing.lead, f"/v1/rounds/{discussing.open_round}/sharing"),
    ]
    for person, address in reads:
        yield person, address, lambda person=person, address=address: InProcess(loaded, person).call("GET", address)
    saver = Saver(InProcess(loaded, member), path, list(nation.questions.items))
    saver.catch_up()
    yield member, "save one answer", saver.save


def expect_nothing(found: Found) -> None:
    assert found.whole_tables == []
    assert found.for_each_row == []
    assert found.without_principal == []
    assert {what: seconds for what, seconds in found.statement_seconds.items() if seconds > MAY_TAKE} == {}


def test_no_busy_request_reads_a_whole_table_of_tenants(loaded: ServiceUnderTest, nation: Nation) -> None:
    large = large_tables(loaded)

    found = look_at(loaded, asked(nation, loaded), large)

    assert {"answer", "respondent", "agreement", "known_membership"} <= set(large), large
    assert found.explained > 30
    expect_nothing(found)


@pytest.mark.parametrize("busy", BUSY, ids=lambda busy: str(busy.service))
def test_no_busy_request_of_another_service_does_either(servers: ConnectionSettings, busy: Busy) -> None:
    of_this_size = Nation(busy.size)
    with started(busy.service, servers) as service:
        with engine_of(service.superuser_url, busy.service).begin() as connection:
            busy.fill(connection, of_this_size)
        analyse(service.superuser_url)
        large = large_tables(service)

        found = look_at(service, busy.asked(service, of_this_size), large)

    assert busy.large <= set(large), large
    assert found.explained > 5
    expect_nothing(found)


def test_a_setting_that_is_asked_for_each_row_would_be_found(loaded: ServiceUnderTest, nation: Nation) -> None:
    """Without the `(select …)` around it, which `shared/tenancy.py` puts there."""
    unwrapped = "select 1 from known_membership where org_id = current_setting('app.org_id', true) and role <> ''"
    with loaded.unit_of_work(nation.trusts[0].lead.principal()) as uow:
        (top,) = uow.session.connection().exec_driver_sql(f"explain (format json) {unwrapped}").scalar_one()

    assert any(asks_for_each_row(node) for node in nodes_of(top["Plan"]))
