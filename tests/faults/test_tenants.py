"""F27 and F31: one tenant floods the rest, and a trust moves to another ICB in the middle of its work."""

import statistics
from collections.abc import Collection, Sequence

import pytest

from tests.faults.ledger import Ledger, Operation, Outcome
from tests.faults.load import ACTION, Load
from tests.faults.rebuilding import rebuilt
from tests.faults.register import Trust
from tests.faults.trial import Trial
from tests.faults.waiting import until

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.timeout(1800)]
WEB = "action_plan-web"
TIMES = 100
FLOODING_AT_ONCE = 6
TOO_MANY = 429
PER_PERSON = "600"
"""Requests a minute, as a deployment allows by default."""
AS_SLOW_AT_MOST = 2.0
"""Times the others' slow answers (the 95th percentile) may take as long as before."""
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
LEFT = "select 1 from {} where tenant_id = %s limit 1"
CLOSED = "select closed_on is not null from {}.known_organisation where org_id = %s"
LAGS = """
    select t.tenant, count(*) from faults.told t left join {0}.inbox_position p
        on p.consumer = '{0}' and p.topic = t.topic and p.key = t.key
    where t.version > coalesce(p.version, 0) and t.topic = 'impact.action-plan' group by t.tenant
"""
TENANCY = "select tenant_id from {}.known_tenancy where org_id = %s and valid_to is null"


def test_a_tenant_that_floods_keeps_nobody_else_from_working(
    trial: Trial, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A hundred times what each of the others sends, against the limits on requests that a deployment has."""
    flooding, others = trial.trusts[0], trial.trusts[1:]
    ledger = Ledger(tmp_path_factory.mktemp("flood") / "ledger.jsonl")
    trial.trusts, rate = others, trial.figures.rate / 2
    restart(trial, REQUESTS_PER_PERSON=PER_PERSON)
    with trial.load(rate=rate) as load:
        trial.let_it_run(2 * trial.figures.around)
        quiet = len(trial.ledger.operations())
        flood = Load(
            trial.people,
            [flooding],
            ledger,
            trial.rig.url,
            rate=TIMES * rate / len(others),
            threads=FLOODING_AT_ONCE,
            kinds=(ACTION,),
        )
        with flood:
            trial.fault_now()
            trial.let_it_run(2 * trial.figures.around)
        lags = lag_of_tenants(trial)
    restart(trial)

    operations = trial.ledger.operations()
    before, during = slow_ones(operations[:quiet]), slow_ones(operations[quiet:])
    sent = ledger.operations()
    taken = [each for each in sent if each.outcome is not Outcome.FAIL]
    assert len(sent) > len(operations) - quiet, "it was no flood"
    assert {each.status for each in sent if each.outcome is Outcome.FAIL} <= {TOO_MANY}
    assert trial.evidence.e1(taken).holds
    assert during < trial.within(AS_SLOW_AT_MOST) * before, f"p95 {before:.0f} ms before, {during:.0f} ms meanwhile"
    theirs = max((lag for tenant, lag in lags.items() if tenant != flooding.tenant), default=0)
    worst = (
        f"others' p95 {before:.0f} ms before, {during:.0f} ms meanwhile; of one tenant {len(sent)} commands,"
        f" {len(taken)} taken; events waiting at the end: {lags.get(flooding.tenant, 0)} of that tenant,"
        f" {theirs} at most of another"
    )
    trial.judge("F27", f"one tenant sends {TIMES} times as much as each other", load, worst=worst)


def restart(trial: Trial, **environment: str) -> None:
    """Start the web process anew with other settings."""
    trial.killed.add(WEB)
    trial.rig.end(WEB)
    trial.rig.run(WEB, **environment)


def lag_of_tenants(trial: Trial) -> dict[str, int]:
    """Return how many events of each tenant its readers have not handled, the slowest reader's number."""
    lags: dict[str, int] = {}
    for service in ("insight", "notification"):
        for tenant, count in trial.evidence.ask(LAGS.format(service)):
            lags[tenant] = max(count, lags.get(tenant, 0))
    return lags


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
            trial.people.register.move(moving, home if number % 2 == 0 else old)
            take_notice(trial, [moving.code])
        trial.let_it_run()

    judge_moved(trial, load, [moving], "trust moves to another ICB and back")


def test_an_icb_that_merges_into_another_under_load_takes_every_row_along(trial: Trial) -> None:
    first, second, into = trial.trusts[-1], trial.trusts[-2], trial.trusts[-3].tenant
    closing = first.tenant

    with trial.load(rate=2 * trial.figures.rate) as load:
        trial.let_it_run()
        trial.people.register.move(second, closing)
        take_notice(trial, [second.code])
        trial.until_the_next()
        trial.people.register.merge(closing, into, [first, second])
        take_notice(trial, [first.code, second.code, closing])
        trial.let_it_run()

    judge_moved(trial, load, [first, second], "ICB of two trusts merges into another")
    left = [table for (table,) in trial.evidence.ask(TABLES) if trial.evidence.ask(LEFT.format(table), closing)]
    assert left == []
    for service in trial.rig.consumers():
        assert trial.evidence.ask(CLOSED.format(service), closing) == [(True,)]


def take_notice(trial: Trial, codes: Collection[str]) -> None:
    """Let the people concerned sign in for their new tenant, and wait until every service knows of it."""
    trial.people.sign_in_again()
    trial.fault_now()
    until(lambda: all(map(trial.rig.has_heard, codes)), "every service knows of the move", every=0.2)


def judge_moved(trial: Trial, load: Load, moved: Collection[Trust], what: str) -> None:
    """Check that whatever belonged to the trusts went with them, that it did so once, and that nobody else noticed."""
    trial.rig.settle()
    refused = [each for each in trial.ledger.operations() if each.outcome is Outcome.FAIL]
    assert {each.trust for each in refused} <= {trust.code for trust in moved}
    assert {each.status for each in refused} <= {403, 404}
    for trust in moved:
        owners = tenants_of(trial, trust.code)
        assert ("action_plan.action", trust.tenant) in owners
        assert [each for each in owners if each[1] != trust.tenant] == []
        for service in trial.rig.consumers():
            assert trial.evidence.ask(TENANCY.format(service), trust.code) == [(trust.tenant,)]
    worst = f"{len(refused)} refused meanwhile"
    trial.judge("F31", what, load, more=[rebuilt(trial.rig)], refusals=len(refused), worst=worst)


def tenants_of(trial: Trial, org: str) -> list[tuple[str, str]]:
    """Return in which tenants each table holds rows of an organisation."""
    return [
        (table, str(tenant))
        for (table,) in trial.evidence.ask(TABLES)
        for (tenant,) in trial.evidence.ask(f"select distinct tenant_id from {table} where org_id = %s", org)
    ]
