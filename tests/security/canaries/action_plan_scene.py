"""A trust's plan with words in every place, priorities shared with its ICB, and a second plan that was closed."""

from pathlib import Path

from shared.contracts.roles import Role
from tests.integration.action_plan.planning_trusts import CHOSEN, PlanningTrust, found_trust
from tests.security.canaries.planting import words
from tests.security.canaries.recording import Recording, Scene


def tell(service: Recording, _: Path) -> Scene:
    """Let a trust use every route of the service."""
    trust = found_trust(service)
    earlier = trust.approved()
    trust.change(trust.add(earlier), status="done")
    trust.do(trust.lead, earlier["id"], "close")
    plan_id = _approved(trust)
    _acting(trust, plan_id)
    _shared(trust, plan_id)
    foreign = _of_a_neighbour(trust, plan_id)
    assert trust.acting(trust.lead).get("/v1/plans").status_code == 200
    reads = frozenset({"the trust's ICB"})
    colleagues = {"lead": trust.lead, "chair": trust.chair, "chief executive": trust.chief, "member": trust.member}
    may_read = {"GET /v1/shared-plans": reads, "GET /v1/shared-plans/<org_id>": reads}
    return Scene(service, trust.tenant, trust.org, trust.owner, colleagues, may_read=may_read, foreign=foreign)


def _approved(trust: PlanningTrust) -> str:
    lead, plan = trust.acting(trust.lead), trust.drafted()
    place = f"/v1/plans/{plan['id']}"
    chosen = {"priorities": [{"item_id": item_id, "title": words(what="priority")} for item_id in CHOSEN]}
    plan = lead.put(f"{place}/priorities", chosen, if_match=plan["version"]).json
    assert lead.put(f"{place}/aim", {"aim": words(what="aim")}, if_match=plan["version"]).status_code == 200
    trust.do(trust.lead, plan["id"], "request-approval")
    trust.do(trust.chair, plan["id"], "send-back", {"note": words(what="note")})
    trust.do(trust.lead, plan["id"], "request-approval")
    trust.do(trust.chair, plan["id"], "approve")
    return str(plan["id"])


def _acting(trust: PlanningTrust, plan_id: str) -> None:
    plan = trust.plan(plan_id)
    action = trust.add(plan, title=words(what="action"), next_step=words(what="next-step"))
    action = trust.change(action, blocked_by=words(what="blocked"), status="off_track")
    stopped = trust.add(plan, title=words(what="action"))
    trust.change(stopped, status="stopped", stopped_reason=words(what="stopped"))
    place = f"/v1/actions/{action['id']}"
    action = trust.change(action, trust.lead, owner_id=trust.owner.person_id)
    _recording(trust).aim("PATCH /v1/actions/<uuid:action_id>", place, if_match=action["version"])
    owner = trust.acting(trust.owner)
    for query in ({}, {"plan_id": plan_id}):
        assert owner.get("/v1/actions", query_string=query).status_code == 200
    assert owner.get(place).status_code == 200


def _shared(trust: PlanningTrust, plan_id: str) -> None:
    place = f"/v1/plans/{plan_id}/sharing"
    trust.do(trust.lead, plan_id, "sharing/propose")
    assert trust.share(plan_id).status_code == 200
    assert trust.acting(trust.chair).get(place).status_code == 200
    icb_lead = trust.service.world.person(trust.tenant, Role.ICB_LEAD)
    for path in ("/v1/shared-plans", f"/v1/shared-plans/{trust.org}"):
        assert trust.acting(icb_lead).get(path).status_code == 200


def _of_a_neighbour(trust: PlanningTrust, plan_id: str) -> dict[str, str]:
    """Return the plan and its priorities, each with one of a sister trust's."""
    ours = trust.plan(plan_id)
    with _recording(trust).aside():
        theirs = found_trust(trust.service, tenant=trust.tenant).prepared()
    pairs = zip(ours["priorities"], theirs["priorities"], strict=True)
    return {ours["id"]: theirs["id"], **{one["id"]: other["id"] for one, other in pairs}}


def _recording(trust: PlanningTrust) -> Recording:
    assert isinstance(trust.service, Recording)
    return trust.service
