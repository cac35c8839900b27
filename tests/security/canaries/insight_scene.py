"""What insight knows of a trust that shows its progress to its ICB and shares a summary."""

from pathlib import Path

from shared.contracts.roles import Role
from tests.integration.insight.insight_story import Teller, publish_question_set
from tests.security.canaries.recording import Recording, Scene


def tell(service: Recording, _: Path) -> Scene:
    """Let a trust and its ICB use every route of the service."""
    publish_question_set(service)
    tenant = service.world.tenant()
    org = service.world.trust(tenant)
    teller = Teller(service, org)
    teller.all_stages()
    teller.visible(True)
    teller.shared()
    teller.counted("33421")
    lead = service.world.person(org, Role.IMPROVEMENT_LEAD)
    icb = service.client(service.world.person(tenant, Role.ICB_LEAD))
    assert service.client(lead).get("/v1/our-status").status_code == 200
    assert icb.get("/v1/trust-status").status_code == 200
    assert icb.get(f"/v1/trust-status/{org}").status_code == 200
    reads = frozenset({"the trust's ICB"})
    routes = ("GET /v1/trust-status", "GET /v1/trust-status/<string:org_id>")
    colleagues = {"chair": service.world.person(org, Role.CHAIR)}
    return Scene(service, tenant, org, lead, colleagues, may_read=dict.fromkeys(routes, reads))
