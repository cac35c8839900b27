"""F27 and F31: one tenant floods the rest, and a trust moves to another ICB in the middle of its work."""

import statistics
from collections.abc import Sequence

import pytest

from services.directory import events as register_events
from shared import outbox
from shared.clock import SystemClock, local_day
from shared.database import UnitOfWork
from shared.principal import NATIONAL_TENANT, Principal
from tests.faults.ledger import Ledger, Operation, Outcome
from tests.faults.load import ACTION, Load
from tests.faults.people import Trust
from tests.faults.rig import until
from tests.faults.trial import Trial

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(1800)]
TABLES = """
    select t.table_schema || '.' || t.table_name from information_schema.columns t
    join information_schema.columns o using (table_schema, table_name)
    where t.column_name = 'tenant_id' and o.column_name = 'org_id'
        and t.table_schema in ('assessment', 'action_plan', 'insight', 'notification')
        and t.table_name not in ('outbox', 'audit_entry', 'shared_view', 'shared_view_reading', 'known_tenancy')
"""
"""Where an organisation has rows that move with it; audit rows and what was shared stay where they were.

The tenancies that a service knows are dated history: only the open one is asked for.
"""
TENANCY = "select tenant_id from {}.known_tenancy where org_id = %s and valid_to is null"


def test_a_tenant_that_floods_keeps_nobody_else_from_working(
    trial: Trial, tmp_path_factory: pytest.TempPathFactory
) -> None:
    flooding, others = trial.trusts[0], trial.trusts[1:]
    ledger = Ledger(tmp_path_factory.mktemp("flood") / "ledger.jsonl")
    trial.trusts = others
    with trial.load(rate=trial.figures.rate / 2) as load:
        trial.let_it_run(2 * trial.figures.around)
        quiet = len(trial.ledger.operations())
        flood = Load(
            trial.people, [flooding], ledger, trial.rig.url, rate=50 * trial.figures.rate, threads=6, kinds=(ACTION,)
        )
        with flood:
            trial.fault_now()
            trial.let_it_run(2 * trial.figures.around)

    operations = trial.ledger.operations()
    before, during = slow_ones(operations[:quiet]), slow_ones(operations[quiet:])
    sent = ledger.operations()
    assert len(sent) > len(operations) - quiet, "it was no flood"
    assert trial.evidence.e1([each for each in sent if each.outcome is not Outcome.FAIL]).holds
    worst = f"others' p95 {before:.0f} ms before, {during:.0f} ms meanwhile; {len(sent)} commands of one tenant"
    trial.judge("F27", "one tenant sends as fast as it can", load, worst=worst)


def slow_ones(operations: Sequence[Operation]) -> float:
    """Return the 95th percentile of the time until an answer, in milliseconds."""
    times = [1000 * (each.ended - each.began) for each in operations if each.ended is not None]
    return statistics.quantiles(times, n=20)[-1]


def test_a_trust_that_moves_under_load_leaves_no_row_behind(trial: Trial) -> None:
    moving, home = trial.trusts[0], trial.trusts[1].tenant
    old = moving.tenant

    with trial.load(rate=2 * trial.figures.rate) as load:
        for number in range(2 * trial.figures.repeats):
            trial.until_the_next()
            move(trial, moving, home if number % 2 == 0 else old)
            trial.fault_now()
            until(lambda: trial.rig.has_heard(moving.code), "every service knows of the move", every=0.2)
        trial.let_it_run()
    trial.rig.settle()

    refused = [each for each in trial.ledger.operations() if each.outcome is Outcome.FAIL]
    assert {(each.trust, each.status) for each in refused} <= {(moving.code, 403), (moving.code, 404)}
    owners = tenants_of(trial, moving.code)
    assert ("action_plan.action", moving.tenant) in owners
    assert [each for each in owners if each[1] != moving.tenant] == []
    for service in trial.rig.consumers():
        assert trial.evidence.ask(TENANCY.format(service), moving.code) == [(moving.tenant,)]
    worst = f"{len(refused)} refused meanwhile"
    trial.judge("F31", "trust moves to another ICB and back", load, refusals=len(refused), worst=worst)


def tenants_of(trial: Trial, org: str) -> list[tuple[str, str]]:
    """Return in which tenants each table holds rows of an organisation."""
    return [
        (table, str(tenant))
        for (table,) in trial.evidence.ask(TABLES)
        for (tenant,) in trial.evidence.ask(f"select distinct tenant_id from {table} where org_id = %s", org)
    ]


def move(trial: Trial, trust: Trust, to: str) -> None:
    """Let directory tell of a move, and the people of the trust sign in for their new tenant."""
    now = SystemClock().now()
    principal = Principal.service(NATIONAL_TENANT, NATIONAL_TENANT)
    with UnitOfWork(trial.rig.database("directory"), principal) as uow:
        event = register_events.organisation_moved(
            trust.code, from_tenant=trust.tenant, to_tenant=to, effective_on=local_day(now)
        )
        outbox.add(uow, event)
        uow.commit()
    trust.tenant = to
    trial.people.belongs[trust.code].append(to)
    trial.people.sign_in_again()
