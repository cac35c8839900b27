"""T16 for rows: each policy is dropped, opened, and freed of one comparison at a time; somebody must notice each time.

What notices is the reviewed list of askers: with the weaker policy, somebody who is not on it gets through (or, with
the policy dropped, somebody who is on it does not). A policy or comparison that nobody misses is a survivor: it is
either not needed or not tested. Everything happens in one transaction, which is rolled back.
"""

from collections.abc import Generator, Iterator
from contextlib import closing

import pytest

from infra.servers import ConnectionSettings
from tests.architecture.source_tree import SERVICES
from tests.security.rows.planting import Row, mechanism_tables, rows_of, tables_of
from tests.security.rows.probing import COMMANDS, Policy, Probe, probing
from tests.security.rows.test_row_matrix import superuser_url_of
from tests.security.rows.weakening import weaker

MECHANISMS_TRIED_IN = "notification"
"""Their policies are the same everywhere, which test_row_matrix.py shows; to weaken them once is enough."""

Question = tuple[str, str]
"""A row's name and a command."""


def _rows(service: str) -> list[Row]:
    tables = tables_of(service) + (mechanism_tables() if service == MECHANISMS_TRIED_IN else ())
    return list(rows_of(tables))


def _answers(
    probe: Probe, policy: Policy, policies: list[Policy], rows: list[Row]
) -> Generator[tuple[Question, list[str]], None, None]:
    """Yield who gets through with each row of the policy's table, for the commands the policy speaks about."""
    for row in rows:
        with probe.planted(row):
            for command in probe.commands(row, policies, policy.role):
                if command == policy.command or (policy.command == "update" and command not in COMMANDS):
                    yield (row.name, command), probe.admitted(row, policy.role, command)


def _weakened(probe: Probe, policy: Policy, row: Row) -> Iterator[str]:
    """Weaken the policy in each way in turn; what was done is yielded while it lasts."""
    with probe.changed(policy):
        yield "dropped"
    for each in weaker(policy, apart=bool(probe.may_take(row, policy.role))):
        with probe.changed(policy, using=each.using, check=each.check):
            yield each.what


def survivors_of(superuser_url: str, service: str) -> tuple[int, list[str]]:
    """Return how many changes were tried, and those that nobody noticed."""
    tried, survivors = 0, []
    with probing(superuser_url, service) as (probe, policies):
        rows = _rows(service)
        names = {row.table.name for row in rows}
        for policy in [policy for policy in policies if policy.table in names]:
            of_table = [row for row in rows if row.table.name == policy.table]
            healthy = dict(_answers(probe, policy, policies, of_table))
            for change in _weakened(probe, policy, of_table[0]):
                tried += 1
                with closing(_answers(probe, policy, policies, of_table)) as answers:
                    unnoticed = all(healthy[question] == admitted for question, admitted in answers)
                if unnoticed:
                    survivors.append(f"{policy.name}: {change}")
    return tried, survivors


@pytest.mark.parametrize("service", SERVICES)
def test_every_policy_and_every_comparison_in_it_is_missed_when_it_is_gone(
    servers: ConnectionSettings, worker: str, service: str
) -> None:
    tried, survivors = survivors_of(superuser_url_of(servers, service, worker), service)

    assert survivors == []
    assert tried > 2 * len(_rows(service)), "hardly anything was weakened: the policies are no longer recognised"
