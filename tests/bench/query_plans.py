"""The plans that the application's own role gets, with its row policies, for the statements of a request as sent."""

import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.testing.service_under_test import ServiceUnderTest
from shared.testing.world import Person
from tests.bench.nation import engine_of
from tests.bench.statements import watched

LARGE = 2_000
"""Rows from which reading a whole table is a fault; below, the planner is right to."""
TIMES = 20
Asked = tuple[Person, str, Callable[[], Any]]
"""Who asks, what it is called, and the call."""
Plan = Mapping[str, Any]


@dataclass
class Found:
    """What is wrong with the plans of some requests, and how much was looked at."""

    whole_tables: list[tuple[str, str, str]] = field(default_factory=list)
    for_each_row: list[tuple[str, str]] = field(default_factory=list)
    without_principal: list[tuple[str, str]] = field(default_factory=list)
    explained: int = 0
    statement_seconds: dict[str, float] = field(default_factory=dict)
    """The 95th percentile of what the database takes for a statement, by request."""


def large_tables(service: ServiceUnderTest) -> dict[str, int]:
    """Tables with many rows, and how many."""
    counted = (
        "select relname, reltuples::int from pg_class"
        " where relkind = 'r' and relnamespace = %s::regnamespace and reltuples > %s"
    )
    with engine_of(service.superuser_url, service.name).begin() as connection:
        return {row.relname: row.reltuples for row in connection.exec_driver_sql(counted, (service.name, LARGE))}


def look_at(service: ServiceUnderTest, asked: Iterator[Asked], large: Mapping[str, int]) -> Found:
    """Make each request, explain its statements, and say what should not be there."""
    found = Found()
    for person, what, call in asked:
        with watched(service) as seen:
            call()
        for statement, parameters in seen.statements:
            if "set_config" not in statement:
                _judge(found, what, statement, _plan_of(service, person, statement, parameters), large)
        found.statement_seconds[what] = _slowest_but_one_in_twenty(service, call)
    return found


def _plan_of(service: ServiceUnderTest, person: Person, statement: str, parameters: Any) -> Plan:
    with service.unit_of_work(person.principal()) as uow:
        asked = uow.session.connection().exec_driver_sql(f"explain (format json) {statement}", parameters)
        (top,) = asked.scalar_one()
    plan: Plan = top["Plan"]
    return plan


def _judge(found: Found, what: str, statement: str, plan: Plan, large: Mapping[str, int]) -> None:
    found.explained += 1
    nodes = list(nodes_of(plan))
    found.whole_tables += [(what, table, statement) for table in whole_tables_read(nodes) if table in large]
    if any(asks_for_each_row(node) for node in nodes):
        found.for_each_row.append((what, statement))
    reads = {node.get("Relation Name") for node in nodes if str(node["Node Type"]).endswith("Scan")}
    if reads & large.keys() and not any(is_evaluated_once(node) for node in nodes):
        found.without_principal.append((what, statement))


def nodes_of(plan: Plan) -> Iterator[Plan]:
    """Every step of a plan."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes_of(part)


def whole_tables_read(nodes: list[Plan]) -> list[str]:
    """The tables that a plan reads from end to end."""
    return [str(node["Relation Name"]) for node in nodes if node["Node Type"] == "Seq Scan"]


def asks_for_each_row(node: Plan) -> bool:
    """Whether a condition asks who is at work for every row anew: in a policy it is to be asked once a statement."""
    conditions = [value for name, value in node.items() if name.endswith(("Cond", "Filter"))]
    return any("current_setting" in str(condition) for condition in conditions)


def is_evaluated_once(node: Plan) -> bool:
    """Whether this step is made once for the whole statement, as the settings of a policy are."""
    return str(node.get("Subplan Name", "")).startswith("InitPlan")


def _slowest_but_one_in_twenty(service: ServiceUnderTest, call: Callable[[], Any]) -> float:
    seconds: list[float] = []
    for _ in range(TIMES):
        with watched(service) as seen:
            call()
        seconds += seen.each
    return statistics.quantiles(seconds, n=20)[18]
