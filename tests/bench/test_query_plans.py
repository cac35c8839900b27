"""T15: over a nation's tables no statement of the busiest requests reads a whole table of tenants' rows.

The plans are those the app role gets, with its row policies, for the statements as the application sent them.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from infra.servers import ConnectionSettings, Profile
from services.assessment.worker import publish
from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.token_mint import open_mint
from shared.testing.world import Person
from tests.bench.assessments import ANSWERING, InProcess, Saver
from tests.bench.nation import Nation, Size, analyse, engine_of, load_register
from tests.bench.past_rounds import DISCUSSING, LONG_HISTORY, load_rounds
from tests.bench.statements import watched
from tests.services import service_under_test

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]
LARGE = 2_000
"""Rows from which reading a whole table is a fault; below, the planner is right to."""


@pytest.fixture(scope="module")
def nation() -> Nation:
    return Nation(Size(board=60))


@pytest.fixture(scope="module")
def loaded(servers: ConnectionSettings, nation: Nation) -> Iterator[ServiceUnderTest]:
    name = Profile(os.environ.get("IMPACT_TEST_PROFILE", "test")).name
    with open_mint() as mint, service_under_test("assessment", servers, mint, f"{name}_plans") as service:
        publish(service.database)
        with engine_of(service.superuser_url, "assessment").begin() as connection:
            load_register(connection, nation)
            load_rounds(connection, nation)
        analyse(service.superuser_url)
        yield service


@pytest.fixture(scope="module")
def large(loaded: ServiceUnderTest) -> dict[str, int]:
    """Tables with many rows, and how many."""
    counted = (
        "select relname, reltuples::int from pg_class"
        " where relkind = 'r' and relnamespace = 'assessment'::regnamespace and reltuples > %s"
    )
    with engine_of(loaded.superuser_url, "assessment").begin() as connection:
        return {row.relname: row.reltuples for row in connection.exec_driver_sql(counted, (LARGE,))}


def asked(nation: Nation, loaded: ServiceUnderTest) -> Iterator[tuple[Person, str, Any]]:
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


def whole_tables_read(plan: Any) -> Iterator[str]:
    """The tables that a plan reads from end to end."""
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from whole_tables_read(part)


def test_no_busy_request_reads_a_whole_table_of_tenants(
    loaded: ServiceUnderTest, nation: Nation, large: dict[str, int]
) -> None:
    found, explained = [], 0
    for person, what, call in asked(nation, loaded):
        with watched(loaded) as seen:
            call()
        for statement, parameters in seen.statements:
            if "set_config" in statement:
                continue
            with loaded.unit_of_work(person.principal()) as uow:
                asked_plan = uow.session.connection().exec_driver_sql(f"explain (format json) {statement}", parameters)
                (top,) = asked_plan.scalar_one()
            explained += 1
            found += [(what, table, statement) for table in whole_tables_read(top["Plan"]) if table in large]

    assert {"answer", "respondent", "agreement", "known_membership"} <= set(large), large
    assert explained > 30
    assert found == []
