"""A6: from the audit trail alone, which of the ICB's people read the priorities a trust shared, and when."""

import psycopg

from shared.contracts.roles import Role
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.action_plan.planning_trusts import PlanningTrust, found_trust

WHO_SAW_US = (
    "select person_id, min(at), max(at) from action_plan.audit_entry"
    " where action in ('shared-plans.read', 'shared-plan.read') and object_type = 'organisation'"
    " and object_id = %s and outcome = 'done' group by person_id"
)
LEDGER = (
    "select person_id, min(first_read_at), max(last_read_at) from action_plan.shared_view_reading"
    " where org_id = %s group by person_id"
)


def asked(service: ServiceUnderTest, question: str, org_id: str) -> set[tuple[object, ...]]:
    with psycopg.connect(service.superuser_url) as superuser:
        return set(superuser.execute(question.encode(), [org_id]).fetchall())


def share(trust: PlanningTrust) -> None:
    plan = trust.approved()
    shared = trust.share(plan["id"])
    assert shared.status_code == 200, shared.json


def test_who_saw_us_is_told_by_the_trail_alone_and_equals_what_the_trust_is_shown(trust: PlanningTrust) -> None:
    neighbour = found_trust(trust.service, tenant=trust.tenant)
    early, late = (trust.service.world.person(trust.tenant, Role.ICB_LEAD) for _ in range(2))
    share(trust)
    for _ in range(2):
        trust.acting(early).get("/v1/shared-plans")
    share(neighbour)

    with trust.service.counted_statements() as statements:
        trust.acting(late).get("/v1/shared-plans")

    for each, seen_by in ((trust, {early, late}), (neighbour, {late})):
        told = asked(each.service, WHO_SAW_US, each.org)
        assert {person_id for person_id, *_ in told} == {reader.person_id for reader in seen_by}
        assert told == asked(each.service, LEDGER, each.org)
    assert len(statements) == 5  # principal, membership, plans, readings, audit trail
    assert sum("audit_entry" in each for each in statements) == 1


def test_who_looks_at_one_trust_has_looked_at_no_other(trust: PlanningTrust) -> None:
    neighbour = found_trust(trust.service, tenant=trust.tenant)
    for each in (trust, neighbour):
        share(each)
    reader, nothing = (trust.service.world.person(trust.tenant, Role.ICB_LEAD) for _ in range(2))

    shown = trust.acting(reader).get(f"/v1/shared-plans/{trust.org}").json
    missing = trust.acting(nothing).get("/v1/shared-plans/NOSUCH")

    assert ([each["org_id"] for each in shown["items"]], missing.status_code) == ([trust.org], 404)
    for each, seen_by in ((trust, {reader.person_id}), (neighbour, set())):
        told = asked(each.service, WHO_SAW_US, each.org)
        assert {person_id for person_id, *_ in told} == seen_by
        assert told == asked(each.service, LEDGER, each.org)


def test_nobody_but_the_icb_it_is_shown_to_reads_a_trusts_priorities(trust: PlanningTrust) -> None:
    share(trust)
    elsewhere = trust.service.world.person(trust.service.world.tenant(), Role.ICB_LEAD)

    assert trust.acting(elsewhere).get(f"/v1/shared-plans/{trust.org}").status_code == 404
    assert asked(trust.service, LEDGER, trust.org) == set()
