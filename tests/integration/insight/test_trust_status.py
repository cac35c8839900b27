"""What an ICB sees of its trusts, built from events alone."""

from shared.contracts.roles import Role
from shared.testing.service_under_test import ServiceUnderTest


def test_a_trust_that_never_began_is_listed(insight: ServiceUnderTest) -> None:
    icb = insight.world.tenant()
    trust = insight.world.trust(icb)
    lead = insight.client(insight.world.person(icb, Role.ICB_LEAD))

    answer = lead.get("/v1/trust-status")

    assert answer.status_code == 200, answer.json
    assert [(row["org_id"], row["stage"], row["plan"]) for row in answer.json["items"]] == [(trust, "not_started", None)]
